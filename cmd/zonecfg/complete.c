/* SPDX-License-Identifier: MIT */
/*
 * Completion for the shell, from the tables of subcommands, resources and properties, and from
 * the configuration itself: select and remove offer the values that are there.
 */
#include "complete.h"

#include <dirent.h>
#include <limits.h>

#include "linux/instance.h"
#include "property.h"
#include "resource.h"

/* The words of one command up to the cursor; the last is the one that is completed. */
struct partial {
	char text[512];
	const char *words[16];
	size_t n;
};

static bool split(const char *line, size_t n, struct partial *p)
{
	const char *start = line + n;
	char *word, *save;

	while (start > line && start[-1] != ';')
		start--;
	n -= (size_t)(start - line);
	if (n >= sizeof(p->text))
		return false;
	memcpy(p->text, start, n);
	p->text[n] = '\0';
	p->n = 0;
	for (word = strtok_r(p->text, " \t", &save); word; word = strtok_r(NULL, " \t", &save)) {
		if (p->n == ARRAY_SIZE(p->words) - 1)
			return false;
		p->words[p->n++] = word;
	}
	if (!n || start[n - 1] == ' ' || start[n - 1] == '\t' || !p->n)
		p->words[p->n++] = "";
	return true;
}

/* Takes name when it begins with word and is not there yet. */
static void offer(struct candidates *c, const char *word, const char *name)
{
	size_t i;

	c->typed = strlen(word);
	if (c->n == CANDIDATES_MAX || !name || strncmp(name, word, c->typed) != 0)
		return;
	for (i = 0; i < c->n; i++) {
		if (streq(c->names[i], name))
			return;
	}
	if (str_copy(c->names[c->n], sizeof(c->names[0]), name) >= 0)
		c->n++;
}

static void offer_list(struct candidates *c, const char *word, const char *(*name)(size_t i))
{
	size_t i;

	for (i = 0; name(i); i++)
		offer(c, word, name(i));
}

static void offer_resources(struct candidates *c, const char *word)
{
	size_t i;

	for (i = RES_NONE + 1; i < RES_COUNT; i++)
		offer(c, word, res_types[i].name);
}

static bool is_list(const struct res_prop *p)
{
	return p->type == PROP_OPTIONS || p->type == PROP_VALUES || p->type == PROP_PROPS;
}

/* Properties of a resource: those that are lists, those that are not, or all. */
static void offer_props(
	struct candidates *c, const char *word, enum res res, bool lists, bool others)
{
	const struct res_prop *p;
	size_t i;

	for (i = 0; i < res_types[res].n_props; i++) {
		p = &res_types[res].props[i];
		if (is_list(p) ? lists : others)
			offer(c, word, p->name);
	}
}

static void offer_brands_of(struct candidates *c, const char *word, const char *dir)
{
	char found[PATH_MAX];
	struct dirent *e;
	DIR *d = opendir(dir);

	if (!d)
		return;
	while ((e = readdir(d))) {
		if (e->d_name[0] != '.' && brand_find(e->d_name, found, sizeof(found)) == Z_OK)
			offer(c, word, e->d_name);
	}
	(void)closedir(d);
}

static void offer_brands(struct candidates *c, const char *word)
{
	const char *more = getenv("ZONES_BRANDS");
	char dir[PATH_MAX];

	if (instance_path(dir, sizeof(dir), "/usr/lib/brand") == 0)
		offer_brands_of(c, word, dir);
	if (more)
		offer_brands_of(c, word, more);
	offer_brands_of(c, word, "/usr/lib/brand");
}

/* Words that a property may have as its value. */
static void offer_words(struct candidates *c, const char *word, enum res res, const char *property)
{
	static const struct {
		enum res res;
		const char *property;
		const char *words[8];
	} known[] = {
		{RES_NONE, "autoboot", {"true", "false"}},
		{RES_NONE, "ip-type", {"shared", "exclusive"}},
		{RES_NONE, "scheduling-class", {"TS", "IA", "FSS", "FX", "FP", "RT"}},
		{RES_NONE, "limitpriv", {"default"}},
		{RES_FS, "type", {"lofs", "tmpfs"}},
		{RES_NET, "global-nic", {"auto"}},
		{RES_ATTR, "type", {"int", "uint", "boolean", "string"}},
		{RES_ADMIN, "auths", {"login", "manage", "clonefrom"}},
		{RES_SECURITY_FLAGS, "lower",
			{"aslr", "forbidnullmap", "noexecstack", "all", "none"}},
		{RES_SECURITY_FLAGS, "default",
			{"aslr", "forbidnullmap", "noexecstack", "all", "none"}},
		{RES_SECURITY_FLAGS, "upper",
			{"aslr", "forbidnullmap", "noexecstack", "all", "none"}},
	};
	size_t i, k;

	c->typed = strlen(word);
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (known[i].res != res || !streq(known[i].property, property))
			continue;
		for (k = 0; k < ARRAY_SIZE(known[i].words); k++)
			offer(c, word, known[i].words[k]);
	}
	if (res == RES_NONE && streq(property, "brand"))
		offer_brands(c, word);
	for (i = 0; res == RES_RCTL && streq(property, "name") && i < ALIAS_COUNT; i++)
		offer(c, word, zonecfg_alias_rctl((enum zonecfg_alias)i));
}

/* Values that resources of the configuration have. */
static void offer_existing(const struct session *s, struct candidates *c, const char *word,
	enum res res, const char *property)
{
	const struct res_prop *p = res_prop_find(res, property);
	struct limits limits;
	size_t i;

	for (i = 0; s->cfg && p && p->type == PROP_STRING && i < res_count(s->cfg, res); i++)
		offer(c, word, res_string(res_item(s->cfg, res, i, &limits), p));
}

/* The word "property=value" of which the value is not complete. */
static void find_value(const struct session *s, const struct partial *p, struct candidates *c)
{
	const char *word = p->words[p->n - 1], *eq = strchr(word, '=');
	char property[64];

	c->tail = '\0';
	(void)snprintf(property, sizeof(property), "%.*s", (int)(eq - word), word);
	if (streq(p->words[0], "set"))
		offer_words(c, eq + 1, s->res, property);
	else if (p->n > 2 && s->res == RES_NONE && res_find(p->words[1]) != RES_NONE)
		offer_existing(s, c, eq + 1, res_find(p->words[1]), property);
}

static void find_in_resource(const struct session *s, const struct partial *p, struct candidates *c)
{
	const char *command = p->words[0], *word = p->words[1];

	if (p->n != 2)
		return;
	if (streq(command, "set")) {
		c->tail = '=';
		offer_props(c, word, s->res, false, true);
	} else if (streq(command, "add") || streq(command, "remove")) {
		offer_props(c, word, s->res, true, false);
	} else if (streq(command, "clear")) {
		offer_props(c, word, s->res, true, true);
	}
}

static void find_in_zone(const struct partial *p, struct candidates *c)
{
	const char *command = p->words[0], *word = p->words[p->n - 1];
	bool several =
		streq(command, "select") || streq(command, "remove") || streq(command, "info");
	size_t at = p->n > 2 && streq(p->words[1], "-F") ? 2 : 1;

	if (streq(command, "set") && p->n == 2) {
		c->tail = '=';
		offer_list(c, word, property_name);
	} else if (p->n == at + 1 && (streq(command, "add") || several)) {
		offer_resources(c, word);
		if (streq(command, "info"))
			offer_list(c, word, property_name);
	} else if (streq(command, "clear") && p->n == 2) {
		offer_list(c, word, property_name);
	} else if (several && p->n > at + 1 && res_find(p->words[at]) != RES_NONE) {
		c->tail = '=';
		offer_props(c, word, res_find(p->words[at]), false, true);
	}
}

void complete_find(
	const struct session *s, const char *line, size_t n, struct candidates *ret_found)
{
	struct partial p;

	memset(ret_found, 0, sizeof(*ret_found));
	ret_found->tail = ' ';
	if (!split(line, n, &p))
		return;
	if (p.n == 1) {
		offer_list(ret_found, p.words[0], command_name);
	} else if (streq(p.words[0], "help") && p.n == 2) {
		offer_list(ret_found, p.words[1], command_name);
		offer_resources(ret_found, p.words[1]);
		offer_list(ret_found, p.words[1], property_name);
	} else if (strchr(p.words[p.n - 1], '=')) {
		find_value(s, &p, ret_found);
	} else if (s->res == RES_NONE) {
		find_in_zone(&p, ret_found);
	} else {
		find_in_resource(s, &p, ret_found);
	}
}

size_t complete_common(const struct candidates *c)
{
	size_t same, i;

	if (!c->n)
		return 0;
	same = strlen(c->names[0]);
	for (i = 1; i < c->n; i++) {
		while (strncmp(c->names[0], c->names[i], same) != 0)
			same--;
	}
	return same;
}
