/* SPDX-License-Identifier: MIT */
/*
 * Resource controls of a running zone; see apply.h. zoned has what is in force, prctl(1) may have
 * changed it.
 *
 * New values are added first and old ones taken away then: at no moment is the zone without
 * a limit that it had and will have. A control that holds only together with another one (the
 * last two of `order`) comes after that when adding, and before it when taking away.
 */
#include "zoneadmd/apply.h"

#include "zone/rctl-calls.h"
#include "zoneadmd/stages.h"

#include <inttypes.h>

static const enum zone_rctl_id order[RCTL_COUNT] = {RCTL_CPU_SHARES, RCTL_CPU_CAP, RCTL_MAX_LWPS,
	RCTL_MAX_MSG_IDS, RCTL_MAX_SEM_IDS, RCTL_MAX_SHM_IDS, RCTL_MAX_SHM_MEMORY, RCTL_MAX_SWAP,
	RCTL_MAX_PHYSICAL_MEMORY, RCTL_MAX_LOFI, RCTL_MAX_PROCESSES, RCTL_MAX_LOCKED_MEMORY};

struct values {
	uint32_t count;
	struct zone_rctl_value v[ZONE_RCTLS_MAX];
};

static bool has(const struct values *all, const struct zone_rctl_value *v)
{
	uint32_t i;

	for (i = 0; i < all->count; i++)
		if (streq(all->v[i].name, v->name) && all->v[i].priv == v->priv &&
			all->v[i].limit == v->limit && all->v[i].action == v->action)
			return true;
	return false;
}

/* The same value with whatever action. */
static bool has_limit(const struct values *all, const struct zone_rctl_value *v)
{
	struct zone_rctl_value other = *v;

	other.action = v->action == ZRCTL_DENY ? ZRCTL_NONE : ZRCTL_DENY;
	return has(all, v) || has(all, &other);
}

static int read_live(struct apply *a, struct values *ret, struct diag *d)
{
	struct zone_rctl_get_reply *reply = malloc(sizeof(*reply));
	int i, r = reply ? 0 : -ENOMEM;
	uint32_t k;

	ret->count = 0;
	for (i = 0; i < RCTL_COUNT && r == 0; i++) {
		r = zone_call_rctl_get(a->p->id, zone_rctls[i].name, reply, d);
		for (k = 0; r == 0 && k < reply->count && ret->count < ZONE_RCTLS_MAX; k++)
			ret->v[ret->count++] = reply->values[k];
	}
	free(reply);
	return r < 0 && !d->text[0] ? diag_errno(d, r, "cannot ask for resource controls") : r;
}

static int set(
	struct apply *a, enum zone_rctl_op op, const struct zone_rctl_value *v, struct diag *d)
{
	struct zone_rctl_set_req req = {
		.zoneid = a->p->id, .op = (uint32_t)op, .has_limit = 1, .value = *v};
	int r;

	apply_note(a, "rctl %s: %s (%s,%" PRIu64 ",%s)", v->name,
		op == ZRCTL_OP_SET ? "set" : "remove",
		v->priv == ZRCTL_PRIVILEGED ? "privileged" : "basic", v->limit,
		v->action == ZRCTL_DENY ? "deny" : "none");
	if (a->dry)
		return 0;
	r = zone_call_rctl_set(&req, d);
	return r < 0 && !d->text[0] ? diag_errno(d, r, "rctl %s: cannot change it", v->name) : r;
}

/* Of one control, what `from` has and `to` has not. */
static int each(struct apply *a, enum zone_rctl_op op, enum zone_rctl_id id,
	const struct values *from, const struct values *to, struct diag *d)
{
	uint32_t i;
	int r = 0;

	for (i = 0; i < from->count && r == 0; i++) {
		const struct zone_rctl_value *v = &from->v[i];

		if (!streq(v->name, zone_rctls[id].name))
			continue;
		if (op == ZRCTL_OP_SET ? !has(to, v) : !has_limit(to, v))
			r = set(a, op, v, d);
	}
	return r;
}

int apply_rctls(struct apply *a, struct diag *d)
{
	struct values want, live;
	size_t i;
	int r;

	r = snapshot_rctl_values(&a->want, want.v, &want.count, d);
	if (r == 0)
		r = read_live(a, &live, d);
	for (i = 0; i < RCTL_COUNT && r == 0; i++)
		r = each(a, ZRCTL_OP_SET, order[i], &want, &live, d);
	for (i = RCTL_COUNT; i-- > 0 && r == 0;)
		r = each(a, ZRCTL_OP_DELETE, order[i], &live, &want, d);
	return r;
}
