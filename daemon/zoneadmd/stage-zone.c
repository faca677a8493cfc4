/* SPDX-License-Identifier: MIT */
/*
 * The stages that are calls to zoned: the zone itself with its resource
 * controls, its attributes, its init, and the end of all of them.
 *
 * The brand's name is set as the last thing of a bring-up, because it can be set only
 * once: a ready zone without one was left half way.
 */
#include "zoneadmd/stages.h"

#include "linux/instance.h"
#include "zoneadmd/bootargs.h"
#include "zoneadmd/hook.h"
#include "zonecfg/rules.h"

#include <inttypes.h>

#define PHYSICAL_MEMORY "zone.max-physical-memory"

/* ---- create ---- */

static int add_rctl(struct zone_rctl_value *values, uint32_t *count, const char *name,
	const struct snapshot_rctl_value *value, struct diag *d)
{
	struct zone_rctl_value *v = &values[*count];

	if (*count == ZONE_RCTLS_MAX)
		return diag_set(
			d, -E2BIG, "too many resource control values; at most %d", ZONE_RCTLS_MAX);
	if (str_copy(v->name, sizeof(v->name), name) < 0)
		return diag_set(d, -ENAMETOOLONG, "the name of rctl '%s' is too long", name);
	v->priv = value->privileged ? ZRCTL_PRIVILEGED : ZRCTL_BASIC;
	v->action = value->deny ? ZRCTL_DENY : ZRCTL_NONE;
	v->limit = value->limit;
	(*count)++;
	return 0;
}

int snapshot_rctl_values(const struct zone_snapshot *snap, struct zone_rctl_value *values,
	uint32_t *ret_count, struct diag *d)
{
	struct snapshot_rctl_value cap = {.privileged = true, .deny = true, .limit = snap->physcap};
	bool physcap = snap->physcap != 0;
	size_t i, k;
	int r = 0;

	*ret_count = 0;
	for (i = 0; i < snap->n_rctls && r == 0; i++) {
		const struct snapshot_rctl *c = &snap->rctls[i];

		if (streq(c->name, PHYSICAL_MEMORY))
			physcap = false;
		for (k = 0; k < c->n_values && r == 0; k++)
			r = add_rctl(values, ret_count, c->name, &c->values[k], d);
	}
	if (r == 0 && physcap)
		r = add_rctl(values, ret_count, PHYSICAL_MEMORY, &cap, d);
	return r;
}

static int fill_create(struct platform *p, struct zone_create_req *req, struct diag *d)
{
	const struct zone_snapshot *snap = &p->snap;
	uint64_t did;
	int r;

	if (zonecfg_parse_u64(snap->debugid, &did) == 0 && did <= INT32_MAX)
		req->did = (int32_t)did;
	/* a scratch zone has no network, and nobody else's either */
	req->flags = p->scratch ? ZF_NET_EXCL | ZF_SCRATCH : snap->exclusive_ip ? ZF_NET_EXCL : 0;
	r = str_copy(req->name, sizeof(req->name), p->zone);
	if (!r)
		r = instance_path(req->root, sizeof(req->root), "%s%s", snap->zonepath,
			p->scratch ? ZONE_SCRATCH_ROOT : "/root");
	if (!r && !p->scratch && !streq(snap->limitpriv, "default"))
		r = str_copy(req->limitpriv, sizeof(req->limitpriv), snap->limitpriv);
	if (r < 0)
		return diag_set(d, r, "zonepath or limitpriv is too long");
	return snapshot_rctl_values(snap, req->rctls, &req->nrctls, d);
}

int create_up(struct platform *p, struct diag *d)
{
	_cleanup_free_ struct zone_create_req *req = NULL;
	struct zone_create_reply reply = {0};
	int r;

	if (p->scratch && (r = scratch_place(p, d)) < 0)
		return r;
	req = calloc(1, sizeof(*req) + ZONE_RCTLS_MAX * sizeof(req->rctls[0]));
	if (!req)
		return -ENOMEM;
	r = fill_create(p, req, d);
	if (!r)
		r = zone_call_create(req, &reply, d);
	if (r < 0)
		return d->text[0] ? r : diag_errno(d, r, "cannot create the zone");
	p->id = reply.zoneid;
	return 0;
}

int create_down(struct platform *p, struct diag *d)
{
	zoneid_t id;
	int r;

	r = zone_call_lookup(p->zone, &id);
	if (r == -EINVAL)
		return scratch_place_remove(p, d);
	if (r == 0)
		r = zone_call_destroy(id, d);
	if (r < 0 && !d->text[0])
		return diag_errno(d, r, "cannot destroy the zone");
	if (r == 0) {
		p->id = NO_ZONE;
		if (d->text[0])
			report_line(p->report, "WARNING: %s", d->text);
		r = scratch_place_remove(p, d);
	}
	return r;
}

bool create_probe(struct platform *p)
{
	return zone_call_lookup(p->zone, &p->id) == 0;
}

/* ---- attributes ---- */

static int set_attr(struct platform *p, enum zone_attr attr, const char *name, const void *data,
	size_t size, struct diag *d)
{
	int r = zone_call_setattr(p->id, attr, data, size, d);

	return r < 0 && !d->text[0] ? diag_errno(d, r, "cannot set the zone's %s", name) : r;
}

static int set_string(struct platform *p, enum zone_attr attr, const char *name, const char *value,
	struct diag *d)
{
	return set_attr(p, attr, name, value, strlen(value) + 1, d);
}

static int set_hostid(struct platform *p, struct diag *d)
{
	uint32_t hostid;

	if (!p->snap.hostid[0])
		return 0;
	if (zonecfg_parse_hostid(p->snap.hostid, &hostid) != Z_OK)
		return diag_set(d, -EINVAL, "'%s' is not a host id", p->snap.hostid);
	return set_attr(p, ZONE_ATTR_HOSTID, "host id", &hostid, sizeof(hostid), d);
}

/* As on illumos a pool that is not there is the default one, with all CPUs. */
static int set_pool(struct platform *p, struct diag *d)
{
	char cpus[256];
	int r;

	if (!p->snap.pool[0])
		return 0;
	r = zonecfg_pool_cpus(p->snap.pool, cpus, sizeof(cpus));
	if (r == -ENOENT) {
		report_line(p->report,
			"WARNING: pool '%s' is not in /etc/zones/pools; using all CPUs",
			p->snap.pool);
		return 0;
	}
	if (r < 0)
		return diag_errno(d, r, "cannot read /etc/zones/pools");
	return set_string(p, ZONE_ATTR_POOLID, "pool", cpus, d);
}

static int set_dedicated_cpu(struct platform *p, struct diag *d)
{
	struct zone_dedicated_cpu ask;

	if (!p->snap.dedicated_cpu[0])
		return 0;
	if (sscanf(p->snap.dedicated_cpu, "%" SCNu64 "-%" SCNu64 " %" SCNu64, &ask.min, &ask.max,
		    &ask.importance) != 3)
		return diag_set(d, -EINVAL, "'%s' is not a number of CPUs", p->snap.dedicated_cpu);
	return set_attr(p, ZONE_ATTR_DEDICATED_CPU, "dedicated-cpu", &ask, sizeof(ask), d);
}

static int set_secflags(struct platform *p, struct diag *d)
{
	unsigned int flags;

	if (!p->snap.secflags[0])
		return 0;
	if (zonecfg_parse_security_flags(p->snap.secflags, &flags) != Z_OK)
		return diag_set(d, -EINVAL, "'%s' are not security flags", p->snap.secflags);
	return set_attr(p, ZONE_ATTR_SECFLAGS, "security flags", &flags, sizeof(flags), d);
}

/* The default, that init is started again in place, is that of the kernel, too. */
static int set_restart(struct platform *p, struct diag *d)
{
	static const struct {
		const char *text;
		enum zone_attr attr;
	} policies[] = {
		{"false", ZONE_ATTR_INITNORESTART},
		{"0", ZONE_ATTR_INITRESTART0},
		{"reboot", ZONE_ATTR_INITREBOOT},
	};
	static const int yes = 1;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(policies); i++)
		if (streq(p->snap.restartinit, policies[i].text))
			return set_attr(
				p, policies[i].attr, "restart policy", &yes, sizeof(yes), d);
	return 0;
}

/* A zone that is mounted for repair: process 1 is there so that one can enter, and does nothing. */
static int scratch_attributes(struct platform *p, struct diag *d)
{
	static const int yes = 1;
	int r = set_attr(p, ZONE_ATTR_INITNORESTART, "restart policy", &yes, sizeof(yes), d);

	return r ? r : set_string(p, ZONE_ATTR_INITNAME, "init", SCRATCH_INIT, d);
}

int attributes_up(struct platform *p, struct diag *d)
{
	int r;

	if (p->scratch)
		return scratch_attributes(p, d);

	r = set_hostid(p, d);
	if (!r && p->snap.fs_allowed[0])
		r = set_string(p, ZONE_ATTR_FS_ALLOWED, "fs-allowed", p->snap.fs_allowed, d);
	if (!r && p->snap.sched_class[0])
		r = set_string(
			p, ZONE_ATTR_SCHED_CLASS, "scheduling class", p->snap.sched_class, d);
	if (!r)
		r = set_pool(p, d);
	if (!r)
		r = set_dedicated_cpu(p, d);
	if (!r)
		r = set_secflags(p, d);
	if (!r)
		r = set_restart(p, d);
	if (!r)
		r = set_string(p, ZONE_ATTR_INITNAME, "init", p->snap.initname, d);
	return r;
}

int finish_up(struct platform *p, struct diag *d)
{
	return set_string(p, ZONE_ATTR_BRAND, "brand", p->snap.brand, d);
}

bool finish_probe(struct platform *p)
{
	char brand[ZONENAME_MAX] = "";
	size_t size;

	return zone_call_getattr(p->id, ZONE_ATTR_BRAND, brand, sizeof(brand), &size) == 0 &&
	       brand[0];
}

/* ---- processes ---- */

static int parse_bootargs(struct platform *p, struct bootargs *ret, struct diag *d)
{
	const char *text = p->bootargs[0] ? p->bootargs : p->snap.bootargs;
	int r = bootargs_parse(text, ret);

	if (r == -E2BIG)
		return diag_set(d, r, "boot argument list too long");
	if (r < 0)
		return diag_set(d, r,
			"invalid boot arguments '%s': -i needs an absolute path, -m a value", text);
	if (ret->unknown[0])
		report_line(
			p->report, "WARNING: unused or invalid boot arguments '%s'", ret->unknown);
	return 0;
}

/* The last word that a brand has before init runs, the first when nothing runs any more. */
static int brand_hook(struct platform *p, const char *command, const char *name, struct diag *d)
{
	int r = hook_run(p, command, NULL);

	return r ? diag_set(d, r, "the brand's %s hook failed", name) : 0;
}

static int prepare_boot(struct platform *p, struct diag *d)
{
	_cleanup_free_ struct bootargs *args = malloc(sizeof(*args));
	int r;

	if (!args)
		return -ENOMEM;
	r = parse_bootargs(p, args, d);
	if (!r)
		r = brand_hook(p, p->snap.boot, "boot", d);
	if (!r && args->initname[0])
		r = set_string(p, ZONE_ATTR_INITNAME, "init", args->initname, d);
	if (!r && args->args[0])
		r = set_string(p, ZONE_ATTR_BOOTARGS, "boot arguments", args->args, d);
	return r;
}

/*
 * Linux: that init exists and can be executed is not looked at here: it may be on a file
 * system that only the zone sees. zsched sends the error of the exec.
 */
int processes_up(struct platform *p, struct diag *d)
{
	int r = p->scratch ? 0 : prepare_boot(p, d);

	if (!r)
		r = zone_call_boot(p->id, d);
	return r < 0 && !d->text[0] ? diag_errno(d, r, "cannot boot the zone") : r;
}

int processes_down(struct platform *p, struct diag *d)
{
	zoneid_t id;
	int r;

	r = zone_call_lookup(p->zone, &id);
	if (r == -EINVAL)
		return 0;
	if (r < 0)
		return diag_errno(d, r, "cannot ask zoned about the zone");
	r = zone_call_shutdown(id, d);
	if (r < 0)
		return d->text[0] ? r : diag_errno(d, r, "cannot shut the zone down");
	return brand_hook(p, p->snap.halt, "halt", d);
}
