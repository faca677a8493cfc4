/* SPDX-License-Identifier: MIT */
/*
 * zonestat -j: an object for each zone and resource, on a line of its own that says all there is to
 * know about it, so that a reader needs no other line. Numbers are numbers, sizes bytes; what nobody
 * counts, or what is not capped, is null.
 */
#include "zonestat/print.h"

#include <jansson.h>

static json_t *number(double v)
{
	return isnan(v) ? json_null() : json_integer((json_int_t)(v + 0.5));
}

static json_t *hundredths(double v)
{
	return isfinite(v) ? json_real(round(v * 100) / 100) : json_null();
}

static json_t *percent(double part, double whole)
{
	return whole > 0 ? hundredths(100 * part / whole) : json_null();
}

static json_t *amount(enum resource res, double v)
{
	return res == RES_CPU ? hundredths(v) : number(v);
}

void print_json_row(const struct page *p, enum resource res, const struct row *r)
{
	const struct usage *u = p->u;
	json_t *o = json_pack("{s:s, s:i, s:I, s:I, s:o, s:s, s:s, s:s}", "report",
		report_names[p->kind], "number", p->number ? p->number : u->intervals, "begin",
		(json_int_t)u->begin, "end", (json_int_t)u->end, "seconds", hundredths(u->elapsed),
		"resource", kinds[res].name, "name", kinds[res].member, "zone", r->name);

	(void)json_object_set_new(o, "used", amount(res, r->used[res]));
	(void)json_object_set_new(o, "size", amount(res, u->size[res]));
	(void)json_object_set_new(o, "percent", percent(r->used[res], u->size[res]));
	(void)json_object_set_new(o, "cap", amount(res, r->cap[res]));
	(void)json_object_set_new(o, "cap_percent", percent(r->used[res], r->cap[res]));
	(void)json_object_set_new(o, "refused", number(r->refused[res]));
	if (res == RES_CPU) {
		double share = page_share_of(p, r);

		(void)json_object_set_new(o, "shares", number(r->shares));
		(void)json_object_set_new(o, "shares_percent", percent(r->shares, p->shares));
		(void)json_object_set_new(o, "shares_used_percent", percent(r->used[res], share));
	}
	(void)json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(12));
	(void)putchar('\n');
	json_decref(o);
}
