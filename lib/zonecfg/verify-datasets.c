/* SPDX-License-Identifier: MIT */
/*
 * A dataset is one zone's: no other zone that is installed, or half so, has it, one above or one below.
 * Zones that are only configured do not count, so that who comes first gets it.
 */
#include "zonecfg/zonecfg.h"

struct look {
	const struct zonecfg *cfg;
	zonecfg_report_fn report;
	void *arg;
	int result;
};

/* One is the other or lies in it. */
static bool overlap(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b), n = na < nb ? na : nb;

	return strncmp(a, b, n) == 0 && (na == nb || (na < nb ? b : a)[n] == '/');
}

static void compare(struct look *l, const char *name, const struct zonecfg *other)
{
	char text[1024];
	size_t i;

	for (i = 0; i < other->n_datasets; i++) {
		if (!overlap(name, other->datasets[i].name))
			continue;
		(void)snprintf(text, sizeof(text), "dataset '%s': zone '%s' has '%s' already", name,
			other->name, other->datasets[i].name);
		l->report(l->arg, Z_INCOMPATIBLE, text);
		l->result = Z_INCOMPATIBLE;
	}
}

/* A configuration that cannot be read is not this zone's mistake. */
static int look_at(const struct zone_index_entry *e, void *arg)
{
	_cleanup_(zonecfg_freep) struct zonecfg *other = NULL;
	struct look *l = arg;
	struct diag d = {0};
	size_t i;

	if (e->state == ZONE_STATE_CONFIGURED || streq(e->name, l->cfg->name) ||
		zonecfg_load(e->name, &other, &d))
		return 0;
	for (i = 0; i < l->cfg->n_datasets; i++)
		compare(l, l->cfg->datasets[i].name, other);
	return 0;
}

int zonecfg_verify_datasets(const struct zonecfg *cfg, zonecfg_report_fn report, void *arg)
{
	struct look l = {.cfg = cfg, .report = report, .arg = arg, .result = Z_OK};
	int r = cfg->n_datasets ? zone_index_iterate(look_at, &l) : Z_OK;

	if (r)
		report(arg, r, "cannot read the index of zones");
	return r ? r : l.result;
}
