/* SPDX-License-Identifier: MIT */
/*
 * Configurations that clients have open: each is a copy of a link's attributes
 * that its owner reads and changes until it is written back or dropped. The
 * generation remembered at the start tells at the end whether somebody else was
 * faster.
 *
 * One lock, taken before the link table's. An owner (user in a zone) that has
 * CONFS_PER_OWNER_MAX open loses the oldest: a client that died leaves its own behind,
 * and nobody can fill the table for others.
 */
#pragma once

#include "dlmgmtd/command.h"
#include "dlmgmtd/link-attrs.h"

#define CONFS_PER_OWNER_MAX 64

struct conf {
	struct conf *next; /* younger */
	uint32_t id;
	datalink_id_t linkid;
	uint32_t class;
	uint32_t media;
	uint32_t generation;
	zoneid_t zoneid; /* of the owner */
	uid_t uid;
	char name[MAXLINKNAMELEN];
	struct link_attrs attrs;
};

void conf_table_rdlock(void);
void conf_table_wrlock(void);
void conf_table_unlock(void);

/* Adds a configuration without attributes for the caller. -ENOMEM, -ENOSPC no id free. */
int conf_create(const struct caller *caller, struct conf **ret);

/* NULL when it does not exist or belongs to another zone. */
struct conf *conf_find(uint32_t id, const struct caller *caller);

void conf_destroy(struct conf *conf);
