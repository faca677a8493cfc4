/* SPDX-License-Identifier: MIT */
/* IMAGE_FILE: what a root, or an image of the store, came from. */
#pragma once

#include <jansson.h>

#include "linux/util.h"

#define IMAGE_FILE "image.json"

struct origin {
	const char *source; /* archive, image, export ... */
	const char *name;   /* of the file, directory ... */
	const char *digest; /* NULL or empty: it has none */
	uint64_t size;	    /* in bytes; 0: not known */
};

/* What the file says of it and of this moment; NULL without memory. To be released by the caller. */
json_t *origin_about(const struct origin *o);

/* Writes the file in dir, in place of one that is there. 0 or -EIO. about may be NULL, which is an error. */
int origin_write(int dir, const json_t *about);
