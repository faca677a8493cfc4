/* SPDX-License-Identifier: MIT */
/* How kstat prints: blocks for people, lines and JSON for programs. */
#include "kstat/kstat-cmd.h"

#include <inttypes.h>
#include <jansson.h>

#define EXTRA 3 /* class, crtime and snaptime are statistics, too */

static void seconds(char *buf, size_t size, uint64_t ns)
{
	(void)snprintf(buf, size, "%" PRIu64 ".%09" PRIu64, ns / 1000000000u, ns % 1000000000u);
}

static const char *text_of(const struct kstat_named *n, char *buf, size_t size)
{
	switch (n->type) {
	case KSTAT_UINT64:
		(void)snprintf(buf, size, "%" PRIu64, n->value.u);
		return buf;
	case KSTAT_STRING:
		return n->value.s;
	default:
		return "-";
	}
}

/* The statistic of a number: those of the kstat, then class, crtime, snaptime. NULL: there is none. */
static const char *stat_at(
	const struct kstat *k, uint32_t i, const char **ret_value, char *buf, size_t size)
{
	static const char *const extra[EXTRA] = {"class", "crtime", "snaptime"};

	if (i >= k->count + EXTRA)
		return NULL;
	if (i < k->count) {
		*ret_value = text_of(&k->stats[i], buf, size);
		return k->stats[i].name;
	}
	*ret_value = buf;
	if (i == k->count)
		*ret_value = k->kclass;
	else
		seconds(buf, size, i == k->count + 1 ? k->crtime : k->snaptime);
	return extra[i - k->count];
}

static unsigned int print_lines(
	const struct format *f, const struct selection *s, const struct kstat *k)
{
	const char *stat, *value;
	unsigned int n = 0;
	char buf[64];
	uint32_t i;

	for (i = 0; (stat = stat_at(k, i, &value, buf, sizeof(buf))); i++) {
		if (!match_stat(s, stat))
			continue;
		n++;
		if (f->quiet)
			continue;
		(void)printf("%s:%d:%s:%s", k->module, k->instance, k->name, stat);
		if (!f->list)
			(void)printf("%c%s", f->colon ? ':' : '\t', value);
		(void)putchar('\n');
	}
	return n;
}

static unsigned int print_block(const struct selection *s, const struct kstat *k)
{
	const char *stat, *value;
	unsigned int n = 0;
	char buf[64];
	uint32_t i;

	for (i = 0; (stat = stat_at(k, i, &value, buf, sizeof(buf))); i++) {
		if (!match_stat(s, stat) || (i == k->count && !s->stat.glob && !s->stat.is_regex))
			continue;
		if (n++ == 0)
			(void)printf("module: %-30s  instance: %-6d\nname:   %-30s  class:    %s\n",
				k->module, k->instance, k->name, k->kclass);
		(void)printf("\t%-30s  %s\n", stat, value);
	}
	if (n)
		(void)putchar('\n');
	return n;
}

static json_t *json_value(const struct kstat *k, uint32_t i, const char *value)
{
	if (i >= k->count)
		return i == k->count ? json_string(value) : json_real(strtod(value, NULL));
	if (k->stats[i].type == KSTAT_STRING)
		return json_string(value);
	if (k->stats[i].type != KSTAT_UINT64)
		return json_null();
	/* What JSON's numbers here do not hold is "no limit". */
	return k->stats[i].value.u > INT64_MAX ? json_string("unlimited")
					       : json_integer((json_int_t)k->stats[i].value.u);
}

static unsigned int print_json(const struct selection *s, const struct kstat *k, bool *first)
{
	json_t *data = json_object(), *o;
	const char *stat, *value;
	unsigned int n = 0;
	char buf[64];
	uint32_t i;

	for (i = 0; (stat = stat_at(k, i, &value, buf, sizeof(buf))); i++) {
		if (i == k->count || !match_stat(s, stat))
			continue;
		(void)json_object_set_new(data, stat, json_value(k, i, value));
		n++;
	}
	o = json_pack("{s:s, s:i, s:s, s:s, s:o}", "module", k->module, "instance",
		(int)k->instance, "name", k->name, "class", k->kclass, "data", data);
	if (n && o) {
		(void)fputs(*first ? "\n" : ",\n", stdout);
		(void)json_dumpf(o, stdout, JSON_INDENT(2));
		*first = false;
	}
	json_decref(o);
	return n;
}

unsigned int print_kstat(
	const struct format *f, const struct selection *s, const struct kstat *k, bool *first)
{
	if (f->parsable || f->list || f->quiet)
		return print_lines(f, s, k);
	return f->json ? print_json(s, k, first) : print_block(s, k);
}

void print_begin(const struct format *f)
{
	if (f->json && !f->quiet)
		(void)putchar('[');
}

void print_end(const struct format *f)
{
	if (f->json && !f->quiet)
		(void)fputs("\n]\n", stdout);
}
