/* SPDX-License-Identifier: MIT */
/*
 * svc-zones: the zones service. At the start of the host it boots the zones that boot by
 * themselves, at its end it shuts down all that run; many at once, in the order of plan.h.
 *
 * It keeps nothing: what to do follows from the configurations and from what zoned says
 * is there, so it can be run again after it was killed half way.
 */
#include "svc-zones/jobs.h"

#include "brand/brand.h"
#include "linux/clock.h"
#include "linux/instance.h"
#include "linux/process-state.h"
#include "zone/zone-calls.h"

#include <getopt.h>
#include <stdarg.h>

#define STOP_TIMEOUT	 100 /* seconds, as the service of illumos has */
#define STOP_TIMEOUT_MAX 86400
#define JOBS_MAX	 16u /* at once */

static void report(const char *zone, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)fprintf(stderr, "svc-zones: ");
	if (zone)
		(void)fprintf(stderr, "zone '%s': ", zone);
	(void)vfprintf(stderr, fmt, ap);
	(void)fputc('\n', stderr);
	va_end(ap);
}

static int usage(void)
{
	(void)fprintf(stderr, "usage: svc-zones [-R root] start\n"
			      "       svc-zones [-R root] [-d] [-t seconds] stop\n");
	return 2;
}

static bool is_live(const char *name)
{
	zoneid_t id;

	return zone_call_lookup(name, &id) == 0;
}

/* Runs zoneadm WORD for every zone that waits, in order or all at once, until the moment end. */
static void run_all(struct plan *p, const char *word, bool in_order, int64_t end)
{
	for (;;) {
		struct plan_zone *z = NULL;

		if (in_order && plan_count(p, STEP_RUNS) < JOBS_MAX)
			z = plan_next_stop(p);
		for (size_t i = 0; !in_order && !z && i < p->n; i++)
			if (p->zones[i].step == STEP_WAITS)
				z = &p->zones[i];
		if (z && job_zoneadm(z, word) < 0)
			z->step = STEP_FAILED;
		else if (!z && (plan_count(p, STEP_RUNS) == 0 || !job_wait(p, end)))
			break;
	}
	jobs_cancel(p);
}

/* ---- start ---- */

struct start {
	struct plan boot;
	struct plan sysboot; /* do not boot, but their brand wants to know that the host starts */
};

/* The brand says so itself if anything is wrong with it, when the zone is booted. */
static bool has_sysboot(const struct zonecfg *cfg)
{
	_cleanup_(brand_freep) struct brand *brand = NULL;

	return cfg->brand && brand_open(cfg->brand, &brand, NULL) == Z_OK &&
	       brand->hooks[BRAND_SYSBOOT];
}

static int add_installed(const struct zone_index_entry *e, void *arg)
{
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = NULL;
	struct start *start = arg;
	struct plan *p = &start->boot;
	struct plan_zone *z;
	struct diag d = {0};
	int r;

	if (e->state != ZONE_STATE_INSTALLED || streq(e->name, GLOBAL_ZONENAME))
		return 0;
	r = zonecfg_load(e->name, &cfg, &d);
	if (r) {
		report(e->name, "cannot read its configuration: %s",
			d.text[0] ? d.text : zonecfg_strerror(r));
		r = plan_add(p, e->name, NULL, report, &z);
		if (r == 0)
			z->step = is_live(e->name) ? STEP_DONE : STEP_FAILED;
		return r;
	}
	if (!cfg->autoboot && !is_live(e->name))
		return has_sysboot(cfg) ? plan_add(&start->sysboot, e->name, cfg, report, &z) : 0;
	r = plan_add(p, e->name, cfg, report, &z);
	if (r == 0 && is_live(e->name))
		z->step = STEP_DONE;
	return r;
}

static void boot_all(struct plan *p)
{
	struct plan_zone *z;
	int r;

	plan_settle(p, report);
	for (;;) {
		z = plan_count(p, STEP_RUNS) < JOBS_MAX ? plan_next_start(p, report) : NULL;
		if (z) {
			r = job_start(z);
			if (r < 0) {
				report(z->name, "cannot start: %s", strerror(-r));
				z->step = STEP_FAILED;
			}
		} else if (plan_count(p, STEP_RUNS) == 0) {
			break;
		} else {
			(void)job_wait(p, -1);
		}
	}
}

static int start_all(void)
{
	struct start s = {0};
	int r = zone_index_iterate(add_installed, &s);

	if (r) {
		report(NULL, "cannot read the index of zones: %s", zonecfg_strerror(r));
		r = 1;
	} else {
		boot_all(&s.boot);
		run_all(&s.sysboot, "sysboot", false, -1);
		r = plan_count(&s.boot, STEP_FAILED) + plan_count(&s.sysboot, STEP_FAILED) > 0;
	}
	plan_free(&s.boot);
	plan_free(&s.sysboot);
	return r;
}

/* ---- stop ---- */

static int add_live(struct plan *p, zoneid_t id)
{
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = NULL;
	struct plan_zone *z;
	char name[ZONENAME_MAX];
	struct diag d = {0};
	size_t n;

	if (id == GLOBAL_ZONEID)
		return 0;
	if (zone_call_getattr(id, ZONE_ATTR_NAME, name, sizeof(name), &n) < 0 || n > sizeof(name) ||
		!str_terminated(name, n))
		return 0;		    /* it has gone meanwhile */
	(void)zonecfg_load(name, &cfg, &d); /* a zone without one stops like any other */
	return plan_add(p, name, cfg, report, &z);
}

static int add_all_live(struct plan *p)
{
	_cleanup_free_ zoneid_t *ids = NULL;
	uint32_t count = 0;
	int r = zone_call_list(&ids, &count);

	for (uint32_t i = 0; r == 0 && i < count; i++)
		r = add_live(p, ids[i]);
	return r;
}

static int stop_all(int timeout, bool host_down)
{
	_cleanup_(plan_free) struct plan p = {0};
	int64_t now = clock_now_ms();
	int r = host_down ? zone_call_host_down() : 0, left = 0;

	if (r == 0)
		r = add_all_live(&p);
	if (r < 0) {
		report(NULL, "cannot ask zoned for the zones: %s",
			r == -EBADF ? "it is not running" : strerror(-r));
		return 1;
	}
	run_all(&p, "shutdown", true, now + (int64_t)timeout * 750);
	for (size_t i = 0; i < p.n; i++)
		p.zones[i].step = is_live(p.zones[i].name) ? STEP_WAITS : STEP_DONE;
	run_all(&p, "halt", false, now + (int64_t)timeout * 1000);
	for (size_t i = 0; i < p.n; i++) {
		if (!is_live(p.zones[i].name))
			continue;
		report(p.zones[i].name, "is still there");
		left = 1;
	}
	return left;
}

static int parse_timeout(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < 1 || n > STOP_TIMEOUT_MAX) {
		report(NULL, "'%s' is not a number of seconds from 1 to %d", text,
			STOP_TIMEOUT_MAX);
		return -1;
	}
	return (int)n;
}

int main(int argc, char **argv)
{
	const char *root = NULL;
	int timeout = STOP_TIMEOUT, opt;
	bool host_down = false;

	process_begin();
	while ((opt = getopt(argc, argv, "R:dt:")) != -1) {
		if (opt == 'R')
			root = optarg;
		else if (opt == 'd')
			host_down = true;
		else if (opt != 't')
			return usage();
		else if ((timeout = parse_timeout(optarg)) < 0)
			return 2;
	}
	if (argc - optind != 1)
		return usage();
	if (instance_init(root) < 0) {
		report(NULL, "cannot use the root '%s'", root ? root : getenv("ZONES_ROOT"));
		return 1;
	}
	jobs_init();
	if (streq(argv[optind], "start"))
		return start_all();
	if (streq(argv[optind], "stop"))
		return stop_all(timeout, host_down);
	return usage();
}
