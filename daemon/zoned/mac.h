/* SPDX-License-Identifier: MIT */
/*
 * Mac drivers: one file per link kind behind the same small table of functions.
 * All run in the perimeter of the link, and of the lower link where there is
 * one. They know the kernel's device and nothing of names, zones or dlmgmtd.
 */
#pragma once

#include "zoned/dls-impl.h"

/* The link below a new one; all zeros when there is none. */
struct mac_lower {
	uint32_t class;
	int ifindex;
	uint32_t mtu;
};

struct mac_ops {
	uint32_t class;
	const char *noun; /* for messages: "a vnic" */
	bool lendable;	  /* the device can go into another network namespace */

	/*
	 * Makes the device at home under a name with the link's dd_mac, brings up what is not
	 * the user's, and fills ret_ifindex and ret_port. NULL: not made by us.
	 */
	int (*create)(struct devnet *dd, const char *name, const struct mac_lower *lower,
		struct nl *home, int *ret_ifindex, int *ret_port, struct diag *d);

	/*
	 * A link whose device stays at home when it is lent (dls-twin.c). create_twin makes the
	 * zone's: in netns, at the index dd_to, its port at dd_twin_port; -EEXIST and -EBUSY as
	 * nl_birth says. cut_twin ends its traffic without a wait, destroy_twin takes it away;
	 * netns is FD_NONE when the namespace is gone. NULL: the device itself goes.
	 */
	int (*create_twin)(struct devnet *dd, const char *name, const struct mac_lower *lower,
		int netns, struct nl *home, struct diag *d);
	int (*cut_twin)(struct devnet *dd, struct dls_place at, int netns, struct nl *home);
	int (*destroy_twin)(struct devnet *dd, struct dls_place at, int netns, struct nl *home);

	/* Destroys the device, wherever it is, and its twin. No device is success. NULL: not ours to destroy. */
	int (*destroy)(struct devnet *dd, struct nl *home);

	/* -EBUSY when somebody uses what is behind the device; NULL: nobody can. */
	int (*busy)(struct devnet *dd, struct nl *home, struct diag *d);

	/*
	 * True when the device at dd_at is still this link's: where tells what l was
	 * read from, home may be the same. NULL: the index is proof enough.
	 */
	bool (*ours)(const struct devnet_info *i, const struct nl_link *l, struct nl *where,
		struct nl *home);

	/* Properties: mtu. where is the namespace the device is in. */
	int (*set_mtu)(struct devnet *dd, struct nl *where, struct nl *home, uint32_t mtu);

	/* Fills in what dladm shows of the device: state, speed, duplex, range of the mtu. */
	void (*get_info)(const struct devnet_info *i, const struct nl_link *l, struct nl *home,
		struct dld_linkinfo_reply *ret);
};

extern const struct mac_ops mac_phys, mac_etherstub, mac_vnic;

/* The driver of a class, NULL when there is none. */
const struct mac_ops *mac_of_class(uint32_t class);

/* Speed (bits per second) and duplex of a NIC by its name in a network namespace. */
int mac_phys_speed(int netns, const char *device, uint64_t *ret_speed, uint32_t *ret_duplex);
