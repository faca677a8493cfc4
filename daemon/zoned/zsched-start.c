/* SPDX-License-Identifier: MIT */
/*
 * Starting, adopting and ending the zsched of a zone.
 *
 * It is not executed for the zone: one process of that program, the starter, is asked to make it of itself
 * (zsched/starter.c). The starter is there from the beginning, and when it turns out to have died, or does
 * not read any more, another takes its place. A request that it died over is made once more.
 */
#include "zoned/zone-impl.h"

#include "linux/cgroup-control.h"
#include "linux/clock.h"
#include "linux/fd-message.h"
#include "linux/log.h"
#include "linux/pidfd.h"
#include "zone/zsched-calls.h"

#include <door_linux.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#define START_MS  10000 /* for the starter to begin */
#define MAKE_MS	  20000 /* more for a zsched that has begun: netns are made one at a time */
#define STOP_MS	  5000
#define STOP_STEP 2 /* ms; init may be waited for by its zsched just now */

#define NO_ANSWER 1 /* zsched died, or the starter */

/* ---- the starter ---- */

static struct {
	pthread_mutex_t lock; /* leaf */
	int socket;	      /* FD_NONE: there is none */
	unsigned int number;  /* of those there were, to tell one from the next */
} starter = {.lock = PTHREAD_MUTEX_INITIALIZER, .socket = FD_NONE};

/* Under the lock. It is not waited for: what it is sent waits in the socket. */
static int make_starter(struct diag *d)
{
	char path[PATH_MAX];
	char room[ZSCHED_ROOM + 1] = "";
	char *argv[] = {path, (char *)"-s", room, NULL};
	int ends[2], r;
	pid_t pid;

	memset(room, '.', ZSCHED_ROOM);
	starter.socket = fd_close(starter.socket);
	r = instance_program(path, sizeof(path), "zsched");
	if (r < 0)
		return diag_set(d, r, "The path of zsched is too long");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return diag_errno(d, -errno, "Cannot make a pair of sockets");
	r = program_spawn(argv, ends[1], &pid);
	(void)fd_close(ends[1]);
	if (r < 0) {
		(void)fd_close(ends[0]);
		return diag_errno(d, r, "Cannot start %s", path);
	}
	starter.socket = ends[0];
	starter.number++;
	return 0;
}

void zsched_starter_begin(void)
{
	(void)pthread_mutex_lock(&starter.lock);
	(void)make_starter(NULL); /* the first zone has it tried again, and told */
	(void)pthread_mutex_unlock(&starter.lock);
}

/* Under the lock. */
static int send_request(const struct zsched_start_req *req, int answer)
{
	if (starter.socket < 0)
		return -EPIPE;
	return fd_message_send(starter.socket, req, sizeof(*req), &answer, 1, MSG_DONTWAIT);
}

static int ask_starter(
	const struct zsched_start_req *req, int answer, unsigned int *ret_number, struct diag *d)
{
	int r;

	(void)pthread_mutex_lock(&starter.lock);
	r = send_request(req, answer);
	if (r < 0) {
		r = make_starter(d);
		if (r == 0 && send_request(req, answer) < 0)
			r = NO_ANSWER;
	}
	*ret_number = starter.number;
	(void)pthread_mutex_unlock(&starter.lock);
	return r;
}

/* This one gave no answer: the next request goes to another. */
static void leave_starter(unsigned int number)
{
	(void)pthread_mutex_lock(&starter.lock);
	if (starter.number == number)
		starter.socket = fd_close(starter.socket);
	(void)pthread_mutex_unlock(&starter.lock);
}

/* ---- starting ---- */

/* From here on every door server knows the zone's processes. */
static int introduce(struct zone *z, const struct zsched_start_reply *reply, struct diag *d)
{
	if (door_zone_mark(z->name, z->id, z->uniqid, z->uid_base, (ino_t)reply->userns_inode) < 0)
		return diag_errno(d, -errno, "Cannot mark the control group of zone '%s'", z->name);
	return 0;
}

/* The descriptors are the pidfd, which is taken over, and the record. */
static int take_answer(
	struct zone *z, const struct zsched_start_reply *reply, int *fds, struct diag *d)
{
	const struct zsched_reply *head = &reply->head;
	int r;

	if (head->err)
		return diag_set(d, -abs(head->err), "zsched of zone '%s': %.*s", z->name,
			(int)sizeof(head->text), head->text);
	if (fds[0] < 0 || fds[1] < 0)
		return diag_set(d, -EBADMSG, "The answer of zsched is not complete");
	z->zsched = TAKE_FD(fds[0]);
	z->zsched_pid = reply->pid;
	r = introduce(z, reply, d);
	if (r == 0)
		r = zone_record_map(z, z->name, fds[1], d);
	if (r < 0)
		zsched_stop(z);
	return r;
}

/* All signals are blocked. */
static int wait_readable(const struct zone *z, int sock, struct diag *d)
{
	struct pollfd p = {.fd = sock, .events = POLLIN};
	char group[ZONE_GROUP_MAX], begun[256] = "";

	if (poll(&p, 1, START_MS) != 0)
		return 0;
	zone_group(z, "zsched", group);
	cgroup_describe(group, begun, sizeof(begun));
	if (begun[0] && poll(&p, 1, MAKE_MS) != 0)
		return 0;
	if (begun[0])
		cgroup_describe(group, begun, sizeof(begun));
	return diag_set(d, -ETIMEDOUT, "zsched of zone '%s' does not start: %s", z->name,
		begun[0] ? begun : "the process that makes it does not answer");
}

static int wait_answer(struct zone *z, int sock, struct diag *d)
{
	struct zsched_start_reply reply;
	int fds[2] = {FD_NONE, FD_NONE}, r;
	ssize_t n;

	r = wait_readable(z, sock, d);
	if (r < 0)
		return r;
	n = fd_message_receive(sock, &reply, sizeof(reply), fds, ARRAY_SIZE(fds));
	if (n == sizeof(reply))
		r = take_answer(z, &reply, fds, d);
	else if (n > 0)
		r = diag_set(d, -EBADMSG, "The answer of zsched is too short");
	else
		r = NO_ANSWER;
	(void)fd_close(fds[0]);
	(void)fd_close(fds[1]);
	return r;
}

static int start_once(struct zone *z, struct diag *d)
{
	struct zsched_start_req req = {
		.version = ZSCHED_VERSION,
		.zoneid = z->id,
		.uniqid = z->uniqid,
		.uid_base = z->uid_base,
		.shared_ip = !(z->flags & ZF_NET_EXCL),
	};
	unsigned int number;
	int ends[2], r;

	(void)str_copy(req.name, sizeof(req.name), z->name);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return diag_errno(d, -errno, "Cannot make a pair of sockets");
	r = ask_starter(&req, ends[1], &number, d);
	(void)fd_close(ends[1]);
	if (r == 0)
		r = wait_answer(z, ends[0], d);
	if (r == NO_ANSWER || r == -ETIMEDOUT)
		leave_starter(number);
	(void)fd_close(ends[0]);
	return r;
}

int zsched_start(struct zone *z, struct diag *d)
{
	int r = start_once(z, d);

	/* The group is not emptied between: Linux (6.18) kills what is born into one that was killed before. */
	if (r == NO_ANSWER)
		r = start_once(z, d);
	if (r == NO_ANSWER)
		r = diag_set(d, -EIO, "zsched of zone '%s' ended without a word", z->name);
	if (r < 0)
		(void)zone_group_empty(z, "zsched", STOP_MS, NULL);
	return r;
}

/* ---- adopting ---- */

static int door_server(const struct zone *z, pid_t *ret)
{
	_cleanup_close_ int door = FD_NONE;
	char path[PATH_MAX];
	door_info_t info;
	int r;

	r = instance_path(path, sizeof(path), ZSCHED_DOOR_FMT, z->name);
	if (r < 0)
		return r;
	door = door_open(path);
	if (door < 0 || door_info(door, &info) < 0)
		return -errno;
	*ret = info.di_target;
	return info.di_target > 0 ? 0 : -ESRCH;
}

/* Between the number and the pidfd the process may have changed: it must be where a zsched is, and answer still. */
int zsched_adopt(struct zone *z, struct diag *d)
{
	char group[ZONE_GROUP_MAX * 8], name[ZONENAME_MAX];
	_cleanup_close_ int fd = FD_NONE;
	struct zsched_info_reply info;
	const char *rest;
	pid_t pid = 0;
	int r;

	r = door_server(z, &pid);
	if (r < 0)
		return diag_errno(d, r, "zsched of zone '%s' cannot be found", z->name);
	fd = pidfd_of(pid);
	if (fd < 0)
		return diag_errno(d, fd, "zsched of zone '%s' is gone", z->name);
	r = cgroup_of_pid(pid, group, sizeof(group));
	if (r < 0)
		return diag_errno(d, r, "zsched of zone '%s' is gone", z->name);
	if (!cgroup_zone_of(group, name, sizeof(name), &rest) || !streq(name, z->name) ||
		!streq(rest, "zsched"))
		return diag_set(
			d, -EPERM, "Process %d is not the zsched of zone '%s'", (int)pid, z->name);
	r = zsched_call_getinfo(z->name, &info, d);
	if (r < 0)
		return r;
	z->zsched = TAKE_FD(fd);
	z->zsched_pid = pid;
	return 0;
}

/* ---- ending ---- */

bool zsched_is_dead(const struct zone *z)
{
	struct pollfd p = {.fd = z->zsched, .events = POLLIN};

	if (z->zsched < 0)
		return true;
	return poll(&p, 1, 0) == 1 && (p.revents & POLLIN);
}

static bool wait_dead(const struct zone *z, int ms)
{
	struct pollfd p = {.fd = z->zsched, .events = POLLIN};

	(void)poll(&p, 1, ms);
	return zsched_is_dead(z);
}

void zsched_stop(struct zone *z)
{
	int64_t end = clock_now_ms() + STOP_MS;
	struct diag d = {0};
	char path[PATH_MAX];
	int r = -EBUSY;

	while (r == -EBUSY && !zsched_is_dead(z) && clock_now_ms() < end) {
		r = zsched_call_exit(z->name, &d);
		if (r == -EBUSY)
			(void)wait_dead(z, STOP_STEP);
	}
	if (r < 0 && !zsched_is_dead(z))
		log_line(LOG_WARNING, "zone=%s zsched does not end by itself: %s", z->name,
			d.text[0] ? d.text : strerror(-r));
	if (r < 0 || !wait_dead(z, STOP_MS)) {
		if (z->zsched >= 0)
			(void)pidfd_signal(z->zsched, SIGKILL);
		(void)zone_group_empty(z, "zsched", STOP_MS, NULL);
		(void)wait_dead(z, STOP_MS);
	}
	z->zsched = fd_close(z->zsched);
	z->zsched_pid = 0;
	/* One that was killed left it. */
	if (instance_path(path, sizeof(path), ZSCHED_DOOR_FMT, z->name) == 0)
		(void)unlink(path);
}
