/* SPDX-License-Identifier: MIT */
/*
 * Devices whose kind has settings of its own: made at an index that the caller
 * chose, read back, changed. See rtnl.h for sockets, errors and names.
 */
#pragma once

#include "linux/rtnl.h"

struct nl_vlan {
	uint16_t id;
};

enum nl_bond_mode { NL_BOND_XOR = 2, NL_BOND_8023AD = 4 };
enum nl_bond_hash { NL_BOND_LAYER2 = 0, NL_BOND_LAYER34 = 1, NL_BOND_LAYER23 = 2 };

struct nl_bond {
	uint8_t mode;	     /* enum nl_bond_mode */
	bool keep_mode;	     /* a change leaves it alone, which it can while there are ports */
	uint8_t hash;	     /* enum nl_bond_hash */
	bool lacp_fast;	     /* 802.3ad only */
	bool lacp_passive;   /* 802.3ad only; needs Linux 5.15 */
	uint16_t aggregator; /* out: the one in use, 0 when there is none */
	uint16_t key;	     /* out: the partner's */
};

/* Times in hundredths of a second. */
struct nl_bridge {
	bool stp;
	uint16_t priority;
	uint32_t max_age, hello_time, forward_delay;
	/* out: */
	uint8_t id[8], root[8]; /* priority and address */
	uint16_t root_port;
	uint32_t root_cost;
	uint64_t topology_timer; /* hundredths of a second left */
	bool topology_change;
	uint8_t filtering;
};

/* Of ipip, sit, ip6tnl, vxlan and geneve. An address of zeros is none. */
struct nl_tunnel {
	int family; /* of the outer addresses: AF_INET, AF_INET6 */
	uint8_t local[16], remote[16];
	uint8_t hop_limit;   /* 0: as the packet inside, or the kernel's choice */
	uint8_t encap_limit; /* ip6tnl: how many more tunnels a packet may go into */
	bool no_encap_limit; /* ip6tnl: packets do not say that */
	uint8_t protocol;    /* sit and ip6tnl: IPPROTO_* inside, 0 = IPv4 and IPv6 */
	uint32_t vni;	     /* vxlan, geneve */
	uint16_t port;	     /* vxlan, geneve: UDP, host byte order */
	bool table; /* vxlan: learns nothing, and answers who asks for what is in its tables */
};

struct nl_kind {
	char name[16]; /* of the kernel: "vlan", "bond", "bridge", "vxlan", "geneve", "sit", ... */
	union {
		struct nl_vlan vlan;
		struct nl_bond bond;
		struct nl_bridge bridge;
		struct nl_tunnel tunnel;
	};
};

/* What every new device has. */
struct nl_new {
	const char *name;
	const uint8_t *mac; /* 6 bytes; NULL: the kernel's choice */
	uint32_t mtu;	    /* 0: the kernel's choice */
	int ifindex;	    /* the one it gets; 0: the kernel's choice */
	int lower;	    /* 0: none */
	int netns;	    /* where it is born, lower being here; FD_NONE: here */
};

/*
 * -EEXIST when the name is taken, or another device has the same settings (a vlan's id, a
 * tunnel's addresses); -EBUSY when the index is; -EOPNOTSUPP when the kernel lacks the kind.
 */
int nl_kind_create(struct nl *nl, const struct nl_new *n, const struct nl_kind *k);

/* -ENODEV no device; -EOPNOTSUPP when it has no kind that is known here. */
int nl_kind_get(struct nl *nl, int ifindex, struct nl_kind *ret);

/* Changes the settings of a device of that kind to those of k. */
int nl_kind_change(struct nl *nl, int ifindex, const struct nl_kind *k);

/* A port of a bridge or a bond, as far as its master tells. */
struct nl_port {
	int ifindex;
	char name[IFNAMSIZ];
	int master;
	/* bridge: */
	uint8_t state; /* 0 disabled, 1 listening, 2 learning, 3 forwarding, 4 blocking */
	uint32_t cost;
	uint16_t number, designated_port;
	uint16_t designated_cost;
	uint8_t designated_root[8], designated_bridge[8];
	/* bond: */
	bool up, active;
	uint16_t aggregator;
	uint8_t actor_state; /* bits of 802.3ad */
	uint8_t partner_state;
};

/* Calls fn for every port of a master, as nl_link_each() does. */
int nl_port_each(
	struct nl *nl, int master, int (*fn)(const struct nl_port *p, void *arg), void *arg);

/* An entry of the forwarding table of a bridge (by its ports) or a vxlan. */
struct nl_fdb {
	int ifindex; /* the port, or the vxlan */
	int master;
	uint8_t mac[6];
	uint16_t vid;
	bool local;   /* the host's own */
	bool fixed;   /* not learned */
	uint32_t age; /* hundredths of a second since it was seen */
	int family;   /* of where a vxlan sends it; 0: nowhere */
	uint8_t dst[16];
	uint16_t port; /* UDP, host byte order; 0: the device's */
};

/* Every entry of a bridge's ports (master), or of a vxlan itself (ifindex); the other is 0. */
int nl_fdb_each(struct nl *nl, int master, int ifindex,
	int (*fn)(const struct nl_fdb *f, void *arg), void *arg);

/* Sets or removes where a vxlan sends frames for an address; -ENOENT when there is none. */
int nl_fdb_set(struct nl *nl, int ifindex, const struct nl_fdb *f);
int nl_fdb_del(struct nl *nl, int ifindex, const uint8_t mac[6]);

/* Sets for good what hardware address a neighbour has; family AF_INET or AF_INET6. */
int nl_neigh_set(struct nl *nl, int ifindex, int family, const uint8_t *addr, const uint8_t mac[6]);
/* Takes away what was set with that hardware address, of both families; none is success. */
int nl_neigh_del_mac(struct nl *nl, int ifindex, const uint8_t mac[6]);
