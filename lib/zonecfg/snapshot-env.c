/* SPDX-License-Identifier: MIT */
/* The environment of brand hooks; see zone_snapshot_environ() in snapshot.h. */
#include "zonecfg/snapshot.h"

#include <ctype.h>

#include "zonecfg/list.h"

#define PREFIX	     "_ZONECFG_"
#define NAME_MAX_L   256
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct env {
	char **vars;
	size_t n;
};

char **zone_environ_free(char **vars)
{
	size_t i;

	for (i = 0; vars && vars[i]; i++)
		free(vars[i]);
	free(vars);
	return NULL;
}

/* The variable of that name (n bytes), or NULL. */
static char **find(struct env *e, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		if (strncmp(e->vars[i], name, n) == 0 && e->vars[i][n] == '=')
			return &e->vars[i];
	return NULL;
}

/* Takes the text, a malloc'd NAME=value; it replaces the variable of that name. */
static int put(struct env *e, char *text)
{
	char **old = find(e, text, strcspn(text, "="));
	int r;

	if (old) {
		free(*old);
		*old = text;
		return 0;
	}
	r = list_grow(&e->vars, &e->n, sizeof(char *));
	if (r == 0)
		e->vars[e->n - 1] = text;
	else
		free(text);
	return r;
}

static int set(struct env *e, const char *name, const char *value)
{
	char *text;

	return asprintf(&text, "%s=%s", name, value) < 0 ? -ENOMEM : put(e, text);
}

/*
 * _ZONECFG_KIND_WHICH_PROPERTY, which may be NULL. What a shell takes in no name is an underscore. Of two
 * resources for one link the later one's value counts, if it has one.
 */
static int set_property(
	struct env *e, const char *kind, const char *which, const char *property, const char *value)
{
	char name[NAME_MAX_L], *p;
	int n = snprintf(name, sizeof(name), PREFIX "%s_%s%s%s", kind, which, property ? "_" : "",
		property ? property : "");

	/* nothing in a configuration has a name that long */
	if (n < 0 || (size_t)n >= sizeof(name))
		return 0;
	for (p = name; *p; p++)
		if (!isalnum((unsigned char)*p))
			*p = '_';
	return !*value && find(e, name, (size_t)n) ? 0 : set(e, name, value);
}

/* Adds a word to a list of words with blanks between, unless it is there. */
static int add_word(char **list, const char *word)
{
	const char *at = *list;
	char *longer;
	size_t n;

	while (*at) {
		n = strcspn(at, " ");
		if (n == strlen(word) && strncmp(at, word, n) == 0)
			return 0;
		at += n + strspn(at + n, " ");
	}
	if (asprintf(&longer, "%s%s%s", *list, **list ? " " : "", word) < 0)
		return -ENOMEM;
	free(*list);
	*list = longer;
	return 0;
}

static int set_net(struct env *e, const struct snapshot_net *net)
{
	const struct snapshot_prop fixed[] = {
		{"physical", net->physical},
		{"address", net->address},
		{"allowed-address", net->allowed_address},
		{"defrouter", net->defrouter},
		{"global-nic", net->global_nic},
		{"mac-addr", net->mac_addr},
		{"vlan-id", net->vlan_id},
	};
	size_t i;
	int r = 0;

	for (i = 0; i < ARRAY_SIZE(fixed) && r == 0; i++)
		r = set_property(e, "net", net->physical, fixed[i].name, fixed[i].value);
	for (i = 0; i < net->n_props && r == 0; i++)
		r = set_property(e, "net", net->physical, net->props[i].name, net->props[i].value);
	return r;
}

static int set_nets(struct env *e, const struct zone_snapshot *s)
{
	_cleanup_free_ char *list = strdup("");
	size_t i;
	int r = list ? 0 : -ENOMEM;

	for (i = 0; i < s->n_nets && r == 0; i++) {
		r = set_net(e, &s->nets[i]);
		if (r == 0)
			r = add_word(&list, s->nets[i].physical);
	}
	return r ? r : set(e, PREFIX "net_resources", list);
}

static int set_devices(struct env *e, const struct zone_snapshot *s)
{
	_cleanup_free_ char *list = strdup("");
	size_t i;
	int r = list ? 0 : -ENOMEM;

	for (i = 0; i < s->n_devices && r == 0; i++) {
		const char *match = s->devices[i].match;

		if (!s->devices[i].configured)
			continue;
		r = set_property(e, "device", match, "match", match);
		if (r == 0)
			r = add_word(&list, match);
	}
	return r ? r : set(e, PREFIX "device_resources", list);
}

/*
 * zoneadmd runs them for weeks, in an environment that it has from whoever booted the zone: of that only what is about us, and
 * the language. What else there is could be his own, or gone by now.
 */
static bool passes(const char *var)
{
	static const char *const beginnings[] = {
		"PATH=", "LANG=", "LANGUAGE=", "LC_", "TZ=", "ZONE", "ASAN_", "LSAN_", "UBSAN_"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(beginnings); i++)
		if (strncmp(var, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return false;
}

static int fill(struct env *e, const struct zone_snapshot *s, bool debug)
{
	size_t i;
	int r = set(e, "PATH", DEFAULT_PATH);

	for (i = 0; environ && environ[i] && r == 0; i++) {
		char *copy;

		if (!passes(environ[i]))
			continue;
		copy = strdup(environ[i]);
		r = copy ? put(e, copy) : -ENOMEM;
	}
	if (r == 0)
		r = set(e, ZONE_ENV_DEBUG, debug ? "1" : "");
	if (r == 0)
		r = set(e, PREFIX "uuid", s->uuid);
	if (r == 0)
		r = set(e, PREFIX "did", s->debugid);
	if (r == 0)
		r = set_nets(e, s);
	if (r == 0)
		r = set_devices(e, s);
	for (i = 0; i < s->n_attrs && r == 0; i++)
		r = set_property(e, "attr", s->attrs[i].name, NULL, s->attrs[i].value);
	return r;
}

int zone_snapshot_environ(const struct zone_snapshot *s, bool debug, char ***ret_vars)
{
	struct env e = {0};
	int r = fill(&e, s, debug);

	/* the end */
	if (r == 0)
		r = list_grow(&e.vars, &e.n, sizeof(char *));
	if (r == 0) {
		*ret_vars = e.vars;
		return 0;
	}
	while (e.n)
		free(e.vars[--e.n]);
	free(e.vars);
	return r;
}
