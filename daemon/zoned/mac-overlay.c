/* SPDX-License-Identifier: MIT */
/*
 * Overlay: a vxlan or geneve device, up from the start, to make vnics over. A vxlan sends to its
 * one destination, to what it learned, or to what modify-overlay set for an address; one with a table to
 * what is in that, which dladm reads from a file.
 *
 * Linux: the UDP port is one for what is sent and what is received; frames leave by the network
 * namespace that the device was made in, also while a zone has it.
 */
#include "zoned/mac.h"

#include <sys/socket.h>

#define VNETID_MAX  0xffffffu
#define VXLAN_PORT  4789
#define GENEVE_PORT 6081

static bool is_set(const uint8_t addr[16])
{
	static const uint8_t none[16];

	return memcmp(addr, none, sizeof(none)) != 0;
}

static int overlay_check(const struct dld_spec *spec, struct diag *d)
{
	const struct dld_tunnel *t = &spec->tunnel;

	if (t->type < OVERLAY_VXLAN || t->type > OVERLAY_TABLE)
		return diag_set(d, -EINVAL, "an encapsulation is vxlan or geneve");
	if (t->family != AF_INET && t->family != AF_INET6)
		return diag_set(d, -EINVAL, "an address is an IPv4 or an IPv6 one");
	if (t->vnetid > VNETID_MAX)
		return diag_set(d, -EINVAL, "a virtual network id is at most %u", VNETID_MAX);
	if (t->type == OVERLAY_GENEVE && !is_set(t->remote))
		return diag_set(d, -EINVAL, "geneve needs a destination");
	if (t->type == OVERLAY_TABLE && is_set(t->remote))
		return diag_set(d, -EINVAL, "a table has no other destination");
	if (t->type == OVERLAY_GENEVE && is_set(t->local))
		return diag_set(d, -EINVAL, "geneve listens on every address");
	return 0;
}

static struct nl_kind overlay_kind(const struct dld_spec *spec)
{
	const struct dld_tunnel *t = &spec->tunnel;
	struct nl_kind k = {.tunnel = {.family = (int)t->family,
				    .hop_limit = t->hop_limit,
				    .vni = t->vnetid,
				    .port = t->port,
				    .table = t->type == OVERLAY_TABLE}};
	bool vxlan = t->type != OVERLAY_GENEVE;

	(void)str_copy(k.name, sizeof(k.name), vxlan ? "vxlan" : "geneve");
	if (!k.tunnel.port)
		k.tunnel.port = vxlan ? VXLAN_PORT : GENEVE_PORT;
	memcpy(k.tunnel.local, t->local, sizeof(t->local));
	memcpy(k.tunnel.remote, t->remote, sizeof(t->remote));
	return k;
}

static int overlay_create(struct devnet *dd, const char *name, const struct mac_lower *lower,
	struct nl *home, int *ret_ifindex, int *ret_port, struct diag *d)
{
	const struct nl_kind k = overlay_kind(&dd->dd_spec);
	int ifindex = dd->dd_to.ifindex, r;

	r = mac_kind_create(dd, name, &k, 0, k.name, home, d);
	if (r < 0)
		return r;
	r = nl_link_set_flags(home, ifindex, IFF_UP, IFF_UP);
	if (r < 0) {
		diag_set(d, r, "cannot bring up '%s': %s", name, nl_text(home));
		(void)nl_link_delete(home, ifindex);
		return r;
	}
	*ret_ifindex = ifindex;
	*ret_port = 0;
	return 0;
}

static int overlay_get_spec(int ifindex, struct nl *where, struct dld_spec *ret)
{
	struct dld_tunnel *t = &ret->tunnel;
	struct nl_kind k;
	int r = nl_kind_get(where, ifindex, &k);

	if (r < 0)
		return r;
	*t = (struct dld_tunnel){
		.type = !streq(k.name, "vxlan") ? OVERLAY_GENEVE
			: k.tunnel.table	? OVERLAY_TABLE
						: OVERLAY_VXLAN,
		.family = (uint32_t)k.tunnel.family,
		.vnetid = k.tunnel.vni,
		.port = k.tunnel.port,
		.hop_limit = k.tunnel.hop_limit,
	};
	memcpy(t->local, k.tunnel.local, sizeof(t->local));
	memcpy(t->remote, k.tunnel.remote, sizeof(t->remote));
	return 0;
}

/* Root of a zone would write the table, and it is lost with the device that comes home. */
static bool overlay_stays(const struct devnet *dd)
{
	return dd->dd_spec.tunnel.type == OVERLAY_TABLE;
}

static void overlay_get_info(const struct devnet_info *i, const struct nl_link *l,
	struct dls_view *view, struct dld_linkinfo_reply *ret)
{
	mac_state(l, ret);
	ret->mtu_default = 1500;
}

const struct mac_ops mac_overlay = {
	.class = DATALINK_CLASS_OVERLAY,
	.noun = "an overlay",
	.lendable = true,
	.stays = overlay_stays,
	.in_zone = true,
	.own_mac = true,
	.kinds = {"vxlan", "geneve"},
	.check = overlay_check,
	.create = overlay_create,
	.destroy = mac_kind_destroy,
	.ours = mac_kind_ours,
	.get_spec = overlay_get_spec,
	.set_mtu = mac_kind_set_mtu,
	.get_info = overlay_get_info,
};
