/* SPDX-License-Identifier: MIT */
/* The link table after a start; see recover.h. */
#include "dlmgmtd/recover.h"
#include "dladm/dladm.h"
#include "dlmgmtd/store.h"
#include "linux/log.h"

/* Moves the attributes of a row into a link. */
static void attrs_take(struct link *link, struct link_attrs *attrs)
{
	link_attrs_fini(&link->attrs);
	link->attrs = *attrs;
	*attrs = (struct link_attrs){0};
}

/* A row that cannot be a link is one link less, not a daemon less. */
static int row_refused(const struct link_spec *spec, int err)
{
	if (err == -ENOMEM)
		return err;
	log_line(LOG_WARNING, "Link %s (id %u) in the store is ignored: %s", spec->name, spec->id,
		strerror(-err));
	return 0;
}

/*
 * Whether it is configured too is told by the persistent store alone; what the active one
 * knew of that stands in "configured" until everything is read.
 */
static int take_active(const struct link_spec *row, struct link_attrs *attrs)
{
	struct link_spec spec = *row;
	struct link *link;
	int r;

	spec.flags &= ~DLMGMT_PERSIST;
	r = link_create(&spec, &link);
	if (r < 0)
		return row_refused(row, r);
	link->configured = (row->flags & DLMGMT_PERSIST) != 0;
	attrs_take(link, attrs);
	return 0;
}

static bool ids_differ; /* a configured link has another id than its row */
static zoneid_t owner;	/* whose store is read */

/* Both are one link. */
static void merge(struct link *link, const struct link_spec *row, struct link_attrs *attrs)
{
	ids_differ = ids_differ || link->id != row->id;
	link->flags = (link->flags & ~DLMGMT_TRANSIENT) | DLMGMT_PERSIST;
	attrs_take(link, attrs);
}

/* A configured link that is not active by that name. */
struct inactive {
	struct inactive *next;
	struct link_spec spec;
	char name[MAXLINKNAMELEN];
	struct link_attrs attrs;
};

static struct inactive *inactives; /* while links_recover() runs; last read first */

static int take_persistent(const struct link_spec *row, struct link_attrs *attrs)
{
	struct link *link = link_by_name(row->name, owner);
	struct inactive *later;

	if (link && link_owner(link) != owner) {
		log_line(LOG_WARNING, "Link %s of zone %d: the zone has been lent one of that name",
			row->name, (int)owner);
		return 0;
	}
	if (link && link->class == row->class) {
		merge(link, row, attrs);
		return 0;
	}
	if (link) {
		log_line(LOG_WARNING, "Link %s is configured as another class than it is active as",
			row->name);
		return 0;
	}
	if (!dladm_valid_linkname(row->name))
		return row_refused(row, -EINVAL);
	later = calloc(1, sizeof(*later));
	if (!later)
		return -ENOMEM;
	later->spec = *row;
	(void)str_copy(later->name, sizeof(later->name), row->name);
	later->spec.name = later->name;
	later->attrs = *attrs;
	*attrs = (struct link_attrs){0};
	later->next = inactives;
	inactives = later;
	return 0;
}

/*
 * dlmgmtd died between the two stores, and only the persistent one has the new name. The
 * active link must have been configured, and under no name that it still has.
 */
static struct link *renamed(const struct link_spec *row)
{
	struct link *link = link_by_id(row->id, GLOBAL_ZONEID);

	if (!link || link_owner(link) != owner || link->class != row->class || !link->configured ||
		(link->flags & DLMGMT_PERSIST) || link_rename(link, row->name) < 0)
		return NULL;
	return link;
}

static int take_inactive(struct inactive *later)
{
	struct link *link = renamed(&later->spec);
	struct link_spec spec = later->spec;
	int r;

	if (!link) {
		spec.flags = DLMGMT_PERSIST;
		r = link_create(&spec, &link);
		if (r == -EEXIST) { /* the id has gone to another link meanwhile */
			spec.id = DATALINK_INVALID_LINKID;
			r = link_create(&spec, &link);
		}
		if (r < 0)
			return row_refused(&later->spec, r);
	}
	merge(link, &later->spec, &later->attrs);
	return 0;
}

/* In the order of their ids, so that a new id is given only when all others are taken. */
static int take_inactives(int r)
{
	struct inactive *later, *reversed = NULL;

	while ((later = inactives)) {
		inactives = later->next;
		later->next = reversed;
		reversed = later;
	}
	while ((later = reversed)) {
		reversed = later->next;
		if (r == 0)
			r = take_inactive(later);
		link_attrs_fini(&later->attrs);
		free(later);
	}
	return r;
}

/* What the owner's store has is what is configured. */
static int finish(int r)
{
	struct link *link;

	r = take_inactives(r);
	for (link = link_next(0); link; link = link_next(link->id))
		if (link_owner(link) == owner)
			link->configured = (link->flags & DLMGMT_PERSIST) != 0;
	return r == 0 && ids_differ ? store_renumber(owner) : r;
}

int links_recover(void)
{
	int r;

	ids_differ = false;
	owner = GLOBAL_ZONEID;
	r = store_load(STORE_ACTIVE, take_active);
	if (r == 0)
		r = store_load(STORE_PERSISTENT, take_persistent);
	r = finish(r);
	return r < 0 ? r : store_settle();
}

int links_recover_zone(zoneid_t zone)
{
	struct link *link;
	int r;

	ids_differ = false;
	owner = zone;
	r = finish(store_zone_load(zone, take_persistent));
	store_begin();
	for (link = link_next(0); r == 0 && link; link = link_next(link->id))
		if (link_owner(link) == zone)
			r = store_put(STORE_ACTIVE, link);
	return store_end(r);
}
