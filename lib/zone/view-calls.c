/* SPDX-License-Identifier: MIT */
/* Client side of zoneview's door; see view-calls.h. */
#include "zone/view-calls.h"

#include <door_linux.h>
#include <limits.h>

#include "zone/exchange.h"
#include "zone/view-door.h"

#define TIMEOUT_MS 5000

/* connection may be FD_NONE. */
static int call(struct view_req *req, int connection)
{
	_cleanup_close_ int door = FD_NONE;
	struct view_reply reply;
	struct exchange x = {
		.req = req,
		.req_size = sizeof(*req),
		.reply = &reply,
		.reply_max = sizeof(reply),
		.send_fds = &connection,
		.n_send = connection >= 0,
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

int view_call_serve(const char *zone, int connection)
{
	struct view_req req = {.cmd = VIEW_SERVE};
	int r = str_copy(req.zone, sizeof(req.zone), zone);

	if (r == 0)
		r = call(&req, connection);
	/* a zoneview of before, which asks zsched for it */
	return r == -ENOTSUP ? call(&req, FD_NONE) : r;
}

int view_call_leave(void)
{
	struct view_req req = {.cmd = VIEW_LEAVE};

	return call(&req, FD_NONE);
}
