/* SPDX-License-Identifier: MIT */
/*
 * The protocol of zoneview's door, ZONEVIEW_DOOR (mode 0600): which zones it serves. The
 * connection of a zone is what the zone's zsched keeps: it comes with the call, which saves asking for it, or zsched
 * is asked. Only global root is served.
 */
#pragma once

#include <zone.h>

#include "linux/instance.h"

#define ZONEVIEW_DOOR INSTANCE_RUN "/zoneview_door"

enum view_cmd {
	VIEW_SERVE = 1, /* a zone whose zsched has a connection from now on; one descriptor: it */
	VIEW_LEAVE,	/* ends, for another zoneview to take its place */
};

struct view_req {
	uint32_t cmd;
	uint32_t pad;
	char zone[ZONENAME_MAX];
};

struct view_reply {
	int32_t err;
	int32_t pad;
};
