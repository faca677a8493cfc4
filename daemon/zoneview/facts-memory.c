/* SPDX-License-Identifier: MIT */
/* Memory of a zone and of the host; see facts.h. */
#include "zoneview/facts.h"

#include <inttypes.h>
#include <limits.h>

#include "linux/cgroup-control.h"
#include "linux/cgroup-stat.h"
#include "zoneview/group.h"

#define FIELD(name) offsetof(struct memory_facts, name)

/* A line of a file of the kernel: its word, and where its number belongs. */
struct word {
	const char *v2, *v1; /* NULL: this version does not tell */
	size_t field;
};

static const struct word stat_words[] = {
	{"anon", "total_rss", FIELD(anon)},
	{"file", "total_cache", FIELD(file)},
	{"shmem", "total_shmem", FIELD(shmem)},
	{"file_mapped", "total_mapped_file", FIELD(mapped)},
	{"file_dirty", "total_dirty", FIELD(dirty)},
	{"file_writeback", "total_writeback", FIELD(writeback)},
	{"active_anon", "total_active_anon", FIELD(active_anon)},
	{"inactive_anon", "total_inactive_anon", FIELD(inactive_anon)},
	{"active_file", "total_active_file", FIELD(active_file)},
	{"inactive_file", "total_inactive_file", FIELD(inactive_file)},
	{"unevictable", "total_unevictable", FIELD(unevictable)},
	{"slab_reclaimable", NULL, FIELD(slab_reclaimable)},
	{"slab_unreclaimable", NULL, FIELD(slab_unreclaimable)},
	{"kernel_stack", NULL, FIELD(kernel_stack)},
	{"pagetables", NULL, FIELD(page_tables)},
};

static void put(struct memory_facts *f, size_t field, uint64_t value)
{
	*(uint64_t *)((char *)f + field) = value;
}

/* ---- the host ---- */

static void host_memory(struct memory_facts *ret)
{
	static const struct word words[] = {
		{"MemTotal", NULL, FIELD(host_total)},
		{"MemFree", NULL, FIELD(host_free)},
		{"MemAvailable", NULL, FIELD(host_available)},
		{"SwapTotal", NULL, FIELD(host_swap)},
		{"SwapFree", NULL, FIELD(host_swap_free)},
	};
	_cleanup_fclose_ FILE *f = fopen("/proc/meminfo", "re");
	char line[128], name[64];
	uint64_t kib;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		put(ret, words[i].field, 0);
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%63[^:]: %" SCNu64, name, &kib) != 2)
			continue;
		for (i = 0; i < ARRAY_SIZE(words); i++)
			if (streq(words[i].v2, name))
				put(ret, words[i].field, kib * 1024);
	}
}

/* ---- the group ---- */

static int stat_path(const char *group, bool v2, char *buf, size_t size)
{
	char rel[GROUP_MAX + 32];

	(void)snprintf(rel, sizeof(rel), "%s/memory.stat", group);
	return v2 ? cgroup_v2_path(buf, size, rel) : cgroup_v1_path(buf, size, CGROUP_MEMORY, rel);
}

static void group_stat(const char *group, bool v2, struct memory_facts *ret)
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[PATH_MAX], line[128], name[64];
	uint64_t value;
	size_t i;

	if (stat_path(group, v2, path, sizeof(path)) == 0)
		f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%63s %" SCNu64, name, &value) != 2)
			continue;
		for (i = 0; i < ARRAY_SIZE(stat_words); i++) {
			const char *word = v2 ? stat_words[i].v2 : stat_words[i].v1;

			if (word && streq(word, name))
				put(ret, stat_words[i].field, value);
		}
	}
}

static uint64_t number(const char *group, const char *file2, const char *file1)
{
	struct cgroup_counter c = {CGROUP_MEMORY, file2, "", file1, ""};
	uint64_t v;

	return cgroup_get(group, &c, &v) < 0 ? FACT_UNKNOWN : v;
}

/* v1 counts swap together with memory. */
static uint64_t without(uint64_t sum, uint64_t part)
{
	if (sum == FACT_UNKNOWN || part == FACT_UNKNOWN)
		return sum;
	return sum > part ? sum - part : 0;
}

static void group_limits(const char *group, bool v2, struct memory_facts *ret)
{
	uint64_t max = number(group, "memory.max", "memory.limit_in_bytes");
	uint64_t high = number(group, "memory.high", NULL);

	ret->limit = max < high ? max : high;
	ret->used = number(group, "memory.current", "memory.usage_in_bytes");
	ret->swap_limit = number(group, "memory.swap.max", "memory.memsw.limit_in_bytes");
	ret->swap_used = number(group, "memory.swap.current", "memory.memsw.usage_in_bytes");
	if (!v2) {
		ret->swap_limit = without(ret->swap_limit, ret->limit);
		ret->swap_used = without(ret->swap_used, ret->used);
	}
}

void facts_memory(const char *zone, struct memory_facts *ret)
{
	char group[GROUP_MAX];
	bool v2;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(stat_words); i++)
		put(ret, stat_words[i].field, FACT_UNKNOWN);
	group_of(zone, group);
	v2 = cgroup_is_v2(group, CGROUP_MEMORY);
	host_memory(ret);
	group_limits(group, v2, ret);
	group_stat(group, v2, ret);
}
