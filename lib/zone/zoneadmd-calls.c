/* SPDX-License-Identifier: MIT */
/* Finding and starting a zone's zoneadmd; see zoneadmd-calls.h. */
#include "zone/zoneadmd-calls.h"

#include <door_linux.h>
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

static int wait_exit(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ECHILD;
}

/* The daemon's first process exits 0 when the door is there, and says itself what went wrong. */
int zoneadmd_start(const char *zone)
{
	char program[4096], name[ZONENAME_MAX];
	char *argv[] = {(char *)"zoneadmd", (char *)"-z", name, NULL};
	pid_t pid;
	int r = instance_program(program, sizeof(program), "zoneadmd");

	if (r == 0)
		r = str_copy(name, sizeof(name), zone);
	if (r == 0)
		r = -posix_spawn(&pid, program, NULL, NULL, argv, environ);
	return r < 0 ? r : wait_exit(pid);
}
