/* SPDX-License-Identifier: MIT */
/*
 * How zonestat prints. For programs a record is a line of fields between colons, or with -j an
 * object of JSON (print-json.c), for people a table; all have the same lines in the same order: what
 * there is, [total], [system], zones.
 *
 * [system] is everything that is in no zone: the global zone and the kernel.
 */
#include "zonestat/print.h"

#define NAME_WIDTH 18 /* unless a name is longer */

const char *const report_names[] = {
	[REPORT_TOTAL] = "report-total",
	[REPORT_AVERAGE] = "report-average",
	[REPORT_HIGH] = "report-high",
	[REPORT_INTERVAL] = "interval",
};

/* ---- values as text ---- */

static struct text plain(double v)
{
	struct text t = {"-"};

	if (!isnan(v))
		(void)snprintf(t.s, sizeof(t.s), "%.0f", v);
	return t;
}

double page_share_of(const struct page *p, const struct row *r)
{
	return p->u->size[RES_CPU] * r->shares / p->shares;
}

static void stamp(const struct options *o, time_t when, char *buf, size_t size)
{
	struct tm tm;

	buf[0] = '\0';
	if (o->stamp == 'u')
		(void)snprintf(buf, size, "%lld", (long long)when);
	else if (o->stamp == 'd' && localtime_r(&when, &tm))
		(void)strftime(buf, size, "%a %b %e %H:%M:%S %Z %Y", &tm);
	else if (gmtime_r(&when, &tm))
		(void)strftime(buf, size, "%Y%m%dT%H%M%SZ", &tm);
}

/* ---- which lines, in which order ---- */

static bool listed(const char *const *names, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (streq(names[i], name))
			return true;
	return n == 0;
}

static enum resource sort_resource;
static const struct options *sort_options;

static double key(const struct row *r, enum sort by)
{
	double v = r->used[sort_resource], cap = r->cap[sort_resource];

	if (by == SORT_CAP)
		v = cap;
	else if (by == SORT_PCAP)
		v = v / cap;
	else if (by == SORT_SHR)
		v = r->shares;
	else if (by == SORT_PSHRU)
		v = v / r->shares;
	return isnan(v) ? -1 : v;
}

static int compare(const void *a, const void *b)
{
	const struct row *x = *(const struct row *const *)a, *y = *(const struct row *const *)b;
	size_t i;

	for (i = 0; i < sort_options->n_sort && sort_options->sort[i] != SORT_NAME; i++) {
		double kx = key(x, sort_options->sort[i]), ky = key(y, sort_options->sort[i]);

		if (kx != ky)
			return kx < ky ? 1 : -1;
	}
	return strcmp(x->name, y->name);
}

static void sort_rows(struct page *p, enum resource res)
{
	sort_resource = res;
	sort_options = p->o;
	qsort(p->rows, p->n, sizeof(*p->rows), compare);
}

static void fill_system(struct page *p)
{
	size_t i;
	int res;

	p->system = p->u->total;
	(void)str_copy(p->system.name, sizeof(p->system.name), "[system]");
	p->system.shares = NAN;
	p->shares = 0;
	for (i = 0; i < p->u->n; i++) {
		const struct row *r = &p->u->rows[i];

		p->shares += isnan(r->shares) ? 0 : r->shares;
		for (res = 0; res < RES_COUNT; res++)
			if (!isnan(r->used[res]))
				p->system.used[res] -= r->used[res];
	}
	for (res = 0; res < RES_COUNT; res++)
		if (p->system.used[res] < 0)
			p->system.used[res] = 0; /* the two were not counted at one moment */
}

/* Calls fn for [total], [system] and the zones, as far as they are wanted. */
static void each_row(struct page *p, enum resource res,
	void (*fn)(const struct page *p, enum resource res, const struct row *r))
{
	size_t i;

	if (p->o->lines & LINE_TOTAL)
		fn(p, res, &p->u->total);
	if (p->o->lines & LINE_SYSTEM)
		fn(p, res, &p->system);
	if (!(p->o->lines & LINE_ZONES))
		return;
	sort_rows(p, res);
	for (i = 0; i < p->n; i++)
		fn(p, res, p->rows[i]);
}

/* ---- for programs ---- */

static void lead(const struct page *p)
{
	char when[64];

	if (p->o->stamp) {
		stamp(p->o, p->u->end, when, sizeof(when));
		(void)printf("%s:", when);
	}
	(void)printf("%s:", report_names[p->kind]);
}

static void parsable_bracket(const struct page *p, const char *what)
{
	char begin[64], end[64];

	lead(p);
	stamp(p->o, p->u->begin, begin, sizeof(begin));
	stamp(p->o, p->u->end, end, sizeof(end));
	if (p->kind == REPORT_INTERVAL)
		(void)printf(
			"%s:since-last-interval:%s:%u:%.0f\n", what, end, p->number, p->u->since);
	else
		(void)printf(
			"%s:%s:%s:%.0f:%.0f\n", what, begin, end, p->o->interval, p->u->elapsed);
}

static void parsable_summary(const struct page *p, enum resource res, const struct row *r)
{
	const double *size = p->u->size;

	lead(p);
	(void)printf("summary:%s:%s:%s:%s:%s:%s:%s:%s:%s:%s:%s:%s\n", r->name,
		text_amount(p->o->parsable, RES_CPU, r->used[RES_CPU]).s,
		text_percent(r->used[RES_CPU], size[RES_CPU]).s,
		text_percent(r->used[RES_CPU], r->cap[RES_CPU]).s,
		text_percent(r->used[RES_CPU], page_share_of(p, r)).s,
		text_amount(p->o->parsable, RES_PHYSICAL, r->used[RES_PHYSICAL]).s,
		text_percent(r->used[RES_PHYSICAL], size[RES_PHYSICAL]).s,
		text_percent(r->used[RES_PHYSICAL], r->cap[RES_PHYSICAL]).s,
		text_amount(p->o->parsable, RES_VIRTUAL, r->used[RES_VIRTUAL]).s,
		text_percent(r->used[RES_VIRTUAL], size[RES_VIRTUAL]).s,
		text_percent(r->used[RES_VIRTUAL], r->cap[RES_VIRTUAL]).s, plain(row_refused(r)).s);
}

static void parsable_lead(const struct page *p, enum resource res, const char *name)
{
	lead(p);
	if (res == RES_CPU)
		(void)printf("processor-set:default-pset:%s:%s", kinds[res].member, name);
	else
		(void)printf("%s:%s:%s", kinds[res].name, kinds[res].member, name);
}

static void parsable_row(const struct page *p, enum resource res, const struct row *r)
{
	parsable_lead(p, res, r->name);
	(void)printf(":%s:%s:%s:%s", text_amount(p->o->parsable, res, r->used[res]).s,
		text_percent(r->used[res], p->u->size[res]).s,
		text_amount(p->o->parsable, res, r->cap[res]).s,
		text_percent(r->used[res], r->cap[res]).s);
	if (res == RES_CPU)
		(void)printf(":%s:%s:%s:%lld", plain(r->shares).s,
			text_percent(r->shares, p->shares).s,
			text_percent(r->used[res], page_share_of(p, r)).s, (long long)p->u->end);
	(void)printf(":%s\n", plain(r->refused[res]).s);
}

static void parsable_resource(struct page *p, enum resource res)
{
	if (p->o->lines & LINE_RESOURCE) {
		parsable_lead(p, res, "[resource]");
		if (res == RES_CPU)
			(void)printf(":%.0f:%.0f:%.0f:%.0f:%lld\n", p->u->online, p->u->cpus,
				p->u->cpus, p->u->cpus, (long long)p->u->end);
		else
			(void)printf(":%s\n", text_amount(p->o->parsable, res, p->u->size[res]).s);
	}
	each_row(p, res, parsable_row);
}

static void parsable_summaries(struct page *p)
{
	if (p->o->lines & LINE_RESOURCE) {
		lead(p);
		(void)printf("summary:[resource]:%.0f:%.0f:%s:%s\n", p->u->cpus, p->u->online,
			text_amount(p->o->parsable, RES_PHYSICAL, p->u->size[RES_PHYSICAL]).s,
			text_amount(p->o->parsable, RES_VIRTUAL, p->u->size[RES_VIRTUAL]).s);
	}
	each_row(p, RES_CPU, parsable_summary);
}

/* ---- for people ---- */

static void table_summary(const struct page *p, enum resource res, const struct row *r)
{
	const double *size = p->u->size;

	(void)printf("%*s %6s %7s %7s %7s  %7s %7s %7s  %7s %7s %7s  %8s\n", p->width, r->name,
		text_amount(p->o->parsable, RES_CPU, r->used[RES_CPU]).s,
		text_percent(r->used[RES_CPU], size[RES_CPU]).s,
		text_percent(r->used[RES_CPU], r->cap[RES_CPU]).s,
		text_percent(r->used[RES_CPU], page_share_of(p, r)).s,
		text_amount(p->o->parsable, RES_PHYSICAL, r->used[RES_PHYSICAL]).s,
		text_percent(r->used[RES_PHYSICAL], size[RES_PHYSICAL]).s,
		text_percent(r->used[RES_PHYSICAL], r->cap[RES_PHYSICAL]).s,
		text_amount(p->o->parsable, RES_VIRTUAL, r->used[RES_VIRTUAL]).s,
		text_percent(r->used[RES_VIRTUAL], size[RES_VIRTUAL]).s,
		text_percent(r->used[RES_VIRTUAL], r->cap[RES_VIRTUAL]).s, plain(row_refused(r)).s);
}

static void table_row(const struct page *p, enum resource res, const struct row *r)
{
	(void)printf("%*s %8s %7s %8s %7s %8s", p->width, r->name,
		text_amount(p->o->parsable, res, r->used[res]).s,
		text_percent(r->used[res], p->u->size[res]).s,
		text_amount(p->o->parsable, res, r->cap[res]).s,
		text_percent(r->used[res], r->cap[res]).s, plain(r->refused[res]).s);
	if (res == RES_CPU)
		(void)printf(" %6s %7s %7s", plain(r->shares).s,
			text_percent(r->shares, p->shares).s,
			text_percent(r->used[res], page_share_of(p, r)).s);
	(void)putchar('\n');
}

static void table_summaries(struct page *p)
{
	(void)printf("SUMMARY             CPUs: %.0f/%.0f   Physical: %s   Virtual: %s\n",
		p->u->online, p->u->cpus,
		text_amount(p->o->parsable, RES_PHYSICAL, p->u->size[RES_PHYSICAL]).s,
		text_amount(p->o->parsable, RES_VIRTUAL, p->u->size[RES_VIRTUAL]).s);
	(void)printf("%*s %30s  %23s  %23s\n", p->width, "", "-------------CPU--------------",
		"-------PHYSICAL--------", "--------VIRTUAL--------");
	(void)printf("%*s %6s %7s %7s %7s  %7s %7s %7s  %7s %7s %7s  %8s\n", p->width, "ZONE",
		"USED", "%PART", "%CAP", "%SHRU", "USED", "PCT", "%CAP", "USED", "PCT", "%CAP",
		"REFUSED");
	each_row(p, RES_CPU, table_summary);
	(void)putchar('\n');
}

static void table_resource(struct page *p, enum resource res)
{
	if (res == RES_CPU)
		(void)printf("PROCESSOR_SET %-20s ONLINE/CPUS %.0f/%.0f  MIN/MAX %.0f/%.0f\n",
			kinds[res].member, p->u->online, p->u->cpus, p->u->cpus, p->u->cpus);
	else
		(void)printf("%-34s %s %s\n", kinds[res].name, kinds[res].size,
			text_amount(p->o->parsable, res, p->u->size[res]).s);
	(void)printf("%*s %8s %7s %8s %7s %8s%s\n", p->width, "ZONE", "USED", "PCT", "CAP", "%CAP",
		"REFUSED", res == RES_CPU ? "   SHRS    %SHR   %SHRU" : "");
	each_row(p, res, table_row);
	(void)putchar('\n');
}

static void table_head(const struct page *p)
{
	static const char *const titles[] = {
		[REPORT_TOTAL] = "Report: Total Usage",
		[REPORT_AVERAGE] = "Report: Average Usage",
		[REPORT_HIGH] = "Report: High Usage",
	};
	char when[64];

	if (p->o->stamp) {
		stamp(p->o, p->u->end, when, sizeof(when));
		(void)printf("%s\n", when);
	}
	if (p->kind == REPORT_INTERVAL)
		(void)printf("Interval: %u, Duration: %.0f seconds\n", p->number, p->u->since);
	else
		(void)printf("%s, Intervals: %u, Duration: %.0f seconds\n", titles[p->kind],
			p->u->intervals, p->u->elapsed);
}

/* ---- a page ---- */

static void print_json(struct page *p)
{
	int res;

	for (res = 0; res < RES_COUNT; res++) {
		bool summed = res == RES_CPU || res == RES_PHYSICAL || res == RES_VIRTUAL;

		if ((p->o->wanted[res] || (p->o->summary && summed)) &&
			listed(p->o->members, p->o->n_members, kinds[res].member))
			each_row(p, (enum resource)res, print_json_row);
	}
}

static void print_page(struct page *p)
{
	int res;

	if (!p->o->parsable)
		table_head(p);
	else if (p->o->lines & LINE_HEADER)
		parsable_bracket(p, "header");
	if (p->o->summary)
		(p->o->parsable ? parsable_summaries : table_summaries)(p);
	for (res = 0; res < RES_COUNT; res++)
		if (p->o->wanted[res] && listed(p->o->members, p->o->n_members, kinds[res].member))
			(p->o->parsable ? parsable_resource : table_resource)(
				p, (enum resource)res);
	if (p->o->parsable && (p->o->lines & LINE_FOOTER))
		parsable_bracket(p, "footer");
}

void print_usage(
	const struct options *o, enum report kind, const struct usage *u, unsigned int number)
{
	struct page p = {.o = o, .kind = kind, .u = u, .width = NAME_WIDTH, .number = number};
	size_t i;

	p.rows = calloc(u->n + 1, sizeof(*p.rows));
	if (!p.rows)
		return;
	for (i = 0; i < u->n; i++)
		if (listed(o->zones, o->n_zones, u->rows[i].name))
			p.rows[p.n++] = &u->rows[i];
	for (i = 0; i < p.n; i++)
		if (p.width < (int)strlen(p.rows[i]->name))
			p.width = (int)strlen(p.rows[i]->name);
	fill_system(&p);
	(o->json ? print_json : print_page)(&p);
	free(p.rows);
}
