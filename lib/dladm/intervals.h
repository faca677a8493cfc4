/* SPDX-License-Identifier: MIT */
/*
 * Statistics that are shown again and again: every so many seconds what has come since the
 * last time. The first time shows everything that was counted before.
 */
#pragma once

#include "linux/util.h"

struct intervals {
	unsigned int seconds; /* 0 = once */
	unsigned int count;   /* how often at all; 0 = without end */
};

/* "seconds[,count]", both from 1 on. -EINVAL. */
int intervals_parse(const char *text, struct intervals *ret);

/* Calls round as often as asked for. The times do not drift. Ends early when stdout cannot be written. */
void intervals_run(const struct intervals *i, void (*round)(void *arg), void *arg);

/* What each of several things had counted the last time. Starts as zeros. */
struct history {
	struct history_entry *entries;
	size_t count;
	size_t next; /* where the one that is asked for is as a rule: they come in the same order */
};

#define HISTORY_NAME   64
#define HISTORY_VALUES 16

/*
 * Replaces values, n of them, by what was added since the last call with that name; what is new
 * or went back keeps them. -ENOMEM.
 */
int history_differ(struct history *h, const char *name, uint64_t *values, size_t n);

void history_fini(struct history *h);
