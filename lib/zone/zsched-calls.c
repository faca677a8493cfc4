/* SPDX-License-Identifier: MIT */
/*
 * Client side of zsched's door. There is one for each zone, and the calls are rare except
 * when it comes up or goes down.
 */
#include "zone/zsched-calls.h"
#include "linux/instance.h"
#include "zone/exchange.h"

#include <door_linux.h>
#include <limits.h>
#include <pthread.h>

/* It has one thread and may be busy with a boot, which it gives half a minute. */
#define TIMEOUT_MS 45000
#define EXIT_MS	   5000 /* no boot is under way */

static int open_door(const char *zone, struct diag *d)
{
	char path[PATH_MAX];
	int fd, r;

	r = instance_path(path, sizeof(path), ZSCHED_DOOR_FMT, zone);
	if (r < 0)
		return r;
	fd = door_open(path);
	if (fd >= 0)
		return fd;
	if (errno == ENOENT || errno == ECONNREFUSED)
		return diag_set(d, -EBADF, "zsched of zone '%s' does not run", zone);
	return diag_errno(d, -errno, "Cannot open %s", path);
}

/*
 * The door that was called last stays open: the calls of a boot come one after the other, and to open
 * one costs more than a call. Each is used by one thread at a time.
 */
static struct {
	pthread_mutex_t lock;
	char zone[ZONENAME_MAX];
	int fd;
} kept = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = FD_NONE};

static void keep(const char *zone, int door)
{
	int before;

	(void)pthread_mutex_lock(&kept.lock);
	before = kept.fd;
	kept.fd = str_copy(kept.zone, sizeof(kept.zone), zone) < 0 ? FD_NONE : door;
	(void)pthread_mutex_unlock(&kept.lock);
	(void)fd_close(before);
}

/* -EBADF: none is open, or nobody serves it any more; the call was not made. */
static int call_kept(const char *zone, struct exchange *x)
{
	_cleanup_close_ int door = FD_NONE;
	int r;

	(void)pthread_mutex_lock(&kept.lock);
	if (kept.fd >= 0 && streq(kept.zone, zone))
		door = TAKE_FD(kept.fd);
	(void)pthread_mutex_unlock(&kept.lock);
	r = door < 0 ? -EBADF : exchange(door, x);
	if (r >= 0)
		keep(zone, TAKE_FD(door));
	return r;
}

static int call_opened(const char *zone, struct exchange *x, struct diag *d)
{
	_cleanup_close_ int door = open_door(zone, d);
	int r;

	if (door < 0)
		return door;
	r = exchange(door, x);
	if (r < 0)
		return diag_errno(d, r, "Cannot call zsched of zone '%s'", zone);
	keep(zone, TAKE_FD(door));
	return 0;
}

static int check_reply(const struct exchange *x, size_t size, struct diag *d)
{
	struct zsched_reply head;

	if (x->reply_size < sizeof(head))
		return diag_set(d, -EBADMSG, "The answer of zsched is too short");
	memcpy(&head, x->reply, sizeof(head));
	if (head.err) {
		head.text[sizeof(head.text) - 1] = '\0';
		if (head.text[0])
			(void)diag_set(d, 0, "%s", head.text);
		return -abs(head.err);
	}
	if (x->reply_size < size)
		return diag_set(d, -EBADMSG, "The answer of zsched is too short");
	return 0;
}

static int call_either(const char *zone, struct exchange *x, struct diag *d)
{
	int r = call_kept(zone, x);

	if (r == -EBADF)
		return call_opened(zone, x, d);
	return r < 0 ? diag_errno(d, r, "Cannot call zsched of zone '%s'", zone) : 0;
}

/* A reply is an error alone (its head), or has at least size bytes. */
static int call(const char *zone, struct exchange *x, size_t size, struct diag *d)
{
	int r;

	if (!x->timeout_ms)
		x->timeout_ms = TIMEOUT_MS;
	r = call_either(zone, x, d);
	if (r < 0)
		return r;
	r = check_reply(x, size, d);
	if (r < 0)
		while (x->nfds)
			(void)fd_close(x->fds[--x->nfds]);
	return r;
}

static int call_plain(const char *zone, const void *req, size_t size, struct diag *d)
{
	struct zsched_reply reply;
	struct exchange x = {
		.req = req, .req_size = size, .reply = &reply, .reply_max = sizeof(reply)};

	return call(zone, &x, sizeof(reply), d);
}

int zsched_call_getinfo(const char *zone, struct zsched_info_reply *ret, struct diag *d)
{
	struct zsched_req req = {.cmd = ZSCHED_GETINFO};
	struct exchange x = {
		.req = &req, .req_size = sizeof(req), .reply = ret, .reply_max = sizeof(*ret)};
	int r = call(zone, &x, sizeof(*ret), d);

	if (r < 0)
		return r;
	if (ret->version != ZSCHED_VERSION)
		return diag_set(d, -EPROTO, "zsched of zone '%s' speaks version %u instead of %u",
			zone, ret->version, ZSCHED_VERSION);
	return str_terminated(ret->name, sizeof(ret->name)) ? 0 : -EBADMSG;
}

int zsched_call_getfds(const char *zone, uint32_t mask, int *fds, struct diag *d)
{
	struct zsched_fds_req req = {.cmd = ZSCHED_GETFDS, .mask = mask};
	unsigned int n = (unsigned int)__builtin_popcount(mask);
	struct zsched_fds_reply reply;
	struct exchange x = {
		.req = &req,
		.req_size = sizeof(req),
		.reply = &reply,
		.reply_max = sizeof(reply),
		.fds = fds,
		.fds_max = n,
	};
	int r = call(zone, &x, sizeof(reply), d);

	if (r < 0)
		return r;
	if (x.nfds == n && reply.mask == mask)
		return 0;
	while (x.nfds)
		(void)fd_close(fds[--x.nfds]);
	return diag_set(d, -EBADMSG, "The answer of zsched is not complete");
}

int zsched_call_build(
	const char *zone, struct zsched_build_req *req, const int *fds, struct diag *d)
{
	struct zsched_reply reply;
	struct exchange x = {
		.req = req,
		.req_size = sizeof(*req) + req->count * sizeof(req->mounts[0]),
		.send_fds = fds,
		.n_send = req->count,
		.reply = &reply,
		.reply_max = sizeof(reply),
	};

	req->cmd = ZSCHED_BUILD;
	return call(zone, &x, sizeof(reply), d);
}

int zsched_call_boot(const char *zone, struct zsched_boot_req *req, pid_t *ret_init, int *ret_pidfd,
	struct diag *d)
{
	struct zsched_boot_reply reply;
	int pidfd = FD_NONE, r;
	struct exchange x = {
		.req = req,
		.req_size = sizeof(*req),
		.reply = &reply,
		.reply_max = sizeof(reply),
		.fds = &pidfd,
		.fds_max = 1,
	};

	req->cmd = ZSCHED_BOOT;
	r = call(zone, &x, sizeof(reply), d);
	if (r < 0)
		return r;
	*ret_init = reply.init_pid;
	*ret_pidfd = x.nfds ? pidfd : FD_NONE;
	return 0;
}

int zsched_call_ipc(const char *zone, struct zsched_ipc_req *req, struct diag *d)
{
	req->cmd = ZSCHED_IPC;
	return call_plain(zone, req, sizeof(*req), d);
}

/* With descriptors. */
static int call_with(const char *zone, const void *req, size_t size, const int *fds, unsigned int n,
	struct diag *d)
{
	struct zsched_reply reply;
	struct exchange x = {
		.req = req,
		.req_size = size,
		.send_fds = fds,
		.n_send = n,
		.reply = &reply,
		.reply_max = sizeof(reply),
	};

	return call(zone, &x, sizeof(reply), d);
}

int zsched_call_console(const char *zone, int sock, struct diag *d)
{
	struct zsched_req req = {.cmd = ZSCHED_CONSOLE};

	return call_with(zone, &req, sizeof(req), &sock, 1, d);
}

int zsched_call_hold(const char *zone, const int *fds, unsigned int count, struct diag *d)
{
	struct zsched_req req = {.cmd = ZSCHED_HOLD};

	return call_with(zone, &req, sizeof(req), fds, count, d);
}

int zsched_call_devices(const char *zone, struct zsched_devices_req *req, int rules, struct diag *d)
{
	size_t size = sizeof(*req) + req->count * sizeof(req->devices[0]);

	req->cmd = ZSCHED_DEVICES;
	return call_with(zone, req, size, &rules, rules >= 0, d);
}

int zsched_call_mount(const char *zone, struct zsched_fs_req *req, int fd, struct diag *d)
{
	req->cmd = ZSCHED_MOUNT;
	return call_with(zone, req, sizeof(*req), &fd, 1, d);
}

int zsched_call_unmount(const char *zone, struct zsched_fs_req *req, struct diag *d)
{
	req->cmd = ZSCHED_UNMOUNT;
	return call_plain(zone, req, sizeof(*req), d);
}

int zsched_call_view(const char *zone, const int *fds, unsigned int n, struct diag *d)
{
	struct zsched_req req = {.cmd = ZSCHED_VIEW};

	return call_with(zone, &req, sizeof(req), fds, n, d);
}

int zsched_call_close(const char *zone, struct diag *d)
{
	struct zsched_req req = {.cmd = ZSCHED_CLOSE};

	return call_plain(zone, &req, sizeof(req), d);
}

int zsched_call_exit(const char *zone, struct diag *d)
{
	struct zsched_req req = {.cmd = ZSCHED_EXIT};
	struct zsched_reply reply;
	struct exchange x = {
		.req = &req,
		.req_size = sizeof(req),
		.reply = &reply,
		.reply_max = sizeof(reply),
		.timeout_ms = EXIT_MS,
	};

	return call(zone, &x, sizeof(reply), d);
}
