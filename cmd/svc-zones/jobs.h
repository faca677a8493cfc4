/* SPDX-License-Identifier: MIT */
/* What the zones service runs for a zone: programs, one process each, many at once. */
#pragma once

#include "svc-zones/plan.h"

/* To be called once, first: the end of a job is then waited for with a limit. */
void jobs_init(void);

/* A process that boots the zone and waits until it is up. Returns 0 or a negative errno. */
int job_start(struct plan_zone *z);
/* zoneadm -z ZONE WORD. Returns 0 or a negative errno. */
int job_zoneadm(struct plan_zone *z, const char *word);

/*
 * Waits until a job ends, and makes its zone done or failed; at most until the moment end
 * (clock_now_ms(); -1: for ever). Returns false when that came first.
 */
bool job_wait(const struct plan *p, int64_t end);
/* Ends all jobs and waits for them; their zones wait again. */
void jobs_cancel(const struct plan *p);
