/* SPDX-License-Identifier: MIT */
/*
 * The MAC address of a link that is made: given, random behind a prefix, or the one that it had. No two
 * links over the same one have the same.
 */
#include "zoned/mac.h"

#include <sys/random.h>

#define MAC_TRIES 64

static const uint8_t mac_prefix[3] = {0x02, 0x08, 0x20};

/* A random address, of which the first n bytes are given, that no link over the same one has. */
static int mac_random(struct devnet *dd, const uint8_t *prefix, size_t n)
{
	uint8_t mac[6];
	int r = -EADDRINUSE;

	for (int i = 0; i < MAC_TRIES && r == -EADDRINUSE; i++) {
		if (getrandom(mac, sizeof(mac), 0) != sizeof(mac))
			return -EIO;
		memcpy(mac, prefix, n);
		r = dls_devnet_reserve_mac(dd, mac);
		if (n == sizeof(mac))
			break;
	}
	return r;
}

/* A link that is made again keeps its address. */
static bool mac_known(const struct devnet *dd)
{
	static const uint8_t none[6];

	return memcmp(dd->dd_mac, none, sizeof(none)) != 0;
}

static int mac_fixed(struct devnet *dd, const uint8_t mac[6], struct diag *d)
{
	static const uint8_t none[6];
	int r;

	if ((mac[0] & 1) || memcmp(mac, none, sizeof(none)) == 0)
		return diag_set(d, -EINVAL, "invalid MAC address: a vnic needs a unicast one");
	r = dls_devnet_reserve_mac(dd, mac);
	if (r == -EADDRINUSE)
		return diag_set(d, r, "MAC address is already in use");
	return r;
}

static int mac_given(struct devnet *dd, const struct dls_link_args *args, struct diag *d)
{
	if (args->prefix_len > 6 || (args->mac[0] & 1))
		return diag_set(d, -EINVAL, "invalid MAC address prefix");
	return mac_random(dd, args->mac, args->prefix_len);
}

static int choose(struct devnet *dd, const struct dls_link_args *args, struct diag *d)
{
	switch (dd->dd_mactype) {
	case VNIC_MAC_ADDR_TYPE_FIXED:
	case VNIC_MAC_ADDR_TYPE_VRID:
		return mac_fixed(dd, args->mac, d);
	case VNIC_MAC_ADDR_TYPE_RANDOM:
		if (args->prefix_len)
			return mac_given(dd, args, d);
		return mac_random(dd, mac_prefix, sizeof(mac_prefix));
	case VNIC_MAC_ADDR_TYPE_AUTO:
		if (args && args->prefix_len) /* the one that it had before */
			return mac_given(dd, args, d);
		return mac_random(dd, mac_prefix, sizeof(mac_prefix));
	default:
		return diag_set(d, -EOPNOTSUPP, "MAC address type is not supported");
	}
}

static bool wants_mac(const struct devnet *dd)
{
	return !mac_known(dd) &&
	       (dd->dd_ops->own_mac || dd->dd_mactype == VNIC_MAC_ADDR_TYPE_FIXED ||
		       dd->dd_mactype == VNIC_MAC_ADDR_TYPE_VRID);
}

int dls_address_choose(struct devnet *dd, const struct dls_link_args *args, struct diag *d)
{
	return wants_mac(dd) ? choose(dd, args, d) : 0;
}
