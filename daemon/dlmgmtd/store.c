/* SPDX-License-Identifier: MIT */
/*
 * The databases of dlmgmtd; see store.h.
 *
 * Both are in WAL mode with exclusive locking: one writer, no shared memory file,
 * one sync for each transaction of the persistent one and none for the active
 * one, which has to survive SIGKILL but not the host. Both are checked whole when
 * they are opened, so that a damaged file is refused then and not half read.
 *
 * Linux: illumos keeps text files that are rewritten as a whole at each change.
 */
#include "dlmgmtd/store.h"
#include "linux/instance.h"
#include "linux/log.h"

#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <sys/stat.h>

#define SCHEMA_VERSION 1

enum statement {
	STMT_BEGIN,
	STMT_COMMIT,
	STMT_ROLLBACK,
	STMT_PUT,
	STMT_DELETE,
	STMT_ATTRS_DELETE,
	STMT_ATTR_PUT,
	STMT_LINKS,
	STMT_ATTRS,
	STMT_IDS_ASIDE,
	STMT_ID_SET,
	STMT_ZONE_PUT,
	STMT_ZONE_DELETE,
	STMT_ZONES,
	STMT_COUNT,
};

static const char *const statement_texts[STMT_COUNT] = {
	[STMT_BEGIN] = "BEGIN IMMEDIATE",
	[STMT_COMMIT] = "COMMIT",
	[STMT_ROLLBACK] = "ROLLBACK",
	[STMT_PUT] =
		"INSERT INTO link(id, name, class, media, flags, zoneid, on_loan)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(id) DO UPDATE SET"
		" name = excluded.name, class = excluded.class, media = excluded.media,"
		" flags = excluded.flags, zoneid = excluded.zoneid, on_loan = excluded.on_loan",
	[STMT_DELETE] = "DELETE FROM link WHERE id = ?1",
	[STMT_ATTRS_DELETE] = "DELETE FROM attr WHERE link = ?1",
	[STMT_ATTR_PUT] = "INSERT INTO attr(link, name, type, value) VALUES(?1, ?2, ?3, ?4)",
	[STMT_LINKS] =
		"SELECT id, name, class, media, flags, zoneid, on_loan FROM link ORDER BY id",
	[STMT_ATTRS] = "SELECT name, type, value FROM attr WHERE link = ?1 ORDER BY rowid",
	/* Out of the way of every id of 32 bits. */
	[STMT_IDS_ASIDE] = "UPDATE link SET id = id + 4294967296 WHERE id < 4294967296",
	[STMT_ID_SET] = "UPDATE link SET id = ?1 WHERE name = ?2",
	[STMT_ZONE_PUT] =
		"INSERT OR REPLACE INTO zone(id, uniqid, door, name) VALUES(?1, ?2, ?3, ?4)",
	[STMT_ZONE_DELETE] = "DELETE FROM zone WHERE id = ?1",
	[STMT_ZONES] = "SELECT id, uniqid, door, name FROM zone ORDER BY id",
};

/* The order of attr's rows is the order in which attributes were set. */
static const char schema[] =
	"CREATE TABLE IF NOT EXISTS link(id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
	" class INTEGER NOT NULL, media INTEGER NOT NULL, flags INTEGER NOT NULL,"
	" zoneid INTEGER NOT NULL, on_loan INTEGER NOT NULL, UNIQUE(name, zoneid));"
	"CREATE TABLE IF NOT EXISTS attr(link INTEGER NOT NULL REFERENCES link(id) ON DELETE CASCADE"
	" ON UPDATE CASCADE,"
	" name TEXT NOT NULL, type INTEGER NOT NULL, value BLOB NOT NULL, UNIQUE(link, name));"
	"CREATE TABLE IF NOT EXISTS zone(id INTEGER PRIMARY KEY, uniqid INTEGER NOT NULL,"
	" door INTEGER NOT NULL, name TEXT NOT NULL);"
	"CREATE TABLE IF NOT EXISTS boot(id TEXT NOT NULL);";

static struct database {
	sqlite3 *handle;
	sqlite3_stmt *statements[STMT_COUNT];
	char path[PATH_MAX];
} databases[STORE_COUNT];

static int rc_errno(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	}
	return -EIO;
}

static int database_failed(struct database *db, int rc)
{
	log_line(LOG_ERR, "%s: %s", db->path, sqlite3_errmsg(db->handle));
	return rc_errno(rc);
}

/* Runs a statement whose values are bound and that returns no row; always resets it. */
static int run(struct database *db, enum statement which)
{
	sqlite3_stmt *stmt = db->statements[which];
	int rc = sqlite3_step(stmt), r = 0;

	if (rc != SQLITE_DONE)
		r = database_failed(db, rc);
	(void)sqlite3_reset(stmt);
	(void)sqlite3_clear_bindings(stmt);
	return r;
}

/* Ends a transaction that went well (r 0) or not. Returns r or the error of the commit. */
static int transaction_end(struct database *db, int r)
{
	if (r == 0)
		r = run(db, STMT_COMMIT);
	if (r < 0 && !sqlite3_get_autocommit(db->handle))
		(void)run(db, STMT_ROLLBACK);
	return r;
}

static int put_attr(struct database *db, datalink_id_t id, const struct link_attr *attr)
{
	sqlite3_stmt *stmt = db->statements[STMT_ATTR_PUT];

	(void)sqlite3_bind_int64(stmt, 1, id);
	(void)sqlite3_bind_text(stmt, 2, attr->name, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(stmt, 3, attr->type);
	(void)sqlite3_bind_blob(stmt, 4, attr->value, (int)attr->size, SQLITE_STATIC);
	return run(db, STMT_ATTR_PUT);
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
	(void)sqlite3_bind_int64(stmt, 5, persistent ? DLMGMT_PERSIST : link->flags);
	(void)sqlite3_bind_int64(stmt, 6, persistent ? GLOBAL_ZONEID : link->zoneid);
	(void)sqlite3_bind_int64(stmt, 7, persistent ? 0 : link->on_loan);
	r = run(db, STMT_PUT);
	if (r < 0)
		return r;

	(void)sqlite3_bind_int64(db->statements[STMT_ATTRS_DELETE], 1, link->id);
	r = run(db, STMT_ATTRS_DELETE);
	for (attr = link->attrs.first; r == 0 && attr; attr = attr->next)
		r = put_attr(db, link->id, attr);
	return r;
}

int store_put(enum store which, const struct link *link)
{
	struct database *db = &databases[which];
	int r;

	r = run(db, STMT_BEGIN);
	if (r < 0)
		return r;
	return transaction_end(db, put_link(db, link, which == STORE_PERSISTENT));
}

int store_delete(enum store which, datalink_id_t id)
{
	struct database *db = &databases[which];

	(void)sqlite3_bind_int64(db->statements[STMT_DELETE], 1, id);
	return run(db, STMT_DELETE);
}

static int put_ids(struct database *db)
{
	sqlite3_stmt *stmt = db->statements[STMT_ID_SET];
	const struct link *link;
	int r;

	r = run(db, STMT_IDS_ASIDE);
	for (link = link_next(0); r == 0 && link; link = link_next(link->id)) {
		if (!(link->flags & DLMGMT_PERSIST))
			continue;
		(void)sqlite3_bind_int64(stmt, 1, link->id);
		(void)sqlite3_bind_text(stmt, 2, link->name, -1, SQLITE_STATIC);
		r = run(db, STMT_ID_SET);
	}
	return r;
}

int store_renumber(void)
{
	struct database *db = &databases[STORE_PERSISTENT];
	int r = run(db, STMT_BEGIN);

	return r < 0 ? r : transaction_end(db, put_ids(db));
}

int store_put_zone(const struct zone_record *zone)
{
	struct database *db = &databases[STORE_ACTIVE];
	sqlite3_stmt *stmt = db->statements[STMT_ZONE_PUT];

	(void)sqlite3_bind_int64(stmt, 1, zone->zoneid);
	(void)sqlite3_bind_int64(stmt, 2, (sqlite3_int64)zone->uniqid);
	(void)sqlite3_bind_int64(stmt, 3, zone->door);
	(void)sqlite3_bind_text(stmt, 4, zone->name, -1, SQLITE_STATIC);
	return run(db, STMT_ZONE_PUT);
}

int store_delete_zone(zoneid_t zoneid)
{
	struct database *db = &databases[STORE_ACTIVE];

	(void)sqlite3_bind_int64(db->statements[STMT_ZONE_DELETE], 1, zoneid);
	return run(db, STMT_ZONE_DELETE);
}

/* ---- reading everything, at start ---- */

static int load_attrs(struct database *db, datalink_id_t id, struct link_attrs *ret)
{
	sqlite3_stmt *stmt = db->statements[STMT_ATTRS];
	const char *name;
	int rc, r = 0;

	(void)sqlite3_bind_int64(stmt, 1, id);
	while (r == 0 && (rc = sqlite3_step(stmt)) != SQLITE_DONE) {
		if (rc != SQLITE_ROW) {
			r = database_failed(db, rc);
			break;
		}
		name = (const char *)sqlite3_column_text(stmt, 0);
		r = name ? link_attrs_set(ret, name, (uint32_t)sqlite3_column_int64(stmt, 1),
				   sqlite3_column_blob(stmt, 2),
				   (size_t)sqlite3_column_bytes(stmt, 2))
			 : -ENOMEM;
		if (r == -EINVAL) {
			log_line(LOG_WARNING, "%s: link %u: attribute '%s' ignored: invalid",
				db->path, id, name);
			r = 0;
		}
	}
	(void)sqlite3_reset(stmt);
	return r;
}

static int load_link(struct database *db, sqlite3_stmt *stmt, store_link_fn *fn)
{
	struct link_attrs attrs = {0};
	struct link_spec spec = {
		.id = (datalink_id_t)sqlite3_column_int64(stmt, 0),
		.name = (const char *)sqlite3_column_text(stmt, 1),
		.class = (uint32_t)sqlite3_column_int64(stmt, 2),
		.media = (uint32_t)sqlite3_column_int64(stmt, 3),
		.flags = (uint32_t)sqlite3_column_int64(stmt, 4),
		.zoneid = (zoneid_t)sqlite3_column_int64(stmt, 5),
		.on_loan = sqlite3_column_int64(stmt, 6) != 0,
	};
	int r;

	if (!spec.name)
		return -ENOMEM;
	r = load_attrs(db, spec.id, &attrs);
	if (r == 0)
		r = fn(&spec, &attrs);
	link_attrs_fini(&attrs);
	return r;
}

int store_load(enum store which, store_link_fn *fn)
{
	struct database *db = &databases[which];
	sqlite3_stmt *stmt = db->statements[STMT_LINKS];
	int rc, r = 0;

	while (r == 0 && (rc = sqlite3_step(stmt)) != SQLITE_DONE)
		r = rc == SQLITE_ROW ? load_link(db, stmt, fn) : database_failed(db, rc);
	(void)sqlite3_reset(stmt);
	return r;
}

int store_load_zones(store_zone_fn *fn)
{
	struct database *db = &databases[STORE_ACTIVE];
	sqlite3_stmt *stmt = db->statements[STMT_ZONES];
	int rc, r = 0;

	while (r == 0 && (rc = sqlite3_step(stmt)) != SQLITE_DONE) {
		struct zone_record zone = {0};
		const char *name;

		if (rc != SQLITE_ROW) {
			r = database_failed(db, rc);
			break;
		}
		zone.zoneid = (zoneid_t)sqlite3_column_int64(stmt, 0);
		zone.uniqid = (uint64_t)sqlite3_column_int64(stmt, 1);
		zone.door = sqlite3_column_int64(stmt, 2) != 0;
		name = (const char *)sqlite3_column_text(stmt, 3);
		r = name ? str_copy(zone.name, sizeof(zone.name), name) : -ENOMEM;
		if (r == 0)
			r = fn(&zone);
	}
	(void)sqlite3_reset(stmt);
	return r;
}

/* ---- opening ---- */

/* One line that names the file; what to do about it is known only when its content is bad. */
static int open_failed(struct database *db, struct diag *d, int rc)
{
	const char *text = db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(rc);
	int err = db->handle ? sqlite3_system_errno(db->handle) : 0;

	if ((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB)
		return diag_set(d, -EIO, "%s: %s: restore it or move it away", db->path, text);
	if (err)
		return diag_set(d, rc_errno(rc), "%s: %s: %s", db->path, text, strerror(err));
	return diag_set(d, rc_errno(rc), "%s: %s", db->path, text);
}

static int execute(struct database *db, struct diag *d, const char *sql)
{
	int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : open_failed(db, d, rc);
}

/* The first column of a statement's only row, as text (empty when there is none) and as a number. */
static int query(
	struct database *db, struct diag *d, const char *sql, char *text, size_t size, int *number)
{
	sqlite3_stmt *stmt = NULL;
	const char *value;
	int rc;

	text[0] = '\0';
	rc = sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		value = (const char *)sqlite3_column_text(stmt, 0);
		(void)snprintf(text, size, "%s", value ? value : "");
		*number = sqlite3_column_int(stmt, 0);
	}
	(void)sqlite3_finalize(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : open_failed(db, d, rc);
}

static int check_whole(struct database *db, struct diag *d)
{
	char text[256];
	int version = 0, r;

	r = query(db, d, "PRAGMA quick_check(1)", text, sizeof(text), &version);
	if (r < 0)
		return r;
	if (!streq(text, "ok"))
		return diag_set(
			d, -EIO, "%s: database is damaged: restore it or move it away", db->path);
	r = query(db, d, "PRAGMA user_version", text, sizeof(text), &version);
	if (r == 0 && version > SCHEMA_VERSION)
		r = diag_set(d, -EINVAL, "%s: made by a newer version (format %d, known is %d)",
			db->path, version, SCHEMA_VERSION);
	return r;
}

/* Who can read a database can lock it and keep us from opening it. SQLite's other files take its mode. */
static int make_private(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 || fchmod(fd, 0600) < 0 ? -errno : 0;
}

static int database_open(enum store which, const char *path, const char *sync, struct diag *d)
{
	struct database *db = &databases[which];
	char pragmas[256], version[64];
	int i, rc, r;

	r = instance_path(db->path, sizeof(db->path), "%s", path);
	if (r < 0)
		return diag_errno(d, r, "%s", path);
	r = make_private(db->path);
	if (r < 0)
		return diag_errno(d, r, "Cannot open %s", db->path);
	rc = sqlite3_open_v2(
		db->path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
	if (rc != SQLITE_OK)
		return open_failed(db, d, rc);

	(void)snprintf(pragmas, sizeof(pragmas),
		"PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
		"PRAGMA synchronous = %s; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF",
		sync);
	(void)snprintf(version, sizeof(version), "PRAGMA user_version = %d", SCHEMA_VERSION);
	r = execute(db, d, pragmas);
	if (r == 0)
		r = check_whole(db, d);
	if (r == 0)
		r = execute(db, d, schema);
	if (r == 0)
		r = execute(db, d, version);
	for (i = 0; r == 0 && i < STMT_COUNT; i++) {
		rc = sqlite3_prepare_v3(db->handle, statement_texts[i], -1,
			SQLITE_PREPARE_PERSISTENT, &db->statements[i], NULL);
		if (rc != SQLITE_OK)
			r = open_failed(db, d, rc);
	}
	return r;
}

/* What an earlier run of the host left is not true any more. */
static int forget_earlier_boot(struct diag *d)
{
	struct database *db = &databases[STORE_ACTIVE];
	_cleanup_close_ int fd = FD_NONE;
	char now[64] = "", stored[64], sql[320];
	int number = 0, r;
	ssize_t n;

	fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, now, sizeof(now) - 1);
	if (n < 0)
		return diag_errno(d, -errno, "/proc/sys/kernel/random/boot_id");
	now[strspn(now, "0123456789abcdef-")] = '\0';

	r = query(db, d, "SELECT id FROM boot", stored, sizeof(stored), &number);
	if (r < 0 || streq(now, stored))
		return r;
	(void)snprintf(sql, sizeof(sql),
		"BEGIN; DELETE FROM link; DELETE FROM zone; DELETE FROM boot;"
		"INSERT INTO boot VALUES('%s'); COMMIT",
		now);
	return execute(db, d, sql);
}

int store_open(struct diag *d)
{
	int r;

	r = database_open(STORE_PERSISTENT, STORE_PERSISTENT_PATH, "FULL", d);
	if (r == 0)
		r = database_open(STORE_ACTIVE, STORE_ACTIVE_PATH, "OFF", d);
	if (r == 0)
		r = forget_earlier_boot(d);
	if (r < 0)
		store_close();
	return r;
}

void store_close(void)
{
	struct database *db;
	int i;

	for (db = databases; db < databases + STORE_COUNT; db++) {
		for (i = 0; i < STMT_COUNT; i++) {
			(void)sqlite3_finalize(db->statements[i]);
			db->statements[i] = NULL;
		}
		(void)sqlite3_close(db->handle);
		db->handle = NULL;
	}
}
