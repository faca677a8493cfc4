/* SPDX-License-Identifier: MIT */
/*
 * Debug ids (zonecfg.h): numbers for tools of the host, one for each zone and no zone's else. The index has them
 * all, so that nobody needs to read every configuration; who changes one holds zonecfg_lock().
 */
#include "zonecfg/zonecfg.h"

struct look {
	const char *zone;
	uint32_t own;  /* of the configuration, 0: none */
	uint32_t line; /* of the zone's line in the index */
	bool own_used, line_used;
	uint32_t highest;
};

static int find_line(const struct zone_index_entry *e, void *arg)
{
	struct look *l = arg;

	if (streq(e->name, l->zone))
		l->line = e->did;
	return 0;
}

static int compare(const struct zone_index_entry *e, void *arg)
{
	struct look *l = arg;

	if (streq(e->name, l->zone) || !e->did)
		return 0;
	l->own_used |= e->did == l->own;
	l->line_used |= e->did == l->line;
	if (e->did > l->highest)
		l->highest = e->did;
	return 0;
}

static int is_did(const struct zone_index_entry *e, void *arg)
{
	return e->did == *(const uint32_t *)arg;
}

/* One that no zone has: behind the last one, so that it is not soon again that of another zone. */
static int next_free(uint32_t highest, uint32_t *ret)
{
	uint32_t did;
	int r;

	if (highest < INT32_MAX) {
		*ret = highest + 1;
		return 0;
	}
	/* somebody has given the last one by hand */
	for (did = 1; (r = zone_index_iterate(is_did, &did)) > 0; did++)
		;
	*ret = did;
	return r;
}

int zonecfg_settle_did(struct zonecfg *cfg, const char *zone, uint32_t *ret_did)
{
	struct look l = {.zone = zone};
	char text[16];
	uint64_t own;
	int r;

	if (cfg->debugid && zonecfg_check_debugid(cfg->debugid) == Z_OK &&
		zonecfg_parse_u64(cfg->debugid, &own) == Z_OK)
		l.own = (uint32_t)own;
	r = zone_index_iterate(find_line, &l);
	if (r == 0)
		r = zone_index_iterate(compare, &l);
	if (r == 0 && l.own && !l.own_used)
		*ret_did = l.own;
	else if (r == 0 && l.line && !l.line_used)
		*ret_did = l.line;
	else if (r == 0)
		r = next_free(l.highest, ret_did);
	if (r || *ret_did == l.own)
		return r;
	(void)snprintf(text, sizeof(text), "%u", *ret_did);
	return zonecfg_set_string(&cfg->debugid, text);
}

int zonecfg_repair_did(struct zonecfg *cfg, uint32_t *ret_did, struct diag *d)
{
	_cleanup_close_ int lock = zonecfg_lock(d);
	int r = lock < 0 ? lock : zonecfg_settle_did(cfg, cfg->name, ret_did);

	if (r)
		return d->text[0] ? r : diag_set(d, r, "%s", zonecfg_strerror(r));
	r = zonecfg_save(cfg, d);
	if (r)
		return r;
	r = zone_index_set_facts(cfg->name, cfg->brand, cfg->ip_type == ZS_EXCLUSIVE, *ret_did);
	return r ? diag_set(d, r, "the index of zones: %s", zonecfg_strerror(r)) : Z_OK;
}
