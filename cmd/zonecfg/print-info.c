/* SPDX-License-Identifier: MIT */
/*
 * info: properties in the fixed order of illumos, then aliases in square
 * brackets, then resources. An rctl that an alias shows is not shown again under rctl.
 */
#include "print.h"
#include "property.h"
#include "resource.h"

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

static void info_properties(const struct session *s, const char *only)
{
	const struct zonecfg *cfg = s->cfg;
	const struct {
		const char *name;
		const char *value;
	} lines[] = {
		{"zonename", cfg->name},
		{"zonepath", text_or_empty(cfg->zonepath)},
		{"brand", text_or_empty(cfg->brand)},
		{"autoboot", cfg->autoboot ? "true" : "false"},
		{"bootargs", text_or_empty(cfg->bootargs)},
		{"pool", text_or_empty(cfg->pool)},
		{"limitpriv", text_or_empty(cfg->limitpriv)},
		{"scheduling-class", text_or_empty(cfg->sched_class)},
		{"ip-type", cfg->ip_type == ZS_SHARED ? "shared" : "exclusive"},
		{"hostid", text_or_empty(cfg->hostid)},
		{"fs-allowed", text_or_empty(cfg->fs_allowed)},
		{"uuid", s->uuid_changed ? s->uuid
			 : s->in_index	 ? s->entry.uuid
					 : ""},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		if (s->global && !streq(lines[i].name, "zonename") &&
			!streq(lines[i].name, "pool") && !streq(lines[i].name, "scheduling-class"))
			continue;
		if (!only || streq(only, lines[i].name))
			(void)printf("%s: %s\n", lines[i].name, lines[i].value);
	}
	/* an id for tools of the host, which info of everything does not show on illumos either */
	if (only && streq(only, "debugid"))
		(void)printf("debugid: %s\n", text_or_empty(cfg->debugid));
}

static void format_limit(enum zonecfg_alias alias, uint64_t limit, char *buf, size_t size)
{
	if (property_alias_is_size(alias))
		zonecfg_format_size(limit, buf, size);
	else
		(void)snprintf(buf, size, "%llu", (unsigned long long)limit);
}

static void info_aliases(const struct session *s, const char *only)
{
	char text[40];
	uint64_t limit;
	int i;

	for (i = 0; i < PROPERTY_ALIASES; i++) {
		enum zonecfg_alias alias = (enum zonecfg_alias)i;

		if (only && !streq(only, zonecfg_alias_name(alias)))
			continue;
		if (zonecfg_alias_get(s->cfg, alias, &limit))
			continue;
		format_limit(alias, limit, text, sizeof(text));
		(void)printf("[%s: %s]\n", zonecfg_alias_name(alias), text);
	}
}

/* A limit: what is an rctl stands in square brackets. */
static void info_limit(const struct res_prop *p, const void *item)
{
	bool rctl = p->type == PROP_NCPUS || (p->type == PROP_SIZE && !streq(p->name, "physical"));
	char text[44];

	if (res_format(p, item, text, sizeof(text)))
		(void)printf(rctl ? "\t[%s: %s]\n" : "\t%s: %s\n", p->name, text);
}

static void info_options(const struct zonecfg_fs *fs)
{
	size_t i;

	(void)printf("\toptions: [");
	for (i = 0; i < fs->n_options; i++) {
		(void)fputs(i ? "," : "", stdout);
		lexer_quote(stdout, fs->options[i]);
	}
	(void)printf("]\n");
}

static void info_values(const struct zonecfg_rctl *rctl)
{
	size_t i;

	for (i = 0; i < rctl->n_values; i++)
		(void)printf("\tvalue: (priv=%s,limit=%s,action=%s)\n", rctl->values[i].priv,
			rctl->values[i].limit, rctl->values[i].action);
}

static void info_props(enum res res, const void *item)
{
	struct zonecfg_prop *props;
	size_t *count, i;

	props = *res_props(res, item, &count);
	for (i = 0; i < *count; i++) {
		(void)printf("\tproperty: (name=");
		lexer_quote(stdout, props[i].name);
		(void)printf(",value=");
		lexer_quote(stdout, props[i].value);
		(void)printf(")\n");
	}
}

static void info_string(const struct res_prop *p, const void *item)
{
	const char *value = res_string(item, p);

	if (!value) {
		(void)printf("\t%s not specified\n", p->name);
		return;
	}
	(void)printf("\t%s: ", p->name);
	lexer_quote(stdout, value);
	(void)putchar('\n');
}

static void info_item(enum res res, const void *item)
{
	const struct res_prop *p;
	size_t i;

	(void)printf("%s:\n", res_types[res].name);
	for (i = 0; i < res_types[res].n_props; i++) {
		p = &res_types[res].props[i];
		switch (p->type) {
		case PROP_STRING:
			info_string(p, item);
			break;
		case PROP_NCPUS:
		case PROP_SIZE:
		case PROP_RANGE:
		case PROP_NUMBER:
			info_limit(p, item);
			break;
		case PROP_OPTIONS:
			info_options(item);
			break;
		case PROP_VALUES:
			info_values(item);
			break;
		case PROP_PROPS:
			info_props(res, item);
			break;
		}
	}
}

/* True for an rctl that is shown as an alias. */
static bool shown_as_alias(const struct zonecfg *cfg, const struct zonecfg_rctl *rctl)
{
	uint64_t limit;
	int i;

	for (i = 0; i < ALIAS_COUNT; i++) {
		if (streq(zonecfg_alias_rctl((enum zonecfg_alias)i), rctl->name))
			return zonecfg_alias_get(cfg, (enum zonecfg_alias)i, &limit) == Z_OK;
	}
	return false;
}

static size_t info_resources(const struct session *s, enum res res, const struct value_list *filter)
{
	struct limits limits;
	const void *item;
	size_t i, shown = 0;

	for (i = 0; i < res_count(s->cfg, res); i++) {
		item = res_item(s->cfg, res, i, &limits);
		if (!res_matches(res, item, filter))
			continue;
		shown++;
		if (res == RES_RCTL && shown_as_alias(s->cfg, item))
			continue;
		info_item(res, item);
	}
	return shown;
}

/* Elements of the file that cannot be edited here; their names are those of the DTD. */
static void info_others(const struct zonecfg *cfg)
{
	const struct zonecfg_other *o;
	size_t i, k;

	for (i = 0; i < cfg->n_others; i++) {
		o = &cfg->others[i];
		(void)printf("%s:\n", o->tag);
		for (k = 0; k < o->n_attrs; k++) {
			(void)printf("\t%s: ", o->attrs[k].name);
			lexer_quote(stdout, o->attrs[k].value);
			(void)putchar('\n');
		}
	}
}

static void info_all(const struct session *s)
{
	const struct value_list all = {.n = 0};
	int res;

	info_properties(s, NULL);
	info_aliases(s, NULL);
	for (res = RES_NONE + 1; res < RES_COUNT; res++)
		(void)info_resources(s, (enum res)res, &all);
	info_others(s->cfg);
}

/* True when name is a property of the global scope. */
static bool is_property(const char *name)
{
	const char *known;
	size_t i;

	for (i = 0; (known = property_name(i)); i++) {
		if (streq(known, name))
			return true;
	}
	return false;
}

int print_info(struct session *s, char *const *words, size_t n)
{
	struct value_list filter;
	enum res res;
	size_t shown;

	if (s->res != RES_NONE) {
		info_item(s->res, &s->item);
		return Z_OK;
	}
	if (n == 1 && streq(words[0], "-j")) {
		print_json(s, stdout);
		return Z_OK;
	}
	if (n == 0) {
		info_all(s);
		return Z_OK;
	}
	res = res_find(words[0]);
	if (res == RES_NONE && is_property(words[0]) && n == 1) {
		info_properties(s, words[0]);
		info_aliases(s, words[0]);
		return Z_OK;
	}
	if (res == RES_NONE)
		return complain(s, "info: no such resource or property '%s'", words[0]);
	if (res_filter(s, res, words + 1, n - 1, &filter))
		return Z_ERR;
	shown = info_resources(s, res, &filter);
	value_list_fini(&filter);
	if (!shown && n > 1)
		return complain(s, "info %s: %s", words[0], zonecfg_strerror(Z_NO_ENTRY));
	return Z_OK;
}
