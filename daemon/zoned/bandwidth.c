/* SPDX-License-Identifier: MIT */
/*
 * maxbw: a token bucket for each direction. The device of a link at home sends one of them
 * itself; the other comes in there and is led over an intermediate device of the link's,
 * vi<linkid>, by the packet filter, behind its checks: from there it goes on as if it had
 * just come in. Over a NIC the device at home that the port is led to has the other queue.
 */
#include "zoned/prop.h"

#include "linux/log.h"
#include "linux/tc.h"

static void ifb_name(datalink_id_t id, char ret[static IFNAMSIZ])
{
	(void)snprintf(ret, IFNAMSIZ, "vi%u", id);
}

static int ifb_find(struct nl *home, datalink_id_t id, int *ret)
{
	char name[IFNAMSIZ];
	struct nl_link l;
	int r;

	ifb_name(id, name);
	r = nl_link_get_name(home, name, &l);
	if (r < 0 || !streq(l.kind, "ifb"))
		return -ENODEV;
	*ret = l.ifindex;
	return 0;
}

static int ifb_make(struct nl *home, datalink_id_t id, uint64_t bps, int *ret)
{
	char name[IFNAMSIZ];
	int r = ifb_find(home, id, ret);

	if (r < 0) {
		ifb_name(id, name);
		r = nl_ifb_create(home, name, ret);
	}
	if (r == 0)
		r = nl_tbf_set(home, *ret, bps);
	if (r == 0)
		r = nl_link_set_flags(home, *ret, IFF_UP, IFF_UP);
	return r;
}

int bandwidth_prepare(struct nl *home, const struct link_point *at, const struct link_wish *w,
	struct protect_ways *ret, struct diag *d)
{
	int ifb = 0, r;

	if (!w->maxbw)
		return 0;
	r = at->uplink ? nl_tbf_set(home, at->uplink, w->maxbw)
		       : ifb_make(home, at->linkid, w->maxbw, &ifb);
	if (r == 0)
		r = nl_tbf_set(home, at->ifindex, w->maxbw);
	if (r < 0)
		return diag_set(d, r, "cannot limit the bandwidth of '%s': %s", at->device,
			nl_text(home)[0] ? nl_text(home) : strerror(-r));
	if (ifb && at->port)
		ret->tx_forward = ifb;
	else if (ifb)
		ret->rx_forward = ifb;
	return 0;
}

int bandwidth_finish(
	struct nl *home, const struct link_point *at, const struct link_wish *w, struct diag *d)
{
	int r = 0;

	if (w->maxbw)
		return 0;
	if (at->ifindex)
		r = nl_tbf_clear(home, at->ifindex);
	if (r == 0 && at->uplink)
		r = nl_tbf_clear(home, at->uplink);
	bandwidth_forget(home, at->linkid);
	if (r < 0)
		return diag_set(
			d, r, "cannot lift the limit of '%s': %s", at->device, nl_text(home));
	return 0;
}

void bandwidth_forget(struct nl *home, datalink_id_t id)
{
	int ifb, r = ifb_find(home, id, &ifb);

	if (r == 0)
		r = nl_link_delete(home, ifb);
	if (r < 0 && r != -ENODEV)
		log_line(LOG_WARNING, "link=%u: Cannot remove vi%u: %s", id, id, nl_text(home));
}
