/* SPDX-License-Identifier: MIT */
/*
 * Resource controls of a zone as limits of its control group.
 *
 *   zone.max-lwps             pids.max
 *   zone.cpu-shares           cpu.weight           v1 cpu.shares
 *   zone.cpu-cap              cpu.max              v1 cpu.cfs_quota_us
 *   zone.max-physical-memory  memory.high          v1 memory.limit_in_bytes
 *   zone.max-swap             memory.max + .swap.max  v1 memory.memsw.limit_in_bytes
 *
 * System V IPC is bounded by the limits of the zone's ipc namespace (zone-ipc.c).
 *
 * Linux: shares count among the zones, which together weigh as much as any other
 * group beside "zones"; a zone without the control has one share, as on illumos,
 * and on v2 more than 10000 shares count as 10000.
 * Linux: v1 cannot slow a group down at a soft cap (soft_limit_in_bytes only
 * chooses whom to reclaim from), so there the cap of physical memory is hard.
 * Linux: there are no swap reservations. zone.max-swap bounds what they would
 * bound: memory and swap together.
 *
 * A control that this host has no means for is refused with its name, never ignored.
 */
#include "zoned/zone-impl.h"

#include "linux/cgroup-control.h"

#include <inttypes.h>

#define CPU_PERIOD_US 100000u
#define WEIGHT_MAX    10000u
#define V1_PER_SHARE  4u /* 65535 shares are the kernel's largest value, 2 its smallest */

/*
 * The limits of one zone after its values were taken together; has[] tells which there are. The
 * others have no limit, which is written only where there may have been one (live).
 */
struct limits {
	bool live;
	bool has[RCTL_COUNT];
	uint64_t value[RCTL_COUNT];
};

bool zone_rctl_enforceable(enum zone_rctl_id id)
{
	switch (id) {
	case RCTL_CPU_SHARES:
	case RCTL_CPU_CAP:
	case RCTL_MAX_LWPS:
	case RCTL_MAX_SWAP:
	case RCTL_MAX_PHYSICAL_MEMORY:
	case RCTL_MAX_MSG_IDS:
	case RCTL_MAX_SEM_IDS:
	case RCTL_MAX_SHM_IDS:
	case RCTL_MAX_SHM_MEMORY:
	case RCTL_MAX_LOFI: /* a zone can make no loop device at all */
		return true;
	case RCTL_MAX_PROCESSES:
	case RCTL_MAX_LOCKED_MEMORY:
	case RCTL_COUNT:
		break;
	}
	return false;
}

/* What the kernel does not count, and what bounds it from above: one is never more than the other. */
static const struct {
	enum zone_rctl_id id, keeper;
	const char *why;
} kept[] = {
	{RCTL_MAX_PROCESSES, RCTL_MAX_LWPS, "the kernel counts threads, not processes"},
	{RCTL_MAX_LOCKED_MEMORY, RCTL_MAX_SWAP, "the kernel counts locked memory by process"},
};

int zone_rctls_enforceable(const struct zone_rctls *rctls, struct diag *d)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kept); i++) {
		uint64_t limit = zone_rctls_limit(rctls, kept[i].id);

		if (limit != UINT64_MAX && zone_rctls_limit(rctls, kept[i].keeper) > limit)
			return diag_set(d, -EOPNOTSUPP,
				"rctl '%s' cannot be enforced on this host: %s (%s of at most as "
				"much would keep it)",
				zone_rctls[kept[i].id].name, kept[i].why,
				zone_rctls[kept[i].keeper].name);
	}
	return 0;
}

int zone_rctls_check(const struct zone_rctl_value *values, uint32_t count, struct diag *d)
{
	enum zone_rctl_id id;
	uint32_t i;
	int r;

	for (i = 0; i < count; i++) {
		r = zone_rctl_check(&values[i], &id, d);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool is_there(const struct zone_rctls *all, const struct zone_rctl_value *v)
{
	uint32_t i;

	for (i = 0; i < all->count; i++)
		if (streq(all->values[i].name, v->name) && all->values[i].priv == v->priv &&
			all->values[i].limit == v->limit)
			return true;
	return false;
}

void zone_rctls_take(struct zone_rctls *ret, const struct zone_rctl_value *values, uint32_t count)
{
	uint32_t i;

	ret->count = 0;
	for (i = 0; i < count; i++)
		if (!is_there(ret, &values[i]))
			ret->values[ret->count++] = values[i];
}

/* The smallest value that denies counts; shares never deny, and what is infinite bounds nothing. */
uint64_t zone_rctls_limit(const struct zone_rctls *all, enum zone_rctl_id id)
{
	uint64_t limit = UINT64_MAX;
	uint32_t i;

	for (i = 0; i < all->count; i++) {
		const struct zone_rctl_value *v = &all->values[i];

		if (!streq(v->name, zone_rctls[id].name) || v->limit > limit)
			continue;
		if ((zone_rctls[id].flags & ZRCTL_INFINITE) && v->limit == zone_rctls[id].max)
			continue;
		if (v->action == ZRCTL_DENY || (zone_rctls[id].flags & ZRCTL_NO_DENY))
			limit = v->limit;
	}
	return limit;
}

static void collect(const struct zone_rctls *all, struct limits *l)
{
	int i;

	for (i = 0; i < RCTL_COUNT; i++) {
		l->value[i] = zone_rctls_limit(all, (enum zone_rctl_id)i);
		l->has[i] = l->value[i] != UINT64_MAX;
	}
	if (!l->has[RCTL_CPU_SHARES])
		l->value[RCTL_CPU_SHARES] = zone_rctls[RCTL_CPU_SHARES].by_default;
}

static int set(const char *group, const char *rctl, const struct cgroup_setting *s, struct diag *d)
{
	int r = cgroup_set(group, s);

	/* Taking away a limit that cannot be set. */
	if (r == -EOPNOTSUPP && !rctl)
		return 0;
	if (r == -EOPNOTSUPP)
		return diag_set(d, r, "rctl '%s' cannot be enforced on this host", rctl);
	return r < 0 ? diag_errno(d, r, "Cannot set %s%s%s", rctl ? "rctl '" : "no limit",
			       rctl ? rctl : "", rctl ? "'" : "")
		     : 0;
}

/* The name of a control that there is, for set() to complain of. */
static const char *name_of(const struct limits *l, enum zone_rctl_id id)
{
	return l->has[id] ? zone_rctls[id].name : NULL;
}

/* Nothing is to be done for a control that neither is there nor was. */
static bool skipped(const struct limits *l, enum zone_rctl_id id)
{
	return !l->has[id] && !l->live;
}

static int set_number(const char *group, const char *rctl, enum cgroup_controller c,
	const char *file2, uint64_t value2, const char *file1, uint64_t value1, struct diag *d)
{
	char text2[32] = "max", text1[32] = "max";
	struct cgroup_setting s = {c, file2, text2, file1, text1};

	if (value2 != UINT64_MAX)
		(void)snprintf(text2, sizeof(text2), "%" PRIu64, value2);
	if (value1 != UINT64_MAX)
		(void)snprintf(text1, sizeof(text1), "%" PRIu64, value1);
	return set(group, rctl, &s, d);
}

/* Bytes; what no machine has is "no limit". */
static int set_bytes(const char *group, const char *rctl, const char *file2, uint64_t value2,
	const char *file1, uint64_t value1, struct diag *d)
{
	char text2[32] = "max", text1[32] = "-1";
	struct cgroup_setting s = {CGROUP_MEMORY, file2, text2, file1, text1};

	if (value2 < INT64_MAX)
		(void)snprintf(text2, sizeof(text2), "%" PRIu64, value2);
	if (value1 < INT64_MAX)
		(void)snprintf(text1, sizeof(text1), "%" PRIu64, value1);
	return set(group, rctl, &s, d);
}

static int apply_shares(const char *group, const struct limits *l, struct diag *d)
{
	uint64_t n = l->value[RCTL_CPU_SHARES];
	int r = set_number(group, "zone.cpu-shares", CGROUP_CPU, "cpu.weight",
		n < WEIGHT_MAX ? n : WEIGHT_MAX, "cpu.shares", n * V1_PER_SHARE, d);

	/* The one share that nobody asked for is not worth a refusal. */
	return r == -EOPNOTSUPP && !l->has[RCTL_CPU_SHARES] ? 0 : r;
}

static int apply_cap(const char *group, const struct limits *l, struct diag *d)
{
	char quota1[32] = "-1", quota2[64] = "max 100000";
	struct cgroup_setting s = {CGROUP_CPU, "cpu.max", quota2, "cpu.cfs_quota_us", quota1};
	uint64_t quota = l->value[RCTL_CPU_CAP] * (CPU_PERIOD_US / 100);
	int r;

	if (skipped(l, RCTL_CPU_CAP))
		return 0;
	if (l->has[RCTL_CPU_CAP]) {
		(void)snprintf(quota1, sizeof(quota1), "%" PRIu64, quota);
		(void)snprintf(quota2, sizeof(quota2), "%" PRIu64 " %u", quota, CPU_PERIOD_US);
	}
	if (!cgroup_is_v2(group, CGROUP_CPU)) {
		r = set_number(group, name_of(l, RCTL_CPU_CAP), CGROUP_CPU, NULL, 0,
			"cpu.cfs_period_us", CPU_PERIOD_US, d);
		if (r < 0)
			return r;
	}
	return set(group, name_of(l, RCTL_CPU_CAP), &s, d);
}

static int apply_lwps(const char *group, const struct limits *l, struct diag *d)
{
	uint64_t n = l->value[RCTL_MAX_LWPS];

	if (skipped(l, RCTL_MAX_LWPS))
		return 0;
	return set_number(
		group, name_of(l, RCTL_MAX_LWPS), CGROUP_PIDS, "pids.max", n, "pids.max", n, d);
}

/* Of the total, what the cap leaves over may be in swap; without a cap the kernel must not swap to keep the sum. */
static int apply_memory_v2(const char *group, const struct limits *l, struct diag *d)
{
	uint64_t total = l->value[RCTL_MAX_SWAP], cap = l->value[RCTL_MAX_PHYSICAL_MEMORY];
	uint64_t swap = l->has[RCTL_MAX_PHYSICAL_MEMORY] && cap < total ? total - cap : 0;
	int r = 0;

	if (!skipped(l, RCTL_MAX_PHYSICAL_MEMORY))
		r = set_bytes(group, name_of(l, RCTL_MAX_PHYSICAL_MEMORY), "memory.high", cap, NULL,
			0, d);
	if (r < 0 || skipped(l, RCTL_MAX_SWAP))
		return r;
	r = set_bytes(group, name_of(l, RCTL_MAX_SWAP), "memory.max", total, NULL, 0, d);
	if (r < 0)
		return r;
	/* A kernel without swap has no file for it. */
	return set_bytes(group, NULL, "memory.swap.max", l->has[RCTL_MAX_SWAP] ? swap : UINT64_MAX,
		NULL, 0, d);
}

/* The file of memory alone, never above the sum; -1 is the kernel's way to say no limit. */
static int set_v1(const char *group, const char *rctl, const char *file, uint64_t n, struct diag *d)
{
	return set_bytes(group, rctl, NULL, 0, file, n, d);
}

/*
 * v1: memory alone may not be allowed more than memory and swap together, at no moment: so
 * the sum is lifted before memory is, and bounded after it.
 */
static int apply_memory_v1(const char *group, const struct limits *l, struct diag *d)
{
	static const char sum_file[] = "memory.memsw.limit_in_bytes";
	static const char file[] = "memory.limit_in_bytes";
	uint64_t total = l->value[RCTL_MAX_SWAP], cap = l->value[RCTL_MAX_PHYSICAL_MEMORY];
	const char *name = name_of(l, RCTL_MAX_PHYSICAL_MEMORY);
	int r = 0;

	if (skipped(l, RCTL_MAX_SWAP) && skipped(l, RCTL_MAX_PHYSICAL_MEMORY))
		return 0;
	if (l->live)
		r = set_v1(group, NULL, sum_file, UINT64_MAX, d);
	if (r == 0)
		r = set_v1(group, name ? name : name_of(l, RCTL_MAX_SWAP), file,
			cap < total ? cap : total, d);
	if (r == 0 && l->has[RCTL_MAX_SWAP])
		r = set_v1(group, name_of(l, RCTL_MAX_SWAP), sum_file, total, d);
	return r;
}

static int apply_memory(const char *group, const struct limits *l, struct diag *d)
{
	return cgroup_is_v2(group, CGROUP_MEMORY) ? apply_memory_v2(group, l, d)
						  : apply_memory_v1(group, l, d);
}

int zone_rctls_apply(
	const struct zone *z, const struct zone_rctls *rctls, bool live, struct diag *d)
{
	static int (*const apply[])(const char *group, const struct limits *l, struct diag *d) = {
		apply_shares, apply_cap, apply_lwps, apply_memory};
	struct limits l = {.live = live};
	char group[ZONE_GROUP_MAX];
	size_t i;
	int r = 0;

	zone_group(z, NULL, group);
	collect(rctls, &l);
	for (i = 0; i < ARRAY_SIZE(apply) && r == 0; i++)
		r = apply[i](group, &l, d);
	return r;
}
