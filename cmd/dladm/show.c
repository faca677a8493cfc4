/* SPDX-License-Identifier: MIT */
/* dladm show-link, show-phys, show-vnic, show-etherstub. What zoned does not tell is shown as "?". */
#include "dladm-cmd.h"

#define ALL_CLASSES ((uint32_t)DATALINK_CLASS_ALL)

/* Options of every show subcommand, and where its records go. */
struct listing {
	struct columns columns;
	bool persistent;	   /* -P */
	zoneid_t zoneid;	   /* -z */
	char over[MAXLINKNAMELEN]; /* -l; "" = any */
};

struct show_options {
	const char *fields; /* -o */
	const char *zone;   /* -z */
	const char *over;   /* -l */
	bool parsable;
	bool persistent;
	bool macs; /* -m */
	const char *link;
};

static void options_read(int argc, char *argv[], const char *optstring, struct show_options *o)
{
	int c;

	while ((c = getopt(argc, argv, optstring)) != -1) {
		switch (c) {
		case 'o':
			o->fields = optarg;
			break;
		case 'z':
			o->zone = optarg;
			break;
		case 'l':
			o->over = optarg;
			break;
		case 'p':
			o->parsable = true;
			break;
		case 'P':
			o->persistent = true;
			break;
		case 'm':
			o->macs = true;
			break;
		case 't':
			break; /* of show-etherstub: what is active, which is shown anyway */
		default:
			usage(argv[0]);
		}
	}
	if (argc - optind > 1)
		usage(argv[0]);
	o->link = argv[optind];
}

static void listing_init(struct listing *l, const struct show_options *o,
	const struct column *table, unsigned int ndefault)
{
	struct diag d = {0};

	*l = (struct listing){.persistent = o->persistent, .zoneid = zone_option(o->zone)};
	if (columns_init(&l->columns, table, ndefault, o->fields, o->parsable, &d) < 0)
		die("%s", d.text);
	if (o->over) {
		link_name_check(o->over);
		(void)str_copy(l->over, sizeof(l->over), o->over);
	}
}

static void listing_run(
	struct listing *l, const struct show_options *o, uint32_t classes, link_fn *fn)
{
	links_walk(
		o->link, l->zoneid, classes, o->persistent ? DLMGMT_PERSIST : DLMGMT_ACTIVE, fn, l);
}

/* The link below: "" when there is none, "?" when the caller may not see it. */
static void over_name(const struct dld_linkinfo_reply *info, char name[MAXLINKNAMELEN])
{
	struct dlmgmt_linkinfo over;

	name[0] = '\0';
	if (info->over == DATALINK_INVALID_LINKID)
		return;
	if (dlmgmt_call_getname(info->over, &over) == 0)
		(void)str_copy(name, MAXLINKNAMELEN, over.name);
	else
		(void)str_copy(name, MAXLINKNAMELEN, "?");
}

static void over_get(const struct listing *l, const struct dlmgmt_linkinfo *link,
	const struct dld_linkinfo_reply *info, char name[MAXLINKNAMELEN])
{
	if (!l->persistent)
		over_name(info, name);
	else if (!link_attr_str(link->linkid, DLADM_ATTR_LINKOVER, name, MAXLINKNAMELEN))
		name[0] = '\0';
}

/* ---- show-link ---- */

static const struct column link_columns[] = {
	{"LINK", 12}, {"CLASS", 10}, {"MTU", 7}, {"STATE", 9}, {"BRIDGE", 11}, {"OVER", 32}, {0}};
static const struct column link_persistent_columns[] = {
	{"LINK", 12}, {"CLASS", 10}, {"BRIDGE", 11}, {"OVER", 32}, {0}};

static void show_link(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct listing *l = arg;
	struct dld_linkinfo_reply info = {0};
	const char *class = dladm_class2str(link->link_class);
	char over[MAXLINKNAMELEN], mtu[16] = "?";
	bool live;

	if (l->persistent) {
		over_get(l, link, &info, over);
		columns_print(&l->columns, (const char *[]){link->name, class, "", over});
		return;
	}
	live = link_live(link->linkid, &info);
	if (live)
		(void)snprintf(mtu, sizeof(mtu), "%u", info.mtu);
	over_name(&info, over);
	columns_print(&l->columns,
		(const char *[]){link->name, class, mtu,
			live ? dladm_linkstate2str(info.state) : "?", "", live ? over : "?"});
}

int do_show_link(int argc, char *argv[])
{
	struct show_options o = {0};
	struct listing l;

	options_read(argc, argv, "pPo:z:", &o);
	if (o.persistent)
		listing_init(&l, &o, link_persistent_columns, 4);
	else
		listing_init(&l, &o, link_columns, 6);
	listing_run(&l, &o, ALL_CLASSES, show_link);
	return 0;
}

/* ---- show-phys ---- */

static const struct column phys_columns[] = {{"LINK", 13}, {"MEDIA", 21}, {"STATE", 11},
	{"SPEED", 7}, {"DUPLEX", 10}, {"DEVICE", 16}, {0}};
static const struct column phys_mac_columns[] = {
	{"LINK", 20}, {"SLOT", 9}, {"ADDRESS", 19}, {"INUSE", 6}, {"CLIENT", 32}, {0}};

static void show_phys(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct listing *l = arg;
	struct dld_linkinfo_reply info;
	char speed[16] = "?", device[MAXLINKNAMELEN] = "?";
	bool live = link_live(link->linkid, &info);

	if (live) {
		(void)snprintf(
			speed, sizeof(speed), "%llu", (unsigned long long)(info.speed / 1000000));
		(void)snprintf(
			device, sizeof(device), "%.*s", (int)sizeof(info.device), info.device);
	} else {
		(void)link_attr_str(link->linkid, DLADM_ATTR_DEVNAME, device, sizeof(device));
	}
	columns_print(&l->columns, (const char *[]){link->name, dladm_media2str(link->media),
					   live ? dladm_linkstate2str(info.state) : "?", speed,
					   live ? dladm_linkduplex2str(info.duplex) : "?", device});
}

static void show_phys_mac(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct listing *l = arg;
	struct dld_linkinfo_reply info;
	char mac[DLADM_MAC_STRLEN] = "?";

	if (link_live(link->linkid, &info))
		(void)dladm_mac2str(info.mac, mac, sizeof(mac));
	columns_print(&l->columns, (const char *[]){link->name, "primary", mac, "yes", link->name});
}

int do_show_phys(int argc, char *argv[])
{
	struct show_options o = {0};
	struct listing l;

	options_read(argc, argv, "pmo:z:", &o);
	if (o.macs)
		listing_init(&l, &o, phys_mac_columns, 5);
	else
		listing_init(&l, &o, phys_columns, 6);
	listing_run(&l, &o, DATALINK_CLASS_PHYS, o.macs ? show_phys_mac : show_phys);
	return 0;
}

/* ---- show-vnic ---- */

static const struct column vnic_columns[] = {{"LINK", 13}, {"OVER", 11}, {"SPEED", 7},
	{"MACADDRESS", 18}, {"MACADDRTYPE", 12}, {"VID", 5}, {"ZONE", 20}, {0}};

/* From the configuration alone: what the vnic will be. */
static void vnic_configured(datalink_id_t linkid, char mac[DLADM_MAC_STRLEN], const char **mactype)
{
	uint64_t type;

	(void)link_attr_str(linkid, DLADM_ATTR_MACADDR, mac, DLADM_MAC_STRLEN);
	if (link_attr_u64(linkid, DLADM_ATTR_MADDRTYPE, &type))
		*mactype = dladm_mactype2str((uint32_t)type);
}

static void show_vnic(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct listing *l = arg;
	struct dld_linkinfo_reply info = {0};
	char over[MAXLINKNAMELEN], speed[16] = "", mac[DLADM_MAC_STRLEN] = "?";
	const struct dladm_property *zone_prop = dladm_property_find("zone");
	char zone[DLADM_PROP_VALLEN] = "", unused[DLADM_PROP_VALLEN];
	const char *mactype = "?";
	bool live = !l->persistent && link_live(link->linkid, &info);

	over_get(l, link, &info, over);
	if (l->over[0] && !streq(l->over, over))
		return;
	if (l->persistent) {
		mac[0] = '\0';
		vnic_configured(link->linkid, mac, &mactype);
	} else if (live) {
		(void)snprintf(
			speed, sizeof(speed), "%llu", (unsigned long long)(info.speed / 1000000));
		(void)dladm_mac2str(info.mac, mac, sizeof(mac));
		mactype = dladm_mactype2str(info.mac_type);
		if (zone_prop->get(&info, zone, unused, unused) < 0)
			(void)str_copy(zone, sizeof(zone), "?");
	}
	columns_print(
		&l->columns, (const char *[]){link->name, l->persistent || live ? over : "?",
				     l->persistent || live ? speed : "?", mac, mactype, "0", zone});
}

int do_show_vnic(int argc, char *argv[])
{
	struct show_options o = {0};
	struct listing l;

	options_read(argc, argv, "pPo:l:z:", &o);
	listing_init(&l, &o, vnic_columns, 7);
	listing_run(&l, &o, DATALINK_CLASS_VNIC, show_vnic);
	return 0;
}

/* ---- show-etherstub ---- */

static const struct column etherstub_columns[] = {{"LINK", 32}, {0}};

static void show_etherstub(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct listing *l = arg;

	columns_print(&l->columns, (const char *[]){link->name});
}

int do_show_etherstub(int argc, char *argv[])
{
	struct show_options o = {0};
	struct listing l;

	options_read(argc, argv, "t", &o);
	listing_init(&l, &o, etherstub_columns, 1);
	listing_run(&l, &o, DATALINK_CLASS_ETHERSTUB, show_etherstub);
	return 0;
}
