/* SPDX-License-Identifier: MIT */
/*
 * Subvolumes of btrfs: directories that can be copied and removed in a moment. Each function
 * returns 0, SUBVOLUME_NONE when the file system has no subvolumes or this is none, or a
 * negative errno. The caller is root of the host.
 */
#pragma once

#include "linux/util.h"

enum {
	SUBVOLUME_NONE = 1,
};

/* Makes an empty one, mode 0777 less the umask. */
int subvolume_create(int dir, const char *name);

/*
 * The subvolume root once more, writable, as name below dir, sharing all blocks. SUBVOLUME_NONE also when
 * dir is on another file system, and when there is another subvolume below root: a snapshot
 * would have an empty directory in its place.
 */
int subvolume_snapshot(int root, int dir, const char *name);

/* True for a subvolume with no other below it: what subvolume_snapshot() copies in a moment. */
bool subvolume_is_lone(int root);

/* Removes the subvolume name with all that is in it. SUBVOLUME_NONE also when others are below it. */
int subvolume_destroy(int dir, const char *name);

/* Is it the root of a subvolume? */
bool subvolume_is(int fd);

/*
 * Takes away that it is read-only, as a zone's root can make his own. SUBVOLUME_NONE also for a directory within
 * a subvolume.
 */
int subvolume_unlock(int fd);
