/* SPDX-License-Identifier: MIT */
/*
 * All links of the instance, by id and by (name, zone).
 *
 * A link is in the zone that uses it. One that the global zone lent to another
 * zone is on loan: it stands among the names twice, under its zone and under the
 * global zone, so that its name stays taken at home. Not so a transient one, which is only
 * made to be lent: many zones may have a net0. Ids are shared by all
 * zones; names are each zone's own.
 *
 * One reader/writer lock guards everything here. The dispatcher takes it; each
 * function says whether it needs the writer's side ("changes").
 */
#pragma once

#include "dlmgmtd/link-attrs.h"

#include <sys/queue.h>
#include <ucred.h>

#define LINKS_PER_ZONE_MAX 1024 /* that a zone other than the global one may make */

struct link {
	LIST_ENTRY(link) of_zone; /* the others of its zone, if that is not the global one */
	datalink_id_t id;
	uint32_t class;
	uint32_t media;
	uint32_t flags;	     /* DLMGMT_* */
	uint32_t generation; /* changes with the configuration */
	zoneid_t zoneid;     /* that uses it */
	bool on_loan;	     /* zoneid borrowed it from the global zone */
	bool named_home;     /* and its name stays taken there */
	bool configured;     /* its owner's store has it, or will when it can be written */
	char name[MAXLINKNAMELEN];
	struct link_attrs attrs;
};

void link_table_rdlock(void);
void link_table_wrlock(void);
void link_table_unlock(void);

/* Forgets all links. Changes. */
void link_table_clear(void);

/* The zone that made it and whose store has what is configured. */
static inline zoneid_t link_owner(const struct link *link)
{
	return link->on_loan ? GLOBAL_ZONEID : link->zoneid;
}

/* True when callers of that zone may see the link: theirs, and for the global zone those it lent. */
bool link_visible(const struct link *link, zoneid_t caller);

/*
 * Lookups return NULL when the caller may not see it, as when it does not exist.
 * By id the global zone reaches every link. Pointers are valid under the lock.
 */
struct link *link_by_id(datalink_id_t id, zoneid_t caller);
struct link *link_by_name(const char *name, zoneid_t zoneid);
struct link *link_by_device(const char *devname, zoneid_t caller);

/* The link with the lowest id above, of any zone; NULL at the end. */
struct link *link_next(datalink_id_t above);

/*
 * The links of a zone other than the global one, in no order: the first, and the one behind another,
 * which has to be asked for before that one leaves the zone. NULL at the end.
 */
struct link *link_first_of(zoneid_t zoneid);
struct link *link_next_of(const struct link *link);

/* How many links such a zone has that it did not borrow. */
unsigned int link_count_own(zoneid_t zoneid);

/* What a new link is made of. */
struct link_spec {
	datalink_id_t id; /* DATALINK_INVALID_LINKID: the next free one */
	const char *name;
	uint32_t class;
	uint32_t media;
	uint32_t flags;
	zoneid_t zoneid;
	bool on_loan;
};

/*
 * Adds a link with generation 0 and no attributes. Changes. -EINVAL name, class
 * or flags (none, unknown ones, or PERSIST with TRANSIENT), -EEXIST name or id,
 * -ENOSPC no free id or too many of that zone, -ENOMEM.
 */
int link_create(const struct link_spec *spec, struct link **ret);

/* Takes the link out and frees it. Changes. Never fails. */
void link_destroy(struct link *link);

/* Changes. -EINVAL, -EEXIST, -ENOMEM, with nothing changed. */
int link_rename(struct link *link, const char *name);

/*
 * The same in two steps, of which the second cannot fail: the link has the new name, and gets
 * the old one back unless the new one is kept. The lock is held over both.
 */
struct link_rename {
	char name[MAXLINKNAMELEN];
};
int link_rename_begin(struct link *link, const char *name, struct link_rename *ret);
void link_rename_end(struct link *link, struct link_rename *old, bool keep);

/*
 * Gives a link of the global zone to a zone (a loan), to another one, or takes
 * it home. Changes. -EEXIST the zone has a link of that name, -ENOMEM; then nothing has changed.
 * Home fails with -ENOMEM for a transient one alone.
 */
int link_move(struct link *link, zoneid_t zoneid);

/*
 * <prefix><lowest number that is free in the zone>. -EINVAL prefix, -ENOSPC when
 * no name of that prefix is left.
 */
int link_name_generate(const char *prefix, zoneid_t zoneid, char name[MAXLINKNAMELEN]);
