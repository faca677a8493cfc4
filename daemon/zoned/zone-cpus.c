/* SPDX-License-Identifier: MIT */
/*
 * The CPUs of zones: those of a pool, those that are dedicated to one zone, and what that leaves to the others.
 *
 * What zones ask for is in their records, what they have is in the control groups; nothing else is
 * kept. Each change works out anew what every zone is to have. Where the kernel can (v2, Linux
 * 6.7) dedicated CPUs are a partition, and the host's processes are kept off them too.
 *
 * cpus_lock: one such change at a time. Taken after a zone's life_lock and before zonehash_lock.
 */
#include "zoned/zone-impl.h"

#include "linux/cgroup-control.h"
#include "linux/log.h"
#include "zoned/cpu-plan.h"

struct place {
	struct zone *z; /* held */
	struct zone_dedicated_cpu ask;
	struct cpu_set pool; /* empty: all */
	struct cpu_set cpus;
};

struct change {
	struct cpu_set all, pools, dedicated;
	struct cpu_set shared; /* all but those that zones have as their own now */
	struct place *places;  /* those with dedicated CPUs first */
	size_t n, n_asking;
};

static pthread_mutex_t cpus_lock = PTHREAD_MUTEX_INITIALIZER;
static bool in_force = true; /* cpus_lock; some zone may be kept off CPUs */

/* ---- who asks for what ---- */

/* The CPUs that a zone has as its own are not among those of the host. */
static void count_own(struct change *c, const struct zone *z)
{
	char group[ZONE_GROUP_MAX];
	struct cpu_set own;

	zone_group(z, NULL, group);
	if (cgroup_owns_cpus(group) && cgroup_get_cpus(group, &own) == 0)
		cpu_set_add(&c->all, &own);
}

static int collect_one(struct change *c, struct zone *z)
{
	struct place *p = &c->places[c->n], other;
	zone_status_t status = zone_status_get(z);
	char pool[sizeof(z->attrs.pool)];

	if (z->id == GLOBAL_ZONEID || status < ZONE_IS_READY || status > ZONE_IS_EMPTY)
		return 0;
	*p = (struct place){.z = z};
	(void)pthread_mutex_lock(&z->lock);
	p->ask = z->attrs.dedicated;
	(void)str_copy(pool, sizeof(pool), z->attrs.pool);
	(void)pthread_mutex_unlock(&z->lock);
	if (pool[0]) {
		if (cpu_set_parse(pool, &p->pool) < 0)
			return -EINVAL;
		cpu_set_add(&c->pools, &p->pool);
	}
	if (p->ask.min)
		count_own(c, z);
	zone_hold(z, ZONE_REF_CALL);
	c->n++;
	if (p->ask.min) {
		other = c->places[c->n_asking];
		c->places[c->n_asking++] = *p;
		*p = other;
	}
	return 0;
}

static void release(struct change *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		zone_rele(c->places[i].z, ZONE_REF_CALL);
	free(c->places);
}

static int collect(struct change *c)
{
	zoneid_t id = GLOBAL_ZONEID + 1;
	struct zone *z;
	int r;

	r = cgroup_get_cpus("", &c->shared);
	if (r < 0)
		return r;
	c->all = c->shared;
	while (r == 0 && (z = zone_hold_next(id, ZONE_REF_CALL))) {
		struct place *more = reallocarray(c->places, c->n + 1, sizeof(*more));

		id = z->id + 1;
		if (more)
			c->places = more;
		r = more ? collect_one(c, z) : -ENOMEM;
		zone_rele(z, ZONE_REF_CALL);
	}
	return r;
}

/* ---- what each gets ---- */

static int refuse(const struct change *c, const struct place *p, struct diag *d)
{
	if (p->ask.min)
		return diag_set(d, -ENOSPC,
			"Zone '%s' cannot have %llu dedicated CPUs: with those of other zones that is "
			"more than this host's %u less the one that stays for everybody else",
			p->z->name, (unsigned long long)p->ask.min, cpu_set_count(&c->all));
	return diag_set(d, -EBUSY, "The CPUs of the pool of zone '%s' are dedicated to other zones",
		p->z->name);
}

static int plan_dedicated(struct change *c, struct zone *who, struct diag *d)
{
	_cleanup_free_ struct cpu_want *wants = calloc(c->n_asking + 1, sizeof(*wants));
	char group[ZONE_GROUP_MAX];
	size_t i, at = 0;
	int r;

	if (!wants)
		return -ENOMEM;
	for (i = 0; i < c->n_asking; i++) {
		const struct place *p = &c->places[i];

		wants[i].min = p->ask.min;
		wants[i].max = p->ask.max;
		wants[i].importance = p->ask.importance;
		zone_group(p->z, NULL, group);
		/* who has what everybody has, has not got its own yet */
		if (cgroup_get_cpus(group, &wants[i].cpus) < 0 ||
			cpu_set_equal(&wants[i].cpus, &c->shared))
			wants[i].cpus = (struct cpu_set){0};
		if (p->z == who)
			at = i;
	}
	r = cpu_plan(wants, c->n_asking, &c->all, &c->pools);
	if (r < 0)
		return refuse(c, &c->places[at], d);
	for (i = 0; i < c->n_asking; i++) {
		c->places[i].cpus = wants[i].cpus;
		cpu_set_add(&c->dedicated, &wants[i].cpus);
	}
	return 0;
}

static int plan(struct change *c, struct zone *who, struct diag *d)
{
	int r = plan_dedicated(c, who, d);
	size_t i;

	for (i = c->n_asking; i < c->n && r == 0; i++) {
		struct place *p = &c->places[i];

		p->cpus = p->pool;
		cpu_set_intersect(&p->cpus, &c->all);
		if (cpu_set_count(&p->cpus) == 0) /* no pool, or they went off line */
			p->cpus = c->all;
		cpu_set_remove(&p->cpus, &c->dedicated);
		if (r == 0 && cpu_set_count(&p->cpus) == 0)
			r = refuse(c, p, d);
	}
	return r;
}

/* ---- the control groups ---- */

/* As the kernel reads them; NULL without memory. */
static char *text_of(const struct cpu_set *cpus)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	cpu_set_print(cpus, f);
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}

static int write_set(const char *group, const struct cpu_set *cpus)
{
	_cleanup_free_ char *text = text_of(cpus);

	return text ? cgroup_set_cpus(group, text) : -ENOMEM;
}

/* Lets go of CPUs that a zone has as its own and is not to keep, before anybody else gets them. */
static void disown(const struct place *p)
{
	char group[ZONE_GROUP_MAX];
	struct cpu_set now;

	zone_group(p->z, NULL, group);
	if (cgroup_owns_cpus(group) &&
		(cgroup_get_cpus(group, &now) < 0 || !cpu_set_equal(&now, &p->cpus)))
		cgroup_disown_cpus(group);
}

/* When the kernel does not, the other zones are kept off them all the same. */
static void own(const struct place *p)
{
	_cleanup_free_ char *text = text_of(&p->cpus);
	char group[ZONE_GROUP_MAX], why[256];
	int r;

	zone_group(p->z, NULL, group);
	if (!text || cgroup_owns_cpus(group))
		return;
	r = cgroup_own_cpus(group, text, why, sizeof(why));
	if (r < 0 && r != -EOPNOTSUPP && r != -ENOENT)
		log_line(LOG_WARNING,
			"Zone '%s' shares its dedicated CPUs with the host's processes: %s",
			p->z->name, why[0] ? why : strerror(-r));
}

/* In a v1 hierarchy a group must have what the one below it has: so both sets, then the new one. */
static int give(const struct place *p)
{
	char upper[ZONE_GROUP_MAX], leaf[ZONE_GROUP_MAX];
	struct cpu_set both;
	int r;

	zone_group(p->z, NULL, upper);
	zone_group(p->z, "zone", leaf);
	r = cgroup_get_cpus(upper, &both);
	if (r < 0 || cpu_set_equal(&both, &p->cpus))
		return r;
	cpu_set_add(&both, &p->cpus);
	r = write_set(upper, &both);
	if (r == 0)
		r = write_set(leaf, &p->cpus);
	if (r == 0)
		r = write_set(upper, &p->cpus);
	return r < 0 ? r : cgroup_join_cpus(leaf);
}

/* The CPUs of zones with dedicated ones become theirs alone. */
static void own_all(const struct change *c)
{
	_cleanup_free_ char *text = text_of(&c->dedicated);
	size_t i;

	if (!text || cgroup_offer_cpus(ZONE_GROUPS, text) == -EOPNOTSUPP)
		return;
	for (i = 0; i < c->n_asking; i++)
		own(&c->places[i]);
}

static int apply(struct change *c, struct diag *d)
{
	size_t i;
	int r;

	for (i = 0; i < c->n_asking; i++)
		disown(&c->places[i]);
	for (i = 0; i < c->n; i++) {
		r = give(&c->places[i]);
		/* it may be going away, which nobody need know */
		if (r < 0 && zone_status_get(c->places[i].z) < ZONE_IS_EMPTY)
			return diag_errno(
				d, r, "Cannot give zone '%s' its CPUs", c->places[i].z->name);
	}
	own_all(c);
	return 0;
}

/* who: the zone that wants something new, to be named when there is not enough. */
static int balance(struct zone *who, struct diag *d)
{
	struct change c = {0};
	int r;

	(void)pthread_mutex_lock(&cpus_lock);
	r = collect(&c);
	if (r == -EOPNOTSUPP || r == -ENOENT)
		r = diag_set(d, -EOPNOTSUPP,
			"This host cannot hold a zone to CPUs (it has no cpuset controller)");
	if (r == 0)
		r = plan(&c, who, d);
	if (r == 0) {
		r = apply(&c, d);
		in_force = r < 0 || c.n_asking > 0;
	}
	release(&c);
	(void)pthread_mutex_unlock(&cpus_lock);
	return r;
}

static bool is_needed(void)
{
	bool needed;

	(void)pthread_mutex_lock(&cpus_lock);
	needed = in_force;
	(void)pthread_mutex_unlock(&cpus_lock);
	return needed;
}

int zone_cpus_apply(struct zone *z, struct diag *d)
{
	int r = is_needed() ? balance(z, d) : 0;

	/* then no zone was let ask for any */
	return r == -EOPNOTSUPP ? 0 : r;
}

void zone_cpus_leave(struct zone *z)
{
	char group[ZONE_GROUP_MAX];

	zone_group(z, NULL, group);
	(void)pthread_mutex_lock(&cpus_lock);
	if (in_force && cgroup_owns_cpus(group))
		cgroup_disown_cpus(group);
	(void)pthread_mutex_unlock(&cpus_lock);
}

void zone_cpus_look(void)
{
	struct diag d = {0};

	if (zone_cpus_apply(NULL, &d) < 0)
		log_line(LOG_WARNING, "Cannot share out the CPUs again: %s", d.text);
}

/* ---- attributes ---- */

/* The CPUs of the host and of its zones. */
static int get_all(struct cpu_set *ret)
{
	struct change c = {0};
	int r;

	(void)pthread_mutex_lock(&cpus_lock);
	r = collect(&c);
	(void)pthread_mutex_unlock(&cpus_lock);
	if (r == 0)
		*ret = c.all;
	release(&c);
	return r;
}

static int check_pool(const struct zone_setattr_req *req, struct diag *d)
{
	struct cpu_set cpus, all;

	if (!req->size || memchr(req->data, '\0', req->size) != req->data + req->size - 1 ||
		req->size > sizeof(((struct zone_attrs *)0)->pool))
		return -EINVAL;
	if (get_all(&all) < 0)
		return 0; /* it cannot be held, as is said later */
	if (cpu_set_parse(req->data, &cpus) == 0 && cpu_set_count(&cpus)) {
		cpu_set_remove(&cpus, &all);
		if (cpu_set_count(&cpus) == 0)
			return 0;
	}
	return diag_set(d, -EINVAL, "'%s' are not CPUs of this host", req->data);
}

static int check(const struct zone_setattr_req *req, struct diag *d)
{
	struct zone_dedicated_cpu ask;

	if (req->attr == ZONE_ATTR_POOLID)
		return check_pool(req, d);
	if (req->size != sizeof(ask))
		return -EINVAL;
	memcpy(&ask, req->data, sizeof(ask));
	return ask.min && ask.min <= ask.max ? 0 : -EINVAL;
}

int zone_cpus_set(struct zone *z, const struct zone_setattr_req *req, struct diag *d)
{
	struct zone_dedicated_cpu old_ask;
	char old_pool[sizeof(z->attrs.pool)];
	int r = check(req, d);

	if (r < 0)
		return r;
	(void)pthread_mutex_lock(&z->lock);
	old_ask = z->attrs.dedicated;
	memcpy(old_pool, z->attrs.pool, sizeof(old_pool));
	if (req->attr == ZONE_ATTR_POOLID)
		memcpy(z->attrs.pool, req->data, req->size);
	else
		memcpy(&z->attrs.dedicated, req->data, sizeof(z->attrs.dedicated));
	(void)pthread_mutex_unlock(&z->lock);
	r = balance(z, d);
	if (r == 0)
		r = zone_save(z, d);
	if (r == 0)
		return 0;
	(void)pthread_mutex_lock(&z->lock);
	z->attrs.dedicated = old_ask;
	memcpy(z->attrs.pool, old_pool, sizeof(old_pool));
	(void)pthread_mutex_unlock(&z->lock);
	zone_cpus_look();
	return r;
}
