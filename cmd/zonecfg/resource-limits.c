/* SPDX-License-Identifier: MIT */
/*
 * The resources that exist once and are made of other things: dedicated-cpu of <pset> and
 * <tmp_pool>, capped-cpu of an rctl, capped-memory of <mcap> and two rctls. While one is edited
 * it is a struct limits.
 */
#include "resource.h"

/* The alias that holds a property; ALIAS_COUNT for those that are no rctl. */
static enum zonecfg_alias limit_alias(const struct res_prop *p)
{
	if (p->type == PROP_NCPUS)
		return ALIAS_CPU_CAP;
	if (p->type != PROP_SIZE || p->offset == offsetof(struct limits, physical))
		return ALIAS_COUNT;
	return p->offset == offsetof(struct limits, swap) ? ALIAS_MAX_SWAP : ALIAS_MAX_LOCKED;
}

static uint64_t *limit_field(struct limits *l, const struct res_prop *p)
{
	return member_at(l, p->offset);
}

static void read_dedicated(const struct zonecfg *cfg, struct limits *l)
{
	if (cfg->n_psets && (zonecfg_parse_u64(cfg->psets[0].ncpu_min, &l->ncpu_min) ||
				    zonecfg_parse_u64(cfg->psets[0].ncpu_max, &l->ncpu_max)))
		l->ncpu_min = l->ncpu_max = 0;
	if (cfg->n_tmp_pools)
		l->has_importance =
			!zonecfg_parse_u64(cfg->tmp_pools[0].importance, &l->importance);
}

struct limits limits_read(const struct zonecfg *cfg)
{
	struct limits l = {.physical = cfg->physcap};

	if (zonecfg_alias_get(cfg, ALIAS_CPU_CAP, &l.ncpus))
		l.ncpus = 0;
	if (zonecfg_alias_get(cfg, ALIAS_MAX_SWAP, &l.swap))
		l.swap = 0;
	if (zonecfg_alias_get(cfg, ALIAS_MAX_LOCKED, &l.locked))
		l.locked = 0;
	read_dedicated(cfg, &l);
	return l;
}

bool limits_exist(const struct limits *l, enum res res)
{
	if (res == RES_DEDICATED_CPU)
		return l->ncpu_min || l->has_importance;
	return res == RES_CAPPED_CPU ? l->ncpus != 0 : l->physical || l->swap || l->locked;
}

bool limits_is_set(const struct limits *l, const struct res_prop *p)
{
	return p->type == PROP_NUMBER ? l->has_importance : *res_number(l, p) != 0;
}

bool res_format(const struct res_prop *p, const struct limits *l, char *buf, size_t size)
{
	unsigned long long value = *res_number(l, p);

	if (!limits_is_set(l, p))
		return false;
	if (p->type == PROP_NCPUS)
		(void)snprintf(buf, size, "%llu.%02llu", value / 100, value % 100);
	else if (p->type == PROP_SIZE)
		zonecfg_format_size(value, buf, size);
	else if (p->type == PROP_RANGE && l->ncpu_max != l->ncpu_min)
		(void)snprintf(buf, size, "%llu-%llu", value, (unsigned long long)l->ncpu_max);
	else
		(void)snprintf(buf, size, "%llu", value);
	return true;
}

int limits_check_free(struct session *s, enum res res)
{
	enum zonecfg_alias alias;
	uint64_t limit;
	size_t i;

	for (i = 0; i < res_types[res].n_props; i++) {
		alias = limit_alias(&res_types[res].props[i]);
		if (alias != ALIAS_COUNT &&
			zonecfg_alias_get(s->cfg, alias, &limit) == Z_ALIAS_DISALLOW)
			return complain(s, "%s: the rctl %s was written by hand; remove it first",
				res_types[res].name, zonecfg_alias_rctl(alias));
	}
	return Z_OK;
}

int limits_set(struct session *s, const struct res_prop *p, const char *value)
{
	struct limits *l = &s->item.limits;
	uint64_t number, max = 0;
	int r;

	if (p->type == PROP_NCPUS)
		r = zonecfg_parse_ncpus(value, &number);
	else if (p->type == PROP_RANGE)
		r = zonecfg_parse_cpu_range(value, &number, &max);
	else if (p->type == PROP_NUMBER)
		r = zonecfg_parse_u64(value, &number);
	else
		r = zonecfg_parse_size(value, true, &number);
	if (!r && p->type != PROP_NUMBER &&
		(!number || (streq(p->name, "physical") && number < 1024 * 1024)))
		r = Z_INVALID_PROPERTY;
	if (r)
		return complain(s, "%s '%s': %s; expected %s", p->name, value, zonecfg_strerror(r),
			p->expected);
	*limit_field(l, p) = number;
	if (p->type == PROP_RANGE)
		l->ncpu_max = max;
	l->has_importance |= p->type == PROP_NUMBER;
	return Z_OK;
}

void limits_clear(struct limits *l, const struct res_prop *p)
{
	*limit_field(l, p) = 0;
	if (p->type == PROP_NUMBER)
		l->has_importance = false;
}

static void remove_all(struct zonecfg *cfg, enum zonecfg_kind kind)
{
	while (zonecfg_count(cfg, kind))
		zonecfg_remove(cfg, kind, 0);
}

static int append_number(
	struct zonecfg *cfg, enum zonecfg_kind kind, void *item, char **field, uint64_t value)
{
	char text[24];
	int r;

	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	r = zonecfg_set_string(field, text);
	return r || kind == ZONECFG_KIND_COUNT ? r : zonecfg_append(cfg, kind, item);
}

static int end_dedicated(struct session *s)
{
	const struct limits *l = &s->item.limits;
	struct zonecfg_tmp_pool pool = {0};
	struct zonecfg_pset pset = {0};
	int r;

	remove_all(s->cfg, ZONECFG_PSET);
	remove_all(s->cfg, ZONECFG_TMP_POOL);
	r = append_number(s->cfg, ZONECFG_KIND_COUNT, NULL, &pset.ncpu_min, l->ncpu_min);
	if (!r)
		r = append_number(s->cfg, ZONECFG_PSET, &pset, &pset.ncpu_max, l->ncpu_max);
	if (!r && l->has_importance)
		r = append_number(s->cfg, ZONECFG_TMP_POOL, &pool, &pool.importance, l->importance);
	zonecfg_item_fini(ZONECFG_PSET, &pset);
	zonecfg_item_fini(ZONECFG_TMP_POOL, &pool);
	return r ? complain(s, "dedicated-cpu: %s", zonecfg_strerror(r)) : Z_OK;
}

int limits_end(struct session *s)
{
	const struct res_type *t = &res_types[s->res];
	enum zonecfg_alias alias;
	uint64_t value;
	size_t i;
	int r;

	if (s->res == RES_DEDICATED_CPU)
		return end_dedicated(s);
	for (i = 0; i < t->n_props; i++) {
		alias = limit_alias(&t->props[i]);
		value = *limit_field(&s->item.limits, &t->props[i]);
		if (alias == ALIAS_COUNT) {
			s->cfg->physcap = value;
			continue;
		}
		r = value ? zonecfg_alias_set(s->cfg, alias, value)
			  : zonecfg_alias_clear(s->cfg, alias);
		if (r && (value || r != Z_NO_ENTRY))
			return complain(s, "%s: %s", t->props[i].name, zonecfg_strerror(r));
	}
	return Z_OK;
}

void limits_remove(struct zonecfg *cfg, enum res res)
{
	if (res == RES_DEDICATED_CPU) {
		remove_all(cfg, ZONECFG_PSET);
		remove_all(cfg, ZONECFG_TMP_POOL);
	} else if (res == RES_CAPPED_CPU) {
		(void)zonecfg_alias_clear(cfg, ALIAS_CPU_CAP);
	} else {
		cfg->physcap = 0;
		(void)zonecfg_alias_clear(cfg, ALIAS_MAX_SWAP);
		(void)zonecfg_alias_clear(cfg, ALIAS_MAX_LOCKED);
	}
}
