/* SPDX-License-Identifier: MIT */
/* Intervals between two snapshots, and reports over several intervals. */
#include "zonestat/zonestat.h"

static int copy(const struct usage *u, struct usage *ret)
{
	*ret = *u;
	ret->room = u->n;
	ret->rows = u->n ? malloc(u->n * sizeof(*u->rows)) : NULL;
	if (u->n && !ret->rows)
		return -ENOMEM;
	if (u->n)
		memcpy(ret->rows, u->rows, u->n * sizeof(*u->rows));
	return 0;
}

/* A counter goes on for as long as the zone is the same; one that was just begun counts from then. */
static void refused_since(struct row *row, const struct row *was)
{
	int i;

	for (i = 0; i < RES_COUNT; i++)
		if (was->refused[i] <= row->refused[i])
			row->refused[i] -= was->refused[i];
}

int interval_of(const struct usage *before, const struct usage *now, struct usage *ret)
{
	double ns = (now->at - before->at) * 1e9;
	size_t i;
	int r = copy(now, ret);

	if (r < 0)
		return r;
	ret->elapsed = now->at - before->at;
	ret->begin = before->end;
	ret->total.used[RES_CPU] = (now->total.used[RES_CPU] - before->total.used[RES_CPU]) / ns;
	for (i = 0; i < ret->n; i++) {
		struct row *row = &ret->rows[i];
		const struct row *was = usage_row((struct usage *)before, row->name);

		if (was && was->zoneid == row->zoneid)
			refused_since(row, was);
		/* What was made since then has used everything since then. */
		if (was && was->zoneid == row->zoneid && was->used[RES_CPU] <= row->used[RES_CPU])
			row->used[RES_CPU] -= was->used[RES_CPU];
		row->used[RES_CPU] /= ns;
		row->intervals = 1;
	}
	return 0;
}

static double add(double a, double b)
{
	return isnan(b) ? a : isnan(a) ? b : a + b;
}

double row_refused(const struct row *r)
{
	double sum = NAN;
	int i;

	for (i = 0; i < RES_COUNT; i++)
		sum = add(sum, r->refused[i]);
	return sum;
}

static void add_row(struct row *sum, struct row *high, const struct row *r)
{
	int i;

	for (i = 0; i < RES_COUNT; i++) {
		sum->used[i] = add(sum->used[i], r->used[i]);
		high->used[i] = fmax(high->used[i], r->used[i]);
		sum->refused[i] = add(sum->refused[i], r->refused[i]);
		high->refused[i] = fmax(high->refused[i], r->refused[i]);
		sum->cap[i] = high->cap[i] = r->cap[i];
	}
	sum->shares = high->shares = r->shares;
	sum->zoneid = high->zoneid = r->zoneid;
	sum->intervals++;
	high->intervals++;
}

static int find_or_add(struct usage *u, const char *name, struct row **ret)
{
	*ret = usage_row(u, name);
	if (!*ret)
		*ret = usage_add(u, name);
	return *ret ? 0 : -ENOMEM;
}

static int begin(struct usage *u, const struct usage *interval)
{
	int i;

	if (u->intervals)
		return 0;
	*u = *interval;
	u->rows = NULL;
	u->n = u->room = 0;
	u->elapsed = 0;
	for (i = 0; i < RES_COUNT; i++)
		u->total.used[i] = u->total.refused[i] = NAN;
	u->total.intervals = 0;
	return 0;
}

static void go_on(struct usage *u, const struct usage *interval)
{
	u->intervals++;
	u->elapsed += interval->elapsed;
	u->end = interval->end;
	memcpy(u->size, interval->size, sizeof(u->size));
	u->cpus = interval->cpus;
	u->online = interval->online;
}

int totals_add(struct totals *t, const struct usage *interval)
{
	size_t i;
	int r;

	(void)begin(&t->sum, interval);
	(void)begin(&t->high, interval);
	go_on(&t->sum, interval);
	go_on(&t->high, interval);
	add_row(&t->sum.total, &t->high.total, &interval->total);
	for (i = 0; i < interval->n; i++) {
		struct row *sum, *high;

		r = find_or_add(&t->sum, interval->rows[i].name, &sum);
		if (r == 0)
			r = find_or_add(&t->high, interval->rows[i].name, &high);
		if (r < 0)
			return r;
		add_row(sum, high, &interval->rows[i]);
	}
	return 0;
}

static void divide(struct row *r, unsigned int by)
{
	int i;

	for (i = 0; by && i < RES_COUNT; i++)
		r->used[i] /= by;
}

int totals_report(const struct totals *t, enum report kind, struct usage *ret)
{
	const struct usage *u = kind == REPORT_HIGH ? &t->high : &t->sum;
	size_t i;
	int r = copy(u, ret);

	if (r < 0 || kind == REPORT_HIGH)
		return r;
	divide(&ret->total, u->intervals);
	for (i = 0; i < ret->n; i++)
		divide(&ret->rows[i], kind == REPORT_TOTAL ? u->intervals : ret->rows[i].intervals);
	return 0;
}

void totals_free(struct totals *t)
{
	usage_free(&t->sum);
	usage_free(&t->high);
	*t = (struct totals){0};
}
