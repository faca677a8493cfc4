/* SPDX-License-Identifier: MIT */
/*
 * The door commands that read and set one property of a link. Who sees a link may read them;
 * setting is for the global zone, whose link it stays while a zone has it.
 */
#include "zoned/dls-commands.h"
#include "zoned/prop.h"

static int in_perim(struct devnet *dd, struct zoned_call *call,
	int (*fn)(struct devnet *dd, struct zoned_call *call))
{
	int r = dls_perim_enter(dd);

	if (r == 0) {
		r = fn(dd, call);
		dls_perim_exit(dd);
	}
	dls_devnet_rele_tmp(dd);
	return r;
}

static int get(struct devnet *dd, struct zoned_call *call)
{
	const struct dld_getprop_req *req = call->req;

	return dls_prop_get(dd, req->prop, call->reply);
}

static int getprop(struct zoned_call *call)
{
	const struct dld_getprop_req *req = call->req;
	struct devnet *dd;
	int r;

	if (!str_terminated(req->prop, sizeof(req->prop)))
		return -EINVAL;
	r = dls_hold_visible(call, req->linkid, &dd);
	return r < 0 ? r : in_perim(dd, call, get);
}

static int get_all(struct devnet *dd, struct zoned_call *call)
{
	const struct dld_getprops_req *req = call->req;
	struct dld_getprops_reply *reply = call->reply;
	int r = dls_prop_get_all(dd, req->from, reply);

	call->reply_size = offsetof(struct dld_getprops_reply, text) + reply->size;
	return r;
}

static int getprops(struct zoned_call *call)
{
	const struct dld_getprops_req *req = call->req;
	struct devnet *dd;
	int r = dls_hold_visible(call, req->linkid, &dd);

	return r < 0 ? r : in_perim(dd, call, get_all);
}

static int set(struct devnet *dd, struct zoned_call *call)
{
	const struct dld_setprop_req *req = call->req;

	const char *text = req->reset ? NULL : req->value;
	int r;

	if (req->zoneid != GLOBAL_ZONEID)
		return dls_prop_set_lent(dd, req->zoneid, req->prop, text, &call->diag);
	r = dls_prop_set(dd, req->prop, text, &call->diag);
	if (r == 0)
		dls_prop_lent_is_kept(dd, req->prop);
	return r;
}

static int setprop(struct zoned_call *call)
{
	const struct dld_setprop_req *req = call->req;
	struct devnet *dd;
	int r;

	if (!str_terminated(req->prop, sizeof(req->prop)) ||
		!str_terminated(req->value, sizeof(req->value)))
		return -EINVAL;
	r = dls_hold_visible(call, req->linkid, &dd);
	if (r < 0)
		return r;
	r = dls_need_global(call);
	if (r < 0) {
		dls_devnet_rele_tmp(dd);
		return r;
	}
	return in_perim(dd, call, set);
}

/* clang-format off */
const struct zoned_command dls_prop_commands[] = {
	{DLD_GETPROP, NEEDS_NOTHING, sizeof(struct dld_getprop_req), false,
		sizeof(struct dld_getprop_reply), getprop},
	{DLD_GETPROPS, NEEDS_NOTHING, sizeof(struct dld_getprops_req), false,
		sizeof(struct dld_getprops_reply), getprops},
	{DLD_SETPROP, NEEDS_NETADMIN, sizeof(struct dld_setprop_req), false,
		sizeof(struct zone_reply), setprop},
	{.handler = NULL},
};
/* clang-format on */
