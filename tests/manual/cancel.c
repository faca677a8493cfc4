/* SPDX-License-Identifier: MIT */
/*
 * A client that is killed during its call: the server thread is cancelled if it allows that, but
 * with DOOR_NO_CANCEL it is not.
 */
#include "check.h"

struct state {
	atomic_int running, cleaned, finished, go;
};
static struct state *state;

static void clean(void *arg)
{
	state->cleaned++;
}

static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	if (arg_size == 0)
		door_return(NULL, 0, NULL, 0);
	pthread_cleanup_push(clean, NULL);
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	state->running++;
	while (!state->go)
		usleep(2000); /* where a thread is cancelled */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	pthread_cleanup_pop(0);
	state->finished++;
	door_return(NULL, 0, NULL, 0);
}

static void setup_cancel(const char *path)
{
	publish(door_create(server, NULL, 0), path);
}

static void setup_no_cancel(const char *path)
{
	publish(door_create(server, NULL, DOOR_NO_CANCEL), path);
}

/* A client that is killed while its call runs. */
static void killed_client(const char *path)
{
	door_arg_t arg = {"x", 1, NULL, 0, NULL, 0};
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		door_call(open_door(path), &arg);
		_exit(0);
	}
	AWAIT(state->running == 1);
	stop_server(pid);
}

int main(int argc, char **argv)
{
	pid_t pid;

	state = shared(sizeof(*state));
	pid = start_server(setup_cancel, argv[1]);
	killed_client(argv[1]);
	AWAIT(state->cleaned == 1);
	CHECK(state->finished == 0);
	/* The server goes on. */
	CHECK(door_call(open_door(argv[1]), NULL) == 0);
	stop_server(pid);

	memset(state, 0, sizeof(*state));
	pid = start_server(setup_no_cancel, argv[1]);
	killed_client(argv[1]);
	CHECK(door_call(open_door(argv[1]), NULL) == 0);
	usleep(50000);
	state->go = 1;
	AWAIT(state->finished == 1);
	CHECK(state->cleaned == 0);
	stop_server(pid);
	return done();
}
