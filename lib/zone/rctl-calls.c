/* SPDX-License-Identifier: MIT */
/* Client calls for resource controls; see rctl-calls.h. */
#include "zone/rctl-calls.h"
#include "zone/zone-calls.h"

int zone_call_rctl_get(
	zoneid_t id, const char *name, struct zone_rctl_get_reply *ret, struct diag *d)
{
	struct zone_rctl_get_req req = {.cmd = ZONE_RCTL_GET, .zoneid = id};
	int r = str_copy(req.name, sizeof(req.name), name);

	if (r == 0)
		r = zone_call_fixed(&req, sizeof(req), ret, sizeof(*ret), d);
	return r == 0 && ret->count > ZONE_RCTLS_MAX ? -EBADMSG : r;
}

int zone_call_rctl_set(struct zone_rctl_set_req *req, struct diag *d)
{
	struct zone_reply reply;

	req->cmd = ZONE_RCTL_SET;
	return zone_call_fixed(req, sizeof(*req), &reply, sizeof(reply), d);
}

int zone_call_rctl_log_get(const char *name, struct zone_rctl_log_reply *ret, struct diag *d)
{
	struct zone_rctl_log_req req = {.cmd = ZONE_RCTL_LOG_GET};
	int r = str_copy(req.name, sizeof(req.name), name);

	return r < 0 ? r : zone_call_fixed(&req, sizeof(req), ret, sizeof(*ret), d);
}

int zone_call_rctl_log_set(const char *name, int level, struct diag *d)
{
	struct zone_rctl_log_req req = {.cmd = ZONE_RCTL_LOG_SET, .level = level};
	struct zone_reply reply;
	int r = str_copy(req.name, sizeof(req.name), name);

	return r < 0 ? r : zone_call_fixed(&req, sizeof(req), &reply, sizeof(reply), d);
}
