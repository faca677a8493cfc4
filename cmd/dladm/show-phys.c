/* SPDX-License-Identifier: MIT */
/* dladm show-phys: NICs, also those that are configured but gone. */
#include "show.h"

static const struct column phys_columns[] = {{"LINK", 13}, {"MEDIA", 21}, {"STATE", 11},
	{"SPEED", 7, COLUMN_NUMBER}, {"DUPLEX", 10}, {"DEVICE", 16}, {0}};
static const struct column persistent_columns[] = {
	{"LINK", 13}, {"DEVICE", 16}, {"MEDIA", 21}, {"FLAGS", 6}, {0}};
static const struct column mac_columns[] = {
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

/* FLAGS: r, the device was removed. */
static void show_persistent(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct listing *l = arg;
	char device[MAXLINKNAMELEN] = "?";

	(void)link_attr_str(link->linkid, DLADM_ATTR_DEVNAME, device, sizeof(device));
	columns_print(
		&l->columns, (const char *[]){link->name, device, dladm_media2str(link->media),
				     link->flags & DLMGMT_ACTIVE ? "-----" : "r----"});
}

static void show_macs(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct listing *l = arg;
	struct dld_linkinfo_reply info;
	char mac[DLADM_MAC_STRLEN] = "?";

	if (link_live(link->linkid, &info))
		(void)dladm_mac2str(info.mac, mac, sizeof(mac));
	columns_print(&l->columns, (const char *[]){link->name, "primary", mac, "yes", link->name});
}

static const struct column ring_columns[] = {
	{"LINK", 13}, {"RINGTYPE", 9}, {"RINGS", 18}, {"CLIENTS", 24}, {0}};

static void show_ring(struct listing *l, const char *link, const char *type, uint32_t queues)
{
	char rings[32] = "";

	if (queues == 1)
		(void)str_copy(rings, sizeof(rings), "0");
	else if (queues > 1)
		(void)snprintf(rings, sizeof(rings), "0-%u", queues - 1);
	columns_print(&l->columns, (const char *[]){link, type, rings, "<default>"});
}

/* Linux: the kernel spreads all traffic of a NIC over all of its queues, so they are one group. */
static void show_rings(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct dld_linkstats_reply stats;

	if (!link_stats(link->linkid, &stats))
		return;
	show_ring(arg, link->name, "RX", stats.rx_queues);
	show_ring(arg, link->name, "TX", stats.tx_queues);
}

int do_show_phys(int argc, char *argv[])
{
	struct show_options o;
	struct listing l;

	show_options_read(argc, argv, "pPjmHo:z:", &o);
	if (o.persistent + o.macs + o.rings > 1)
		die("the options -P, -m and -H exclude each other");
	if (o.persistent)
		listing_init(&l, &o, persistent_columns, 4);
	else if (o.macs)
		listing_init(&l, &o, mac_columns, 5);
	else if (o.rings)
		listing_init(&l, &o, ring_columns, 4);
	else
		listing_init(&l, &o, phys_columns, 6);
	listing_run(&l, DATALINK_CLASS_PHYS,
		o.persistent ? show_persistent
		: o.macs     ? show_macs
		: o.rings    ? show_rings
			     : show_phys);
	return 0;
}
