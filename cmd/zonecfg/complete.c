/* SPDX-License-Identifier: MIT */
/*
 * Completion for the shell, from the tables of subcommands, resources and properties, and from
 * the configuration itself: select and remove offer the values that are there.
 */
#include "complete.h"

#include "help.h"
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

void complete_offer(struct candidates *c, const char *word, const char *name)
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
		complete_offer(c, word, name(i));
}

/* Of the global zone only what it has; without a session all of them. */
static void offer_resources(const struct session *s, struct candidates *c, const char *word)
{
	size_t i;

	for (i = RES_NONE + 1; i < RES_COUNT; i++) {
		if (!s || res_allowed(s, (enum res)i))
			complete_offer(c, word, res_types[i].name);
	}
}

static void offer_properties(const struct session *s, struct candidates *c, const char *word)
{
	size_t i;

	for (i = 0; property_name(i); i++) {
		if (!s || property_allowed(s, property_name(i)))
			complete_offer(c, word, property_name(i));
	}
}

/* The options of a subcommand, as its usage has them. */
static void offer_options(struct candidates *c, const char *word, const char *command)
{
	const char *usage, *text, *p;
	char option[3];

	if (!command_describe(command, &usage, &text))
		return;
	for (p = strchr(usage, '-'); p; p = strchr(p + 1, '-')) {
		(void)snprintf(option, sizeof(option), "%.2s", p);
		if (strchr(" [", p[-1]))
			complete_offer(c, word, option);
	}
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
			complete_offer(c, word, p->name);
	}
}

/* Values that resources of the configuration have. */
static void offer_existing(const struct session *s, struct candidates *c, const char *word,
	enum res res, const char *property)
{
	const struct res_prop *p = res_prop_find(res, property);
	struct limits limits;
	size_t i;

	for (i = 0; s->cfg && p && p->type == PROP_STRING && i < res_count(s->cfg, res); i++)
		complete_offer(c, word, res_string(res_item(s->cfg, res, i, &limits), p));
}

/* The word "property=value" of which the value is not complete. */
static void find_value(const struct session *s, const struct partial *p, struct candidates *c)
{
	const char *word = p->words[p->n - 1], *eq = strchr(word, '=');
	char property[64];

	(void)snprintf(property, sizeof(property), "%.*s", (int)(eq - word), word);
	if (streq(p->words[0], "set"))
		complete_set(s, c, eq + 1, s->res, property);
	else if (p->n > 2 && s->res == RES_NONE && res_find(p->words[1]) != RES_NONE)
		offer_existing(s, c, eq + 1, res_find(p->words[1]), property);
	c->tail = '\0';
}

static void find_in_resource(const struct session *s, const struct partial *p, struct candidates *c)
{
	const char *command = p->words[0], *word = p->words[p->n - 1];

	if (p->n == 3 && streq(command, "add")) {
		complete_add(c, word, s->res, p->words[1]);
	} else if (p->n == 3 && streq(command, "remove")) {
		complete_remove(s, c, word, p->words[1]);
	} else if (p->n != 2) {
		return;
	} else if (streq(command, "set")) {
		c->tail = '=';
		offer_props(c, word, s->res, false, true);
	} else if (streq(command, "add") || streq(command, "remove")) {
		offer_props(c, word, s->res, true, false);
	} else if (streq(command, "clear")) {
		offer_props(c, word, s->res, true, true);
	}
}

static void find_in_zone(const struct session *s, const struct partial *p, struct candidates *c)
{
	const char *command = p->words[0], *word = p->words[p->n - 1];
	bool several =
		streq(command, "select") || streq(command, "remove") || streq(command, "info");
	size_t at = p->n > 2 && streq(p->words[1], "-F") ? 2 : 1;

	if (streq(command, "set") && p->n == at + 1) {
		c->tail = '=';
		offer_properties(s, c, word);
	} else if (p->n == at + 1 && (streq(command, "add") || several)) {
		offer_resources(s, c, word);
		if (streq(command, "info"))
			offer_properties(s, c, word);
	} else if (streq(command, "clear") && p->n == 2) {
		offer_properties(s, c, word);
	} else if (several && p->n > at + 1 && res_find(p->words[at]) != RES_NONE) {
		c->tail = '=';
		offer_props(c, word, res_find(p->words[at]), false, true);
	}
}

/* What stands behind an option that takes a value. False: the word before is none. */
static bool find_option_value(const struct partial *p, struct candidates *c)
{
	const char *command = p->words[0], *word = p->words[p->n - 1];
	const char *before = p->n > 1 ? p->words[p->n - 2] : "";

	if (streq(command, "create") && streq(before, "-t"))
		complete_templates(c, word);
	else if ((streq(command, "create") && streq(before, "-a")) ||
		 (streq(command, "export") && streq(before, "-f")))
		complete_path(c, word);
	else
		return false;
	return true;
}

static void find_help(struct candidates *c, const char *word)
{
	size_t i;

	offer_list(c, word, help_topic);
	offer_list(c, word, command_name);
	offer_resources(NULL, c, word);
	offer_properties(NULL, c, word);
	for (i = RES_NONE + 1; i < RES_COUNT; i++)
		offer_props(c, word, (enum res)i, true, true);
}

void complete_find(
	const struct session *s, const char *line, size_t n, struct candidates *ret_found)
{
	const char *word;
	struct partial p;

	memset(ret_found, 0, sizeof(*ret_found));
	ret_found->tail = ' ';
	if (!split(line, n, &p))
		return;
	word = p.words[p.n - 1];
	if (p.n == 1)
		offer_list(ret_found, word, command_name);
	else if (find_option_value(&p, ret_found))
		return;
	else if (word[0] == '-')
		offer_options(ret_found, word, p.words[0]);
	else if (streq(p.words[0], "help") && p.n == 2)
		find_help(ret_found, word);
	else if (strchr(word, '=') && word[0] != '(')
		find_value(s, &p, ret_found);
	else if (s->res == RES_NONE)
		find_in_zone(s, &p, ret_found);
	else
		find_in_resource(s, &p, ret_found);
}

/* The resource that the commands before the last one begin and do not leave. */
static enum res scope_of(const char *text)
{
	enum res res = RES_NONE;
	struct partial p;
	const char *end;

	for (; (end = strchr(text, ';')); text = end + 1) {
		if (!split(text, (size_t)(end - text), &p))
			continue;
		if (p.n >= 2 && res == RES_NONE &&
			(streq(p.words[0], "add") || streq(p.words[0], "select")))
			res = res_find(p.words[1]);
		else if (streq(p.words[0], "end") || streq(p.words[0], "cancel"))
			res = RES_NONE;
	}
	return res;
}

void complete_print(struct session *s, const char *text)
{
	static struct candidates c;
	size_t i;

	s->res = scope_of(text);
	complete_find(s, text, strlen(text), &c);
	for (i = 0; i < c.n; i++)
		(void)printf("%s%s\n", c.names[i], c.tail == '=' ? "=" : "");
	/* nothing was put into it */
	s->res = RES_NONE;
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
