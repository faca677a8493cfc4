/* SPDX-License-Identifier: MIT */
/* Client side of dld-door.h; what holds for zone-calls.h holds here. */
#pragma once

#include "zone/dld-door.h"
#include "zone/stat-door.h"
#include "zone/zone-calls.h"

/* req must be complete (cmd is filled in). */
int dld_call_create(struct dld_create_req *req, struct dld_linkinfo_reply *ret, struct diag *d);
int dld_call_modify(datalink_id_t link, const struct dld_spec *spec, struct diag *d);

/* All n, at most DLD_PORTS_MAX, or none. */
int dld_call_add_ports(datalink_id_t link, const datalink_id_t *ports, size_t n, struct diag *d);
int dld_call_remove_ports(datalink_id_t link, const datalink_id_t *ports, size_t n, struct diag *d);

/*
 * What LINKINFO and LINKSTATS tell of every link that the caller sees, in the order of their ids;
 * a link that comes or goes meanwhile may be there or not. The heads are zeros. *ret is the
 * caller's to free.
 */
int dld_call_all_linkinfo(struct dld_linkinfo_reply **ret, size_t *ret_count);
int dld_call_all_linkstats(struct dld_linkstats_reply **ret, size_t *ret_count);

int dld_call_details(datalink_id_t link, struct dld_details_reply *ret, struct diag *d);

/* Entries behind the first skip ones. */
int dld_call_fdb(datalink_id_t link, uint32_t skip, struct dld_fdb_reply *ret, struct diag *d);

/* target's cmd is filled in. -ENOENT when what is to be removed is not there. */
int dld_call_set_target(struct dld_target_req *target, struct diag *d);

/* All that zoned tells of a link's properties, from an index on; the text is well formed. -ENOENT. */
int dld_call_getprops(datalink_id_t link, uint32_t from, struct dld_getprops_reply *ret);
