/* SPDX-License-Identifier: MIT */
/* Client side of flow-door.h. */
#include "zone/flow-door.h"

#include "linux/util.h"
#include "zone/zone-calls.h"

static int call_plain(const void *req, size_t size, struct diag *d)
{
	struct zone_reply reply;

	return zone_call_fixed(req, size, &reply, sizeof(reply), d);
}

int flow_call_add(const struct flow_add_req *req, struct diag *d)
{
	struct flow_add_req full = *req;

	full.cmd = FLOW_ADD;
	return call_plain(&full, sizeof(full), d);
}

int flow_call_remove(const char *name, uint32_t flags, struct diag *d)
{
	struct flow_remove_req req = {.cmd = FLOW_REMOVE, .flags = flags};
	int r = str_copy(req.name, sizeof(req.name), name);

	return r < 0 ? r : call_plain(&req, sizeof(req), d);
}

int flow_call_setprop(const char *name, uint32_t flags, uint32_t which,
	const struct flow_props *props, struct diag *d)
{
	struct flow_setprop_req req = {
		.cmd = FLOW_SETPROP, .flags = flags, .which = which, .props = *props};
	int r = str_copy(req.name, sizeof(req.name), name);

	return r < 0 ? r : call_plain(&req, sizeof(req), d);
}

int flow_call_next(const char *name, struct flow_next_reply *ret)
{
	struct flow_next_req req = {.cmd = FLOW_NEXT};
	int r = str_copy(req.name, sizeof(req.name), name);

	if (r == 0)
		r = zone_call_fixed(&req, sizeof(req), ret, sizeof(*ret), NULL);
	if (r == 0 && !str_terminated(ret->name, sizeof(ret->name)))
		r = -EBADMSG;
	return r;
}
