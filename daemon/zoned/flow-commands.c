/* SPDX-License-Identifier: MIT */
/*
 * The door commands of flows. Who sees a link sees its flows; they are changed from the
 * global zone alone.
 */
#include "zoned/flow.h"

static int check_name(struct zoned_call *call, const char name[FLOW_NAME_MAX], bool may_be_empty)
{
	if (!str_terminated(name, FLOW_NAME_MAX))
		return -EINVAL;
	if ((name[0] || !may_be_empty) && !flow_name_valid(name))
		return diag_set(&call->diag, -EINVAL,
			"invalid flow name: up to %d letters, digits, '_', '.' and '-', a letter first",
			FLOW_NAME_MAX - 1);
	return 0;
}

static int check_change(struct zoned_call *call, const char name[FLOW_NAME_MAX], uint32_t flags)
{
	if (call->zoneid != GLOBAL_ZONEID)
		return diag_set(&call->diag, -EPERM, "only the global zone can do this");
	if (flags & ~FLOW_TEMPORARY)
		return -EINVAL;
	return check_name(call, name, false);
}

static int add(struct zoned_call *call)
{
	const struct flow_add_req *req = call->req;
	struct flow_line line = {.attrs = req->attrs, .props = req->props};
	struct devnet *dd;
	int r;

	r = check_change(call, req->name, req->flags);
	if (r == 0)
		r = flow_attrs_check(&req->attrs, &call->diag);
	if (r == 0)
		r = flow_props_check(&req->props, &call->diag);
	if (r == 0)
		r = dls_devnet_hold_tmp(req->linkid, &dd);
	if (r < 0)
		return r;
	memcpy(line.name, req->name, sizeof(line.name));
	r = dd->dd_owner_zid == GLOBAL_ZONEID
		    ? dls_perim_enter(dd)
		    : diag_set(&call->diag, -ENOTSUP, "'%s' was made by its zone", dd->dd_linkname);
	if (r == 0) {
		r = flow_add(dd, &line, req->flags & FLOW_TEMPORARY, &call->diag);
		dls_perim_exit(dd);
	}
	dls_devnet_rele_tmp(dd);
	return r;
}

static int take_away(struct zoned_call *call)
{
	const struct flow_remove_req *req = call->req;
	int r = check_change(call, req->name, req->flags);

	return r < 0 ? r : flow_remove(req->name, req->flags & FLOW_TEMPORARY, &call->diag);
}

static int setprop(struct zoned_call *call)
{
	const struct flow_setprop_req *req = call->req;
	int r = check_change(call, req->name, req->flags);

	if (r == 0 && (req->which == 0 || (req->which & ~(FLOW_MAXBW | FLOW_PRIORITY))))
		r = -EINVAL;
	if (r == 0)
		r = flow_props_check(&req->props, &call->diag);
	return r < 0 ? r
		     : flow_set(req->name, &req->props, req->which, req->flags & FLOW_TEMPORARY,
			       &call->diag);
}

static bool visible(datalink_id_t id, void *arg)
{
	struct zoned_call *call = arg;
	struct devnet *dd;
	bool yes;

	if (dls_devnet_hold_tmp(id, &dd) < 0)
		return false;
	yes = dls_devnet_visible(dd, call->zoneid);
	dls_devnet_rele_tmp(dd);
	return yes;
}

static int next(struct zoned_call *call)
{
	const struct flow_next_req *req = call->req;
	struct flow_next_reply *reply = call->reply;
	struct devnet_info i;
	struct devnet *dd;
	struct flow f;
	int r;

	r = check_name(call, req->name, true);
	if (r == 0)
		r = flow_next(req->name, visible, call, &f);
	if (r == 0)
		r = dls_devnet_hold_tmp(f.linkid, &dd);
	if (r < 0)
		return r;
	dls_devnet_info(dd, &i);
	dls_devnet_rele_tmp(dd);
	reply->linkid = f.linkid;
	reply->zoneid = i.at.zone;
	memcpy(reply->name, f.line.name, sizeof(reply->name));
	reply->attrs = f.line.attrs;
	reply->props = f.line.props;
	return flow_count(f.line.name, i.port || i.twin_port, reply->stats);
}

const struct zoned_command flow_commands[] = {
	{FLOW_ADD, NEEDS_NETADMIN, sizeof(struct flow_add_req), false, sizeof(struct zone_reply),
		add},
	{FLOW_REMOVE, NEEDS_NETADMIN, sizeof(struct flow_remove_req), false,
		sizeof(struct zone_reply), take_away},
	{FLOW_SETPROP, NEEDS_NETADMIN, sizeof(struct flow_setprop_req), false,
		sizeof(struct zone_reply), setprop},
	{FLOW_NEXT, NEEDS_NOTHING, sizeof(struct flow_next_req), false,
		sizeof(struct flow_next_reply), next},
	{.handler = NULL},
};
