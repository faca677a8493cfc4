/* SPDX-License-Identifier: MIT */
/* Client side of stat-door.h. */
#include "zone/stat-door.h"

#include "zone/zone-calls.h"

int dld_call_linkstats(datalink_id_t link, struct dld_linkstats_reply *ret)
{
	struct dld_link_req req = {.cmd = DLD_LINKSTATS, .linkid = link};

	return zone_call_fixed(&req, sizeof(req), ret, sizeof(*ret), NULL);
}
