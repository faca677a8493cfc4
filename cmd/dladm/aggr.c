/* SPDX-License-Identifier: MIT */
/* dladm create-, modify-, delete-, add-, remove- and up-aggr; show-aggr is in aggr-show.c. */
#include "class.h"

static const char *const aggr_attrs[] = {"portnames", "nports", "policy", "fixaddr",
	DLADM_ATTR_MACADDR, "lacpmode", "lacptimer", NULL};

/* Ids of the links in "a:b:". */
static int ports_build(
	const char *list, bool persistent, struct dld_create_req *req, struct diag *d)
{
	char name[MAXLINKNAMELEN];
	size_t n;
	int r;

	for (; list && *list; list += n + (list[n] == ':')) {
		n = strcspn(list, ":");
		if (req->nports == DLD_PORTS_MAX)
			return diag_set(d, -E2BIG, "more than %d links in one", DLD_PORTS_MAX);
		(void)snprintf(name, sizeof(name), "%.*s", (int)n, list);
		r = class_link(name, persistent, &req->ports[req->nports], d);
		if (r < 0)
			return r;
		req->nports++;
	}
	return 0;
}

static int aggr_build(
	const struct attrs *a, bool persistent, struct dld_create_req *req, struct diag *d)
{
	uint64_t policy = AGGR_POLICY_L4, mode = AGGR_LACP_OFF, timer = AGGR_LACP_SHORT, fixed = 0;
	const char *mac = attr_get(a, DLADM_ATTR_MACADDR);

	(void)attr_number(a, "policy", &policy);
	(void)attr_number(a, "lacpmode", &mode);
	(void)attr_number(a, "lacptimer", &timer);
	req->spec.aggr = (struct dld_aggr){(uint32_t)policy, (uint32_t)mode, (uint32_t)timer};
	if (attr_number(a, "fixaddr", &fixed) && fixed) {
		req->mac_type = VNIC_MAC_ADDR_TYPE_FIXED;
		if (!mac || dladm_str2mac(mac, req->mac) != DLADM_MAC_LEN)
			return diag_set(d, -EINVAL, "invalid MAC address '%s'", mac ? mac : "");
	}
	return ports_build(attr_get(a, "portnames"), persistent, req, d);
}

const struct link_class class_aggr = {
	.id = DATALINK_CLASS_AGGR,
	.noun = "aggr",
	.attrs = aggr_attrs,
	.build = aggr_build,
	.below = "portnames",
};

/* ---- options ---- */

static void policy_option(struct attrs *a, char *list)
{
	static const struct {
		const char *name;
		uint64_t bit;
	} layers[] = {{"L2", AGGR_POLICY_L2}, {"L3", AGGR_POLICY_L3}, {"L4", AGGR_POLICY_L4}};
	char *save = NULL, *item;
	uint64_t policy = 0;
	size_t i;

	for (item = strtok_r(list, ",", &save); item; item = strtok_r(NULL, ",", &save)) {
		for (i = 0; i < ARRAY_SIZE(layers) && !streq(layers[i].name, item); i++)
			;
		if (i == ARRAY_SIZE(layers) || (policy & layers[i].bit))
			die("invalid policy '%s': made of L2, L3 and L4, each once", item);
		policy |= layers[i].bit;
	}
	if (!policy)
		die("invalid policy: made of L2, L3 and L4");
	attr_set_number(a, "policy", policy);
}

static void lacp_option(struct attrs *a, const char *text)
{
	if (streq(text, "off"))
		attr_set_number(a, "lacpmode", AGGR_LACP_OFF);
	else if (streq(text, "active"))
		attr_set_number(a, "lacpmode", AGGR_LACP_ACTIVE);
	else if (streq(text, "passive"))
		attr_set_number(a, "lacpmode", AGGR_LACP_PASSIVE);
	else
		die("invalid LACP mode '%s': off, active or passive", text);
}

static void timer_option(struct attrs *a, const char *text)
{
	if (streq(text, "short"))
		attr_set_number(a, "lacptimer", AGGR_LACP_SHORT);
	else if (streq(text, "long"))
		attr_set_number(a, "lacptimer", AGGR_LACP_LONG);
	else
		die("invalid LACP timer '%s': short or long", text);
}

static void unicast_option(struct attrs *a, const char *text)
{
	uint8_t mac[DLADM_MAC_LEN];

	if (streq(text, "auto")) {
		attr_set_number(a, "fixaddr", 0);
		return;
	}
	if (dladm_str2mac(text, mac) != DLADM_MAC_LEN || !dladm_mac_unicast(mac))
		die_status(DLADM_STATUS_MACADDRINVAL, NULL, "'%s' is not a unicast address", text);
	attr_set_number(a, "fixaddr", 1);
	attr_set(a, DLADM_ATTR_MACADDR, text);
}

struct aggr_options {
	struct attrs attrs;
	struct port_names ports;
	bool temporary;
};

static void options_read(int argc, char *argv[], const char *letters, struct aggr_options *o)
{
	int c;

	while ((c = getopt(argc, argv, letters)) != -1) {
		switch (c) {
		case 't':
			o->temporary = true;
			break;
		case 'f':
			break; /* illumos: links that do not tell their state; here all do */
		case 'l':
			port_names_add(&o->ports, optarg);
			break;
		case 'P':
			policy_option(&o->attrs, optarg);
			break;
		case 'L':
			lacp_option(&o->attrs, optarg);
			break;
		case 'T':
			timer_option(&o->attrs, optarg);
			break;
		case 'u':
			unicast_option(&o->attrs, optarg);
			break;
		default:
			usage(argv[0]);
		}
	}
	if (argc - optind != 1)
		usage(argv[0]);
}

/* ---- subcommands ---- */

static void set_ports(struct attrs *a, const struct port_names *ports)
{
	char list[MAXLINKATTRVALLEN];

	port_names_join(ports, list, sizeof(list));
	attr_set(a, "portnames", list);
	attr_set_number(a, "nports", ports->count);
}

int do_create_aggr(int argc, char *argv[])
{
	struct aggr_options o = {0};

	options_read(argc, argv, "tfl:P:L:T:u:", &o);
	if (!o.ports.count)
		usage(argv[0]);
	set_ports(&o.attrs, &o.ports);
	class_create(&class_aggr, argv[optind], DL_ETHER, &o.attrs, o.temporary, NULL);
	return 0;
}

int do_delete_aggr(int argc, char *argv[])
{
	return class_delete(argc, argv, &class_aggr);
}

int do_up_aggr(int argc, char *argv[])
{
	return class_up(argc, argv, &class_aggr);
}

static bool in_ports(const struct port_names *ports, const char *name, size_t n)
{
	for (size_t i = 0; i < ports->count; i++) {
		if (strlen(ports->names[i]) == n && strncmp(ports->names[i], name, n) == 0)
			return true;
	}
	return false;
}

/* The configured list, with these or without them. */
static int conf_ports(const struct dlmgmt_linkinfo *link, const struct port_names *ports, bool add)
{
	struct port_names new = {0};
	const char *list, *p;
	char *copy, *save = NULL;
	struct attrs a;
	int r;

	class_attrs_read(&class_aggr, link->linkid, &a);
	list = attr_get(&a, "portnames");
	copy = strdup(list ? list : "");
	if (!copy)
		return -ENOMEM;
	for (p = strtok_r(copy, ":", &save); p; p = strtok_r(NULL, ":", &save)) {
		if (!in_ports(ports, p, strlen(p)))
			port_names_add(&new, p);
	}
	for (size_t i = 0; add && i < ports->count; i++)
		port_names_add(&new, ports->names[i]);
	set_ports(&a, &new);
	r = class_attrs_write(&class_aggr, link->linkid, &a);
	free(copy);
	return r;
}

static int change_ports(int argc, char *argv[], const char *verb, bool add)
{
	datalink_id_t ids[DLD_PORTS_MAX];
	struct aggr_options o = {0};
	struct dlmgmt_linkinfo link;
	bool persistent;
	struct diag d = {0};
	int r = 0;

	options_read(argc, argv, add ? "tfl:" : "tl:", &o);
	if (!o.ports.count)
		usage(argv[0]);
	class_lookup(&class_aggr, verb, argv[optind], &link);
	persistent = !o.temporary && (link.flags & DLMGMT_PERSIST);
	for (size_t i = 0; i < o.ports.count && r == 0; i++)
		r = class_link(o.ports.names[i], persistent && add, &ids[i], &d);
	if (r == 0)
		r = add ? dld_call_add_ports(link.linkid, ids, o.ports.count, &d)
			: dld_call_remove_ports(link.linkid, ids, o.ports.count, &d);
	if (r == 0 && persistent) {
		r = conf_ports(&link, &o.ports, add);
		if (r < 0 && add)
			(void)dld_call_remove_ports(link.linkid, ids, o.ports.count, NULL);
		else if (r < 0)
			(void)dld_call_add_ports(link.linkid, ids, o.ports.count, NULL);
	}
	if (r < 0)
		class_die(verb, link.name, r, &d);
	return 0;
}

int do_add_aggr(int argc, char *argv[])
{
	return change_ports(argc, argv, "add to", true);
}

int do_remove_aggr(int argc, char *argv[])
{
	return change_ports(argc, argv, "remove from", false);
}

int do_modify_aggr(int argc, char *argv[])
{
	static struct dld_details_reply now;
	struct aggr_options o = {0};
	struct dld_spec was, spec;
	struct dlmgmt_linkinfo link;
	struct attrs conf = {0};
	struct diag d = {0};
	uint64_t v;
	int r;

	options_read(argc, argv, "tP:L:T:", &o);
	if (!o.attrs.count)
		die("cannot modify '%s': one of -P, -L and -T is needed", argv[optind]);
	class_lookup(&class_aggr, "modify", argv[optind], &link);
	r = dld_call_details(link.linkid, &now, &d);
	if (r < 0)
		class_die("modify", link.name, r, &d);
	was = spec = now.spec;
	class_attrs_read(&class_aggr, link.linkid, &conf);
	for (size_t i = 0; i < o.attrs.count; i++)
		attr_set_number(&conf, o.attrs.items[i].name, o.attrs.items[i].number);
	if (attr_number(&o.attrs, "policy", &v))
		spec.aggr.policy = (uint32_t)v;
	if (attr_number(&o.attrs, "lacpmode", &v))
		spec.aggr.lacp_mode = (uint32_t)v;
	if (attr_number(&o.attrs, "lacptimer", &v))
		spec.aggr.lacp_timer = (uint32_t)v;
	r = dld_call_modify(link.linkid, &spec, &d);
	if (r == 0 && !o.temporary && (link.flags & DLMGMT_PERSIST)) {
		r = class_attrs_write(&class_aggr, link.linkid, &conf);
		if (r < 0)
			(void)dld_call_modify(link.linkid, &was, NULL);
	}
	if (r < 0)
		class_die("modify", link.name, r, &d);
	return 0;
}
