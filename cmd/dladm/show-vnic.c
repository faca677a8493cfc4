/* SPDX-License-Identifier: MIT */
/* dladm show-vnic and show-etherstub. */
#include "show.h"

static const struct column vnic_columns[] = {{"LINK", 13}, {"OVER", 11},
	{"SPEED", 7, COLUMN_NUMBER}, {"MACADDRESS", 18}, {"MACADDRTYPE", 12},
	{"VID", 5, COLUMN_NUMBER}, {"ZONE", 20}, {0}};

/* From the configuration alone: what the vnic will be. */
static void vnic_configured(
	datalink_id_t linkid, char mac[DLADM_MAC_STRLEN], const char **mactype, uint64_t *vid)
{
	uint64_t type;

	(void)link_attr_u64(linkid, "vid", vid);

	(void)link_attr_str(linkid, DLADM_ATTR_MACADDR, mac, DLADM_MAC_STRLEN);
	if (link_attr_u64(linkid, DLADM_ATTR_MADDRTYPE, &type))
		*mactype = dladm_mactype2str((uint32_t)type);
}

/* Many in turn are in the same zone. "" is the global one. */
static const char *zone_of(const struct dld_linkinfo_reply *info)
{
	static struct dladm_propval zone;
	static zoneid_t last = ALL_ZONES;

	if (info->zoneid != last &&
		dladm_property_get(dladm_property_find("zone"), info, &zone) < 0)
		(void)str_copy(zone.value, sizeof(zone.value), "?");
	last = info->zoneid;
	return zone.value;
}

static void show_vnic(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct listing *l = arg;
	struct dld_linkinfo_reply info = {0};
	char over[MAXLINKNAMELEN], speed[16] = "", mac[DLADM_MAC_STRLEN] = "?";
	const char *mactype = "?", *zone = "";
	char vid[16] = "?";
	uint64_t number = 0;
	bool persistent = l->o->persistent;
	bool live = !persistent && link_live(link->linkid, &info);

	show_over(l, link, &info, over);
	if (l->over[0] && !streq(l->over, over))
		return;
	if (persistent) {
		mac[0] = '\0';
		vnic_configured(link->linkid, mac, &mactype, &number);
	} else if (live) {
		(void)snprintf(
			speed, sizeof(speed), "%llu", (unsigned long long)(info.speed / 1000000));
		(void)dladm_mac2str(info.mac, mac, sizeof(mac));
		mactype = dladm_mactype2str(info.mac_type);
		zone = zone_of(&info);
		number = info.vid;
	}
	if (persistent || live)
		(void)snprintf(vid, sizeof(vid), "%u", (unsigned int)number);
	columns_print(
		&l->columns, (const char *[]){link->name, persistent || live ? over : "?",
				     persistent || live ? speed : "?", mac, mactype, vid, zone});
}

int do_show_vnic(int argc, char *argv[])
{
	struct show_options o;
	struct listing l;

	show_options_read(argc, argv, "pPjsi:o:l:z:", &o);
	if (o.stats) {
		show_stats(&o, DATALINK_CLASS_VNIC);
		return 0;
	}
	listing_init(&l, &o, vnic_columns, 7);
	listing_run(&l, DATALINK_CLASS_VNIC, show_vnic);
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
	struct show_options o;
	struct listing l;

	show_options_read(argc, argv, "tpPjo:", &o);
	listing_init(&l, &o, etherstub_columns, 1);
	listing_run(&l, DATALINK_CLASS_ETHERSTUB, show_etherstub);
	return 0;
}
