/* SPDX-License-Identifier: MIT */
/* Finding and starting a zone's zoneadmd; see zoneadmd-calls.h. */
#include "zone/zoneadmd-calls.h"

#include <door_linux.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "linux/cgroup-join.h"
#include "linux/instance.h"

#define GROUP "zoneadmd" /* of all of an instance */

int zoneadmd_open(const char *zone)
{
	char path[4096];
	door_info_t info;
	int r = instance_path(path, sizeof(path), ZONEADMD_DOOR_FMT, zone);
	int fd;

	if (r < 0)
		return r;
	fd = door_open(path);
	if (fd < 0)
		return errno == ECONNREFUSED ? -ENOENT : -errno;
	if (door_info(fd, &info) < 0 || (info.di_attributes & DOOR_REVOKED)) {
		(void)fd_close(fd);
		return -ENOENT;
	}
	return fd;
}

static void wait_exit(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int zoneadmd_outcome_read(const char *zone, int fd)
{
	struct zoneadmd_outcome o = {0};
	ssize_t n;

	do
		n = read(fd, &o, sizeof(o));
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(o)) {
		o.r = -ECHILD;
		(void)str_copy(o.diag.text, sizeof(o.diag.text), "zoneadmd ended unexpectedly");
	}
	o.diag.text[sizeof(o.diag.text) - 1] = '\0';
	if (o.diag.text[0])
		(void)fprintf(stderr, "zoneadmd: zone '%s': %s\n", zone, o.diag.text);
	return o.r;
}

/* As fork(3), but the child is born in the group where there is one. */
static pid_t fork_into(int group)
{
	struct clone_args args = {
		.flags = group >= 0 ? CLONE_INTO_CGROUP : 0,
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)group,
	};

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static void __attribute__((noreturn)) become_zoneadmd(const char *program, char **argv, int out)
{
	struct zoneadmd_outcome o = {0};

	if (fcntl(out, F_SETFD, 0) == 0)
		(void)execve(program, argv, environ);
	o.r = diag_errno(&o.diag, -errno, "cannot run %s", program);
	(void)!write(out, &o, sizeof(o));
	_exit(127);
}

/*
 * It keeps our standard error until it has told its outcome, for what it cannot tell that way.
 *
 * It is no part of the session or service that we are of, which may be ended, or limited, as one likes. To be born elsewhere
 * costs nothing, where moving does; posix_spawn(3) cannot do it in all C libraries.
 */
static int spawn(const char *program, const char *zone, int out, pid_t *ret_pid)
{
	_cleanup_close_ int group = cgroup_open_below("", GROUP, 0, 0);
	char name[ZONENAME_MAX], number[12];
	char *argv[] = {(char *)"zoneadmd", (char *)"-z", name, (char *)"-r", number, NULL};
	int r = str_copy(name, sizeof(name), zone);

	if (r < 0)
		return r;
	(void)snprintf(number, sizeof(number), "%d", out);
	*ret_pid = fork_into(group);
	if (*ret_pid < 0 && group >= 0) /* a host that lets nobody in there */
		*ret_pid = fork_into(FD_NONE);
	if (*ret_pid == 0)
		become_zoneadmd(program, argv, out);
	return *ret_pid < 0 ? -errno : 0;
}

int zoneadmd_start(const char *zone)
{
	static pid_t before; /* one that we started, which may have ended */
	_cleanup_close_ int in = FD_NONE, out = FD_NONE;
	char program[4096];
	int fds[2], r;
	pid_t pid;

	if (before > 0 && waitpid(before, NULL, WNOHANG) != 0)
		before = 0;
	r = instance_program(program, sizeof(program), "zoneadmd");
	if (r < 0)
		return r;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	in = fds[0];
	out = fds[1];
	r = spawn(program, zone, out, &pid);
	(void)fd_close(TAKE_FD(out));
	if (r < 0)
		return r;
	r = zoneadmd_outcome_read(zone, in);
	if (r == 0)
		before = pid;
	else
		wait_exit(pid);
	return r < 0 ? -ECHILD : 0;
}
