/* SPDX-License-Identifier: MIT */
/*
 * The rules for a zonepath. Set-id files of a zone are the host's own on disk,
 * so nobody but root may ever reach them from outside: every directory on the
 * way is root's, none is a symbolic link, the last one has mode 0700.
 *
 * A zonepath is relative to the instance's prefix; messages show it as it is
 * configured.
 */
#pragma once

#include "zonecfg/index.h"

enum zonepath_flags {
	ZONEPATH_REPAIR = 1 << 0, /* correct owner and mode of the last directory, with a message */
	ZONEPATH_MAKE = 1 << 1,	  /* make what is missing: parents 0755, the last one 0700 */
	ZONEPATH_QUIET_MISSING = 1 << 2, /* say nothing when it is missing */
	ZONEPATH_DETACHED = 1 << 3,	 /* for verify_zone(): a detached zone is expected there */
};

/*
 * Checks path and the directories above it, each problem being one line on stderr
 * for that zone. A missing zonepath is a warning unless it is made. EXIT_OK or EXIT_ERR.
 */
int zonepath_check(const char *zone, const char *path, unsigned int flags);

/* Before ready and boot: it must be there; wrong owner and mode are repaired. EXIT_OK or EXIT_ERR. */
int zonepath_check_boot(const char *zone, const char *path);

/* True when one of the paths is the other or lies below it. */
bool zonepath_overlaps(const char *a, const char *b);
/* No other installed or incomplete zone's zonepath overlaps. EXIT_OK, or EXIT_ERR after a line for each. */
int zonepath_check_overlap(const struct zone_index_entry *e);

/*
 * In state configured nothing may be in the way: a "root" below the zonepath must be an empty
 * directory of root's with mode 0755, there is no detached zone, and nothing that is somebody else's. EXIT_OK
 * or EXIT_ERR after a line.
 */
int zonepath_check_free(const char *zone, const char *path);

/* Opens the zonepath without following any link. A close-on-exec descriptor or a negative errno. */
int zonepath_open(const char *path);
/* The same for the directory above it; *ret_name is its name there, part of path. */
int zonepath_open_parent(const char *path, const char **ret_name);
/* True when there is nothing in that directory. */
bool zonepath_is_empty(int dir);
