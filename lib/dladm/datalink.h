/* SPDX-License-Identifier: MIT */
/*
 * Vocabulary of data links, with the numbers of illumos: ids, classes, media,
 * flags, states. No functions, so that daemons and libraries can share it.
 */
#pragma once

#include <stdint.h>

typedef uint32_t datalink_id_t;

#define DATALINK_INVALID_LINKID 0
#define DATALINK_ALL_LINKID	0
#define DATALINK_MAX_LINKID	0xffffffffu
#define MAXLINKNAMELEN		32 /* bytes, with the NUL */
#define MAXLINKATTRLEN		32
#define MAXLINKATTRVALLEN	1024

enum datalink_class {
	DATALINK_CLASS_PHYS = 0x1,
	DATALINK_CLASS_VLAN = 0x2,
	DATALINK_CLASS_AGGR = 0x4,
	DATALINK_CLASS_VNIC = 0x8,
	DATALINK_CLASS_ETHERSTUB = 0x10,
	DATALINK_CLASS_SIMNET = 0x20,
	DATALINK_CLASS_BRIDGE = 0x40,
	DATALINK_CLASS_IPTUN = 0x80,
	DATALINK_CLASS_PART = 0x100,
	DATALINK_CLASS_OVERLAY = 0x200,
	DATALINK_CLASS_ALL = 0x3ff,
};

#define DATALINK_ANY_MEDIATYPE 0u /* in a search: every medium */
#define DL_ETHER	       4u
#define DL_OTHER	       9u
#define DL_IPV4		       0x80000001u /* tunnels */
#define DL_IPV6		       0x80000002u
#define DL_6TO4		       0x80000007u

/* Link flags of dlmgmtd */
#define DLMGMT_ACTIVE	 0x1u
#define DLMGMT_PERSIST	 0x2u
#define DLMGMT_TRANSIENT 0x4u

enum link_state { LINK_STATE_UNKNOWN, LINK_STATE_DOWN, LINK_STATE_UP };
enum link_duplex { LINK_DUPLEX_UNKNOWN, LINK_DUPLEX_HALF, LINK_DUPLEX_FULL };

enum vnic_mac_addr_type {
	VNIC_MAC_ADDR_TYPE_UNKNOWN,
	VNIC_MAC_ADDR_TYPE_FIXED,
	VNIC_MAC_ADDR_TYPE_RANDOM,
	VNIC_MAC_ADDR_TYPE_FACTORY,
	VNIC_MAC_ADDR_TYPE_AUTO,
	VNIC_MAC_ADDR_TYPE_PRIMARY,
	VNIC_MAC_ADDR_TYPE_VRID,
};

/* Types of link attributes */
enum dladm_datatype { DLADM_TYPE_STR, DLADM_TYPE_BOOLEAN, DLADM_TYPE_UINT64 };
