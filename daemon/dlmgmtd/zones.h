/* SPDX-License-Identifier: MIT */
/*
 * The zones that have links of ours or our door: who they are (an id alone is
 * used again for another zone) and whether the door stands in them. Guarded by
 * the link table's lock; changes are in the active store when a function returns.
 *
 * A zone sees the door in /dev/zones, a read-only mount of the host's
 * <prefix>/run/zones/NAME.dev, which zoneadm makes.
 */
#pragma once

#include "dlmgmtd/store.h"

/*
 * Makes sure that the zone is known, asking zoned for its name and uniqid. What was
 * noted for an earlier zone of that id or name ends. Blocks in calls to zoned.
 */
int zone_note(zoneid_t zoneid);

/* Takes what the store had, and attaches the door again where it was. */
int zones_restore(void);

/*
 * Compares zones and loans with what zoned says, and follows zoned: links of
 * zones that are gone come home, those that moved unseen are moved. Takes the link
 * table's lock. Returns 0, or the error of zoned's door when it cannot be asked.
 */
int zones_verify(void);

/*
 * zoned died over a change of its lists, or dlmgmtd has just started: what is known here may not be
 * so, until zones_verify() has been done.
 */
void zones_doubt(void);
bool zones_doubted(void);

/* Takes the door's names away. For an orderly exit. */
void zones_detach_all(void);
