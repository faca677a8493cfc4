/* SPDX-License-Identifier: MIT */
/*
 * Z_SHUTDOWN: the brand's shutdown command is run inside the zone, by zlogin in
 * its safe mode, and the zone is given time to go down. What comes then (init
 * ends, zsched tells us, we halt what is left) is the same as when the zone
 * powers itself off. server.c waits, without its lock, so that a halt can come between.
 *
 * The time is the attr shutdown-timeout of the zone, in seconds.
 * Linux: illumos takes the stop timeout of the SMF service svc:/system/zones.
 */
#include "zoneadmd/shutdown.h"

#include <limits.h>

#include "linux/clock.h"
#include "linux/instance.h"
#include "zoneadmd/run.h"

#define DEFAULT_SECONDS 60
#define MAX_SECONDS	(24 * 3600)
#define DEFAULT_COMMAND "/sbin/init 0"
#define TIMEOUT_ATTR	"shutdown-timeout"
/* A zone that goes down takes its shutdown command with it; busybox then sleeps twice, a second each. */
#define FAILURE_GRACE_MS 10000

static int parse_seconds(const char *text, unsigned int *ret)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno || end == text || *end || text[0] == '-' || n == 0 || n > MAX_SECONDS)
		return -EINVAL;
	*ret = (unsigned int)n;
	return 0;
}

static void find_seconds(struct shutdown *s, struct platform *p)
{
	size_t i;

	s->seconds = DEFAULT_SECONDS;
	for (i = 0; i < p->snap.n_attrs; i++) {
		const struct snapshot_attr *a = &p->snap.attrs[i];

		if (streq(a->name, TIMEOUT_ATTR) && parse_seconds(a->value, &s->seconds) < 0)
			report_line(p->report,
				"WARNING: attr %s: '%s' is not a number of seconds from 1 to %d; "
				"waiting for %d seconds",
				TIMEOUT_ATTR, a->value, MAX_SECONDS, DEFAULT_SECONDS);
	}
}

int shutdown_begin(struct shutdown *s, struct platform *p, uint64_t uniqid)
{
	struct diag d = {0};
	int r = snapshot_load(p, &d);

	if (r < 0)
		return report_diag(p->report, &d, r, "cannot read the configuration snapshot");
	*s = (struct shutdown){.zone = p->zone, .uniqid = uniqid};
	find_seconds(s, p);
	s->deadline = clock_now_ms() + (int64_t)s->seconds * 1000;
	return 0;
}

/* The command is text for a shell; the one that reads it is the host's. */
void shutdown_ask(struct shutdown *s, struct platform *p)
{
	const char *command = p->snap.shutdown[0] ? p->snap.shutdown : DEFAULT_COMMAND;
	_cleanup_free_ char *line = NULL;
	char zlogin[PATH_MAX];
	char *argv[] = {(char *)"/bin/sh", (char *)"-c", NULL, zlogin, (char *)s->zone, NULL};
	int r = instance_program(zlogin, sizeof(zlogin), "zlogin");

	if (r == 0 && asprintf(&line, "exec \"$0\" -S \"$1\" %s", command) < 0) {
		line = NULL;
		r = -ENOMEM;
	}
	argv[2] = line;
	if (r == 0)
		r = run_program_until(argv, s->deadline, p->report);
	if (r)
		s->failed = clock_now_ms();
}

/* Still there: is there a reason not to wait any longer? */
static int check_time(struct shutdown *s, enum zone_state state, struct report *report)
{
	int64_t now = clock_now_ms();

	if (now >= s->deadline) {
		report_line(report,
			"unable to shutdown zone: it is still in state '%s' after %u seconds",
			zone_state_str(state), s->seconds);
		return -ETIMEDOUT;
	}
	if (s->failed && state == ZONE_STATE_RUNNING && now >= s->failed + FAILURE_GRACE_MS) {
		report_line(report, "unable to shutdown zone: its shutdown command failed");
		return -ECANCELED;
	}
	return SHUTDOWN_WAIT;
}

int shutdown_check(struct shutdown *s, struct report *report)
{
	struct diag d = {0};
	struct zone_now now;
	int r = zone_now_get(s->zone, &now, &d);

	if (r < 0)
		return report_diag(report, &d, r, "cannot determine the state of the zone");
	if (now.id < 0)
		return SHUTDOWN_DONE;
	if (now.uniqid == s->uniqid)
		return check_time(s, now.state, report);
	report_line(report, "unable to shutdown zone: it was booted again meanwhile");
	return -ECANCELED;
}
