/* SPDX-License-Identifier: MIT */
/* Finding and starting a zone's zoneadmd; see zoneadmd-calls.h. */
#include "zone/zoneadmd-calls.h"

#include <door_linux.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include "linux/instance.h"

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

/* It keeps our standard error until it has told its outcome, for what it cannot tell that way. */
static int spawn(const char *program, const char *zone, int out, pid_t *ret_pid)
{
	char name[ZONENAME_MAX], number[12];
	char *argv[] = {(char *)"zoneadmd", (char *)"-z", name, (char *)"-r", number, NULL};
	posix_spawn_file_actions_t files;
	int r = str_copy(name, sizeof(name), zone);

	if (r < 0)
		return r;
	(void)snprintf(number, sizeof(number), "%d", out);
	r = posix_spawn_file_actions_init(&files);
	if (r)
		return -r;
	/* onto itself: it stays open */
	r = posix_spawn_file_actions_adddup2(&files, out, out);
	if (!r)
		r = posix_spawn(ret_pid, program, &files, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&files);
	return -r;
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
