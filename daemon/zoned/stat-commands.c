/* SPDX-License-Identifier: MIT */
/* The door commands that count: who sees a link sees what it counts. */
#include "zoned/dls-commands.h"

static int linkstats(struct zoned_call *call)
{
	_cleanup_view_ struct dls_view v = {0};
	const struct dld_link_req *req = call->req;
	struct devnet *dd;
	int r;

	r = dls_hold_visible(call, req->linkid, &dd);
	if (r < 0)
		return r;
	dls_stat_reply(&v, dd, call->reply);
	dls_devnet_rele_tmp(dd);
	return 0;
}

const struct zoned_command stat_commands[] = {
	{DLD_LINKSTATS, NEEDS_NOTHING, sizeof(struct dld_link_req), false,
		sizeof(struct dld_linkstats_reply), linkstats},
	{.handler = NULL},
};
