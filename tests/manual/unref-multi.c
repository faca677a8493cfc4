/* SPDX-License-Identifier: MIT */
/* DOOR_UNREF_MULTI: each time; DOOR_IS_UNREF tells whether it still holds. */
#include "check.h"

static atomic_int unrefs, saw_flag;

static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	door_info_t info;

	if (argp == DOOR_UNREF_DATA) {
		CHECK(door_info(DOOR_QUERY, &info) == 0);
		if (info.di_attributes & DOOR_IS_UNREF)
			saw_flag++;
		unrefs++;
	}
	door_return(NULL, 0, NULL, 0);
}

int main(int argc, char **argv)
{
	int did = door_create(server, NULL, DOOR_UNREF_MULTI), i;
	door_info_t info;

	CHECK(did >= 0);
	for (i = 1; i <= 3; i++) {
		publish(did, argv[1]);
		CHECK(door_info(did, &info) == 0);
		CHECK(!(info.di_attributes & DOOR_IS_UNREF));
		CHECK(info.di_attributes & DOOR_UNREF_MULTI);
		CHECK(fdetach(argv[1]) == 0);
		AWAIT(unrefs == i);
		CHECK(saw_flag == i);
		CHECK(door_info(did, &info) == 0);
		CHECK(info.di_attributes & DOOR_IS_UNREF);
	}
	FAILS(door_create(server, NULL, DOOR_UNREF | DOOR_UNREF_MULTI), EINVAL);
	return done();
}
