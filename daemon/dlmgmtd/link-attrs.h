/* SPDX-License-Identifier: MIT */
/*
 * The attributes of a link's configuration: a short list in the order they were
 * first set. Not locked here: a list belongs to a link or to a conf handle and
 * goes with its lock.
 */
#pragma once

#include "dladm/dlmgmt-door.h"
#include "linux/util.h"

#define LINK_ATTRS_MAX DLMGMT_ATTRS_MAX

struct link_attr {
	struct link_attr *next;
	uint32_t type; /* enum dladm_datatype */
	uint32_t size; /* of value; strings with their NUL */
	char name[MAXLINKATTRLEN];
	char value[];
};

struct link_attrs {
	struct link_attr *first;
	unsigned int count;
};

/*
 * Sets an attribute, in its old place when it was there. -EINVAL when the name is
 * empty or too long or the value does not fit its type, -ENOSPC above
 * LINK_ATTRS_MAX, -ENOMEM; then nothing has changed.
 */
int link_attrs_set(
	struct link_attrs *attrs, const char *name, uint32_t type, const void *value, size_t size);
int link_attrs_set_u64(struct link_attrs *attrs, const char *name, uint64_t value);
int link_attrs_set_str(struct link_attrs *attrs, const char *name, const char *value);

/* Takes it away; no error when it is not there. */
void link_attrs_unset(struct link_attrs *attrs, const char *name);

/* NULL when there is none. Valid until the list changes. */
const struct link_attr *link_attrs_find(const struct link_attrs *attrs, const char *name);

bool link_attrs_equal(
	const struct link_attrs *attrs, const char *name, const void *value, size_t size);

/* Whether the value of an attribute of that name is the name of another link, or several. */
bool link_attr_names(const char *name);

/* Fills *ret, which is empty, with a copy. -ENOMEM leaves it empty. */
int link_attrs_dup(const struct link_attrs *attrs, struct link_attrs *ret);

/* Frees all and leaves the list empty. */
void link_attrs_fini(struct link_attrs *attrs);
