/* SPDX-License-Identifier: MIT */
/*
 * Resources: the tables of their properties, and the commands that add, select, change and
 * remove them.
 */
#pragma once

#include "session.h"
#include "zonecfg/member.h"

/* How a property is kept. */
enum res_prop_type {
	PROP_STRING,  /* char * in the structure */
	PROP_NCPUS,   /* uint64_t in struct limits, percent */
	PROP_SIZE,    /* uint64_t in struct limits, bytes */
	PROP_RANGE,   /* ncpu_min and ncpu_max in struct limits */
	PROP_NUMBER,  /* importance in struct limits */
	PROP_OPTIONS, /* list of words of fs */
	PROP_VALUES,  /* list of (priv,limit,action) of rctl */
	PROP_PROPS,   /* list of (name,value) of net or device */
};

struct res_prop {
	const char *name;
	enum res_prop_type type;
	size_t offset; /* in the structure of the resource */
	bool required;
	int (*check)(const char *value);
	const char *expected; /* what a valid value looks like */
};

struct res_type {
	const char *name;
	int kind; /* enum zonecfg_kind, -1 for those that struct limits holds */
	const struct res_prop *props;
	size_t n_props;
	bool single; /* there is one at most */
	bool keyed;  /* the first property tells one from another */
};

/* By enum res; RES_NONE has no name. */
extern const struct res_type res_types[RES_COUNT];

/* RES_NONE for an unknown name. */
enum res res_find(const char *name);
/* The global zone has limits and administrators only. */
/*
 * Whether this host has such a user, or group (%group): so that a misspelt name is not given rights one day.
 */
bool admin_known(const char *user);

bool res_allowed(const struct session *s, enum res res);
/* NULL for an unknown one. */
const struct res_prop *res_prop_find(enum res res, const char *name);

/* A property's value of a string property of any resource structure; NULL when not set. */
static inline const char *res_string(const void *item, const struct res_prop *p)
{
	char *const *value = member_at(item, p->offset);

	return *value;
}

/* The number of a property of struct limits. */
static inline const uint64_t *res_number(const void *item, const struct res_prop *p)
{
	return member_at(item, p->offset);
}

/* The list of (name,value) of a net or a device, and its length. */
struct zonecfg_prop **res_props(enum res res, const void *item, size_t **ret_count);
/* A property of struct limits as it is written: "1.50", "64M", "1-2", "5". False: not set. */
bool res_format(const struct res_prop *p, const struct limits *l, char *buf, size_t size);

/* Number of resources of a type, and one of them. Those of struct limits are made into it. */
size_t res_count(const struct zonecfg *cfg, enum res res);
const void *res_item(const struct zonecfg *cfg, enum res res, size_t index, struct limits *limits);
/* True when every name=value in words matches a string property. */
bool res_matches(enum res res, const void *item, const struct value_list *filter);
/* Parses filter words "name=value". Z_OK or Z_ERR (said). */
int res_filter(struct session *s, enum res res, char *const *words, size_t n,
	struct value_list *ret_filter);

/* The commands; words are what follows the command's name. Z_OK or Z_ERR (said). */
int res_add(struct session *s, char *const *words, size_t n);
int res_select(struct session *s, char *const *words, size_t n);
int res_remove(struct session *s, char *const *words, size_t n);
int res_end(struct session *s);
int res_set(struct session *s, const char *name, const char *raw);
int res_clear(struct session *s, const char *name);

/* Lists inside the resource in progress: add, remove, set, clear. In resource-list.c. */
int list_change(
	struct session *s, const char *command, const char *name, const char *raw, bool add);
int list_set_options(struct session *s, const char *raw);
void list_clear_props(struct session *s);

/* The resources that struct limits holds, in resource-limits.c. Z_OK or Z_ERR (said). */
struct limits limits_read(const struct zonecfg *cfg);
bool limits_exist(const struct limits *l, enum res res);
bool limits_is_set(const struct limits *l, const struct res_prop *p);
/* An rctl that somebody wrote by hand blocks the resource that would use its name. */
int limits_check_free(struct session *s, enum res res);
int limits_set(struct session *s, const struct res_prop *p, const char *value);
void limits_clear(struct limits *l, const struct res_prop *p);
/* Stores what is in progress. */
int limits_end(struct session *s);
void limits_remove(struct zonecfg *cfg, enum res res);
