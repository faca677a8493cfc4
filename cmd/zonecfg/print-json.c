/* SPDX-License-Identifier: MIT */
/*
 * info -j: the whole configuration as one object, for programs. Members are named like properties and
 * resources; what is not set is null, a resource that exists several times is an array.
 *
 * Written by hand: limits are unsigned numbers of 64 bits, which libraries of JSON do not hold.
 */
#include "print.h"
#include "property.h"
#include "resource.h"

#include <inttypes.h>

static void put_string(FILE *out, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	if (!text) {
		(void)fputs("null", out);
		return;
	}
	(void)fputc('"', out);
	for (; *p; p++) {
		if (*p < 0x20)
			(void)fprintf(out, "\\u%04x", *p);
		else
			(void)fprintf(out, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
	}
	(void)fputc('"', out);
}

static void put_name(FILE *out, const char **sep, const char *name)
{
	(void)fprintf(out, "%s\"%s\":", *sep, name);
	*sep = ",";
}

static void put_member(FILE *out, const char **sep, const char *name, const char *value)
{
	put_name(out, sep, name);
	put_string(out, value);
}

/* A number as it is written in the file; what is none stays text. */
static void put_limit(FILE *out, const char **sep, const char *name, const char *text)
{
	uint64_t number;

	put_name(out, sep, name);
	if (zonecfg_parse_u64(text, &number))
		put_string(out, text);
	else
		(void)fprintf(out, "%" PRIu64, number);
}

static void put_properties(FILE *out, const char **sep, const struct session *s)
{
	const struct zonecfg *cfg = s->cfg;
	const char *uuid = s->uuid_changed ? s->uuid : s->in_index ? s->entry.uuid : "";
	const struct {
		const char *name;
		const char *value;
	} texts[] = {
		{"zonepath", cfg->zonepath},
		{"brand", cfg->brand},
		{"bootargs", cfg->bootargs},
		{"pool", cfg->pool},
		{"limitpriv", cfg->limitpriv},
		{"scheduling-class", cfg->sched_class},
		{"ip-type", cfg->ip_type == ZS_SHARED ? "shared" : "exclusive"},
		{"hostid", cfg->hostid},
		{"fs-allowed", cfg->fs_allowed},
		{"uuid", *uuid ? uuid : NULL},
		{"debugid", cfg->debugid},
	};
	uint64_t limit;
	size_t i;

	put_member(out, sep, "zonename", cfg->name);
	if (property_allowed(s, "autoboot")) {
		put_name(out, sep, "autoboot");
		(void)fputs(cfg->autoboot ? "true" : "false", out);
	}
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		if (property_allowed(s, texts[i].name))
			put_member(out, sep, texts[i].name, texts[i].value);
	}
	for (i = 0; i < PROPERTY_ALIASES; i++) {
		put_name(out, sep, zonecfg_alias_name((enum zonecfg_alias)i));
		if (zonecfg_alias_get(cfg, (enum zonecfg_alias)i, &limit))
			(void)fputs("null", out);
		else
			(void)fprintf(out, "%" PRIu64, limit);
	}
}

static void put_list(FILE *out, enum res res, const struct res_prop *p, const void *item)
{
	const struct zonecfg_fs *fs = item;
	const struct zonecfg_rctl *rctl = item;
	struct zonecfg_prop *props;
	size_t *count, i;

	for (i = 0; p->type == PROP_OPTIONS && i < fs->n_options; i++) {
		(void)fputs(i ? "," : "", out);
		put_string(out, fs->options[i]);
	}
	for (i = 0; p->type == PROP_VALUES && i < rctl->n_values; i++) {
		const char *sep = i ? ",{" : "{";

		put_member(out, &sep, "priv", rctl->values[i].priv);
		put_limit(out, &sep, "limit", rctl->values[i].limit);
		put_member(out, &sep, "action", rctl->values[i].action);
		(void)fputc('}', out);
	}
	if (p->type != PROP_PROPS)
		return;
	props = *res_props(res, item, &count);
	for (i = 0; i < *count; i++) {
		const char *sep = i ? ",{" : "{";

		put_member(out, &sep, "name", props[i].name);
		put_member(out, &sep, "value", props[i].value);
		(void)fputc('}', out);
	}
}

/* CPUs are decimal, or a range, which is text; memory is bytes. */
static void put_limits(FILE *out, const struct res_prop *p, const void *item)
{
	char text[44];

	if (!limits_is_set(item, p))
		put_string(out, NULL);
	else if (p->type == PROP_SIZE || p->type == PROP_NUMBER)
		(void)fprintf(out, "%" PRIu64, *res_number(item, p));
	else if (res_format(p, item, text, sizeof(text)) && p->type == PROP_RANGE)
		put_string(out, text);
	else
		(void)fputs(text, out);
}

static void put_item(FILE *out, enum res res, const void *item)
{
	const struct res_prop *p;
	const char *sep = "{";
	size_t i;

	for (i = 0; i < res_types[res].n_props; i++) {
		p = &res_types[res].props[i];
		put_name(out, &sep, p->name);
		if (p->type == PROP_STRING) {
			put_string(out, res_string(item, p));
		} else if (p->type == PROP_OPTIONS || p->type == PROP_VALUES ||
			   p->type == PROP_PROPS) {
			(void)fputc('[', out);
			put_list(out, res, p, item);
			(void)fputc(']', out);
		} else {
			put_limits(out, p, item);
		}
	}
	(void)fputc('}', out);
}

static void put_resources(FILE *out, const struct zonecfg *cfg, enum res res)
{
	struct limits limits;
	size_t i, n = res_count(cfg, res);

	if (res_types[res].single) {
		if (n)
			put_item(out, res, res_item(cfg, res, 0, &limits));
		else
			put_string(out, NULL);
		return;
	}
	(void)fputc('[', out);
	for (i = 0; i < n; i++) {
		(void)fputs(i ? "," : "", out);
		put_item(out, res, res_item(cfg, res, i, &limits));
	}
	(void)fputc(']', out);
}

void print_json(const struct session *s, FILE *out)
{
	const char *sep = "{";
	int res;

	put_properties(out, &sep, s);
	for (res = RES_NONE + 1; res < RES_COUNT; res++) {
		if (!res_allowed(s, (enum res)res))
			continue;
		put_name(out, &sep, res_types[res].name);
		put_resources(out, s->cfg, (enum res)res);
	}
	(void)fputs("}\n", out);
}
