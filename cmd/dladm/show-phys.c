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

int do_show_phys(int argc, char *argv[])
{
	struct show_options o;
	struct listing l;

	show_options_read(argc, argv, "pPjmo:z:", &o);
	if (o.persistent && o.macs)
		die("the options -P and -m exclude each other");
	if (o.persistent)
		listing_init(&l, &o, persistent_columns, 4);
	else if (o.macs)
		listing_init(&l, &o, mac_columns, 5);
	else
		listing_init(&l, &o, phys_columns, 6);
	listing_run(&l, DATALINK_CLASS_PHYS,
		o.persistent ? show_persistent : (o.macs ? show_macs : show_phys));
	return 0;
}
