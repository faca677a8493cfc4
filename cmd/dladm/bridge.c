/* SPDX-License-Identifier: MIT */
/*
 * dladm create-, modify-, delete-, add-, remove- and up-bridge; show-bridge is in bridge-show.c.
 *
 * Bridge "tower" is the link tower0 of class bridge. Which links are in it is written at
 * those, as their attribute "bridge".
 */
#include "bridge.h"
#include "links.h"

static const char *const bridge_attrs[] = {
	"stp-protect", "stp-priority", "stp-max-age", "stp-hello-time", "stp-fwd-delay", NULL};

static uint32_t number_or(const struct attrs *a, const char *name, uint32_t other)
{
	uint64_t v;

	return attr_number(a, name, &v) && v <= UINT32_MAX ? (uint32_t)v : other;
}

static int bridge_build(
	const struct attrs *a, bool persistent, struct dld_create_req *req, struct diag *d)
{
	req->mac_type = VNIC_MAC_ADDR_TYPE_AUTO;
	req->spec.bridge = (struct dld_bridge){
		.priority = number_or(a, "stp-priority", 32768),
		.max_age = number_or(a, "stp-max-age", 20),
		.hello_time = number_or(a, "stp-hello-time", 2),
		.forward_delay = number_or(a, "stp-fwd-delay", 15),
	};
	return 0;
}

bool bridge_has(const struct dlmgmt_linkinfo *link, const char *bridge)
{
	char name[MAXLINKNAMELEN];

	return link_attr_str(link->linkid, "bridge", name, sizeof(name)) && streq(name, bridge);
}

/* "tower" of tower0. */
void bridge_name(const struct dlmgmt_linkinfo *link, char name[MAXLINKNAMELEN])
{
	(void)snprintf(name, MAXLINKNAMELEN, "%.*s", (int)strlen(link->name) - 1, link->name);
}

struct ports_up {
	const struct dlmgmt_linkinfo *bridge;
	char name[MAXLINKNAMELEN];
};

/* One link that is not there does not keep the others out. */
static void port_up(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct ports_up *up = arg;
	struct dlmgmt_linkinfo now;
	struct diag d = {0};
	int r;

	if (!bridge_has(link, up->name))
		return;
	if (!(link->flags & DLMGMT_ACTIVE))
		(void)class_link_up(link);
	if (dlmgmt_call_getname(link->linkid, &now) < 0 || !(now.flags & DLMGMT_ACTIVE))
		return;
	r = dld_call_add_ports(up->bridge->linkid, &link->linkid, 1, &d);
	if (r < 0)
		link_up_warn(up->bridge, dladm_errno2status(r), &d);
}

static int bridge_brought_up(const struct dlmgmt_linkinfo *link, struct diag *d)
{
	struct ports_up up = {.bridge = link};

	bridge_name(link, up.name);
	links_walk(NULL, ALL_ZONES, BRIDGE_PORT_CLASSES, DLMGMT_PERSIST, port_up, &up);
	return 0;
}

const struct link_class class_bridge = {
	.id = DATALINK_CLASS_BRIDGE,
	.noun = "bridge",
	.attrs = bridge_attrs,
	.build = bridge_build,
	.brought_up = bridge_brought_up,
};

/* ---- options ---- */

static void name_check(const char *name)
{
	if (!dladm_valid_bridgename(name))
		die("invalid bridge name '%s': up to %d letters, digits and '_', a letter first and "
		    "last, not 'default' or 'SUNW...'",
			name, MAXLINKNAMELEN - 2);
}

static void number_option(struct attrs *a, const char *attr, const char *what, const char *text)
{
	unsigned long v;
	char *end;

	errno = 0;
	v = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno || v > UINT16_MAX)
		die("invalid %s '%s': not a number", what, text);
	attr_set_number(a, attr, v);
}

struct bridge_options {
	struct attrs attrs;
	struct port_names ports;
};

static void force_option(const char *text)
{
	/* Linux: the kernel speaks STP, which is 0; RSTP would be 2. */
	if (!streq(text, "0"))
		die("force-protocol '%s' is not supported: the kernel's bridges speak STP (0)",
			text);
}

static void options_read(int argc, char *argv[], const char *letters, struct bridge_options *o)
{
	int c;

	while ((c = getopt(argc, argv, letters)) != -1) {
		switch (c) {
		case 'P':
			if (!streq(optarg, "stp"))
				die("bridge protection '%s' is not supported: only stp", optarg);
			attr_set(&o->attrs, "stp-protect", optarg);
			break;
		case 'p':
			number_option(&o->attrs, "stp-priority", "priority", optarg);
			break;
		case 'm':
			number_option(&o->attrs, "stp-max-age", "maximum age", optarg);
			break;
		case 'h':
			number_option(&o->attrs, "stp-hello-time", "hello time", optarg);
			break;
		case 'd':
			number_option(&o->attrs, "stp-fwd-delay", "forward delay", optarg);
			break;
		case 'f':
			force_option(optarg);
			break;
		case 'l':
			port_names_add(&o->ports, optarg);
			break;
		default:
			usage(argv[0]);
		}
	}
	if (argc - optind != 1)
		usage(argv[0]);
	name_check(argv[optind]);
}

void bridge_lookup(const char *verb, const char *name, struct dlmgmt_linkinfo *ret)
{
	char link[MAXLINKNAMELEN];
	int r;

	name_check(name);
	(void)snprintf(link, sizeof(link), "%s0", name);
	r = dlmgmt_call_getlinkid(link, ALL_ZONES, ret);
	if (r == 0 && ret->link_class != DATALINK_CLASS_BRIDGE)
		r = -ENOENT;
	if (r < 0)
		class_die(verb, name, r, NULL);
}

/* ---- links in it ---- */

/* bridge NULL: in none. */
static int conf_port(datalink_id_t linkid, const char *bridge)
{
	static const char *const attrs[] = {"bridge", NULL};
	static const struct link_class only_bridge = {.attrs = attrs};
	struct attrs a = {0};

	if (bridge)
		attr_set(&a, "bridge", bridge);
	return class_attrs_write(&only_bridge, linkid, &a);
}

static int ports_lookup(
	const struct port_names *ports, datalink_id_t ids[DLD_PORTS_MAX], struct diag *d)
{
	int r = 0;

	for (size_t i = 0; i < ports->count && r == 0; i++)
		r = class_link(ports->names[i], true, &ids[i], d);
	return r;
}

static int kernel_ports(const struct dlmgmt_linkinfo *link, const datalink_id_t *ids, size_t n,
	bool in, struct diag *d)
{
	return in ? dld_call_add_ports(link->linkid, ids, n, d)
		  : dld_call_remove_ports(link->linkid, ids, n, d);
}

/* Into the bridge or out of it, in the kernel and in the configuration of every one, or nowhere. */
static int ports_change(const struct dlmgmt_linkinfo *link, const char *bridge,
	const struct port_names *ports, bool in, struct diag *d)
{
	datalink_id_t ids[DLD_PORTS_MAX];
	size_t done = 0;
	int r;

	r = ports_lookup(ports, ids, d);
	if (r == 0)
		r = kernel_ports(link, ids, ports->count, in, d);
	if (r < 0)
		return r;
	for (; done < ports->count && r == 0; done++)
		r = conf_port(ids[done], in ? bridge : NULL);
	if (r == 0)
		return 0;
	while (done > 0)
		(void)conf_port(ids[--done], in ? NULL : bridge);
	(void)kernel_ports(link, ids, ports->count, !in, NULL);
	return r;
}

/* ---- subcommands ---- */

int do_create_bridge(int argc, char *argv[])
{
	struct bridge_options o = {0};
	struct dlmgmt_linkinfo link;
	char name[MAXLINKNAMELEN];
	struct diag d = {0};
	int r;

	options_read(argc, argv, "P:p:m:h:d:f:l:", &o);
	(void)snprintf(name, sizeof(name), "%s0", argv[optind]);
	class_create(&class_bridge, name, DL_ETHER, &o.attrs, false, &link);
	if (!o.ports.count)
		return 0;
	r = ports_change(&link, argv[optind], &o.ports, true, &d);
	if (r < 0) {
		(void)link_delete(&link, false, NULL);
		class_die("create", argv[optind], r, &d);
	}
	return 0;
}

static int change_ports(int argc, char *argv[], const char *verb, bool in)
{
	struct bridge_options o = {0};
	struct dlmgmt_linkinfo link;
	struct diag d = {0};
	int r;

	options_read(argc, argv, "l:", &o);
	if (!o.ports.count)
		usage(argv[0]);
	bridge_lookup(verb, argv[optind], &link);
	r = ports_change(&link, argv[optind], &o.ports, in, &d);
	if (r < 0)
		class_die(verb, argv[optind], r, &d);
	return 0;
}

int do_add_bridge(int argc, char *argv[])
{
	return change_ports(argc, argv, "add to", true);
}

int do_remove_bridge(int argc, char *argv[])
{
	return change_ports(argc, argv, "remove from", false);
}

int do_modify_bridge(int argc, char *argv[])
{
	static struct dld_details_reply now;
	struct dld_create_req req = {0};
	struct bridge_options o = {0};
	struct dlmgmt_linkinfo link;
	struct diag d = {0};
	struct attrs a;
	int r;

	options_read(argc, argv, "P:p:m:h:d:f:", &o);
	bridge_lookup("modify", argv[optind], &link);
	r = dld_call_details(link.linkid, &now, &d);
	if (r < 0)
		class_die("modify", argv[optind], r, &d);
	class_attrs_read(&class_bridge, link.linkid, &a);
	for (size_t i = 0; i < o.attrs.count; i++) {
		if (o.attrs.items[i].is_number)
			attr_set_number(&a, o.attrs.items[i].name, o.attrs.items[i].number);
	}
	r = bridge_build(&a, true, &req, &d);
	if (r == 0)
		r = dld_call_modify(link.linkid, &req.spec, &d);
	if (r < 0)
		class_die("modify", argv[optind], r, &d);
	r = class_attrs_write(&class_bridge, link.linkid, &a);
	if (r < 0) {
		(void)dld_call_modify(link.linkid, &now.spec, NULL);
		class_die("modify", argv[optind], r, &d);
	}
	return 0;
}

struct port_search {
	char bridge[MAXLINKNAMELEN];
	bool found;
};

static void is_port(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct port_search *s = arg;

	if (bridge_has(link, s->bridge))
		s->found = true;
}

int do_delete_bridge(int argc, char *argv[])
{
	struct bridge_options o = {0};
	struct port_search s = {0};
	struct dlmgmt_linkinfo link;
	dladm_status_t status = DLADM_STATUS_LINKBUSY;
	struct diag d = {0};

	options_read(argc, argv, "", &o);
	bridge_lookup("delete", argv[optind], &link);
	bridge_name(&link, s.bridge);
	links_walk(NULL, ALL_ZONES, BRIDGE_PORT_CLASSES, DLMGMT_PERSIST, is_port, &s);
	if (s.found)
		(void)diag_set(&d, 0, "it has links in it");
	else
		status = link_delete(&link, false, &d);
	if (status != DLADM_STATUS_OK)
		die_status(status, &d, "cannot delete '%s'", argv[optind]);
	return 0;
}

int do_up_bridge(int argc, char *argv[])
{
	char name[MAXLINKNAMELEN];

	if (argc > 2)
		usage(argv[0]);
	if (argc == 2) {
		name_check(argv[1]);
		(void)snprintf(name, sizeof(name), "%s0", argv[1]);
		argv[1] = name;
	}
	return class_up(argc, argv, &class_bridge);
}
