/* SPDX-License-Identifier: MIT */
/*
 * A vnic that is made for a net resource with a global-nic: over that link, or with "auto" over
 * the one that packets to the zone's address leave the host by. In the zone it has the name
 * "physical"; as many zones as like have a net0, so at home, where it is only made, it is
 * z<hash of the zone's name>_<number>, by which what a daemon that died left behind is found again.
 * It is transient: zoned removes it when it comes home.
 *
 * Without a mac-addr the address is made of the zone's uuid and the link's name, so that it is the
 * same at each boot.
 */
#include "zoneadmd/auto-link.h"

#include <linux/if_ether.h>

#include "dladm/dladm.h"
#include "linux/route.h"
#include "zone/dld-calls.h"

#define OVER                                                                                       \
	(DATALINK_CLASS_PHYS | DATALINK_CLASS_AGGR | DATALINK_CLASS_ETHERSTUB |                    \
		DATALINK_CLASS_OVERLAY | DATALINK_CLASS_SIMNET)
#define ANYWHERE "192.0.2.1" /* of nobody: the host's default route leads there */

/* ---- over what ---- */

static int way_to(const char *address, char device[IFNAMSIZ], int *ret_ifindex)
{
	_cleanup_nl_ struct nl *nl = NULL;
	struct nl_addr to;
	int r;

	r = nl_addr_parse(address, &to);
	if (r == 0)
		r = nl_open(FD_NONE, &nl);
	if (r == 0)
		r = nl_route_get(nl, &to, ret_ifindex);
	if (r == 0 && !if_indextoname((unsigned int)*ret_ifindex, device))
		r = -ENETUNREACH;
	return r;
}

/* The link of the device; of one that no vnic can be over, what it is over itself. */
static int link_of(int ifindex, datalink_id_t *ret)
{
	_cleanup_free_ struct dld_linkinfo_reply *all = NULL;
	size_t count, i;
	int r = dld_call_all_linkinfo(&all, &count);

	if (r < 0)
		return r;
	for (i = 0; i < count; i++) {
		if (all[i].zoneid != GLOBAL_ZONEID || all[i].ifindex != (uint32_t)ifindex)
			continue;
		*ret = all[i].link_class & OVER ? all[i].linkid : all[i].over;
		return *ret == DATALINK_INVALID_LINKID ? -ENOENT : 0;
	}
	return -ENOENT;
}

static int find_auto(
	const struct snapshot_net *net, const char *addresses, datalink_id_t *ret, struct diag *d)
{
	char to[64] = ANYWHERE, device[IFNAMSIZ];
	int ifindex, r;

	if (*addresses)
		(void)snprintf(to, sizeof(to), "%.*s", (int)strcspn(addresses, "/,"), addresses);
	r = way_to(to, device, &ifindex);
	if (r < 0)
		return diag_set(d, r,
			"net '%s': global-nic=auto: the host has no route to %s; name the link",
			net->physical, *addresses ? to : "anywhere");
	r = link_of(ifindex, ret);
	return r < 0 ? diag_set(d, r,
			       "net '%s': global-nic=auto: the route leads over '%s', which is no "
			       "link that a vnic can be over; name the link",
			       net->physical, device)
		     : 0;
}

static int find_over(
	const struct snapshot_net *net, const char *addresses, datalink_id_t *ret, struct diag *d)
{
	struct dlmgmt_linkinfo info;
	int r;

	if (streq(net->global_nic, "auto"))
		return find_auto(net, addresses, ret, d);
	r = dlmgmt_call_getlinkid(net->global_nic, GLOBAL_ZONEID, &info);
	if (r < 0)
		return r == -ENOENT ? diag_set(d, r,
					      "net '%s': there is no data link '%s' (global-nic); "
					      "'dladm show-link' lists those that are",
					      net->physical, net->global_nic)
				    : diag_errno(d, r, "net '%s': cannot look '%s' up",
					      net->physical, net->global_nic);
	*ret = info.linkid;
	return 0;
}

/* ---- what ---- */

/* FNV-1a */
static uint32_t hash_of(uint32_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * 16777619u;
	return hash;
}

#define HASH_START 2166136261u

/* Random enough, and the same each time. */
static void own_mac(const struct platform *p, const char *physical, uint8_t mac[6])
{
	static const uint8_t prefix[3] = {0x02, 0x08, 0x20};
	uint32_t hash = hash_of(HASH_START, p->snap.uuid[0] ? p->snap.uuid : p->zone);
	size_t i;

	hash = hash_of(hash, physical);
	memcpy(mac, prefix, sizeof(prefix));
	for (i = 3; i < ETH_ALEN; i++, hash >>= 8)
		mac[i] = (uint8_t)hash;
}

static int fill(const struct platform *p, const struct snapshot_net *net,
	struct dld_create_req *req, struct diag *d)
{
	req->mac_type = VNIC_MAC_ADDR_TYPE_FIXED;
	if (!net->mac_addr[0])
		own_mac(p, net->physical, req->mac);
	else if (dladm_str2mac(net->mac_addr, req->mac) != ETH_ALEN)
		return diag_set(d, -EINVAL, "net '%s': '%s' is no MAC address", net->physical,
			net->mac_addr);
	req->spec.vid = (uint32_t)strtoul(net->vlan_id, NULL, 10);
	return 0;
}

static int make(struct dld_create_req *req, bool any_mac, struct diag *d)
{
	struct dld_linkinfo_reply made;
	int r = dld_call_create(req, &made, d);

	if (r != -EADDRINUSE || !any_mac)
		return r;
	d->text[0] = '\0';
	req->mac_type = VNIC_MAC_ADDR_TYPE_AUTO;
	memset(req->mac, 0, sizeof(req->mac));
	return dld_call_create(req, &made, d);
}

void auto_link_remove(datalink_id_t link)
{
	(void)dld_call_delete(link, NULL);
	(void)dlmgmt_call_destroy_linkid(link, DLMGMT_ACTIVE);
}

static void home_name(const struct platform *p, size_t number, char name[MAXLINKNAMELEN])
{
	(void)snprintf(name, MAXLINKNAMELEN, "z%u_%zu", hash_of(HASH_START, p->zone), number);
}

/* One that never came to the zone. */
static void sweep(const struct platform *p, size_t number)
{
	struct dlmgmt_linkinfo old;
	char name[MAXLINKNAMELEN];

	home_name(p, number, name);
	if (dlmgmt_call_getlinkid(name, GLOBAL_ZONEID, &old) == 0 && (old.flags & DLMGMT_TRANSIENT))
		auto_link_remove(old.linkid);
}

void auto_link_sweep(const struct platform *p)
{
	size_t i;

	for (i = 0; i < p->snap.n_nets; i++)
		if (p->snap.nets[i].global_nic[0])
			sweep(p, i);
}

static int new_id(const struct platform *p, size_t number, datalink_id_t *ret)
{
	char name[MAXLINKNAMELEN];

	sweep(p, number);
	home_name(p, number, name);
	return dlmgmt_call_create_linkid(
		name, false, DATALINK_CLASS_VNIC, DL_ETHER, DLMGMT_ACTIVE | DLMGMT_TRANSIENT, ret);
}

static int failed(const struct snapshot_net *net, int err, struct diag *d)
{
	struct diag why = *d;

	if (strncmp(why.text, "net ", 4) == 0)
		return err;
	return diag_set(d, err, "net '%s': cannot make the vnic over '%s': %s", net->physical,
		net->global_nic, why.text[0] ? why.text : strerror(-err));
}

int auto_link_make(const struct platform *p, const struct snapshot_net *net, size_t number,
	const char *addresses, datalink_id_t *ret, struct diag *d)
{
	struct dld_create_req req = {0};
	datalink_id_t link;
	int r;

	r = find_over(net, addresses, &req.over, d);
	if (r == 0)
		r = fill(p, net, &req, d);
	if (r == 0)
		r = new_id(p, number, &link);
	if (r < 0)
		return failed(net, r, d);
	req.linkid = link;
	r = make(&req, !net->mac_addr[0], d);
	if (r == 0)
		r = dld_call_setzone(link, p->id, d);
	if (r == 0)
		r = dld_call_rename(link, DATALINK_INVALID_LINKID, net->physical, d);
	if (r < 0) {
		(void)dld_call_setzone(link, GLOBAL_ZONEID, NULL);
		auto_link_remove(link);
		return failed(net, r, d);
	}
	*ret = link;
	return 0;
}

int auto_link_find(const struct platform *p, const struct snapshot_net *net, datalink_id_t *ret)
{
	struct dlmgmt_linkinfo info;
	int r = dlmgmt_call_getlinkid(net->physical, p->id, &info);

	if (r == 0 && !(info.flags & DLMGMT_TRANSIENT))
		r = -ENOENT;
	if (r == 0)
		*ret = info.linkid;
	return r;
}
