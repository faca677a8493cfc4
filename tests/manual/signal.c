/* SPDX-License-Identifier: MIT */
/* A caught signal ends door_call() with EINTR, with SA_RESTART too; a blocked or ignored one not. */
#include "check.h"

struct state {
	atomic_int running, go, finished;
};
static struct state *state;
static volatile sig_atomic_t caught;

static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	state->running++;
	while (!state->go)
		usleep(2000);
	state->finished++;
	door_return(NULL, 0, NULL, 0);
}

static void setup(const char *path)
{
	publish(door_create(server, NULL, 0), path);
}

static void handler(int sig)
{
	caught++;
}

/* Sends a signal to the thread that calls, again and again: the first may come too early. */
static void *sender(void *arg)
{
	pthread_t caller = *(pthread_t *)arg;

	AWAIT(state->running == 1);
	while (!state->finished && !caught) {
		usleep(5000);
		pthread_kill(caller, SIGUSR1);
	}
	return NULL;
}

/* The same for a signal that is not caught; then the call may end. */
static void *sender_ignored(void *arg)
{
	pthread_t caller = *(pthread_t *)arg;
	int i;

	AWAIT(state->running == 1);
	for (i = 0; i < 5; i++) {
		pthread_kill(caller, SIGUSR2);
		usleep(5000);
	}
	state->go = 1;
	return NULL;
}

static void interrupted(int fd, int flags)
{
	struct sigaction sa = {.sa_handler = handler, .sa_flags = flags};
	pthread_t self = pthread_self(), t;

	memset(state, 0, sizeof(*state));
	caught = 0;
	CHECK(sigaction(SIGUSR1, &sa, NULL) == 0);
	CHECK(pthread_create(&t, NULL, sender, &self) == 0);
	FAILS(door_call(fd, NULL), EINTR);
	CHECK(caught > 0);
	CHECK(pthread_join(t, NULL) == 0);
	/* The procedure was not told, and finishes. */
	state->go = 1;
	AWAIT(state->finished == 1);
}

int main(int argc, char **argv)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	pthread_t self = pthread_self(), t;
	pid_t pid;
	int fd;

	state = shared(sizeof(*state));
	pid = start_server(setup, argv[1]);
	fd = open_door(argv[1]);
	interrupted(fd, 0);
	interrupted(fd, SA_RESTART);
	memset(state, 0, sizeof(*state));
	CHECK(sigaction(SIGUSR2, &ignore, NULL) == 0);
	CHECK(pthread_create(&t, NULL, sender_ignored, &self) == 0);
	CHECK(door_call(fd, NULL) == 0);
	CHECK(pthread_join(t, NULL) == 0);
	stop_server(pid);
	return done();
}
