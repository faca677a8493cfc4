/* SPDX-License-Identifier: MIT */
/*
 * dladm show-linkprop: what is in force, or with -P what the configuration has. A link
 * shows the properties of its class that its device has; another one that is asked for by name is "--".
 */
#include "dladm-cmd.h"

static const struct column prop_columns[] = {{"LINK", 13}, {"PROPERTY", 20}, {"PERM", 5},
	{"VALUE", 15}, {"DEFAULT", 15}, {"POSSIBLE", 20}, {0}};

struct prop_listing {
	struct columns columns;
	const char *props; /* -p list, NULL for all */
	bool persistent;
};

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

/* A link whose properties are shown. */
struct prop_link {
	struct prop_listing *l;
	const struct dlmgmt_linkinfo *link;
};

static void print_prop(const struct dladm_property *prop, const struct dladm_propval *v, void *arg)
{
	const struct prop_link *p = arg;
	const char *perm = prop->flags & DLADM_PROP_WRITABLE ? "rw" : "r-";

	columns_print(&p->l->columns,
		(const char *[]){p->link->name, prop->name, perm, v->value, v->def, v->possible});
}

static void print_unknown(const struct dladm_property *prop, struct prop_link *p, const char *value)
{
	struct dladm_propval v = {0};

	(void)str_copy(v.value, sizeof(v.value), value);
	print_prop(prop, &v, p);
}

/* One by one: those that were asked for by name, and those of a link that zoned does not know. */
static void show_prop(struct prop_link *p, const struct dld_linkinfo_reply *info,
	const struct dladm_property *prop)
{
	struct dladm_propval v = {0};
	int r = info ? dladm_property_get(prop, info, &v) : -ENXIO;

	if (r == -ENOTSUP)
		print_unknown(prop, p, "");
	else if (r < 0)
		print_unknown(prop, p, "?");
	else
		print_prop(prop, &v, p);
}

static void show_configured(struct prop_link *p, const struct dladm_property *prop)
{
	struct dladm_propval v = {0};

	if ((prop->flags & DLADM_PROP_TEMPORARY) || !(prop->flags & DLADM_PROP_WRITABLE))
		return;
	(void)link_attr_str(p->link->linkid, prop->name, v.value, sizeof(v.value));
	(void)str_copy(v.def, sizeof(v.def), prop->def ? prop->def : "");
	(void)str_copy(v.possible, sizeof(v.possible), prop->possible ? prop->possible : "");
	print_prop(prop, &v, p);
}

static void show_props(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct prop_link p = {arg, link};
	struct dld_linkinfo_reply info;
	const struct dladm_property *prop;
	bool live = !p.l->persistent && link_live(link->linkid, &info);
	unsigned int i;

	if (live && !p.l->props && dladm_property_each(&info, print_prop, &p) == 0)
		return;
	for (i = 0; (prop = dladm_property_at(i)); i++) {
		if (!(prop->classes & link->link_class) ||
			(p.l->props && !in_list(p.l->props, prop->name)))
			continue;
		if (p.l->persistent)
			show_configured(&p, prop);
		else
			show_prop(&p, live ? &info : NULL, prop);
	}
}

/* Names that are none, or that the one link asked for cannot have. */
static void prop_list_check(const char *list, const struct dlmgmt_linkinfo *link)
{
	_cleanup_free_ char *copy = strdup(list);
	char *save = NULL, *name;

	for (name = copy ? strtok_r(copy, ",", &save) : NULL; name;
		name = strtok_r(NULL, ",", &save))
		linkprop_for_link(linkprop_lookup(name), link);
}

int do_show_linkprop(int argc, char *argv[])
{
	struct prop_listing l = {0};
	const char *fields = NULL, *zone = NULL;
	struct dlmgmt_linkinfo link;
	enum columns_form form = COLUMNS_TABLE;
	struct diag d = {0};
	int c;

	while ((c = getopt(argc, argv, "cjPo:p:z:")) != -1) {
		switch (c) {
		case 'c':
		case 'j':
			if (form != COLUMNS_TABLE)
				die("the options -c and -j exclude each other");
			form = c == 'j' ? COLUMNS_JSON : COLUMNS_PARSABLE;
			break;
		case 'P':
			l.persistent = true;
			break;
		case 'o':
			fields = optarg;
			break;
		case 'p':
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
	if (columns_init(&l.columns, prop_columns, 6, fields, form, &d) < 0)
		die("%s", d.text);
	if (argv[optind])
		link_lookup(argv[optind], zone_option(zone), &link);
	if (l.props)
		prop_list_check(l.props, argv[optind] ? &link : NULL);
	links_list(argv[optind], zone_option(zone), DATALINK_CLASS_ALL,
		l.persistent ? DLMGMT_PERSIST : DLMGMT_ACTIVE, show_props, &l);
	columns_end(&l.columns);
	return 0;
}
