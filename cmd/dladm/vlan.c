/* SPDX-License-Identifier: MIT */
/* dladm create-, delete-, show- and up-vlan. */
#include "class.h"
#include "links.h"
#include "show.h"

#define VID_MAX 4094

static const char *const vlan_attrs[] = {DLADM_ATTR_LINKOVER, "vid", "force", NULL};

static int vlan_build(
	const struct attrs *a, bool persistent, struct dld_create_req *req, struct diag *d)
{
	const char *over = attr_get(a, DLADM_ATTR_LINKOVER);
	uint64_t vid;

	if (!over || !attr_number(a, "vid", &vid) || vid > VID_MAX)
		return diag_set(d, -EINVAL, "its configuration is not complete");
	req->spec.vid = (uint32_t)vid;
	return class_link(over, persistent, &req->over, d);
}

const struct link_class class_vlan = {
	.id = DATALINK_CLASS_VLAN,
	.noun = "vlan",
	.attrs = vlan_attrs,
	.build = vlan_build,
	.below = DLADM_ATTR_LINKOVER,
};

/* ---- create ---- */

uint64_t vid_option(const char *text)
{
	unsigned long vid;
	char *end;

	vid = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || vid < 1 || vid > VID_MAX)
		die_status(
			DLADM_STATUS_VIDINVAL, NULL, "'%s' is not between 1 and %d", text, VID_MAX);
	return vid;
}

/* As on illumos: net1 in VLAN 5 is net5001. */
static void default_name(const char *over, uint64_t vid, char name[MAXLINKNAMELEN])
{
	size_t n = strlen(over);
	uint64_t number;

	while (n > 0 && over[n - 1] >= '0' && over[n - 1] <= '9')
		n--;
	number = vid * 1000 + strtoull(over + n, NULL, 10);
	if (snprintf(name, MAXLINKNAMELEN, "%.*s%llu", (int)n, over, (unsigned long long)number) >=
		MAXLINKNAMELEN)
		die("a name made of '%s' is too long: say one", over);
}

int do_create_vlan(int argc, char *argv[])
{
	char name[MAXLINKNAMELEN];
	const char *over = NULL;
	struct attrs a = {0};
	bool temporary = false;
	uint64_t vid = 0;
	int c;

	while ((c = getopt(argc, argv, "ftl:v:")) != -1) {
		switch (c) {
		case 'f':
			attr_set_number(&a, "force", 1);
			break;
		case 't':
			temporary = true;
			break;
		case 'l':
			link_name_check(optarg);
			over = optarg;
			break;
		case 'v':
			vid = vid_option(optarg);
			break;
		default:
			usage(argv[0]);
		}
	}
	if (!over || !vid || argc - optind > 1)
		usage(argv[0]);
	attr_set(&a, DLADM_ATTR_LINKOVER, over);
	attr_set_number(&a, "vid", vid);
	default_name(over, vid, name);
	class_create(
		&class_vlan, argv[optind] ? argv[optind] : name, DL_ETHER, &a, temporary, NULL);
	return 0;
}

int do_delete_vlan(int argc, char *argv[])
{
	return class_delete(argc, argv, &class_vlan);
}

int do_up_vlan(int argc, char *argv[])
{
	return class_up(argc, argv, &class_vlan);
}

/* ---- show ---- */

static const struct column vlan_columns[] = {
	{"LINK", 16}, {"VID", 9, COLUMN_NUMBER}, {"OVER", 13}, {"FLAGS", 6}, {0}};

static void show_vlan(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct listing *l = arg;
	struct dld_linkinfo_reply info = {0};
	char over[MAXLINKNAMELEN], vid[16] = "?", flags[] = "-----";
	uint64_t number;

	if (!l->o->persistent) {
		if (link_live(link->linkid, &info))
			(void)snprintf(vid, sizeof(vid), "%u", info.vid);
	} else if (link_attr_u64(link->linkid, "vid", &number)) {
		(void)snprintf(vid, sizeof(vid), "%llu", (unsigned long long)number);
	}
	if (link_attr_u64(link->linkid, "force", &number) && number)
		flags[0] = 'f';
	show_over(l, link, &info, over);
	columns_print(&l->columns, (const char *[]){link->name, vid, over, flags});
}

int do_show_vlan(int argc, char *argv[])
{
	struct show_options o;
	struct listing l;

	show_options_read(argc, argv, "pPjo:z:", &o);
	listing_init(&l, &o, vlan_columns, 4);
	listing_run(&l, DATALINK_CLASS_VLAN, show_vlan);
	return 0;
}
