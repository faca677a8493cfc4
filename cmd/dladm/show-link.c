/* SPDX-License-Identifier: MIT */
/* dladm show-link and show-linkmap. What zoned does not tell is shown as "?". */
#include "show.h"

#include "zone/dld-calls.h"

static const struct column link_columns[] = {{"LINK", 12}, {"CLASS", 10}, {"MTU", 7, COLUMN_NUMBER},
	{"STATE", 9}, {"BRIDGE", 11}, {"OVER", 32}, {0}};
static const struct column persistent_columns[] = {
	{"LINK", 12}, {"CLASS", 10}, {"BRIDGE", 11}, {"OVER", 32}, {0}};

#define OVER_MAX (DLD_PORTS_MAX * (MAXLINKNAMELEN + 1))

/* One more name behind a space. */
static void over_add(char over[OVER_MAX], const char *name)
{
	size_t used = strlen(over);

	(void)snprintf(over + used, OVER_MAX - used, "%s%s", used ? " " : "", name);
}

/* The links in an aggr or a bridge. */
static void over_ports(datalink_id_t linkid, char over[OVER_MAX])
{
	static struct dld_details_reply details;
	char name[MAXLINKNAMELEN];

	if (dld_call_details(linkid, &details, NULL) < 0)
		return;
	for (uint32_t i = 0; i < details.nports; i++)
		if (link_name_of(details.ports[i].linkid, name))
			over_add(over, name);
}

/* The same of an aggr's configuration, where each name has a ':' behind it. */
static void over_configured(datalink_id_t linkid, char over[OVER_MAX])
{
	char list[MAXLINKATTRVALLEN], *save, *name;

	if (!link_attr_str(linkid, "portnames", list, sizeof(list)))
		return;
	for (name = strtok_r(list, ":", &save); name; name = strtok_r(NULL, ":", &save))
		over_add(over, name);
}

static void show_persistent(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct listing *l = arg;
	struct dld_linkinfo_reply info = {0};
	char over[OVER_MAX], bridge[MAXLINKNAMELEN];

	show_over(l, link, &info, over);
	if (link->link_class == DATALINK_CLASS_AGGR)
		over_configured(link->linkid, over);
	if (!link_attr_str(link->linkid, "bridge", bridge, sizeof(bridge)))
		bridge[0] = '\0';
	columns_print(&l->columns,
		(const char *[]){link->name, dladm_class2str(link->link_class), bridge, over});
}

static void show_link(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct listing *l = arg;
	struct dld_linkinfo_reply info = {0};
	const char *class = dladm_class2str(link->link_class);
	char over[OVER_MAX], bridge[MAXLINKNAMELEN] = "", mtu[16] = "?";
	bool live;

	live = link_live(link->linkid, &info);
	if (live)
		(void)snprintf(mtu, sizeof(mtu), "%u", info.mtu);
	/* The bridge "tower" is the link tower0. */
	if (link_name_of(info.bridge, bridge) && bridge[0])
		bridge[strlen(bridge) - 1] = '\0';
	show_over(l, link, &info, over);
	if (link->link_class & (DATALINK_CLASS_AGGR | DATALINK_CLASS_BRIDGE))
		over_ports(link->linkid, over);
	columns_print(&l->columns, (const char *[]){link->name, class, mtu,
					   live ? dladm_linkstate2str(info.state) : "?",
					   live ? bridge : "?", live ? over : "?"});
}

int do_show_link(int argc, char *argv[])
{
	struct show_options o;
	struct listing l;

	show_options_read(argc, argv, "pPjsi:o:z:", &o);
	if (o.stats) {
		show_stats(&o, DATALINK_CLASS_ALL);
		return 0;
	}
	if (o.persistent)
		listing_init(&l, &o, persistent_columns, 4);
	else
		listing_init(&l, &o, link_columns, 6);
	listing_run(&l, DATALINK_CLASS_ALL, o.persistent ? show_persistent : show_link);
	return 0;
}

/* ---- show-linkmap: what dlmgmtd has, by id ---- */

static const struct column map_columns[] = {{"LINK", 32}, {"LINKID", 12, COLUMN_NUMBER},
	{"CLASS", 10}, {"MEDIA", 14}, {"FLAGS", 6}, {0}};

/* FLAGS: a active, p persistent, t transient. */
static void show_mapped(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct listing *l = arg;
	char id[16], flags[] = "---";

	(void)snprintf(id, sizeof(id), "%u", link->linkid);
	if (link->flags & DLMGMT_ACTIVE)
		flags[0] = 'a';
	if (link->flags & DLMGMT_PERSIST)
		flags[1] = 'p';
	if (link->flags & DLMGMT_TRANSIENT)
		flags[2] = 't';
	columns_print(
		&l->columns, (const char *[]){link->name, id, dladm_class2str(link->link_class),
				     dladm_media2str(link->media), flags});
}

int do_show_linkmap(int argc, char *argv[])
{
	struct show_options o;
	struct listing l;

	show_options_read(argc, argv, "pjo:", &o);
	listing_init(&l, &o, map_columns, 5);
	links_list(o.link, ALL_ZONES, DATALINK_CLASS_ALL, DLMGMT_ACTIVE | DLMGMT_PERSIST,
		show_mapped, &l);
	columns_end(&l.columns);
	return 0;
}
