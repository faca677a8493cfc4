/* SPDX-License-Identifier: MIT */
/* DOOR_UNREF: one call with DOOR_UNREF_DATA when the references fall to one, and only one. */
#include "check.h"

static atomic_int calls, unrefs;

static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	if (argp == DOOR_UNREF_DATA) {
		CHECK(cookie == &calls && arg_size == 0 && n_desc == 0);
		unrefs++;
	} else {
		calls++;
	}
	door_return(NULL, 0, NULL, 0);
}

int main(int argc, char **argv)
{
	int did = door_create(server, &calls, DOOR_UNREF), fd;

	CHECK(did >= 0);
	/* Never more than one reference: nothing to tell. */
	CHECK(door_call(did, NULL) == 0);
	CHECK(unrefs == 0);
	publish(did, argv[1]);
	fd = open_door(argv[1]);
	CHECK(door_call(fd, NULL) == 0);
	CHECK(unrefs == 0 && calls == 2);
	close(fd);
	CHECK(fdetach(argv[1]) == 0);
	AWAIT(unrefs == 1);
	/* Once. A call that comes later finds that no second one came before it. */
	publish(did, argv[1]);
	CHECK(fdetach(argv[1]) == 0);
	usleep(50000);
	CHECK(door_call(did, NULL) == 0);
	CHECK(unrefs == 1);
	return done();
}
