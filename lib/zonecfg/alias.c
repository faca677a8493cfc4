/* SPDX-License-Identifier: MIT */
/*
 * Aliases: properties that stand for exactly one value of one rctl. An rctl that
 * somebody wrote by hand in another shape is never touched through its alias.
 */
#include "zonecfg/zonecfg.h"

static const struct {
	const char *name;
	const char *rctl;
} aliases[ALIAS_COUNT] = {
	[ALIAS_MAX_LWPS] = {"max-lwps", "zone.max-lwps"},
	[ALIAS_MAX_PROCESSES] = {"max-processes", "zone.max-processes"},
	[ALIAS_MAX_SHM_MEMORY] = {"max-shm-memory", "zone.max-shm-memory"},
	[ALIAS_MAX_SHM_IDS] = {"max-shm-ids", "zone.max-shm-ids"},
	[ALIAS_MAX_MSG_IDS] = {"max-msg-ids", "zone.max-msg-ids"},
	[ALIAS_MAX_SEM_IDS] = {"max-sem-ids", "zone.max-sem-ids"},
	[ALIAS_CPU_SHARES] = {"cpu-shares", "zone.cpu-shares"},
	[ALIAS_ZFS_IO_PRIORITY] = {"zfs-io-priority", "zone.zfs-io-priority"},
	[ALIAS_MAX_SWAP] = {"max-swap", "zone.max-swap"},
	[ALIAS_MAX_LOCKED] = {"max-locked-memory", "zone.max-locked-memory"},
	[ALIAS_CPU_CAP] = {"cpu-cap", "zone.cpu-cap"},
};

const char *zonecfg_alias_name(enum zonecfg_alias alias)
{
	return aliases[alias].name;
}

const char *zonecfg_alias_rctl(enum zonecfg_alias alias)
{
	return aliases[alias].rctl;
}

static const char *alias_action(enum zonecfg_alias alias)
{
	return zonecfg_rctl_rule(aliases[alias].rctl)->deny_never ? "none" : "deny";
}

int zonecfg_alias_get(const struct zonecfg *cfg, enum zonecfg_alias alias, uint64_t *ret_limit)
{
	const struct zonecfg_rctl *rctl = zonecfg_find_rctl(cfg, aliases[alias].rctl);
	const struct zonecfg_rctl_value *v;

	if (!rctl)
		return Z_NO_ENTRY;
	if (rctl->n_values != 1)
		return Z_ALIAS_DISALLOW;
	v = &rctl->values[0];
	if (!streq(v->priv, "privileged") || !streq(v->action, alias_action(alias)))
		return Z_ALIAS_DISALLOW;
	return zonecfg_parse_u64(v->limit, ret_limit) ? Z_ALIAS_DISALLOW : Z_OK;
}

/* The rctl of an alias with its value, added to the configuration. */
static int alias_add(struct zonecfg *cfg, enum zonecfg_alias alias, const char *limit)
{
	struct zonecfg_rctl rctl = {0};
	int r = zonecfg_set_string(&rctl.name, aliases[alias].rctl);

	if (!r)
		r = zonecfg_rctl_add_value(&rctl, "privileged", limit, alias_action(alias));
	if (!r)
		r = zonecfg_append(cfg, ZONECFG_RCTL, &rctl);
	zonecfg_item_fini(ZONECFG_RCTL, &rctl);
	return r;
}

int zonecfg_alias_set(struct zonecfg *cfg, enum zonecfg_alias alias, uint64_t limit)
{
	const struct zonecfg_rctl_rule *rule = zonecfg_rctl_rule(aliases[alias].rctl);
	struct zonecfg_rctl *rctl;
	char text[24];
	uint64_t old;
	int r;

	if (limit > rule->max)
		return Z_TOO_BIG;
	if (limit < rule->min)
		return Z_INVALID_PROPERTY;
	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)limit);
	r = zonecfg_alias_get(cfg, alias, &old);
	if (r == Z_NO_ENTRY)
		return alias_add(cfg, alias, text);
	if (r)
		return r;
	rctl = zonecfg_find_rctl(cfg, aliases[alias].rctl);
	return zonecfg_set_string(&rctl->values[0].limit, text);
}

int zonecfg_alias_clear(struct zonecfg *cfg, enum zonecfg_alias alias)
{
	const struct zonecfg_rctl *rctl;
	uint64_t old;
	int r = zonecfg_alias_get(cfg, alias, &old);

	if (r)
		return r;
	rctl = zonecfg_find_rctl(cfg, aliases[alias].rctl);
	zonecfg_remove(cfg, ZONECFG_RCTL, (size_t)(rctl - cfg->rctls));
	return Z_OK;
}
