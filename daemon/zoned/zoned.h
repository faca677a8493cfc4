/* SPDX-License-Identifier: MIT */
/*
 * What the two halves of zoned show each other: the call that is being served,
 * the command tables, and the few things that the dls half asks of the zone
 * half and the other way round. Everything else stays in its own header. The order of
 * the locks is in main.c.
 */
#pragma once

#include "linux/diag.h"
#include "zone/zone-door.h"

#define ZONED_CALL_FDS 16

/* One request, on the stack of the server thread that serves it. */
struct zoned_call {
	const void *req; /* exactly the size the table asks for; private copy */
	size_t req_size;
	const ucred_t *cred;
	zoneid_t zoneid; /* of the caller */
	void *reply;	 /* zeroed; starts with struct zone_reply */
	size_t reply_max;
	size_t reply_size; /* preset to the table's size; a handler with an array in its reply changes it */
	int fds[ZONED_CALL_FDS]; /* go with the reply, closed afterwards */
	unsigned int nfds;
	struct diag diag; /* becomes the reply's text when the handler fails */
};

/* Root of the global zone? Asked for only where it matters: the answer takes a look into /proc. */
static inline bool zoned_call_is_global_root(const struct zoned_call *call)
{
	return call->zoneid == GLOBAL_ZONEID && ucred_is_zone_root(call->cred);
}

enum zoned_needs {
	NEEDS_NOTHING,	/* anyone; the handler applies visibility */
	NEEDS_CONFIG,	/* global root with CAP_SYS_ADMIN */
	NEEDS_NETADMIN, /* root of its zone with CAP_NET_ADMIN; the handler checks which zone */
};

/* handler returns 0 or a negative errno, which becomes the reply's err. */
struct zoned_command {
	uint32_t cmd;
	enum zoned_needs needs;
	size_t req_size;
	bool req_array; /* the request may be longer: the handler checks its count against req_size first */
	size_t reply_size;
	int (*handler)(struct zoned_call *call);
};

extern const struct zoned_command zone_commands[]; /* zone half; ends with handler NULL */
extern const struct zoned_command dls_commands[];  /* dls half; ends with handler NULL */
extern const struct zoned_command stat_commands[]; /* the same */
extern const struct zoned_command flow_commands[]; /* the same */

/* ---- zone half, for the dls half (zone-*.c) ---- */

/*
 * The network namespace of a zone that is READY..EMPTY, as a descriptor that the
 * caller closes. -ENXIO when there is no such zone. Takes zonehash_lock shortly.
 */
int zone_netns_fd(zoneid_t id, int *ret_fd);

/* Owner of a link among the zones' lists, -ENXIO when no zone has it (then it is the global zone's). */
int zone_datalink_owner(datalink_id_t link, zoneid_t *ret_id);

/* Is the zone ready and not on its way up or down? */
bool zone_is_ready(zoneid_t id);

/* Network data (address, router) that zoneadmd set for a link; -ENOENT when none was. */
int zone_network_get(
	zoneid_t id, datalink_id_t link, enum zone_net_type type, struct zone_net_data *ret);

/*
 * Credentials of zones that zoned keeps: those of a call that is served, of a subscriber. The zone
 * may be destroyed meanwhile, its id is given to no other. Of the global zone nothing is counted.
 */
void zone_cred_hold(zoneid_t id);
void zone_cred_rele(zoneid_t id);
unsigned int zone_cred_count(zoneid_t id);

/* ---- dls half, for the zone half (dls-*.c) ---- */

/*
 * Finds NICs and known links and starts listening for changes. After the zone
 * half has rebuilt its table, before the door is served. A missing dlmgmtd is
 * not an error: links are completed when it comes.
 */
int dls_init(void);

/*
 * Brings every link that the zone borrowed home and destroys its transient ones.
 * Called when the zone is EMPTY; can be repeated. netns: the zone's, may be
 * FD_NONE when it is gone (links are then made again). Upcalls; hold no lock.
 */
int dls_zone_shutdown(zoneid_t id, int netns, struct diag *d);

/*
 * Before init runs: lo and the zone's links up, addresses and default routes of
 * ZONE_ATTR_NETWORK set in its network namespace. Hold no lock.
 */
int dls_zone_boot(zoneid_t id, int netns, struct diag *d);

/* What a link of a running zone had before its ZONE_ATTR_NETWORK was changed. */
struct dls_zone_net {
	datalink_id_t linkid;
	bool down; /* it is to be taken back: no address, and not up */
	const char *address, *router;
};

/*
 * The network data of one link have changed: what it had goes, what it has now is set, and it is
 * up. -ENXIO when the zone does not have it. Hold no lock but the zone's life_lock.
 */
int dls_zone_change(zoneid_t id, int netns, const struct dls_zone_net *was, struct diag *d);
