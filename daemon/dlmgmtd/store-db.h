/* SPDX-License-Identifier: MIT */
/*
 * One database of dlmgmtd: opened and checked whole, its statements prepared. Only
 * the store includes this.
 */
#pragma once

#include "dlmgmtd/store.h"

#include <limits.h>
#include <sqlite3.h>

enum statement {
	STMT_BEGIN,
	STMT_COMMIT,
	STMT_ROLLBACK,
	STMT_PUT,
	STMT_DELETE,
	STMT_DELETE_ALL,
	STMT_DELETE_CONFIGURED, /* and not active */
	STMT_ATTRS_DELETE,
	STMT_ATTR_PUT,
	STMT_LINKS,
	STMT_ATTRS,
	STMT_IDS_ASIDE,
	STMT_ID_SET,
	STMT_ZONE_PUT,
	STMT_ZONE_DELETE,
	STMT_ZONES,
	STMT_ZONEPATH_PUT,
	STMT_BOOT_DELETE,
	STMT_BOOT_PUT,
	STMT_SERIAL_DELETE,
	STMT_SERIAL_PUT,
	STMT_COUNT,
};

struct database {
	sqlite3 *handle; /* NULL: not open */
	sqlite3_stmt *statements[STMT_COUNT];
	char path[PATH_MAX]; /* for messages */
	char file[PATH_MAX]; /* how it is reached, the same or by a descriptor of its folder */
	const char *vfs;     /* SQLite's way to files, NULL = the usual one */
};

/*
 * Opens db->file, or makes it. sync: SQLite's word for how much is
 * synced at a commit. -EUCLEAN damaged, -EROFS the file or its directory cannot be written,
 * other errors as they come, always with a line that names the file; db is closed then.
 */
int database_open(struct database *db, const char *sync, struct diag *d);

/* The same of the file of that name below the prefix. */
int database_open_named(struct database *db, const char *name, const char *sync, struct diag *d);
void database_close(struct database *db);

/* Runs a statement whose values are bound and that returns no row. Logs errors. */
int database_run(struct database *db, enum statement which);

/* Logs an error of SQLite and turns it into a negative errno. */
int database_failed(struct database *db, int rc);

/* Its transaction; both do nothing when none is open. A commit that fails is rolled back. */
bool database_changing(struct database *db);
int database_commit(struct database *db);
void database_rollback(struct database *db);

/* The first two columns of a statement's only row, "" and 0 when there is none. */
int database_query(struct database *db, struct diag *d, const char *sql, char *text, size_t size,
	int64_t *number);

int database_execute(struct database *db, struct diag *d, const char *sql);
