/* SPDX-License-Identifier: MIT */
/* Who may call the doors that are a zone's life: zsched's and zoneview's. */
#pragma once

#include "linux/util.h"

/*
 * 0 when the caller of the door procedure that this runs in is root of the global zone with
 * CAP_SYS_ADMIN, -EPERM when it is not, or a negative errno. Does not block.
 */
int door_caller_check(void);
