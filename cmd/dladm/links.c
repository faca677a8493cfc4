/* SPDX-License-Identifier: MIT */
/*
 * dladm create-, delete- and up- of etherstubs and vnics.
 *
 * Creating is: id (dlmgmtd), device (zoned), configuration (dlmgmtd), undone in
 * reverse. Deleting is: device, id and active mapping, configuration; it stops at
 * the first step that fails, and can be repeated.
 */
#include "class.h"
#include "links.h"
#include "zone/zone-calls.h"

#include <time.h>

#define LATECOMER_TRIES 100 /* 20 ms apart */
#define LOST_PAUSE_US	500000

#define VNIC_OVER_CLASSES                                                                          \
	(DATALINK_CLASS_PHYS | DATALINK_CLASS_AGGR | DATALINK_CLASS_ETHERSTUB |                    \
		DATALINK_CLASS_OVERLAY | DATALINK_CLASS_SIMNET)

struct vnic_spec {
	struct dlmgmt_linkinfo over;
	uint32_t mac_type;
	uint8_t mac[DLADM_MAC_LEN];
	int mac_given; /* bytes of mac */
	uint32_t vid;  /* 0: none */
	uint32_t vrid; /* of VRRP; 0: none */
	uint32_t af;
};

/* ---- devices ---- */

static int device_create(const struct dlmgmt_linkinfo *link, const struct vnic_spec *vnic,
	struct dld_linkinfo_reply *ret, struct diag *d)
{
	struct dld_create_req req = {.linkid = link->linkid};

	if (link->link_class == DATALINK_CLASS_ETHERSTUB)
		return dld_call_etherstub_create(link->linkid, d);
	req.over = vnic->over.linkid;
	req.mac_type = vnic->mac_type;
	memcpy(req.mac, vnic->mac, sizeof(req.mac));
	if (vnic->mac_type != VNIC_MAC_ADDR_TYPE_FIXED && vnic->mac_type != VNIC_MAC_ADDR_TYPE_VRID)
		req.prefix_len = (uint8_t)vnic->mac_given;
	req.spec.vid = vnic->vid;
	return dld_call_create(&req, ret, d);
}

/* ---- configuration ---- */

/* The address is kept as it came out, so that the vnic has the same one for ever. */
static int conf_set_vnic(
	uint32_t confid, const struct vnic_spec *vnic, const struct dld_linkinfo_reply *made)
{
	char mac[DLADM_MAC_STRLEN];
	int r;

	r = dlmgmt_call_setattr_str(confid, DLADM_ATTR_LINKOVER, vnic->over.name);
	if (r == 0)
		r = dlmgmt_call_setattr_u64(confid, DLADM_ATTR_MADDRTYPE, made->mac_type);
	if (r == 0)
		r = dlmgmt_call_setattr_str(
			confid, DLADM_ATTR_MACADDR, dladm_mac2str(made->mac, mac, sizeof(mac)));
	if (r == 0 && vnic->vid)
		r = dlmgmt_call_setattr_u64(confid, "vid", vnic->vid);
	if (r == 0 && vnic->vrid)
		r = dlmgmt_call_setattr_u64(confid, "vrid", vnic->vrid);
	if (r == 0 && vnic->vrid)
		r = dlmgmt_call_setattr_u64(confid, "af", vnic->af);
	return r;
}

static int conf_write(const struct dlmgmt_linkinfo *link, const struct vnic_spec *vnic,
	const struct dld_linkinfo_reply *made)
{
	uint32_t confid;
	int r;

	r = dlmgmt_call_createconf(
		link->name, link->linkid, link->link_class, link->media, &confid);
	if (r < 0)
		return r;
	r = vnic ? conf_set_vnic(confid, vnic, made) : 0;
	if (r == 0)
		r = dlmgmt_call_writeconf(confid);
	(void)dlmgmt_call_destroyconf(confid);
	return r;
}

/* ---- create ---- */

/* Fills link->linkid. Returns 0 or a negative errno with nothing left behind. */
static int link_create(struct dlmgmt_linkinfo *link, const struct vnic_spec *vnic, struct diag *d)
{
	struct dld_linkinfo_reply made = {0};
	int r;

	r = dlmgmt_call_create_linkid(
		link->name, false, link->link_class, link->media, link->flags, &link->linkid);
	if (r < 0)
		return r;
	r = device_create(link, vnic, &made, d);
	if (r < 0) {
		(void)dlmgmt_call_destroy_linkid(link->linkid, link->flags);
		return r;
	}
	if (link->flags & DLMGMT_PERSIST)
		r = conf_write(link, vnic, &made);
	if (r < 0) {
		(void)dld_call_delete(link->linkid, NULL);
		(void)dlmgmt_call_destroy_linkid(link->linkid, link->flags);
	}
	return r;
}

static void new_link(
	struct dlmgmt_linkinfo *link, const char *name, uint32_t link_class, bool temporary)
{
	link_name_check(name);
	*link = (struct dlmgmt_linkinfo){
		.link_class = link_class,
		.media = DL_ETHER,
		.flags = DLMGMT_ACTIVE | (temporary ? 0 : DLMGMT_PERSIST),
	};
	(void)str_copy(link->name, sizeof(link->name), name);
}

int do_create_etherstub(int argc, char *argv[])
{
	struct dlmgmt_linkinfo link;
	struct diag d = {0};
	bool temporary = false;
	int c, r;

	while ((c = getopt(argc, argv, "t")) != -1) {
		if (c != 't')
			usage(argv[0]);
		temporary = true;
	}
	if (argc - optind != 1)
		usage(argv[0]);
	new_link(&link, argv[optind], DATALINK_CLASS_ETHERSTUB, temporary);
	r = link_create(&link, NULL, &d);
	if (r < 0)
		die_status(dladm_errno2status(r), &d, "etherstub creation failed: %s", link.name);
	return 0;
}

/* The address that the routers of one group share: RFC 5798, 7.3. */
static void vrrp_options(struct vnic_spec *vnic, const char *vrid, const char *af)
{
	const uint8_t mac[DLADM_MAC_LEN] = {0x00, 0x00, 0x5e, 0x00, 0x01, 0};
	unsigned long id;
	char *end;

	if (!vrid || !af)
		die("-m vrrp needs -V (1 to 255) and -A (inet or inet6)");
	id = strtoul(vrid, &end, 10);
	if (*vrid < '0' || *vrid > '9' || *end || id < 1 || id > 255)
		die("invalid VRRP id '%s': 1 to 255", vrid);
	if (!streq(af, "inet") && !streq(af, "inet6"))
		die("invalid address family '%s': inet or inet6", af);
	vnic->mac_type = VNIC_MAC_ADDR_TYPE_VRID;
	vnic->vrid = (uint32_t)id;
	vnic->af = streq(af, "inet") ? AF_INET : AF_INET6;
	memcpy(vnic->mac, mac, sizeof(mac));
	vnic->mac[4] = vnic->af == AF_INET ? 1 : 2;
	vnic->mac[5] = (uint8_t)id;
	vnic->mac_given = DLADM_MAC_LEN;
}

static void mac_option(struct vnic_spec *vnic, const char *text)
{
	if (streq(text, "factory"))
		die("-m factory: factory MAC address slots are not supported by any NIC on Linux");
	if (streq(text, "auto")) {
		vnic->mac_type = VNIC_MAC_ADDR_TYPE_AUTO;
		return;
	}
	if (streq(text, "random")) {
		vnic->mac_type = VNIC_MAC_ADDR_TYPE_RANDOM;
		return;
	}
	vnic->mac_type = VNIC_MAC_ADDR_TYPE_FIXED;
	vnic->mac_given = dladm_str2mac(text, vnic->mac);
	if (vnic->mac_given != DLADM_MAC_LEN || !dladm_mac_unicast(vnic->mac))
		die_status(DLADM_STATUS_MACADDRINVAL, NULL, "cannot use '%s'", text);
}

static void mac_prefix_option(struct vnic_spec *vnic, const char *text)
{
	vnic->mac_given = dladm_str2mac(text, vnic->mac);
	if (vnic->mac_given < 1 || (vnic->mac[0] & 1))
		die_status(DLADM_STATUS_INVALIDMACPREFIX, NULL, "cannot use '%s'", text);
	if (vnic->mac_given == DLADM_MAC_LEN)
		die_status(DLADM_STATUS_INVALIDMACPREFIXLEN, NULL, "cannot use '%s'", text);
}

static void over_lookup(struct vnic_spec *vnic, const char *name, bool temporary)
{
	dladm_status_t status = DLADM_STATUS_OK;
	int r;

	link_name_check(name);
	r = dlmgmt_call_getlinkid(name, ALL_ZONES, &vnic->over);
	if (r < 0)
		status = dladm_errno2status(r);
	else if (!(vnic->over.link_class & VNIC_OVER_CLASSES))
		status = DLADM_STATUS_LINKINVAL;
	else if (!(vnic->over.flags & DLMGMT_ACTIVE))
		status = DLADM_STATUS_NOTFOUND;
	else if (!temporary && !(vnic->over.flags & DLMGMT_PERSIST))
		status = DLADM_STATUS_PERSIST_ON_TEMP;
	if (status != DLADM_STATUS_OK)
		die_status(status, NULL, "vnic creation over %s failed", name);
}

struct vnic_options {
	const char *over, *mac, *prefix, *vrid, *af;
	char *props;
	uint32_t vid;
	bool temporary;
};

static void vnic_options_read(int argc, char *argv[], struct vnic_options *o)
{
	int c;

	*o = (struct vnic_options){.mac = "auto"};
	while ((c = getopt(argc, argv, "tfl:m:n:r:p:v:V:A:")) != -1) {
		switch (c) {
		case 't':
			o->temporary = true;
			break;
		case 'f':
			break; /* with -v: also over a NIC that says it cannot; here all can */
		case 'v':
			o->vid = (uint32_t)vid_option(optarg);
			break;
		case 'l':
			o->over = optarg;
			break;
		case 'm':
			o->mac = optarg;
			break;
		case 'n':
			o->mac = "factory"; /* which has the line that says why not */
			break;
		case 'V':
			o->vrid = optarg;
			break;
		case 'A':
			o->af = optarg;
			break;
		case 'r':
			o->prefix = optarg;
			break;
		case 'p':
			o->props = optarg;
			break;
		default:
			usage(argv[0]);
		}
	}
	if (argc - optind != 1 || !o->over)
		usage(argv[0]);
	if (o->prefix && !streq(o->mac, "random"))
		die("the option -r can be used only with -m random");
	if ((o->vrid || o->af) && !streq(o->mac, "vrrp"))
		die("the options -V and -A can be used only with -m vrrp");
}

/* The device, and the id as far as it is active. */
static int active_delete(datalink_id_t id, struct diag *d)
{
	int r = dld_call_delete(id, d);

	if (r == 0 || r == -ENXIO || r == -ENOENT) /* no device is no obstacle */
		r = dlmgmt_call_destroy_linkid(id, DLMGMT_ACTIVE);
	return r;
}

/*
 * Who brought the link up when its device was gone already, and its configuration not yet, has a link
 * that is configured nowhere. It goes too, when it is made; what uses it by then keeps it.
 */
static void latecomer_delete(datalink_id_t id)
{
	static const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
	struct dlmgmt_linkinfo info;

	for (int i = 0; i < LATECOMER_TRIES && dlmgmt_call_getname(id, &info) == 0; i++) {
		if (active_delete(id, NULL) == 0)
			break;
		(void)nanosleep(&pause, NULL);
	}
}

/* Deleting, and undoing a creation that failed late. */
dladm_status_t link_delete(const struct dlmgmt_linkinfo *link, bool temporary, struct diag *d)
{
	int r = 0;

	if (link->flags & DLMGMT_ACTIVE) {
		r = active_delete(link->linkid, d);
	} else if (temporary) {
		return DLADM_STATUS_NOTFOUND;
	}
	if (r < 0 || temporary || !(link->flags & DLMGMT_PERSIST))
		return dladm_errno2status(r);
	r = dlmgmt_call_removeconf(link->linkid);
	if (r == 0)
		r = dlmgmt_call_destroy_linkid(link->linkid, DLMGMT_PERSIST);
	if (r == 0)
		latecomer_delete(link->linkid);
	return dladm_errno2status(r);
}

/* ---- create vnic ---- */

static void vnic_create(struct dlmgmt_linkinfo *link, const struct vnic_spec *vnic,
	const struct linkprop_set *props, bool temporary)
{
	dladm_status_t status;
	struct diag d = {0};
	const char *failed;
	int r;

	r = link_create(link, vnic, &d);
	if (r < 0)
		die_status(dladm_errno2status(r), &d, "vnic creation over %s failed: %s",
			vnic->over.name, link->name);
	status = linkprop_apply(link, props, temporary, &failed, &d);
	if (status == DLADM_STATUS_OK)
		return;
	(void)link_delete(link, false, NULL);
	die_status(status, &d, "vnic creation over %s failed: %s: cannot set link property '%s'",
		vnic->over.name, link->name, failed);
}

int do_create_vnic(int argc, char *argv[])
{
	struct vnic_spec vnic = {.mac = {2, 8, 0x20}, .mac_given = 3};
	struct linkprop_set props = {0};
	struct dlmgmt_linkinfo link;
	struct vnic_options o;

	vnic_options_read(argc, argv, &o);
	vnic.vid = o.vid;
	if (streq(o.mac, "vrrp"))
		vrrp_options(&vnic, o.vrid, o.af);
	else
		mac_option(&vnic, o.mac);
	if (o.prefix)
		mac_prefix_option(&vnic, o.prefix);
	if (o.props)
		linkprop_parse(o.props, &props);
	new_link(&link, argv[optind], DATALINK_CLASS_VNIC, o.temporary);
	over_lookup(&vnic, o.over, o.temporary);
	vnic_create(&link, &vnic, &props, o.temporary);
	return 0;
}

/* ---- delete ---- */

struct over_search {
	const char *name;
	bool found;
};

static void is_over(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct over_search *search = arg;
	char over[MAXLINKNAMELEN];

	if (link_attr_str(link->linkid, DLADM_ATTR_LINKOVER, over, sizeof(over)) &&
		streq(over, search->name))
		search->found = true;
}

/* Configured links that are not up have no device that zoned could miss the one below for. */
bool link_configured_above(const struct dlmgmt_linkinfo *link)
{
	struct over_search search = {.name = link->name};

	links_walk(NULL, ALL_ZONES, DATALINK_CLASS_VNIC | DATALINK_CLASS_VLAN, DLMGMT_PERSIST,
		is_over, &search);
	return search.found;
}

static int delete_command(
	int argc, char *argv[], const char *optstring, uint32_t link_class, const char *what)
{
	dladm_status_t status = DLADM_STATUS_LINKINVAL;
	const char *zone = NULL;
	struct dlmgmt_linkinfo link;
	bool temporary = false;
	struct diag d = {0};
	int c, r;

	while ((c = getopt(argc, argv, optstring)) != -1) {
		if (c == 't')
			temporary = true;
		else if (c == 'z')
			zone = optarg;
		else
			usage(argv[0]);
	}
	if (argc - optind != 1)
		usage(argv[0]);
	link_name_check(argv[optind]);
	r = dlmgmt_call_getlinkid(argv[optind], zone_option(zone), &link);
	if (r < 0)
		status = dladm_errno2status(r);
	else if (link.link_class == link_class && !temporary && link_configured_above(&link))
		status = DLADM_STATUS_LINKBUSY;
	else if (link.link_class == link_class)
		status = link_delete(&link, temporary, &d);
	if (status != DLADM_STATUS_OK)
		die_status(status, &d, "%s deletion failed: %s", what, argv[optind]);
	return 0;
}

int do_delete_etherstub(int argc, char *argv[])
{
	return delete_command(argc, argv, "t", DATALINK_CLASS_ETHERSTUB, "etherstub");
}

int do_delete_vnic(int argc, char *argv[])
{
	return delete_command(argc, argv, "tz:", DATALINK_CLASS_VNIC, "vnic");
}

/* ---- up: configured links that are not active ---- */

/* What is configured; the link below is brought up first. */
static bool vnic_configured(const struct dlmgmt_linkinfo *link, struct vnic_spec *ret)
{
	char over[MAXLINKNAMELEN], mac[DLADM_MAC_STRLEN];
	uint64_t type, vid = 0;

	if (!link_attr_str(link->linkid, DLADM_ATTR_LINKOVER, over, sizeof(over)) ||
		!link_attr_str(link->linkid, DLADM_ATTR_MACADDR, mac, sizeof(mac)) ||
		!link_attr_u64(link->linkid, DLADM_ATTR_MADDRTYPE, &type) ||
		dlmgmt_call_getlinkid(over, ALL_ZONES, &ret->over) < 0)
		return false;
	ret->mac_given = dladm_str2mac(mac, ret->mac);
	ret->mac_type = (uint32_t)type;
	(void)link_attr_u64(link->linkid, "vid", &vid);
	ret->vid = (uint32_t)vid;
	if (link_is_down(&ret->over))
		(void)class_link_up(&ret->over);
	return ret->mac_given == DLADM_MAC_LEN;
}

static bool up_failed;

int link_up_status(void)
{
	return up_failed ? 1 : 0;
}

void link_up_warn(const struct dlmgmt_linkinfo *link, dladm_status_t status, const struct diag *d)
{
	up_failed = true;
	(void)fprintf(stderr, "dladm: cannot bring up %s: %s%s%s%s\n", link->name,
		dladm_status2str(status), d->text[0] ? " (" : "", d->text, d->text[0] ? ")" : "");
}

void link_up_mtu(const struct dlmgmt_linkinfo *link)
{
	struct dlmgmt_attrval mtu;
	struct diag d = {0};
	int r = 0;

	if (dlmgmt_call_dls_getattr(link->linkid, "mtu", &mtu) == 0 && mtu.type == DLADM_TYPE_STR)
		r = dld_call_setmtu(link->linkid, (uint32_t)strtoul(mtu.str, NULL, 10), &d);
	if (r < 0)
		link_up_warn(link, dladm_errno2status(r), &d);
}

/* One link that fails does not keep the others down. */
void link_up(const struct dlmgmt_linkinfo *link)
{
	struct dld_linkinfo_reply made;
	struct vnic_spec vnic = {0};
	struct diag d = {0};
	int r;

	if (link->link_class == DATALINK_CLASS_VNIC && !vnic_configured(link, &vnic)) {
		link_up_warn(link, DLADM_STATUS_LINKINVAL, &d);
		return;
	}
	r = dlmgmt_call_up_linkid(link->linkid);
	if (r < 0) {
		link_up_warn(link, dladm_errno2status(r), &d);
		return;
	}
	r = device_create(link, &vnic, &made, &d);
	if (r < 0) {
		(void)dlmgmt_call_destroy_linkid(link->linkid, DLMGMT_ACTIVE);
		link_up_warn(link, dladm_errno2status(r), &d);
		return;
	}
	link_up_mtu(link);
}

static bool is_lost(datalink_id_t linkid)
{
	struct dld_linkinfo_reply info;

	return dld_call_linkinfo(linkid, &info) == -ENOENT;
}

bool link_is_down(const struct dlmgmt_linkinfo *link)
{
	struct dlmgmt_linkinfo now;

	if (dlmgmt_call_getname(link->linkid, &now) < 0)
		return false;
	if (!(now.flags & DLMGMT_ACTIVE))
		return true;
	if (!(now.flags & DLMGMT_PERSIST) || now.link_class == DATALINK_CLASS_PHYS ||
		!is_lost(link->linkid))
		return false;
	/* Somebody may be making it just now; and dlmgmtd asks zoned once more. */
	(void)usleep(LOST_PAUSE_US);
	return is_lost(link->linkid) &&
	       dlmgmt_call_destroy_linkid(link->linkid, DLMGMT_ACTIVE) == 0;
}

static void up_inactive(const struct dlmgmt_linkinfo *link, void *arg)
{
	if (link_is_down(link))
		link_up(link);
}

static int up_command(int argc, char *argv[], uint32_t link_class)
{
	if (argc > 2)
		usage(argv[0]);
	links_walk(argv[1], ALL_ZONES, link_class, DLMGMT_PERSIST, up_inactive, NULL);
	return link_up_status();
}

int do_up_etherstub(int argc, char *argv[])
{
	return up_command(argc, argv, DATALINK_CLASS_ETHERSTUB);
}

int do_up_vnic(int argc, char *argv[])
{
	return up_command(argc, argv, DATALINK_CLASS_VNIC);
}
