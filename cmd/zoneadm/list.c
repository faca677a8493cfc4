/* SPDX-License-Identifier: MIT */
/*
 * zoneadm list: which zones there are. Needs no rights, and works without zoned from the
 * index alone, with a warning. In a zone it shows that zone.
 */
#include "zoneadm/list.h"

#include "zone/zone-calls.h"
#include "zoneadm/list-json.h"
#include "zoneadm/list-rows.h"

struct list_options {
	bool configured, installed, no_global, parsable, verbose, json;
	struct json_t *array; /* with json */
};

static int parse_options(struct request *req, struct list_options *o)
{
	int c;

	*o = (struct list_options){0};
	optind = 1;
	opterr = 0;
	while ((c = getopt(req->argc, req->argv, "+cijnpv")) != -1) {
		switch (c) {
		case 'c':
			o->configured = true;
			break;
		case 'i':
			o->installed = true;
			break;
		case 'j':
			o->json = true;
			break;
		case 'n':
			o->no_global = true;
			break;
		case 'p':
			o->parsable = true;
			break;
		case 'v':
			o->verbose = true;
			break;
		default:
			(void)complain(NULL, "'list' has no option -%c", optopt);
			return usage_of(req);
		}
	}
	if (optind < req->argc) {
		(void)complain(NULL, "'list' takes no argument '%s'", req->argv[optind]);
		return usage_of(req);
	}
	if (o->parsable + o->verbose + o->json > 1)
		return complain(NULL, "'list': -p, -v and -j exclude each other");
	if ((req->zone || req->uuid) && (o->configured || o->installed || o->no_global))
		return complain(NULL, "'list' of one zone takes none of -c, -i and -n");
	return EXIT_OK;
}

/* A list that lacks a zone is worse than none. */
static void add_json(const struct list_options *o, const struct list_row *row)
{
	if (list_json_add(o->array, row) < 0)
		exit(complain(NULL, "out of memory"));
}

static void print_row(const struct list_options *o, struct list_row *row)
{
	if ((o->parsable || o->verbose || o->json) && row->id != GLOBAL_ZONEID)
		list_row_details(row);
	if (o->json)
		add_json(o, row);
	else if (o->parsable)
		list_print_parsable(stdout, row);
	else if (o->verbose)
		list_print_verbose(stdout, row);
	else
		(void)printf("%s\n", row->name);
}

/* The lowest state that is shown. */
static zone_state_t lowest(const struct list_options *o)
{
	if (o->configured)
		return ZONE_STATE_CONFIGURED;
	return o->installed ? ZONE_STATE_INSTALLED : ZONE_STATE_RUNNING;
}

/* A zone's own index has its uuid; whatever else root there has written into it is no zone. */
static void add_uuids(struct list_rows *rows)
{
	struct zone_index_entry e;
	size_t i;

	for (i = 0; i < rows->n; i++)
		if (zone_index_find(rows->rows[i].name, &e) == Z_OK)
			(void)str_copy(rows->rows[i].uuid, sizeof(e.uuid), e.uuid);
}

/* The warning is said once, by the one who reads: not to a zone, where zoned is the only source. */
static int gather(struct list_rows *rows, bool *ret_in_zone)
{
	zoneid_t self = GLOBAL_ZONEID;
	int r = zone_call_self(&self);

	if (r == 0)
		r = list_add_live(rows);
	if (r == -EBADF || r == -ENOENT || r == -ECONNREFUSED)
		(void)complain(NULL,
			"warning: zoned is not running; the states shown are those of the index");
	else if (r < 0) /* one that runs knows better than the index, and does not say it */
		return complain(NULL, "cannot ask zoned which zones run: %s", strerror(-r));
	*ret_in_zone = self != GLOBAL_ZONEID;
	if (*ret_in_zone) {
		add_uuids(rows);
		return EXIT_OK;
	}
	r = list_add_index(rows);
	return r ? complain(NULL, "cannot read the index of zones: %s", zonecfg_strerror(r))
		 : EXIT_OK;
}

static void global_row(struct list_row *row)
{
	struct zone_index_entry e;

	list_row_global(row, zone_index_find(GLOBAL_ZONENAME, &e) == Z_OK ? e.uuid : "");
}

static int list_one(const struct request *req, const struct list_options *o,
	const struct list_rows *rows, bool in_zone)
{
	const char *name = req->zone;
	struct zone_index_entry e;
	struct list_row global;
	size_t i;

	if (req->uuid && zone_index_find_uuid(req->uuid, &e) == Z_OK)
		name = e.name;
	if (!name)
		return complain(NULL, "no zone has the UUID %s", req->uuid);
	if (!in_zone && !streq(name, GLOBAL_ZONENAME) && list_ask_brand(req, name))
		return EXIT_ERR;
	if (o->verbose)
		list_print_header(stdout);
	if (!in_zone && streq(name, GLOBAL_ZONENAME)) {
		global_row(&global);
		print_row(o, &global);
		return EXIT_OK;
	}
	for (i = 0; i < rows->n; i++) {
		if (!streq(rows->rows[i].name, name))
			continue;
		print_row(o, &rows->rows[i]);
		return EXIT_OK;
	}
	return complain(name, "%s", zonecfg_strerror(Z_NO_ZONE));
}

static void list_all(const struct list_options *o, const struct list_rows *rows, bool in_zone)
{
	struct list_row global;
	size_t i;

	if (o->verbose)
		list_print_header(stdout);
	if (!in_zone && !o->no_global) {
		global_row(&global);
		print_row(o, &global);
	}
	for (i = 0; i < rows->n; i++)
		if (rows->rows[i].state >= lowest(o))
			print_row(o, &rows->rows[i]);
}

int list_run(struct request *req)
{
	_cleanup_(list_freep) struct list_rows rows = {0};
	struct list_options o;
	bool in_zone;
	int r = parse_options(req, &o);

	if (r)
		return r;
	r = gather(&rows, &in_zone);
	if (r)
		return r;
	if (o.json && !(o.array = list_json_new()))
		return complain(NULL, "out of memory");
	if (req->zone || req->uuid)
		r = list_one(req, &o, &rows, in_zone);
	else
		list_all(&o, &rows, in_zone);
	if ((o.json && list_json_end(o.array, stdout) < 0) || fflush(stdout) != 0)
		return complain(NULL, "cannot write the list: %s", strerror(errno));
	return r;
}
