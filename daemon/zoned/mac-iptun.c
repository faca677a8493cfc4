/* SPDX-License-Identifier: MIT */
/*
 * IP tunnel: type ipv4 is a sit device that carries IPv4 and IPv6 both, ipv6 an ip6tnl device,
 * 6to4 a sit device without a remote end.
 *
 * Linux: the kernel has one tunnel for each pair of addresses. One that has none yet gets a
 * local address that nobody can have, made of its link id: of 127/8, or of the discard
 * prefix 100::/64; and a remote one for documentation, to which nothing can be sent
 * from that: so that it can be given others where it is. They are never shown.
 */
#include "zoned/mac.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#define HOP_LIMIT   64
#define ENCAP_LIMIT 4

static bool is_set(const uint8_t addr[16])
{
	static const uint8_t none[16];

	return memcmp(addr, none, sizeof(none)) != 0;
}

static bool is_v6(const struct dld_tunnel *t)
{
	return t->type == IPTUN_TYPE_IPV6;
}

static bool is_multicast(const struct dld_tunnel *t, const uint8_t addr[16])
{
	return is_v6(t) ? addr[0] == 0xff : addr[0] >= 224;
}

static int iptun_check(const struct dld_spec *spec, struct diag *d)
{
	const struct dld_tunnel *t = &spec->tunnel;
	size_t size = is_v6(t) ? 16 : 4;

	if (t->type < IPTUN_TYPE_IPV4 || t->type > IPTUN_TYPE_6TO4)
		return diag_set(d, -EINVAL, "a tunnel is of type ipv4, ipv6 or 6to4");
	if (t->type == IPTUN_TYPE_6TO4 && is_set(t->remote))
		return diag_set(d, -EINVAL, "a 6to4 tunnel has no remote address");
	if (is_multicast(t, t->local) || is_multicast(t, t->remote))
		return diag_set(d, -EINVAL, "the address of a tunnel's end is a unicast one");
	if (is_set(t->local) && memcmp(t->local, t->remote, size) == 0)
		return diag_set(d, -EINVAL, "the ends of a tunnel have the same address");
	return 0;
}

static const uint8_t nowhere4[16] = {192, 0, 2, 1};
static const uint8_t nowhere6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};

static void placeholder(const struct devnet *dd, bool v6, uint8_t addr[16])
{
	uint32_t id = htonl(dd->dd_linkid);

	memset(addr, 0, 16);
	if (v6) {
		addr[0] = 1;
		memcpy(addr + 12, &id, sizeof(id));
	} else {
		addr[0] = 127;
		memcpy(addr + 1, (uint8_t *)&id + 1, 3);
	}
}

static bool is_placeholder(bool v6, const uint8_t addr[16])
{
	static const uint8_t discard[8] = {1};

	return v6 ? memcmp(addr, discard, sizeof(discard)) == 0 : addr[0] == 127;
}

static struct nl_kind iptun_kind(const struct devnet *dd, const struct dld_spec *spec)
{
	const struct dld_tunnel *t = &spec->tunnel;
	struct nl_kind k = {.tunnel = {.family = is_v6(t) ? AF_INET6 : AF_INET,
				    .hop_limit = t->hop_limit ? t->hop_limit : HOP_LIMIT,
				    .encap_limit = t->encap_limit ? t->encap_limit : ENCAP_LIMIT}};

	(void)str_copy(k.name, sizeof(k.name), is_v6(t) ? "ip6tnl" : "sit");
	if (t->encap_limit == IPTUN_ENCAP_NONE) {
		k.tunnel.encap_limit = 0;
		k.tunnel.no_encap_limit = true;
	}
	if (t->type == IPTUN_TYPE_6TO4)
		k.tunnel.protocol = IPPROTO_IPV6;
	memcpy(k.tunnel.local, t->local, sizeof(t->local));
	memcpy(k.tunnel.remote, t->remote, sizeof(t->remote));
	if (!is_set(t->local) && !is_set(t->remote)) {
		placeholder(dd, is_v6(t), k.tunnel.local);
		if (t->type != IPTUN_TYPE_6TO4)
			memcpy(k.tunnel.remote, is_v6(t) ? nowhere6 : nowhere4, 16);
	}
	return k;
}

static int iptun_create(struct devnet *dd, const char *name, const struct mac_lower *lower,
	struct nl *home, int *ret_ifindex, int *ret_port, struct diag *d)
{
	const struct nl_kind k = iptun_kind(dd, &dd->dd_spec);
	int r = mac_kind_create(dd, name, &k, 0,
		k.tunnel.family == AF_INET6 ? "IPv6 tunnels" : "IPv4 tunnels", home, d);

	if (r < 0)
		return r;
	*ret_ifindex = dd->dd_to.ifindex;
	*ret_port = 0;
	return 0;
}

/*
 * Linux: the kernel does not give a tunnel its first remote address, nor takes the last away.
 * One that nobody uses is then made anew.
 */
static int iptun_modify(
	struct devnet *dd, const struct dld_spec *spec, struct nl *where, struct diag *d)
{
	const struct nl_kind k = iptun_kind(dd, spec);
	const struct dld_spec was = dd->dd_spec;
	int r;

	if (spec->tunnel.type != was.tunnel.type)
		return diag_set(d, -EINVAL, "the type of a tunnel stays what it is");
	r = nl_kind_change(where, dd->dd_at.ifindex, &k);
	if (r < 0 && r != -EINVAL)
		return diag_set(d, r, "%s", nl_text(where));
	if (r == 0)
		return 0;
	if (!dls_at_home(dd))
		return diag_set(d, -EBUSY,
			"'%s' is lent to a zone and cannot get or lose its remote address there",
			dd->dd_linkname);
	r = dls_link_busy(dd, d);
	if (r < 0)
		return r;
	dls_devnet_set_spec(dd, spec);
	r = dls_link_remake(dd, d);
	if (r < 0) {
		dls_devnet_set_spec(dd, &was);
		(void)dls_link_remake(dd, NULL);
	}
	return r;
}

static int iptun_get_spec(int ifindex, struct nl *where, struct dld_spec *ret)
{
	struct dld_tunnel *t = &ret->tunnel;
	struct nl_kind k;
	int r = nl_kind_get(where, ifindex, &k);
	bool v6;

	if (r < 0)
		return r;
	v6 = streq(k.name, "ip6tnl");
	*t = (struct dld_tunnel){
		.type = v6 ? IPTUN_TYPE_IPV6 : IPTUN_TYPE_IPV4,
		.hop_limit = k.tunnel.hop_limit,
		.encap_limit = k.tunnel.no_encap_limit ? IPTUN_ENCAP_NONE : k.tunnel.encap_limit,
	};
	if (!v6 && k.tunnel.protocol == IPPROTO_IPV6)
		t->type = IPTUN_TYPE_6TO4;
	if (!is_placeholder(v6, k.tunnel.local))
		memcpy(t->local, k.tunnel.local, sizeof(t->local));
	if (memcmp(k.tunnel.remote, v6 ? nowhere6 : nowhere4, 16) != 0 ||
		!is_placeholder(v6, k.tunnel.local))
		memcpy(t->remote, k.tunnel.remote, sizeof(t->remote));
	return 0;
}

int mac_iptun_get_limits(struct devnet *dd, struct nl *where, struct mac_iptun_limits *ret)
{
	struct nl_kind k;
	int r = nl_kind_get(where, dd->dd_at.ifindex, &k);

	if (r == 0)
		*ret = (struct mac_iptun_limits){.hop = k.tunnel.hop_limit,
			.has_encap = k.tunnel.family == AF_INET6,
			.encap = k.tunnel.no_encap_limit ? 0 : k.tunnel.encap_limit};
	return r;
}

int mac_iptun_set_limits(struct devnet *dd, struct nl *where, const struct mac_iptun_limits *l)
{
	struct dld_spec spec = dd->dd_spec;
	struct nl_kind k;
	int r;

	spec.tunnel.hop_limit = l->hop;
	spec.tunnel.encap_limit = l->encap ? l->encap : IPTUN_ENCAP_NONE;
	k = iptun_kind(dd, &spec);
	r = nl_kind_change(where, dd->dd_at.ifindex, &k);
	if (r == 0)
		dls_devnet_set_spec(dd, &spec);
	return r;
}

/* Up when it has what it needs to send. */
static void iptun_get_info(const struct devnet_info *i, const struct nl_link *l,
	struct dls_view *view, struct dld_linkinfo_reply *ret)
{
	const struct dld_tunnel *t = &i->spec.tunnel;
	bool ready = is_set(t->local) && (t->type == IPTUN_TYPE_6TO4 || is_set(t->remote));

	ret->state = ready ? LINK_STATE_UP : LINK_STATE_DOWN;
	ret->mtu_default = is_v6(t) ? 1452 : 1480;
}

const struct mac_ops mac_iptun = {
	.class = DATALINK_CLASS_IPTUN,
	.noun = "an IP tunnel",
	.lendable = true,
	.in_zone = true,
	.kinds = {"sit", "ip6tnl"},
	.check = iptun_check,
	.create = iptun_create,
	.destroy = mac_kind_destroy,
	.ours = mac_kind_ours,
	.modify = iptun_modify,
	.modify_lent = true,
	.get_spec = iptun_get_spec,
	.set_mtu = mac_kind_set_mtu,
	.get_info = iptun_get_info,
};
