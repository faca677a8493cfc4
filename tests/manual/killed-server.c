/* SPDX-License-Identifier: MIT */
/* The server is killed during a call: EINTR. Afterwards there is no door: EBADF. */
#include "check.h"

struct state {
	atomic_int running;
};
static struct state *state;

static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	state->running++;
	for (;;)
		pause();
}

/* An exit of the process ends its calls as a signal does. */
static void exits(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	_exit(0);
}

static void setup(const char *path)
{
	publish(door_create(server, NULL, 0), path);
}

static void setup_exits(const char *path)
{
	publish(door_create(exits, NULL, 0), path);
}

static void *killer(void *arg)
{
	AWAIT(state->running == 1);
	stop_server(*(pid_t *)arg);
	return NULL;
}

int main(int argc, char **argv)
{
	door_info_t info;
	pthread_t t;
	pid_t pid;
	int fd;

	state = shared(sizeof(*state));
	pid = start_server(setup, argv[1]);
	fd = open_door(argv[1]);
	CHECK(pthread_create(&t, NULL, killer, &pid) == 0);
	FAILS(door_call(fd, NULL), EINTR);
	CHECK(pthread_join(t, NULL) == 0);
	FAILS(door_call(fd, NULL), EBADF);
	FAILS(door_info(fd, &info), EBADF);

	pid = start_server(setup_exits, argv[1]);
	/* The same descriptor: it is of the file, and there is a door over it again. */
	FAILS(door_call(fd, NULL), EINTR);
	CHECK(waitpid(pid, NULL, 0) == pid);
	FAILS(door_call(fd, NULL), EBADF);
	return done();
}
