/* SPDX-License-Identifier: MIT */
/* The door commands that count: who sees a link sees what it counts. */
#include "zoned/dls-impl.h"

static int linkstats(struct zoned_call *call)
{
	const struct dld_link_req *req = call->req;
	struct dld_linkstats_reply *reply = call->reply;
	struct devnet_info i;
	struct devnet *dd;
	int r;

	r = dls_devnet_hold_tmp(req->linkid, &dd);
	if (r < 0)
		return r;
	if (!dls_devnet_visible(dd, call->zoneid)) {
		dls_devnet_rele_tmp(dd);
		return -ENOENT;
	}
	dls_devnet_info(dd, &i);
	reply->linkid = i.linkid;
	reply->zoneid = i.at.zone;
	dls_stat_get(dd, reply);
	dls_devnet_rele_tmp(dd);
	return 0;
}

const struct zoned_command stat_commands[] = {
	{DLD_LINKSTATS, NEEDS_NOTHING, sizeof(struct dld_link_req), false,
		sizeof(struct dld_linkstats_reply), linkstats},
	{.handler = NULL},
};
