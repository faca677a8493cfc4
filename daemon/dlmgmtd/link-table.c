/* SPDX-License-Identifier: MIT */
/*
 * The link table; see link-table.h.
 *
 * Links are found by name and by id in hash tables (uthash): one look-up is a step of what a
 * door call takes, and with 100,000 links a tree costs more misses of the CPU's caches than
 * the whole call. The order of ids, for walks, is a tsearch(3) tree, which the C library
 * keeps balanced.
 *
 * An entry can fail to be allocated, a removal cannot fail: every change first
 * inserts what is new and then removes what is old. For that names have
 * entries of their own instead of the links themselves, whose key would change.
 *
 * tsearch has no "next": a search that falls off the tree passes its successor
 * on the way down, and the comparison notes it.
 */
#define HASH_NONFATAL_OOM 1 /* an entry that was not added has no table */
#include "dlmgmtd/link-table.h"
#include "dladm/dladm.h"

#include <pthread.h>
#include <search.h>

struct link_name {
	struct link_name_key {
		zoneid_t zoneid;
		char name[MAXLINKNAMELEN]; /* zeros behind the name: it is hashed as a whole */
	} key;
	struct link *link;
	UT_hash_handle hh;
};

static pthread_rwlock_t table_lock = PTHREAD_RWLOCK_INITIALIZER;
static void *id_tree;		  /* struct link, in order; table_lock */
static struct link *by_id;	  /* all of them; table_lock */
static struct link_name *by_name; /* table_lock */
static datalink_id_t last_id;	  /* handed out; table_lock */

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

static int compare_id(const void *a, const void *b)
{
	const struct link *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

struct id_probe {
	struct link key; /* first: the comparison is called with it or with a link */
	const struct link *above;
};

/* The first argument is always the key of the search. */
static int compare_probe(const void *a, const void *b)
{
	struct id_probe *probe = (struct id_probe *)a;
	const struct link *link = b;

	if (link->id <= probe->key.id)
		return 1;
	probe->above = link;
	return -1;
}

struct link *link_next(datalink_id_t above)
{
	struct id_probe probe = {.key.id = above};

	(void)tfind(&probe, &id_tree, compare_probe);
	return (struct link *)probe.above;
}

static struct link *find_id(datalink_id_t id)
{
	struct link *link;

	HASH_FIND(hh, by_id, &id, sizeof(id), link);
	return link;
}

bool link_visible(const struct link *link, zoneid_t caller)
{
	return link->zoneid == caller || (caller == GLOBAL_ZONEID && link->on_loan);
}

struct link *link_by_id(datalink_id_t id, zoneid_t caller)
{
	struct link *link = find_id(id);

	return link && (caller == GLOBAL_ZONEID || link->zoneid == caller) ? link : NULL;
}

struct link *link_by_name(const char *name, zoneid_t zoneid)
{
	struct link_name_key key = {.zoneid = zoneid};
	struct link_name *entry;

	if (str_copy(key.name, sizeof(key.name), name) < 0)
		return NULL;
	HASH_FIND(hh, by_name, &key, sizeof(key), entry);
	return entry ? entry->link : NULL;
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

	for (link = link_next(0); link; link = link_next(link->id))
		count += link->zoneid == zoneid && !link->on_loan;
	return count;
}

/* -EEXIST when the zone has that name, -ENOMEM. */
static int name_insert(struct link *link, const char *name, zoneid_t zoneid, struct link_name **ret)
{
	struct link_name *entry;

	if (link_by_name(name, zoneid))
		return -EEXIST;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	entry->key.zoneid = zoneid;
	entry->link = link;
	(void)str_copy(entry->key.name, sizeof(entry->key.name), name);
	HASH_ADD(hh, by_name, key, sizeof(entry->key), entry);
	if (!entry->hh.tbl) {
		free(entry);
		return -ENOMEM;
	}
	*ret = entry;
	return 0;
}

/* Accepts NULL. */
static void name_remove(struct link_name *entry)
{
	if (!entry)
		return;
	HASH_DEL(by_name, entry);
	free(entry);
}

/* DATALINK_INVALID_LINKID when none is free. Ids that were given back are reused last. */
static datalink_id_t id_next_free(void)
{
	datalink_id_t id = last_id, start = last_id;

	do {
		if (++id == DATALINK_INVALID_LINKID)
			id = 1;
		if (!find_id(id))
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
	if (spec->id != DATALINK_INVALID_LINKID && find_id(spec->id))
		return -EEXIST;
	if (spec->zoneid != GLOBAL_ZONEID && !spec->on_loan &&
		link_count_own(spec->zoneid) >= LINKS_PER_ZONE_MAX)
		return -ENOSPC;
	return 0;
}

/* One that was made for a zone and goes with it has its name there alone. */
static bool keeps_home_name(const struct link *link)
{
	return !(link->flags & DLMGMT_TRANSIENT);
}

static int link_insert(struct link *link)
{
	int r;

	r = name_insert(link, link->name, link->zoneid, &link->here);
	if (r < 0)
		return r;
	if (link->on_loan && keeps_home_name(link)) {
		r = name_insert(link, link->name, GLOBAL_ZONEID, &link->home);
		if (r < 0)
			return r;
	}
	HASH_ADD(hh, by_id, id, sizeof(link->id), link);
	if (!link->hh.tbl)
		return -ENOMEM;
	if (tsearch(link, &id_tree, compare_id))
		return 0;
	HASH_DEL(by_id, link);
	return -ENOMEM;
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
	(void)str_copy(link->name, sizeof(link->name), spec->name);

	r = link->id == DATALINK_INVALID_LINKID ? -ENOSPC : link_insert(link);
	if (r < 0) {
		name_remove(link->here);
		name_remove(link->home);
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
	(void)tdelete(link, &id_tree, compare_id);
	HASH_DEL(by_id, link);
	name_remove(link->here);
	name_remove(link->home);
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
	struct link_name *here, *home = NULL;
	int r;

	if (!dladm_valid_linkname(name))
		return -EINVAL;
	r = name_insert(link, name, link->zoneid, &here);
	if (r < 0)
		return r;
	if (link->home) {
		r = name_insert(link, name, GLOBAL_ZONEID, &home);
		if (r < 0) {
			name_remove(here);
			return r;
		}
	}
	*ret = (struct link_rename){.here = link->here, .home = link->home};
	(void)str_copy(ret->name, sizeof(ret->name), link->name);
	link->here = here;
	link->home = home;
	return str_copy(link->name, sizeof(link->name), name);
}

void link_rename_end(struct link *link, struct link_rename *old, bool keep)
{
	if (keep) {
		name_remove(old->here);
		name_remove(old->home);
		return;
	}
	name_remove(link->here);
	name_remove(link->home);
	link->here = old->here;
	link->home = old->home;
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
static int home_name(struct link *link)
{
	struct link_name *entry;
	char name[MAXLINKNAMELEN];
	int r = name_insert(link, link->name, GLOBAL_ZONEID, &entry);

	if (r == -EEXIST) {
		r = link_name_generate("lost", GLOBAL_ZONEID, name);
		if (r == 0)
			r = name_insert(link, name, GLOBAL_ZONEID, &entry);
		if (r == 0)
			(void)str_copy(link->name, sizeof(link->name), name);
	}
	if (r == 0)
		link->home = entry;
	return r;
}

int link_move(struct link *link, zoneid_t zoneid)
{
	struct link_name *entry;
	int r;

	if (link->zoneid == zoneid)
		return 0;
	if (zoneid == GLOBAL_ZONEID && link->on_loan) {
		r = link->home ? 0 : home_name(link);
		if (r < 0)
			return r;
		name_remove(link->here);
		link->here = TAKE_PTR(link->home);
	} else {
		r = name_insert(link, link->name, zoneid, &entry);
		if (r < 0)
			return r;
		if (link->on_loan || !keeps_home_name(link))
			name_remove(link->here);
		else
			link->home = link->here;
		link->here = entry;
	}
	link->zoneid = zoneid;
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
