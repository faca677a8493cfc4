/* SPDX-License-Identifier: MIT */
/*
 * The stores of zones that live: what links a zone's root configured for the zone itself, in
 * ZONEPATH/dladm/datalink.db. That is beside the zone's root directory, where nobody in the zone comes.
 *
 * The folder is dlmgmtd's own and is opened once, when the zone boots, with rights raised for that;
 * the database is reached by that descriptor, so that later everything in there can be done as
 * the user dladm. Nothing is followed that could have been put there: neither name is a
 * symbolic link, and what is not our own is refused.
 *
 * A zone that never configured a link has no folder and costs nothing but a look. One that cannot
 * be opened is refused with a line, never emptied: there is no second copy of it.
 *
 * Linux: illumos keeps /etc/dladm/datalink.conf in the zone, and has a process that has entered the
 * zone read and write it.
 */
#include "dlmgmtd/privileges.h"
#include "dlmgmtd/store-impl.h"
#include "linux/log.h"

#include <fcntl.h>
#include <sys/queue.h>
#include <sys/stat.h>

#define ZONE_FOLDER "dladm"
#define ZONE_FILE   "datalink.db"

#define BUCKETS 512u

struct store_zone {
	LIST_ENTRY(store_zone) by_zone;
	LIST_ENTRY(store_zone)
	with_db; /* while it has one: each change of any store looks at those */
	zoneid_t zone;
	int zonepath; /* O_PATH */
	int folder;   /* FD_NONE: not there yet */
	char path[PATH_MAX];
	struct database db; /* open with the folder */
};

LIST_HEAD(stores, store_zone);
static struct stores stores[BUCKETS], databases; /* link table's lock */

static struct stores *bucket_of(zoneid_t zone)
{
	return &stores[(unsigned int)zone % BUCKETS];
}

static struct store_zone *find(zoneid_t zone)
{
	struct store_zone *s;

	LIST_FOREACH(s, bucket_of(zone), by_zone)
	if (s->zone == zone)
		break;
	return s;
}

/* ---- the folder ---- */

static int folder_check(int fd, const char *path, struct diag *d)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return diag_errno(d, -errno, "%s/" ZONE_FOLDER, path);
	if (st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)))
		return diag_set(d, -EPERM,
			"%s/" ZONE_FOLDER ": belongs to user %u, mode %o: has to be dlmgmtd's own",
			path, st.st_uid, st.st_mode & 07777);
	return 0;
}

/* 0, or 1 when it is not there. */
static int folder_open(struct store_zone *s, struct diag *d)
{
	int r;

	s->folder =
		openat(s->zonepath, ZONE_FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->folder < 0 && errno == ENOENT)
		return 1;
	if (s->folder < 0)
		return diag_errno(d, -errno, "%s/" ZONE_FOLDER, s->path);
	r = folder_check(s->folder, s->path, d);
	if (r < 0)
		s->folder = fd_close(s->folder);
	return r;
}

static int folder_make(struct store_zone *s, struct diag *d)
{
	int r = privileges_raise();

	if (r == 0 && mkdirat(s->zonepath, ZONE_FOLDER, 0700) < 0 && errno != EEXIST)
		r = -errno;
	if (r == 0)
		r = folder_open(s, d);
	privileges_lower();
	/* Its name is to last as long as what is in it. */
	if (r == 0 && fsync(s->folder) < 0)
		r = -errno;
	return r < 0 && !d->text[0] ? diag_errno(d, r, "Cannot make %s/" ZONE_FOLDER, s->path) : r;
}

static int sync_zonepath(const struct store_zone *s)
{
	_cleanup_close_ int fd = FD_NONE;
	int r = privileges_raise();

	if (r < 0)
		return r;
	fd = openat(s->zonepath, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		r = -errno;
	privileges_lower();
	return r == 0 && fsync(fd) < 0 ? -errno : r;
}

/* ---- the database ---- */

/*
 * SQLite takes symbolic links out of a name itself, and would go by the name of the folder that
 * the descriptor has; that a name is used as it is given is all that is different here.
 */
static int as_given(sqlite3_vfs *vfs, const char *name, int size, char *ret)
{
	return str_copy(ret, (size_t)size, name) < 0 ? SQLITE_CANTOPEN : SQLITE_OK;
}

static const char *vfs_by_descriptor(void)
{
	static sqlite3_vfs vfs; /* link table's lock */

	if (!vfs.zName) {
		vfs = *sqlite3_vfs_find(NULL);
		vfs.pNext = NULL;
		vfs.zName = "dlmgmtd-descriptor";
		vfs.xFullPathname = as_given;
		if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK)
			vfs.zName = NULL;
	}
	return vfs.zName;
}

static int open_db(struct store_zone *s, struct diag *d)
{
	int r;

	(void)snprintf(s->db.path, sizeof(s->db.path), "%.*s/" ZONE_FOLDER "/" ZONE_FILE,
		(int)(sizeof(s->db.path) - sizeof(ZONE_FOLDER ZONE_FILE) - 2), s->path);
	(void)snprintf(s->db.file, sizeof(s->db.file), "/proc/self/fd/%d/" ZONE_FILE, s->folder);
	s->db.vfs = vfs_by_descriptor();
	r = s->db.vfs ? database_open(&s->db, "FULL", d) : diag_errno(d, -ENOMEM, "%s", s->db.path);
	if (s->db.handle)
		LIST_INSERT_HEAD(&databases, s, with_db);
	return r;
}

static bool file_is_there(const struct store_zone *s)
{
	struct stat st;

	return fstatat(s->folder, ZONE_FILE, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static struct store_zone *free_store(struct store_zone *s)
{
	if (s) {
		if (s->db.handle) {
			LIST_REMOVE(s, with_db);
			database_close(&s->db);
		}
		(void)fd_close(s->folder);
		(void)fd_close(s->zonepath);
		free(s);
	}
	return NULL;
}

static int open_all(struct store_zone *s, struct diag *d)
{
	int r = privileges_raise();

	if (r == 0) {
		s->zonepath = open(s->path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (s->zonepath < 0)
			r = diag_errno(d, -errno, "%s", s->path);
		else
			r = folder_open(s, d);
	}
	privileges_lower();
	return r == 0 && file_is_there(s) ? open_db(s, d) : r;
}

int store_zone_open(zoneid_t zone, const char *zonepath, struct diag *d)
{
	struct store_zone *s;
	int r;

	if (find(zone))
		return 0;
	s = calloc(1, sizeof(*s));
	if (!s)
		return diag_errno(d, -ENOMEM, "%s", zonepath);
	s->zone = zone;
	s->zonepath = s->folder = FD_NONE;
	r = str_copy(s->path, sizeof(s->path), zonepath);
	if (r == 0)
		r = open_all(s, d);
	if (r < 0) {
		free_store(s);
		return r;
	}
	LIST_INSERT_HEAD(bucket_of(zone), s, by_zone);
	return 0;
}

void store_zone_close(zoneid_t zone)
{
	struct store_zone *s = find(zone);

	if (!s)
		return;
	LIST_REMOVE(s, by_zone);
	free_store(s);
}

void store_zones_close(void)
{
	struct store_zone *s;

	for (size_t i = 0; i < BUCKETS; i++)
		while ((s = LIST_FIRST(&stores[i])))
			store_zone_close(s->zone);
}

int store_zone_load(zoneid_t zone, store_link_fn *fn)
{
	struct database *db = store_zone_database(zone);

	return db ? store_load_from(db, zone, fn) : 0;
}

/* ---- for the other files of the store ---- */

struct database *store_zone_database(zoneid_t zone)
{
	struct store_zone *s = find(zone);

	return s && s->db.handle ? &s->db : NULL;
}

int store_zone_make(zoneid_t zone)
{
	struct store_zone *s = find(zone);
	struct diag d = {0};
	int r = 0;

	if (!s) /* logged when it could not be opened */
		return -EIO;
	if (s->db.handle)
		return 0;
	if (s->folder < 0)
		r = folder_make(s, &d);
	if (r == 0)
		r = sync_zonepath(s);
	if (r == 0)
		r = open_db(s, &d);
	if (r < 0)
		log_line(LOG_ERR, "%s", d.text[0] ? d.text : strerror(-r));
	return r == -ENOSPC || r == -EDQUOT ? -EIO : r;
}

int store_zones_commit(bool *ret_any)
{
	struct store_zone *s;
	int r = 0;

	LIST_FOREACH(s, &databases, with_db)
	if (r == 0 && database_changing(&s->db)) {
		*ret_any = true;
		r = database_commit(&s->db);
	}
	return r;
}

void store_zones_rollback(void)
{
	struct store_zone *s;

	LIST_FOREACH(s, &databases, with_db)
	{
		database_rollback(&s->db);
	}
}

int store_zones_each(int (*fn)(zoneid_t zone, struct database *db))
{
	struct store_zone *s;
	int r = 0;

	LIST_FOREACH(s, &databases, with_db)
	if (r == 0)
		r = fn(s->zone, &s->db);
	return r;
}
