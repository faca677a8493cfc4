/* SPDX-License-Identifier: MIT */
/* SHA-256 of files, written as image tools write it: "sha256:" and 64 hexadecimal digits. */
#pragma once

#include "linux/diag.h"

#define DIGEST_SIZE (7 + 64 + 1)

/* A digest that grows with its file. */
struct digest;

/* NULL: out of memory, or the library refuses SHA-256. */
struct digest *digest_new(void);
struct digest *digest_free(struct digest *g);

static inline void digest_freep(struct digest **g)
{
	*g = digest_free(*g);
}

/* Adds bytes. 0 or -EIO. */
int digest_add(struct digest *g, const void *data, size_t size);
/* The text of what was added. 0 or -EIO. */
int digest_text(struct digest *g, char ret[DIGEST_SIZE]);

/* True for a text of that form. */
static inline bool digest_valid(const char *text)
{
	return strncmp(text, "sha256:", 7) == 0 && strlen(text) == DIGEST_SIZE - 1 &&
	       strspn(text + 7, "0123456789abcdef") == 64;
}
