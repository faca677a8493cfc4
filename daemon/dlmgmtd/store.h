/* SPDX-License-Identifier: MIT */
/*
 * The two databases: what links are configured, <prefix>/etc/dladm/datalink.db,
 * and what is true until the host goes down, <prefix>/run/dladm/active.db; and for each
 * zone that lives and has configured links of its own a third, ZONEPATH/dladm/datalink.db
 * (store-zone.c). All hold links in the same two tables. The active one has all links with what is configured, and
 * the zones that links or doors were given to: from it the persistent one is made again
 * when that is damaged. All run under the link table's writer lock.
 *
 * A change of several links or of both stores is one: all of it is written, or nothing. What
 * is configured is on disk when a function returns 0. Two things are written later:
 *   - all of the persistent store, while /etc is read-only since the host's start;
 *   - the active store, when only that failed behind a change that is on disk.
 */
#pragma once

#include "dlmgmtd/link-table.h"
#include "linux/diag.h"
#include "zone/zone-door.h"

enum store {
	STORE_PERSISTENT, /* survives everything; of a zone's own link that zone's */
	STORE_ACTIVE,	  /* survives this daemon, not a restart of the host */
	STORE_COUNT,
};

#define STORE_PERSISTENT_PATH "/etc/dladm/datalink.db" /* below the prefix */
#define STORE_ACTIVE_PATH     "/run/dladm/active.db"
#define STORE_DAMAGED_SUFFIX  ".damaged" /* where a persistent store that was made again is kept */

/*
 * Opens or makes both. What is in the active one from before the host's last
 * start is thrown away. Returns a negative errno and a line that names the file
 * when one cannot be used; it is then left as it is.
 */
int store_open(struct diag *d);

/* After everything was loaded: the table as it is now is what both stores have. */
int store_settle(void);

void store_close(void);

/*
 * What is put and deleted between these two is one change. They nest. store_end() takes the
 * result so far; when that or the writing failed, nothing of the change is written and
 * the error is returned.
 */
void store_begin(void);
int store_end(int r);

/* Writes the link as it is now (persistent: as its owner's own). */
int store_put(enum store which, const struct link *link);
/* No error when it is not there. */
int store_delete(enum store which, const struct link *link);

/* The active store follows the table now or, when it cannot, with its next change. */
void store_follow(const struct link *link);
void store_forget(const struct link *link);

/* True while something is to be written later (without a lock); tries to. */
bool store_waiting(void);
void store_retry(void);

/* Room for text that store_check() fills with one line for each disagreement. */
struct store_report {
	char *text;
	size_t size, used;
};

/* Compares both stores with the table. 0, or an error of reading them. */
int store_check(struct store_report *report);

/* spec and attrs are the callback's only while it runs; it may empty attrs into its own. */
typedef int store_link_fn(const struct link_spec *spec, struct link_attrs *attrs);
/* Active: those that are active, PERSIST says that they are configured too. */
int store_load(enum store which, store_link_fn *fn);

/*
 * Gives each row of an owner's persistent store the id that its link has in the table:
 * they differ after a database was brought from elsewhere, and where another zone has the id.
 */
int store_renumber(zoneid_t owner);

/* ---- the store of a zone ---- */

/*
 * Opens the store of a zone below its zonepath; a zone without one gets it with its first
 * configured link. Whoever may not write there has raised his rights (privileges.h). 0 also when
 * it is open. -EUCLEAN damaged, -EPERM the folder is somebody else's, others; with a line that
 * names the file.
 */
int store_zone_open(zoneid_t zone, const char *zonepath, struct diag *d);
void store_zone_close(zoneid_t zone);

/* As store_load(). Nothing when the zone has no store. */
int store_zone_load(zoneid_t zone, store_link_fn *fn);

/* A zone that was given links or a door. */
struct zone_record {
	zoneid_t zoneid;
	uint64_t uniqid;
	bool door; /* attached for it */
	char name[ZONENAME_MAX];
	char path[ZONEROOT_MAX]; /* its zonepath, "" = not known */
};

int store_put_zone(const struct zone_record *zone);
int store_delete_zone(zoneid_t zoneid);

typedef int store_zone_fn(const struct zone_record *zone);
int store_load_zones(store_zone_fn *fn);
