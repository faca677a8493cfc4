/* SPDX-License-Identifier: MIT */
/*
 * The index of zones, <prefix>/etc/zones/index: one line per zone,
 *
 *	zonename:state:zonepath:uuid:brand:ip-type:debugid
 *
 * with state configured, incomplete or installed, a zonepath that contains a
 * colon in double quotes, and possibly more fields, which are kept as they are. As on SmartOS
 * the last three need not be there; they tell what the configuration says.
 * Needs no XML; zoneadmd may use it.
 *
 * All changes hold a write lock (fcntl) on <prefix>/run/zones/index.lock, write
 * a temporary file in <prefix>/etc/zones, fsync and rename it. Comments and the
 * lines of other zones stay as they were, byte for byte. A change may block
 * while another process holds the lock. The global zone has no line of its own
 * here except the first one that a new index gets: iteration reports it.
 */
#pragma once

#include "zonecfg/status.h"

#define ZONE_UUID_MAX 37 /* with the terminating NUL */

struct zone_index_entry {
	char name[ZONENAME_MAX];
	zone_state_t state;	  /* as on disk: configured, incomplete or installed */
	char zonepath[1024];	  /* relative to the prefix, begins with a slash */
	char uuid[ZONE_UUID_MAX]; /* lower case with hyphens, or empty */
	char brand[64];		  /* may be empty, as all that follows */
	char ip_type[16];	  /* "shared" or "excl"; another system has other words */
	uint32_t did;		  /* 0: none */
};

/*
 * Calls fn for every valid line in order, the global zone's included, until it
 * returns non-zero, which is returned then. Lines that are too long, without a
 * name, or with an unknown state are skipped. A missing file is an empty index.
 * The file is read completely first: fn may change the index.
 */
int zone_index_iterate(int (*fn)(const struct zone_index_entry *e, void *arg), void *arg);

/* Finds a zone by name. Z_OK, Z_NO_ZONE or a negative errno. */
int zone_index_find(const char *name, struct zone_index_entry *ret_entry);

/*
 * Finds the zone that has this uuid (case does not matter). Z_OK, Z_NO_ZONE or a
 * negative errno.
 */
int zone_index_find_uuid(const char *uuid, struct zone_index_entry *ret_entry);

/*
 * Adds a line. An empty uuid is generated when state is above configured. Z_OK,
 * Z_NAME_IN_USE, Z_BOGUS_ZONE_NAME, Z_TOO_BIG, Z_INVAL (a state that cannot be on
 * disk, an invalid zonepath or uuid), or a negative errno (-EACCES, -EROFS: not allowed to write).
 */
int zone_index_add(const struct zone_index_entry *entry);

/*
 * Changes the line of a zone. state: the new one, or a negative number to keep it;
 * zonepath, uuid: NULL to keep, (uuid "" clears). A uuid is generated when the
 * new state is above configured and there is none. Errors as for add, and Z_NO_ZONE.
 */
int zone_index_modify(const char *name, int state, const char *zonepath, const char *uuid);

/* Fills what an entry says of the configuration. Z_OK, or Z_INVAL (a brand of no possible name). */
int zone_index_facts(struct zone_index_entry *e, const char *brand, bool exclusive, uint32_t did);
/* Writes what the configuration of a zone says into its line. Errors as for modify. */
int zone_index_set_facts(const char *name, const char *brand, bool exclusive, uint32_t did);

/* zone_index_modify of the state only. */
int zone_index_set_state(const char *name, zone_state_t state);

/* Gives a zone another name. Z_OK, Z_NO_ZONE, Z_NAME_IN_USE (also: is that name already), Z_BOGUS_ZONE_NAME. */
int zone_index_rename(const char *name, const char *new_name);

/* Removes a zone's line; a missing one is success. Errors as for add. */
int zone_index_delete(const char *name);
