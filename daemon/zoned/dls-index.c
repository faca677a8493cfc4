/* SPDX-License-Identifier: MIT */
/*
 * How links are found other than by their id, so that it costs what is found and not what there is:
 * those of a zone, when that ends, and the one of a device that the kernel tells of.
 *
 * A link is listed by the zone whose end is its end, or brings it home: what a zone made stays in it.
 * The few that are changing their zone just now are listed for both, because they may arrive or go
 * back. Devices are found by their numbers at home, all that a link has; whether it is the link's now
 * is asked then.
 */
#include "zoned/dls-impl.h"

#define ZONE_BUCKETS   512u /* of a thousand zones two in each */
#define NUMBER_BUCKETS 4096u

LIST_HEAD(devnets, devnet);
static struct devnets in_zone[ZONE_BUCKETS]; /* all of them: devnet lock */
static struct devnets moving;
static LIST_HEAD(numbers, devnet_number) numbers[NUMBER_BUCKETS];

static struct devnets *of_zone(zoneid_t zone)
{
	return &in_zone[(unsigned int)zone % ZONE_BUCKETS];
}

static struct numbers *of_number(int ifindex)
{
	return &numbers[(unsigned int)ifindex % NUMBER_BUCKETS];
}

/* The numbers in a zone count there. */
static void numbers_add(struct devnet *dd)
{
	const int all[] = {dd->dd_port, dd->dd_twin_port, dd->dd_home_ifindex,
		dd->dd_at.zone == GLOBAL_ZONEID ? dd->dd_at.ifindex : 0,
		dd->dd_to.zone == GLOBAL_ZONEID ? dd->dd_to.ifindex : 0};
	struct devnet_number *n;
	size_t i;

	_Static_assert(ARRAY_SIZE(all) == ARRAY_SIZE(dd->dd_index.numbers), "one for each");
	if (dd->dd_owner_zid != GLOBAL_ZONEID)
		return;
	for (i = 0; i < ARRAY_SIZE(all); i++) {
		n = &dd->dd_index.numbers[i];
		n->dd = dd;
		n->ifindex = all[i];
		if (n->ifindex)
			LIST_INSERT_HEAD(of_number(n->ifindex), n, next);
	}
}

static void numbers_remove(struct devnet *dd)
{
	struct devnet_number *n;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(dd->dd_index.numbers); i++) {
		n = &dd->dd_index.numbers[i];
		if (n->ifindex)
			LIST_REMOVE(n, next);
		n->ifindex = 0;
	}
}

void dls_index_add(struct devnet *dd)
{
	struct devnet_index *x = &dd->dd_index;

	x->in_table = true;
	x->listed_in = dd->dd_owner_zid != GLOBAL_ZONEID ? dd->dd_owner_zid : dd->dd_at.zone;
	if (x->listed_in != GLOBAL_ZONEID)
		LIST_INSERT_HEAD(of_zone(x->listed_in), dd, dd_index.of_zone);
	numbers_add(dd);
}

void dls_index_remove(struct devnet *dd)
{
	struct devnet_index *x = &dd->dd_index;

	x->in_table = false;
	if (x->listed_in != GLOBAL_ZONEID)
		LIST_REMOVE(dd, dd_index.of_zone);
	x->listed_in = GLOBAL_ZONEID;
	numbers_remove(dd);
}

void dls_index_update(struct devnet *dd)
{
	if (!dd->dd_index.in_table)
		return;
	dls_index_remove(dd);
	dls_index_add(dd);
}

static bool is_moving(const struct devnet *dd)
{
	return dd->dd_index.leaves != GLOBAL_ZONEID || dd->dd_index.bound_for != GLOBAL_ZONEID;
}

void dls_index_move(struct devnet *dd, zoneid_t from, zoneid_t to)
{
	if (is_moving(dd))
		LIST_REMOVE(dd, dd_index.moves);
	dd->dd_index.leaves = from;
	dd->dd_index.bound_for = to;
	if (is_moving(dd))
		LIST_INSERT_HEAD(&moving, dd, dd_index.moves);
}

void dls_index_of_zone(zoneid_t zone, void (*fn)(struct devnet *dd, void *arg), void *arg)
{
	struct devnet *dd;

	LIST_FOREACH(dd, of_zone(zone), dd_index.of_zone)
	if (dd->dd_index.listed_in == zone)
		fn(dd, arg);
	LIST_FOREACH(dd, &moving, dd_index.moves)
	if ((dd->dd_index.leaves == zone || dd->dd_index.bound_for == zone) &&
		dd->dd_index.listed_in != zone)
		fn(dd, arg);
}

struct devnet *dls_index_by_number(int ifindex, bool (*fn)(struct devnet *dd, int ifindex))
{
	struct devnet_number *n;

	LIST_FOREACH(n, of_number(ifindex), next)
	if (n->ifindex == ifindex && fn(n->dd, ifindex))
		return n->dd;
	return NULL;
}
