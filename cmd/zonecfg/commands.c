/* SPDX-License-Identifier: MIT */
/* The table of subcommands: where each may be used, what it needs, and how. */
#include "help.h"
#include "print.h"
#include "property.h"
#include "resource.h"

/* What a subcommand needs before it runs. */
enum need {
	NEED_NOTHING = 0,
	NEED_CONFIG = 1,   /* a configuration is loaded or was created */
	NEED_WRITE = 2,	   /* the session may write */
	NEED_GLOBAL = 4,   /* not inside a resource */
	NEED_RESOURCE = 8, /* inside a resource */
};

struct subcommand {
	const char *name;
	unsigned needs;
	int (*run)(struct session *s, char *const *words, size_t n);
	const char *usage;
	const char *text;
};

#define CREATE_USAGE "create [-F] [-a ZONEPATH | -b | -t TEMPLATE] | create -X"

/* Existing configuration may be replaced only while nothing is installed from it. */
static int check_overwrite(struct session *s, bool force)
{
	if (!s->cfg && !s->in_index)
		return Z_OK;
	if (s->in_index && s->entry.state > ZONE_STATE_CONFIGURED)
		return complain(s, "create: the zone is %s: uninstall it first",
			zone_state_str(s->entry.state));
	if (force)
		return Z_OK;
	if (s->interactive)
		return session_ask("Zone already exists; overwrite it") ? Z_OK : Z_ERR;
	return complain(s, "create: the zone already exists: use -F to overwrite it");
}

/* create -X: a file that is there, but not in the index, becomes a zone at once. */
static int adopt(struct session *s)
{
	if (s->in_index)
		return complain(s, "create -X: it is in the index of zones already");
	if (!s->cfg)
		return complain(s, "create -X: it has no configuration file");
	return session_commit(s);
}

/* Where a new configuration comes from. */
struct origin {
	const char *template;
	const char *detached;
	bool force, blank, adopt;
};

static int parse_create(struct session *s, char *const *words, size_t n, struct origin *o)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (streq(words[i], "-F"))
			o->force = true;
		else if (streq(words[i], "-b"))
			o->blank = true;
		else if (streq(words[i], "-X"))
			o->adopt = true;
		else if (streq(words[i], "-t") && i + 1 < n)
			o->template = words[++i];
		else if (streq(words[i], "-a") && i + 1 < n)
			o->detached = words[++i];
		else
			return command_usage(s, "create");
	}
	if (o->blank + o->adopt + !!o->template + !!o->detached > 1)
		return complain(s, "create: -a, -b, -t and -X exclude each other");
	return Z_OK;
}

static int make_new(
	struct session *s, const struct origin *o, struct zonecfg **ret_cfg, struct diag *d)
{
	if (o->blank)
		return zonecfg_new(s->zone, ret_cfg);
	if (o->detached)
		return zonecfg_load_detached(o->detached, s->zone, ret_cfg, d);
	return zonecfg_load_template(
		o->template ? o->template : "SUNWdefault", s->zone, ret_cfg, d);
}

static int run_create(struct session *s, char *const *words, size_t n)
{
	struct origin o = {0};
	struct zonecfg *cfg;
	struct diag d = {0};
	int r;

	if (parse_create(s, words, n, &o))
		return Z_ERR;
	if (s->global)
		return complain(s, "create: the global zone is always there");
	if (o.adopt)
		return adopt(s);
	if (check_overwrite(s, o.force))
		return Z_ERR;
	r = make_new(s, &o, &cfg, &d);
	if (r)
		return complain(s, "create: %s", d.text[0] ? d.text : zonecfg_strerror(r));
	(void)zonecfg_free(s->cfg);
	s->cfg = cfg;
	s->changed = true;
	return Z_OK;
}

static int run_delete(struct session *s, char *const *words, size_t n)
{
	bool force = n == 1 && streq(words[0], "-F");
	zone_state_t limit = force ? ZONE_STATE_INCOMPLETE : ZONE_STATE_CONFIGURED;
	char question[ZONENAME_MAX + 64];

	if (n > force)
		return command_usage(s, "delete");
	if (s->global)
		return complain(s, "delete: the global zone cannot be deleted");
	if (s->in_index && s->entry.state > limit)
		return complain(s, "delete: the zone is %s: uninstall it first",
			zone_state_str(s->entry.state));
	if (!force && !s->may_ask)
		return complain(
			s, "delete: input is not a terminal: use -F to delete without asking");
	(void)snprintf(
		question, sizeof(question), "Are you sure you want to delete zone %s", s->zone);
	if (!force && !session_ask(question))
		return Z_OK;
	return session_delete(s);
}

static int run_set(struct session *s, char *const *words, size_t n)
{
	_cleanup_free_ char *name = NULL, *value = NULL;
	const char *raw;

	bool force = n == 2 && streq(words[0], "-F");

	if (n != 1U + force || lexer_split(words[force], &name, &raw))
		return command_usage(s, "set");
	if (force && (s->res != RES_NONE || !streq(name, "zonepath")))
		return complain(s, "set: -F is for zonepath only");
	if (s->res != RES_NONE)
		return res_set(s, name, raw);
	if (lexer_simple(raw, &value))
		return complain(s, "%s: expected a simple value", name);
	return property_set(s, name, value, force);
}

static int run_clear(struct session *s, char *const *words, size_t n)
{
	if (n != 1)
		return command_usage(s, "clear");
	return s->res == RES_NONE ? property_clear(s, words[0]) : res_clear(s, words[0]);
}

static int run_end(struct session *s, char *const *words, size_t n)
{
	return n ? command_usage(s, "end") : res_end(s);
}

static int run_cancel(struct session *s, char *const *words, size_t n)
{
	if (n)
		return command_usage(s, "cancel");
	session_leave_scope(s);
	return Z_OK;
}

static int run_export(struct session *s, char *const *words, size_t n)
{
	FILE *out;

	if (n == 0) {
		print_export(s, stdout);
		return Z_OK;
	}
	if (n != 2 || !streq(words[0], "-f"))
		return command_usage(s, "export");
	out = fopen(words[1], "we");
	if (!out)
		return complain(s, "export: %s: %s", words[1], strerror(errno));
	print_export(s, out);
	if (fclose(out) == EOF)
		return complain(s, "export: %s: %s", words[1], strerror(errno));
	return Z_OK;
}

static int run_verify(struct session *s, char *const *words, size_t n)
{
	return n ? command_usage(s, "verify") : session_verify(s);
}

static int run_commit(struct session *s, char *const *words, size_t n)
{
	return n ? command_usage(s, "commit") : session_commit(s);
}

static int run_revert(struct session *s, char *const *words, size_t n)
{
	bool force = n == 1 && streq(words[0], "-F");

	if (n > force)
		return command_usage(s, "revert");
	if (s->changed && !force && s->interactive &&
		!session_ask("Are you sure you want to revert to the last committed configuration"))
		return Z_OK;
	return session_load(s);
}

static int run_exit(struct session *s, char *const *words, size_t n)
{
	bool force = n == 1 && streq(words[0], "-F");

	if (n > force)
		return command_usage(s, "exit");
	if (s->res != RES_NONE && !force)
		return complain(s, "exit: in a resource; 'end' or 'cancel' first");
	if (s->changed && session_commit(s)) {
		if (!force && !(s->interactive && session_ask("Not saved; really quit")))
			return Z_ERR;
		s->changed = false;
	}
	s->done = true;
	return Z_OK;
}

static int run_help(struct session *s, char *const *words, size_t n)
{
	int r = help_show(words, n);

	return r == Z_NO_ENTRY
		       ? complain(s, "help: nothing is known about '%s'; see 'help'", words[0])
	       : r ? command_usage(s, "help")
		   : Z_OK;
}

static const struct subcommand subcommands[] = {
	{"add", NEED_CONFIG | NEED_WRITE, res_add, "add RESOURCE | add PROPERTY VALUE",
		"Begins a resource: the following commands are about it, until end or cancel.\n"
		"In a resource: adds a value to a list (options, value, property)."},
	{"cancel", NEED_RESOURCE, run_cancel, "cancel",
		"Leaves a resource and forgets what was done in it."},
	{"clear", NEED_CONFIG | NEED_WRITE, run_clear, "clear PROPERTY",
		"Makes a property unset. A required one cannot be cleared."},
	{"commit", NEED_CONFIG | NEED_WRITE | NEED_GLOBAL, run_commit, "commit",
		"Verifies the configuration and saves it."},
	{"create", NEED_WRITE | NEED_GLOBAL, run_create, CREATE_USAGE,
		"Begins a new configuration, like the template SUNWdefault.\n"
		"-b: blank. -t: like another zone or template. -a: what a detached zone has with\n"
		"it in its zonepath. -F: overwrites an existing configuration.\n"
		"-X: makes a zone of a configuration file that is not in the index."},
	{"delete", NEED_WRITE | NEED_GLOBAL, run_delete, "delete [-F]",
		"Removes the zone's configuration at once. The zone must be configured.\n"
		"-F: does not ask, and takes an incomplete zone too."},
	{"end", NEED_CONFIG | NEED_RESOURCE, run_end, "end",
		"Leaves a resource, which becomes part of the configuration."},
	{"exit", NEED_NOTHING, run_exit, "exit [-F]",
		"Saves when there is something to save, and leaves.\n"
		"-F: leaves even when that fails."},
	{"export", NEED_CONFIG | NEED_GLOBAL, run_export, "export [-f FILE]",
		"Prints commands that make this configuration again."},
	{"help", NEED_NOTHING, run_help, "help [TOPIC]",
		"Prints what is known about a subcommand, a resource, a property, or about\n"
		"usage, subcommands, resources, properties, syntax or name."},
	{"info", NEED_CONFIG, print_info, "info [-j | PROPERTY | RESOURCE [PROPERTY=VALUE ...]]",
		"Prints the configuration, a part of it, or the resource in progress.\n"
		"-j: all of it as JSON, for programs."},
	{"remove", NEED_CONFIG | NEED_WRITE, res_remove,
		"remove [-F] RESOURCE [PROPERTY=VALUE ...] | remove PROPERTY VALUE",
		"Removes the resources that match. -F: does not ask about several, and does not\n"
		"mind when there is none. In a resource: removes a value from a list."},
	{"revert", NEED_GLOBAL, run_revert, "revert [-F]",
		"Goes back to what was last saved. -F: does not ask."},
	{"select", NEED_CONFIG | NEED_WRITE, res_select, "select RESOURCE PROPERTY=VALUE ...",
		"Begins to change the one resource that matches."},
	{"set", NEED_CONFIG | NEED_WRITE, run_set, "set PROPERTY=VALUE | set -F zonepath=PATH",
		"Sets a property of the zone, or of the resource.\n"
		"-F: says where an installed zone is now."},
	{"verify", NEED_CONFIG, run_verify, "verify",
		"Checks the configuration and reports every problem."},
};

const char *command_name(size_t i)
{
	return i < ARRAY_SIZE(subcommands) ? subcommands[i].name : NULL;
}

static const struct subcommand *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(subcommands); i++) {
		if (streq(subcommands[i].name, name))
			return &subcommands[i];
	}
	return NULL;
}

bool command_describe(const char *name, const char **ret_usage, const char **ret_text)
{
	const struct subcommand *c = find_command(name);

	if (!c)
		return false;
	*ret_usage = c->usage;
	*ret_text = c->text;
	return true;
}

int command_usage(const struct session *s, const char *name)
{
	const struct subcommand *c = find_command(name);

	return complain(s, "usage: %s", c ? c->usage : name);
}

/* The scope and the rights that a subcommand asks for. */
static int check_needs(struct session *s, const struct subcommand *c)
{
	if ((c->needs & NEED_WRITE) && s->read_only)
		return complain(s, "%s: cannot write the configuration: %s", c->name,
			strerror(-s->why_read_only));
	if ((c->needs & NEED_CONFIG) && !s->cfg) {
		if (s->source)
			return complain(s, "%s", zonecfg_strerror(Z_NO_ZONE));
		(void)fprintf(stderr, "zonecfg: %s: %s\n", s->zone, zonecfg_strerror(Z_NO_ZONE));
		return Z_ERR;
	}
	if ((c->needs & NEED_GLOBAL) && s->res != RES_NONE)
		return complain(s, "%s: in a resource; 'end' or 'cancel' first", c->name);
	if ((c->needs & NEED_RESOURCE) && s->res == RES_NONE)
		return complain(s, "%s: not in a resource", c->name);
	return Z_OK;
}

int command_run(struct session *s, const struct command_line *c)
{
	const struct subcommand *sub = find_command(c->words[0]);
	char *const *words = c->words + 1;
	size_t n = c->n_words - 1;

	if (!sub)
		return complain(s, "unknown subcommand '%s'; see 'help'", c->words[0]);
	if (n == 1 && streq(words[0], "-?")) {
		(void)help_show(c->words, 1);
		return Z_OK;
	}
	return check_needs(s, sub) ? Z_ERR : sub->run(s, words, n);
}

int command_run_text(struct session *s, const char *text)
{
	struct command_line c;
	struct diag d = {0};
	int r;

	while (!s->done) {
		if (lexer_next(&text, &c, &d))
			return complain(s, "%s", d.text);
		if (!c.n_words)
			return Z_OK;
		r = command_run(s, &c);
		command_line_fini(&c);
		if (r)
			return r;
	}
	return Z_OK;
}
