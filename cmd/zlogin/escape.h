/* SPDX-License-Identifier: MIT */
/* The escape sequence of interactive mode: <escape>. at the start of a line disconnects. */
#pragma once

#include "linux/util.h"

struct escape {
	int ch;		 /* the escape character, -1 for none */
	bool line_start; /* the next byte is the first of a line */
	bool held;	 /* an escape character is waiting for its successor */
};

void escape_init(struct escape *e, int ch);

/*
 * Filters n bytes from the terminal; out has room for n + 1 bytes. Returns how many
 * bytes to send. *ret_disconnect: the sequence was seen; what came after it is dropped.
 */
size_t escape_filter(struct escape *e, const char *in, size_t n, char *out, bool *ret_disconnect);
