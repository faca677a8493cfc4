/* SPDX-License-Identifier: MIT */
/*
 * What a zone's root consists of on disk: the directory root of its zonepath, or, where the root is an
 * overlay of an image, what the zone has written, overlay/upper. Snapshots, clones and
 * rollbacks copy and exchange this part, and need not know which it is.
 */
#pragma once

#include "image/overlay-root.h"
#include "linux/copy-tree.h"

struct root_part {
	int dir;	  /* where it is */
	const char *name; /* its name there */
	bool overlay;
	char digest[DIGEST_SIZE]; /* of the image below an overlay */
};

/* Of a zonepath, or of the folder of a snapshot. 0 or a negative errno with a line in d. */
int root_part_open(int zonepath, struct root_part *ret, struct diag *d);
void root_part_close(struct root_part *p);

/* The whole root, an overlay as one tree. A descriptor, or a negative errno with a line in d. */
int root_part_tree(int zonepath, struct diag *d);

/*
 * Copies it to be name below dir: as a snapshot of a subvolume where it is one, else file by file as how
 * says. how: see copy_tree(); with no_sharing never a snapshot. 0 or a negative errno with a line in d.
 */
int root_part_copy(const struct root_part *p, int dir, const char *name, const struct copy_how *how,
	struct diag *d);

/* True when a copy is one moment's picture, however busy the zone is: on a subvolume. */
bool root_part_at_once(const struct root_part *p);

/* Removes the directory name, a subvolume or not; a missing one is success. 0 or a negative errno with a line in d. */
int root_part_remove(int dir, const char *name, struct diag *d);
