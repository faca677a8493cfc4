/* SPDX-License-Identifier: MIT */
/*
 * EAGAIN: a server has no thread for one call more. Whoever uses it up gets that, not whoever comes
 * then. Run as root.
 */
#include "check.h"

#define CALLS 300

static struct state {
	atomic_int running, go, again, other; /* other: an errno */
} * state;

static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	if (arg_size > 0) {
		state->running++;
		while (!state->go)
			usleep(10000);
	}
	door_return(NULL, 0, NULL, 0);
}

static void setup(const char *path)
{
	publish(door_create(server, NULL, 0), path);
	CHECK(chmod(path, 0666) == 0);
}

static void *call(void *arg)
{
	door_arg_t a = {"x", 1, NULL, 0, NULL, 0};

	if (door_call(*(int *)arg, &a) < 0) {
		if (errno == EAGAIN)
			state->again++;
		else
			state->other = errno;
	}
	return NULL;
}

/* A user with more calls at once than anybody needs. */
static void flood(const char *path)
{
	static pthread_t t[CALLS];
	int fd, i;

	CHECK(setuid(4321) == 0);
	fd = open_door(path);
	for (i = 0; i < CALLS; i++)
		CHECK(pthread_create(&t[i], NULL, call, &fd) == 0);
	for (i = 0; i < CALLS; i++)
		CHECK(pthread_join(t[i], NULL) == 0);
	_exit(0);
}

int main(int argc, char **argv)
{
	pid_t pid, child;

	state = shared(sizeof(*state));
	pid = start_server(setup, argv[1]);
	child = fork();
	CHECK(child >= 0);
	if (child == 0)
		flood(argv[1]);
	AWAIT(state->running + state->again == CALLS || state->other);
	errno = state->other;
	CHECK(state->other == 0 && state->again > 0);
	CHECK(door_call(open_door(argv[1]), NULL) == 0);
	state->go = 1;
	join_child(child);
	stop_server(pid);
	return done();
}
