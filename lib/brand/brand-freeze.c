/* SPDX-License-Identifier: MIT */
/*
 * From the files to the snapshot of a zone that is to run (brand.h): read, verified, compared with the
 * index, repaired where that is possible, and the brand asked for what it gives the zone.
 */
#include "brand/brand.h"
#include "zonecfg/list.h"

struct freezer {
	const struct brand_freeze *how;
	struct zonecfg *cfg;
	const struct brand *brand;
	struct zone_index_entry entry;
};

static void say(const struct freezer *f, int code, const char *fmt, ...) _printf_(3, 4);

static void say(const struct freezer *f, int code, const char *fmt, ...)
{
	char text[1100];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	f->how->report(f->how->arg, code, text);
}

/* The warnings have been said already. */
static void say_error(void *arg, int code, const char *text)
{
	const struct brand_freeze *how = arg;

	if (code)
		how->report(how->arg, code, text);
}

/* A dataset that the brand gives the zone, besides those of the configuration. */
static int add_dataset(void *arg, const char *name)
{
	struct zonecfg *cfg = arg;
	int r;

	if (!*name)
		return 0;
	r = list_grow(&cfg->datasets, &cfg->n_datasets, sizeof(*cfg->datasets));
	return r ? r : zonecfg_set_string(&cfg->datasets[cfg->n_datasets - 1].name, name);
}

/* Runs "COMMAND datasets": a name on each line. */
static int read_datasets(const struct freezer *f, const struct zone_snapshot *s, struct diag *d)
{
	_cleanup_(zone_environ_freep) char **envp = NULL;
	_cleanup_free_ char *line = NULL;
	int r = zone_snapshot_environ(s, f->how->debug, &envp);

	if (r)
		return r;
	if (asprintf(&line, "%s datasets", s->query) < 0) {
		line = NULL;
		return -ENOMEM;
	}
	r = f->how->query(f->how->arg, line, envp, add_dataset, f->cfg);
	return r > 0 ? diag_set(d, Z_BRAND_ERROR, "the brand's query hook failed") : r;
}

/* What the brand has an opinion of only when it is asked. */
static int ask_brand(const struct freezer *f, struct diag *d)
{
	struct brand_snapshot bs;
	int r;

	if (!f->brand->hooks[BRAND_QUERY])
		return Z_OK;
	r = brand_snapshot_init(&bs, f->cfg, f->brand, f->entry.uuid, d);
	if (r)
		return r;
	r = read_datasets(f, &bs.s, d);
	brand_snapshot_fini(&bs);
	return r ? r : brand_verify(f->cfg, say_error, (void *)(uintptr_t)f->how, NULL);
}

/*
 * A zone from before there were debugids has none, and one whose files were copied by hand has another
 * zone's. The zone boots in any case.
 */
static void repair_did(const struct freezer *f)
{
	struct zonecfg *cfg = f->cfg;
	_cleanup_free_ char *before = cfg->debugid ? strdup(cfg->debugid) : NULL;
	struct diag d = {0};
	uint32_t did = 0;
	int r = zonecfg_settle_did(cfg, f->entry.name, &did);

	if (r == Z_OK && did == f->entry.did && before && streq(before, cfg->debugid))
		return;
	r = zonecfg_repair_did(cfg, &did, &d);
	if (r)
		say(f, Z_OK, "its debugid cannot be saved: %s", d.text);
	else if (before && !streq(before, cfg->debugid))
		say(f, Z_DUPLICATE, "debugid %s is another zone's: it is %u now", before, did);
}

static int find_in_index(struct freezer *f, struct diag *d)
{
	int r = zone_index_find(f->cfg->name, &f->entry);

	if (r)
		return diag_set(d, r, "no line in the index: %s", zonecfg_strerror(r));
	if (!streq(f->entry.zonepath, f->cfg->zonepath))
		return diag_set(d, Z_INVALID_DOCUMENT,
			"zonepath is %s in the configuration but %s in the index", f->cfg->zonepath,
			f->entry.zonepath);
	return Z_OK;
}

/* A snapshot with strings of its own, as whoever reads the file has it. */
static int make(const struct freezer *f, struct zone_snapshot *ret, struct diag *d)
{
	_cleanup_free_ char *text = NULL;
	struct brand_snapshot bs;
	size_t size;
	int r = brand_snapshot_init(&bs, f->cfg, f->brand, f->entry.uuid, d);

	if (r)
		return r;
	r = zone_snapshot_format(&bs.s, &text, &size);
	brand_snapshot_fini(&bs);
	return r ? r : zone_snapshot_parse(text, size, ret, d);
}

int brand_freeze(
	const char *zone, const struct brand_freeze *how, struct zone_snapshot *ret, struct diag *d)
{
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = NULL;
	_cleanup_(brand_freep) struct brand *brand = NULL;
	struct freezer f = {.how = how};
	int r;

	zone_snapshot_init(ret);
	r = zonecfg_load(zone, &cfg, d);
	if (r)
		return r;
	f.cfg = cfg;
	r = brand_verify(cfg, how->report, how->arg, &brand);
	f.brand = brand;
	if (!r)
		r = find_in_index(&f, d);
	if (r)
		return r;
	repair_did(&f);
	r = ask_brand(&f, d);
	if (!r)
		r = zonecfg_verify_datasets(cfg, how->report, how->arg);
	return r ? r : make(&f, ret, d);
}
