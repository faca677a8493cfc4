/* SPDX-License-Identifier: MIT */
/*
 * The part of zoned's door that makes, changes and describes links of every class: what
 * a link is made of (struct dld_spec), its ports, its forwarding table. Rules of the door
 * are those of zone-door.h, which has the commands for what all links have in common.
 */
#pragma once

#include "zone/zone-door.h"

enum dld_class_cmd {
	DLD_CREATE = 96,
	DLD_MODIFY = 97,
	DLD_ADD_PORTS = 98,
	DLD_REMOVE_PORTS = 99,
	DLD_DETAILS = 100,
	DLD_FDB = 101,
	DLD_SET_TARGET = 102,
};

#define DLD_PORTS_MAX 32
#define DLD_FDB_MAX   512 /* entries in one reply */

enum aggr_policy { AGGR_POLICY_L2 = 1, AGGR_POLICY_L3 = 2, AGGR_POLICY_L4 = 4 }; /* mask */
enum aggr_lacp_mode { AGGR_LACP_OFF, AGGR_LACP_ACTIVE, AGGR_LACP_PASSIVE };
enum aggr_lacp_timer { AGGR_LACP_LONG, AGGR_LACP_SHORT };

struct dld_aggr {
	uint32_t policy;     /* AGGR_POLICY_*, at least one */
	uint32_t lacp_mode;  /* AGGR_LACP_* */
	uint32_t lacp_timer; /* AGGR_LACP_* */
};

/* Seconds. */
struct dld_bridge {
	uint32_t priority; /* a multiple of 4096 */
	uint32_t max_age, hello_time, forward_delay;
};

enum iptun_type { IPTUN_TYPE_IPV4 = 1, IPTUN_TYPE_IPV6 = 2, IPTUN_TYPE_6TO4 = 3 };
/* OVERLAY_TABLE: a vxlan that learns nothing, for search plugin "files". */
enum overlay_encap { OVERLAY_VXLAN = 1, OVERLAY_GENEVE = 2, OVERLAY_TABLE = 3 };

#define IPTUN_ENCAP_NONE 255 /* packets tell no encapsulation limit */

struct dld_tunnel {
	uint32_t type;		       /* IPTUN_TYPE_* or OVERLAY_* */
	uint32_t family;	       /* overlay: AF_INET or AF_INET6 of the addresses */
	uint32_t vnetid;	       /* overlay */
	uint16_t port;		       /* overlay: UDP, both ends; 0 = the encapsulation's own */
	uint8_t hop_limit;	       /* 0: the default */
	uint8_t encap_limit;	       /* 0: the default; IPTUN_ENCAP_NONE */
	uint8_t local[16], remote[16]; /* zeros: none */
};

/* What a link is made of; what its class does not have is zero. */
struct dld_spec {
	uint32_t vid; /* vlan, vnic */
	union {
		struct dld_aggr aggr;
		struct dld_bridge bridge;
		struct dld_tunnel tunnel; /* iptun, overlay */
		datalink_id_t peer;	  /* simnet; 0: none */
		uint8_t bytes[48];
	};
};

/* Of the link's class zoned learns from dlmgmtd. Answers LINKINFO's reply. */
struct dld_create_req {
	uint32_t cmd;
	datalink_id_t linkid;
	datalink_id_t over; /* vlan, vnic; else 0 */
	uint32_t mac_type;  /* VNIC_MAC_ADDR_TYPE_*; 0 where the class has no choice */
	uint8_t mac[6];	    /* FIXED: the address; RANDOM: the first prefix_len bytes */
	uint8_t prefix_len;
	uint8_t pad;
	struct dld_spec spec;
	uint32_t nports;
	datalink_id_t ports[DLD_PORTS_MAX]; /* aggr, bridge */
};

struct dld_modify_req {
	uint32_t cmd;
	datalink_id_t linkid;
	struct dld_spec spec; /* the whole new one */
};

/* All of them or none. */
struct dld_ports_req {
	uint32_t cmd;
	datalink_id_t linkid;
	uint32_t nports;
	datalink_id_t ports[DLD_PORTS_MAX];
};

enum dld_port_state { /* of a bridge's, as 802.1D counts them */
	DLD_PORT_DISABLED,
	DLD_PORT_LISTENING,
	DLD_PORT_LEARNING,
	DLD_PORT_FORWARDING,
	DLD_PORT_BLOCKING,
};

struct dld_port {
	datalink_id_t linkid; /* 0: a device that is no link */
	uint32_t ifindex;
	char device[IFNAMSIZ];
	uint8_t mac[6];
	uint8_t actor_state, partner_state; /* aggr with LACP: bits of 802.3ad */
	uint32_t state;			    /* bridge: DLD_PORT_*; aggr: 1 = carries traffic */
	uint32_t cost, designated_cost;
	uint16_t number, designated_port;
	uint8_t designated_root[8], designated_bridge[8];
	uint16_t aggregator;
	uint16_t pad;
};

struct dld_bridge_status {
	uint8_t id[8], root[8];
	uint32_t root_cost;
	uint32_t root_port; /* number of the port, 0: it is the root itself */
	uint32_t root_max_age, root_hello_time,
		root_forward_delay; /* in use; hundredths of a second */
	uint32_t topology_change;
};

struct dld_details_reply {
	struct zone_reply head;
	struct dld_spec spec; /* what the kernel says it is */
	struct dld_bridge_status bridge;
	uint32_t implicit;   /* iptun: it goes with its last hold */
	uint32_t aggregator; /* aggr: the one in use */
	uint32_t nports;
	struct dld_port ports[DLD_PORTS_MAX];
};

struct dld_fdb_req {
	uint32_t cmd;
	datalink_id_t linkid; /* a bridge or an overlay */
	uint32_t skip;	      /* so many entries are known already */
};

struct dld_fdb_entry {
	datalink_id_t linkid; /* bridge: the port; 0: no link */
	char device[IFNAMSIZ];
	uint8_t mac[6];
	uint8_t local; /* the host's own */
	uint8_t fixed; /* not learned */
	uint32_t age;  /* hundredths of a second */
	uint32_t family;
	uint8_t address[16]; /* overlay: where it goes */
	uint32_t port;
};

struct dld_fdb_reply {
	struct zone_reply head;
	uint32_t count; /* of the entries here; DLD_FDB_MAX: ask for more */
	uint32_t pad;
	struct dld_fdb_entry entries[DLD_FDB_MAX];
};

struct dld_target_req { /* overlay: where frames for an address go; family 0 removes it */
	uint32_t cmd;
	datalink_id_t linkid;
	uint32_t family;
	uint16_t port;
	uint8_t mac[6];
	uint8_t address[16];
	uint8_t arp[4],
		ndp[16]; /* OVERLAY_TABLE: who asks for it is told the address; zeros: none */
};
