/* SPDX-License-Identifier: MIT */
/*
 * The client side of zone events; see event.h. Subscribing comes before reading, so
 * that nothing falls between the two; a wake-up that finds nothing is harmless.
 */
#include "zone/event.h"
#include "zone/zone-calls.h"

#include <poll.h>

#define AWAY_MS 200 /* how soon a zoned that went away is looked for again */

static const char *const state_names[ZEV_STATE_COUNT] = {
	[ZEV_UNINITIALIZED] = "uninitialized",
	[ZEV_INITIALIZED] = "initialized",
	[ZEV_READY] = "ready",
	[ZEV_RUNNING] = "running",
	[ZEV_SHUTTING_DOWN] = "shutting_down",
	[ZEV_FREE] = "free",
	[ZEV_CONFIGURED] = "configured",
	[ZEV_INCOMPLETE] = "incomplete",
	[ZEV_INSTALLED] = "installed",
	[ZEV_ABSENT] = "",
};

const char *zone_event_state_name(uint32_t state)
{
	return state < ZEV_STATE_COUNT ? state_names[state] : NULL;
}

static int subscribe(struct zone_events *s)
{
	int r;

	if (s->wake >= 0)
		return 0;
	r = zone_call_events_subscribe(&s->wake, NULL);
	if (r == 0)
		s->look = true;
	return r;
}

int zone_events_open(struct zone_events *s, uint64_t after)
{
	int r;

	*s = (struct zone_events){.wake = FD_NONE, .position = after};
	s->batch = calloc(1, sizeof(*s->batch) + ZONE_EVENTS_MAX * sizeof(s->batch->events[0]));
	if (!s->batch)
		return -ENOMEM;
	r = subscribe(s);
	if (r == 0 && after == ZONE_EVENTS_NOW) {
		r = zone_call_events_read(after, 0, s->batch);
		s->position = s->batch->position;
	}
	if (r < 0)
		zone_events_close(s);
	return r;
}

void zone_events_close(struct zone_events *s)
{
	s->wake = fd_close(s->wake);
	free(s->batch);
	s->batch = NULL;
}

/* Empties the wake-up; at its end zoned has gone. */
static void drain(struct zone_events *s)
{
	char bytes[256];
	ssize_t n;

	if (s->wake < 0)
		return;
	while ((n = read(s->wake, bytes, sizeof(bytes))) > 0)
		s->look = true;
	if (n == 0)
		s->wake = fd_close(s->wake);
}

static int fetch(struct zone_events *s)
{
	int r;

	drain(s);
	r = subscribe(s);
	if (r < 0 || !s->look)
		return r;
	s->look = false;
	s->at = 0;
	r = zone_call_events_read(s->position, ZONE_EVENTS_MAX, s->batch);
	if (r < 0) {
		s->batch->count = 0;
		s->look = true;
		return r;
	}
	s->position = s->batch->position;
	s->look = s->batch->more;
	return 0;
}

int zone_events_next(struct zone_events *s, struct zone_event *ret)
{
	int r = 0;

	while (s->at >= s->batch->count) {
		r = fetch(s);
		if (r < 0)
			return r;
		if (s->at >= s->batch->count && !s->look)
			return 0;
	}
	*ret = s->batch->events[s->at++];
	return 1;
}

int zone_events_wait(const struct zone_events *s, struct pollfd *also, int timeout_ms)
{
	struct pollfd p[] = {
		{.fd = s->wake, .events = POLLIN}, /* negative: left out */
		also ? *also : (struct pollfd){.fd = FD_NONE},
	};
	int n;

	if (s->at < s->batch->count || s->look)
		timeout_ms = 0;
	if (s->wake < 0 && (timeout_ms < 0 || timeout_ms > AWAY_MS))
		timeout_ms = AWAY_MS;
	n = poll(p, ARRAY_SIZE(p), timeout_ms);
	if (n >= 0 && also)
		also->revents = p[1].revents;
	return n < 0 ? -errno : 0;
}
