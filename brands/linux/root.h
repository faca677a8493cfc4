/* SPDX-License-Identifier: MIT */
/*
 * Making the root of a zone in its zonepath: as a tree of its own, or of an image that is kept
 * once for all zones. What is being made has names of its own, and gets its place in the end
 * with one rename: a root is always a whole one.
 */
#pragma once

#include <jansson.h>

#include "source.h"

struct new_zone {
	const char *name;
	const char *path; /* its zonepath, without the instance's prefix */
	int zonepath;
	bool placed;	 /* set: what was made has its name */
	const char *how; /* set: what is shared with the image, for the record; NULL: nothing */
};

/* Makes the root of a zone of s and puts it in place, on the disk. 0 or a negative errno with a line in d. */
int root_make(struct new_zone *z, struct source *s, struct diag *d);
/* Removes what was made, also what an earlier program left. A line on stderr for what stays. */
void root_undo(const struct new_zone *z);
/* Writes image.json. 0 or a negative errno with a line in d. */
int root_record(const struct new_zone *z, const struct source *s, struct diag *d);
/* What image.json says of a source, or NULL. To be released by the caller. */
json_t *root_about(const struct source *s);
