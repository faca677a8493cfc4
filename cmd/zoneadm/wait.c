/* SPDX-License-Identifier: MIT */
/*
 * zoneadm wait: until a zone has reached a state. The subscription is made before
 * the state is looked at, and a state that a zone passed through meanwhile counts, so
 * nothing that happens after the command was started is missed.
 *
 * States on disk change without zoned; the index of zones is watched for them.
 */
#include "zoneadm/monitor.h"

#include <limits.h>
#include <poll.h>
#include <sys/inotify.h>

#include "linux/clock.h"
#include "linux/instance.h"
#include "zone/event.h"
#include "zoneadm/state.h"

/* Those that last; a zone is down for a moment only. */
static const zone_state_t waitable[] = {ZONE_STATE_CONFIGURED, ZONE_STATE_INCOMPLETE,
	ZONE_STATE_INSTALLED, ZONE_STATE_READY, ZONE_STATE_RUNNING, ZONE_STATE_SHUTTING_DOWN,
	ZONE_STATE_MOUNTED};

struct waiting {
	struct request *req;
	bool has_state;
	zone_state_t state;
	int64_t end; /* of clock_now_ms(); -1: never */
	int index;   /* inotify on the folder of the index */
	struct zone_events events;
};

static int parse_state(struct waiting *w, const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(waitable); i++) {
		if (!streq(zone_state_str(waitable[i]), name))
			continue;
		w->state = waitable[i];
		w->has_state = true;
		return EXIT_OK;
	}
	(void)complain(w->req->zone,
		"'%s' is not a state to wait for; use configured, incomplete, installed, ready, "
		"running, shutting_down or mounted",
		name);
	return EXIT_USAGE;
}

static int parse_seconds(struct waiting *w, const char *text)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || end == text || *end || n < 0 || n > INT_MAX / 1000) {
		(void)complain(w->req->zone, "'%s' is not a number of seconds", text);
		return EXIT_USAGE;
	}
	w->end = clock_now_ms() + n * 1000;
	return EXIT_OK;
}

static int parse_options(struct waiting *w)
{
	struct request *req = w->req;
	int c, r = EXIT_OK;

	optind = 1;
	opterr = 0;
	while (!r && (c = getopt(req->argc, req->argv, "+s:t:")) != -1) {
		if (c == 's')
			r = parse_state(w, optarg);
		else if (c == 't')
			r = parse_seconds(w, optarg);
		else
			r = usage_of(req);
	}
	if (!r && (!w->has_state || optind < req->argc))
		r = usage_of(req);
	return r;
}

static int watch_index(struct waiting *w)
{
	char path[PATH_MAX];

	w->index = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w->index < 0)
		return -errno;
	if (instance_path(path, sizeof(path), "/etc/zones") < 0)
		return -ENAMETOOLONG;
	return inotify_add_watch(w->index, path, IN_MOVED_TO) < 0 ? -errno : 0;
}

/* The state that an event tells of; the others have none of their own. */
static bool event_is(const struct waiting *w, const struct zone_event *e)
{
	if (e->event_class != ZEV_STATUS || !streq(e->zonename, w->req->entry.name))
		return false;
	switch (w->state) {
	case ZONE_STATE_READY:
		return e->newstate == ZEV_READY && !e->scratch;
	case ZONE_STATE_RUNNING:
		return e->newstate == ZEV_RUNNING && !e->scratch;
	case ZONE_STATE_MOUNTED:
		return e->newstate == ZEV_RUNNING && e->scratch;
	case ZONE_STATE_SHUTTING_DOWN:
		return e->newstate == ZEV_SHUTTING_DOWN;
	default:
		return false;
	}
}

/* 1: it is there now; 0: not, or nobody can say; -ENOENT: there is no such zone any more. */
static int reached_now(struct waiting *w)
{
	zone_state_t now;
	int r = zone_index_find(w->req->entry.name, &w->req->entry);

	if (r == Z_NO_ZONE)
		return -ENOENT;
	if (r)
		return 0;
	return state_get(&w->req->entry, &now, NULL) == 0 && now == w->state;
}

/* As reached_now(), with what happened since the last look. */
static int reached(struct waiting *w)
{
	struct zone_event e;
	char bytes[4096];
	int r;

	while (read(w->index, bytes, sizeof(bytes)) > 0)
		;
	while ((r = zone_events_next(&w->events, &e)) > 0)
		if (event_is(w, &e))
			return 1;
	if (r < 0 && r != -EBADF)
		return r;
	return reached_now(w);
}

static int left_ms(const struct waiting *w)
{
	int64_t left;

	if (w->end < 0)
		return -1;
	left = w->end - clock_now_ms();
	return left < 0 ? 0 : (int)left;
}

static int wait_loop(struct waiting *w)
{
	const char *zone = w->req->entry.name;
	struct pollfd index = {.fd = w->index, .events = POLLIN};
	int r;

	for (;;) {
		r = reached(w);
		if (r > 0)
			return EXIT_OK;
		if (r == -ENOENT)
			return complain(zone, "%s", zonecfg_strerror(Z_NO_ZONE));
		if (r < 0)
			return complain(zone, "cannot wait for it: %s", strerror(-r));
		if (left_ms(w) == 0)
			return complain(
				zone, "is not %s within the time given", zone_state_str(w->state));
		r = zone_events_wait(&w->events, &index, left_ms(w));
		if (r < 0 && r != -EINTR)
			return complain(zone, "cannot wait for it: %s", strerror(-r));
	}
}

int wait_run(struct request *req)
{
	struct waiting w = {.req = req, .end = -1, .index = FD_NONE};
	int r = parse_options(&w);

	if (r)
		return r;
	r = zone_events_open(&w.events, ZONE_EVENTS_NOW);
	if (r < 0)
		return complain(
			req->zone, "cannot subscribe to the events of zones: %s", strerror(-r));
	r = watch_index(&w);
	if (r < 0)
		r = complain(req->zone, "cannot watch the index of zones: %s", strerror(-r));
	else
		r = wait_loop(&w);
	(void)fd_close(w.index);
	zone_events_close(&w.events);
	return r;
}
