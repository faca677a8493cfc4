/* SPDX-License-Identifier: MIT */
/*
 * Resource controls of zones that live: what they use, and changes, which are applied to the
 * control group at once, stored with zsched, and lost with the zone. A value below
 * what is used already is taken: only new requests fail.
 *
 * Lock: the zone's rctl_lock is held over a whole change, so that the group always
 * has what the table has.
 */
#include "zoned/kstat.h"
#include "zoned/zone-impl.h"

#include "linux/cgroup-control.h"
#include "linux/cgroup-stat.h"

#include <inttypes.h>

/* ---- what is used ---- */

static const struct {
	struct cgroup_counter usage, refused;
} counters[RCTL_COUNT] = {
	[RCTL_MAX_LWPS] =
		{
			{CGROUP_PIDS, "pids.current", "", "pids.current", ""},
			{CGROUP_PIDS, "pids.events", "max", "pids.events", "max"},
		},
	[RCTL_MAX_PHYSICAL_MEMORY] =
		{
			{CGROUP_MEMORY, "memory.current", "", "memory.usage_in_bytes", ""},
			{CGROUP_MEMORY, "memory.events", "high", "memory.failcnt", ""},
		},
	[RCTL_MAX_SWAP] =
		{
			{CGROUP_MEMORY, "memory.current", "", "memory.memsw.usage_in_bytes", ""},
			{CGROUP_MEMORY, "memory.events", "max", "memory.memsw.failcnt", ""},
		},
	[RCTL_CPU_CAP] =
		{
			{0},
			{CGROUP_CPU, "cpu.stat", "nr_throttled", "cpu.stat", "nr_throttled"},
		},
};

static int count(
	const struct zone *z, const char *leaf, const struct cgroup_counter *c, uint64_t *ret)
{
	char group[ZONE_GROUP_MAX];

	zone_group(z, leaf, group);
	return cgroup_get(group, c, ret);
}

/* The shares themselves, as on illumos. */
static uint64_t shares(struct zone *z)
{
	struct zone_rctls rctls;
	uint64_t n;

	zone_rctls_get(z, &rctls);
	n = zone_rctls_limit(&rctls, RCTL_CPU_SHARES);
	return n == UINT64_MAX ? zone_rctls[RCTL_CPU_SHARES].by_default : n;
}

/* In percent of one CPU, as the cap is. */
static int cpu_usage(struct zone *z, uint64_t *ret)
{
	struct kstat_load load;

	if (!kstat_load_get(z, &load) || !load.has_cpu)
		return -EOPNOTSUPP;
	*ret = load.percent;
	return 0;
}

int zone_rctl_usage(struct zone *z, enum zone_rctl_id id, uint64_t *ret)
{
	static const struct cgroup_counter swap = {
		CGROUP_MEMORY, "memory.swap.current", "", NULL, NULL};
	char group[ZONE_GROUP_MAX];
	uint64_t more;
	int r;

	if (id == RCTL_MAX_PROCESSES) {
		zone_group(z, "zone", group);
		*ret = cgroup_count(group);
		return 0;
	}
	if (id == RCTL_MAX_LOFI) {
		*ret = 0;
		return 0;
	}
	if (id == RCTL_CPU_SHARES) {
		*ret = shares(z);
		return 0;
	}
	if (id == RCTL_CPU_CAP)
		return cpu_usage(z, ret);
	if (zone_ipc_usage(z, id, ret) == 0)
		return 0;
	r = count(z, NULL, &counters[id].usage, ret);
	if (r == 0 && id == RCTL_MAX_SWAP && count(z, NULL, &swap, &more) == 0)
		*ret += more;
	return r;
}

/*
 * Where forks that failed are counted: where the limit is by v2 since Linux 6.11, else where the process is,
 * which nobody can sum up when the zone has shared the controller out to groups that come and go.
 */
static int group_of_forks(const struct zone *z, const char **ret_leaf)
{
	char group[ZONE_GROUP_MAX];
	uint64_t n;

	*ret_leaf = NULL;
	zone_group(z, NULL, group);
	if (cgroup_is_v2(group, CGROUP_PIDS)) {
		if (cgroup_get_v2(group, "pids.events.local", "max", &n) == 0)
			return 0;
		zone_group(z, "zone", group);
		if (cgroup_shares(group, CGROUP_PIDS))
			return -EOPNOTSUPP;
	}
	*ret_leaf = "zone";
	return 0;
}

int zone_rctl_refused(const struct zone *z, enum zone_rctl_id id, uint64_t *ret)
{
	const char *leaf = NULL;
	int r = id == RCTL_MAX_LWPS ? group_of_forks(z, &leaf) : 0;

	return r < 0 ? r : count(z, leaf, &counters[id].refused, ret);
}

/* ---- values ---- */

void zone_rctls_get(struct zone *z, struct zone_rctls *ret)
{
	(void)pthread_mutex_lock(&z->lock);
	*ret = z->rctls;
	(void)pthread_mutex_unlock(&z->lock);
}

static void put(struct zone *z, const struct zone_rctls *rctls)
{
	(void)pthread_mutex_lock(&z->lock);
	z->rctls = *rctls;
	(void)pthread_mutex_unlock(&z->lock);
}

int zone_rctls_restore(struct zone *z, struct diag *d)
{
	return zone_rctls_apply(z, &z->rctls, true, d);
}

static bool fits(const struct zone_rctl_value *v, const struct zone_rctl_set_req *req)
{
	return streq(v->name, req->value.name) && v->priv == req->value.priv &&
	       (!req->has_limit || v->limit == req->value.limit);
}

static struct zone_rctl_value *find(struct zone_rctls *rctls, const struct zone_rctl_set_req *req)
{
	uint32_t i;

	for (i = 0; i < rctls->count; i++)
		if (fits(&rctls->values[i], req))
			return &rctls->values[i];
	return NULL;
}

static int none_fits(const struct zone_rctl_set_req *req, struct diag *d)
{
	return diag_set(d, -ESRCH, "rctl '%s': no such value is set", req->value.name);
}

static int add(struct zone_rctls *rctls, const struct zone_rctl_set_req *req, struct diag *d)
{
	struct zone_rctl_set_req exactly = *req;
	struct zone_rctl_value *v;

	exactly.has_limit = 1;
	v = find(rctls, &exactly);
	if (!v && rctls->count == ZONE_RCTLS_MAX)
		return diag_set(d, -ENOSPC, "A zone has at most %d values of resource controls",
			ZONE_RCTLS_MAX);
	if (!v)
		v = &rctls->values[rctls->count++];
	*v = req->value;
	return 0;
}

static int replace(struct zone_rctls *rctls, const struct zone_rctl_set_req *req, struct diag *d)
{
	struct zone_rctl_set_req any = *req;
	struct zone_rctl_value *v;

	any.has_limit = 0;
	v = find(rctls, &any);
	if (!v)
		return add(rctls, req, d);
	v->limit = req->value.limit;
	if (req->value.action != ZRCTL_ANY)
		v->action = req->value.action;
	return 0;
}

static int delete (struct zone_rctls *rctls, const struct zone_rctl_set_req *req, struct diag *d)
{
	struct zone_rctl_value *v = find(rctls, req);

	if (!v)
		return none_fits(req, d);
	rctls->count--;
	memmove(v, v + 1, (size_t)(&rctls->values[rctls->count] - v) * sizeof(*v));
	return 0;
}

static int set_action(struct zone_rctls *rctls, const struct zone_rctl_set_req *req, struct diag *d)
{
	uint32_t i, n = 0;

	for (i = 0; i < rctls->count; i++) {
		if (!fits(&rctls->values[i], req))
			continue;
		rctls->values[i].action = req->value.action;
		n++;
	}
	return n ? 0 : none_fits(req, d);
}

static int edit(struct zone_rctls *rctls, const struct zone_rctl_set_req *req, struct diag *d)
{
	switch (req->op) {
	case ZRCTL_OP_SET:
		return add(rctls, req, d);
	case ZRCTL_OP_REPLACE:
		return replace(rctls, req, d);
	case ZRCTL_OP_DELETE:
		return delete (rctls, req, d);
	case ZRCTL_OP_ACTION:
		return set_action(rctls, req, d);
	default:
		return -EINVAL;
	}
}

/* ---- calls ---- */

/*
 * The fields as zone_create() would check them. What the operation does not use is checked with
 * what the control has by default; that default is also what a new value gets.
 */
static int check(struct zone_rctl_set_req *req, struct diag *d)
{
	struct zone_rctl_value v = req->value;
	enum zone_rctl_id id;

	if (!str_terminated(v.name, sizeof(v.name)) || zone_rctl_find(v.name, &id) < 0)
		return diag_set(d, -EINVAL, "There is no such resource control");
	if (v.action == ZRCTL_ANY)
		v.action = zone_rctls[id].flags & ZRCTL_NO_DENY ? ZRCTL_NONE : ZRCTL_DENY;
	if (req->op == ZRCTL_OP_SET)
		req->value.action = v.action;
	if ((req->op == ZRCTL_OP_DELETE || req->op == ZRCTL_OP_ACTION) && !req->has_limit)
		v.limit = zone_rctls[id].max;
	return zone_rctls_check(&v, 1, d);
}

/* A replaced value that is a new one needs an action, too. */
static void complete(struct zone_rctls *rctls)
{
	enum zone_rctl_id id;
	uint32_t i;

	for (i = 0; i < rctls->count; i++) {
		struct zone_rctl_value *v = &rctls->values[i];

		if (v->action == ZRCTL_ANY && zone_rctl_find(v->name, &id) == 0)
			v->action = zone_rctls[id].flags & ZRCTL_NO_DENY ? ZRCTL_NONE : ZRCTL_DENY;
	}
}

static int apply(
	const struct zone *z, const struct zone_rctls *rctls, const char *name, struct diag *d)
{
	enum zone_rctl_id id;

	if (zone_rctl_find(name, &id) == 0 && zone_rctl_is_ipc(id))
		return zone_ipc_apply(z, rctls, true, d);
	return zone_rctls_apply(z, rctls, true, d);
}

/* Group and record have the new values, or both the old ones. */
static int change(struct zone *z, const struct zone_rctl_set_req *req, struct diag *d)
{
	struct zone_rctls old, new;
	int r;

	zone_rctls_get(z, &old);
	new = old;
	r = edit(&new, req, d);
	if (r < 0)
		return r;
	complete(&new);
	r = zone_rctls_enforceable(&new, d);
	if (r < 0)
		return r;
	r = apply(z, &new, req->value.name, d);
	if (r == 0) {
		put(z, &new);
		r = zone_save(z, d);
	}
	if (r < 0) {
		put(z, &old);
		(void)apply(z, &old, req->value.name, NULL);
	}
	return r;
}

int serve_rctl_set(struct zoned_call *call)
{
	struct zone_rctl_set_req req;
	struct zone *z;
	int r;

	memcpy(&req, call->req, sizeof(req));
	if (req.zoneid == GLOBAL_ZONEID)
		return diag_set(&call->diag, -EINVAL,
			"The global zone has no resource controls here; the host's are systemd's");
	r = check(&req, &call->diag);
	if (r < 0)
		return r;
	z = zone_hold_by_id(req.zoneid, ZONE_IS_READY, ZONE_IS_RUNNING, ZONE_REF_CALL);
	if (!z)
		return diag_set(&call->diag, -EINVAL, "There is no such zone, or it is going down");
	(void)pthread_mutex_lock(&z->rctl_lock);
	r = change(z, &req, &call->diag);
	(void)pthread_mutex_unlock(&z->rctl_lock);
	zone_rele(z, ZONE_REF_CALL);
	return r;
}

static void fill(struct zone *z, enum zone_rctl_id id, struct zone_rctl_get_reply *reply)
{
	struct zone_rctls rctls;
	uint32_t i;

	if (zone_rctl_usage(z, id, &reply->usage) < 0)
		reply->usage = ZONE_RCTL_UNKNOWN;
	if (zone_rctl_refused(z, id, &reply->refused) < 0)
		reply->refused = ZONE_RCTL_UNKNOWN;
	zone_rctls_get(z, &rctls);
	reply->enforced = zone_rctl_enforceable(id) || zone_rctls_limit(&rctls, id) != UINT64_MAX;
	for (i = 0; i < rctls.count; i++)
		if (streq(rctls.values[i].name, zone_rctls[id].name))
			reply->values[reply->count++] = rctls.values[i];
}

int serve_rctl_get(struct zoned_call *call)
{
	const struct zone_rctl_get_req *req = call->req;
	enum zone_rctl_id id;
	struct zone *z;

	if (!str_terminated(req->name, sizeof(req->name)) || zone_rctl_find(req->name, &id) < 0)
		return diag_set(&call->diag, -EINVAL, "There is no such resource control");
	z = zone_hold_by_id(req->zoneid, ZONE_IS_READY, ZONE_IS_DOWN, ZONE_REF_CALL);
	if (z && (!zone_visible(call, z) || z->id == GLOBAL_ZONEID)) {
		zone_rele(z, ZONE_REF_CALL);
		z = NULL;
	}
	if (!z)
		return diag_set(
			&call->diag, -EINVAL, "There is no such zone with resource controls");
	fill(z, id, call->reply);
	zone_rele(z, ZONE_REF_CALL);
	return 0;
}
