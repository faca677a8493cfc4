/* SPDX-License-Identifier: MIT */
/*
 * What ethtool(8) reads and sets, over its generic netlink family. A struct nl of ethnl_open()
 * is for these calls only; sockets, errors and nl_text() are as in rtnl.h. -EOPNOTSUPP: the
 * device has no such thing, or the kernel no such family. All of them block for one exchange
 * with the kernel, during which a driver may reset its device.
 */
#pragma once

#include "linux/rtnl.h"

#define ETHNL_MODES 128

/* One link mode that the device supports. */
struct ethnl_mode {
	uint32_t index; /* ETHTOOL_LINK_MODE_*_BIT */
	uint32_t speed; /* Mbit/s */
	bool full;
	bool advertised;
};

struct ethnl_link {
	bool autoneg;
	uint32_t speed; /* Mbit/s; 0: not known */
	uint8_t duplex; /* DUPLEX_HALF, DUPLEX_FULL, DUPLEX_UNKNOWN */
	size_t nmodes;
	struct ethnl_mode modes[ETHNL_MODES];
};

struct ethnl_pause {
	bool autoneg, rx, tx;
};

struct ethnl_channels {
	uint32_t rx, tx, combined;
	uint32_t rx_max, tx_max, combined_max;
};

/* A socket in a network namespace, FD_NONE = the caller's. */
int ethnl_open(int netns, struct nl **ret);

int ethnl_link_get(struct nl *nl, int ifindex, struct ethnl_link *ret);
int ethnl_link_set_autoneg(struct nl *nl, int ifindex, bool on);
/* Changes those of the link modes in l that have this speed and duplex. */
int ethnl_link_advertise(
	struct nl *nl, int ifindex, const struct ethnl_link *l, uint32_t speed, bool full, bool on);

int ethnl_pause_get(struct nl *nl, int ifindex, struct ethnl_pause *ret);
int ethnl_pause_set(struct nl *nl, int ifindex, const struct ethnl_pause *p);

int ethnl_channels_get(struct nl *nl, int ifindex, struct ethnl_channels *ret);
/* The counts of c; a device refuses one that is above its maximum. */
int ethnl_channels_set(struct nl *nl, int ifindex, const struct ethnl_channels *c);
