/* SPDX-License-Identifier: MIT */
/*
 * A new zoned finds the zones of the one before it.
 *
 * Every zone that lives has a zsched, and every zsched has a door file in the run
 * directory and zoned's record of its zone. A zone without a zsched that answers, one
 * that was not READY yet and one that was being destroyed are taken away:
 * nobody was told that they exist, or that they still do. The same happens to control
 * groups that no zone owns; everything below the instance's group "zones" is zoned's.
 * But no zone goes because zoned lacks memory, descriptors or room in a file system: then zoned does not start.
 */
#include "zoned/event.h"
#include "zoned/zone-impl.h"

#include "linux/cgroup-control.h"
#include "linux/log.h"
#include "zone/zsched-calls.h"

#include <dirent.h>
#include <door_linux.h>
#include <fcntl.h>
#include <limits.h>

#define CLEAR_MS 10000

/* ---- taking away ---- */

static void remove_files(const char *name)
{
	char path[PATH_MAX];

	if (instance_path(path, sizeof(path), ZSCHED_DOOR_FMT, name) == 0)
		(void)unlink(path);
	zone_dev_remove(name);
	zone_stack_remove(name);
}

static void clear_away(const char *name, const char *why)
{
	struct diag d = {0};
	struct zone *z;
	int r;

	log_line(LOG_WARNING, "zone=%s %s; what is left of it is taken away", name, why);
	if (zone_new(&z) < 0)
		return;
	r = str_copy(z->name, sizeof(z->name), name);
	if (r == 0)
		r = zone_group_empty(z, NULL, CLEAR_MS, &d);
	if (r == 0)
		r = zone_groups_remove(z, &d);
	if (r < 0)
		log_line(LOG_ERR, "zone=%s %s", name, d.text[0] ? d.text : strerror(-r));
	remove_files(name);
	zone_free(z);
}

/* ---- restoring ---- */

static int read_record(struct zone *z, const char *name, struct diag *d)
{
	_cleanup_close_ int fd = FD_NONE;
	int r = zsched_call_getfds(name, ZSCHED_FD_RECORD, &fd, d);

	if (r == 0)
		r = zone_record_map(z, name, fd, d);
	if (r < 0)
		return r;
	r = zone_record_load(z);
	if (r == -ENODATA)
		return diag_set(d, r, "It was being created");
	if (r < 0)
		return diag_errno(d, r, "Its record cannot be read");
	if (!streq(z->name, name))
		return diag_set(d, -EBADMSG, "Its record is that of zone '%s'", z->name);
	if (z->status < ZONE_IS_READY || z->status >= ZONE_IS_DYING)
		return diag_set(d, -ECANCELED, "It was %s", zone_status_name(z->status));
	return 0;
}

/* The part of the record that zsched knows better. */
static void correct_status(struct zone *z, const struct zsched_info_reply *info)
{
	if (z->status == ZONE_IS_BOOTING && info->init_pid > 0)
		z->status = ZONE_IS_RUNNING;
	if ((z->status == ZONE_IS_BOOTING || z->status == ZONE_IS_RUNNING) && !info->init_pid)
		z->status = info->init_ended && info->init_next == ZSCHED_NEXT_RESTART
				    ? ZONE_IS_RUNNING
				    : ZONE_IS_SHUTTING_DOWN;
	if (z->status == ZONE_IS_EMPTY) /* the rest of the shutdown is done again */
		z->status = ZONE_IS_SHUTTING_DOWN;
}

static int fill(struct zone *z, const char *name, struct diag *d)
{
	struct zsched_info_reply info;
	struct diag limits = {0};
	int r = zsched_call_getinfo(name, &info, d);

	if (r < 0)
		return r;
	r = read_record(z, name, d);
	if (r < 0)
		return r;
	z->id = info.zoneid;
	z->uniqid = info.uniqid;
	z->uid_base = info.uid_base;
	if (z->id <= GLOBAL_ZONEID || z->id > MAX_ZONEID || !streq(info.name, name))
		return diag_set(d, -EBADMSG, "Its zsched holds zone '%s', id %d", info.name, z->id);
	r = zsched_adopt(z, d);
	if (r < 0)
		return r;
	correct_status(z, &info);
	/* A change may have been applied and not stored. */
	if (zone_rctls_restore(z, &limits) < 0)
		log_line(LOG_WARNING, "zone=%s Its limits may not be those stored: %s", name,
			limits.text);
	zone_freeze_restore(z);
	z->init_pid = info.init_pid;
	z->init_restarts = info.init_pid ? info.init_ended : 0;
	if (!info.init_pid && info.init_ended)
		z->init_restarts = info.init_ended - 1;
	if (door_zone_mark(name, z->id, z->uniqid, z->uid_base, (ino_t)info.userns_inode) < 0)
		return diag_errno(d, -errno, "Its control group cannot be marked");
	return 0;
}

static int attach(struct zone *z, struct diag *d)
{
	int r = zsd_configure(z);

	if (r == 0)
		r = zsd_create_all(z, d);
	if (r < 0)
		return r;
	if (z->init_pid) {
		r = zone_init_watch(z, z->init_pid, FD_NONE, d);
		if (r == -ESRCH) { /* ended just now */
			z->init_pid = 0;
			r = 0;
		}
	}
	if (r == 0)
		r = zone_watch_add(z, WATCH_ZSCHED, z->zsched);
	return r;
}

static bool is_lack(int r)
{
	return r == -ENOMEM || r == -EMFILE || r == -ENFILE || r == -ENOSPC || r == -EDQUOT;
}

static int give_up(const char *name, int r, const struct diag *why, struct diag *d)
{
	const char *text = why->text[0] ? why->text : strerror(-r);

	if (is_lack(r))
		return diag_set(d, r, "Cannot find zone '%s' again: %s", name, text);
	clear_away(name, text);
	return 0;
}

static int restore(const char *name, struct diag *d)
{
	struct diag why = {0};
	struct zone *z;
	int r = zone_new(&z);

	if (r < 0)
		return give_up(name, r, &why, d);
	r = fill(z, name, &why);
	if (r == 0)
		r = zone_table_restore(z);
	if (r < 0) {
		zone_free(z);
		return give_up(name, r, &why, d);
	}
	r = attach(z, &why);
	if (is_lack(r)) /* what the zone has stays with it, what was made of that ends with this zoned */
		return give_up(name, r, &why, d);
	if (r < 0) {
		zsd_destroy_all(z);
		(void)give_up(name, r, &why, d);
		(void)zone_table_remove(z);
		return 0;
	}
	log_line(LOG_NOTICE, "zone=%s Found, id %d, %s", name, z->id, zone_status_name(z->status));
	zone_save_logged(z);
	if (z->status == ZONE_IS_RUNNING && !z->init_pid)
		zone_init_ended_later(z);
	return 0;
}

/* ---- looking ---- */

/* Calls fn with each name in a directory that ends with suffix, without it; its first error ends that. */
static int each_name(const char *path, const char *suffix,
	int (*fn)(const char *name, struct diag *d), struct diag *d)
{
	DIR *dir = opendir(path);
	size_t n = strlen(suffix);
	const struct dirent *e;
	int r = 0;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while (r == 0 && (e = readdir(dir))) {
		size_t len = strlen(e->d_name);
		char name[ZONENAME_MAX];

		if (e->d_name[0] == '.' || len <= n || len - n >= sizeof(name) ||
			!streq(e->d_name + len - n, suffix))
			continue;
		memcpy(name, e->d_name, len - n);
		name[len - n] = '\0';
		r = fn(name, d);
	}
	(void)closedir(dir);
	return r;
}

static bool is_known(const char *name)
{
	struct zone *z = zone_hold_by_name(name, ZONE_IS_UNINITIALIZED, ZONE_IS_DEAD);

	if (z)
		zone_rele(z, ZONE_REF_CALL);
	return z != NULL;
}

static int clear_group(const char *name, struct diag *d)
{
	char events[2 * ZONENAME_MAX], path[PATH_MAX];

	/* Only what has this file is a group: the others are the parent's own files. */
	(void)snprintf(events, sizeof(events), ZONE_GROUPS "/%s/cgroup.events", name);
	if (is_known(name) || cgroup_v2_path(path, sizeof(path), events) < 0 ||
		access(path, F_OK) < 0)
		return 0;
	clear_away(name, "No zsched owns its control group");
	return 0;
}

static int clear_files(const char *name, struct diag *d)
{
	if (!is_known(name))
		remove_files(name);
	return 0;
}

/* A zone that was told of as alive: if it is, subscribers hear what it is now. */
static bool still_alive(zoneid_t id, uint64_t uniqid)
{
	struct zone *z = zone_hold_by_id(id, ZONE_IS_UNINITIALIZED, ZONE_IS_DEAD, ZONE_REF_CALL);
	bool alive;

	if (!z)
		return false;
	alive = z->uniqid == uniqid;
	zone_rele(z, ZONE_REF_CALL);
	return alive;
}

static int tell(struct zone *z, void *arg)
{
	zone_status_tell(z);
	return 0;
}

int zones_rebuild(struct diag *d)
{
	char path[PATH_MAX];
	int r;

	r = instance_path(path, sizeof(path), "%s", INSTANCE_RUN);
	if (r == 0)
		r = each_name(path, ZSCHED_DOOR_SUFFIX, restore, d);
	if (r == 0)
		r = each_name(path, ".dev", clear_files, d);
	if (r == 0)
		r = each_name(path, ".stack", clear_files, d);
	if (r < 0)
		return d->text[0] ? r : diag_errno(d, r, "Cannot look for zones in %s", path);
	r = cgroup_v2_path(path, sizeof(path), ZONE_GROUPS);
	if (r == 0)
		r = each_name(path, "", clear_group, d);
	if (r < 0)
		return diag_errno(d, r, "Cannot look for control groups in %s", path);
	event_ring_settle(still_alive);
	(void)zones_walk(ZONE_IS_UNINITIALIZED, ZONE_IS_DEAD, tell, NULL);
	return 0;
}
