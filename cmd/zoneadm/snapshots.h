/* SPDX-License-Identifier: MIT */
/*
 * zoneadm snapshot and rollback: a zone's root as it was at one moment, below its zonepath:
 *
 *	snapshots/NAME		one of them, with what root_part_open() finds in it
 *	snapshots/.new, .old	one that is being made, removed
 *
 * A snapshot has its place by one rename, and so has the root that comes back. Whatever is
 * killed half way is removed by the next of these commands.
 */
#pragma once

#include "zoneadm/command.h"

#define SNAPSHOTS_DIR "snapshots"

int snapshot_run(struct request *req);
int rollback_run(struct request *req);

/* Opens the folder of a snapshot. A descriptor, or a negative errno with a line in d. */
int snapshot_open(int zonepath, const char *name, struct diag *d);
/* Removes all of them, as far as subvolumes go in one piece; the rest goes with the zonepath. */
void snapshots_forget(int zonepath);
