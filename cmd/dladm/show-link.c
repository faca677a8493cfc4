/* SPDX-License-Identifier: MIT */
/* dladm show-link. What zoned does not tell is shown as "?". */
#include "show.h"

static const struct column link_columns[] = {{"LINK", 12}, {"CLASS", 10}, {"MTU", 7, COLUMN_NUMBER},
	{"STATE", 9}, {"BRIDGE", 11}, {"OVER", 32}, {0}};
static const struct column persistent_columns[] = {
	{"LINK", 12}, {"CLASS", 10}, {"BRIDGE", 11}, {"OVER", 32}, {0}};

static void show_persistent(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct listing *l = arg;
	struct dld_linkinfo_reply info = {0};
	char over[MAXLINKNAMELEN];

	show_over(l, link, &info, over);
	columns_print(&l->columns,
		(const char *[]){link->name, dladm_class2str(link->link_class), "", over});
}

static void show_link(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct listing *l = arg;
	struct dld_linkinfo_reply info = {0};
	const char *class = dladm_class2str(link->link_class);
	char over[MAXLINKNAMELEN], mtu[16] = "?";
	bool live;

	live = link_live(link->linkid, &info);
	if (live)
		(void)snprintf(mtu, sizeof(mtu), "%u", info.mtu);
	show_over(l, link, &info, over);
	columns_print(&l->columns,
		(const char *[]){link->name, class, mtu,
			live ? dladm_linkstate2str(info.state) : "?", "", live ? over : "?"});
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
