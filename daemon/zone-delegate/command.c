/* SPDX-License-Identifier: MIT */
/*
 * What a user with which right may ask, and the command line it becomes. The line is put together
 * here, word by word, so that what was checked is what runs.
 *
 *	login		zlogin with a terminal, where the zone asks for a password
 *	manage		zlogin in all its forms, and what zoneadm does to the zone
 *	clonefrom	the zone as the source of a clone, into one that he manages
 *
 * What zoneadm would do with files of the host that the user names (options of brands, another
 * zonepath, manifests) is left to root: it would be done with root's eyes.
 */
#include "zone-delegate/delegate.h"

static const struct rule {
	const char *sub;
	const char *options; /* each that may stand there, between blanks; NULL: all words may */
	bool source;	     /* the last word is the zone that is copied */
} rules[] = {
	{"verify", "", false},
	{"install", "", false},
	{"uninstall", " -F ", false},
	{"clone", "", true},
	{"detach", "", false},
	{"attach", "", false},
	{"mount", "", false},
	{"unmount", "", false},
	{"ready", " -X ", false},
	{"boot", NULL, false},
	{"reboot", NULL, false},
	{"halt", " -X ", false},
	{"shutdown", NULL, false},
	{"apply", " -n ", false},
	{"snapshot", NULL, false},
	{"rollback", NULL, false},
	{"freeze", "", false},
	{"thaw", "", false},
};

static void add(struct command *c, const char *word)
{
	c->argv[c->argc++] = (char *)(uintptr_t)word;
}

/* ---- the form of the request ---- */

static bool plain(const char *text, const char *others)
{
	for (; *text; text++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
			    *text) &&
			!strchr(others, *text))
			return false;
	return true;
}

static bool zone_name_valid(const char *name)
{
	return *name && !strchr("-_.", name[0]) && plain(name, "-_.") &&
	       strcmp(name, "global") != 0 && strncmp(name, "SUNW", 4) != 0;
}

static bool count_words(const struct delegate_request *req)
{
	uint32_t i, n = 0;

	for (i = 0; i < req->size; i++)
		n += req->words[i] == '\0';
	return n == req->n_words && (!req->size || req->words[req->size - 1] == '\0');
}

static bool well_formed(const struct delegate_request *req, size_t size)
{
	return size >= sizeof(*req) && req->size == size - sizeof(*req) &&
	       req->n_words <= DELEGATE_WORD_MAX && count_words(req) &&
	       str_terminated(req->zone, sizeof(req->zone)) &&
	       str_terminated(req->user, sizeof(req->user)) &&
	       str_terminated(req->term, sizeof(req->term)) &&
	       str_terminated(req->locale, sizeof(req->locale)) && plain(req->term, "-_.+") &&
	       plain(req->locale, "-_.@") && req->escape >= -1 && req->escape <= 255;
}

static void add_words(struct command *c, const struct delegate_request *req)
{
	const char *word = req->words;
	uint32_t i;

	for (i = 0; i < req->n_words; i++, word += strlen(word) + 1)
		add(c, word);
}

/* ---- zlogin ---- */

static void add_login(struct command *c, const struct delegate_request *req)
{
	static const struct {
		uint32_t flag;
		const char *option;
	} options[] = {
		{DELEGATE_CONSOLE, "-C"},
		{DELEGATE_DISCONNECT, "-d"},
		{DELEGATE_INTERACTIVE, "-i"},
		{DELEGATE_NO_STDIN, "-n"},
		{DELEGATE_QUIET, "-Q"},
		{DELEGATE_SAFE, "-S"},
		{DELEGATE_PASSWORD, "-P"},
		{DELEGATE_STANDALONE, "-I"},
		{DELEGATE_NO_EOF, "-N"},
	};
	size_t i;

	add(c, "zlogin");
	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (req->login & options[i].flag)
			add(c, options[i].option);
	if (req->escape > 0) {
		c->escape[0] = (char)req->escape;
		add(c, "-e");
		add(c, c->escape);
	} else {
		add(c, "-E");
	}
	if (req->user[0]) {
		add(c, "-l");
		add(c, req->user);
	}
	add(c, req->zone);
	add_words(c, req);
}

static int make_login(
	struct delegate_request *req, const char *user, struct command *c, struct diag *d)
{
	const uint32_t more =
		DELEGATE_CONSOLE | DELEGATE_STANDALONE | DELEGATE_INTERACTIVE | DELEGATE_SAFE;
	unsigned int rights = rights_of(user, req->zone);

	if (!(rights & (RIGHT_LOGIN | RIGHT_MANAGE)))
		return diag_set(d, -EPERM,
			"user %s may not enter it: that needs the right login or manage "
			"(zonecfg(8), admin)",
			user);
	if (!(rights & RIGHT_MANAGE)) {
		if (req->n_words || (req->login & more))
			return diag_set(d, -EPERM,
				"user %s may only log in, with a terminal and a password: a "
				"utility, -C, -I, -i and -S need the right manage (zonecfg(8), admin)",
				user);
		req->login |= DELEGATE_PASSWORD;
	}
	add_login(c, req);
	return 0;
}

/* ---- zoneadm ---- */

static const struct rule *rule_of(const char *sub)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++)
		if (streq(rules[i].sub, sub))
			return &rules[i];
	return NULL;
}

static bool word_allowed(const struct rule *rule, const char *word)
{
	char padded[32];
	int n = snprintf(padded, sizeof(padded), " %s ", word);

	return !rule->options ||
	       (n > 2 && (size_t)n < sizeof(padded) && strstr(rule->options, padded));
}

/* The first of clone's words that are neither "-m copy" nor "-s snapshot", which is a name. */
static size_t after_clone_options(const struct command *c)
{
	size_t i = 4;

	while (i + 2 < c->argc &&
		(streq(c->argv[i], "-m") ? streq(c->argv[i + 1], "copy")
					 : streq(c->argv[i], "-s") && c->argv[i + 1][0] != '-'))
		i += 2;
	return i;
}

static int check_words(
	const struct rule *rule, const struct command *c, const char *user, struct diag *d)
{
	size_t last = rule->source ? c->argc - 1 : c->argc;
	size_t i = rule->source ? after_clone_options(c) : 4;

	for (; i < last; i++)
		if (!word_allowed(rule, c->argv[i]))
			return diag_set(d, -EPERM,
				"user %s may not %s it with '%s': only root may name that", user,
				rule->sub, c->argv[i]);
	return 0;
}

static int check_source(const struct command *c, const char *user, struct diag *d)
{
	const char *source = c->argv[c->argc - 1];

	if (c->argc == 4)
		return 0; /* zoneadm says how clone is used */
	if (zone_name_valid(source) && strlen(source) < ZONENAME_MAX &&
		rights_of(user, source) & RIGHT_CLONEFROM)
		return 0;
	return diag_set(d, -EPERM,
		"user %s may not clone zone '%s': that needs the right clonefrom over it "
		"(zonecfg(8), admin)",
		user, source);
}

static int make_zoneadm(
	struct delegate_request *req, const char *user, struct command *c, struct diag *d)
{
	const char *sub = req->n_words ? req->words : "";
	const struct rule *rule = rule_of(sub);
	int r;

	if (!rule)
		return diag_set(d, -EPERM, "only root can %s a zone", sub);
	if (!(rights_of(user, req->zone) & RIGHT_MANAGE))
		return diag_set(d, -EPERM,
			"user %s may not %s it: that needs the right manage (zonecfg(8), admin)",
			user, sub);
	add(c, "zoneadm");
	add(c, "-z");
	add(c, req->zone);
	add_words(c, req);
	r = check_words(rule, c, user, d);
	return r == 0 && rule->source ? check_source(c, user, d) : r;
}

int command_make(struct delegate_request *req, size_t size, const char *user, struct command *ret,
	struct diag *d)
{
	ret->argc = 0;
	memset(ret->argv, 0, sizeof(ret->argv));
	if (!well_formed(req, size))
		return diag_set(d, -EINVAL, "a request that makes no sense was refused");
	if (!zone_name_valid(req->zone))
		return diag_set(d, -EINVAL, "'%s' is not the name of a zone", req->zone);
	if (req->program == DELEGATE_ZLOGIN)
		return make_login(req, user, ret, d);
	if (req->program == DELEGATE_ZONEADM)
		return make_zoneadm(req, user, ret, d);
	return diag_set(d, -EINVAL, "a request that makes no sense was refused");
}
