/* SPDX-License-Identifier: MIT */
/* Comparing the stores with the table, for `dladm check`; see store.h. */
#include "dlmgmtd/store-impl.h"

#include <inttypes.h>
#include <stdarg.h>

struct check {
	enum store which;
	zoneid_t owner; /* of a persistent one */
	struct store_report *report;
	unsigned int rows;
};

static struct check now; /* link table's lock */

static void _printf_(1, 2) disagree(const char *fmt, ...)
{
	struct store_report *report = now.report;
	size_t room = report->size - report->used;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(report->text + report->used, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n + 2 > room)
		return; /* whoever repairs what fits will look again */
	report->used += (size_t)n;
	report->text[report->used++] = '\n';
	report->text[report->used] = '\0';
}

static const char *store_name(void)
{
	static char text[48]; /* link table's lock */

	if (now.which != STORE_PERSISTENT || now.owner == GLOBAL_ZONEID)
		return now.which == STORE_PERSISTENT ? "datalink.db" : "active.db";
	(void)snprintf(text, sizeof(text), "datalink.db of zone %d", (int)now.owner);
	return text;
}

static bool attrs_same(const struct link_attrs *a, const struct link_attrs *b)
{
	const struct link_attr *x;

	for (x = a->first; x; x = x->next)
		if (!link_attrs_equal(b, x->name, x->value, x->size))
			return false;
	return a->count == b->count;
}

static int check_row(const struct link_spec *row, struct link_attrs *attrs)
{
	const struct link *link = link_by_id(row->id, GLOBAL_ZONEID);
	bool persistent = now.which == STORE_PERSISTENT;

	if (!link || (persistent && (!link->configured || link_owner(link) != now.owner))) {
		disagree("%s: %s: link %u is in the file, not in the table", store_name(),
			row->name, row->id);
		return 0;
	}
	now.rows++;
	if (!streq(link->name, row->name))
		disagree("%s: link %u is '%s' in the file and '%s' in the table", store_name(),
			row->id, row->name, link->name);
	if (link->class != row->class || link->media != row->media)
		disagree("%s: %s: class or medium differs", store_name(), row->name);
	if (!persistent && (link->zoneid != row->zoneid || link->on_loan != row->on_loan))
		disagree("%s: %s: in zone %d, in the table in zone %d", store_name(), row->name,
			(int)row->zoneid, (int)link->zoneid);
	if (!attrs_same(&link->attrs, attrs))
		disagree("%s: %s: the configuration differs", store_name(), row->name);
	return 0;
}

static bool expected(const struct link *link)
{
	if (now.which == STORE_ACTIVE)
		return (link->flags & DLMGMT_ACTIVE) != 0;
	return link->configured && link_owner(link) == now.owner;
}

static void check_count(void)
{
	const struct link *link;
	unsigned int links = 0;

	for (link = link_next(0); link; link = link_next(link->id))
		links += expected(link);
	if (links > now.rows)
		disagree("%s: %u links are in the table, not in the file", store_name(),
			links - now.rows);
}

static void check_begin(enum store which, zoneid_t owner)
{
	now.which = which;
	now.owner = owner;
	now.rows = 0;
}

static int check_store(enum store which, store_link_fn *fn)
{
	int r;

	check_begin(which, GLOBAL_ZONEID);
	if (store_state.stale[which]) {
		disagree("%s: changes wait until it can be written", store_name());
		return 0;
	}
	r = store_load(which, fn);
	if (r == 0)
		check_count();
	return r;
}

static int check_zone(zoneid_t zone, struct database *db)
{
	int r;

	check_begin(STORE_PERSISTENT, zone);
	r = store_load_from(db, zone, check_row);
	if (r == 0)
		check_count();
	return r;
}

int store_check(struct store_report *report)
{
	const bool from_active = store_state.from_active;
	int r;

	now.report = report;
	store_state.from_active = false;
	r = check_store(STORE_PERSISTENT, check_row);
	if (r == 0)
		r = check_store(STORE_ACTIVE, check_row);
	if (r == 0)
		r = store_zones_each(check_zone);
	store_state.from_active = from_active;
	return r;
}
