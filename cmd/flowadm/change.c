/* SPDX-License-Identifier: MIT */
/* flowadm add-flow, remove-flow, set-flowprop, reset-flowprop. */
#include "flowadm.h"

#include <unistd.h>

/* Calls fn for each item of a list "a=1,b=2", which it may write into. */
static void each_item(char *list, void (*fn)(const char *item, void *arg), void *arg)
{
	char *save, *item;

	for (item = strtok_r(list, ",", &save); item; item = strtok_r(NULL, ",", &save))
		fn(item, arg);
}

static void take_attr(const char *item, void *arg)
{
	struct diag d = {0};

	if (flow_attr_parse(item, arg, &d) < 0)
		die("%s", d.text);
}

struct props {
	struct flow_props values;
	uint32_t which;
};

static void take_prop(const char *item, void *arg)
{
	struct props *p = arg;
	struct diag d = {0};

	if (flow_prop_parse(item, &p->values, &p->which, &d) < 0)
		die("%s", d.text);
}

static void take_prop_name(const char *item, void *arg)
{
	struct props *p = arg;
	enum flow_prop prop;

	if (flow_prop_find(item, &prop) < 0)
		die("invalid flow property '%s': known are maxbw and priority", item);
	p->which |= prop;
}

static void name_check(const char *name)
{
	if (!flow_name_valid(name))
		die("invalid flow name '%s': up to %d letters, digits, '_', '.' and '-', a letter first",
			name, FLOW_NAME_MAX - 1);
}

/* What -t, -z, -l, -a and -p say, and the operand. */
struct options {
	const char *zone;
	const char *link;
	char *attrs;
	char *props;
	uint32_t flags;
	const char *flow; /* NULL: none */
};

static void options_read(int argc, char *argv[], const char *optstring, struct options *o)
{
	int c;

	*o = (struct options){0};
	while ((c = getopt(argc, argv, optstring)) != -1) {
		switch (c) {
		case 't':
			o->flags |= FLOW_TEMPORARY;
			break;
		case 'z':
			o->zone = optarg;
			break;
		case 'l':
			o->link = optarg;
			break;
		case 'a':
			o->attrs = optarg;
			break;
		case 'p':
			o->props = optarg;
			break;
		default:
			usage(argv[0]);
		}
	}
	if (argc - optind > 1)
		usage(argv[0]);
	o->flow = argv[optind];
	if (o->flow)
		name_check(o->flow);
}

int do_add_flow(int argc, char *argv[])
{
	struct flow_add_req req = {0};
	struct dlmgmt_linkinfo link;
	struct props props = {0};
	struct diag d = {0};
	struct options o;
	int r;

	options_read(argc, argv, "tz:l:a:p:", &o);
	if (!o.flow || !o.link || !o.attrs)
		usage(argv[0]);
	each_item(o.attrs, take_attr, &req.attrs);
	if (flow_attrs_check(&req.attrs, &d) < 0)
		die("%s", d.text);
	if (o.props)
		each_item(o.props, take_prop, &props);
	link_lookup(o.link, o.zone, &link);
	req.linkid = link.linkid;
	req.flags = o.flags;
	req.props = props.values;
	(void)str_copy(req.name, sizeof(req.name), o.flow);
	r = flow_call_add(&req, &d);
	if (r < 0)
		die_call(r, &d, "cannot add flow '%s'", o.flow);
	return 0;
}

static void remove_one(const char *name, uint32_t flags)
{
	struct diag d = {0};
	int r = flow_call_remove(name, flags, &d);

	if (r < 0)
		die_call(r, &d, "cannot remove flow '%s'", name);
}

static void remove_of_link(const struct dlmgmt_linkinfo *link, uint32_t flags)
{
	struct flow_next_reply flow = {0};
	bool any = false;
	int r;

	while ((r = flow_call_next(flow.name, &flow)) == 0) {
		if (flow.linkid != link->linkid)
			continue;
		remove_one(flow.name, flags);
		any = true;
	}
	if (r != -ENOENT)
		die("%s", daemon_error("zoned", r));
	if (!any)
		die("link '%s' has no flows", link->name);
}

int do_remove_flow(int argc, char *argv[])
{
	struct dlmgmt_linkinfo link;
	struct options o;

	options_read(argc, argv, "tz:l:", &o);
	if (!o.flow == !o.link)
		die("remove-flow needs one flow, or -l and a link");
	if (o.flow) {
		remove_one(o.flow, o.flags);
		return 0;
	}
	link_lookup(o.link, o.zone, &link);
	remove_of_link(&link, o.flags);
	return 0;
}

static void set(const struct options *o, const struct props *p, const char *what)
{
	struct diag d = {0};
	int r = flow_call_setprop(o->flow, o->flags, p->which, &p->values, &d);

	if (r < 0)
		die_call(r, &d, "cannot %s properties of flow '%s'", what, o->flow);
}

int do_set_flowprop(int argc, char *argv[])
{
	struct props props = {0};
	struct options o;

	options_read(argc, argv, "tz:p:", &o);
	if (!o.flow || !o.props)
		usage(argv[0]);
	each_item(o.props, take_prop, &props);
	if (!props.which)
		usage(argv[0]);
	set(&o, &props, "set");
	return 0;
}

int do_reset_flowprop(int argc, char *argv[])
{
	struct props props = {0};
	struct options o;

	options_read(argc, argv, "tz:p:", &o);
	if (!o.flow)
		usage(argv[0]);
	if (o.props)
		each_item(o.props, take_prop_name, &props);
	else
		props.which = FLOW_MAXBW | FLOW_PRIORITY;
	if (!props.which)
		usage(argv[0]);
	set(&o, &props, "reset");
	return 0;
}
