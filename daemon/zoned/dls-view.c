/* SPDX-License-Identifier: MIT */
/*
 * What is told of a link: what the table knows, and what the kernel says of its device at this
 * moment. What the caller's zone does not see is told by neither name nor id.
 */
#include "zoned/mac.h"

void dls_view_end(struct dls_view *v)
{
	v->home = nl_close(v->home);
	v->away = nl_close(v->away);
}

int dls_view_nl(struct dls_view *v, zoneid_t zone, struct nl **ret)
{
	struct nl **nl = zone == GLOBAL_ZONEID ? &v->home : &v->away;
	int r = 0;

	if (zone != GLOBAL_ZONEID && v->zone != zone) {
		v->away = nl_close(v->away);
		v->zone = zone;
	}
	if (!*nl)
		r = dls_nl_open(zone, nl);
	if (r == 0)
		*ret = *nl;
	return r;
}

/* The bridge among our links that the device at home is. */
static datalink_id_t bridge_of(struct dls_view *v, int master)
{
	struct devnet_info i;
	struct devnet *dd;

	if (master && v->master != master) {
		v->master = master;
		v->bridge = DATALINK_INVALID_LINKID;
		dd = dls_devnet_hold_by_ifindex(master);
		if (dd) {
			dls_devnet_info(dd, &i);
			if (i.class == DATALINK_CLASS_BRIDGE)
				v->bridge = i.linkid;
			dls_devnet_rele_tmp(dd);
		}
	}
	return master ? v->bridge : DATALINK_INVALID_LINKID;
}

static void fill_device(struct dls_view *v, const struct devnet_info *i, const struct mac_ops *ops,
	struct dld_linkinfo_reply *ret)
{
	struct nl_link l;
	struct nl *where = NULL;

	if (dls_view_nl(v, i->at.zone, &where) < 0 || nl_link_get(where, i->at.ifindex, &l) < 0)
		return;
	memcpy(ret->device, l.name, sizeof(ret->device));
	ret->ifindex = (uint32_t)l.ifindex;
	memcpy(ret->mac, l.mac, sizeof(ret->mac));
	ret->mtu = l.mtu;
	ret->mtu_min = l.mtu_min;
	ret->mtu_max = l.mtu_max ? l.mtu_max : UINT16_MAX;
	if (i->at.zone == GLOBAL_ZONEID)
		ret->bridge = bridge_of(v, l.master);
	ops->get_info(i, &l, v, ret);
}

static void fill(struct dls_view *v, struct devnet *dd, struct dld_linkinfo_reply *ret)
{
	struct devnet_info i;

	dls_devnet_info(dd, &i);
	ret->linkid = i.linkid;
	ret->link_class = i.class;
	ret->media = i.media;
	ret->over = i.over;
	ret->state = LINK_STATE_UNKNOWN;
	ret->duplex = LINK_DUPLEX_UNKNOWN;
	ret->mac_type = i.mactype;
	memcpy(ret->mac, i.mac, sizeof(ret->mac));
	ret->zoneid = i.at.zone;
	ret->vid = i.spec.vid;
	fill_device(v, &i, dd->dd_ops, ret);
}

static bool sees(zoneid_t caller, datalink_id_t id)
{
	struct devnet *dd;
	bool visible;

	if (caller == GLOBAL_ZONEID)
		return true;
	if (dls_devnet_hold_tmp(id, &dd) < 0)
		return false;
	visible = dls_devnet_visible(dd, caller);
	dls_devnet_rele_tmp(dd);
	return visible;
}

void dls_view_linkinfo(
	struct dls_view *v, struct devnet *dd, zoneid_t caller, struct dld_linkinfo_reply *ret)
{
	fill(v, dd, ret);
	if (ret->over != DATALINK_INVALID_LINKID && !sees(caller, ret->over))
		ret->over = DLD_HIDDEN;
	if (ret->bridge != DATALINK_INVALID_LINKID && !sees(caller, ret->bridge))
		ret->bridge = DATALINK_INVALID_LINKID;
}

const struct dld_linkinfo_reply *dls_view_below(struct dls_view *v, datalink_id_t id)
{
	struct dld_linkinfo_reply below = {.linkid = DATALINK_INVALID_LINKID};
	struct devnet *lower;

	if (v->below_known && v->below.linkid == id)
		return &v->below;
	if (dls_devnet_hold_tmp(id, &lower) < 0)
		return NULL;
	fill(v, lower, &below);
	dls_devnet_rele_tmp(lower);
	v->below = below;
	v->below_known = true;
	return &v->below;
}
