/* SPDX-License-Identifier: MIT */
/*
 * export: commands that make the same configuration again, whatever it holds.
 * ip-type comes before the net resources, whose rules depend on it.
 */
#include "print.h"
#include "property.h"
#include "resource.h"

static void put_set(FILE *out, const char *name, const char *value)
{
	if (!value)
		return;
	(void)fprintf(out, "set %s=", name);
	lexer_quote(out, value);
	(void)fputc('\n', out);
}

static void put_size(FILE *out, const char *name, uint64_t bytes)
{
	char text[40];

	zonecfg_format_size(bytes, text, sizeof(text));
	put_set(out, name, text);
}

static void export_properties(const struct zonecfg *cfg, FILE *out)
{
	put_set(out, "zonepath", cfg->zonepath);
	put_set(out, "brand", cfg->brand);
	put_set(out, "autoboot", cfg->autoboot ? "true" : "false");
	put_set(out, "bootargs", cfg->bootargs);
	put_set(out, "pool", cfg->pool);
	put_set(out, "limitpriv", cfg->limitpriv);
	put_set(out, "scheduling-class", cfg->sched_class);
	put_set(out, "ip-type", cfg->ip_type == ZS_SHARED ? "shared" : "exclusive");
	put_set(out, "hostid", cfg->hostid);
	put_set(out, "fs-allowed", cfg->fs_allowed);
}

/* True when the alias is not only in the right shape but could also be set again. */
static bool alias_can_be_set(
	const struct zonecfg *cfg, enum zonecfg_alias alias, uint64_t *ret_limit)
{
	const struct zonecfg_rctl_rule *rule = zonecfg_rctl_rule(zonecfg_alias_rctl(alias));

	return zonecfg_alias_get(cfg, alias, ret_limit) == Z_OK && *ret_limit >= rule->min &&
	       *ret_limit <= rule->max && *ret_limit != 0;
}

static void export_aliases(const struct zonecfg *cfg, FILE *out)
{
	uint64_t limit;
	int i;

	for (i = 0; i < PROPERTY_ALIASES; i++) {
		enum zonecfg_alias alias = (enum zonecfg_alias)i;

		if (!alias_can_be_set(cfg, alias, &limit))
			continue;
		if (property_alias_is_size(alias))
			put_size(out, zonecfg_alias_name(alias), limit);
		else
			(void)fprintf(out, "set %s=%llu\n", zonecfg_alias_name(alias),
				(unsigned long long)limit);
	}
}

static void put_props(FILE *out, enum res res, const void *item)
{
	struct zonecfg_prop *props;
	size_t *count, i;

	props = *res_props(res, item, &count);
	for (i = 0; i < *count; i++) {
		(void)fputs("add property (name=", out);
		lexer_quote(out, props[i].name);
		(void)fputs(",value=", out);
		lexer_quote(out, props[i].value);
		(void)fputs(")\n", out);
	}
}

static void put_lists(FILE *out, const struct res_prop *p, const void *item)
{
	const struct zonecfg_fs *fs = item;
	const struct zonecfg_rctl *rctl = item;
	size_t i;

	for (i = 0; p->type == PROP_OPTIONS && i < fs->n_options; i++) {
		(void)fputs("add options ", out);
		lexer_quote(out, fs->options[i]);
		(void)fputc('\n', out);
	}
	for (i = 0; p->type == PROP_VALUES && i < rctl->n_values; i++)
		(void)fprintf(out, "add value (priv=%s,limit=%s,action=%s)\n", rctl->values[i].priv,
			rctl->values[i].limit, rctl->values[i].action);
}

static void put_prop(FILE *out, enum res res, const struct res_prop *p, const void *item)
{
	char text[44];

	switch (p->type) {
	case PROP_STRING:
		put_set(out, p->name, res_string(item, p));
		return;
	case PROP_NCPUS:
	case PROP_SIZE:
	case PROP_RANGE:
	case PROP_NUMBER:
		if (res_format(p, item, text, sizeof(text)))
			put_set(out, p->name, text);
		return;
	case PROP_OPTIONS:
	case PROP_VALUES:
		put_lists(out, p, item);
		return;
	case PROP_PROPS:
		put_props(out, res, item);
		return;
	}
}

/* True for an rctl that comes back as an alias or with a capped resource. */
static bool exported_as_alias(const struct zonecfg *cfg, const struct zonecfg_rctl *rctl)
{
	uint64_t limit;
	int i;

	for (i = 0; i < ALIAS_COUNT; i++) {
		if (streq(zonecfg_alias_rctl((enum zonecfg_alias)i), rctl->name))
			return alias_can_be_set(cfg, (enum zonecfg_alias)i, &limit);
	}
	return false;
}

static void export_resources(const struct zonecfg *cfg, enum res res, FILE *out)
{
	struct limits limits;
	const void *item;
	size_t i, k;

	for (i = 0; i < res_count(cfg, res); i++) {
		item = res_item(cfg, res, i, &limits);
		if (res == RES_RCTL && exported_as_alias(cfg, item))
			continue;
		(void)fprintf(out, "add %s\n", res_types[res].name);
		for (k = 0; k < res_types[res].n_props; k++)
			put_prop(out, res, &res_types[res].props[k], item);
		(void)fputs("end\n", out);
	}
}

void print_export(struct session *s, FILE *out)
{
	int res;

	if (s->global) {
		put_set(out, "pool", s->cfg->pool);
		put_set(out, "scheduling-class", s->cfg->sched_class);
	} else {
		(void)fputs("create -b\n", out);
		export_properties(s->cfg, out);
	}
	export_aliases(s->cfg, out);
	for (res = RES_NONE + 1; res < RES_COUNT; res++)
		export_resources(s->cfg, (enum res)res, out);
	if (s->cfg->n_others)
		warn(s, "export leaves out %zu resources that zonecfg cannot add (<%s> ...)",
			s->cfg->n_others, s->cfg->others[0].tag);
}
