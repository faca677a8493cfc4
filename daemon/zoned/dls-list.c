/* SPDX-License-Identifier: MIT */
/* DLD_NEXT: the links of the devnet table one after the other, for whoever compares it with others. */
#include "zoned/dls-impl.h"

/* The one with the lowest id above that the zone sees. 0: there is none. */
static datalink_id_t next_above(
	struct devnet **all, size_t count, datalink_id_t above, zoneid_t zone, char *name)
{
	datalink_id_t best = DATALINK_INVALID_LINKID;
	struct devnet_info i;

	for (size_t n = 0; n < count; n++) {
		if (!dls_devnet_visible(all[n], zone))
			continue;
		dls_devnet_info(all[n], &i);
		if ((i.flags & (DD_CONDEMNED | DD_INITIALIZING)) || i.linkid <= above)
			continue;
		if (best == DATALINK_INVALID_LINKID || i.linkid < best) {
			best = i.linkid;
			memcpy(name, i.linkname, sizeof(i.linkname));
		}
	}
	return best;
}

int dls_next_command(struct zoned_call *call)
{
	const struct dld_link_req *req = call->req;
	struct dld_next_reply *reply = call->reply;
	struct devnet **all;
	size_t count;
	int r;

	r = dls_devnet_snapshot(&all, &count);
	if (r < 0)
		return r;
	reply->linkid = next_above(all, count, req->linkid, call->zoneid, reply->name);
	dls_devnet_snapshot_free(all, count);
	return reply->linkid == DATALINK_INVALID_LINKID ? -ENOENT : 0;
}
