/* SPDX-License-Identifier: MIT */
/* Client calls for the resource controls of live zones; as zone-calls.h. */
#pragma once

#include "zone/rctl.h"

/* One control of a zone, by its name. -EINVAL: no such zone that the caller sees, or no such control. */
int zone_call_rctl_get(
	zoneid_t id, const char *name, struct zone_rctl_get_reply *ret, struct diag *d);

/* Changes the values of a control at once; cmd is filled in. Global root only. */
int zone_call_rctl_set(struct zone_rctl_set_req *req, struct diag *d);
