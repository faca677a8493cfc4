/* SPDX-License-Identifier: MIT */
/*
 * How links are found: by id, which is also their order, and by name in a zone. A look-up is a
 * step of what a door call takes. With 100,000 links nearly every line of memory it reads is in no cache
 * of the CPU, so it reads as few as can be: one for the id, one for the name, and the link's first.
 *
 * What is added can fail with -ENOMEM, what is removed cannot. No lock of its own: link-table.c's.
 */
#pragma once

#include "dladm/dladm.h"

struct link;

/* NULL when there is none. */
struct link *index_by_id(datalink_id_t id);
/* The one with the lowest id above. */
struct link *index_next(datalink_id_t above);
int index_add_id(datalink_id_t id, struct link *link);
void index_remove_id(datalink_id_t id);

/* Names are compared with link->name, so one that a link will have is not found before it has it. */
struct link *index_by_name(const char *name, zoneid_t zoneid);
int index_add_name(const char *name, zoneid_t zoneid, struct link *link);
/* Without effect when the link is not there under that name. */
void index_remove_name(const char *name, zoneid_t zoneid, const struct link *link);
