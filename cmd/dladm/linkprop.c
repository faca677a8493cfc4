/* SPDX-License-Identifier: MIT */
/*
 * dladm set-linkprop, reset-linkprop, and -p of the commands that create. A persistent change
 * sets the live value first: zoned and the driver are the judges of it; then the
 * configuration is read, changed and written, again when somebody else was faster.
 */
#include "dladm-cmd.h"

#define CONF_TRIES 5

const struct dladm_property *linkprop_lookup(const char *name)
{
	const struct dladm_property *prop = dladm_property_find(name);
	const char *why = prop ? NULL : dladm_property_missing(name);

	if (why)
		die("link property '%s' is not supported: %s", name, why);
	if (!prop)
		die("invalid link property '%s'", name);
	return prop;
}

void linkprop_for_link(const struct dladm_property *prop, const struct dlmgmt_linkinfo *link)
{
	if (link && !(prop->classes & link->link_class))
		die("link property '%s' is not for '%s', which is of class %s", prop->name,
			link->name, dladm_class2str(link->link_class));
}

/* ---- the configuration ---- */

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

/* ---- one change ---- */

/*
 * value NULL resets. Nothing is changed that could not be changed for good when that
 * is asked for.
 */
static dladm_status_t prop_change(const struct dlmgmt_linkinfo *link,
	const struct dladm_property *prop, const char *value, bool temporary, struct diag *d)
{
	char canonical[DLADM_PROP_VALLEN];
	dladm_status_t status = DLADM_STATUS_OK;

	if (!(prop->flags & DLADM_PROP_WRITABLE))
		return DLADM_STATUS_PROPRDONLY;
	if (!temporary && ((prop->flags & DLADM_PROP_TEMPORARY) || !(link->flags & DLMGMT_PERSIST)))
		return DLADM_STATUS_TEMPONLY;
	if (value) {
		status = dladm_property_check(prop, value, canonical);
		value = canonical;
	}
	if (status == DLADM_STATUS_OK && temporary && !(link->flags & DLMGMT_ACTIVE)) {
		diag_set(d, 0, "the link is configured and not active");
		return DLADM_STATUS_NOTFOUND;
	}
	if (status == DLADM_STATUS_OK && (link->flags & DLMGMT_ACTIVE))
		status = dladm_property_set(prop, link->linkid, value, d);
	if (status != DLADM_STATUS_OK || temporary)
		return status;
	return dladm_errno2status(configure(link->linkid, prop->name, value));
}

/* ---- set ---- */

/* Room for "p=a,b,c" when a later item has no '=': it is one more value of p. */
static void add_value(struct linkprop_set *set, const char *value)
{
	char *all = set->count ? set->items[set->count - 1].value : NULL;
	size_t used;

	if (!all)
		die("link property '%s' has no value: use -p property=value", value);
	used = strlen(all);
	if ((size_t)snprintf(all + used, DLADM_PROP_VALLEN - used, ",%s", value) >=
		DLADM_PROP_VALLEN - used)
		die("link property '%s': %s", set->items[set->count - 1].prop->name,
			dladm_status2str(DLADM_STATUS_BADVALCNT));
}

static void add_prop(struct linkprop_set *set, const char *name, const char *value)
{
	const struct dladm_property *prop;
	size_t i;

	if (!*value)
		die("link property '%s' has no value: use -p property=value", name);
	prop = linkprop_lookup(name);
	for (i = 0; i < set->count; i++)
		if (set->items[i].prop == prop)
			die("link property '%s' is given twice", name);
	if (set->count == LINKPROP_SET_MAX)
		die("more than %d link properties in one -p", LINKPROP_SET_MAX);
	if (str_copy(set->items[set->count].value, DLADM_PROP_VALLEN, value) < 0)
		die("link property '%s': %s", name, dladm_status2str(DLADM_STATUS_BADVAL));
	set->items[set->count++].prop = prop;
}

void linkprop_parse(char *list, struct linkprop_set *ret)
{
	char *save = NULL, *item, *equals;

	ret->count = 0;
	for (item = strtok_r(list, ",", &save); item; item = strtok_r(NULL, ",", &save)) {
		equals = strchr(item, '=');
		if (!equals) {
			add_value(ret, item);
			continue;
		}
		*equals = '\0';
		add_prop(ret, item, equals + 1);
	}
}

/* What would be right: the values there are, or the form of them. */
static void say_possible(const struct dladm_property *prop, struct diag *d)
{
	if (d->text[0])
		return;
	if (streq(prop->name, "maxbw"))
		diag_set(d, 0, "a number with K, M or G, as 10M");
	else if (prop->possible && prop->possible[0])
		diag_set(d, 0, "possible: %s", prop->possible);
}

dladm_status_t linkprop_apply(const struct dlmgmt_linkinfo *link, const struct linkprop_set *set,
	bool temporary, const char **ret_failed, struct diag *d)
{
	dladm_status_t status;
	size_t i;

	for (i = 0; i < set->count; i++) {
		const struct dladm_property *prop = set->items[i].prop;

		*ret_failed = prop->name;
		if (!(prop->classes & link->link_class)) {
			diag_set(d, 0, "not a property of class %s",
				dladm_class2str(link->link_class));
			return DLADM_STATUS_BADPROP;
		}
		status = prop_change(link, prop, set->items[i].value, temporary, d);
		if (status == DLADM_STATUS_BADVAL)
			say_possible(prop, d);
		if (status != DLADM_STATUS_OK)
			return status;
	}
	return DLADM_STATUS_OK;
}

static void linkprop_set_list(const struct dlmgmt_linkinfo *link, char *list, bool temporary)
{
	struct linkprop_set set;
	dladm_status_t status;
	struct diag d = {0};
	const char *failed = "";
	size_t i;

	linkprop_parse(list, &set);
	for (i = 0; i < set.count; i++)
		linkprop_for_link(set.items[i].prop, link);
	status = linkprop_apply(link, &set, temporary, &failed, &d);
	if (status != DLADM_STATUS_OK)
		die_status(status, &d, "cannot set link property '%s' on '%s'", failed, link->name);
}

/* ---- reset ---- */

/* all: one that the device has not is no failure. */
static void prop_reset(const struct dlmgmt_linkinfo *link, const struct dladm_property *prop,
	bool temporary, bool all)
{
	struct diag d = {0};
	dladm_status_t status = prop_change(link, prop, NULL, temporary, &d);

	if (all && status == DLADM_STATUS_NOTSUP)
		return;
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

	for (item = list ? strtok_r(list, ",", &save) : NULL; item;
		item = strtok_r(NULL, ",", &save)) {
		prop = linkprop_lookup(item);
		linkprop_for_link(prop, link);
		prop_reset(link, prop, temporary, false);
	}
	for (i = 0; !list && (prop = dladm_property_at(i)); i++)
		if ((prop->classes & link->link_class) && (prop->flags & DLADM_PROP_WRITABLE) &&
			(temporary || !(prop->flags & DLADM_PROP_TEMPORARY)))
			prop_reset(link, prop, temporary, true);
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
	if (list_needed)
		link_hold(argv[optind], zone_option(zone));
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
