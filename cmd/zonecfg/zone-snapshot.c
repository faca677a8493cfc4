/* SPDX-License-Identifier: MIT */
/*
 * zone-snapshot NAME FILE: reads the configuration of a zone and its brand,
 * verifies them, and writes the flat form (zonecfg/snapshot.h) to FILE. zoneadmd starts it when
 * a zone is readied, so that the daemon itself never loads an XML library; what
 * is wrong goes to stderr, which zoneadmd passes to its client.
 */
#include "brand/brand.h"
#include "linux/instance.h"

struct problems {
	const char *zone;
};

static void print_problem(void *arg, int code, const char *text)
{
	const struct problems *p = arg;

	(void)fprintf(stderr, "zone '%s': %s%s\n", p->zone, code ? "" : "WARNING: ", text);
}

static int snapshot(const char *name, const char *file, struct diag *d)
{
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = NULL;
	_cleanup_(brand_freep) struct brand *brand = NULL;
	struct problems problems = {.zone = name};
	struct zone_index_entry entry;
	struct brand_snapshot bs;
	int r;

	r = zonecfg_load(name, &cfg, d);
	if (r)
		return r;
	r = brand_verify(cfg, print_problem, &problems, &brand);
	if (r)
		return r;
	r = zonecfg_verify_datasets(cfg, print_problem, &problems);
	if (r)
		return r;
	r = zone_index_find(name, &entry);
	if (r)
		return diag_set(d, r, "no line in the index: %s", zonecfg_strerror(r));
	if (!streq(entry.zonepath, cfg->zonepath))
		return diag_set(d, Z_INVALID_DOCUMENT,
			"zonepath is %s in the configuration but %s in the index", cfg->zonepath,
			entry.zonepath);
	r = brand_snapshot_init(&bs, cfg, brand, entry.uuid, d);
	if (r)
		return r;
	r = zone_snapshot_write(file, &bs.s, d);
	brand_snapshot_fini(&bs);
	return r;
}

int main(int argc, char *argv[])
{
	struct diag d = {0};
	int r;

	if (argc != 3 || argv[2][0] != '/') {
		(void)fputs("usage: zone-snapshot NAME /FILE\n", stderr);
		return 2;
	}
	r = instance_init(NULL);
	if (r < 0) {
		(void)fprintf(stderr, "ZONES_ROOT: %s\n", strerror(-r));
		return 1;
	}
	if (snapshot(argv[1], argv[2], &d) == Z_OK)
		return 0;
	if (d.text[0])
		(void)fprintf(stderr, "zone '%s': %s\n", argv[1], d.text);
	return 1;
}
