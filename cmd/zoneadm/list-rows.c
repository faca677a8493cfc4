/* SPDX-License-Identifier: MIT */
/*
 * Gathers the rows of zoneadm list; see list-rows.h.
 *
 * A live zone's brand and ip-type are those it was booted with and come from
 * zoned; the others come from the configuration file, which a later zonecfg may
 * have changed.
 */
#include "zoneadm/list-rows.h"

#include "zone/rows-door.h"
#include "zone/zone-calls.h"
#include "zoneadm/command.h"
#include "zoneadm/state.h"

/* The brand of the host: whatever runs there is plain Linux. */
#define GLOBAL_BRAND "linux"

void list_row_global(struct list_row *row, const char *uuid)
{
	*row = (struct list_row){.id = GLOBAL_ZONEID, .state = ZONE_STATE_RUNNING};
	(void)str_copy(row->name, sizeof(row->name), GLOBAL_ZONENAME);
	(void)str_copy(row->path, sizeof(row->path), "/");
	(void)str_copy(row->brand, sizeof(row->brand), GLOBAL_BRAND);
	(void)str_copy(row->uuid, sizeof(row->uuid), uuid);
}

/* Room for one more row, cleared; NULL without memory. */
static struct list_row *add_row(struct list_rows *rows)
{
	if (rows->n == rows->room) {
		size_t room = rows->room ? 2 * rows->room : 32;
		struct list_row *grown = reallocarray(rows->rows, room, sizeof(*grown));

		if (!grown)
			return NULL;
		rows->rows = grown;
		rows->room = room;
	}
	rows->rows[rows->n] = (struct list_row){.id = -1};
	return &rows->rows[rows->n++];
}

static int get_string(zoneid_t id, enum zone_attr attr, char *buf, size_t size)
{
	size_t n;
	int r = zone_call_getattr(id, attr, buf, size, &n);

	if (r == 0 && (n > size || !str_terminated(buf, size)))
		r = -ENAMETOOLONG;
	if (r < 0)
		buf[0] = '\0';
	return r;
}

/* A zone whose index entry is gone, or one that looks at itself, has its path from zoned. */
static void live_details(struct list_row *row)
{
	static const char suffix[] = "/root";
	size_t n;

	if (row->path[0] || get_string(row->id, ZONE_ATTR_ROOT, row->path, sizeof(row->path)) < 0)
		return;
	n = strlen(row->path);
	if (n > strlen(suffix) && streq(row->path + n - strlen(suffix), suffix))
		row->path[n - strlen(suffix)] = '\0';
}

static int add_live(const struct zone_row *live, void *arg)
{
	int state = state_of_live((zone_status_t)live->status, live->flags);
	struct list_row *row;

	if (live->zoneid == GLOBAL_ZONEID || state < 0)
		return 0;
	row = add_row(arg);
	if (!row)
		return -ENOMEM;
	row->id = live->zoneid;
	row->state = (zone_state_t)state;
	row->exclusive = live->flags & ZF_NET_EXCL;
	row->frozen = live->flags & ZF_FROZEN;
	(void)str_copy(row->name, sizeof(row->name), live->name);
	(void)str_copy(row->brand, sizeof(row->brand), live->brand);
	return 0;
}

int list_add_live(struct list_rows *rows)
{
	return zone_row_each(add_live, rows);
}

void list_row_details(struct list_row *row)
{
	bool exclusive = row->exclusive;

	if (row->id >= 0)
		live_details(row);
	if (row->brand[0])
		return;
	list_row_config(row); /* also while it is readied: zoned learns its brand a moment later */
	if (row->id >= 0)
		row->exclusive = exclusive;
}

/* The live rows by name, to find them in; they stay where they are. */
struct merge {
	struct list_rows *rows;
	size_t *live; /* numbers of rows */
	size_t nlive;
};

static int by_name(const void *a, const void *b, void *arg)
{
	const struct list_row *rows = arg;

	return strcmp(rows[*(const size_t *)a].name, rows[*(const size_t *)b].name);
}

static struct list_row *find_live(const struct merge *m, const char *name)
{
	size_t low = 0, high = m->nlive;

	while (low < high) {
		size_t middle = (low + high) / 2;
		struct list_row *row = &m->rows->rows[m->live[middle]];
		int c = strcmp(name, row->name);

		if (c == 0)
			return row;
		if (c < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static int add_entry(const struct zone_index_entry *e, void *arg)
{
	struct merge *m = arg;
	struct list_row *row;

	if (streq(e->name, GLOBAL_ZONENAME))
		return 0;
	row = find_live(m, e->name);
	if (!row) {
		row = add_row(m->rows);
		if (!row)
			return -ENOMEM;
		row->state = e->state;
		(void)str_copy(row->name, sizeof(row->name), e->name);
	}
	(void)str_copy(row->path, sizeof(row->path), e->zonepath);
	(void)str_copy(row->uuid, sizeof(row->uuid), e->uuid);
	row->did = e->did;
	return 0;
}

int list_add_index(struct list_rows *rows)
{
	struct merge m = {.rows = rows, .nlive = rows->n};
	_cleanup_free_ size_t *live = calloc(rows->n + 1, sizeof(*live));
	size_t i;

	if (!live)
		return -ENOMEM;
	for (i = 0; i < rows->n; i++)
		live[i] = i;
	if (rows->n)
		qsort_r(live, rows->n, sizeof(*live), by_name, rows->rows);
	m.live = live;
	return zone_index_iterate(add_entry, &m);
}

void list_free(struct list_rows *rows)
{
	free(rows->rows);
	*rows = (struct list_rows){0};
}
