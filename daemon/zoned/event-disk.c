/* SPDX-License-Identifier: MIT */
/*
 * States of zones on disk as events, beside those of live zones: the index of zones is watched, and
 * what is different from when it was read last is posted. What was posted last is kept in a file, so
 * that the next zoned tells what changed while there was none.
 *
 * Linux: on SmartOS whoever changes the index posts the event. Here a change by an editor is told as well, but
 * of two changes that come between two looks only what comes of both.
 *
 * One thread; nobody else has the list.
 */
#include "zoned/event.h"

#include "linux/instance.h"
#include "linux/log.h"
#include "zonecfg/index.h"

#include <limits.h>
#include <pthread.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#define INDEX_FOLDER "/etc/zones"
#define INDEX_NAME   "index"
#define TOLD_FILE    INSTANCE_RUN "/index.told" /* lines "NAME STATE", sorted by name */

struct disk_zone {
	char name[ZONENAME_MAX];
	unsigned int state; /* enum zone_event_state */
};

struct disk_zones {
	struct disk_zone *all;
	size_t n;
};

static struct disk_zones told;

static int add(struct disk_zones *zones, const char *name, unsigned int state)
{
	struct disk_zone *z;

	if (zones->n % 64 == 0) {
		z = reallocarray(zones->all, zones->n + 64, sizeof(*z));
		if (!z)
			return -ENOMEM;
		zones->all = z;
	}
	z = &zones->all[zones->n++];
	z->state = state;
	return str_copy(z->name, sizeof(z->name), name);
}

static int add_entry(const struct zone_index_entry *e, void *arg)
{
	static const enum zone_event_state states[] = {
		[ZONE_STATE_CONFIGURED] = ZEV_CONFIGURED,
		[ZONE_STATE_INCOMPLETE] = ZEV_INCOMPLETE,
		[ZONE_STATE_INSTALLED] = ZEV_INSTALLED,
	};

	return streq(e->name, GLOBAL_ZONENAME) ? 0 : add(arg, e->name, states[e->state]);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct disk_zone *)a)->name, ((const struct disk_zone *)b)->name);
}

static int read_index(struct disk_zones *ret)
{
	int r = zone_index_iterate(add_entry, ret);

	if (r == 0 && ret->n)
		qsort(ret->all, ret->n, sizeof(*ret->all), by_name);
	return r;
}

/* Both are sorted; the name that comes first is looked at, in one of them or in both. */
static void post_changes(const struct disk_zones *old, const struct disk_zones *new)
{
	size_t i = 0, k = 0;

	while (i < old->n || k < new->n) {
		int order = i == old->n	  ? 1
			    : k == new->n ? -1
					  : by_name(&old->all[i], &new->all[k]);
		const char *name = order <= 0 ? old->all[i].name : new->all[k].name;
		unsigned int was = order <= 0 ? old->all[i++].state : ZEV_ABSENT;
		unsigned int is = order >= 0 ? new->all[k++].state : ZEV_ABSENT;

		if (was != is)
			event_post_disk(name, was, is);
	}
}

/* ---- what was told, for the next zoned ---- */

static int told_read(void)
{
	char path[PATH_MAX], name[ZONENAME_MAX];
	_cleanup_fclose_ FILE *f = NULL;
	unsigned int state;
	int n = 0, r = instance_path(path, sizeof(path), TOLD_FILE);

	f = r < 0 ? NULL : fopen(path, "re");
	if (!f)
		return r < 0 ? r : -errno;
	while (r == 0 && (n = fscanf(f, "%63s %u\n", name, &state)) == 2)
		r = state < ZEV_CONFIGURED || state >= ZEV_ABSENT ? -EBADMSG
								  : add(&told, name, state);
	return r < 0 ? r : n == EOF ? 0 : -EBADMSG;
}

static int told_write(void)
{
	char path[PATH_MAX], fresh[PATH_MAX];
	FILE *f;
	size_t i;
	int r;

	if (instance_path(path, sizeof(path), TOLD_FILE) < 0 ||
		instance_path(fresh, sizeof(fresh), TOLD_FILE ".new") < 0)
		return -ENAMETOOLONG;
	f = fopen(fresh, "we");
	if (!f)
		return -errno;
	for (i = 0; i < told.n; i++)
		(void)fprintf(f, "%s %u\n", told.all[i].name, told.all[i].state);
	r = ferror(f) ? -EIO : 0;
	if (fclose(f) != 0)
		r = -errno;
	if (r == 0 && rename(fresh, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(fresh);
	return r;
}

/* An index that cannot be read is looked at again when it changes. */
static void look(bool post)
{
	struct disk_zones now = {0};
	int r = read_index(&now);

	if (r < 0) {
		log_line(LOG_WARNING, "Cannot read the index of zones: %s", strerror(-r));
		free(now.all);
		return;
	}
	if (post)
		post_changes(&told, &now);
	free(told.all);
	told = now;
	r = told_write();
	if (r < 0)
		log_line(LOG_WARNING, "Cannot keep which states of zones were told: %s",
			strerror(-r));
}

/* ---- the thread ---- */

/* Whether one of them may be about the index, which is replaced by another file or written by hand. */
static bool is_index(const char *events, ssize_t size)
{
	const struct inotify_event *e;
	ssize_t at;

	for (at = 0; at < size; at += (ssize_t)(sizeof(*e) + e->len)) {
		e = (const struct inotify_event *)(const void *)(events + at);
		if ((e->mask & IN_Q_OVERFLOW) || (e->len && streq(e->name, INDEX_NAME)))
			return true;
	}
	return false;
}

static void *watch(void *arg)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	int fd = (int)(intptr_t)arg;
	ssize_t n;

	while ((n = read(fd, events, sizeof(events))) > 0 || errno == EINTR)
		if (is_index(events, n))
			look(true);
	return NULL;
}

/* Made where it is missing: there must be something to watch. */
static int open_watch(void)
{
	char path[PATH_MAX];
	int fd, r;

	if (instance_path(path, sizeof(path), "/etc") == 0)
		(void)mkdir(path, 0755);
	r = instance_path(path, sizeof(path), INDEX_FOLDER);
	if (r < 0)
		return r;
	(void)mkdir(path, 0755);
	fd = inotify_init1(IN_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (inotify_add_watch(fd, path, IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE) < 0) {
		r = -errno;
		(void)close(fd);
		return r;
	}
	return fd;
}

void events_disk_start(void)
{
	pthread_t thread;
	int fd = open_watch();

	if (fd >= 0) {
		look(told_read() == 0);
		if (pthread_create(&thread, NULL, watch, (void *)(intptr_t)fd) == 0) {
			(void)pthread_detach(thread);
			return;
		}
		(void)close(fd);
		fd = -EAGAIN;
	}
	log_line(LOG_WARNING, "Cannot watch %s (%s): states of zones on disk are no events",
		INDEX_FOLDER, strerror(-fd));
}
