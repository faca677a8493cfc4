/* SPDX-License-Identifier: MIT */
/*
 * The zonepath, checked at every boot. Set-id files of a zone are the host's on
 * disk, so nobody but root may be able to reach them.
 */
#pragma once

#include "linux/diag.h"

struct zonepath {
	int fd; /* O_PATH, the zonepath */
	int root; /* O_PATH, its root; overlay/upper where that is an overlay (image/overlay-root.h) */
};

/* Empty: both FD_NONE. */
void zonepath_init(struct zonepath *z);
void zonepath_fini(struct zonepath *z);

/*
 * Opens path (relative to the instance's prefix) and its root, and checks that no
 * component below the prefix is a symlink, that the zonepath belongs to root with
 * mode 0700, and that root is a directory of root's. What was checked is what the
 * descriptors show, whatever happens to the names later. Returns 0 or a negative errno with a
 * line in d; -EPERM when owner or mode are wrong.
 */
int zonepath_open(const char *path, struct zonepath *ret, struct diag *d);
/* Only the zonepath, unchecked: for the log of a zone that is being taken down. */
int zonepath_open_quick(const char *path, int *ret_fd);
