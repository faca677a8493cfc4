/* SPDX-License-Identifier: MIT */
/*
 * The keys of a snapshot as tables, which the reader and the writer share: what
 * one writes the other reads, by construction. Internal to lib/zonecfg.
 */
#pragma once

#include "zonecfg/snapshot.h"
#include "zonecfg/member.h"

#define SNAPSHOT_MAGIC "zones-snapshot 1"
#define SNAPSHOT_END   "end"

enum snapshot_type {
	SNAPSHOT_STRING,
	SNAPSHOT_BOOL,
	SNAPSHOT_U64,
};

struct snapshot_field {
	const char *key;
	enum snapshot_type type;
	bool required; /* a string that must not be empty */
	size_t offset; /* in the structure of the section */
};

/* A key that may come many times: an entry of a list inside the section's structure. */
enum snapshot_sublist {
	SNAPSHOT_NO_SUBLIST,
	SNAPSHOT_PROPS,	  /* property-name=, then property-value= */
	SNAPSHOT_OPTIONS, /* option= */
	SNAPSHOT_VALUES,  /* value=privileged,200,deny */
};

struct snapshot_section {
	const char *name; /* "" is the zone itself */
	const struct snapshot_field *fields;
	size_t n_fields;
	enum snapshot_sublist sublist;
	size_t elem_size;    /* of an entry */
	size_t list_offset;  /* of the pointer in struct zone_snapshot */
	size_t count_offset; /* of its count */
};

extern const struct snapshot_section snapshot_sections[];
extern const size_t snapshot_section_count;

/* The list pointer and the count of a section. */
static inline void *snapshot_list(const struct zone_snapshot *s, const struct snapshot_section *sec)
{
	void *const *list = member_at(s, sec->list_offset);

	return *list;
}

static inline size_t snapshot_count(
	const struct zone_snapshot *s, const struct snapshot_section *sec)
{
	const size_t *count = member_at(s, sec->count_offset);

	return *count;
}

/* Adds an entry with empty strings to the list of a section. 0, -E2BIG or -ENOMEM. */
int snapshot_add(struct zone_snapshot *s, const struct snapshot_section *sec, void **ret_elem);
