/* SPDX-License-Identifier: MIT */
/*
 * A database of dlmgmtd; see store-db.h.
 *
 * It is in WAL mode with exclusive locking: one writer, no shared memory file, one
 * sync for each transaction. It is checked whole when it is opened, so that a damaged
 * file is refused then and not half read. A new one gets its name when it is
 * complete: an empty file is one that lost its content, never one that was just made.
 */
#include "dlmgmtd/store-db.h"
#include "linux/instance.h"
#include "linux/log.h"
#include "linux/sync.h"

#include <fcntl.h>
#include <sys/stat.h>

#define SCHEMA_VERSION 1

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
	[STMT_DELETE_ALL] = "DELETE FROM link",
	[STMT_DELETE_CONFIGURED] = "DELETE FROM link WHERE flags & 1 = 0",
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
	[STMT_ZONES] = "SELECT id, uniqid, door, name, path FROM zone LEFT JOIN zonepath"
		       " ON zone = id ORDER BY id",
	[STMT_ZONEPATH_PUT] = "INSERT OR REPLACE INTO zonepath(zone, path) VALUES(?1, ?2)",
	[STMT_BOOT_DELETE] = "DELETE FROM boot",
	[STMT_BOOT_PUT] = "INSERT INTO boot(id) VALUES(?1)",
	[STMT_SERIAL_DELETE] = "DELETE FROM serial",
	[STMT_SERIAL_PUT] = "INSERT INTO serial(origin, number) VALUES(?1, ?2)",
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
	"CREATE TABLE IF NOT EXISTS zonepath(zone INTEGER PRIMARY KEY REFERENCES zone(id)"
	" ON DELETE CASCADE, path TEXT NOT NULL);"
	"CREATE TABLE IF NOT EXISTS boot(id TEXT NOT NULL);"
	"CREATE TABLE IF NOT EXISTS serial(origin TEXT NOT NULL, number INTEGER NOT NULL)";

/* In the file from its birth, so that one that lost its whole log is known again. */
static const char birth[] = "; INSERT INTO serial VALUES(lower(hex(randomblob(16))), 0)";

/* A full disk is EIO: ENOSPC is, to libdladm, a buffer that is too small. The log says more. */
static int rc_errno(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_NOMEM:
		return -ENOMEM;
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

int database_failed(struct database *db, int rc)
{
	log_line(LOG_ERR, "%s: %s", db->path, sqlite3_errmsg(db->handle));
	return rc_errno(rc);
}

int database_run(struct database *db, enum statement which)
{
	sqlite3_stmt *stmt = db->statements[which];
	int rc, r = 0;

	if (!stmt)
		return -EBADF;
	rc = sqlite3_step(stmt);
	if (rc != SQLITE_DONE)
		r = database_failed(db, rc);
	(void)sqlite3_reset(stmt);
	(void)sqlite3_clear_bindings(stmt);
	return r;
}

/* ---- transactions ---- */

bool database_changing(struct database *db)
{
	return db->handle && !sqlite3_get_autocommit(db->handle);
}

void database_rollback(struct database *db)
{
	if (database_changing(db))
		(void)database_run(db, STMT_ROLLBACK);
}

int database_commit(struct database *db)
{
	int r;

	if (!database_changing(db))
		return 0;
	r = database_run(db, STMT_COMMIT);
	if (r < 0)
		database_rollback(db);
	return r;
}

/* ---- opening ---- */

/* One line that names the file; what to do about it is known only when its content is bad. */
static int open_failed(struct database *db, struct diag *d, int rc)
{
	const char *text = db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(rc);
	int err = db->handle ? sqlite3_system_errno(db->handle) : 0;

	if ((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB)
		return diag_set(d, -EUCLEAN, "%s: %s: restore it or move it away", db->path, text);
	if (err)
		return diag_set(d, err == EROFS ? -EROFS : rc_errno(rc), "%s: %s: %s", db->path,
			text, strerror(err));
	return diag_set(d, rc_errno(rc), "%s: %s", db->path, text);
}

int database_execute(struct database *db, struct diag *d, const char *sql)
{
	int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : open_failed(db, d, rc);
}

int database_query(struct database *db, struct diag *d, const char *sql, char *text, size_t size,
	int64_t *number)
{
	sqlite3_stmt *stmt = NULL;
	const char *value;
	int rc;

	text[0] = '\0';
	*number = 0;
	rc = sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		value = (const char *)sqlite3_column_text(stmt, 0);
		(void)snprintf(text, size, "%s", value ? value : "");
		*number = sqlite3_column_int64(stmt, sqlite3_column_count(stmt) > 1 ? 1 : 0);
	}
	(void)sqlite3_finalize(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : open_failed(db, d, rc);
}

static int check_whole(struct database *db, struct diag *d)
{
	char text[256];
	int64_t number = 0;
	int r;

	r = database_query(db, d, "PRAGMA quick_check(1)", text, sizeof(text), &number);
	if (r < 0)
		return r;
	if (!streq(text, "ok"))
		return diag_set(d, -EUCLEAN, "%s: database is damaged: restore it or move it away",
			db->path);
	r = database_query(db, d, "PRAGMA user_version", text, sizeof(text), &number);
	if (r < 0)
		return r;
	if (number > SCHEMA_VERSION)
		return diag_set(d, -EINVAL, "%s: made by a newer version (format %d, known is %d)",
			db->path, (int)number, SCHEMA_VERSION);
	if (number != SCHEMA_VERSION)
		return diag_set(d, -EUCLEAN,
			"%s: is no database of dlmgmtd: restore it or move it away", db->path);
	return 0;
}

static int connect_file(struct database *db, const char *path, int flags, struct diag *d)
{
	int rc = sqlite3_open_v2(path, &db->handle, SQLITE_OPEN_READWRITE | flags, db->vfs);

	return rc == SQLITE_OK ? 0 : open_failed(db, d, rc);
}

/* An empty one in the file that is named; a journal beside it would need syncs of its own. */
static int fill_new(struct database *db, const char *path, struct diag *d)
{
	char sql[sizeof(schema) + sizeof(birth) + 160];
	int r = connect_file(db, path, SQLITE_OPEN_CREATE, d);

	(void)snprintf(sql, sizeof(sql),
		"PRAGMA journal_mode = MEMORY; PRAGMA user_version = %d; %s%s", SCHEMA_VERSION,
		schema, birth);
	if (r == 0)
		r = database_execute(db, d, sql);
	(void)sqlite3_close(db->handle);
	db->handle = NULL;
	return r;
}

/* Who can read a database can lock it and keep us from opening it. SQLite's other files take its mode. */
static int make_private(const char *path, int flags)
{
	_cleanup_close_ int fd =
		open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | flags, 0600);

	return fd < 0 || fchmod(fd, 0600) < 0 ? -errno : 0;
}

static int database_make(struct database *db, struct diag *d)
{
	char path[PATH_MAX + 8];
	int r;

	(void)snprintf(path, sizeof(path), "%s.new", db->file);
	if (unlink(path) < 0 && errno != ENOENT)
		return diag_errno(d, -errno, "Cannot remove %s", path);
	r = make_private(path, O_CREAT | O_EXCL);
	if (r < 0)
		return diag_errno(d, r, "Cannot make %s", path);
	r = fill_new(db, path, d);
	if (r < 0) {
		(void)unlink(path);
		return r;
	}
	if (rename(path, db->file) < 0)
		return diag_errno(d, -errno, "Cannot make %s", db->path);
	r = sync_folder_of(db->file);
	return r < 0 ? diag_errno(d, r, "Cannot sync the directory of %s", db->path) : 0;
}

static int file_prepare(struct database *db, struct diag *d)
{
	struct stat st;
	int r;

	if (lstat(db->file, &st) < 0)
		return errno == ENOENT ? database_make(db, d)
				       : diag_errno(d, -errno, "Cannot open %s", db->path);
	if (S_ISREG(st.st_mode) && st.st_size == 0)
		return diag_set(d, -EUCLEAN, "%s: is empty: restore it or move it away", db->path);
	r = make_private(db->file, 0);
	return r < 0 ? diag_errno(d, r, "Cannot open %s", db->path) : 0;
}

static int prepare_all(struct database *db, struct diag *d)
{
	int i, rc;

	for (i = 0; i < STMT_COUNT; i++) {
		rc = sqlite3_prepare_v3(db->handle, statement_texts[i], -1,
			SQLITE_PREPARE_PERSISTENT, &db->statements[i], NULL);
		if (rc != SQLITE_OK)
			return open_failed(db, d, rc);
	}
	return 0;
}

int database_open(struct database *db, const char *sync, struct diag *d)
{
	char pragmas[256];
	int r;

	(void)snprintf(pragmas, sizeof(pragmas),
		"PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
		"PRAGMA synchronous = %s; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF",
		sync);
	r = file_prepare(db, d);
	if (r == 0)
		r = connect_file(db, db->file, 0, d);
	if (r == 0)
		r = database_execute(db, d, pragmas);
	if (r == 0)
		r = check_whole(db, d);
	if (r == 0)
		r = database_execute(db, d, schema); /* a table that came later */
	if (r == 0)
		r = prepare_all(db, d);
	if (r < 0)
		database_close(db);
	return r;
}

int database_open_named(struct database *db, const char *name, const char *sync, struct diag *d)
{
	int r = instance_path(db->path, sizeof(db->path), "%s", name);

	if (r < 0)
		return diag_errno(d, r, "%s", name);
	memcpy(db->file, db->path, sizeof(db->file));
	return database_open(db, sync, d);
}

void database_close(struct database *db)
{
	int i;

	for (i = 0; i < STMT_COUNT; i++) {
		(void)sqlite3_finalize(db->statements[i]);
		db->statements[i] = NULL;
	}
	(void)sqlite3_close(db->handle);
	db->handle = NULL;
}
