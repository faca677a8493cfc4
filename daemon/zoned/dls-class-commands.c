/* SPDX-License-Identifier: MIT */
/*
 * The door commands of dld-door.h: links of every class, their ports and tables. Values are
 * checked here and by the drivers; what a caller may see is the same as everywhere.
 */
#include "zoned/dls-commands.h"
#include "zoned/mac.h"

_Static_assert(sizeof(struct dld_fdb_reply) <= 40000, "fits into a reply");

/* ---- making and changing ---- */

static int create(struct zoned_call *call)
{
	const struct dld_create_req *req = call->req;
	struct dls_link_args args = {
		.over = req->over,
		.mactype = req->mac_type ? req->mac_type : VNIC_MAC_ADDR_TYPE_AUTO,
		.prefix_len = req->prefix_len,
		.spec = req->spec,
		.ports = req->ports,
		.nports = req->nports,
	};
	struct dls_linkinfo info;
	struct devnet *dd;
	int r;

	if (req->nports > DLD_PORTS_MAX)
		return diag_set(&call->diag, -EINVAL, "more than %d links in one", DLD_PORTS_MAX);
	r = dls_mgmt_get_linkinfo(req->linkid, &info);
	if (r < 0)
		return r;
	memcpy(args.mac, req->mac, sizeof(args.mac));
	r = dls_link_create(req->linkid, info.class, &args, call->zoneid, &call->diag);
	if (r == 0)
		r = dls_devnet_hold_tmp(req->linkid, &dd);
	if (r < 0)
		return r;
	dls_fill_linkinfo(dd, call->reply);
	dls_devnet_rele_tmp(dd);
	return 0;
}

/*
 * Runs fn in the perimeter of a link, for its owner, and writes the table down. The link is at its
 * owner's, or lent as well.
 */
static int change(struct zoned_call *call, datalink_id_t id, bool lent,
	int (*fn)(struct devnet *dd, struct nl *where, struct zoned_call *call))
{
	_cleanup_nl_ struct nl *where = NULL;
	struct devnet *dd;
	int r;

	r = dls_hold_visible(call, id, &dd);
	if (r < 0)
		return r;
	r = dls_need_owner(call, dd);
	if (r == 0)
		r = dls_perim_enter(dd);
	if (r == 0) {
		if (!dls_at_home(dd) && !(lent && dd->dd_ops->modify_lent))
			r = diag_set(
				&call->diag, -EBUSY, "'%s' is lent to a zone", dd->dd_linkname);
		else
			r = dls_nl_open(dd->dd_at.zone, &where);
		if (r == 0)
			r = fn(dd, where, call);
		if (r == 0) /* its id can be another one outside */
			(void)dls_state_save(dd->dd_linkid);
		dls_perim_exit(dd);
	}
	dls_devnet_rele_tmp(dd);
	return r;
}

static int modify_in_perim(struct devnet *dd, struct nl *where, struct zoned_call *call)
{
	const struct dld_modify_req *req = call->req;
	struct dld_spec spec = req->spec;
	int r;

	if (!dd->dd_ops->modify)
		return diag_set(&call->diag, -ENOTSUP, "%s cannot be modified", dd->dd_ops->noun);
	if (dd->dd_class == DATALINK_CLASS_IPTUN) { /* properties of the link */
		spec.tunnel.hop_limit = dd->dd_spec.tunnel.hop_limit;
		spec.tunnel.encap_limit = dd->dd_spec.tunnel.encap_limit;
	}
	r = dd->dd_ops->check ? dd->dd_ops->check(&spec, &call->diag) : 0;
	if (r == 0)
		r = dd->dd_ops->modify(dd, &spec, where, &call->diag);
	if (r == 0)
		dls_devnet_set_spec(dd, &spec);
	return r;
}

static int modify(struct zoned_call *call)
{
	const struct dld_modify_req *req = call->req;

	return change(call, req->linkid, true, modify_in_perim);
}

static int ports_in_perim(struct devnet *dd, struct nl *home, struct zoned_call *call)
{
	const struct dld_ports_req *req = call->req;

	if (!dd->dd_ops->ports)
		return diag_set(&call->diag, -EINVAL, "%s has no links in it", dd->dd_ops->noun);
	if (req->nports > DLD_PORTS_MAX)
		return diag_set(&call->diag, -EINVAL, "more than %d links in one", DLD_PORTS_MAX);
	if (req->cmd == DLD_ADD_PORTS)
		return dls_ports_add(dd, req->ports, req->nports, home, &call->diag);
	return dls_ports_remove(dd, req->ports, req->nports, home, &call->diag);
}

static int ports(struct zoned_call *call)
{
	const struct dld_ports_req *req = call->req;

	return change(call, req->linkid, false, ports_in_perim);
}

static int answer_set(struct devnet *dd, struct nl *home, const struct dld_target_req *req)
{
	static const uint8_t none[16];
	int r = 0;

	if (memcmp(req->arp, none, sizeof(req->arp)) != 0)
		r = nl_neigh_set(home, dd->dd_at.ifindex, AF_INET, req->arp, req->mac);
	if (r == 0 && memcmp(req->ndp, none, sizeof(req->ndp)) != 0)
		r = nl_neigh_set(home, dd->dd_at.ifindex, AF_INET6, req->ndp, req->mac);
	return r;
}

static int target_in_perim(struct devnet *dd, struct nl *home, struct zoned_call *call)
{
	const struct dld_target_req *req = call->req;
	struct nl_fdb f = {.family = (int)req->family, .port = req->port};
	int r;

	bool table = dd->dd_spec.tunnel.type == OVERLAY_TABLE;

	if (dd->dd_class != DATALINK_CLASS_OVERLAY ||
		(!table && dd->dd_spec.tunnel.type != OVERLAY_VXLAN))
		return diag_set(&call->diag, -EINVAL, "'%s' is no vxlan", dd->dd_linkname);
	memcpy(f.mac, req->mac, sizeof(f.mac));
	memcpy(f.dst, req->address, sizeof(f.dst));
	r = table ? nl_neigh_del_mac(home, dd->dd_at.ifindex, f.mac) : 0;
	if (r < 0)
		return diag_set(&call->diag, r, "%s", nl_text(home));
	if (req->family == 0)
		r = nl_fdb_del(home, dd->dd_at.ifindex, f.mac);
	else if (req->family != dd->dd_spec.tunnel.family)
		return diag_set(&call->diag, -EINVAL, "the address is not of the overlay's family");
	else
		r = nl_fdb_set(home, dd->dd_at.ifindex, &f);
	if (r == 0 && table)
		r = answer_set(dd, home, req);
	return r < 0 ? diag_set(&call->diag, r, "%s", nl_text(home)) : 0;
}

static int set_target(struct zoned_call *call)
{
	const struct dld_target_req *req = call->req;

	return change(call, req->linkid, false, target_in_perim);
}

/* ---- describing ---- */

/* Of a device in a zone's namespace: there its number says nothing, and the link may be foreign. */
static datalink_id_t link_of(zoneid_t zone, int ifindex)
{
	struct devnet *dd = zone == GLOBAL_ZONEID ? dls_devnet_hold_by_ifindex(ifindex) : NULL;
	struct devnet_info i;

	if (!dd)
		return DATALINK_INVALID_LINKID;
	dls_devnet_info(dd, &i);
	dls_devnet_rele_tmp(dd);
	return i.at.ifindex == ifindex ? i.linkid : DATALINK_INVALID_LINKID;
}

struct port_fill {
	struct dld_details_reply *reply;
	uint32_t class;
	zoneid_t zone;
};

static int port_fill(const struct nl_port *p, void *arg)
{
	struct port_fill *fill = arg;
	struct dld_port *port;

	if (fill->reply->nports == DLD_PORTS_MAX)
		return 1;
	port = &fill->reply->ports[fill->reply->nports++];
	port->linkid = link_of(fill->zone, p->ifindex);
	port->ifindex = (uint32_t)p->ifindex;
	memcpy(port->device, p->name, sizeof(port->device));
	port->state = fill->class == DATALINK_CLASS_BRIDGE ? p->state : p->up && p->active;
	port->actor_state = p->actor_state;
	port->partner_state = p->partner_state;
	port->cost = p->cost;
	port->number = p->number;
	port->designated_cost = p->designated_cost;
	port->designated_port = p->designated_port;
	memcpy(port->designated_root, p->designated_root, sizeof(port->designated_root));
	memcpy(port->designated_bridge, p->designated_bridge, sizeof(port->designated_bridge));
	port->aggregator = p->aggregator;
	return 0;
}

static void bridge_fill(struct nl *home, int ifindex, struct dld_details_reply *reply)
{
	struct dld_bridge_status *s = &reply->bridge;
	struct nl_kind k;

	if (nl_kind_get(home, ifindex, &k) < 0)
		return;
	if (streq(k.name, "bond"))
		reply->aggregator = k.bond.aggregator;
	if (!streq(k.name, "bridge"))
		return;
	memcpy(s->id, k.bridge.id, sizeof(s->id));
	memcpy(s->root, k.bridge.root, sizeof(s->root));
	s->root_cost = k.bridge.root_cost;
	s->root_port = k.bridge.root_port;
	s->topology_change = k.bridge.topology_change;
	reply->spec.bridge.priority = k.bridge.priority;
	s->root_max_age = k.bridge.max_age;
	s->root_hello_time = k.bridge.hello_time;
	s->root_forward_delay = k.bridge.forward_delay;
}

static void hide_foreign(struct zoned_call *call, datalink_id_t *id)
{
	struct devnet *dd;

	if (*id == DATALINK_INVALID_LINKID)
		return;
	if (dls_hold_visible(call, *id, &dd) < 0)
		*id = DLD_HIDDEN;
	else
		dls_devnet_rele_tmp(dd);
}

static int details(struct zoned_call *call)
{
	const struct dld_link_req *req = call->req;
	struct dld_details_reply *reply = call->reply;
	struct port_fill fill = {.reply = reply};
	_cleanup_nl_ struct nl *where = NULL;
	struct devnet_info i;
	struct devnet *dd;
	int r;

	r = dls_hold_visible(call, req->linkid, &dd);
	if (r < 0)
		return r;
	dls_devnet_info(dd, &i);
	fill.class = i.class;
	fill.zone = i.at.zone;
	reply->spec = i.spec;
	reply->implicit = (i.flags & DD_IMPLICIT) != 0;
	r = dls_nl_open(i.at.zone, &where);
	/* the kernel tells a bridge's times as its root has them, not as they were set here */
	if (r == 0 && dd->dd_ops->get_spec && i.class != DATALINK_CLASS_BRIDGE)
		(void)dd->dd_ops->get_spec(i.at.ifindex, where, &reply->spec);
	if (r == 0 && dd->dd_ops->ports) {
		bridge_fill(where, i.at.ifindex, reply);
		r = nl_port_each(where, i.at.ifindex, port_fill, &fill);
	}
	dls_devnet_rele_tmp(dd);
	if (i.class == DATALINK_CLASS_SIMNET)
		hide_foreign(call, &reply->spec.peer);
	return r < 0 ? r : 0;
}

struct fdb_fill {
	struct dld_fdb_reply *reply;
	uint32_t skip;
	zoneid_t zone;
};

static int fdb_fill(const struct nl_fdb *f, void *arg)
{
	struct fdb_fill *fill = arg;
	struct dld_fdb_entry *e;

	if (fill->skip > 0) {
		fill->skip--;
		return 0;
	}
	if (fill->reply->count == DLD_FDB_MAX)
		return 1;
	e = &fill->reply->entries[fill->reply->count++];
	e->linkid = link_of(fill->zone, f->ifindex);
	memcpy(e->mac, f->mac, sizeof(e->mac));
	e->local = f->local;
	e->fixed = f->fixed;
	e->age = f->age;
	e->family = (uint32_t)f->family;
	memcpy(e->address, f->dst, sizeof(e->address));
	e->port = f->port;
	return 0;
}

static int fdb(struct zoned_call *call)
{
	const struct dld_fdb_req *req = call->req;
	struct dld_fdb_reply *reply = call->reply;
	struct fdb_fill fill = {.reply = reply, .skip = req->skip};
	_cleanup_nl_ struct nl *where = NULL;
	struct devnet_info i;
	struct devnet *dd;
	bool bridge;
	int r;

	r = dls_hold_visible(call, req->linkid, &dd);
	if (r < 0)
		return r;
	dls_devnet_info(dd, &i);
	dls_devnet_rele_tmp(dd);
	fill.zone = i.at.zone;
	bridge = i.class == DATALINK_CLASS_BRIDGE;
	if (!bridge && i.class != DATALINK_CLASS_OVERLAY)
		return diag_set(&call->diag, -EINVAL, "'%s' has no forwarding table", i.linkname);
	r = dls_nl_open(i.at.zone, &where);
	if (r == 0)
		r = nl_fdb_each(where, bridge ? i.at.ifindex : 0, bridge ? 0 : i.at.ifindex,
			fdb_fill, &fill);
	return r < 0 ? r : 0;
}

/* clang-format off */
const struct zoned_command dls_class_commands[] = {
	{DLD_CREATE, NEEDS_NETADMIN, sizeof(struct dld_create_req), false,
		sizeof(struct dld_linkinfo_reply), create},
	{DLD_MODIFY, NEEDS_NETADMIN, sizeof(struct dld_modify_req), false,
		sizeof(struct zone_reply), modify},
	{DLD_ADD_PORTS, NEEDS_NETADMIN, sizeof(struct dld_ports_req), false,
		sizeof(struct zone_reply), ports},
	{DLD_REMOVE_PORTS, NEEDS_NETADMIN, sizeof(struct dld_ports_req), false,
		sizeof(struct zone_reply), ports},
	{DLD_DETAILS, NEEDS_NOTHING, sizeof(struct dld_link_req), false,
		sizeof(struct dld_details_reply), details},
	{DLD_FDB, NEEDS_NOTHING, sizeof(struct dld_fdb_req), false,
		sizeof(struct dld_fdb_reply), fdb},
	{DLD_SET_TARGET, NEEDS_NETADMIN, sizeof(struct dld_target_req), false,
		sizeof(struct zone_reply), set_target},
	{.handler = NULL},
};
/* clang-format on */
