/* SPDX-License-Identifier: MIT */
/* Filling the link table from the stores when dlmgmtd starts. */
#pragma once

#include <ucred.h>

/*
 * Takes the active links with their ids and zones, then the configured ones: by
 * name they are the same link, and the configuration's attributes count. Rows that
 * are no valid link, or whose name is taken, are logged and left alone. 0 or a
 * negative errno of the stores. Before the door is served.
 */
int links_recover(void);

/*
 * The same of the links that a zone configured for itself, from its store, when that was opened: at
 * the zone's boot, and when dlmgmtd has been started again.
 */
int links_recover_zone(zoneid_t zone);
