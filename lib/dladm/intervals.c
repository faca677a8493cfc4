/* SPDX-License-Identifier: MIT */
/* Statistics that are shown again and again; see intervals.h. */
#include "dladm/intervals.h"

#include <ctype.h>
#include <limits.h>
#include <time.h>

struct history_entry {
	char name[HISTORY_NAME];
	uint64_t values[HISTORY_VALUES];
};

int intervals_parse(const char *text, struct intervals *ret)
{
	struct intervals i = {0};
	unsigned int *into[] = {&i.seconds, &i.count};
	unsigned long v;
	char *end;

	for (size_t n = 0; n < ARRAY_SIZE(into); n++) {
		if (!isdigit((unsigned char)*text))
			return -EINVAL;
		errno = 0;
		v = strtoul(text, &end, 10);
		if (errno || v == 0 || v > INT_MAX)
			return -EINVAL;
		*into[n] = (unsigned int)v;
		if (!*end) {
			*ret = i;
			return 0;
		}
		if (*end != ',')
			return -EINVAL;
		text = end + 1;
	}
	return -EINVAL;
}

void intervals_run(const struct intervals *i, void (*round)(void *arg), void *arg)
{
	struct timespec next;

	(void)clock_gettime(CLOCK_MONOTONIC, &next);
	for (unsigned int n = 1;; n++) {
		round(arg);
		if (!i->seconds || n == i->count || fflush(stdout) != 0)
			return;
		next.tv_sec += i->seconds;
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL) == EINTR)
			;
	}
}

static struct history_entry *entry_find(struct history *h, const char *name)
{
	for (size_t n = 0; n < h->count; n++) {
		struct history_entry *e = &h->entries[(h->next + n) % h->count];

		if (streq(e->name, name)) {
			h->next = (h->next + n + 1) % h->count;
			return e;
		}
	}
	return NULL;
}

static struct history_entry *entry_add(struct history *h, const char *name)
{
	struct history_entry *more = reallocarray(h->entries, h->count + 1, sizeof(*more));

	if (!more)
		return NULL;
	h->entries = more;
	more += h->count++;
	memset(more, 0, sizeof(*more));
	(void)str_copy(more->name, sizeof(more->name), name);
	return more;
}

static bool went_back(const struct history_entry *e, const uint64_t *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (values[i] < e->values[i])
			return true;
	return false;
}

int history_differ(struct history *h, const char *name, uint64_t *values, size_t n)
{
	struct history_entry *e = entry_find(h, name);
	bool fresh = !e;

	if (n > HISTORY_VALUES)
		return -EINVAL;
	if (!e)
		e = entry_add(h, name);
	if (!e)
		return -ENOMEM;
	if (went_back(e, values, n)) /* another thing of that name */
		fresh = true;
	for (size_t i = 0; i < n; i++) {
		uint64_t now = values[i];

		if (!fresh)
			values[i] -= e->values[i];
		e->values[i] = now;
	}
	return 0;
}

void history_fini(struct history *h)
{
	free(h->entries);
	*h = (struct history){0};
}
