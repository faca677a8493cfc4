/* SPDX-License-Identifier: MIT */
/*
 * Links as ports of an aggr or a bridge. Which are in is asked of the kernel each time:
 * whatever somebody did with ip(8) meanwhile is what is true. A port has nothing over it, no
 * address and no other use, and cannot be lent or destroyed as long as it is one.
 *
 * Ports are taken one after the other, each in its own perimeter, which is that of a lower link.
 */
#include "zoned/mac.h"
#include "zoned/prop.h"

static int check_port(struct devnet *dd, struct devnet *port, struct diag *d)
{
	uint32_t holds;
	int r;

	if (!(port->dd_class & dd->dd_ops->ports))
		return diag_set(
			d, -EINVAL, "%s cannot be in %s", port->dd_ops->noun, dd->dd_ops->noun);
	if (port->dd_at.zone != GLOBAL_ZONEID)
		return diag_set(d, -EBUSY, "'%s' is lent to a zone", port->dd_linkname);
	(void)pthread_mutex_lock(&port->dd_mutex);
	holds = port->dd_ref;
	(void)pthread_mutex_unlock(&port->dd_mutex);
	if (holds > 1)
		return diag_set(d, -EBUSY, "'%s' has links over it", port->dd_linkname);
	r = dls_link_busy(port, d);
	return r;
}

static int add_in_perim(struct devnet *dd, struct devnet *port, struct nl *home, struct diag *d)
{
	struct nl_link l;
	int r;

	r = check_port(dd, port, d);
	if (r < 0)
		return r;
	r = nl_link_get(home, port->dd_at.ifindex, &l);
	if (r < 0)
		return diag_set(d, -ENODEV, "the device of '%s' is gone", port->dd_linkname);
	r = dd->dd_ops->join(dd, port, &l, home, d);
	if (r < 0)
		return r;
	r = nl_link_set_master(home, l.ifindex, dd->dd_at.ifindex);
	if (r == 0 && dd->dd_class == DATALINK_CLASS_BRIDGE) {
		r = dls_prop_joined(port, d);
		if (r < 0)
			(void)nl_link_set_master(home, l.ifindex, 0);
		return r;
	}
	if (r < 0) {
		diag_set(d, r, "cannot put '%s' into '%s': %s", port->dd_linkname, dd->dd_linkname,
			nl_text(home));
		(void)nl_link_set_flags(home, l.ifindex, l.flags & IFF_UP, IFF_UP);
	}
	return r;
}

static int remove_in_perim(struct devnet *dd, struct devnet *port, struct nl *home, struct diag *d)
{
	struct nl_link l;
	int r;

	r = nl_link_get(home, port->dd_at.ifindex, &l);
	if (r < 0 || l.master != dd->dd_at.ifindex || port->dd_at.zone != GLOBAL_ZONEID)
		return diag_set(
			d, -ENOENT, "'%s' is not in '%s'", port->dd_linkname, dd->dd_linkname);
	r = nl_link_set_master(home, l.ifindex, 0);
	if (r < 0)
		diag_set(d, r, "cannot take '%s' out of '%s': %s", port->dd_linkname,
			dd->dd_linkname, nl_text(home));
	return r;
}

typedef int port_fn(struct devnet *dd, struct devnet *port, struct nl *home, struct diag *d);

static int with_port(
	struct devnet *dd, datalink_id_t id, port_fn *fn, struct nl *home, struct diag *d)
{
	struct devnet *port;
	int r;

	if (id == dd->dd_linkid)
		return diag_set(d, -EINVAL, "'%s' cannot be in itself", dd->dd_linkname);
	r = dls_devnet_hold_tmp(id, &port);
	if (r < 0)
		return diag_set(d, r, "there is no such link");
	r = dls_perim_enter(port);
	if (r == 0) {
		r = fn(dd, port, home, d);
		dls_perim_exit(port);
	}
	dls_devnet_rele_tmp(port);
	return r;
}

static int all_or_none(struct devnet *dd, const datalink_id_t *ports, size_t n, port_fn *fn,
	port_fn *undo, struct nl *home, struct diag *d)
{
	int r = 0;
	size_t i;

	for (i = 0; i < n && r == 0; i++)
		r = with_port(dd, ports[i], fn, home, d);
	if (r == 0)
		return 0;
	for (i--; i > 0; i--)
		(void)with_port(dd, ports[i - 1], undo, home, NULL);
	return r;
}

int dls_ports_add(
	struct devnet *dd, const datalink_id_t *ports, size_t n, struct nl *home, struct diag *d)
{
	return all_or_none(dd, ports, n, add_in_perim, remove_in_perim, home, d);
}

int dls_ports_remove(
	struct devnet *dd, const datalink_id_t *ports, size_t n, struct nl *home, struct diag *d)
{
	return all_or_none(dd, ports, n, remove_in_perim, add_in_perim, home, d);
}
