/* SPDX-License-Identifier: MIT */
/*
 * A client of the soak: a few threads that come and go, each with descriptors of its own, which
 * call, ask, fork, and pass doors of this process to be called back.
 */
#include "soak.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CALLS_MOST 400u /* of one thread */

struct caller {
	pthread_t thread;
	unsigned int number; /* of the client */
	uint64_t state;
	int doors[SERVERS][KINDS];
};

static int callback; /* a door of this process */

static void count(unsigned int number, int error)
{
	atomic_fetch_add(error ? &shared->client[number].refused : &shared->client[number].good, 1);
}

/* A descriptor of a random door, from before or new; -1 when there is no such door now. */
static int *random_door(struct caller *c)
{
	unsigned int server = rnd_below(&c->state, SERVERS), kind = rnd_below(&c->state, KINDS);
	int *fd = &c->doors[server][kind];

	if (*fd < 0)
		*fd = open_door(server, kind);
	return fd;
}

/* The child calls through what it has inherited, and is seen as who it is. */
static void call_in_child(int fd, uint64_t *state)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		wrong("fork: %s", strerror(errno));
	if (pid == 0) {
		(void)ask_door(fd, state, 0, -1);
		_exit(0);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			wrong("waitpid: %s", strerror(errno));
	if (status != 0)
		wrong("a forked client ended with status %d", status);
}

static void ask_about(int fd)
{
	door_info_t info;
	size_t value;

	if (door_info(fd, &info) < 0) {
		if (!is_expected(errno))
			wrong("door_info: %s", strerror(errno));
	} else if (info.di_target == 0) {
		wrong("door_info: no server");
	}
	if (door_getparam(fd, DOOR_PARAM_DATA_MAX, &value) < 0) {
		if (!is_expected(errno))
			wrong("door_getparam: %s", strerror(errno));
	} else if (value != SIZE_MAX) {
		wrong("door_getparam: %zu", value);
	}
}

/* A call with a door that is made for it, and revoked afterwards. */
static int call_with_new_door(int fd, uint64_t *state)
{
	int door = door_create(serve_call, &callback, 0), error;

	if (door < 0)
		wrong("door_create: %s", strerror(errno));
	error = ask_door(fd, state, 1, door);
	if (door_revoke(door) < 0)
		wrong("door_revoke: %s", strerror(errno));
	return error;
}

static void do_something(struct caller *c)
{
	int *fd = random_door(c), error;

	if (*fd < 0) {
		const struct timespec ts = {.tv_nsec = 1000000};

		count(c->number, EBADF);
		(void)nanosleep(&ts, NULL);
		return;
	}
	if (rnd_once_in(&c->state, 40))
		ask_about(*fd);
	if (rnd_once_in(&c->state, 100))
		error = call_with_new_door(*fd, &c->state);
	else
		error = ask_door(*fd, &c->state, DEPTH, rnd_once_in(&c->state, 30) ? callback : -1);
	count(c->number, error);
#ifndef __SANITIZE_THREAD__ /* it ends a process that makes threads after such a fork */
	if (rnd_once_in(&c->state, 150))
		call_in_child(*fd, &c->state);
#endif
	if (error == EBADF || rnd_once_in(&c->state, 50)) {
		(void)close(*fd);
		*fd = -1;
	}
}

static void *run_thread(void *arg)
{
	struct caller *c = arg;
	unsigned int i, k, n = 1 + rnd_below(&c->state, CALLS_MOST);

	memset(c->doors, 0xff, sizeof(c->doors)); /* all -1 */
	for (i = 0; i < n && !atomic_load(&shared->rest) && !atomic_load(&shared->end); i++)
		do_something(c);
	for (i = 0; i < SERVERS; i++)
		for (k = 0; k < KINDS; k++)
			if (c->doors[i][k] >= 0)
				(void)close(c->doors[i][k]);
	return NULL;
}

static void run_threads(unsigned int number, uint64_t *state)
{
	struct caller callers[THREADS];
	unsigned int i, n = 1 + rnd_below(state, THREADS);

	for (i = 0; i < n; i++) {
		callers[i].number = number;
		callers[i].state = rnd(state) | 1;
		errno = pthread_create(&callers[i].thread, NULL, run_thread, &callers[i]);
		if (errno)
			wrong("thread: %s", strerror(errno));
	}
	for (i = 0; i < n; i++)
		(void)pthread_join(callers[i].thread, NULL);
}

static void on_signal(int sig)
{
}

void run_client(unsigned int number, uint64_t seed)
{
	const struct timespec moment = {.tv_nsec = 2000000};
	/* Calls are interrupted by it. */
	const struct sigaction sa = {.sa_handler = on_signal};
	uint64_t state = seed;

	(void)sigaction(SIGUSR1, &sa, NULL);
	callback = door_create(serve_call, &callback, 0);
	if (callback < 0)
		wrong("door_create: %s", strerror(errno));
	while (!atomic_load(&shared->end)) {
		unsigned int rest = atomic_load(&shared->rest);

		if (rest) {
			atomic_store(&shared->client[number].rests, rest);
			(void)nanosleep(&moment, NULL);
		} else {
			run_threads(number, &state);
		}
	}
	_exit(0);
}
