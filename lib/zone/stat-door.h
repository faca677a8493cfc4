/* SPDX-License-Identifier: MIT */
/*
 * The part of zoned's door that counts: the statistics of a link, which are those of the
 * kstats link:<instance>:<linkname> of illumos. Rules of the door are those of zone-door.h.
 */
#pragma once

#include "zone/zone-door.h"

enum dld_stat_cmd {
	DLD_LINKSTATS = 112, /* takes a struct dld_link_req */
};

/* Counters of a link, from the side of who uses it; they never go back while the link is there. */
enum dld_stat {
	DLD_STAT_IPACKETS64,
	DLD_STAT_RBYTES64,
	DLD_STAT_IERRORS,
	DLD_STAT_OPACKETS64,
	DLD_STAT_OBYTES64,
	DLD_STAT_OERRORS,
	DLD_STAT_MULTIRCV,
	DLD_STAT_NORCVBUF,
	DLD_STAT_NOXMTBUF,
	DLD_STAT_COLLISIONS,
	DLD_STAT_UNKNOWNS,
	DLD_STAT_OF_DEVICE, /* so many are the device's own; the rest is what protection dropped */
	DLD_STAT_MACSPOOFED = DLD_STAT_OF_DEVICE,
	DLD_STAT_RESTRICTED,
	DLD_STAT_IPSPOOFED,
	DLD_STAT_DHCPSPOOFED,
	DLD_STAT_COUNT,
};

struct dld_linkstats_reply {
	struct zone_reply head;
	datalink_id_t linkid;
	zoneid_t zoneid;    /* where it is */
	uint32_t rx_queues; /* of the device */
	uint32_t tx_queues;
	uint64_t values[DLD_STAT_COUNT];
};

/* -ENOENT: the caller sees no such link. */
int dld_call_linkstats(datalink_id_t link, struct dld_linkstats_reply *ret);
