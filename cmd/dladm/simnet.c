/* SPDX-License-Identifier: MIT */
/* dladm create-, modify-, delete-, show- and up-simnet. */
#include "class.h"
#include "show.h"

#define SIMNET_ETHER 1

static const char *const simnet_attrs[] = {"simnettype", "simnetpeer", DLADM_ATTR_MACADDR, NULL};

/* The peer comes when both are there. */
static int simnet_build(
	const struct attrs *a, bool persistent, struct dld_create_req *req, struct diag *d)
{
	const char *mac = attr_get(a, DLADM_ATTR_MACADDR);

	req->mac_type = VNIC_MAC_ADDR_TYPE_AUTO;
	if (mac && dladm_str2mac(mac, req->mac) == DLADM_MAC_LEN)
		req->prefix_len = DLADM_MAC_LEN;
	return 0;
}

static int set_peer(datalink_id_t linkid, datalink_id_t peer, struct diag *d)
{
	const struct dld_spec spec = {.peer = peer};

	return dld_call_modify(linkid, &spec, d);
}

/* The second of two is the one that connects them. */
static int simnet_brought_up(const struct dlmgmt_linkinfo *link, struct diag *d)
{
	struct dlmgmt_linkinfo peer;
	char name[MAXLINKNAMELEN];

	if (!link_attr_str(link->linkid, "simnetpeer", name, sizeof(name)) ||
		dlmgmt_call_getlinkid(name, ALL_ZONES, &peer) < 0 || !(peer.flags & DLMGMT_ACTIVE))
		return 0;
	return set_peer(link->linkid, peer.linkid, d);
}

const struct link_class class_simnet = {
	.id = DATALINK_CLASS_SIMNET,
	.noun = "simnet",
	.attrs = simnet_attrs,
	.build = simnet_build,
	.brought_up = simnet_brought_up,
};

int do_create_simnet(int argc, char *argv[])
{
	struct attrs a = {0};
	bool temporary = false;
	int c;

	while ((c = getopt(argc, argv, "tm:")) != -1) {
		switch (c) {
		case 't':
			temporary = true;
			break;
		case 'm':
			if (!streq(optarg, "ethernet") && !streq(optarg, "Ethernet"))
				die("a simnet of media '%s' is not supported: only Ethernet",
					optarg);
			break;
		default:
			usage(argv[0]);
		}
	}
	if (argc - optind != 1)
		usage(argv[0]);
	attr_set_number(&a, "simnettype", SIMNET_ETHER);
	class_create(&class_simnet, argv[optind], DL_ETHER, &a, temporary, NULL);
	return 0;
}

int do_delete_simnet(int argc, char *argv[])
{
	return class_delete(argc, argv, &class_simnet);
}

int do_up_simnet(int argc, char *argv[])
{
	return class_up(argc, argv, &class_simnet);
}

/* ---- modify ---- */

/* name NULL takes it away; only while it is still peer, when that is said. */
static void conf_peer(const struct dlmgmt_linkinfo *link, const char *name, const char *peer)
{
	struct attrs a, without = {0};
	const char *now;
	int r;

	if (!(link->flags & DLMGMT_PERSIST))
		return;
	class_attrs_read(&class_simnet, link->linkid, &a);
	now = attr_get(&a, "simnetpeer");
	if (!name && (!now || (peer && !streq(now, peer))))
		return;
	if (name) {
		attr_set(&a, "simnetpeer", name);
	} else {
		for (size_t i = 0; i < a.count; i++) {
			if (!streq(a.items[i].name, "simnetpeer"))
				without.items[without.count++] = a.items[i];
		}
		a = without;
	}
	r = class_attrs_write(&class_simnet, link->linkid, &a);
	if (r < 0)
		class_die("configure", link->name, r, NULL);
}

/* Both had other peers, perhaps, which have none now. */
static void conf_former_peer(const struct dlmgmt_linkinfo *link)
{
	struct dlmgmt_linkinfo former;
	char name[MAXLINKNAMELEN];

	if (link_attr_str(link->linkid, "simnetpeer", name, sizeof(name)) &&
		dlmgmt_call_getlinkid(name, ALL_ZONES, &former) == 0)
		conf_peer(&former, NULL, link->name);
}

int do_modify_simnet(int argc, char *argv[])
{
	struct dlmgmt_linkinfo link, peer = {0};
	const char *name = NULL;
	bool temporary = false;
	struct diag d = {0};
	int c, r;

	while ((c = getopt(argc, argv, "tp:")) != -1) {
		if (c == 't')
			temporary = true;
		else if (c == 'p')
			name = optarg;
		else
			usage(argv[0]);
	}
	if (argc - optind != 1 || !name)
		usage(argv[0]);
	class_lookup(&class_simnet, "modify", argv[optind], &link);
	if (!streq(name, "none"))
		class_lookup(&class_simnet, "take as a peer", name, &peer);
	if (!temporary && peer.linkid && (link.flags & DLMGMT_PERSIST) &&
		!(peer.flags & DLMGMT_PERSIST))
		die_status(DLADM_STATUS_PERSIST_ON_TEMP, NULL, "cannot modify '%s'", link.name);
	r = set_peer(link.linkid, peer.linkid, &d);
	if (r < 0)
		class_die("modify", link.name, r, &d);
	if (temporary)
		return 0;
	conf_former_peer(&link);
	if (peer.linkid)
		conf_former_peer(&peer);
	conf_peer(&link, peer.linkid ? peer.name : NULL, NULL);
	if (peer.linkid)
		conf_peer(&peer, link.name, NULL);
	return 0;
}

/* ---- show ---- */

static const struct column simnet_columns[] = {
	{"LINK", 12}, {"MEDIA", 20}, {"MACADDRESS", 18}, {"OTHERLINK", 12}, {0}};

static void show_simnet(const struct dlmgmt_linkinfo *link, void *arg)
{
	static struct dld_details_reply details;
	struct listing *l = arg;
	struct dld_linkinfo_reply info;
	struct dlmgmt_linkinfo peer = {0};
	char mac[DLADM_MAC_STRLEN] = "?";

	if (l->o->persistent) {
		(void)link_attr_str(link->linkid, DLADM_ATTR_MACADDR, mac, sizeof(mac));
		(void)link_attr_str(link->linkid, "simnetpeer", peer.name, sizeof(peer.name));
	} else {
		if (link_live(link->linkid, &info))
			(void)dladm_mac2str(info.mac, mac, sizeof(mac));
		if (dld_call_details(link->linkid, &details, NULL) < 0)
			(void)str_copy(peer.name, sizeof(peer.name), "?");
		else if (details.spec.peer && dlmgmt_call_getname(details.spec.peer, &peer) < 0)
			(void)str_copy(peer.name, sizeof(peer.name), "?");
	}
	columns_print(&l->columns,
		(const char *[]){link->name, dladm_media2str(link->media), mac, peer.name});
}

int do_show_simnet(int argc, char *argv[])
{
	struct show_options o;
	struct listing l;

	show_options_read(argc, argv, "pPjo:z:", &o);
	listing_init(&l, &o, simnet_columns, 4);
	listing_run(&l, DATALINK_CLASS_SIMNET, show_simnet);
	return 0;
}
