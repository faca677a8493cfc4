/* SPDX-License-Identifier: MIT */
/* zoneadm clone: installs a zone as a copy of another one. */
#pragma once

#include "linux/copy-tree.h"
#include "zoneadm/command.h"

int clone_run(struct request *req);

enum {
	CLONE_NO_SNAPSHOT = 1, /* the root is no subvolume of btrfs, or the file systems differ */
};

/*
 * The root of a zone as a writable snapshot named "root" in the directory to. 0,
 * CLONE_NO_SNAPSHOT, or a negative errno.
 */
int clone_snapshot(int root, int to);

/* Warns of what source and clone have in common and cannot both use. */
struct zonecfg;
void clone_warn(const struct zonecfg *source, const struct zonecfg *target);
