/* SPDX-License-Identifier: MIT */
/* dladm create-, modify-, delete-, show-, up- and down-iptun. */
#include "class.h"
#include "show.h"

#include <arpa/inet.h>

static const char *const iptun_attrs[] = {"iptuntype", "laddr", "raddr", NULL};

static int family_of(uint64_t type)
{
	return type == IPTUN_TYPE_IPV6 ? AF_INET6 : AF_INET;
}

static int parse_addr(
	const struct attrs *a, const char *attr, uint64_t type, uint8_t addr[16], struct diag *d)
{
	const char *text = attr_get(a, attr);

	if (!text)
		return 0;
	if (type == IPTUN_TYPE_6TO4 && streq(attr, "raddr"))
		return diag_set(d, -EINVAL, "a 6to4 tunnel has none");
	if (inet_pton(family_of(type), text, addr) == 1)
		return 0;
	return diag_set(d, -EINVAL, "'%s' is not an %s address", text,
		family_of(type) == AF_INET6 ? "IPv6" : "IPv4");
}

static int iptun_build(
	const struct attrs *a, bool persistent, struct dld_create_req *req, struct diag *d)
{
	uint64_t type;
	int r;

	if (!attr_number(a, "iptuntype", &type))
		return diag_set(d, -EINVAL, "its configuration is not complete");
	req->spec.tunnel.type = (uint32_t)type;
	r = parse_addr(a, "laddr", type, req->spec.tunnel.local, d);
	if (r == 0)
		r = parse_addr(a, "raddr", type, req->spec.tunnel.remote, d);
	return r;
}

const struct link_class class_iptun = {
	.id = DATALINK_CLASS_IPTUN,
	.noun = "iptun",
	.attrs = iptun_attrs,
	.build = iptun_build,
};

static const struct {
	const char *name;
	uint64_t type;
	uint32_t media;
} types[] = {
	{"ipv4", IPTUN_TYPE_IPV4, DL_IPV4},
	{"ipv6", IPTUN_TYPE_IPV6, DL_IPV6},
	{"6to4", IPTUN_TYPE_6TO4, DL_6TO4},
};

static const char *type_name(uint64_t type)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (types[i].type == type)
			return types[i].name;
	}
	return "?";
}

static uint32_t type_option(struct attrs *a, const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (streq(types[i].name, text)) {
			attr_set_number(a, "iptuntype", types[i].type);
			return types[i].media;
		}
	}
	die_status(DLADM_STATUS_IPTUNTYPEINVAL, NULL, "'%s' is none of ipv4, ipv6 and 6to4", text);
}

/* "local=a,remote=b" */
static void addr_option(struct attrs *a, char *list)
{
	char *save = NULL, *item;

	for (item = strtok_r(list, ",", &save); item; item = strtok_r(NULL, ",", &save)) {
		if (strncmp(item, "local=", 6) == 0)
			attr_set(a, "laddr", item + 6);
		else if (strncmp(item, "remote=", 7) == 0)
			attr_set(a, "raddr", item + 7);
		else
			die("'%s' is neither local=address nor remote=address", item);
	}
}

/* The addresses that were asked for, where the status says which of them is wrong. */
static void addrs_check(const struct attrs *a, const char *name)
{
	uint8_t addr[16];
	struct diag d = {0};
	uint64_t type = 0;

	(void)attr_number(a, "iptuntype", &type);
	if (parse_addr(a, "laddr", type, addr, &d) < 0)
		die_status(DLADM_STATUS_BADIPTUNLADDR, &d, "cannot use '%s' for '%s'",
			attr_get(a, "laddr"), name);
	if (parse_addr(a, "raddr", type, addr, &d) < 0)
		die_status(DLADM_STATUS_BADIPTUNRADDR, &d, "cannot use '%s' for '%s'",
			attr_get(a, "raddr"), name);
}

int do_create_iptun(int argc, char *argv[])
{
	struct attrs a = {0};
	bool temporary = false;
	uint32_t media = 0;
	int c;

	while ((c = getopt(argc, argv, "tT:a:")) != -1) {
		switch (c) {
		case 't':
			temporary = true;
			break;
		case 'T':
			media = type_option(&a, optarg);
			break;
		case 'a':
			addr_option(&a, optarg);
			break;
		default:
			usage(argv[0]);
		}
	}
	if (argc - optind != 1)
		usage(argv[0]);
	if (!media)
		die_status(DLADM_STATUS_IPTUNTYPEREQD, NULL, "cannot create '%s'", argv[optind]);
	addrs_check(&a, argv[optind]);
	class_create(&class_iptun, argv[optind], media, &a, temporary, NULL);
	return 0;
}

int do_delete_iptun(int argc, char *argv[])
{
	return class_delete(argc, argv, &class_iptun);
}

int do_up_iptun(int argc, char *argv[])
{
	return class_up(argc, argv, &class_iptun);
}

static void down_active(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct diag d = {0};
	int r;

	if (!(link->flags & DLMGMT_ACTIVE))
		return;
	r = dld_call_delete(link->linkid, &d);
	if (r == 0)
		r = dlmgmt_call_destroy_linkid(link->linkid, DLMGMT_ACTIVE);
	if (r < 0)
		class_die("take down", link->name, r, &d);
}

int do_down_iptun(int argc, char *argv[])
{
	if (argc > 2)
		usage(argv[0]);
	links_walk(argv[1], ALL_ZONES, DATALINK_CLASS_IPTUN, DLMGMT_PERSIST, down_active, NULL);
	return 0;
}

/* ---- modify ---- */

static void addr_attr(struct attrs *a, const char *name, int family, const uint8_t addr[16])
{
	static const uint8_t none[16];
	char text[INET6_ADDRSTRLEN];

	if (memcmp(addr, none, sizeof(none)) != 0 && inet_ntop(family, addr, text, sizeof(text)))
		attr_set(a, name, text);
}

int do_modify_iptun(int argc, char *argv[])
{
	static struct dld_details_reply now;
	struct dld_create_req req = {0};
	struct dlmgmt_linkinfo link;
	bool temporary = false;
	struct attrs a = {0};
	char *list = NULL;
	struct diag d = {0};
	int c, r;

	while ((c = getopt(argc, argv, "ta:")) != -1) {
		if (c == 't')
			temporary = true;
		else if (c == 'a')
			list = optarg;
		else
			usage(argv[0]);
	}
	if (argc - optind != 1 || !list)
		usage(argv[0]);
	class_lookup(&class_iptun, "modify", argv[optind], &link);
	r = dld_call_details(link.linkid, &now, &d);
	if (r < 0)
		class_die("modify", link.name, r, &d);
	attr_set_number(&a, "iptuntype", now.spec.tunnel.type);
	addr_attr(&a, "laddr", family_of(now.spec.tunnel.type), now.spec.tunnel.local);
	addr_attr(&a, "raddr", family_of(now.spec.tunnel.type), now.spec.tunnel.remote);
	addr_option(&a, list);
	addrs_check(&a, link.name);
	req.spec = now.spec;
	r = iptun_build(&a, false, &req, &d);
	if (r == 0)
		r = dld_call_modify(link.linkid, &req.spec, &d);
	if (r == 0 && !temporary && (link.flags & DLMGMT_PERSIST))
		r = class_attrs_write(&class_iptun, link.linkid, &a);
	if (r < 0)
		class_die("modify", link.name, r, &d);
	return 0;
}

/* ---- show ---- */

static const struct column iptun_columns[] = {
	{"LINK", 16}, {"TYPE", 6}, {"FLAGS", 7}, {"LOCAL", 20}, {"REMOTE", 20}, {0}};

static void show_iptun(const struct dlmgmt_linkinfo *link, void *arg)
{
	static struct dld_details_reply details;
	struct listing *l = arg;
	const struct dld_tunnel *t = &details.spec.tunnel;
	const char *local, *remote;
	struct attrs a = {0};
	uint64_t type = 0;
	bool implicit = false;

	if (l->o->persistent) {
		class_attrs_read(&class_iptun, link->linkid, &a);
	} else if (dld_call_details(link->linkid, &details, NULL) == 0) {
		attr_set_number(&a, "iptuntype", t->type);
		addr_attr(&a, "laddr", family_of(t->type), t->local);
		addr_attr(&a, "raddr", family_of(t->type), t->remote);
		implicit = details.implicit;
	}
	(void)attr_number(&a, "iptuntype", &type);
	local = attr_get(&a, "laddr");
	remote = attr_get(&a, "raddr");
	columns_print(&l->columns, (const char *[]){link->name, type_name(type),
					   implicit ? "-i" : "--", local, remote});
}

int do_show_iptun(int argc, char *argv[])
{
	struct show_options o;
	struct listing l;

	show_options_read(argc, argv, "pPjo:z:", &o);
	listing_init(&l, &o, iptun_columns, 5);
	listing_run(&l, DATALINK_CLASS_IPTUN, show_iptun);
	return 0;
}
