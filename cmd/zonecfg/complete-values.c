/* SPDX-License-Identifier: MIT */
/*
 * Values that can be completed: words that a property may have, and names of what there is on this
 * host: brands, links, users, files, templates. What cannot be asked for is not offered.
 */
#include "complete.h"

#include <dirent.h>
#include <limits.h>
#include <grp.h>
#include <pwd.h>

#include "dladm/dladm.h"
#include "dladm/property.h"
#include "linux/instance.h"
#include "resource.h"
#include "zone/privilege.h"

#define FLAGS                                                                                      \
	{                                                                                          \
		"aslr", "forbidnullmap", "noexecstack", "all", "none"                              \
	}
#define FILESYSTEMS                                                                                \
	{                                                                                          \
		"lofs", "tmpfs", "none", "ext4", "xfs", "btrfs", "fuse", "overlay"                 \
	}

/* Words that a property may have as its value. */
static const struct {
	enum res res;
	const char *property;
	bool list; /* several, separated by commas */
	const char *words[9];
} known[] = {
	{RES_NONE, "autoboot", false, {"true", "false"}},
	{RES_NONE, "ip-type", false, {"shared", "exclusive"}},
	{RES_NONE, "scheduling-class", false, {"TS", "IA", "FSS", "FX", "FP", "RT"}},
	{RES_NONE, "limitpriv", true, {"default"}},
	{RES_NONE, "fs-allowed", true, FILESYSTEMS},
	{RES_FS, "type", false, FILESYSTEMS},
	{RES_FS, "options", false,
		{"ro", "rw", "nodev", "nosuid", "noexec", "noatime", "nodevices"}},
	{RES_NET, "global-nic", false, {"auto"}},
	{RES_ATTR, "name", false,
		{"zlog-mode", "resolvers", "dns-domain", "boot-priority", "depends", "ready-file",
			"ready-timeout"}},
	{RES_ATTR, "type", false, {"int", "uint", "boolean", "string"}},
	{RES_ADMIN, "auths", true, {"login", "manage", "clonefrom"}},
	{RES_RCTL, "value", false, {"(priv=privileged,limit="}},
	{RES_DEVICE, "property", false, {"(name="}},
	{RES_SECURITY_FLAGS, "lower", true, FLAGS},
	{RES_SECURITY_FLAGS, "default", true, FLAGS},
	{RES_SECURITY_FLAGS, "upper", true, FLAGS},
};

/* Offers what stands behind the last comma of a list; what is before it stays. */
static void offer_in_list(struct candidates *c, const char *word, const char *name)
{
	const char *comma = strrchr(word, ',');
	char whole[CANDIDATE_SIZE];

	if (snprintf(whole, sizeof(whole), "%.*s%s", comma ? (int)(comma + 1 - word) : 0, word,
		    name) < (int)sizeof(whole))
		complete_offer(c, word, whole);
}

/* What limitpriv adds and, behind a sign, removes. */
static void offer_privileges(struct candidates *c, const char *word)
{
	const char *comma = strrchr(word, ','), *last = comma ? comma + 1 : word;
	const struct privilege *p;
	char name[64];
	size_t i;

	for (i = 0; (p = privilege_at(i)); i++) {
		(void)snprintf(
			name, sizeof(name), "%.*s%s", *last == '-' || *last == '!', last, p->name);
		if (!p->prohibited || *last == '-' || *last == '!')
			offer_in_list(c, word, name);
	}
}

static void offer_words(struct candidates *c, const char *word, enum res res, const char *property)
{
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (known[i].res != res || !streq(known[i].property, property))
			continue;
		for (k = 0; k < ARRAY_SIZE(known[i].words) && known[i].words[k]; k++) {
			if (known[i].list)
				offer_in_list(c, word, known[i].words[k]);
			else
				complete_offer(c, word, known[i].words[k]);
		}
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
			complete_offer(c, word, e->d_name);
	}
	(void)closedir(d);
}

static void offer_brands(struct candidates *c, const char *word)
{
	const char *more = getenv("ZONES_BRANDS");
	char dir[PATH_MAX];

	if (instance_path(dir, sizeof(dir), "%s", instance_brands()) == 0)
		offer_brands_of(c, word, dir);
	if (more)
		offer_brands_of(c, word, more);
	offer_brands_of(c, word, instance_brands());
}

/* Links of the host, and configured ones. */
static void offer_links(struct candidates *c, const char *word)
{
	_cleanup_free_ struct dlmgmt_linkinfo *links = NULL;
	size_t count = 0, i;

	if (dlmgmt_call_getlinks(GLOBAL_ZONEID, DATALINK_CLASS_ALL, DLMGMT_ACTIVE | DLMGMT_PERSIST,
		    &links, &count) < 0)
		return;
	for (i = 0; i < count; i++)
		complete_offer(c, word, links[i].name);
}

static void offer_users(struct candidates *c, const char *word)
{
	char group[CANDIDATE_SIZE];
	const struct passwd *pw;
	const struct group *gr;

	if (*word == '%') {
		setgrent();
		while ((gr = getgrent()))
			if (snprintf(group, sizeof(group), "%%%s", gr->gr_name) <
				(int)sizeof(group))
				complete_offer(c, word, group);
		endgrent();
		return;
	}
	setpwent();
	while ((pw = getpwent()))
		complete_offer(c, word, pw->pw_name);
	endpwent();
}

/* The values that a property can have, where these are words: "(name=priority,value=low)". */
static void offer_link_values(
	struct candidates *c, const char *word, const char *begin, const char *possible)
{
	char whole[CANDIDATE_SIZE];
	size_t n;

	for (; possible && *possible; possible += n + (possible[n] == ',')) {
		n = strcspn(possible, ",");
		if (snprintf(whole, sizeof(whole), "%s%.*s)", begin, (int)n, possible) <
			(int)sizeof(whole))
			complete_offer(c, word, whole);
	}
}

/* The property that add property of a net begins with: "(name=maxbw,value=". */
static void offer_link_properties(struct candidates *c, const char *word)
{
	const struct dladm_property *p;
	char text[64];
	unsigned int i;

	for (i = 0; (p = dladm_property_at(i)); i++) {
		(void)snprintf(text, sizeof(text), "(name=%s,value=", p->name);
		if (!(p->flags & DLADM_PROP_WRITABLE) || streq(p->name, "zone"))
			continue;
		if (strncmp(word, text, strlen(text)) == 0)
			offer_link_values(c, word, text, p->possible);
		else
			complete_offer(c, word, text);
	}
}

void complete_path(struct candidates *c, const char *word)
{
	const char *slash = strrchr(word, '/');
	char dir[PATH_MAX], path[CANDIDATE_SIZE];
	size_t n = slash ? (size_t)(slash + 1 - word) : 0;
	struct dirent *e;
	DIR *d;

	c->typed = strlen(word);
	c->tail = '\0';
	if (n >= sizeof(dir))
		return;
	(void)snprintf(dir, sizeof(dir), "%.*s", n ? (int)n : 1, n ? word : ".");
	d = opendir(dir);
	if (!d)
		return;
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.' ||
			snprintf(path, sizeof(path), "%.*s%s%s", (int)n, word, e->d_name,
				e->d_type == DT_DIR ? "/" : "") >= (int)sizeof(path))
			continue;
		complete_offer(c, word, path);
	}
	(void)closedir(d);
}

void complete_templates(struct candidates *c, const char *word)
{
	char dir[PATH_MAX], name[CANDIDATE_SIZE];
	struct dirent *e;
	DIR *d;

	complete_offer(c, word, "SUNWdefault");
	complete_offer(c, word, "SUNWblank");
	d = instance_path(dir, sizeof(dir), "/etc/zones") ? NULL : opendir(dir);
	if (!d)
		return;
	while ((e = readdir(d))) {
		size_t n = strlen(e->d_name);

		if (n <= 4 || e->d_name[0] == '.' || !streq(e->d_name + n - 4, ".xml"))
			continue;
		(void)snprintf(name, sizeof(name), "%.*s", (int)n - 4, e->d_name);
		if (!streq(name, GLOBAL_ZONENAME))
			complete_offer(c, word, name);
	}
	(void)closedir(d);
}

void complete_set(const struct session *s, struct candidates *c, const char *word, enum res res,
	const char *property)
{
	size_t i;

	c->typed = strlen(word);
	offer_words(c, word, res, property);
	if (res == RES_NONE && streq(property, "limitpriv"))
		offer_privileges(c, word);
	if (res == RES_NONE && streq(property, "brand"))
		offer_brands(c, word);
	else if (res == RES_NET && (streq(property, "physical") || streq(property, "global-nic")))
		offer_links(c, word);
	else if (res == RES_ADMIN && streq(property, "user"))
		offer_users(c, word);
	else if (streq(property, "zonepath") || streq(property, "special") ||
		 streq(property, "raw") || streq(property, "match"))
		complete_path(c, word);
	for (i = 0; res == RES_RCTL && streq(property, "name") && i < ALIAS_COUNT; i++)
		complete_offer(c, word, zonecfg_alias_rctl((enum zonecfg_alias)i));
}

void complete_add(struct candidates *c, const char *word, enum res res, const char *property)
{
	c->typed = strlen(word);
	c->tail = res == RES_FS ? ' ' : '\0';
	offer_words(c, word, res, property);
	if (res == RES_NET && streq(property, "property"))
		offer_link_properties(c, word);
}

void complete_remove(
	const struct session *s, struct candidates *c, const char *word, const char *property)
{
	const struct zonecfg_prop *props;
	char text[CANDIDATE_SIZE];
	size_t *count, i;

	c->typed = strlen(word);
	for (i = 0; s->res == RES_FS && streq(property, "options") && i < s->item.fs.n_options; i++)
		complete_offer(c, word, s->item.fs.options[i]);
	for (i = 0; s->res == RES_RCTL && streq(property, "value") && i < s->item.rctl.n_values;
		i++) {
		const struct zonecfg_rctl_value *v = &s->item.rctl.values[i];

		(void)snprintf(text, sizeof(text), "(priv=%s,limit=%s,action=%s)", v->priv,
			v->limit, v->action);
		complete_offer(c, word, text);
	}
	if ((s->res != RES_NET && s->res != RES_DEVICE) || !streq(property, "property"))
		return;
	props = *res_props(s->res, &s->item, &count);
	for (i = 0; i < *count; i++) {
		(void)snprintf(text, sizeof(text), "(name=%s)", props[i].name);
		complete_offer(c, word, text);
	}
}
