/* SPDX-License-Identifier: MIT */
/*
 * Gathers the rows of zoneadm list; see list-rows.h.
 *
 * A live zone's brand and ip-type are those it was booted with and come from
 * zoned; the others come from the configuration file, which a later zonecfg may
 * have changed.
 */
#include "zoneadm/list-rows.h"

#include "zone/zone-calls.h"
#include "zoneadm/command.h"
#include "zoneadm/state.h"
#include "zonecfg/zonecfg.h"

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
	struct list_row *grown = reallocarray(rows->rows, rows->n + 1, sizeof(*grown));

	if (!grown)
		return NULL;
	rows->rows = grown;
	grown[rows->n] = (struct list_row){.id = -1};
	return &grown[rows->n++];
}

static struct list_row *find_row(const struct list_rows *rows, const char *name)
{
	size_t i;

	for (i = 0; i < rows->n; i++)
		if (streq(rows->rows[i].name, name))
			return &rows->rows[i];
	return NULL;
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

/* What zoned knows besides name and state. */
static void live_details(struct list_row *row)
{
	static const char suffix[] = "/root";
	uint32_t flags = 0;
	size_t n;

	(void)get_string(row->id, ZONE_ATTR_BRAND, row->brand, sizeof(row->brand));
	if (zone_call_getattr(row->id, ZONE_ATTR_FLAGS, &flags, sizeof(flags), &n) == 0)
		row->exclusive = flags & ZF_NET_EXCL;
	/* A zone whose index entry is gone, or one that looks at itself. */
	if (row->path[0] || get_string(row->id, ZONE_ATTR_ROOT, row->path, sizeof(row->path)) < 0)
		return;
	n = strlen(row->path);
	if (n > strlen(suffix) && streq(row->path + n - strlen(suffix), suffix))
		row->path[n - strlen(suffix)] = '\0';
}

/* 0, also when the zone is not there any more. */
static int add_live(struct list_rows *rows, zoneid_t id)
{
	char name[ZONENAME_MAX];
	zone_status_t status;
	struct list_row *row;
	int state;

	if (get_string(id, ZONE_ATTR_NAME, name, sizeof(name)) < 0 ||
		zone_call_status(id, &status) < 0)
		return 0;
	state = state_of_status(status);
	if (state < 0)
		return 0;
	row = add_row(rows);
	if (!row)
		return -ENOMEM;
	row->id = id;
	row->state = (zone_state_t)state;
	(void)str_copy(row->name, sizeof(row->name), name);
	return 0;
}

int list_add_live(struct list_rows *rows)
{
	_cleanup_free_ zoneid_t *ids = NULL;
	uint32_t i, n = 0;
	int r = zone_call_list(&ids, &n);

	for (i = 0; r == 0 && i < n; i++)
		if (ids[i] != GLOBAL_ZONEID)
			r = add_live(rows, ids[i]);
	return r;
}

static void config_details(struct list_row *row)
{
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = NULL;
	struct diag d = {0};
	int r = zonecfg_load(row->name, &cfg, &d);

	if (r == Z_NO_ZONE) {
		(void)complain(row->name, "its configuration file is missing");
		return;
	}
	if (r) {
		complain_lines(row->name, d.text[0] ? d.text : zonecfg_strerror(r));
		return;
	}
	row->exclusive = cfg->ip_type == ZS_EXCLUSIVE;
	if (cfg->brand)
		(void)str_copy(row->brand, sizeof(row->brand), cfg->brand);
}

void list_row_details(struct list_row *row)
{
	if (row->id < 0)
		config_details(row);
	else
		live_details(row);
}

static int add_entry(const struct zone_index_entry *e, void *arg)
{
	struct list_rows *rows = arg;
	struct list_row *row;

	if (streq(e->name, GLOBAL_ZONENAME))
		return 0;
	row = find_row(rows, e->name);
	if (!row) {
		row = add_row(rows);
		if (!row)
			return -ENOMEM;
		row->state = e->state;
		(void)str_copy(row->name, sizeof(row->name), e->name);
	}
	(void)str_copy(row->path, sizeof(row->path), e->zonepath);
	(void)str_copy(row->uuid, sizeof(row->uuid), e->uuid);
	return 0;
}

int list_add_index(struct list_rows *rows)
{
	return zone_index_iterate(add_entry, rows);
}

void list_free(struct list_rows *rows)
{
	free(rows->rows);
	rows->rows = NULL;
	rows->n = 0;
}
