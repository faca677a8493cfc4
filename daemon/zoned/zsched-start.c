/* SPDX-License-Identifier: MIT */
/*
 * Starting, adopting and ending the zsched of a zone.
 *
 * It is started with posix_spawn(), so nothing of this multi-threaded process is
 * copied. It comes to its main function while the control groups are made, and waits there for
 * a byte. Then the process that was started makes the real zsched, our child too, in
 * its control group, and ends; the real one tells its pid by the same socket.
 */
#include "zoned/zone-impl.h"

#include "linux/cgroup-control.h"
#include "linux/clock.h"
#include "linux/log.h"
#include "linux/pidfd.h"
#include "zone/zsched-calls.h"

#include <door_linux.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define START_MS  10000
#define STOP_MS	  5000
#define STOP_STEP 2 /* ms; init may be waited for by its zsched just now */
#define GIVEN_FD  3 /* in the child */

/* ---- spawning ---- */

static int spawn_attr(posix_spawnattr_t *attr)
{
	sigset_t none, all;
	int r;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	r = posix_spawnattr_init(attr);
	if (r)
		return -r;
	(void)posix_spawnattr_setsigmask(attr, &none);
	(void)posix_spawnattr_setsigdefault(attr, &all);
	(void)posix_spawnattr_setflags(
		attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	return 0;
}

static int spawn_files(posix_spawn_file_actions_t *files, int given)
{
	int r = posix_spawn_file_actions_init(files), fd;

	if (r)
		return -r;
	/* It first: its descriptor is never below 3, and 3 itself loses close-on-exec. */
	if (given >= 0)
		r = posix_spawn_file_actions_adddup2(files, given, GIVEN_FD);
	for (fd = 0; fd < 3 && r == 0; fd++)
		r = posix_spawn_file_actions_addopen(files, fd, "/dev/null", O_RDWR, 0);
	if (r)
		(void)posix_spawn_file_actions_destroy(files);
	return -r;
}

int program_spawn(char **argv, int fd, pid_t *ret_pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int r;

	r = spawn_attr(&attr);
	if (r < 0)
		return r;
	r = spawn_files(&files, fd);
	if (r == 0) {
		r = -posix_spawn(ret_pid, argv[0], &files, &attr, argv, environ);
		(void)posix_spawn_file_actions_destroy(&files);
	}
	(void)posix_spawnattr_destroy(&attr);
	return r;
}

/* The child ends in a moment, and the wait for it with ECHILD; what it has to say comes by the socket. */
static void wait_child(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Reads a line until the end of the stream or of the time. */
static int read_answer(int fd, char *buf, size_t size)
{
	int64_t end = clock_now_ms() + START_MS, left;
	size_t used = 0;
	ssize_t n;

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};

		left = end - clock_now_ms();
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		n = read(fd, buf + used, size - 1 - used);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			used += (size_t)n;
		if (n == 0 || used == size - 1)
			break;
	}
	buf[used] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return 0;
}

static int wait_answer(struct zone *z, int fd, struct diag *d)
{
	char answer[512];
	int pid, r;

	r = read_answer(fd, answer, sizeof(answer));
	if (r < 0)
		return diag_errno(d, r, "zsched of zone '%s' does not start", z->name);
	if (sscanf(answer, "ok %d", &pid) != 1)
		return diag_set(d, -EIO, "zsched of zone '%s': %s", z->name,
			answer[0] ? answer : "it ended without a word");
	z->zsched = pidfd_of(pid);
	if (z->zsched < 0) {
		r = TAKE_FD(z->zsched);
		return diag_errno(d, r, "zsched of zone '%s' is gone", z->name);
	}
	z->zsched_pid = pid;
	return 0;
}

int zsched_spawn(const struct zone *z, struct zsched_spawned *ret, struct diag *d)
{
	char path[PATH_MAX], id[16], uniqid[32], base[16], ready[8];
	char *argv[] = {path, (char *)z->name, id, uniqid, base, ready,
		z->flags & ZF_NET_EXCL ? NULL : (char *)"shared", NULL};
	int ends[2], r;

	r = instance_program(path, sizeof(path), "zsched");
	if (r < 0)
		return diag_set(d, r, "The path of zsched is too long");
	(void)snprintf(id, sizeof(id), "%d", z->id);
	(void)snprintf(uniqid, sizeof(uniqid), "%" PRIu64, z->uniqid);
	(void)snprintf(base, sizeof(base), "%u", z->uid_base);
	(void)snprintf(ready, sizeof(ready), "%d", GIVEN_FD);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return diag_errno(d, -errno, "Cannot make a pair of sockets");
	r = program_spawn(argv, ends[1], &ret->pid);
	(void)fd_close(ends[1]);
	if (r < 0) {
		(void)fd_close(ends[0]);
		return diag_errno(d, r, "Cannot start %s", path);
	}
	ret->socket = ends[0];
	return 0;
}

void zsched_spawn_cancel(struct zsched_spawned *s)
{
	s->socket = fd_close(s->socket);
	wait_child(s->pid);
}

int zsched_start(struct zone *z, struct zsched_spawned *s, struct diag *d)
{
	int r;

	/* Of one that died meanwhile the answer tells. */
	(void)send(s->socket, "", 1, MSG_NOSIGNAL);
	wait_child(s->pid);
	r = wait_answer(z, s->socket, d);
	s->socket = fd_close(s->socket);
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
