/* SPDX-License-Identifier: MIT */
/*
 * Which zone is a process in? Its control group says: zones/<name>/... of this instance is the zone
 * of that name, and the mark on the group tells the zone's id.
 *
 * Where a group is, and so to which name it belongs, never changes, and its id is never
 * used again while the host runs; that much is remembered. The mark can change (a zone that boots
 * again), and is read each time.
 *
 * Lock: table_lock, alone.
 */
#include "door/cred.h"
#include "linux/cgroup.h"

#include <pthread.h>
#include <sys/stat.h>

#define TABLE_SIZE 64u /* a power of two */

enum place_kind {
	PLACE_UNKNOWN,
	PLACE_GLOBAL,
	PLACE_ZSCHED, /* zones/<name>/zsched: the host's, for that zone */
	PLACE_ZONE,   /* zones/<name>/zone and below */
	PLACE_BESIDE, /* elsewhere below zones/<name>: has the zone's id and no rights */
};

struct place {
	uint64_t group;
	enum place_kind kind;
	char name[NAME_MAX + 1];
};

static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static struct place table[TABLE_SIZE];

static void place_of_path(const char *group, struct place *ret)
{
	const char *rest;

	if (!cgroup_zone_of(group, ret->name, sizeof(ret->name), &rest))
		ret->kind = PLACE_GLOBAL;
	else if (streq(rest, "zsched"))
		ret->kind = PLACE_ZSCHED;
	else if (streq(rest, "zone") || strncmp(rest, "zone/", 5) == 0)
		ret->kind = PLACE_ZONE;
	else
		ret->kind = PLACE_BESIDE;
}

/* Is the group at this path the one with this id? */
static bool is_group(const char *path, uint64_t group)
{
	char full[PATH_MAX];
	const char *mount = cgroup_v2_mount();
	struct stat st;
	int n;

	if (!mount || group == 0)
		return false;
	n = snprintf(full, sizeof(full), "%s/%s", mount, path);
	return n > 0 && (size_t)n < sizeof(full) && stat(full, &st) == 0 && st.st_ino == group;
}

/*
 * group: the id, 0 when it is not known. Leaves PLACE_UNKNOWN when it cannot be found out. ret may be
 * what an earlier call has filled.
 */
static void find_place(pid_t tid, uint64_t group, struct place *ret)
{
	struct place *slot = &table[(group ^ group >> 6) % TABLE_SIZE];
	char path[PATH_MAX];

	if (group != 0 && ret->group == group && ret->kind != PLACE_UNKNOWN)
		return;
	ret->kind = PLACE_UNKNOWN;
	(void)pthread_mutex_lock(&table_lock);
	if (group != 0 && slot->group == group)
		*ret = *slot;
	(void)pthread_mutex_unlock(&table_lock);
	if (ret->kind != PLACE_UNKNOWN || cgroup_of_pid(tid, path, sizeof(path)) < 0)
		return;
	place_of_path(path, ret);
	ret->group = group;
	if (group == 0)
		return;
	/* By number another process may have been meant. */
	if (!is_group(path, group)) {
		ret->kind = PLACE_UNKNOWN;
		return;
	}
	(void)pthread_mutex_lock(&table_lock);
	*slot = *ret;
	(void)pthread_mutex_unlock(&table_lock);
}

void cred_read_zone(struct ucred_s *cred, uint64_t group, ino_t own_userns, ino_t *ret_userns)
{
	static _Thread_local struct place place; /* a thread often serves the same client again */
	struct door_zone zone;

	*ret_userns = 0;
	cred->zone = -1;
	cred->zsched_of[0] = '\0';
	find_place(cred->tid, group, &place);
	switch (place.kind) {
	case PLACE_ZSCHED:
		(void)str_copy(cred->zsched_of, sizeof(cred->zsched_of), place.name);
		__attribute__((fallthrough));
	case PLACE_GLOBAL:
		cred->zone = GLOBAL_ZONEID;
		cred->root = 0;
		*ret_userns = own_userns;
		break;
	case PLACE_ZONE:
	case PLACE_BESIDE:
		if (door_zone_read(place.name, &zone) < 0)
			break;
		cred->zone = zone.id;
		cred->root = zone.uid_base;
		*ret_userns = place.kind == PLACE_ZONE ? zone.userns_inode : 0;
		break;
	case PLACE_UNKNOWN:
		break;
	}
}
