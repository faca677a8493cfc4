/* SPDX-License-Identifier: MIT */
/*
 * Starting other programs, with posix_spawn(): nothing of this multi-threaded process is copied but its
 * descriptors, of which the program gets one.
 */
#include "zoned/zone-impl.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>

#define GIVEN_FD 3 /* in the child */

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
