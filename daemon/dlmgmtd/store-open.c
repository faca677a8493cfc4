/* SPDX-License-Identifier: MIT */
/*
 * Opening the stores, and what follows when the persistent one cannot be used as it is:
 *
 *   damaged, or behind the active one   it is put aside and made again from that
 *   damaged, nothing to make it from    refused
 *   on a file system that is read-only  read from a copy, written when that has ended
 *
 * The active one knows all that is configured when it is of this start of the host.
 */
#include "dlmgmtd/store-impl.h"
#include "linux/instance.h"
#include "linux/log.h"

#include <fcntl.h>

#define COPY_PATH "/run/dladm/readonly.db"

static const char *const suffixes[] = {"", "-wal"};

static struct database *persistent = &store_state.databases[STORE_PERSISTENT];
static struct database *active = &store_state.databases[STORE_ACTIVE];

static int boot_read(struct diag *d)
{
	_cleanup_close_ int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	char *now = store_state.boot;
	ssize_t n = fd < 0 ? -1 : read(fd, now, sizeof(store_state.boot) - 1);

	if (n < 0)
		return diag_errno(d, -errno, "/proc/sys/kernel/random/boot_id");
	now[strspn(now, "0123456789abcdef-")] = '\0';
	return 0;
}

/* Opens the active store. *ret: it is of this start of the host; else it is emptied. */
static int active_open(bool *ret, struct diag *d)
{
	char stored[64];
	int64_t number;
	int r;

	r = boot_read(d);
	if (r == 0)
		r = database_open_named(active, STORE_ACTIVE_PATH, "OFF", d);
	if (r == 0)
		r = database_query(
			active, d, "SELECT id FROM boot", stored, sizeof(stored), &number);
	if (r < 0)
		return r;
	*ret = streq(store_state.boot, stored);
	if (*ret)
		return 0;
	return database_execute(active, d,
		"BEGIN; DELETE FROM link; DELETE FROM zone; DELETE FROM boot; DELETE FROM serial;"
		"COMMIT");
}

static int serial_read(struct diag *d)
{
	return database_query(persistent, d, "SELECT origin, number FROM serial",
		store_state.origin, sizeof(store_state.origin), &store_state.serial);
}

/*
 * -EUCLEAN when the active store has seen changes that the persistent one does not have. One that
 * has not seen them all, because dlmgmtd died between the two, is written anew.
 */
static int compare_serials(struct diag *d)
{
	char origin[64];
	int64_t number;
	int r = database_query(
		active, d, "SELECT origin, number FROM serial", origin, sizeof(origin), &number);

	if (r < 0 || !streq(origin, store_state.origin))
		return r;
	if (number > store_state.serial)
		return diag_set(d, -EUCLEAN, "%s: has lost its last changes", persistent->path);
	store_state.stale[STORE_ACTIVE] = number < store_state.serial;
	return 0;
}

static int persistent_open(struct diag *d)
{
	int r = database_open_named(persistent, STORE_PERSISTENT_PATH, "FULL", d);

	return r < 0 ? r : serial_read(d);
}

static int put_aside(struct diag *d)
{
	char from[PATH_MAX + 8], to[PATH_MAX + 24];
	size_t i;

	for (i = ARRAY_SIZE(suffixes); i-- > 0;) { /* never a log without its database */
		(void)snprintf(from, sizeof(from), "%s%s", persistent->path, suffixes[i]);
		(void)snprintf(to, sizeof(to), "%s%s%s", persistent->path, STORE_DAMAGED_SUFFIX,
			suffixes[i]);
		if (rename(from, to) < 0 && errno != ENOENT)
			return diag_errno(d, -errno, "Cannot put %s aside", from);
	}
	return 0;
}

/* why: what is wrong with the one that is there. */
static int make_again(const char *why, struct diag *d)
{
	int r;

	database_close(persistent);
	r = put_aside(d);
	if (r == 0)
		r = persistent_open(d);
	if (r < 0)
		return r;
	log_line(LOG_WARNING, "%s", why);
	log_line(LOG_WARNING, "%s: is made again from %s, what was there is kept as %s%s",
		persistent->path, active->path, persistent->path, STORE_DAMAGED_SUFFIX);
	store_state.from_active = true;
	store_state.stale[STORE_PERSISTENT] = true;
	return 0;
}

/* ---- read-only ---- */

static int copy_file(const char *from, const char *to)
{
	_cleanup_close_ int in = open(from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_close_ int out = FD_NONE;
	char buf[65536];
	ssize_t n;

	if (in < 0)
		return errno == ENOENT ? 0 : -errno;
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return -errno;
	while ((n = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, (size_t)n) != n)
			return errno ? -errno : -ENOSPC;
	return n < 0 ? -errno : 0;
}

static void copy_remove(void)
{
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (instance_path(path, sizeof(path), "%s%s", COPY_PATH, suffixes[i]) == 0)
			(void)unlink(path);
}

/* Its log has to be played back, which writes: that is done in a copy. */
static int copy_open(struct diag *d)
{
	char from[PATH_MAX], to[PATH_MAX];
	size_t i;
	int r = 0;

	copy_remove();
	for (i = 0; r == 0 && i < ARRAY_SIZE(suffixes); i++) {
		r = instance_path(from, sizeof(from), "%s%s", STORE_PERSISTENT_PATH, suffixes[i]);
		if (r == 0)
			r = instance_path(to, sizeof(to), "%s%s", COPY_PATH, suffixes[i]);
		if (r == 0)
			r = copy_file(from, to);
		if (r < 0)
			return diag_errno(d, r, "Cannot copy %s", from);
	}
	r = database_open_named(persistent, COPY_PATH, "OFF", d);
	copy_remove(); /* as long as it is open it is there */
	return r;
}

static int open_read_only(bool known, struct diag *d)
{
	log_line(LOG_WARNING, "%s: is read-only, what is configured will be written later",
		persistent->path);
	store_state.read_only = true;
	store_state.from_active = known;
	store_state.stale[STORE_PERSISTENT] =
		known; /* an earlier dlmgmtd may have left something */
	store_state.origin[0] = '\0';
	return known ? 0 : copy_open(d);
}

int store_reopen(void)
{
	struct diag d;
	int r;

	database_close(persistent); /* the copy */
	r = persistent_open(&d);
	if (r < 0) {
		database_close(persistent);
		return r;
	}
	store_state.read_only = false;
	return 0;
}

/* ---- both ---- */

int store_open(struct diag *d)
{
	bool known = false;
	int r;

	store_state.read_only = store_state.from_active = false;
	store_state.stale[STORE_PERSISTENT] = store_state.stale[STORE_ACTIVE] = false;
	r = active_open(&known, d);
	if (r < 0) {
		store_close();
		return r;
	}
	r = persistent_open(d);
	if (r == 0 && known)
		r = compare_serials(d);
	if (r == -EROFS)
		r = open_read_only(known, d);
	else if (r == -EUCLEAN && known) {
		struct diag why = *d;

		r = make_again(why.text, d);
	}
	if (r < 0)
		store_close();
	return r;
}

void store_close(void)
{
	database_close(persistent);
	database_close(active);
	store_zones_close();
}
