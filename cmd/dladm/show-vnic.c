/* SPDX-License-Identifier: MIT */
/* dladm show-vnic and show-etherstub. */
#include "show.h"
#include "zone/dld-calls.h"

static const struct column vnic_columns[] = {{"LINK", 13}, {"OVER", 11},
	{"SPEED", 7, COLUMN_NUMBER}, {"MACADDRESS", 18}, {"MACADDRTYPE", 12},
	{"VID", 5, COLUMN_NUMBER}, {"ZONE", 20}, {0}};

/* The VLAN it is in: 0 when in none. */
static void vid_text(datalink_id_t linkid, bool persistent, char text[16])
{
	static struct dld_details_reply details;
	uint64_t vid = 0;

	if (persistent)
		(void)link_attr_u64(linkid, "vid", &vid);
	else if (dld_call_details(linkid, &details, NULL) == 0)
		vid = details.spec.vid;
	(void)snprintf(text, 16, "%u", (unsigned int)vid);
}

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
	struct dladm_propval zone = {0};
	const char *mactype = "?";
	char vid[16] = "?";
	bool persistent = l->o->persistent;
	bool live = !persistent && link_live(link->linkid, &info);

	show_over(l, link, &info, over);
	if (l->over[0] && !streq(l->over, over))
		return;
	if (persistent) {
		mac[0] = '\0';
		vnic_configured(link->linkid, mac, &mactype);
	} else if (live) {
		(void)snprintf(
			speed, sizeof(speed), "%llu", (unsigned long long)(info.speed / 1000000));
		(void)dladm_mac2str(info.mac, mac, sizeof(mac));
		mactype = dladm_mactype2str(info.mac_type);
		if (dladm_property_get(zone_prop, &info, &zone) < 0)
			(void)str_copy(zone.value, sizeof(zone.value), "?");
	}
	if (persistent || live)
		vid_text(link->linkid, persistent, vid);
	columns_print(&l->columns,
		(const char *[]){link->name, persistent || live ? over : "?",
			persistent || live ? speed : "?", mac, mactype, vid, zone.value});
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
