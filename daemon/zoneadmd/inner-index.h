/* SPDX-License-Identifier: MIT */
/* The index file inside the zone's root; see inner-index.c. */
#pragma once

#include "linux/diag.h"

/*
 * Writes etc/zones/index below root (a descriptor of the zone's root): one line for the zone
 * itself. Follows no symlink, opens nothing that could block, replaces the file as a
 * whole. Nothing is written when it is right already. 0 or a negative errno.
 */
int inner_index_write(int root, const char *zone, const char *uuid, struct diag *d);
