/* SPDX-License-Identifier: MIT */
/*
 * What the tests of doors share: a directory of their own, a server in a process of
 * its own, and waiting for something without waiting for ever.
 */
#pragma once

#include <door.h>
#include <door_linux.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"

static char test_dir[64];
static char test_path[96];

static int make_test_dir(void **state)
{
	if (folder_make(test_dir, sizeof(test_dir), "door") < 0)
		return -1;
	(void)snprintf(test_path, sizeof(test_path), "%s/door", test_dir);
	return 0;
}

static inline int remove_test_dir(void **state)
{
	return folder_remove(test_dir);
}

/* Starts a process that attaches a door at test_path and serves it until it is killed. */
static inline pid_t start_server(door_server_procedure_t *proc, uint_t attributes, mode_t mode)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_return_code(pipe(ready), errno);
	pid = fork();
	assert_return_code(pid, errno);
	if (pid == 0) {
		int fd;

		(void)close(ready[0]);
		fd = door_create(proc, NULL, attributes);
		if (fd < 0 || door_attach(fd, test_path, mode) < 0)
			_exit(1);
		(void)write(ready[1], "", 1);
		(void)alarm(60);
		for (;;)
			(void)pause();
	}
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	return pid;
}

static inline void stop_process(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* The exit status of a child, -1 when a signal ended it. */
static inline int exit_status(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
