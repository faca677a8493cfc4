/* SPDX-License-Identifier: MIT */
/*
 * Steps that several commands share: each changes the table, the stores and
 * zoned's lists of links together, or nothing. All need the link table's writer
 * lock; those that name zoned may block in a call to it.
 */
#pragma once

#include "dlmgmtd/command.h"
#include "dlmgmtd/link-table.h"

/*
 * The link that the caller wants to change. -ENOENT when it sees none, -EACCES
 * without rights or when the link was only lent to the caller's zone.
 */
int link_for_change(const struct caller *caller, datalink_id_t id, struct link **ret);

/* Makes a link of the caller's zone, told to zoned when it is active and not the global zone's. */
int link_add(const struct caller *caller, const struct link_spec *spec, struct link **ret);

/* Marks a link active, in the zone that zoned says it is in. The caller saves it. */
int link_activate(struct link *link);
/* Undoes it, before the link was saved. */
void link_deactivate(struct link *link);

/* Writes the link to the stores: active, and persistent when it is configured. */
int link_save(const struct link *link);

/* Takes its configuration out of the stores. */
int link_unconfigure(struct link *link);

/*
 * Takes flags away from the link, in the stores too; without ACTIVE it leaves its zone,
 * without ACTIVE and PERSIST it is gone and freed. -ENOENT when it has none of them.
 */
int link_withdraw(struct link *link, uint32_t flags);

/* Undoes link_add() in table, active store and zoned's list, as far as each still answers. */
void link_discard(struct link *link);

/* Back to the global zone, in table and store. zoned is not told. Cannot fail. */
void link_bring_home(struct link *link);

/* Whether a link can come to the zone under that name; one that it only configured gives way. */
bool link_name_free_in(const char *name, zoneid_t zoneid);

/* Fills a reply of GETATTR or DLS_GETATTR. attr is checked to be terminated. */
int reply_attr(const struct link_attrs *attrs, const char attr[MAXLINKATTRLEN],
	struct dlmgmt_getattr_reply *reply);
