/* SPDX-License-Identifier: MIT */
/* Client side of zoneview's door; see view-calls.h. */
#include "zone/view-calls.h"

#include <door_linux.h>
#include <limits.h>

#include "zone/exchange.h"
#include "zone/view-door.h"

#define TIMEOUT_MS 5000

static int call(struct view_req *req)
{
	_cleanup_close_ int door = FD_NONE;
	struct view_reply reply;
	struct exchange x = {
		.req = req,
		.req_size = sizeof(*req),
		.reply = &reply,
		.reply_max = sizeof(reply),
		.timeout_ms = TIMEOUT_MS,
	};
	char path[PATH_MAX];
	int r = instance_path(path, sizeof(path), ZONEVIEW_DOOR);

	if (r < 0)
		return r;
	door = door_open(path);
	if (door < 0)
		return errno == ECONNREFUSED ? -ENOENT : -errno;
	r = exchange(door, &x);
	if (r < 0)
		return r == -EBADF ? -ENOENT : r;
	return x.reply_size == sizeof(reply) ? -abs(reply.err) : -EBADMSG;
}

int view_call_serve(const char *zone)
{
	struct view_req req = {.cmd = VIEW_SERVE};
	int r = str_copy(req.zone, sizeof(req.zone), zone);

	return r < 0 ? r : call(&req);
}

int view_call_leave(void)
{
	struct view_req req = {.cmd = VIEW_LEAVE};

	return call(&req);
}
