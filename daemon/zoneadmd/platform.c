/* SPDX-License-Identifier: MIT */
/*
 * Bring-up and tear-down of the platform as a table of stages.
 *
 *	stage		up				down
 *	snapshot	freeze the configuration	remove it
 *	create		zone in zoned, zsched		destroy both
 *	attributes	what zoned is told		(with create)
 *	mounts		the root and what is in it	(with its namespaces)
 *	linkdb		dlmgmtd serves the zone		dlmgmtd forgets it
 *	links		lend links, set addresses	what never came to the zone (zoned: the rest)
 *	inner-index	/etc/zones/index inside		(stays; written again next time)
 *	resolver	/etc/resolv.conf inside		(stays, likewise)
 *	finish		brand name: READY is complete
 *	processes	init				end everything that runs
 *
 * Up goes down the table, down goes up. Every down works from any half state, so a daemon
 * that was killed at any point leaves something that the next one can take down;
 * and finish is last, so that a ready zone that was left half way is known as one.
 *
 * Hooks of the brand run before and after as on illumos: prestatechange with the state
 * that the zone is in, poststatechange likewise, and after a failure as if
 * the zone were halted from the state that it was to reach.
 */
#include "zoneadmd/platform.h"

#include <time.h>

#include "zoneadmd/fault.h"
#include "zoneadmd/hook.h"
#include "zoneadmd/stages.h"
#include "zone/zoneadmd-door.h"

static const struct stage stages[] = {
	{"snapshot", snapshot_up, snapshot_down, snapshot_probe},
	{"create", create_up, create_down, create_probe},
	{"attributes", attributes_up, NULL, NULL},
	{"mounts", mounts_up, NULL, mounts_probe},
	{"linkdb", linkdb_up, linkdb_down, NULL, .not_scratch = true},
	{"links", links_up, links_down, links_probe, .not_scratch = true},
	{"inner-index", inner_index_up, NULL, NULL, .not_scratch = true},
	{"resolver", resolver_up, NULL, NULL, .not_scratch = true},
	{"finish", finish_up, NULL, finish_probe},
	{"processes", processes_up, processes_down, NULL},
};

#define STAGE_HOOK	0			 /* the brand's hooks are known after this one */
#define STAGE_READY_END (ARRAY_SIZE(stages) - 1) /* READY does those before this one */

void platform_init(struct platform *p, const char *zone, zoneid_t id, struct report *report)
{
	*p = (struct platform){.zone = zone, .id = id, .report = report, .bootargs = ""};
	zonepath_init(&p->path);
	zone_snapshot_init(&p->snap);
}

void platform_fini(struct platform *p)
{
	zonepath_fini(&p->path);
	zone_snapshot_fini(&p->snap);
	p->have_snap = false;
}

static int hook(struct platform *p, const char *command, const char *name, int state, int cmd)
{
	int r = hook_run_change(p, command, state, cmd);

	if (r < 0)
		report_line(p->report, "the brand's %s hook failed", name);
	return r;
}

static int prestate(struct platform *p, int state, int cmd)
{
	return hook(p, p->snap.prestatechange, "prestatechange", state, cmd);
}

static int poststate(struct platform *p, int state, int cmd)
{
	return hook(p, p->snap.poststatechange, "poststatechange", state, cmd);
}

static uint64_t now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* "done (3.141 ms)": where a slow boot spends its time is the first question about it. */
static void log_passed(struct platform *p, const struct stage *s, const char *what, uint64_t begin)
{
	uint64_t us = now_us() - begin;
	char text[64];

	(void)snprintf(text, sizeof(text), "%s (%llu.%03u ms)", what, (unsigned long long)us / 1000,
		(unsigned int)(us % 1000));
	report_stage(p->report, s->name, text);
}

static int stage_up(struct platform *p, const struct stage *s)
{
	uint64_t begin = now_us();
	struct diag d = {0};
	int r;

	if (p->scratch && s->not_scratch)
		return 0;
	r = s->up(p, &d);
	if (r < 0) {
		report_stage(p->report, s->name, "failed");
		return report_diag(p->report, &d, r, s->name);
	}
	log_passed(p, s, "done", begin);
	fault_point("", s->name);
	return 0;
}

static int stage_down(struct platform *p, const struct stage *s)
{
	uint64_t begin = now_us();
	struct diag d = {0};
	int r;

	if (!s->down)
		return 0;
	r = s->down(p, &d);
	if (r < 0) {
		report_stage(p->report, s->name, "cannot be undone");
		return report_diag(p->report, &d, r, s->name);
	}
	log_passed(p, s, "undone", begin);
	fault_point("down-", s->name);
	return 0;
}

/* All stages, last one first. What cannot be undone ends it: what is below still carries it. */
static int teardown(struct platform *p)
{
	size_t i;
	int r;

	for (i = ARRAY_SIZE(stages); i-- > 0;) {
		r = stage_down(p, &stages[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

int platform_ready(struct platform *p, enum zone_state state)
{
	size_t i;
	int r = 0;

	for (i = 0; i < STAGE_READY_END && r == 0; i++) {
		r = stage_up(p, &stages[i]);
		if (r == 0 && i == STAGE_HOOK)
			r = prestate(p, (int)state, Z_READY);
	}
	if (r == 0)
		r = poststate(p, (int)state, Z_READY);
	if (r < 0) {
		(void)poststate(p, ZONE_STATE_READY, Z_HALT);
		(void)teardown(p);
	}
	return r;
}

int platform_mount(struct platform *p, enum zone_state state)
{
	int r;

	p->scratch = true;
	r = platform_ready(p, state);
	if (r < 0)
		return r;
	r = stage_up(p, &stages[STAGE_READY_END]);
	if (r < 0) {
		(void)poststate(p, ZONE_STATE_READY, Z_HALT);
		(void)teardown(p);
	}
	return r;
}

int platform_boot(struct platform *p, enum zone_state state)
{
	struct diag d = {0};
	int r;

	r = snapshot_load(p, &d);
	if (r < 0)
		return report_diag(p->report, &d, r, "cannot read the configuration snapshot");
	r = prestate(p, (int)state, Z_BOOT);
	if (r < 0)
		return r;
	r = stage_up(p, &stages[STAGE_READY_END]);
	if (r == 0)
		r = poststate(p, (int)state, Z_BOOT);
	if (r < 0)
		(void)poststate(p, ZONE_STATE_RUNNING, Z_HALT);
	return r;
}

int platform_halt(struct platform *p, enum zone_state state)
{
	int r;

	/* without a snapshot there are no hooks, but the rest can be undone */
	(void)snapshot_load(p, NULL);
	r = prestate(p, (int)state, Z_HALT);
	if (r == 0)
		r = teardown(p);
	if (r == 0)
		r = poststate(p, (int)state, Z_HALT);
	return r;
}

bool platform_complete(struct platform *p)
{
	size_t i;

	for (i = 0; i < STAGE_READY_END; i++) {
		if (!stages[i].probe || stages[i].probe(p))
			continue;
		report_stage(p->report, stages[i].name, "missing");
		return false;
	}
	return true;
}
