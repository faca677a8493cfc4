/* SPDX-License-Identifier: MIT */
/* Client calls for the resource controls of live zones; as zone-calls.h. */
#pragma once

#include "zone/rctl.h"

/* One control of a zone, by its name. -EINVAL: no such zone that the caller sees, or no such control. */
int zone_call_rctl_get(
	zoneid_t id, const char *name, struct zone_rctl_get_reply *ret, struct diag *d);

/* What is logged of a control; of all zones. */
int zone_call_rctl_log_get(const char *name, struct zone_rctl_log_reply *ret, struct diag *d);

/* ZONE_RCTL_LOG_OFF, a priority of syslog(3), or ZONE_RCTL_LOG_RELOAD with an empty name. Global root only. */
int zone_call_rctl_log_set(const char *name, int level, struct diag *d);

/* Changes the values of a control at once; cmd is filled in. Global root only. */
int zone_call_rctl_set(struct zone_rctl_set_req *req, struct diag *d);
