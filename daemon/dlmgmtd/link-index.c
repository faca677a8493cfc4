/* SPDX-License-Identifier: MIT */
/*
 * The index of links; see link-index.h.
 *
 * Ids: a tree of three levels with a place for each id. Ids are handed out one after the other, so
 * its leaves are full, and next to each other is what is asked for next. A part without links is freed.
 *
 * Names: a hash table with open addressing, at most half full. A place has the hash and the zone beside
 * the link, so the first link that is looked at is nearly always the right one. Removing moves
 * those that would not be found any more back to where they belong.
 */
#include "dlmgmtd/link-index.h"
#include "dlmgmtd/link-table.h"

/* ---- ids ---- */

#define LEVEL_BITS 11
#define LEVEL_SIZE (1u << LEVEL_BITS)
#define LEVEL_MASK (LEVEL_SIZE - 1)
#define TOP_SIZE   (1u << (32 - 2 * LEVEL_BITS))

struct leaf {
	unsigned int count;
	struct link *links[LEVEL_SIZE];
};

struct branch {
	unsigned int count;
	struct leaf *leaves[LEVEL_SIZE];
};

static struct branch *top[TOP_SIZE];

static struct leaf *leaf_of(datalink_id_t id)
{
	struct branch *branch = top[id >> 2 * LEVEL_BITS];

	return branch ? branch->leaves[id >> LEVEL_BITS & LEVEL_MASK] : NULL;
}

struct link *index_by_id(datalink_id_t id)
{
	struct leaf *leaf = leaf_of(id);

	return leaf ? leaf->links[id & LEVEL_MASK] : NULL;
}

struct link *index_next(datalink_id_t above)
{
	uint64_t id = (uint64_t)above + 1;
	struct link *link;

	while (id <= UINT32_MAX) {
		if (!top[id >> 2 * LEVEL_BITS]) {
			id = ((id >> 2 * LEVEL_BITS) + 1) << 2 * LEVEL_BITS;
		} else if (!leaf_of((datalink_id_t)id)) {
			id = ((id >> LEVEL_BITS) + 1) << LEVEL_BITS;
		} else {
			link = index_by_id((datalink_id_t)id);
			if (link)
				return link;
			id++;
		}
	}
	return NULL;
}

int index_add_id(datalink_id_t id, struct link *link)
{
	struct branch **branch = &top[id >> 2 * LEVEL_BITS];
	struct leaf **leaf;

	if (!*branch)
		*branch = calloc(1, sizeof(**branch));
	if (!*branch)
		return -ENOMEM;
	leaf = &(*branch)->leaves[id >> LEVEL_BITS & LEVEL_MASK];
	if (!*leaf) {
		*leaf = calloc(1, sizeof(**leaf));
		if (*leaf) {
			(*branch)->count++;
		} else if ((*branch)->count == 0) {
			free(*branch);
			*branch = NULL;
			return -ENOMEM;
		} else {
			return -ENOMEM;
		}
	}
	(*leaf)->links[id & LEVEL_MASK] = link;
	(*leaf)->count++;
	return 0;
}

void index_remove_id(datalink_id_t id)
{
	struct branch **branch = &top[id >> 2 * LEVEL_BITS];
	struct leaf **leaf = &(*branch)->leaves[id >> LEVEL_BITS & LEVEL_MASK];

	(*leaf)->links[id & LEVEL_MASK] = NULL;
	if (--(*leaf)->count > 0)
		return;
	free(*leaf);
	*leaf = NULL;
	if (--(*branch)->count > 0)
		return;
	free(*branch);
	*branch = NULL;
}

/* ---- names ---- */

#define NAMES_MIN 64u

struct place {
	uint32_t hash;
	zoneid_t zoneid;
	struct link *link; /* NULL: free */
};

static struct place *places;
static uint32_t size, used; /* size is a power of two, or 0 */

static uint32_t hash_of(const char *name, zoneid_t zoneid)
{
	char padded[MAXLINKNAMELEN] = "";
	uint64_t hash = (uint32_t)zoneid, word;
	size_t at;

	(void)str_copy(padded, sizeof(padded), name);
	for (at = 0; at < sizeof(padded); at += sizeof(word)) {
		memcpy(&word, padded + at, sizeof(word));
		hash = ((hash << 5 | hash >> 59) ^ word) * 0x517cc1b727220a95u;
	}
	return (uint32_t)(hash >> 32);
}

struct link *index_by_name(const char *name, zoneid_t zoneid)
{
	uint32_t hash, i;

	if (size == 0)
		return NULL;
	hash = hash_of(name, zoneid);
	for (i = hash & (size - 1); places[i].link; i = (i + 1) & (size - 1))
		if (places[i].hash == hash && places[i].zoneid == zoneid &&
			streq(places[i].link->name, name))
			return places[i].link;
	return NULL;
}

static void put(struct place *in, uint32_t in_size, const struct place *p)
{
	uint32_t i = p->hash & (in_size - 1);

	while (in[i].link)
		i = (i + 1) & (in_size - 1);
	in[i] = *p;
}

static int make_room(void)
{
	uint32_t new_size = size ? size * 2 : NAMES_MIN, i;
	struct place *bigger;

	if ((used + 1) * 2 <= size)
		return 0;
	bigger = calloc(new_size, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	for (i = 0; i < size; i++)
		if (places[i].link)
			put(bigger, new_size, &places[i]);
	free(places);
	places = bigger;
	size = new_size;
	return 0;
}

int index_add_name(const char *name, zoneid_t zoneid, struct link *link)
{
	const struct place p = {.hash = hash_of(name, zoneid), .zoneid = zoneid, .link = link};
	int r = make_room();

	if (r < 0)
		return r;
	put(places, size, &p);
	used++;
	return 0;
}

/* Frees a place, and moves up whoever would not be found behind it. */
static void free_place(uint32_t hole)
{
	uint32_t i, home;

	for (i = (hole + 1) & (size - 1); places[i].link; i = (i + 1) & (size - 1)) {
		home = places[i].hash & (size - 1);
		if (((i - home) & (size - 1)) < ((i - hole) & (size - 1)))
			continue; /* it belongs behind the hole */
		places[hole] = places[i];
		hole = i;
	}
	places[hole].link = NULL;
	if (--used > 0)
		return;
	free(places);
	places = NULL;
	size = 0;
}

void index_remove_name(const char *name, zoneid_t zoneid, const struct link *link)
{
	uint32_t hash = hash_of(name, zoneid), i;

	if (size == 0)
		return;
	for (i = hash & (size - 1); places[i].link; i = (i + 1) & (size - 1))
		if (places[i].hash == hash && places[i].zoneid == zoneid &&
			places[i].link == link) {
			free_place(i);
			return;
		}
}
