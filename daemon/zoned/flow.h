/* SPDX-License-Identifier: MIT */
/*
 * Flows of links: which there are (flow-table.c), the packet filter that counts and limits
 * them (flow-rules.c), the door's commands (flow-commands.c). All that is enforced is at home,
 * out of reach of the zone that has the link.
 *
 * Lock: flow_lock (flow-table.c) comes after the perimeters; it is held over writing a file and one
 * exchange with the kernel.
 */
#pragma once

#include "zoned/dls-impl.h"

#include "dladm/flow.h"

/* An active flow. */
struct flow {
	struct flow *next; /* by name */
	datalink_id_t linkid;
	struct flow_line line; /* line.link: the link's name */
};

/* Where the traffic of a link goes by at home. */
struct flow_point {
	char device[IFNAMSIZ]; /* "" = nowhere */
	bool port;	       /* what the link sends comes in there; else it goes out there */
};

/* ---- flow-table.c; in the link's perimeter unless said otherwise ---- */

/* Flows that are configured for a link that comes up become active. */
void dls_flow_attach(struct devnet *dd);

/* The link's device changed: its flows follow. */
void dls_flow_settle(struct devnet *dd);

/* The link goes: its flows are active no more. */
void dls_flow_detach(datalink_id_t id);

/* Not in the perimeter. */
bool dls_flow_any(datalink_id_t id);

/* Has it flows, active or only configured: by its name, which then has to stay. */
bool dls_flow_names(const struct devnet *dd);

/* The flows of before, when all links are known; before the door is served. */
void dls_flow_restart(void);

int flow_add(struct devnet *dd, const struct flow_line *line, bool temporary, struct diag *d);

/* Not in a perimeter. */
int flow_remove(const char *name, bool temporary, struct diag *d);
int flow_set(const char *name, const struct flow_props *props, uint32_t which, bool temporary,
	struct diag *d);

/* A copy of the first one behind the name for which visible() holds. -ENOENT. Not in a perimeter. */
int flow_next(const char *name, bool (*visible)(datalink_id_t id, void *arg), void *arg,
	struct flow *ret);
/* What it counted; port as in its link's flow_point. */
int flow_count(const char *name, bool port, uint64_t ret[FLOW_STAT_COUNT]);

/* ---- flow-rules.c; under flow_lock ---- */

/*
 * Replaces all rules of a link at once; flows are those of the table with its id. gone: a flow
 * whose counters go, or NULL. Without a device the counters stay and the rules go. -ENOTSUP,
 * -EOPNOTSUPP: this kernel cannot.
 */
int flow_rules_apply(datalink_id_t id, const struct flow_point *at, const struct flow *flows,
	const char *gone, struct diag *d);

/* What a flow has counted. */
int flow_rules_count(const char *name, bool port, uint64_t ret[FLOW_STAT_COUNT]);

/* Takes away rules of links, and counters of flows, that are not in the list. */
void flow_rules_sweep(const struct flow *flows);
