/* SPDX-License-Identifier: MIT */
/*
 * Mac drivers: one file per link kind behind the same small table of functions.
 * All run in the perimeter of the link, and of the lower link where there is
 * one. They know the kernel's device and nothing of names, zones or dlmgmtd.
 */
#pragma once

#include "zoned/dls-impl.h"
#include "linux/rtnl-kind.h"

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
	bool (*stays)(const struct devnet *dd); /* but this one cannot; NULL: each can */
	bool in_zone;				/* a zone can make one in its own */
	bool own_mac;				/* has an address that we choose */
	bool has_port;	/* and a hidden end at home, made at the index dd_port */
	uint32_t over;	/* classes of links that it goes over; 0: over none */
	uint32_t ports; /* classes of links that it can have as ports */

	/*
	 * The device is made at the index dd_to, is the same link for as long as that has one of
	 * these kinds (four at most), and is made anew when it comes home from a zone. NULL: see ours.
	 */
	const char *kinds[4];

	/* Refuses a spec that no device can have, with a line. NULL: there is nothing to say. */
	int (*check)(const struct dld_spec *spec, struct diag *d);

	/*
	 * Gives the device the settings of spec, or leaves it as it was; where is where it is, which
	 * is home unless modify_lent says that it may be in a zone. NULL: it has none.
	 */
	int (*modify)(
		struct devnet *dd, const struct dld_spec *spec, struct nl *where, struct diag *d);
	bool modify_lent;

	/* What the kernel says that the device is made of. where is where it is. NULL: it cannot say. */
	int (*get_spec)(int ifindex, struct nl *where, struct dld_spec *ret);

	/* Before a device becomes a port, and when it has stopped to be one. NULL: nothing to do. */
	int (*join)(struct devnet *dd, struct devnet *port, const struct nl_link *l,
		struct nl *home, struct diag *d);

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

	/* The device has been made again, or zoned was started again. NULL: nothing to do. */
	void (*settle)(struct devnet *dd, struct nl *home);

	/* The link has ended, its device is gone. NULL: nothing is left of it. */
	void (*ended)(struct devnet *dd, struct nl *home);

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
	void (*get_info)(const struct devnet_info *i, const struct nl_link *l,
		struct dls_view *view, struct dld_linkinfo_reply *ret);
};

extern const struct mac_ops mac_phys, mac_etherstub, mac_vnic, mac_vlan, mac_aggr, mac_bridge,
	mac_simnet, mac_iptun, mac_overlay;

/* The driver of a class, NULL when there is none. */
const struct mac_ops *mac_of_class(uint32_t class);

/* Speed (bits per second) and duplex of a NIC by its index in a network namespace. */
int mac_phys_speed(int netns, int ifindex, uint64_t *ret_speed, uint32_t *ret_duplex);

/* What a tunnel writes into the packets around those it carries. Errors of rtnetlink. */
struct mac_iptun_limits {
	uint8_t hop;
	bool has_encap; /* out: the tunnel is over IPv6 */
	uint8_t encap;	/* 0: none is told */
};
int mac_iptun_get_limits(struct devnet *dd, struct nl *where, struct mac_iptun_limits *ret);
/* In the perimeter; the link's spec follows. */
int mac_iptun_set_limits(struct devnet *dd, struct nl *where, const struct mac_iptun_limits *l);

/* ---- mac-vnic.c: twins that are veths ---- */

int mac_veth_create_twin(struct devnet *dd, const char *name, const struct mac_lower *lower,
	int netns, struct nl *home, struct diag *d);
int mac_veth_cut_twin(struct devnet *dd, struct dls_place at, int netns, struct nl *home);
int mac_veth_destroy_twin(struct devnet *dd, struct dls_place at, int netns, struct nl *home);
/* The port at home leads to the device at i->at. */
bool mac_veth_ours(const struct devnet_info *i, struct nl *home);

/* ---- mac-kind.c: what drivers with kinds share ---- */

bool mac_is_kind(const struct mac_ops *ops, const char *kind);

/* Makes it at home at the index dd_to with dd_mac; module: what the kernel calls the kind. */
int mac_kind_create(struct devnet *dd, const char *name, const struct nl_kind *k, int lower,
	const char *module, struct nl *home, struct diag *d);
int mac_kind_destroy(struct devnet *dd, struct nl *home);
bool mac_kind_ours(
	const struct devnet_info *i, const struct nl_link *l, struct nl *where, struct nl *home);
int mac_kind_set_mtu(struct devnet *dd, struct nl *where, struct nl *home, uint32_t mtu);

/* -EBUSY while it has ports. */
int mac_kind_busy(struct devnet *dd, struct nl *home, struct diag *d);

/* No IPv6 of the host's on a device in its namespace, where the kernel has it at all. */
int mac_close_ip6(const char *device);

/* Id that home has for a zone's network namespace: -1 for home itself. */
int mac_zone_nsid(struct nl *home, zoneid_t zone, int *ret);

/* The state of a device that is up; of one that is down, that of the link below it. */
void mac_state_over(const struct devnet_info *i, const struct nl_link *l, struct dls_view *view,
	struct dld_linkinfo_reply *ret);
void mac_state(const struct nl_link *l, struct dld_linkinfo_reply *ret);

/* After a restart: removes the switches of simnets that have no peer. */
void mac_simnet_sweep(struct nl *home);

/* ---- mac-tag.c: the VLANs below vnics ---- */

/*
 * In the perimeter of a link: what a vnic with the identifier is to be over, made when it is not
 * there; below is the link on entry.
 */
int mac_tag_enter(struct devnet *lower, uint32_t vid, struct nl *home, struct mac_lower *below,
	struct diag *d);
/* A vnic with the identifier is gone. In the perimeter of the link. */
void mac_tag_reap(struct devnet *lower, uint32_t vid, struct nl *home);
/* After a restart: removes those that nothing is over. */
void mac_tag_sweep(struct nl *home);
bool mac_tag_is(const struct nl_link *l);
