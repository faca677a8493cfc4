/* SPDX-License-Identifier: MIT */
/*
 * Changes of the two databases; see store.h. How they are opened is in store-open.c, how they
 * are read in store-load.c.
 *
 * A change that spans both is committed first where it has to last, with a serial number
 * that the active store gets too: after a crash in between the active one is one change
 * behind; a persistent one that is behind has lost something.
 *
 * Linux: illumos keeps text files that are rewritten as a whole at each change.
 */
#include "dlmgmtd/store-impl.h"
#include "linux/log.h"

struct store_state store_state;

static unsigned int depth; /* of store_begin() */
static int first_error;	   /* in this change */

static struct database *db_of(enum store which)
{
	return &store_state.databases[which];
}

/* Where a link of that owner is kept; NULL: a zone that has no store. */
static struct database *db_for(enum store which, zoneid_t owner)
{
	return which == STORE_PERSISTENT && owner != GLOBAL_ZONEID ? store_zone_database(owner)
								   : db_of(which);
}

static int put_attr(struct database *db, datalink_id_t id, const struct link_attr *attr)
{
	sqlite3_stmt *stmt = db->statements[STMT_ATTR_PUT];

	(void)sqlite3_bind_int64(stmt, 1, id);
	(void)sqlite3_bind_text(stmt, 2, attr->name, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(stmt, 3, attr->type);
	(void)sqlite3_bind_blob(stmt, 4, attr->value, (int)attr->size, SQLITE_STATIC);
	return database_run(db, STMT_ATTR_PUT);
}

/* What is not configured yet is told as such: a crash now would lose that it is to be. */
static uint32_t flags_known(const struct link *link)
{
	return (link->flags & ~DLMGMT_PERSIST) | (link->configured ? DLMGMT_PERSIST : 0);
}

static int put_link(struct database *db, const struct link *link, bool persistent)
{
	sqlite3_stmt *stmt = db->statements[STMT_PUT];
	const struct link_attr *attr;
	int r;

	(void)sqlite3_bind_int64(stmt, 1, link->id);
	(void)sqlite3_bind_text(stmt, 2, link->name, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(stmt, 3, link->class);
	(void)sqlite3_bind_int64(stmt, 4, link->media);
	(void)sqlite3_bind_int64(stmt, 5, persistent ? DLMGMT_PERSIST : flags_known(link));
	(void)sqlite3_bind_int64(stmt, 6, persistent ? GLOBAL_ZONEID : link->zoneid);
	(void)sqlite3_bind_int64(stmt, 7, persistent ? 0 : link->on_loan);
	r = database_run(db, STMT_PUT);
	if (r < 0)
		return r;

	(void)sqlite3_bind_int64(db->statements[STMT_ATTRS_DELETE], 1, link->id);
	r = database_run(db, STMT_ATTRS_DELETE);
	for (attr = link->attrs.first; r == 0 && attr; attr = attr->next)
		r = put_attr(db, link->id, attr);
	return r;
}

static bool belongs(enum store which, const struct link *link)
{
	if (which == STORE_ACTIVE)
		return link->configured || (link->flags & DLMGMT_ACTIVE) != 0;
	return link->configured && link_owner(link) == GLOBAL_ZONEID;
}

/* Puts everything, also what changes just now. */
static int rewrite(enum store which)
{
	const struct link *link;
	int r;

	r = database_run(db_of(which), STMT_DELETE_ALL);
	for (link = link_next(0); r == 0 && link; link = link_next(link->id))
		if (belongs(which, link))
			r = put_link(db_of(which), link, which == STORE_PERSISTENT);
	return r;
}

/* The store takes part in the change. */
static int join_db(struct database *db)
{
	return database_changing(db) ? 0 : database_run(db, STMT_BEGIN);
}

static int join(enum store which)
{
	int r;

	if (database_changing(db_of(which)))
		return 0;
	r = join_db(db_of(which));
	if (r == 0 && store_state.stale[which])
		r = rewrite(which);
	return r;
}

static int join_for(enum store which, zoneid_t owner)
{
	struct database *db = db_for(which, owner);

	if (db == db_of(which))
		return join(which);
	return db ? join_db(db) : -EBADF;
}

static int serial_put(struct database *db, int64_t number)
{
	sqlite3_stmt *stmt = db->statements[STMT_SERIAL_PUT];
	int r = database_run(db, STMT_SERIAL_DELETE);

	if (r < 0)
		return r;
	(void)sqlite3_bind_text(stmt, 1, store_state.origin, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(stmt, 2, number);
	return database_run(db, STMT_SERIAL_PUT);
}

static int commit_persistent(void)
{
	struct database *db = db_of(STORE_PERSISTENT);
	int r = serial_put(db, store_state.serial + 1);

	if (r == 0)
		r = database_commit(db);
	if (r < 0)
		return r;
	store_state.serial++;
	store_state.stale[STORE_PERSISTENT] = false;
	return 0;
}

static int commit_active(bool serial)
{
	struct database *db = db_of(STORE_ACTIVE);
	int r = serial ? serial_put(db, store_state.serial) : 0;

	if (r == 0)
		r = database_commit(db);
	if (r == 0)
		store_state.stale[STORE_ACTIVE] = false;
	return r;
}

static int commit(void)
{
	bool global = database_changing(db_of(STORE_PERSISTENT)), zone = false;
	int r = 0;

	if (global)
		r = commit_persistent();
	if (r == 0)
		r = store_zones_commit(&zone);
	if (r < 0 || !database_changing(db_of(STORE_ACTIVE)))
		return r;
	r = commit_active(global);
	if (r < 0 && (global || zone)) {
		log_line(LOG_WARNING, "%s: will be written later", db_of(STORE_ACTIVE)->path);
		store_state.stale[STORE_ACTIVE] = true;
		r = 0;
	}
	return r;
}

void store_begin(void)
{
	depth++;
}

int store_end(int r)
{
	if (r < 0 && first_error == 0)
		first_error = r;
	if (--depth > 0)
		return r;
	r = first_error;
	first_error = 0;
	if (r == 0)
		r = commit();
	database_rollback(db_of(STORE_PERSISTENT));
	database_rollback(db_of(STORE_ACTIVE));
	store_zones_rollback();
	return r;
}

/* What is configured while /etc cannot be written is kept in the table and the active store. */
static bool queued(enum store which, zoneid_t owner)
{
	if (which != STORE_PERSISTENT || owner != GLOBAL_ZONEID || !store_state.read_only)
		return false;
	store_state.stale[which] = true;
	return true;
}

int store_put(enum store which, const struct link *link)
{
	zoneid_t owner = link_owner(link);
	int r = 0;

	if (queued(which, owner))
		return 0;
	if (which == STORE_PERSISTENT && owner != GLOBAL_ZONEID)
		r = store_zone_make(owner);
	store_begin();
	if (r == 0)
		r = join_for(which, owner);
	if (r == 0)
		r = put_link(db_for(which, owner), link, which == STORE_PERSISTENT);
	return store_end(r);
}

int store_delete(enum store which, const struct link *link)
{
	zoneid_t owner = link_owner(link);
	struct database *db = db_for(which, owner);
	int r;

	if (queued(which, owner))
		return 0;
	store_begin();
	r = join_for(which, owner);
	if (r == 0) {
		(void)sqlite3_bind_int64(db->statements[STMT_DELETE], 1, link->id);
		r = database_run(db, STMT_DELETE);
	}
	return store_end(r);
}

void store_follow(const struct link *link)
{
	if (store_put(STORE_ACTIVE, link) < 0)
		store_state.stale[STORE_ACTIVE] = true;
}

void store_forget(const struct link *link)
{
	if (store_delete(STORE_ACTIVE, link) < 0)
		store_state.stale[STORE_ACTIVE] = true;
}

bool store_waiting(void)
{
	return store_state.read_only || store_state.stale[STORE_PERSISTENT] ||
	       store_state.stale[STORE_ACTIVE];
}

void store_retry(void)
{
	enum store which;

	if (store_state.read_only && store_reopen() < 0)
		return;
	for (which = 0; which < STORE_COUNT; which++) {
		if (!store_state.stale[which])
			continue;
		store_begin();
		if (store_end(join(which)) == 0)
			log_line(LOG_NOTICE, "%s: is written", db_of(which)->path);
	}
}

int store_settle(void)
{
	struct database *db = db_of(STORE_ACTIVE);
	const struct link *link;
	int r = 0;

	store_begin();
	if (store_state.stale[STORE_PERSISTENT] && !store_state.read_only)
		r = join(STORE_PERSISTENT);
	if (r == 0)
		r = join(STORE_ACTIVE);
	if (r == 0)
		r = database_run(db, STMT_DELETE_CONFIGURED);
	for (link = link_next(0); r == 0 && link; link = link_next(link->id))
		if (link->configured && !(link->flags & DLMGMT_ACTIVE))
			r = put_link(db, link, false);
	if (r == 0)
		r = database_run(db, STMT_BOOT_DELETE);
	(void)sqlite3_bind_text(
		db->statements[STMT_BOOT_PUT], 1, store_state.boot, -1, SQLITE_STATIC);
	if (r == 0)
		r = database_run(db, STMT_BOOT_PUT);
	if (r == 0)
		r = serial_put(db, store_state.serial);
	return store_end(r);
}

static int put_ids(struct database *db, zoneid_t owner)
{
	sqlite3_stmt *stmt = db->statements[STMT_ID_SET];
	const struct link *link;
	int r;

	r = database_run(db, STMT_IDS_ASIDE);
	for (link = link_next(0); r == 0 && link; link = link_next(link->id)) {
		if (!link->configured || link_owner(link) != owner)
			continue;
		(void)sqlite3_bind_int64(stmt, 1, link->id);
		(void)sqlite3_bind_text(stmt, 2, link->name, -1, SQLITE_STATIC);
		r = database_run(db, STMT_ID_SET);
	}
	return r;
}

int store_renumber(zoneid_t owner)
{
	int r;

	if (queued(STORE_PERSISTENT, owner))
		return 0;
	store_begin();
	r = join_for(STORE_PERSISTENT, owner);
	if (r == 0)
		r = put_ids(db_for(STORE_PERSISTENT, owner), owner);
	return store_end(r);
}

static int put_zonepath(struct database *db, const struct zone_record *zone)
{
	sqlite3_stmt *stmt = db->statements[STMT_ZONEPATH_PUT];

	if (!zone->path[0])
		return 0;
	(void)sqlite3_bind_int64(stmt, 1, zone->zoneid);
	(void)sqlite3_bind_text(stmt, 2, zone->path, -1, SQLITE_STATIC);
	return database_run(db, STMT_ZONEPATH_PUT);
}

int store_put_zone(const struct zone_record *zone)
{
	struct database *db = db_of(STORE_ACTIVE);
	sqlite3_stmt *stmt = db->statements[STMT_ZONE_PUT];
	int r;

	(void)sqlite3_bind_int64(stmt, 1, zone->zoneid);
	(void)sqlite3_bind_int64(stmt, 2, (sqlite3_int64)zone->uniqid);
	(void)sqlite3_bind_int64(stmt, 3, zone->door);
	(void)sqlite3_bind_text(stmt, 4, zone->name, -1, SQLITE_STATIC);
	r = database_run(db, STMT_ZONE_PUT);
	return r < 0 ? r : put_zonepath(db, zone);
}

int store_delete_zone(zoneid_t zoneid)
{
	struct database *db = db_of(STORE_ACTIVE);

	(void)sqlite3_bind_int64(db->statements[STMT_ZONE_DELETE], 1, zoneid);
	return database_run(db, STMT_ZONE_DELETE);
}
