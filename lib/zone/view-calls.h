/* SPDX-License-Identifier: MIT */
/*
 * Client side of zoneview's door. 0 or a negative errno: -ENOENT when no zoneview runs,
 * -ETIMEDOUT when it has not answered for some seconds. connection: what the zone's zsched has been given
 * to keep; it stays open here.
 */
#pragma once

#include "linux/util.h"

int view_call_serve(const char *zone, int connection);
int view_call_leave(void);
