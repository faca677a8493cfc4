/* SPDX-License-Identifier: MIT */
/*
 * Attempts: calls of zoned's door that only the global zone may make, with messages made by hand. The
 * program is static and has no libdoor, so that it is what somebody hostile would write.
 */
#include "attack.h"

#include "door/wire.h"
#include "zone/zone-door.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static int take_descriptor(int sock)
{
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(4 * sizeof(int))];
	} control;
	char buf[64];
	struct iovec iov = {buf, sizeof(buf)};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	const struct cmsghdr *c;
	int fd;

	if (recvmsg(sock, &msg, 0) < 0)
		return -errno;
	c = CMSG_FIRSTHDR(&msg);
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return -EBADMSG;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

static int open_door(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX, .sun_path = ZONED_DOOR_IN};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	return take_descriptor(fd);
}

static int send_call(int handle, const void *arg, size_t size, int reply)
{
	struct door_request head = {DOOR_MAGIC, DOOR_VERSION, DOOR_COMMAND_CALL, (uint32_t)size, 0};
	struct iovec iov[2] = {{&head, sizeof(head)}, {(void *)(uintptr_t)arg, size}};
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr msg = {.msg_iov = iov,
		.msg_iovlen = 2,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};

	control.h.cmsg_level = SOL_SOCKET;
	control.h.cmsg_type = SCM_RIGHTS;
	control.h.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.h), &reply, sizeof(reply));
	return tried(sendmsg(handle, &msg, 0));
}

/* What zoned answers: 0, or the error of the door or of the call. */
static int ask(const void *arg, size_t size)
{
	struct {
		struct door_answer head;
		struct zone_reply reply;
		char rest[8192];
	} answer;
	int handle = open_door(), pair[2], r;
	ssize_t n;

	if (handle < 0)
		return handle;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0)
		return -errno;
	r = send_call(handle, arg, size, pair[1]);
	if (r < 0)
		return r;
	(void)close(pair[1]);
	n = recv(pair[0], &answer, sizeof(answer), 0);
	if (n < (ssize_t)sizeof(answer.head))
		return n < 0 ? -errno : -EPIPE;
	if (answer.head.error)
		return -answer.head.error;
	return n < (ssize_t)offsetof(__typeof__(answer), rest) ? -EBADMSG : -answer.reply.err;
}

/* The zone sees itself, so that an error of the others is not one of this program. */
static int lookup_of_another(void)
{
	struct zone_lookup_req req = {.cmd = ZONE_LOOKUP, .self = 1};

	if (ask(&req, sizeof(req)) < 0)
		return 0;
	req = (struct zone_lookup_req){.cmd = ZONE_LOOKUP, .name = "other"};
	return ask(&req, sizeof(req));
}

static int about_zone(uint32_t cmd, zoneid_t id)
{
	const struct zone_id_req req = {cmd, id};

	return ask(&req, sizeof(req));
}

/* None of the zones that there may be, this one too. */
static int about_any(uint32_t cmd)
{
	zoneid_t id;
	int r = -EINVAL;

	for (id = 0; id < 5 && r < 0; id++)
		r = about_zone(cmd, id);
	return r;
}

static int create_zone(void)
{
	struct zone_create_req req = {
		.cmd = ZONE_CREATE, .flags = ZF_NET_EXCL, .name = "forged", .root = "/tmp"};

	return ask(&req, sizeof(req));
}

static int shutdown_any(void)
{
	return about_any(ZONE_SHUTDOWN);
}

static int destroy_any(void)
{
	return about_any(ZONE_DESTROY);
}

static int boot_any(void)
{
	return about_any(ZONE_BOOT);
}

static int enter_any(void)
{
	return about_any(ZONE_ENTER);
}

static int set_root_of_host(void)
{
	struct {
		struct zone_setattr_req head;
		char value[16];
	} req = {{.cmd = ZONE_SETATTR, .zoneid = 0, .attr = ZONE_ATTR_INITNAME, .size = 16}, "/x"};

	return ask(&req, sizeof(req.head) + 16);
}

static int set_own_init(void)
{
	struct {
		struct zone_setattr_req head;
		char value[16];
	} req = {{.cmd = ZONE_SETATTR, .attr = ZONE_ATTR_INITNAME, .size = 16}, "/x"};
	int r = -EINVAL;

	for (req.head.zoneid = 1; req.head.zoneid < 5 && r < 0; req.head.zoneid++)
		r = ask(&req, sizeof(req.head) + 16);
	return r;
}

static int datalink(uint32_t cmd)
{
	struct zone_datalink_req req = {.cmd = cmd};
	int r = -EINVAL;

	for (req.linkid = 1; req.linkid < 8 && r < 0; req.linkid++)
		for (req.zoneid = 1; req.zoneid < 4 && r < 0; req.zoneid++)
			r = ask(&req, sizeof(req));
	return r;
}

static int add_link_of_host(void)
{
	return datalink(ZONE_ADD_DATALINK);
}

static int give_link_away(void)
{
	return datalink(ZONE_DEL_DATALINK);
}

/* Sizes and counts that lie about what follows. */
static int count_that_lies(void)
{
	struct zone_create_req req = {.cmd = ZONE_CREATE, .nrctls = 0x7fffffff};

	return ask(&req, sizeof(req));
}

static int size_that_lies(void)
{
	struct zone_setattr_req req = {
		.cmd = ZONE_SETATTR, .attr = ZONE_ATTR_INITNAME, .size = 0xffffffff};

	return ask(&req, sizeof(req));
}

static int half_a_request(void)
{
	const struct zone_id_req req = {ZONE_DESTROY, 1};

	return ask(&req, sizeof(uint32_t));
}

/* As root of a user namespace of our own, which is no zone's. */
static int as_nested_root(void)
{
	const struct zone_lookup_req req = {.cmd = ZONE_LOOKUP, .self = 1};
	int r = become_nested_root();

	if (r < 0)
		return r;
	(void)ask(&req, sizeof(req));
	return enter_any();
}

#define ATTEMPT(fn)                                                                                \
	{                                                                                          \
#fn, fn                                                                            \
	}

const struct attempt attempts_doors[] = {ATTEMPT(lookup_of_another), ATTEMPT(create_zone),
	ATTEMPT(shutdown_any), ATTEMPT(destroy_any), ATTEMPT(boot_any), ATTEMPT(enter_any),
	ATTEMPT(set_root_of_host), ATTEMPT(set_own_init), ATTEMPT(add_link_of_host),
	ATTEMPT(give_link_away), ATTEMPT(count_that_lies), ATTEMPT(size_that_lies),
	ATTEMPT(half_a_request), ATTEMPT(as_nested_root), {NULL, NULL}};
