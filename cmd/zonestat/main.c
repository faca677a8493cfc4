/* SPDX-License-Identifier: MIT */
/*
 * zonestat: what zones use of the host, interval by interval, with reports over several. In a
 * zone it shows that zone, and everything else as [system].
 */
#include "zonestat/zonestat.h"
#include "linux/conventions.h"
#include "linux/instance.h"
#include "zone/zone-calls.h"
#include "zonecfg/index.h"

#include <signal.h>

enum { EXIT_OK, EXIT_ERROR, EXIT_USAGE, EXIT_NO_SERVICE };

static volatile sig_atomic_t interrupted;

static void on_interrupt(int sig)
{
	interrupted = 1;
}

static int fail(int r)
{
	if (r == -EBADF) {
		(void)fprintf(stderr, "zonestat: %s\n", daemon_error("zoned", r));
		return EXIT_NO_SERVICE;
	}
	(void)fprintf(stderr, "zonestat: cannot look at zones: %s\n", strerror(-r));
	return EXIT_ERROR;
}

/* A zone of -z that does not run yet may come; one that nobody configured is a slip of the pen. */
static int check_zones(const struct options *o)
{
	struct zone_index_entry e;
	zoneid_t id;
	size_t i;

	for (i = 0; i < o->n_zones; i++) {
		int r = zone_call_lookup(o->zones[i], &id);

		if (r == -EBADF)
			return fail(r);
		if (r == 0 || zone_index_find(o->zones[i], &e) != Z_NO_ZONE)
			continue;
		(void)fprintf(stderr, "zonestat: zone '%s': no such zone\n", o->zones[i]);
		return EXIT_ERROR;
	}
	return EXIT_OK;
}

static double now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Until a moment of the clock, or a signal that ends it. */
static void sleep_until(double when)
{
	while (!interrupted && now() < when) {
		double left = when - now();
		struct timespec ts = {.tv_sec = (time_t)left};

		ts.tv_nsec = (long)((left - (double)ts.tv_sec) * 1e9);
		if (left > 0)
			(void)nanosleep(&ts, NULL);
	}
}

static int print_reports(const struct options *o, struct totals *t)
{
	int kind, r = 0;

	if (t->sum.intervals == 0)
		return 0;
	for (kind = 0; kind < REPORT_COUNT && r == 0; kind++) {
		struct usage u;

		if (!o->reports[kind])
			continue;
		r = totals_report(t, (enum report)kind, &u);
		if (r == 0)
			print_usage(o, (enum report)kind, &u, 0);
		usage_free(&u);
	}
	totals_free(t);
	return r;
}

static bool wants_sysv(const struct options *o)
{
	int res;

	for (res = RES_SHM_MEMORY; res <= RES_LOFI; res++)
		if (o->wanted[res])
			return true;
	return false;
}

/* One interval that ends now; before becomes what there is now. */
static int step(const struct options *o, struct usage *before, struct totals *t, double start,
	unsigned int number)
{
	struct usage new, interval = {0};
	int r = snapshot_take(&new, wants_sysv(o));

	if (r < 0)
		return r;
	r = interval_of(before, &new, &interval);
	usage_free(before);
	*before = new;
	interval.since = new.at - start;
	if (r == 0 && !o->quiet)
		print_usage(o, REPORT_INTERVAL, &interval, number);
	if (r == 0)
		r = totals_add(t, &interval);
	usage_free(&interval);
	return r;
}

static int loop(const struct options *o)
{
	struct usage before;
	struct totals totals = {0};
	double start = now(), reported = 0, at = 0;
	unsigned int number = 0;
	int r = snapshot_take(&before, wants_sysv(o));

	/* A duration that is no multiple of the interval ends with the interval that it ends in. */
	while (r == 0 && !interrupted && at < o->duration) {
		at += o->interval;
		sleep_until(start + at);
		if (interrupted)
			break;
		r = step(o, &before, &totals, start, ++number);
		if (r == 0 && o->period > 0 && at - reported >= o->period) {
			r = print_reports(o, &totals);
			reported = at;
		}
		if (stdout_done(0, EXIT_ERROR)) {
			r = EXIT_ERROR; /* said */
			break;
		}
	}
	if (r == 0)
		r = print_reports(o, &totals);
	usage_free(&before);
	totals_free(&totals);
	return r < 0 ? fail(r) : stdout_done(r, EXIT_ERROR);
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_interrupt};
	static struct options o; /* of the program: never freed */
	int r;

	options_parse(&o, argc, argv);
	r = instance_init(NULL);
	if (r < 0) {
		(void)fprintf(stderr, "zonestat: cannot use the root '%s': %s\n",
			getenv("ZONES_ROOT"), strerror(-r));
		return EXIT_ERROR;
	}
	r = check_zones(&o);
	if (r != EXIT_OK)
		return r;
	if (o.live) {
		r = live_run(&o);
		if (r != -ENOTTY)
			return r < 0 ? fail(r) : EXIT_OK;
	}
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
	return loop(&o);
}
