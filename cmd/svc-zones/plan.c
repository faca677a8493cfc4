/* SPDX-License-Identifier: MIT */
/* The order of zones; see plan.h. */
#include "svc-zones/plan.h"

#define READY_TIMEOUT	  60u
#define READY_TIMEOUT_MAX 3600u

struct plan_zone *plan_find(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (streq(p->zones[i].name, name))
			return &p->zones[i];
	return NULL;
}

struct plan_zone *plan_find_pid(const struct plan *p, pid_t pid)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->zones[i].step == STEP_RUNS && p->zones[i].pid == pid)
			return &p->zones[i];
	return NULL;
}

size_t plan_count(const struct plan *p, enum plan_step step)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += p->zones[i].step == step;
	return n;
}

/* ---- attributes ---- */

static const char *attr(const struct zonecfg *cfg, const char *name)
{
	const struct zonecfg_attr *a = cfg ? zonecfg_find_attr(cfg, name) : NULL;

	return a && a->value ? a->value : NULL;
}

static enum boot_priority read_priority(
	const char *zone, const struct zonecfg *cfg, plan_report_fn report)
{
	static const char *const words[] = {"high", "default", "low"};
	const char *value = attr(cfg, "boot-priority");

	for (size_t i = 0; value && i < ARRAY_SIZE(words); i++)
		if (streq(value, words[i]))
			return (enum boot_priority)i;
	if (value)
		report(zone, "attr boot-priority is '%s', not high, default or low", value);
	return PRIORITY_DEFAULT;
}

static unsigned int read_timeout(const char *zone, const struct zonecfg *cfg, plan_report_fn report)
{
	const char *value = attr(cfg, "ready-timeout");
	unsigned long n;
	char *end;

	if (!value)
		return READY_TIMEOUT;
	errno = 0;
	n = strtoul(value, &end, 10);
	if (errno == 0 && end != value && !*end && value[0] != '-' && n > 0 &&
		n <= READY_TIMEOUT_MAX)
		return (unsigned int)n;
	report(zone, "attr ready-timeout is '%s', not a number of seconds up to %u", value,
		READY_TIMEOUT_MAX);
	return READY_TIMEOUT;
}

static int read_depends(struct plan_zone *z, const struct zonecfg *cfg)
{
	const char *p = attr(cfg, "depends");
	char **grown;

	while (p && *(p += strspn(p, ", "))) {
		size_t n = strcspn(p, ", ");

		grown = reallocarray(z->depends, z->n_depends + 1, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		z->depends = grown;
		grown[z->n_depends] = strndup(p, n);
		if (!grown[z->n_depends])
			return -ENOMEM;
		z->n_depends++;
		p += n;
	}
	return 0;
}

static int read_ready_file(struct plan_zone *z, const struct zonecfg *cfg, plan_report_fn report)
{
	const char *value = attr(cfg, "ready-file");

	if (value && value[0] != '/') {
		report(z->name, "attr ready-file is '%s', not an absolute path in the zone", value);
		value = NULL;
	}
	z->ready_file = value ? strdup(value) : NULL;
	return value && !z->ready_file ? -ENOMEM : 0;
}

int plan_add(struct plan *p, const char *name, const struct zonecfg *cfg, plan_report_fn report,
	struct plan_zone **ret)
{
	struct plan_zone *grown = reallocarray(p->zones, p->n + 1, sizeof(*grown)), *z;
	int r;

	if (!grown)
		return -ENOMEM;
	p->zones = grown;
	z = &grown[p->n++];
	*z = (struct plan_zone){.priority = read_priority(name, cfg, report),
		.ready_timeout = read_timeout(name, cfg, report)};
	r = str_copy(z->name, sizeof(z->name), name);
	if (r == 0)
		r = read_ready_file(z, cfg, report);
	if (r == 0)
		r = read_depends(z, cfg);
	*ret = z;
	return r;
}

void plan_free(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		for (size_t k = 0; k < p->zones[i].n_depends; k++)
			free(p->zones[i].depends[k]);
		free(p->zones[i].depends);
		free(p->zones[i].ready_file);
	}
	free(p->zones);
	*p = (struct plan){0};
}

/* ---- order ---- */

static void settle_missing(const struct plan *p, struct plan_zone *z, plan_report_fn report)
{
	for (size_t k = 0; z->step == STEP_WAITS && k < z->n_depends; k++) {
		if (plan_find(p, z->depends[k]))
			continue;
		report(z->name, "depends on zone '%s', which does not boot by itself",
			z->depends[k]);
		z->step = STEP_FAILED;
	}
}

/* Is there a way from z back to target, over zones that still wait and were not looked at for it? */
static bool leads_to(const struct plan *p, const struct plan_zone *z,
	const struct plan_zone *target, size_t round)
{
	for (size_t k = 0; k < z->n_depends; k++) {
		struct plan_zone *next = plan_find(p, z->depends[k]);

		if (!next || next->step != STEP_WAITS)
			continue;
		if (next == target)
			return true;
		if (next->seen == round)
			continue;
		next->seen = round;
		if (leads_to(p, next, target, round))
			return true;
	}
	return false;
}

static void settle_circles(struct plan *p, plan_report_fn report)
{
	for (size_t i = 0; i < p->n; i++)
		p->zones[i].in_circle = p->zones[i].step == STEP_WAITS &&
					leads_to(p, &p->zones[i], &p->zones[i], i + 1);
	for (size_t i = 0; i < p->n; i++) {
		if (!p->zones[i].in_circle)
			continue;
		report(p->zones[i].name, "depends on itself");
		p->zones[i].step = STEP_FAILED;
	}
}

void plan_settle(struct plan *p, plan_report_fn report)
{
	bool again = true;

	for (size_t i = 0; i < p->n; i++)
		settle_missing(p, &p->zones[i], report);
	settle_circles(p, report);
	while (again) {
		again = false;
		for (size_t i = 0; i < p->n; i++) {
			const struct plan_zone *z = &p->zones[i];

			for (size_t k = 0; k < z->n_depends; k++) {
				struct plan_zone *below = plan_find(p, z->depends[k]);

				if (!below || below->priority <= z->priority)
					continue;
				below->priority = z->priority;
				again = true;
			}
		}
	}
}

static bool is_over(const struct plan_zone *z)
{
	return z->step == STEP_DONE || z->step == STEP_FAILED;
}

static bool higher_is_up(const struct plan *p, enum boot_priority priority)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->zones[i].priority < priority && !is_over(&p->zones[i]))
			return false;
	return true;
}

/* How far what z needs is: done, failed (then *ret names it), or still on its way. */
static enum plan_step needs(const struct plan *p, const struct plan_zone *z, const char **ret)
{
	enum plan_step step = STEP_DONE;

	for (size_t k = 0; k < z->n_depends; k++) {
		const struct plan_zone *below = plan_find(p, z->depends[k]);

		if (!below || below->step == STEP_FAILED) {
			*ret = z->depends[k];
			return STEP_FAILED;
		}
		if (below->step != STEP_DONE)
			step = STEP_WAITS;
	}
	return step;
}

struct plan_zone *plan_next_start(struct plan *p, plan_report_fn report)
{
	const char *culprit;
	bool again = true;

	while (again) { /* each one that fails may fail others */
		again = false;
		for (size_t i = 0; i < p->n; i++) {
			struct plan_zone *z = &p->zones[i];
			enum plan_step step;

			if (z->step != STEP_WAITS)
				continue;
			step = needs(p, z, &culprit);
			if (step == STEP_DONE && higher_is_up(p, z->priority))
				return z;
			if (step != STEP_FAILED)
				continue;
			report(z->name, "not booted: it depends on zone '%s', which is not up",
				culprit);
			z->step = STEP_FAILED;
			again = true;
		}
	}
	return NULL;
}

/* Does a zone that has still to stop depend on this one? */
static bool is_needed(const struct plan *p, const struct plan_zone *below)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct plan_zone *z = &p->zones[i];

		for (size_t k = 0; z != below && !is_over(z) && k < z->n_depends; k++)
			if (streq(z->depends[k], below->name))
				return true;
	}
	return false;
}

static bool lower_is_down(const struct plan *p, enum boot_priority priority)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->zones[i].priority > priority && !is_over(&p->zones[i]))
			return false;
	return true;
}

struct plan_zone *plan_next_stop(struct plan *p)
{
	struct plan_zone *waits = NULL;

	for (size_t i = 0; i < p->n; i++) {
		struct plan_zone *z = &p->zones[i];

		if (z->step != STEP_WAITS)
			continue;
		waits = z;
		if (!is_needed(p, z) && lower_is_down(p, z->priority))
			return z;
	}
	/* Zones that depend on each other stop all the same. */
	return plan_count(p, STEP_RUNS) == 0 ? waits : NULL;
}
