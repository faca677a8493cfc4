/* SPDX-License-Identifier: MIT */
/*
 * The part of zoned's door for flows: traffic of a link that is told by addresses, ports and
 * the like, counted and limited by itself. Rules of the door are those of zone-door.h.
 */
#pragma once

#include "linux/diag.h"
#include "zone/zone-door.h"

enum flow_cmd {
	FLOW_ADD = 120,
	FLOW_REMOVE = 121,
	FLOW_SETPROP = 122,
	FLOW_NEXT = 123,
};

#define FLOW_NAME_MAX 128 /* with the NUL */

/* Which attributes a flow has, and how they are told. */
enum flow_attr {
	FLOW_LOCAL_IP = 0x01,
	FLOW_REMOTE_IP = 0x02,
	FLOW_TRANSPORT = 0x04,
	FLOW_LOCAL_PORT = 0x08,
	FLOW_REMOTE_PORT = 0x10,
	FLOW_DSFIELD = 0x20,
};

/* What is not in mask is zero. Local is the side of who uses the link. */
struct flow_attrs {
	uint32_t mask;
	uint16_t local_port, remote_port; /* host order, not 0 */
	uint8_t family;			  /* of the addresses, AF_INET or AF_INET6 */
	uint8_t transport;		  /* IPPROTO_* */
	uint8_t dsfield, dsfield_mask;
	uint8_t local_prefix, remote_prefix; /* bits; what is behind them is zero */
	uint8_t pad[2];
	uint8_t local_ip[16], remote_ip[16];
};

enum flow_priority {
	FLOW_PRIORITY_NONE,
	FLOW_PRIORITY_LOW,
	FLOW_PRIORITY_MEDIUM,
	FLOW_PRIORITY_HIGH
};
enum flow_prop { FLOW_MAXBW = 0x1, FLOW_PRIORITY = 0x2 };

struct flow_props {
	uint64_t maxbw;	   /* bits per second in each direction, 0 = no limit */
	uint32_t priority; /* FLOW_PRIORITY_* */
	uint32_t pad;
};

/* Flags: a change that is temporary leaves the configuration alone. */
#define FLOW_TEMPORARY 0x1u

struct flow_add_req {
	uint32_t cmd;
	datalink_id_t linkid;
	uint32_t flags;
	uint32_t pad;
	char name[FLOW_NAME_MAX];
	struct flow_attrs attrs;
	struct flow_props props;
};

/* -ENOENT: no such flow, active or (without TEMPORARY) configured. */
struct flow_remove_req {
	uint32_t cmd;
	uint32_t flags;
	char name[FLOW_NAME_MAX];
};

struct flow_setprop_req {
	uint32_t cmd;
	uint32_t flags;
	uint32_t which; /* FLOW_MAXBW, FLOW_PRIORITY; the others stay */
	uint32_t pad;
	char name[FLOW_NAME_MAX];
	struct flow_props props; /* zeros reset */
};

/* The first active flow behind that name, in the order of names, of a link that the caller sees. */
struct flow_next_req {
	uint32_t cmd;
	uint32_t pad;
	char name[FLOW_NAME_MAX]; /* "" starts */
};

enum flow_stat {
	FLOW_STAT_IPACKETS,
	FLOW_STAT_RBYTES,
	FLOW_STAT_IERRORS, /* over the limit */
	FLOW_STAT_OPACKETS,
	FLOW_STAT_OBYTES,
	FLOW_STAT_OERRORS,
	FLOW_STAT_COUNT,
};

struct flow_next_reply { /* -ENOENT ends */
	struct zone_reply head;
	datalink_id_t linkid;
	zoneid_t zoneid; /* where the link is */
	char name[FLOW_NAME_MAX];
	struct flow_attrs attrs;
	struct flow_props props;
	uint64_t stats[FLOW_STAT_COUNT]; /* since the flow was made */
};

int flow_call_add(const struct flow_add_req *req, struct diag *d);
int flow_call_remove(const char *name, uint32_t flags, struct diag *d);
int flow_call_setprop(const char *name, uint32_t flags, uint32_t which,
	const struct flow_props *props, struct diag *d);
/* name is that of the last one; ret->name is terminated. */
int flow_call_next(const char *name, struct flow_next_reply *ret);
