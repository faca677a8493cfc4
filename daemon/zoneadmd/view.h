/* SPDX-License-Identifier: MIT */
/* What the zone sees of the machine: a file system of zoneview's for it. */
#pragma once

#include "zoneadmd/mount-list.h"

/*
 * Makes it for a zone whose zsched has not built its root yet, and adds it to the list. 0 or a negative
 * errno with a line in d: the zone can do without, nothing of it is in the list. Blocks until zoneview
 * serves it, or is missing for some seconds.
 */
int view_make(const char *zone, struct mount_list *l, struct diag *d);
