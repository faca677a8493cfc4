/* SPDX-License-Identifier: MIT */
/*
 * dladm create-, modify-, delete-, show- and up-overlay.
 *
 * Linux: overlays can be configured to stay. Search plugins are "direct", where the kernel learns what
 * is not known, and "files" (overlay-files.c); there is no "svp", a service of SmartOS data centers.
 */
#include "links.h"
#include "overlay-files.h"
#include "show.h"

#include <arpa/inet.h>

#define VNETID_MAX 0xffffff

static const char *const overlay_attrs[] = {"encap", "search", "vnetid", "vxlan/listen_ip",
	"vxlan/listen_port", "direct/dest_ip", "direct/dest_port", "files/config",
	DLADM_ATTR_MACADDR, NULL};

/* What -p can set. */
static const char *const prop_names[] = {"vxlan/listen_ip", "vxlan/listen_port", "direct/dest_ip",
	"direct/dest_port", "files/config"};

static int build_addr(const struct attrs *a, const char *name, struct dld_tunnel *t,
	uint8_t addr[16], struct diag *d)
{
	const char *text = attr_get(a, name);
	uint32_t family;

	if (!text)
		return 0;
	family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (inet_pton((int)family, text, addr) != 1)
		return diag_set(
			d, -EINVAL, "invalid value of %s: '%s' is not an address", name, text);
	if (t->family && t->family != family)
		return diag_set(d, -EINVAL, "addresses of two families");
	t->family = family;
	return 0;
}

static int build_port(const struct attrs *a, const char *name, struct dld_tunnel *t, struct diag *d)
{
	uint64_t port;

	if (!attr_number(a, name, &port))
		return 0;
	if (port < 1 || port > UINT16_MAX)
		return diag_set(d, -EINVAL, "invalid value of %s", name);
	if (t->port && t->port != port)
		return diag_set(
			d, -EINVAL, "vxlan/listen_port and direct/dest_port are one on Linux");
	t->port = (uint16_t)port;
	return 0;
}

static bool has_table(const struct attrs *a)
{
	const char *search = attr_get(a, "search");

	return search && streq(search, "files");
}

/* What one search plugin needs and the other does not have. */
static int check_search(const struct attrs *a, struct diag *d)
{
	if (!has_table(a)) {
		if (!attr_get(a, "direct/dest_ip"))
			return diag_set(d, -EINVAL, "property direct/dest_ip is required");
		return attr_get(a, "files/config")
			       ? diag_set(d, -EINVAL, "files/config is for search plugin files")
			       : 0;
	}
	if (!streq(attr_get(a, "encap"), "vxlan"))
		return diag_set(d, -EINVAL, "search plugin files is for vxlan only");
	if (!attr_get(a, "files/config"))
		return diag_set(d, -EINVAL, "property files/config is required");
	if (attr_get(a, "direct/dest_ip"))
		return diag_set(d, -EINVAL, "direct/dest_ip is for search plugin direct");
	return 0;
}

static uint32_t family_of(const struct attrs *a)
{
	const char *listen = attr_get(a, "vxlan/listen_ip");

	return listen && strchr(listen, ':') ? AF_INET6 : AF_INET;
}

static int overlay_build(
	const struct attrs *a, bool persistent, struct dld_create_req *req, struct diag *d)
{
	const char *encap = attr_get(a, "encap"), *mac = attr_get(a, DLADM_ATTR_MACADDR);
	struct dld_tunnel *t = &req->spec.tunnel;
	uint64_t vnetid;
	int r;

	if (!encap || !attr_number(a, "vnetid", &vnetid))
		return diag_set(d, -EINVAL, "its configuration is not complete");
	req->mac_type = VNIC_MAC_ADDR_TYPE_AUTO;
	if (mac && dladm_str2mac(mac, req->mac) == DLADM_MAC_LEN)
		req->prefix_len = DLADM_MAC_LEN;
	t->type = has_table(a)		  ? OVERLAY_TABLE
		  : streq(encap, "vxlan") ? OVERLAY_VXLAN
					  : OVERLAY_GENEVE;
	t->vnetid = (uint32_t)vnetid;
	if (has_table(a))
		t->family = family_of(a);
	r = check_search(a, d);
	if (r == 0)
		r = build_addr(a, "vxlan/listen_ip", t, t->local, d);
	if (r == 0)
		r = build_addr(a, "direct/dest_ip", t, t->remote, d);
	if (r == 0)
		r = build_port(a, "vxlan/listen_port", t, d);
	if (r == 0)
		r = build_port(a, "direct/dest_port", t, d);
	return r;
}

/* What a configured overlay has in its file. */
static int overlay_fill(const struct dlmgmt_linkinfo *link, struct diag *d)
{
	struct overlay_files f;
	struct attrs a;
	int r;

	class_attrs_read(&class_overlay, link->linkid, &a);
	if (!has_table(&a) || !attr_get(&a, "files/config"))
		return 0;
	r = overlay_files_read(attr_get(&a, "files/config"), family_of(&a), &f, d);
	if (r < 0)
		return r;
	r = overlay_files_apply(link->linkid, &f, d);
	overlay_files_free(&f);
	return r;
}

const struct link_class class_overlay = {
	.id = DATALINK_CLASS_OVERLAY,
	.noun = "overlay",
	.attrs = overlay_attrs,
	.build = overlay_build,
	.brought_up = overlay_fill,
};

/* ---- create ---- */

static uint64_t number_option(const char *what, const char *text, uint64_t max)
{
	unsigned long long v;
	char *end;

	errno = 0;
	v = strtoull(text, &end, 0);
	if (text[0] < '0' || text[0] > '9' || *end || errno || v > max)
		die("invalid %s '%s': a number up to %llu", what, text, (unsigned long long)max);
	return v;
}

static void encap_option(struct attrs *a, const char *text)
{
	if (!streq(text, "vxlan") && !streq(text, "geneve"))
		die("encapsulation '%s' is not supported: vxlan or geneve", text);
	attr_set(a, "encap", text);
}

static void search_option(struct attrs *a, const char *text)
{
	if (streq(text, "svp"))
		die("search plugin 'svp' is not supported: there is no client of that service for "
		    "Linux; use direct or files");
	if (!streq(text, "direct") && !streq(text, "files"))
		die("search plugin '%s' is not supported: direct or files", text);
	attr_set(a, "search", text);
}

/* "vxlan/listen_ip=10.0.0.1,direct/dest_ip=10.0.0.2" */
static void props_option(struct attrs *a, char *list)
{
	char *save = NULL, *item, *equals;
	size_t i;

	for (item = strtok_r(list, ",", &save); item; item = strtok_r(NULL, ",", &save)) {
		equals = strchr(item, '=');
		if (!equals || !equals[1])
			die("property '%s' has no value: use -p property=value", item);
		*equals++ = '\0';
		for (i = 0; i < ARRAY_SIZE(prop_names) && !streq(prop_names[i], item); i++)
			;
		if (i == ARRAY_SIZE(prop_names))
			die("invalid overlay property '%s'", item);
		if (strstr(item, "_port"))
			attr_set_number(a, prop_names[i], number_option(item, equals, UINT16_MAX));
		else
			attr_set(a, prop_names[i], equals);
	}
}

/* The table is read before anything is made, and is there before the command ends. */
static void create(const char *name, struct attrs *a, bool temporary)
{
	struct overlay_files f = {0};
	struct dlmgmt_linkinfo link;
	struct diag d = {0};
	int r = check_search(a, &d);

	if (r == 0 && has_table(a))
		r = overlay_files_read(attr_get(a, "files/config"), family_of(a), &f, &d);
	if (r < 0)
		class_die("create", name, r, &d);
	class_create(&class_overlay, name, DL_ETHER, a, temporary, &link);
	r = overlay_files_apply(link.linkid, &f, &d);
	overlay_files_free(&f);
	if (r < 0) {
		(void)link_delete(&link, false, NULL);
		class_die("create", name, r, &d);
	}
}

int do_create_overlay(int argc, char *argv[])
{
	struct attrs a = {0};
	bool temporary = false;
	uint64_t unused;
	int c;

	while ((c = getopt(argc, argv, "te:s:v:p:")) != -1) {
		switch (c) {
		case 't':
			temporary = true;
			break;
		case 'e':
			encap_option(&a, optarg);
			break;
		case 's':
			search_option(&a, optarg);
			break;
		case 'v':
			attr_set_number(&a, "vnetid", number_option("vnetid", optarg, VNETID_MAX));
			break;
		case 'p':
			props_option(&a, optarg);
			break;
		default:
			usage(argv[0]);
		}
	}
	if (argc - optind != 1 || !attr_get(&a, "encap") || !attr_get(&a, "search") ||
		!attr_number(&a, "vnetid", &unused))
		usage(argv[0]);
	create(argv[optind], &a, temporary);
	return 0;
}

int do_delete_overlay(int argc, char *argv[])
{
	return class_delete(argc, argv, &class_overlay);
}

int do_up_overlay(int argc, char *argv[])
{
	return class_up(argc, argv, &class_overlay);
}

/* ---- modify: the table of targets ---- */

static void mac_read(const char *text, uint8_t mac[DLADM_MAC_LEN])
{
	if (dladm_str2mac(text, mac) != DLADM_MAC_LEN)
		die_status(DLADM_STATUS_MACADDRINVAL, NULL, "'%s' is not an address", text);
}

/* "mac=ip:port", "mac=[ip]:port"; the port may be missing. */
static void target_read(char *text, struct dld_target_req *t)
{
	char *ip = strchr(text, '='), *port;

	if (!ip)
		die("'%s' is not mac=ip:port", text);
	*ip++ = '\0';
	mac_read(text, t->mac);
	if (*ip == '[') {
		port = strchr(ip++, ']');
		if (!port)
			die("'%s' is not mac=[ip]:port", ip);
		*port++ = '\0';
		port = *port == ':' ? port + 1 : NULL;
		t->family = AF_INET6;
	} else {
		port = strchr(ip, ':');
		if (port)
			*port++ = '\0';
		t->family = AF_INET;
	}
	if (inet_pton((int)t->family, ip, t->address) != 1)
		die("'%s' is not an address", ip);
	if (port)
		t->port = (uint16_t)number_option("port", port, UINT16_MAX);
}

static void target_set(const struct dlmgmt_linkinfo *link, struct dld_target_req *t)
{
	struct diag d = {0};
	int r;

	t->linkid = link->linkid;
	r = dld_call_set_target(t, &d);
	if (r < 0)
		class_die("modify", link->name, r, &d);
}

static void target_remove(const struct dlmgmt_linkinfo *link, const uint8_t mac[DLADM_MAC_LEN])
{
	struct dld_target_req t = {.linkid = link->linkid};
	struct diag d = {0};
	int r;

	memcpy(t.mac, mac, sizeof(t.mac));
	r = dld_call_set_target(&t, &d);
	if (r < 0 && r != -ENOENT) /* one that was learned can go by itself */
		class_die("modify", link->name, r, &d);
}

/* Everything that was set or learned; not the destination of what is not known. */
static void targets_flush(const struct dlmgmt_linkinfo *link)
{
	static const uint8_t all[DLADM_MAC_LEN];
	static struct dld_fdb_reply table;
	struct diag d = {0};
	uint32_t stay = 0;
	int r;

	do {
		r = dld_call_fdb(link->linkid, stay, &table, &d);
		if (r < 0)
			class_die("modify", link->name, r, &d);
		for (uint32_t i = 0; i < table.count; i++) {
			if (memcmp(table.entries[i].mac, all, sizeof(all)) == 0)
				stay++;
			else
				target_remove(link, table.entries[i].mac);
		}
	} while (table.count == DLD_FDB_MAX);
}

static bool table_of(const struct dlmgmt_linkinfo *link)
{
	static struct dld_details_reply r;
	struct diag d = {0};
	int err = dld_call_details(link->linkid, &r, &d);

	if (err < 0)
		class_die("modify", link->name, err, &d);
	return r.spec.tunnel.type == OVERLAY_TABLE;
}

/* Of a file that cannot be read nothing is taken away. */
static void refill(const struct dlmgmt_linkinfo *link)
{
	struct overlay_files f = {0};
	struct diag d = {0};
	struct attrs a;
	int r = 0;

	class_attrs_read(&class_overlay, link->linkid, &a);
	if (has_table(&a))
		r = overlay_files_read(attr_get(&a, "files/config"), family_of(&a), &f, &d);
	else if (table_of(link))
		die("cannot modify '%s': it is temporary, which file it has is not kept",
			link->name);
	if (r < 0)
		class_die("modify", link->name, r, &d);
	targets_flush(link);
	r = overlay_files_apply(link->linkid, &f, &d);
	overlay_files_free(&f);
	if (r < 0)
		class_die("modify", link->name, r, &d);
}

int do_modify_overlay(int argc, char *argv[])
{
	struct dld_target_req t = {0};
	struct dlmgmt_linkinfo link;
	char *del = NULL, *set = NULL;
	bool flush = false;
	int c;

	while ((c = getopt(argc, argv, "d:fs:")) != -1) {
		if (c == 'd')
			del = optarg;
		else if (c == 'f')
			flush = true;
		else if (c == 's')
			set = optarg;
		else
			usage(argv[0]);
	}
	if ((del != NULL) + (set != NULL) + flush != 1)
		die("modify-overlay needs one of the options -d, -f and -s");
	if (argc - optind != 1)
		die("modify-overlay needs one overlay");
	class_lookup(&class_overlay, "modify", argv[optind], &link);
	if (flush) {
		refill(&link);
		return 0;
	}
	if (table_of(&link))
		die("cannot modify '%s': its table is the file of files/config; change that, then "
		    "modify-overlay -f",
			link.name);
	if (set)
		target_read(set, &t);
	else
		mac_read(del, t.mac);
	target_set(&link, &t);
	return 0;
}
