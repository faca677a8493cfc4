/* SPDX-License-Identifier: MIT */
/*
 * zoneadm monitor: prints what happens to zones, as it happens, until it is ended. Goes on
 * where it was when zoned is replaced. In a zone it shows that zone.
 */
#include "zoneadm/monitor.h"

#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <time.h>

#include "zone/event.h"

struct monitor {
	struct request *req;
	bool json;
	uint64_t after;
	bool away; /* the operator was told that zoned does not run */
};

/* A number without a sign; the positions before the first event and of the future are fine. */
static int parse_number(const char *s, uint64_t *ret)
{
	char *end;

	errno = 0;
	*ret = strtoull(s, &end, 10);
	return errno || end == s || *end || *s < '0' || *s > '9' || *ret == ZONE_EVENTS_NOW
		       ? -EINVAL
		       : 0;
}

static int parse_options(struct monitor *m)
{
	struct request *req = m->req;
	int c;

	optind = 1;
	opterr = 0;
	while ((c = getopt(req->argc, req->argv, "+js:")) != -1) {
		switch (c) {
		case 'j':
			m->json = true;
			break;
		case 's':
			if (parse_number(optarg, &m->after) < 0)
				return complain(NULL,
					"'monitor': '%s' is not the number of an event", optarg);
			break;
		default:
			(void)complain(
				NULL, "'monitor': option -%c is unknown or incomplete", optopt);
			return usage_of(req);
		}
	}
	if (optind < req->argc) {
		(void)complain(NULL, "'monitor' takes no argument '%s'", req->argv[optind]);
		return usage_of(req);
	}
	return EXIT_OK;
}

/* ---- printing ---- */

static void time_text(const struct zone_event *e, char *buf, size_t size)
{
	time_t seconds = (time_t)(e->when / 1000000000u);
	char day[32] = "";
	struct tm tm;

	if (gmtime_r(&seconds, &tm))
		(void)strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(buf, size, "%s.%03uZ", day, (unsigned int)(e->when / 1000000u % 1000u));
}

static json_t *status_object(const struct zone_event *e)
{
	return json_pack("{s:s, s:s, s:s, s:i, s:s, s:s}", "class", "status", "subclass", "change",
		"zonename", e->zonename, "zoneid", (int)e->zoneid, "oldstate",
		zone_event_state_name(e->oldstate), "newstate", zone_event_state_name(e->newstate));
}

static json_t *object_of(const struct zone_event *e)
{
	switch (e->event_class) {
	case ZEV_STATUS:
		return status_object(e);
	case ZEV_INIT:
		return json_pack("{s:s, s:s, s:s, s:i, s:i}", "class", "init", "subclass",
			"restart", "zonename", e->zonename, "zoneid", (int)e->zoneid, "restarts",
			(int)e->restarts);
	case ZEV_LINK:
		return json_pack("{s:s, s:s, s:s, s:i, s:s, s:I, s:b}", "class", "EC_DATALINK",
			"subclass", "ESC_DATALINK_PHYS_ADD", "zonename", e->zonename, "zoneid",
			(int)e->zoneid, "link", e->linkname, "linkid", (json_int_t)e->linkid,
			"reconfigured", (int)e->reconfigured);
	case ZEV_GAP:
		return json_pack("{s:s, s:I}", "class", "gap", "first", (json_int_t)e->first);
	default:
		return json_pack("{s:s}", "class", "unknown");
	}
}

/* One object on one line. */
static int print_json(const struct zone_event *e)
{
	json_t *o = object_of(e);
	char when[64];
	int r = -ENOMEM;

	time_text(e, when, sizeof(when));
	if (o && json_object_set_new(o, "seq", json_integer((json_int_t)e->seq)) == 0 &&
		json_object_set_new(o, "when", json_integer((json_int_t)e->when)) == 0 &&
		json_object_set_new(o, "time", json_string(when)) == 0)
		r = json_dumpf(o, stdout, JSON_COMPACT) < 0 || putchar('\n') == EOF ? -EIO : 0;
	json_decref(o);
	return r;
}

/* What the index says is about a name only. */
static int print_disk(const struct zone_event *e, const char *when)
{
	const char *old = zone_event_state_name(e->oldstate);
	const char *new = zone_event_state_name(e->newstate);

	return printf("%s %llu zone %s: %s -> %s\n", when, (unsigned long long)e->seq, e->zonename,
		*old ? old : "none", *new ? new : "none");
}

static int print_text(const struct zone_event *e)
{
	char when[64];
	int n;

	time_text(e, when, sizeof(when));
	if (e->event_class == ZEV_GAP && e->first)
		n = printf("%s events %llu to %llu are not known any more\n", when,
			(unsigned long long)e->first, (unsigned long long)e->seq);
	else if (e->event_class == ZEV_GAP)
		n = printf("%s events are not known any more; the numbers start again\n", when);
	else if (e->event_class == ZEV_LINK)
		n = printf("%s %llu link %s: %s\n", when, (unsigned long long)e->seq, e->linkname,
			e->reconfigured ? "its NIC is there again" : "a new NIC");
	else if (e->event_class == ZEV_INIT)
		n = printf("%s %llu zone %s (%d): init restarted, %u times now\n", when,
			(unsigned long long)e->seq, e->zonename, e->zoneid, e->restarts);
	else if (e->zoneid < 0)
		n = print_disk(e, when);
	else
		n = printf("%s %llu zone %s (%d): %s -> %s\n", when, (unsigned long long)e->seq,
			e->zonename, e->zoneid, zone_event_state_name(e->oldstate),
			zone_event_state_name(e->newstate));
	return n < 0 ? -EIO : 0;
}

static bool wanted(const struct monitor *m, const struct zone_event *e)
{
	return !m->req->zone || e->event_class == ZEV_GAP || streq(m->req->zone, e->zonename);
}

/* ---- the loop ---- */

static void note_away(struct monitor *m, bool away)
{
	if (away && !m->away)
		(void)complain(NULL, "zoned is not running; waiting for it");
	m->away = away;
}

/* Whoever reads may go away while nothing happens: the monitor ends then, as a write would end it. */
static int wait_for_more(const struct zone_events *s)
{
	struct pollfd out = {.fd = STDOUT_FILENO}; /* of errors and hang-ups it is told always */
	int r = zone_events_wait(s, &out, -1);

	if (r < 0 || !out.revents)
		return r;
	(void)raise(SIGPIPE);
	return -EPIPE;
}

static int follow(struct monitor *m, struct zone_events *s)
{
	struct zone_event e;
	int r;

	for (;;) {
		while ((r = zone_events_next(s, &e)) > 0) {
			note_away(m, false);
			if (wanted(m, &e) && (m->json ? print_json(&e) : print_text(&e)) < 0)
				return -EIO;
		}
		if (r < 0 && r != -EBADF)
			return r;
		note_away(m, r < 0);
		if (fflush(stdout) != 0)
			return -EIO;
		r = wait_for_more(s);
		if (r < 0 && r != -EINTR)
			return r;
	}
}

int monitor_run(struct request *req)
{
	struct monitor m = {.req = req, .after = ZONE_EVENTS_NOW};
	struct zone_events s;
	int r = parse_options(&m);

	if (!r && req->uuid)
		r = request_resolve(req);
	if (r)
		return r;
	r = zone_events_open(&s, m.after);
	if (r == -EBADF)
		return complain(NULL, "zoned is not running");
	if (r < 0)
		return complain(NULL, "cannot subscribe to the events of zones: %s", strerror(-r));
	r = follow(&m, &s);
	zone_events_close(&s);
	return complain(NULL, "cannot go on printing events: %s", strerror(-r));
}
