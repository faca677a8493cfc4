/* SPDX-License-Identifier: MIT */
/*
 * The two databases: what links are configured, <prefix>/etc/dladm/datalink.db,
 * and what is true until the host goes down, <prefix>/run/dladm/active.db. Both
 * hold links in the same two tables; the active one also knows the zones that
 * links or doors were given to. Each change is one transaction, done when the
 * function returns. All run under the link table's writer lock.
 */
#pragma once

#include "dlmgmtd/link-table.h"
#include "linux/diag.h"
#include "zone/zone-door.h"

enum store {
	STORE_PERSISTENT, /* survives everything */
	STORE_ACTIVE,	  /* survives this daemon, not a restart of the host */
	STORE_COUNT,
};

#define STORE_PERSISTENT_PATH "/etc/dladm/datalink.db" /* below the prefix */
#define STORE_ACTIVE_PATH     "/run/dladm/active.db"

/*
 * Opens or makes both. What is in the active one from before the host's last
 * start is thrown away. Returns a negative errno and a line that names the file
 * when one cannot be used; it is then left as it is.
 */
int store_open(struct diag *d);
void store_close(void);

/* Writes the link as it is now (persistent: as the global zone's own). */
int store_put(enum store which, const struct link *link);
/* No error when it is not there. */
int store_delete(enum store which, datalink_id_t id);

/* spec and attrs are the callback's only while it runs; it may empty attrs into its own. */
typedef int store_link_fn(const struct link_spec *spec, struct link_attrs *attrs);
int store_load(enum store which, store_link_fn *fn);

/*
 * Gives each row of the persistent store the id that its link has in the table:
 * they differ after a database was brought from elsewhere.
 */
int store_renumber(void);

/* A zone that was given links or a door. */
struct zone_record {
	zoneid_t zoneid;
	uint64_t uniqid;
	bool door; /* attached for it */
	char name[ZONENAME_MAX];
};

int store_put_zone(const struct zone_record *zone);
int store_delete_zone(zoneid_t zoneid);

typedef int store_zone_fn(const struct zone_record *zone);
int store_load_zones(store_zone_fn *fn);
