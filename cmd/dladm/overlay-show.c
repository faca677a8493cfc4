/* SPDX-License-Identifier: MIT */
/* dladm show-overlay: properties, whether it works (-f), the table of targets (-t). */
#include "overlay-files.h"
#include "show.h"

#include <arpa/inet.h>

static const struct column prop_columns[] = {{"LINK", 19}, {"PROPERTY", 19}, {"PERM", 5},
	{"REQ", 4}, {"VALUE", 17}, {"DEFAULT", 10}, {"POSSIBLE", 20}, {0}};
static const struct column state_columns[] = {{"LINK", 20}, {"STATUS", 10}, {"DETAILS", 60}, {0}};
static const struct column target_columns[] = {
	{"LINK", 20}, {"TARGET", 20}, {"DESTINATION", 40}, {0}};

static void addr_text(const struct dld_tunnel *t, const uint8_t addr[16], char buf[64])
{
	static const uint8_t none[16];

	buf[0] = '\0';
	if (memcmp(addr, none, sizeof(none)) != 0)
		(void)inet_ntop((int)t->family, addr, buf, 64);
}

static void row(struct listing *l, const char *link, const char *prop, bool writable, bool required,
	const char *value, const char *def, const char *possible)
{
	columns_print(&l->columns, (const char *[]){link, prop, writable ? "rw" : "r-",
					   required ? "y" : "-", value, def, possible});
}

/* False: it has none, or is temporary and nobody kept which. */
static bool file_of(const struct dlmgmt_linkinfo *link, char buf[MAXLINKATTRVALLEN])
{
	return link_attr_str(link->linkid, "files/config", buf, MAXLINKATTRVALLEN);
}

static void show_props(const struct dlmgmt_linkinfo *link, void *arg)
{
	static struct dld_details_reply r;
	const struct dld_tunnel *t = &r.spec.tunnel;
	struct listing *l = arg;
	struct dld_linkinfo_reply info;
	char mtu[16] = "?", vnetid[16], port[16], local[64], remote[64], file[MAXLINKATTRVALLEN];
	struct diag d = {0};
	bool vxlan;
	int err;

	err = dld_call_details(link->linkid, &r, &d);
	if (err < 0)
		class_die("show", link->name, err, &d);
	if (link_live(link->linkid, &info))
		(void)snprintf(mtu, sizeof(mtu), "%u", info.mtu);
	vxlan = t->type != OVERLAY_GENEVE;
	(void)snprintf(vnetid, sizeof(vnetid), "%u", t->vnetid);
	(void)snprintf(port, sizeof(port), "%u", t->port);
	addr_text(t, t->local, local);
	addr_text(t, t->remote, remote);
	row(l, link->name, "mtu", true, false, mtu, "1500", "");
	row(l, link->name, "vnetid", false, true, vnetid, "", "0-16777215");
	row(l, link->name, "encap", false, true, vxlan ? "vxlan" : "geneve", "vxlan",
		"vxlan,geneve");
	row(l, link->name, "search", false, true, t->type == OVERLAY_TABLE ? "files" : "direct", "",
		"direct,files");
	if (vxlan)
		row(l, link->name, "vxlan/listen_ip", false, false, local, "", "");
	row(l, link->name, "vxlan/listen_port", false, false, port, vxlan ? "4789" : "6081",
		"1-65535");
	if (t->type == OVERLAY_TABLE) {
		row(l, link->name, "files/config", false, true, file_of(link, file) ? file : "?",
			"", "");
		return;
	}
	row(l, link->name, "direct/dest_ip", false, true, remote, "", "");
	row(l, link->name, "direct/dest_port", false, false, port, vxlan ? "4789" : "6081",
		"1-65535");
}

/* One that is not what the overlay could be brought up with again. */
static void file_check(const struct dlmgmt_linkinfo *link, struct diag *d)
{
	char path[MAXLINKATTRVALLEN], listen[64];
	struct overlay_files f;
	bool v6 = link_attr_str(link->linkid, "vxlan/listen_ip", listen, sizeof(listen)) &&
		  strchr(listen, ':');

	if (file_of(link, path) && overlay_files_read(path, v6 ? AF_INET6 : AF_INET, &f, d) == 0)
		overlay_files_free(&f);
}

static void show_state(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct listing *l = arg;
	struct dld_linkinfo_reply info;
	bool live = link_live(link->linkid, &info);
	struct diag d = {0};

	if (!live)
		(void)diag_set(&d, 0, "zoned does not know it");
	else if (info.state != LINK_STATE_UP)
		(void)diag_set(&d, 0, "the device is down");
	else
		file_check(link, &d);
	columns_print(&l->columns,
		(const char *[]){link->name, d.text[0] ? "DEGRADED" : "ONLINE", d.text});
}

static void show_target(
	struct listing *l, const struct dlmgmt_linkinfo *link, const struct dld_fdb_entry *e)
{
	static const uint8_t all[DLADM_MAC_LEN];
	char mac[DLADM_MAC_STRLEN], ip[INET6_ADDRSTRLEN] = "?", dest[INET6_ADDRSTRLEN + 16];

	(void)inet_ntop((int)e->family, e->address, ip, sizeof(ip));
	if (e->port)
		(void)snprintf(dest, sizeof(dest), e->family == AF_INET6 ? "[%s]:%u" : "%s:%u", ip,
			e->port);
	else
		(void)str_copy(dest, sizeof(dest), ip);
	columns_print(&l->columns, (const char *[]){link->name,
					   memcmp(e->mac, all, sizeof(all)) == 0
						   ? "*:*:*:*:*:*"
						   : dladm_mac2str(e->mac, mac, sizeof(mac)),
					   dest});
}

static void show_targets(const struct dlmgmt_linkinfo *link, void *arg)
{
	static struct dld_fdb_reply r;
	struct listing *l = arg;
	struct diag d = {0};
	uint32_t skip = 0;
	int err;

	do {
		err = dld_call_fdb(link->linkid, skip, &r, &d);
		if (err < 0)
			class_die("show", link->name, err, &d);
		for (uint32_t i = 0; i < r.count; i++) {
			if (r.entries[i].family)
				show_target(l, link, &r.entries[i]);
		}
		skip += r.count;
	} while (r.count == DLD_FDB_MAX);
}

int do_show_overlay(int argc, char *argv[])
{
	bool state = false, targets = false;
	struct show_options o = {0};
	struct listing l;
	int c;

	while ((c = getopt(argc, argv, "ftpjo:")) != -1) {
		switch (c) {
		case 'f':
			state = true;
			break;
		case 't':
			targets = true;
			break;
		case 'p':
			o.parsable = true;
			break;
		case 'j':
			o.json = true;
			break;
		case 'o':
			o.fields = optarg;
			break;
		default:
			usage(argv[0]);
		}
	}
	if (argc - optind > 1)
		usage(argv[0]);
	if (state && targets)
		die("the options -f and -t exclude each other");
	o.link = argv[optind];
	if (state)
		listing_init(&l, &o, state_columns, 3);
	else if (targets)
		listing_init(&l, &o, target_columns, 3);
	else
		listing_init(&l, &o, prop_columns, 7);
	listing_run(&l, DATALINK_CLASS_OVERLAY,
		state	  ? show_state
		: targets ? show_targets
			  : show_props);
	return 0;
}
