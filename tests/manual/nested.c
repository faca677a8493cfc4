/* SPDX-License-Identifier: MIT */
/* A procedure that makes calls itself: of the door that it serves, and of another process's. */
#include "check.h"

static int own, other;

/* Counts down through itself; at 0 it asks the other server. */
static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	char level = argp[0], rbuf[16];
	door_arg_t arg = {&level, 1, NULL, 0, rbuf, sizeof(rbuf)};

	if (level-- > 0)
		CHECK(door_call(own, &arg) == 0);
	else
		CHECK(door_call(other, &arg) == 0);
	CHECK(arg.data_size > 0);
	rbuf[0]++;
	door_return(rbuf, 1, NULL, 0);
}

static void leaf(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	char zero = 0;

	door_return(&zero, 1, NULL, 0);
}

static void setup(const char *path)
{
	publish(door_create(leaf, NULL, 0), path);
}

int main(int argc, char **argv)
{
	pid_t pid = start_server(setup, argv[1]);
	char level = 20, rbuf[16];
	door_arg_t arg = {&level, 1, NULL, 0, rbuf, sizeof(rbuf)};

	other = open_door(argv[1]);
	own = door_create(server, NULL, 0);
	CHECK(own >= 0);
	CHECK(door_call(own, &arg) == 0);
	CHECK(arg.data_size == 1 && rbuf[0] == 21);
	stop_server(pid);
	return done();
}
