/* SPDX-License-Identifier: MIT */
/*
 * Zones as dlmgmtd knows them; see zones.h. Each is found by its id and by its name, several times in
 * each boot of any of them; who wants all goes through those of all ids.
 *
 * After a restart the active store tells at once which zones had the door and
 * which links were lent; zoned, when it is there, tells whether that is still so.
 */
#include "dlmgmtd/zones.h"
#include "dlmgmtd/link-ops.h"
#include "dlmgmtd/privileges.h"
#include "dlmgmtd/recover.h"
#include "dlmgmtd/server.h"
#include "linux/instance.h"
#include "linux/log.h"
#include "zone/zone-calls.h"

#include <door_linux.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <sys/queue.h>
#include <sys/stat.h>

#define ZONE_DEV_FMT  "/run/zones/%s.dev" /* below the prefix */
#define ZONE_DOORNAME "dlmgmt_door"

#define BUCKETS 512u /* of a thousand zones two in each */

struct zone {
	LIST_ENTRY(zone) by_id, by_name;
	struct zone_record record;
	struct stat door; /* the name of ours that stands in it; st_ino 0: none does */
};

LIST_HEAD(zones, zone);
static struct zones zones_by_id[BUCKETS], zones_by_name[BUCKETS]; /* link table's lock */
static atomic_bool in_doubt;

static struct zones *with_id(zoneid_t zoneid)
{
	return &zones_by_id[(unsigned int)zoneid % BUCKETS];
}

static struct zones *with_name(const char *name)
{
	unsigned int hash = 5381;

	for (; *name; name++)
		hash = hash * 33 + (unsigned char)*name;
	return &zones_by_name[hash % BUCKETS];
}

static struct zone *zone_find(zoneid_t zoneid)
{
	struct zone *zone;

	LIST_FOREACH(zone, with_id(zoneid), by_id)
	if (zone->record.zoneid == zoneid)
		break;
	return zone;
}

/* Calls fn for each, which may end it. */
static void zones_each(void (*fn)(struct zone *zone, void *arg), void *arg)
{
	struct zone *zone, *next;

	for (size_t i = 0; i < BUCKETS; i++)
		for (zone = LIST_FIRST(&zones_by_id[i]); zone; zone = next) {
			next = LIST_NEXT(zone, by_id);
			fn(zone, arg);
		}
}

static struct zone *zone_add(const struct zone_record *record)
{
	struct zone *zone = calloc(1, sizeof(*zone));

	if (!zone)
		return NULL;
	zone->record = *record;
	LIST_INSERT_HEAD(with_id(record->zoneid), zone, by_id);
	LIST_INSERT_HEAD(with_name(record->name), zone, by_name);
	return zone;
}

/* ---- the door in a zone ---- */

static int door_attach_in(struct zone *zone)
{
	_cleanup_close_ int dirfd = FD_NONE;
	char path[PATH_MAX];
	int r;

	r = instance_path(path, sizeof(path), ZONE_DEV_FMT, zone->record.name);
	if (r < 0)
		return r;
	r = privileges_raise();
	if (r < 0)
		return r;
	dirfd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dirfd < 0 || door_attachat(dirfd, ZONE_DOORNAME, server_door(), 0666) < 0 ||
		fstatat(dirfd, ZONE_DOORNAME, &zone->door, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	privileges_lower();
	return r;
}

/* zoned may have removed the directory with the zone. */
static void door_detach_in(struct zone *zone)
{
	char path[PATH_MAX];

	if (instance_path(path, sizeof(path), ZONE_DEV_FMT "/" ZONE_DOORNAME, zone->record.name) <
			0 ||
		privileges_raise() < 0)
		return;
	if (door_detach(path) < 0 && zone->door.st_ino)
		(void)door_detach_removed(zone->door.st_dev, zone->door.st_ino);
	zone->door.st_ino = 0;
	privileges_lower();
}

/* ---- its own links ---- */

static int store_open_of(const struct zone_record *zone)
{
	struct diag d = {0};
	int r;

	if (!zone->path[0])
		return 0;
	r = store_zone_open(zone->zoneid, zone->path, &d);
	if (r == 0)
		r = links_recover_zone(zone->zoneid);
	if (r < 0)
		log_line(LOG_ERR, "zone=%s: %s", zone->name, d.text[0] ? d.text : strerror(-r));
	return r;
}

/* ---- records ---- */

static void zone_forget(zoneid_t zoneid)
{
	struct zone *zone = zone_find(zoneid);

	if (!zone)
		return;
	if (zone->record.door)
		door_detach_in(zone);
	store_zone_close(zoneid);
	LIST_REMOVE(zone, by_id);
	LIST_REMOVE(zone, by_name);
	free(zone);
	(void)store_delete_zone(zoneid); /* logged; the next start finds it gone */
}

/* The folder that its root directory is in. */
static int zonepath_of(zoneid_t zoneid, char *ret, size_t room)
{
	size_t size;
	char *end;
	int r = zone_call_getattr(zoneid, ZONE_ATTR_ROOT, ret, room, &size);

	if (r < 0)
		return r;
	end = size <= room && str_terminated(ret, room) ? strrchr(ret, '/') : NULL;
	if (!end || end == ret || ret[0] != '/')
		return -EBADMSG;
	*end = '\0';
	return 0;
}

static int zone_identify(zoneid_t zoneid, struct zone_record *ret)
{
	size_t size;
	int r;

	*ret = (struct zone_record){.zoneid = zoneid};
	r = zone_call_getattr(zoneid, ZONE_ATTR_NAME, ret->name, sizeof(ret->name), &size);
	if (r < 0)
		return r;
	if (size > sizeof(ret->name) || !str_terminated(ret->name, sizeof(ret->name)) ||
		!ret->name[0] || ret->name[0] == '.' || strchr(ret->name, '/'))
		return -EBADMSG;
	r = zone_call_getattr(zoneid, ZONE_ATTR_UNIQID, &ret->uniqid, sizeof(ret->uniqid), &size);
	if (r == 0)
		r = size != sizeof(ret->uniqid) ? -EBADMSG
						: zonepath_of(zoneid, ret->path, sizeof(ret->path));
	return r;
}

/* Sets door in the record and writes it. */
static int zone_save(struct zone *zone, bool door)
{
	bool old = zone->record.door;
	int r;

	zone->record.door = door;
	r = store_put_zone(&zone->record);
	if (r < 0)
		zone->record.door = old;
	return r;
}

/*
 * What a zone that is gone had: loans come home, links that it made end with it.
 * The seed drops loans from memory, and the global zone's link is lost until a restart.
 */
static void zone_links_release(zoneid_t zoneid)
{
	struct link *link, *next;

	for (link = link_first_of(zoneid); link; link = next) {
		next = link_next_of(link);
		if (!link->on_loan) {
			link_discard(link);
			continue;
		}
		(void)zone_call_del_datalink(zoneid, link->id); /* its list may be gone */
		link_bring_home(link);
	}
}

static void zone_end(zoneid_t zoneid)
{
	zone_links_release(zoneid);
	zone_forget(zoneid);
}

/* Zones that had the id or the name before: only one lives, and it is not they. */
static void zones_end_earlier(const struct zone_record *now)
{
	struct zone *zone, *next;

	zone = zone_find(now->zoneid);
	if (zone && zone->record.uniqid != now->uniqid)
		zone_end(now->zoneid);
	for (zone = LIST_FIRST(with_name(now->name)); zone; zone = next) {
		next = LIST_NEXT(zone, by_name);
		if (zone->record.uniqid != now->uniqid && streq(zone->record.name, now->name))
			zone_end(zone->record.zoneid);
	}
}

static int zone_note_get(zoneid_t zoneid, struct zone **ret)
{
	struct zone_record record;
	struct zone *zone;
	int r;

	r = zone_identify(zoneid, &record);
	if (r < 0)
		return r;
	zones_end_earlier(&record);
	zone = zone_find(zoneid);
	if (!zone) {
		zone = zone_add(&record);
		if (!zone)
			return -ENOMEM;
		r = zone_save(zone, false);
		if (r < 0) {
			zone_forget(zoneid);
			return r;
		}
	}
	*ret = zone;
	return 0;
}

int zone_note(zoneid_t zoneid)
{
	struct zone *zone;

	return zone_note_get(zoneid, &zone);
}

/* ---- commands ---- */

static int zone_call_allowed(const struct caller *caller, const struct dlmgmt_zone_req *req)
{
	if (!caller->privileged || caller->zoneid != GLOBAL_ZONEID)
		return -EACCES;
	return req->ld_zoneid <= GLOBAL_ZONEID ? -EINVAL : 0;
}

int call_zoneboot(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_zone_req *req = arg;
	struct zone *zone;
	int r;

	r = zone_call_allowed(caller, req);
	if (r == 0)
		r = zone_note_get(req->ld_zoneid, &zone);
	if (r < 0)
		return r;
	if (zone->record.door) { /* it boots again in place */
		door_detach_in(zone);
		zone->record.door = false;
	}
	r = store_open_of(&zone->record);
	if (r == 0)
		r = door_attach_in(zone);
	if (r < 0)
		return r;
	r = zone_save(zone, true);
	if (r < 0)
		door_detach_in(zone);
	return r;
}

int call_zonehalt(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_zone_req *req = arg;
	int r;

	r = zone_call_allowed(caller, req);
	if (r < 0)
		return r;
	zone_end(req->ld_zoneid);
	return 0;
}

/* ---- restart ---- */

static int restore_one(const struct zone_record *record)
{
	struct zone *zone = zone_add(record);
	int r;

	if (!zone)
		return -ENOMEM;
	if (!record->door)
		return 0;
	(void)store_open_of(record); /* logged: the zone lives on, and cannot configure links */
	r = door_attach_in(zone);
	if (r < 0)
		log_line(LOG_WARNING, "zone=%s: Cannot attach the door again: %s", record->name,
			strerror(-r));
	return 0;
}

int zones_restore(void)
{
	return store_load_zones(restore_one);
}

static void detach_step(struct zone *zone, void *arg)
{
	if (zone->record.door)
		door_detach_in(zone);
}

void zones_detach_all(void)
{
	link_table_wrlock();
	zones_each(detach_step, NULL);
	link_table_unlock();
}

static bool list_has(const uint32_t *list, uint32_t count, uint32_t id)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		if (list[i] == id)
			return true;
	return false;
}

/* Follows zoned's list of one zone's links. */
static int verify_links(zoneid_t zoneid)
{
	_cleanup_free_ datalink_id_t *ids = NULL;
	struct link *link, *next;
	uint32_t count, i;
	int r;

	r = zone_call_list_datalink(zoneid, &ids, &count);
	if (r < 0)
		return r;
	for (i = 0; i < count; i++) {
		link = link_by_id(ids[i], GLOBAL_ZONEID);
		if (!link) /* it ended when zoned could not be told; its id may be another's one day */
			(void)zone_call_del_datalink(zoneid, ids[i]);
		if (!link || link->zoneid == zoneid || !(link->flags & DLMGMT_ACTIVE) ||
			(link->zoneid != GLOBAL_ZONEID && !link->on_loan))
			continue;
		r = zone_note(zoneid);
		if (r == 0)
			r = link_move(link, zoneid);
		if (r == 0)
			r = store_put(STORE_ACTIVE, link);
		if (r < 0)
			log_line(LOG_WARNING, "Link %s: zone %d has it, but: %s", link->name,
				zoneid, strerror(-r));
	}
	for (link = link_first_of(zoneid); link; link = next) {
		next = link_next_of(link);
		if (link->on_loan && !list_has(ids, count, link->id))
			link_bring_home(link);
	}
	return 0;
}

struct alive {
	const zoneid_t *ids;
	uint32_t count;
};

/* One that zoned does not know any more, or that is another of the same id. */
static void verify_step(struct zone *zone, void *arg)
{
	const struct alive *alive = arg;
	struct zone_record now;
	uint32_t i;

	for (i = 0; i < alive->count && alive->ids[i] != zone->record.zoneid; i++)
		;
	if (i < alive->count && zone_identify(alive->ids[i], &now) == 0 &&
		now.uniqid == zone->record.uniqid)
		return;
	log_line(LOG_NOTICE, "zone=%s: Is gone, its links come home", zone->record.name);
	zone_end(zone->record.zoneid);
}

void zones_doubt(void)
{
	atomic_store(&in_doubt, true);
}

bool zones_doubted(void)
{
	return atomic_load(&in_doubt);
}

int zones_verify(void)
{
	_cleanup_free_ zoneid_t *ids = NULL;
	uint32_t count, i;
	int r;

	link_table_wrlock();
	r = zone_call_list(&ids, &count);
	if (r == 0)
		zones_each(verify_step, &(struct alive){ids, count});
	for (i = 0; r == 0 && i < count; i++)
		if (ids[i] != GLOBAL_ZONEID)
			r = verify_links(ids[i]);
	if (r == 0)
		atomic_store(&in_doubt, false);
	link_table_unlock();
	return r;
}
