/* SPDX-License-Identifier: MIT */
/*
 * Simnet: a simulated NIC. A veth whose far end is ours and hidden, vp<linkid>. Two simnets are
 * connected by a switch of their own, a hidden bridge vsim<linkid>, that has their far
 * ends as its ports: so a peer comes and goes without either device being touched. Without a
 * peer the far end is down, and the simnet has no carrier.
 *
 * Who is whose peer stands in both specs. simnet_lock guards that and the switches: it is
 * taken in a perimeter, and never with the perimeter of the peer, whose device it leaves alone.
 *
 * Linux: a switch does not pass what 802.1D keeps to one link, LACP and spanning tree among it.
 */
#include "zoned/mac.h"

#include "linux/log.h"

static pthread_mutex_t simnet_lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- the switch between two ---- */

static void switch_name(datalink_id_t a, datalink_id_t b, char name[static IFNAMSIZ])
{
	(void)snprintf(name, IFNAMSIZ, "vsim%u", a < b ? a : b);
}

static int switch_get(struct nl *home, const char *name, int *ret)
{
	struct nl_link l;
	int r = nl_link_get_name(home, name, &l);

	if (r == 0 && !streq(l.kind, "bridge"))
		r = -EEXIST;
	if (r == 0)
		*ret = l.ifindex;
	return r;
}

static int plug(struct nl *home, int port, int bridge)
{
	int r = nl_link_set_master(home, port, bridge);

	return r < 0 ? r : nl_link_set_flags(home, port, bridge ? IFF_UP : 0, IFF_UP);
}

/* Both ends into one switch, also when they are there already. */
static int connect_ports(datalink_id_t a, int port_a, datalink_id_t b, int port_b, struct nl *home)
{
	char name[IFNAMSIZ];
	int bridge, r;

	switch_name(a, b, name);
	r = switch_get(home, name, &bridge);
	if (r == -ENODEV)
		r = nl_bridge_create(home, name, NULL, &bridge);
	if (r == 0)
		r = nl_link_set_flags(home, bridge, IFF_UP, IFF_UP);
	if (r == 0)
		r = plug(home, port_a, bridge);
	if (r == 0)
		r = plug(home, port_b, bridge);
	return r;
}

/* Either may be gone. */
static void disconnect_ports(
	datalink_id_t a, int port_a, datalink_id_t b, int port_b, struct nl *home)
{
	char name[IFNAMSIZ];
	int bridge;

	(void)plug(home, port_a, 0);
	(void)plug(home, port_b, 0);
	switch_name(a, b, name);
	if (switch_get(home, name, &bridge) == 0)
		(void)nl_link_delete(home, bridge);
}

/* ---- peers; with simnet_lock ---- */

static void set_peer(struct devnet *dd, datalink_id_t peer)
{
	dls_devnet_set_spec(dd, &(struct dld_spec){.peer = peer});
	(void)dls_state_save(dd->dd_linkid); /* logged; each of the two says who the other is */
}

static void part(struct devnet *dd, struct nl *home)
{
	datalink_id_t peer = dd->dd_spec.peer;
	struct devnet_info i = {0};
	struct devnet *other;

	if (!peer)
		return;
	set_peer(dd, DATALINK_INVALID_LINKID);
	if (dls_devnet_hold_tmp(peer, &other) == 0) {
		dls_devnet_info(other, &i);
		if (i.spec.peer == dd->dd_linkid)
			set_peer(other, DATALINK_INVALID_LINKID);
		dls_devnet_rele_tmp(other);
	}
	disconnect_ports(dd->dd_linkid, dd->dd_port, peer, i.port, home);
}

/* other is not in its perimeter, but no other thread changes what is read and written here. */
static int join(struct devnet *dd, struct devnet *other, struct nl *home, struct diag *d)
{
	struct devnet_info i;
	int r;

	part(dd, home);
	part(other, home);
	dls_devnet_info(other, &i);
	r = connect_ports(dd->dd_linkid, dd->dd_port, i.linkid, i.port, home);
	if (r < 0) {
		diag_set(d, r, "cannot connect '%s' and '%s': %s", dd->dd_linkname, i.linkname,
			nl_text(home));
		disconnect_ports(dd->dd_linkid, dd->dd_port, i.linkid, i.port, home);
		return r;
	}
	set_peer(dd, i.linkid);
	set_peer(other, dd->dd_linkid);
	return 0;
}

static int simnet_modify(
	struct devnet *dd, const struct dld_spec *spec, struct nl *home, struct diag *d)
{
	struct devnet *other = NULL;
	int r = 0;

	if (spec->peer == dd->dd_linkid)
		return diag_set(d, -EINVAL, "'%s' cannot be its own peer", dd->dd_linkname);
	if (spec->peer && dls_devnet_hold_tmp(spec->peer, &other) < 0)
		return diag_set(d, -ENOENT, "there is no such peer");
	if (other && other->dd_class != DATALINK_CLASS_SIMNET) {
		r = diag_set(d, -EINVAL, "'%s' is no simnet", other->dd_linkname);
	} else {
		(void)pthread_mutex_lock(&simnet_lock);
		if (other)
			r = join(dd, other, home, d);
		else
			part(dd, home);
		(void)pthread_mutex_unlock(&simnet_lock);
	}
	if (other)
		dls_devnet_rele_tmp(other);
	return r;
}

/* ---- the device ---- */

static int simnet_create(struct devnet *dd, const char *name, const struct mac_lower *lower,
	struct nl *home, int *ret_ifindex, int *ret_port, struct diag *d)
{
	char port[IFNAMSIZ];
	struct nl_birth b = {
		.name = name,
		.mac = dd->dd_mac,
		.mtu = dd->dd_mtu ? dd->dd_mtu : 1500,
		.netns = FD_NONE,
		.ifindex = dd->dd_to.ifindex,
		.port = port,
		.port_ifindex = dd->dd_port,
		.port_down = true,
	};
	int r;

	(void)snprintf(port, sizeof(port), "vp%u", dd->dd_linkid);
	r = nl_veth_create_in(home, &b);
	if (r < 0)
		return diag_set(d, r, "cannot make veth '%s': %s", name, nl_text(home));
	*ret_ifindex = dd->dd_to.ifindex;
	*ret_port = dd->dd_port;
	return 0;
}

/* With the port the device goes, wherever it is. */
static int simnet_destroy(struct devnet *dd, struct nl *home)
{
	int r = nl_link_delete(home, dd->dd_port);

	return r == -ENODEV ? 0 : r;
}

static bool simnet_ours(
	const struct devnet_info *i, const struct nl_link *l, struct nl *where, struct nl *home)
{
	struct nl_link port;
	int nsid;

	return nl_link_get(home, i->port, &port) == 0 && streq(port.kind, "veth") &&
	       mac_zone_nsid(home, i->at.zone, &nsid) == 0 && port.link == i->at.ifindex &&
	       port.link_nsid == nsid;
}

/* It is gone for good: so is the switch. */
static void simnet_ended(struct devnet *dd, struct nl *home)
{
	(void)pthread_mutex_lock(&simnet_lock);
	part(dd, home);
	(void)pthread_mutex_unlock(&simnet_lock);
}

static int simnet_set_mtu(struct devnet *dd, struct nl *where, struct nl *home, uint32_t mtu)
{
	int r = nl_link_set_mtu(home, dd->dd_port, mtu);

	return r < 0 ? r : nl_link_set_mtu(where, dd->dd_at.ifindex, mtu);
}

static void simnet_get_info(const struct devnet_info *i, const struct nl_link *l,
	struct dls_view *view, struct dld_linkinfo_reply *ret)
{
	ret->state = i->spec.peer ? LINK_STATE_UP : LINK_STATE_DOWN;
	ret->mtu_default = 1500;
	if (i->spec.peer)
		mac_state(l, ret);
}

/* Its far end is a new one, or may be out of the switch. */
static void simnet_settle(struct devnet *dd, struct nl *home)
{
	struct devnet_info i = {0};
	struct devnet *other;

	(void)pthread_mutex_lock(&simnet_lock);
	if (dd->dd_spec.peer && dls_devnet_hold_tmp(dd->dd_spec.peer, &other) == 0) {
		dls_devnet_info(other, &i);
		dls_devnet_rele_tmp(other);
	}
	if (dd->dd_spec.peer && i.spec.peer != dd->dd_linkid) {
		set_peer(dd, DATALINK_INVALID_LINKID);
		(void)plug(home, dd->dd_port, 0);
	} else if (dd->dd_spec.peer &&
		   connect_ports(dd->dd_linkid, dd->dd_port, i.linkid, i.port, home) < 0) {
		log_line(LOG_WARNING, "link=%s: Cannot be connected with '%s': %s", dd->dd_linkname,
			i.linkname, nl_text(home));
	}
	(void)pthread_mutex_unlock(&simnet_lock);
}

/* ---- after a restart ---- */

static int switch_step(const struct nl_link *l, void *arg)
{
	struct nl_link *ret = arg;
	struct devnet_info i = {0};
	datalink_id_t id;
	struct devnet *dd;
	int end = 0;

	if (!streq(l->kind, "bridge") || sscanf(l->name, "vsim%u%n", &id, &end) != 1 ||
		l->name[end])
		return 0;
	if (dls_devnet_hold_tmp(id, &dd) == 0) {
		dls_devnet_info(dd, &i);
		dls_devnet_rele_tmp(dd);
	}
	if (i.class == DATALINK_CLASS_SIMNET && i.spec.peer > id)
		return 0;
	*ret = *l;
	return 1;
}

void mac_simnet_sweep(struct nl *home)
{
	struct nl_link l;

	while (nl_link_each(home, switch_step, &l) == 1) {
		log_line(LOG_NOTICE, "link: Switch %s connects nothing, removed", l.name);
		if (nl_link_delete(home, l.ifindex) < 0)
			return;
	}
}

const struct mac_ops mac_simnet = {
	.class = DATALINK_CLASS_SIMNET,
	.noun = "a simnet",
	.lendable = true,
	.own_mac = true,
	.has_port = true,
	.kinds = {"veth"},
	.create = simnet_create,
	.destroy = simnet_destroy,
	.ended = simnet_ended,
	.ours = simnet_ours,
	.settle = simnet_settle,
	.modify = simnet_modify,
	.set_mtu = simnet_set_mtu,
	.get_info = simnet_get_info,
};
