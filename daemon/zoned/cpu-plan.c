/* SPDX-License-Identifier: MIT */
/* Shares out CPUs; see cpu-plan.h. */
#include "zoned/cpu-plan.h"

/* The most important one that has not got its share of what is left yet. */
static struct cpu_want *next_want(struct cpu_want *wants, size_t n, const struct cpu_want *last)
{
	struct cpu_want *best = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		struct cpu_want *w = &wants[i];

		if (last && (w->importance > last->importance ||
				    (w->importance == last->importance && w <= last)))
			continue;
		if (!best || w->importance > best->importance)
			best = w;
	}
	return best;
}

static int count_all(struct cpu_want *wants, size_t n, unsigned int room)
{
	struct cpu_want *w = NULL;
	uint64_t more;
	size_t i;

	for (i = 0; i < n; i++) {
		if (wants[i].min > room)
			return -ENOSPC;
		wants[i].count = (unsigned int)wants[i].min;
		room -= wants[i].count;
	}
	while (room > 0 && (w = next_want(wants, n, w))) {
		more = w->max - w->min < room ? w->max - w->min : room;
		w->count += (unsigned int)more;
		room -= (unsigned int)more;
	}
	return 0;
}

static void take(struct cpu_want *w, struct cpu_set *from, struct cpu_set *free)
{
	unsigned int have = cpu_set_count(&w->cpus);

	cpu_set_last(from, w->count - have);
	cpu_set_add(&w->cpus, from);
	cpu_set_remove(free, from);
}

int cpu_plan(
	struct cpu_want *wants, size_t n, const struct cpu_set *all, const struct cpu_set *avoid)
{
	struct cpu_set free = *all, from;
	size_t i;
	int r;

	r = count_all(wants, n, cpu_set_count(all) ? cpu_set_count(all) - 1 : 0);
	if (r < 0)
		return r;
	for (i = 0; i < n; i++) {
		cpu_set_intersect(&wants[i].cpus, &free);
		cpu_set_last(&wants[i].cpus, wants[i].count);
		cpu_set_remove(&free, &wants[i].cpus);
	}
	for (i = 0; i < n; i++) {
		from = free;
		cpu_set_remove(&from, avoid);
		take(&wants[i], &from, &free);
		from = free;
		take(&wants[i], &from, &free);
	}
	return 0;
}
