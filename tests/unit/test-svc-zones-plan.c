/* SPDX-License-Identifier: MIT */
/* In which order the zones service starts and stops zones. */
#include "svc-zones/plan.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static char said[1024];

static void hear(const char *zone, const char *fmt, ...)
{
	size_t used = strlen(said);
	va_list ap;

	used += (size_t)snprintf(said + used, sizeof(said) - used, "%s: ", zone);
	va_start(ap, fmt);
	used += (size_t)vsnprintf(said + used, sizeof(said) - used, fmt, ap);
	va_end(ap);
	(void)snprintf(said + used, sizeof(said) - used, "\n");
}

#define END ((const char *)NULL)

/* Attributes as name, value, ...; END ends. */
static void add(struct plan *p, const char *name, ...)
{
	struct zonecfg_attr attrs[4] = {0};
	struct zonecfg cfg = {.attrs = attrs};
	struct plan_zone *z;
	va_list ap;

	va_start(ap, name);
	while ((attrs[cfg.n_attrs].name = va_arg(ap, char *)))
		attrs[cfg.n_attrs++].value = va_arg(ap, char *);
	va_end(ap);
	assert_int_equal(plan_add(p, name, cfg.n_attrs ? &cfg : NULL, hear, &z), 0);
	assert_int_equal(z->step, STEP_WAITS);
}

static int reset(void **state)
{
	said[0] = '\0';
	return 0;
}

/* Starts all that can, as one step; the names in the order of the plan. */
static const char *wave(struct plan *p, bool stop)
{
	static char names[256];
	struct plan_zone *z;

	names[0] = '\0';
	while ((z = stop ? plan_next_stop(p) : plan_next_start(p, hear))) {
		(void)strcat(strcat(names, names[0] ? " " : ""), z->name);
		z->step = STEP_RUNS;
	}
	for (size_t i = 0; i < p->n; i++)
		if (p->zones[i].step == STEP_RUNS)
			p->zones[i].step = STEP_DONE;
	return names;
}

static void test_all_at_once(void **state)
{
	struct plan p = {0};

	add(&p, "a", END);
	add(&p, "b", END);
	plan_settle(&p, hear);
	assert_string_equal(wave(&p, false), "a b");
	assert_string_equal(wave(&p, false), "");
	assert_string_equal(said, "");
	plan_free(&p);
}

static void test_depends(void **state)
{
	struct plan p = {0};

	add(&p, "web", "depends", "db, cache", END);
	add(&p, "cache", "depends", "db", END);
	add(&p, "db", END);
	plan_settle(&p, hear);
	assert_string_equal(wave(&p, false), "db");
	assert_string_equal(wave(&p, false), "cache");
	assert_string_equal(wave(&p, false), "web");
	for (size_t i = 0; i < p.n; i++)
		p.zones[i].step = STEP_WAITS;
	assert_string_equal(wave(&p, true), "web");
	assert_string_equal(wave(&p, true), "cache");
	assert_string_equal(wave(&p, true), "db");
	plan_free(&p);
}

static void test_priority(void **state)
{
	struct plan p = {0};

	add(&p, "late", "boot-priority", "low", END);
	add(&p, "plain", END);
	add(&p, "early", "boot-priority", "high", END);
	plan_settle(&p, hear);
	assert_string_equal(wave(&p, false), "early");
	assert_string_equal(wave(&p, false), "plain");
	assert_string_equal(wave(&p, false), "late");
	for (size_t i = 0; i < p.n; i++)
		p.zones[i].step = STEP_WAITS;
	assert_string_equal(wave(&p, true), "late");
	assert_string_equal(wave(&p, true), "plain");
	assert_string_equal(wave(&p, true), "early");
	plan_free(&p);
}

/* What a zone of high priority depends on must not wait for those in between. */
static void test_priority_of_what_is_needed(void **state)
{
	struct plan p = {0};

	add(&p, "plain", END);
	add(&p, "disk", "boot-priority", "low", END);
	add(&p, "db", "depends", "disk", END);
	add(&p, "early", "boot-priority", "high", "depends", "db", END);
	plan_settle(&p, hear);
	assert_string_equal(wave(&p, false), "disk");
	assert_string_equal(wave(&p, false), "db");
	assert_string_equal(wave(&p, false), "early");
	assert_string_equal(wave(&p, false), "plain");
	plan_free(&p);
}

static void test_missing(void **state)
{
	struct plan p = {0};

	add(&p, "web", "depends", "db", END);
	add(&p, "top", "depends", "web", END);
	add(&p, "other", END);
	plan_settle(&p, hear);
	assert_string_equal(wave(&p, false), "other");
	assert_int_equal(plan_count(&p, STEP_FAILED), 2);
	assert_string_equal(said, "web: depends on zone 'db', which does not boot by itself\n"
				  "top: not booted: it depends on zone 'web', which is not up\n");
	plan_free(&p);
}

static void test_circle(void **state)
{
	struct plan p = {0};

	add(&p, "a", "depends", "b", END);
	add(&p, "b", "depends", "c", END);
	add(&p, "c", "depends", "b", END);
	add(&p, "self", "depends", "self", END);
	add(&p, "free", END);
	plan_settle(&p, hear);
	assert_string_equal(wave(&p, false), "free");
	assert_string_equal(said, "b: depends on itself\n"
				  "c: depends on itself\n"
				  "self: depends on itself\n"
				  "a: not booted: it depends on zone 'b', which is not up\n");
	for (size_t i = 0; i < p.n; i++)
		p.zones[i].step = STEP_WAITS;
	assert_string_equal(wave(&p, true), "a self free");
	/* the others come to an end as well */
	assert_string_equal(wave(&p, true), "c");
	assert_string_equal(wave(&p, true), "b");
	assert_int_equal(plan_count(&p, STEP_DONE), 5);
	plan_free(&p);
}

/* Many ways to the same zones must not take for ever. */
static void test_many_ways(void **state)
{
	struct plan p = {0};
	char name[16], below[40];

	for (int i = 0; i < 200; i++) {
		(void)snprintf(name, sizeof(name), "z%d", i);
		(void)snprintf(below, sizeof(below), "z%d,z%d", i + 1, i + 2);
		if (i < 198)
			add(&p, name, "depends", below, END);
		else
			add(&p, name, END);
	}
	plan_settle(&p, hear);
	assert_string_equal(wave(&p, false), "z198 z199");
	assert_string_equal(wave(&p, false), "z197");
	plan_free(&p);
}

static void test_failed_below(void **state)
{
	struct plan p = {0};

	add(&p, "db", "boot-priority", "high", END);
	add(&p, "web", "depends", "db", END);
	add(&p, "late", "boot-priority", "low", END);
	plan_settle(&p, hear);
	plan_find(&p, "db")->step = STEP_FAILED;
	assert_string_equal(wave(&p, false), "late"); /* a class above that failed keeps nobody */
	assert_int_equal(plan_find(&p, "web")->step, STEP_FAILED);
	plan_free(&p);
}

static void test_attributes(void **state)
{
	struct plan p = {0};

	add(&p, "bad", "boot-priority", "HIGH", "ready-file", "run/up", "ready-timeout", "-1", END);
	assert_int_equal(p.zones[0].priority, PRIORITY_DEFAULT);
	assert_null(p.zones[0].ready_file);
	assert_int_equal(p.zones[0].ready_timeout, 60);
	assert_string_equal(said,
		"bad: attr boot-priority is 'HIGH', not high, default or low\n"
		"bad: attr ready-timeout is '-1', not a number of seconds up to 3600\n"
		"bad: attr ready-file is 'run/up', not an absolute path in the zone\n");
	add(&p, "good", "ready-file", "/run/up", "ready-timeout", "5", END);
	assert_string_equal(p.zones[1].ready_file, "/run/up");
	assert_int_equal(p.zones[1].ready_timeout, 5);
	plan_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_all_at_once, reset),
		cmocka_unit_test_setup(test_depends, reset),
		cmocka_unit_test_setup(test_priority, reset),
		cmocka_unit_test_setup(test_priority_of_what_is_needed, reset),
		cmocka_unit_test_setup(test_missing, reset),
		cmocka_unit_test_setup(test_circle, reset),
		cmocka_unit_test_setup(test_many_ways, reset),
		cmocka_unit_test_setup(test_failed_below, reset),
		cmocka_unit_test_setup(test_attributes, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
