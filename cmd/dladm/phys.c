/* SPDX-License-Identifier: MIT */
/* dladm show-ether and delete-phys: how NICs talk to the wire, and those that are gone for good. */
#include "links.h"
#include "show.h"

/* ---- show-ether ---- */

static const struct column ether_columns[] = {{"LINK", 16}, {"PTYPE", 9}, {"STATE", 9}, {"AUTO", 6},
	{"SPEED-DUPLEX", 22}, {"PAUSE", 6}, {0}};

/* The value of a property, "" when the device has none. */
static const char *value_of(
	const char *name, const struct dld_linkinfo_reply *info, struct dladm_propval *v)
{
	return dladm_property_get(dladm_property_find(name), info, v) == 0 ? v->value : "";
}

/* "1G-f", "100M-h". */
static void speed_duplex(unsigned long long mbit, const char *duplex, char buf[32])
{
	if (mbit >= 1000 && mbit % 1000 == 0)
		(void)snprintf(buf, 32, "%lluG-%s", mbit / 1000, duplex);
	else
		(void)snprintf(buf, 32, "%lluM-%s", mbit, duplex);
}

static const char *duplex_letter(const struct dld_linkinfo_reply *info)
{
	return info->duplex == LINK_DUPLEX_FULL	  ? "f"
	       : info->duplex == LINK_DUPLEX_HALF ? "h"
						  : "u";
}

/* ---- -x: what the NIC could do, and what of it the other side is told ---- */

struct modes {
	char capable[256], advertised[256]; /* "1G-fh,100M-h", the fastest first */
};

/* Full and half of one speed come one after the other, and are one item. */
static void mode_add(char list[256], unsigned long long mbit, const char *duplex)
{
	char item[32];
	size_t used = strlen(list), n;

	speed_duplex(mbit, "f", item);
	n = strlen(item);
	if (*duplex == 'h' && used >= n && streq(list + used - n, item))
		(void)snprintf(list + used, 256 - used, "h");
	else {
		speed_duplex(mbit, duplex, item);
		(void)snprintf(list + used, 256 - used, "%s%s", used ? "," : "", item);
	}
}

/* Of "adv_10gfdx_cap" and "adv_100hdx_cap": the link has the property when the NIC can do it. */
static void mode_seen(const struct dladm_property *prop, const struct dladm_propval *v, void *arg)
{
	struct modes *m = arg;
	unsigned long long mbit;
	char *end;

	if (strncmp(prop->name, "adv_", 4) != 0 || prop->name[4] < '0' || prop->name[4] > '9')
		return;
	mbit = strtoull(prop->name + 4, &end, 10);
	if (*end == 'g') {
		mbit *= 1000;
		end++;
	}
	mode_add(m->capable, mbit, *end == 'f' ? "f" : "h");
	if (streq(v->value, "1"))
		mode_add(m->advertised, mbit, *end == 'f' ? "f" : "h");
}

static void show_modes(struct listing *l, const struct dld_linkinfo_reply *info,
	const char *negotiates, const char *pause)
{
	struct modes m = {.capable = ""};
	bool can = *negotiates != '\0';

	if (dladm_property_each(info, mode_seen, &m) < 0)
		return;
	columns_print(&l->columns,
		(const char *[]){"", "capable", "", can ? "yes" : "no", m.capable, ""});
	columns_print(
		&l->columns, (const char *[]){"", "adv", "", negotiates, m.advertised, pause});
}

static void show_ether(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct listing *l = arg;
	struct dladm_propval autoneg, pause;
	struct dld_linkinfo_reply info;
	const char *negotiates, *text;
	char speed[32];

	if (link->media != DL_ETHER || !link_live(link->linkid, &info))
		return;
	negotiates = value_of("adv_autoneg_cap", &info, &autoneg);
	text = streq(negotiates, "1") ? "yes" : streq(negotiates, "0") ? "no" : "";
	speed_duplex(info.speed / 1000000, duplex_letter(&info), speed);
	columns_print(&l->columns,
		(const char *[]){link->name, "current", dladm_linkstate2str(info.state), text,
			info.speed ? speed : "", value_of("flowctrl", &info, &pause)});
	if (l->o->extended)
		show_modes(l, &info, text, pause.value);
}

int do_show_ether(int argc, char *argv[])
{
	struct show_options o;
	struct listing l;

	show_options_read(argc, argv, "pjxo:", &o);
	listing_init(&l, &o, ether_columns, 6);
	listing_run(&l, DATALINK_CLASS_PHYS, show_ether);
	return 0;
}

/* ---- delete-phys ---- */

int do_delete_phys(int argc, char *argv[])
{
	struct dlmgmt_linkinfo link;
	struct diag d = {0};
	int r;

	if (getopt(argc, argv, "") != -1 || argc - optind != 1)
		usage(argv[0]);
	link_lookup(argv[optind], ALL_ZONES, &link);
	if (link.link_class != DATALINK_CLASS_PHYS)
		die_status(DLADM_STATUS_LINKINVAL, NULL, "cannot delete '%s'", link.name);
	if (link.flags & DLMGMT_ACTIVE)
		(void)diag_set(&d, 0, "its device is there");
	else if (link_configured_above(&link))
		(void)diag_set(&d, 0, "other links are configured over it");
	if (d.text[0])
		die_status(DLADM_STATUS_LINKBUSY, &d, "cannot delete '%s'", link.name);
	r = dlmgmt_call_removeconf(link.linkid);
	if (r == 0)
		r = dlmgmt_call_destroy_linkid(link.linkid, DLMGMT_PERSIST);
	if (r < 0)
		die_status(dladm_errno2status(r), NULL, "cannot delete '%s'", link.name);
	return 0;
}
