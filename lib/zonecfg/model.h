/* SPDX-License-Identifier: MIT */
/*
 * The structures of a configuration described as tables: which XML element and
 * attributes belong to which members. Reading, writing, copying and releasing all walk these
 * tables, so that none of them can forget a member. Internal to lib/zonecfg.
 */
#pragma once

#include "zonecfg/zonecfg.h"
#include "zonecfg/member.h"

struct model_field {
	const char *attr; /* XML attribute */
	size_t offset;	  /* of the char * */
	bool required;	  /* the DTD says so */
};

struct model_type {
	const char *tag;
	const struct model_field *fields;
	size_t n_fields;
	size_t size;			/* of the structure */
	size_t list_offset;		/* of the list pointer in the structure above */
	size_t count_offset;		/* of its count there */
	const struct model_type *child; /* the list inside, or NULL */
};

extern const struct model_type model_zone;
extern const struct model_type model_kinds[ZONECFG_KIND_COUNT];

/* Elements of the DTD that are kept in struct zonecfg_other. */
bool model_other_known(const char *tag);

static inline char **model_string(const void *base, const struct model_field *f)
{
	return member_at(base, f->offset);
}

/* The list of type t inside the structure base. */
static inline void *model_list(const void *base, const struct model_type *t)
{
	void *const *list = member_at(base, t->list_offset);

	return *list;
}

static inline size_t *model_count(const void *base, const struct model_type *t)
{
	return member_at(base, t->count_offset);
}

/* Appends an empty entry of type t to its list in base. 0, -E2BIG or -ENOMEM. */
int model_append(void *base, const struct model_type *t, void **ret_item);
/* Releases the content of an entry; it is empty then. */
void model_fini(const struct model_type *t, void *item);
/* Releases a kept element's content. */
void model_other_fini(struct zonecfg_other *o);
