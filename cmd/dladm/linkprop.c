/* SPDX-License-Identifier: MIT */
/*
 * dladm show-linkprop, set-linkprop, reset-linkprop. A persistent change sets the
 * live value first: the driver is the judge of it; then the configuration is read,
 * changed and written, again when somebody else was faster.
 */
#include "dladm-cmd.h"

#define CONF_TRIES 5

static const struct column prop_columns[] = {{"LINK", 13}, {"PROPERTY", 16}, {"PERM", 5},
	{"VALUE", 15}, {"DEFAULT", 15}, {"POSSIBLE", 20}, {0}};

static const struct dladm_property *property_lookup(const char *name)
{
	const struct dladm_property *prop = dladm_property_find(name);

	if (!prop)
		die("invalid link property '%s': known are zone, state and mtu", name);
	return prop;
}

/* ---- show-linkprop ---- */

struct prop_listing {
	struct columns columns;
	const char *props; /* -p list, NULL for all */
};

static void show_prop(struct prop_listing *l, const struct dlmgmt_linkinfo *link,
	const struct dld_linkinfo_reply *info, const struct dladm_property *prop)
{
	char value[DLADM_PROP_VALLEN] = "", def[DLADM_PROP_VALLEN] = "";
	char possible[DLADM_PROP_VALLEN] = "";

	if (!info || prop->get(info, value, def, possible) < 0)
		(void)str_copy(value, sizeof(value), "?");
	columns_print(&l->columns, (const char *[]){link->name, prop->name,
					   prop->writable ? "rw" : "r-", value, def, possible});
}

static bool in_list(const char *list, const char *name)
{
	size_t n = strlen(name), len;

	for (; list; list = list[len] ? list + len + 1 : NULL) {
		len = strcspn(list, ",");
		if (len == n && strncmp(list, name, n) == 0)
			return true;
	}
	return false;
}

static void show_props(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct prop_listing *l = arg;
	struct dld_linkinfo_reply info;
	const struct dladm_property *prop;
	bool live = link_live(link->linkid, &info);
	unsigned int i;

	for (i = 0; (prop = dladm_property_at(i)); i++)
		if (!l->props || in_list(l->props, prop->name))
			show_prop(l, link, live ? &info : NULL, prop);
}

static void prop_list_check(const char *list)
{
	_cleanup_free_ char *copy = strdup(list);
	char *save = NULL, *name;

	for (name = copy ? strtok_r(copy, ",", &save) : NULL; name;
		name = strtok_r(NULL, ",", &save))
		(void)property_lookup(name);
}

int do_show_linkprop(int argc, char *argv[])
{
	struct prop_listing l = {0};
	const char *fields = NULL, *zone = NULL;
	bool parsable = false;
	struct diag d = {0};
	int c;

	while ((c = getopt(argc, argv, "co:p:z:")) != -1) {
		switch (c) {
		case 'c':
			parsable = true;
			break;
		case 'o':
			fields = optarg;
			break;
		case 'p':
			prop_list_check(optarg);
			l.props = optarg;
			break;
		case 'z':
			zone = optarg;
			break;
		default:
			usage(argv[0]);
		}
	}
	if (argc - optind > 1)
		usage(argv[0]);
	if (columns_init(&l.columns, prop_columns, 6, fields, parsable, &d) < 0)
		die("%s", d.text);
	links_walk(
		argv[optind], zone_option(zone), DATALINK_CLASS_ALL, DLMGMT_ACTIVE, show_props, &l);
	return 0;
}

/* ---- set and reset ---- */

static int configure_once(datalink_id_t linkid, const char *name, const char *value)
{
	uint32_t confid;
	int r;

	r = dlmgmt_call_readconf(linkid, &confid);
	if (r < 0)
		return r;
	r = value ? dlmgmt_call_setattr_str(confid, name, value)
		  : dlmgmt_call_unsetattr(confid, name);
	if (r == 0)
		r = dlmgmt_call_writeconf(confid);
	(void)dlmgmt_call_destroyconf(confid);
	return r;
}

static int configure(datalink_id_t linkid, const char *name, const char *value)
{
	int tries = 0, r;

	do {
		r = configure_once(linkid, name, value);
	} while (r == -EAGAIN && ++tries < CONF_TRIES);
	return r;
}

/*
 * value NULL resets. Nothing is changed that could not be changed for good when that
 * is asked for.
 */
static dladm_status_t prop_change(const struct dlmgmt_linkinfo *link,
	const struct dladm_property *prop, const char *value, bool temporary, struct diag *d)
{
	dladm_status_t status = DLADM_STATUS_OK;

	if (!prop->writable)
		return DLADM_STATUS_PROPRDONLY;
	if (!temporary && (prop->temporary_only || !(link->flags & DLMGMT_PERSIST)))
		return DLADM_STATUS_TEMPONLY;
	if (link->flags & DLMGMT_ACTIVE)
		status = prop->set(link->linkid, value, d);
	if (status != DLADM_STATUS_OK || temporary)
		return status;
	return dladm_errno2status(configure(link->linkid, prop->name, value));
}

void linkprop_parse(char *list, struct linkprop_set *ret)
{
	char *save = NULL, *item, *equals;

	ret->count = 0;
	for (item = strtok_r(list, ",", &save); item; item = strtok_r(NULL, ",", &save)) {
		if (ret->count == LINKPROP_SET_MAX)
			die("more than %d link properties in one -p", LINKPROP_SET_MAX);
		equals = strchr(item, '=');
		if (equals)
			*equals++ = '\0';
		if (!equals || !*equals)
			die("link property '%s' has no value: use -p property=value", item);
		ret->items[ret->count].prop = property_lookup(item);
		ret->items[ret->count++].value = equals;
	}
}

dladm_status_t linkprop_apply(const struct dlmgmt_linkinfo *link, const struct linkprop_set *set,
	bool temporary, const char **ret_failed, struct diag *d)
{
	dladm_status_t status;
	size_t i;

	for (i = 0; i < set->count; i++) {
		status = prop_change(link, set->items[i].prop, set->items[i].value, temporary, d);
		if (status != DLADM_STATUS_OK) {
			*ret_failed = set->items[i].prop->name;
			return status;
		}
	}
	return DLADM_STATUS_OK;
}

static void linkprop_set_list(const struct dlmgmt_linkinfo *link, char *list, bool temporary)
{
	struct linkprop_set set;
	dladm_status_t status;
	struct diag d = {0};
	const char *failed;

	linkprop_parse(list, &set);
	status = linkprop_apply(link, &set, temporary, &failed, &d);
	if (status != DLADM_STATUS_OK)
		die_status(status, &d, "cannot set link property '%s' on '%s'", failed, link->name);
}

static void prop_reset(
	const struct dlmgmt_linkinfo *link, const struct dladm_property *prop, bool temporary)
{
	struct diag d = {0};
	dladm_status_t status = prop_change(link, prop, NULL, temporary, &d);

	if (status != DLADM_STATUS_OK)
		die_status(status, &d, "cannot reset link property '%s' on '%s'", prop->name,
			link->name);
}

/* Without a list everything is reset that can be: the zone too, but only temporarily. */
static void linkprop_reset_list(const struct dlmgmt_linkinfo *link, char *list, bool temporary)
{
	const struct dladm_property *prop;
	char *save = NULL, *item;
	unsigned int i;

	if (list) {
		for (item = strtok_r(list, ",", &save); item; item = strtok_r(NULL, ",", &save))
			prop_reset(link, property_lookup(item), temporary);
		return;
	}
	for (i = 0; (prop = dladm_property_at(i)); i++)
		if (prop->writable && (temporary || !prop->temporary_only))
			prop_reset(link, prop, temporary);
}

static int linkprop_change(int argc, char *argv[],
	void (*change)(const struct dlmgmt_linkinfo *link, char *list, bool temporary),
	bool list_needed)
{
	struct dlmgmt_linkinfo link;
	const char *zone = NULL;
	bool temporary = false;
	char *list = NULL;
	int c;

	while ((c = getopt(argc, argv, "tp:z:")) != -1) {
		switch (c) {
		case 't':
			temporary = true;
			break;
		case 'p':
			list = optarg;
			break;
		case 'z':
			zone = optarg;
			break;
		default:
			usage(argv[0]);
		}
	}
	if (argc - optind != 1 || (list_needed && !list))
		usage(argv[0]);
	link_lookup(argv[optind], zone_option(zone), &link);
	change(&link, list, temporary);
	return 0;
}

int do_set_linkprop(int argc, char *argv[])
{
	return linkprop_change(argc, argv, linkprop_set_list, true);
}

int do_reset_linkprop(int argc, char *argv[])
{
	return linkprop_change(argc, argv, linkprop_reset_list, false);
}
