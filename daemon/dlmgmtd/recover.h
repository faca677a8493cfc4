/* SPDX-License-Identifier: MIT */
/* Filling the link table from the stores when dlmgmtd starts. */
#pragma once

/*
 * Takes the active links with their ids and zones, then the configured ones: by
 * name they are the same link, and the configuration's attributes count. Rows that
 * are no valid link, or whose name is taken, are logged and left alone. 0 or a
 * negative errno of the stores. Before the door is served.
 */
int links_recover(void);
