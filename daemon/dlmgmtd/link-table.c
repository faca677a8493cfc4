/* SPDX-License-Identifier: MIT */
/*
 * The link table; see link-table.h. How a link is found is link-index.c's.
 *
 * An entry can fail to be added, a removal cannot fail: every change first adds what is new and
 * then removes what is old.
 */
#include "dlmgmtd/link-table.h"
#include "dladm/dladm.h"
#include "dlmgmtd/link-index.h"

#include <pthread.h>

static pthread_rwlock_t table_lock = PTHREAD_RWLOCK_INITIALIZER;
static datalink_id_t last_id; /* handed out; table_lock */

/* So that the end of a zone costs what its own links do. */
#define ZONE_BUCKETS 512u
static LIST_HEAD(links, link) in_zone[ZONE_BUCKETS]; /* table_lock */

void link_table_rdlock(void)
{
	(void)pthread_rwlock_rdlock(&table_lock);
}

void link_table_wrlock(void)
{
	(void)pthread_rwlock_wrlock(&table_lock);
}

void link_table_unlock(void)
{
	(void)pthread_rwlock_unlock(&table_lock);
}

struct link *link_next(datalink_id_t above)
{
	return index_next(above);
}

static void zone_list_add(struct link *link)
{
	if (link->zoneid != GLOBAL_ZONEID)
		LIST_INSERT_HEAD(
			&in_zone[(unsigned int)link->zoneid % ZONE_BUCKETS], link, of_zone);
}

static void zone_list_remove(struct link *link)
{
	if (link->zoneid != GLOBAL_ZONEID)
		LIST_REMOVE(link, of_zone);
}

/* The first from here on, in a list that other zones may share. */
static struct link *same_zone(struct link *link, zoneid_t zoneid)
{
	while (link && link->zoneid != zoneid)
		link = LIST_NEXT(link, of_zone);
	return link;
}

struct link *link_first_of(zoneid_t zoneid)
{
	return same_zone(LIST_FIRST(&in_zone[(unsigned int)zoneid % ZONE_BUCKETS]), zoneid);
}

struct link *link_next_of(const struct link *link)
{
	return same_zone(LIST_NEXT(link, of_zone), link->zoneid);
}

bool link_visible(const struct link *link, zoneid_t caller)
{
	return link->zoneid == caller || (caller == GLOBAL_ZONEID && link->on_loan);
}

struct link *link_by_id(datalink_id_t id, zoneid_t caller)
{
	struct link *link = index_by_id(id);

	return link && (caller == GLOBAL_ZONEID || link->zoneid == caller) ? link : NULL;
}

struct link *link_by_name(const char *name, zoneid_t zoneid)
{
	return index_by_name(name, zoneid);
}

struct link *link_by_device(const char *devname, zoneid_t caller)
{
	struct link *link;

	for (link = link_next(0); link; link = link_next(link->id))
		if (link->class == DATALINK_CLASS_PHYS && link_visible(link, caller) &&
			link_attrs_equal(
				&link->attrs, DLADM_ATTR_DEVNAME, devname, strlen(devname) + 1))
			return link;
	return NULL;
}

unsigned int link_count_own(zoneid_t zoneid)
{
	unsigned int count = 0;
	struct link *link;

	for (link = link_first_of(zoneid); link; link = link_next_of(link))
		count += !link->on_loan;
	return count;
}

/* One that was made for a zone and goes with it has its name there alone. */
static bool keeps_home_name(const struct link *link)
{
	return !(link->flags & DLMGMT_TRANSIENT);
}

static int name_insert(struct link *link, const char *name, zoneid_t zoneid)
{
	return link_by_name(name, zoneid) ? -EEXIST : index_add_name(name, zoneid, link);
}

/* Where the link is and, while it keeps its name there, at home. -EEXIST, -ENOMEM: nothing has changed. */
static int names_insert(struct link *link, const char *name)
{
	int r = name_insert(link, name, link->zoneid);

	if (r == 0 && link->named_home) {
		r = name_insert(link, name, GLOBAL_ZONEID);
		if (r < 0)
			index_remove_name(name, link->zoneid, link);
	}
	return r;
}

static void names_remove(struct link *link, const char *name)
{
	index_remove_name(name, link->zoneid, link);
	if (link->named_home)
		index_remove_name(name, GLOBAL_ZONEID, link);
}

/* DATALINK_INVALID_LINKID when none is free. Ids that were given back are reused last. */
static datalink_id_t id_next_free(void)
{
	datalink_id_t id = last_id, start = last_id;

	do {
		if (++id == DATALINK_INVALID_LINKID)
			id = 1;
		if (!index_by_id(id))
			return id;
	} while (id != start);
	return DATALINK_INVALID_LINKID;
}

static bool class_valid(uint32_t class)
{
	return class && (class & (class - 1)) == 0 && (class & ~(uint32_t)DATALINK_CLASS_ALL) == 0;
}

static bool flags_valid(uint32_t flags)
{
	const uint32_t exclusive = DLMGMT_PERSIST | DLMGMT_TRANSIENT;

	return flags && !(flags & ~(DLMGMT_ACTIVE | exclusive)) && (flags & exclusive) != exclusive;
}

static int spec_check(const struct link_spec *spec)
{
	if (!dladm_valid_linkname(spec->name) || !class_valid(spec->class) ||
		!flags_valid(spec->flags))
		return -EINVAL;
	if (spec->on_loan && spec->zoneid == GLOBAL_ZONEID)
		return -EINVAL;
	if (spec->id != DATALINK_INVALID_LINKID && index_by_id(spec->id))
		return -EEXIST;
	if (spec->zoneid != GLOBAL_ZONEID && !spec->on_loan &&
		link_count_own(spec->zoneid) >= LINKS_PER_ZONE_MAX)
		return -ENOSPC;
	return 0;
}

static int link_insert(struct link *link)
{
	int r = names_insert(link, link->name);

	if (r < 0)
		return r;
	r = index_add_id(link->id, link);
	if (r < 0)
		names_remove(link, link->name);
	else
		zone_list_add(link);
	return r;
}

int link_create(const struct link_spec *spec, struct link **ret)
{
	struct link *link;
	int r;

	r = spec_check(spec);
	if (r < 0)
		return r;
	link = calloc(1, sizeof(*link));
	if (!link)
		return -ENOMEM;
	link->id = spec->id != DATALINK_INVALID_LINKID ? spec->id : id_next_free();
	link->class = spec->class;
	link->media = spec->media;
	link->flags = spec->flags;
	link->zoneid = spec->zoneid;
	link->on_loan = spec->on_loan;
	link->named_home = link->on_loan && keeps_home_name(link);
	(void)str_copy(link->name, sizeof(link->name), spec->name);

	r = link->id == DATALINK_INVALID_LINKID ? -ENOSPC : link_insert(link);
	if (r < 0) {
		free(link);
		return r;
	}
	if (spec->id == DATALINK_INVALID_LINKID || link->id > last_id)
		last_id = link->id;
	*ret = link;
	return 0;
}

void link_destroy(struct link *link)
{
	index_remove_id(link->id);
	names_remove(link, link->name);
	zone_list_remove(link);
	link_attrs_fini(&link->attrs);
	free(link);
}

void link_table_clear(void)
{
	struct link *link;

	while ((link = link_next(0)))
		link_destroy(link);
	last_id = 0;
}

int link_rename_begin(struct link *link, const char *name, struct link_rename *ret)
{
	int r;

	if (!dladm_valid_linkname(name))
		return -EINVAL;
	r = names_insert(link, name);
	if (r < 0)
		return r;
	(void)str_copy(ret->name, sizeof(ret->name), link->name);
	return str_copy(link->name, sizeof(link->name), name);
}

void link_rename_end(struct link *link, struct link_rename *old, bool keep)
{
	if (keep) {
		names_remove(link, old->name);
		return;
	}
	names_remove(link, link->name);
	(void)str_copy(link->name, sizeof(link->name), old->name);
}

int link_rename(struct link *link, const char *name)
{
	struct link_rename old;
	int r = link_rename_begin(link, name, &old);

	if (r == 0)
		link_rename_end(link, &old, true);
	return r;
}

/* A name at home for one that left it to others: its own, or another. */
static int home_name(struct link *link, char name[MAXLINKNAMELEN])
{
	int r = name_insert(link, name, GLOBAL_ZONEID);

	if (r == -EEXIST)
		r = link_name_generate("lost", GLOBAL_ZONEID, name);
	return r == 0 && !streq(name, link->name) ? name_insert(link, name, GLOBAL_ZONEID) : r;
}

static int move_home(struct link *link)
{
	char name[MAXLINKNAMELEN];
	int r;

	memcpy(name, link->name, sizeof(name));
	r = link->named_home ? 0 : home_name(link, name);
	if (r < 0)
		return r;
	index_remove_name(link->name, link->zoneid, link);
	memcpy(link->name, name, sizeof(name));
	return 0;
}

static int move_to_zone(struct link *link, zoneid_t zoneid)
{
	int r = name_insert(link, link->name, zoneid);

	if (r < 0)
		return r;
	if (link->on_loan || !keeps_home_name(link))
		index_remove_name(link->name, link->zoneid, link);
	return 0;
}

int link_move(struct link *link, zoneid_t zoneid)
{
	int r;

	if (link->zoneid == zoneid)
		return 0;
	if (zoneid == GLOBAL_ZONEID && link->on_loan)
		r = move_home(link);
	else
		r = move_to_zone(link, zoneid);
	if (r < 0)
		return r;
	if (!link->on_loan || zoneid == GLOBAL_ZONEID)
		link->named_home = zoneid != GLOBAL_ZONEID && keeps_home_name(link);
	zone_list_remove(link);
	link->zoneid = zoneid;
	zone_list_add(link);
	link->on_loan = zoneid != GLOBAL_ZONEID;
	return 0;
}

int link_name_generate(const char *prefix, zoneid_t zoneid, char name[MAXLINKNAMELEN])
{
	unsigned int number;
	int n;

	if (!dladm_valid_linkprefix(prefix))
		return -EINVAL;
	for (number = 0; number < UINT32_MAX; number++) {
		n = snprintf(name, MAXLINKNAMELEN, "%s%u", prefix, number);
		if (n >= MAXLINKNAMELEN)
			return -ENOSPC;
		if (!link_by_name(name, zoneid))
			return 0;
	}
	return -ENOSPC;
}
