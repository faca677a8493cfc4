/* SPDX-License-Identifier: MIT */
/*
 * In which order zones start and stop. Each zone has a priority and may depend on others:
 *
 *	attr boot-priority  high, default or low: a class starts when the one above it is up
 *	attr depends        zones, with commas between, that are up before this one starts
 *	attr ready-file     a file in the zone that exists when the zone is up; without it a zone
 *	                    is up when its init runs
 *	attr ready-timeout  seconds that this may take, 60 without it
 *
 * What a zone depends on counts in its class, if that is the higher one. Zones stop
 * in the opposite order. Nothing here runs anything.
 */
#pragma once

#include "zonecfg/zonecfg.h"

enum boot_priority {
	PRIORITY_HIGH,
	PRIORITY_DEFAULT,
	PRIORITY_LOW,
};

enum plan_step {
	STEP_WAITS,
	STEP_RUNS, /* its job does */
	STEP_DONE,
	STEP_FAILED,
};

struct plan_zone {
	char name[ZONENAME_MAX];
	enum boot_priority priority;
	char **depends;
	size_t n_depends;
	char *ready_file; /* NULL: none */
	unsigned int ready_timeout;
	bool in_circle; /* depends on itself */
	size_t seen;	/* for which zone's circle it was looked at */
	enum plan_step step;
	pid_t pid; /* of its job, while STEP_RUNS */
};

struct plan {
	struct plan_zone *zones;
	size_t n;
};

/* One line about a zone. */
typedef void (*plan_report_fn)(const char *zone, const char *fmt, ...) _printf_(2, 3);

/*
 * Adds a zone, waiting. cfg (borrowed) may be NULL: it has no attributes then. What
 * is wrong with an attribute is reported, and the zone is as if it had none.
 * *ret is valid until the next zone is added. Returns 0 or -ENOMEM.
 */
int plan_add(struct plan *p, const char *name, const struct zonecfg *cfg, plan_report_fn report,
	struct plan_zone **ret);

/*
 * For a start, once all zones are there: raises the priorities of what others depend on, and
 * fails, with a report, zones that depend on one that will not be there or on themselves.
 */
void plan_settle(struct plan *p, plan_report_fn report);

/*
 * A zone whose turn it is, or NULL when there is none for now. Zones that depend on one that
 * failed are failed, with a report, when it would be theirs.
 */
struct plan_zone *plan_next_start(struct plan *p, plan_report_fn report);
/* The same for a stop, where what failed keeps nobody waiting. */
struct plan_zone *plan_next_stop(struct plan *p);

struct plan_zone *plan_find(const struct plan *p, const char *name);
struct plan_zone *plan_find_pid(const struct plan *p, pid_t pid);
/* How many are in this step. */
size_t plan_count(const struct plan *p, enum plan_step step);
void plan_free(struct plan *p);
