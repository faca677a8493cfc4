/* SPDX-License-Identifier: MIT */
/*
 * What the programs of this folder share: how they say what was wrong, and how they wait. They
 * use doors as the illumos manual describes them, and nothing that only Linux has.
 */
#pragma once

#include <door.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stropts.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <ucred.h>
#include <unistd.h>

/* Ends the program and its children with one line unless the condition holds. */
#define CHECK(cond)                                                                                \
	do {                                                                                       \
		int saved_ = errno;                                                                \
		if (!(cond)) {                                                                     \
			printf("%s:%d: not so: %s (errno: %s)\n", __FILE__, __LINE__, #cond,       \
				strerror(saved_));                                                 \
			fflush(stdout);                                                            \
			kill(0, SIGKILL);                                                          \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

/* The call returns -1 with this errno. */
#define FAILS(call, error) CHECK((errno = 0, (call) == -1 && errno == (error)))

/* Waits until the condition holds, 20 seconds at most. */
#define AWAIT(cond)                                                                                \
	do {                                                                                       \
		int tries_;                                                                        \
		for (tries_ = 0; tries_ < 4000 && !(cond); tries_++)                               \
			usleep(5000);                                                              \
		CHECK(cond);                                                                       \
	} while (0)

/* Puts a door over a new file, as servers do. */
static inline void publish(int did, const char *path)
{
	int fd = open(path, O_CREAT | O_RDWR, 0644);

	CHECK(fd >= 0);
	close(fd);
	fdetach(path);
	CHECK(fattach(did, path) == 0);
}

/* How a client gets a door. */
static inline int open_door(const char *path)
{
	int fd = open(path, O_RDWR);

	CHECK(fd >= 0);
	return fd;
}

/* Memory that two processes see, zeroed. */
static inline void *shared(size_t size)
{
	/* cppcheck-suppress invalidFunctionArg */
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

/*
 * Runs a server in another process and returns when it serves. setup() makes and publishes its
 * door. To be called before this process has any door.
 */
static inline pid_t start_server(void (*setup)(const char *path), const char *path)
{
	pid_t pid;
	int p[2];
	char c;

	CHECK(pipe(p) == 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		close(p[0]);
		setup(path);
		CHECK(write(p[1], "", 1) == 1);
		close(p[1]);
		for (;;)
			pause();
	}
	close(p[1]);
	CHECK(read(p[0], &c, 1) == 1);
	close(p[0]);
	return pid;
}

static inline void stop_server(pid_t pid)
{
	CHECK(kill(pid, SIGKILL) == 0);
	CHECK(waitpid(pid, NULL, 0) == pid);
}

/* A child that has to succeed. */
static inline void join_child(pid_t pid)
{
	int status;

	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* The simplest call: a string there, a string back in buf. */
static inline void ask(int did, const char *word, char *buf, size_t size)
{
	door_arg_t arg = {(char *)word, strlen(word) + 1, NULL, 0, buf, size};

	CHECK(door_call(did, &arg) == 0);
	CHECK(arg.rbuf == buf);
}

static inline int done(void)
{
	printf("ok\n");
	return 0;
}
