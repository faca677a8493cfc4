/* SPDX-License-Identifier: MIT */
/* DOOR_REFUSE_DESC: a call with descriptors is ENOTSUP, and DESC_MAX is 0 and stays so. */
#include "check.h"

static atomic_int calls;

static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	CHECK(n_desc == 0);
	calls++;
	door_return(NULL, 0, NULL, 0);
}

int main(int argc, char **argv)
{
	int did = door_create(server, NULL, DOOR_REFUSE_DESC), fd;
	door_desc_t desc = {.d_attributes = DOOR_DESCRIPTOR};
	door_arg_t arg = {NULL, 0, &desc, 1, NULL, 0};
	door_info_t info;
	size_t value;

	CHECK(did >= 0);
	publish(did, argv[1]);
	fd = open_door(argv[1]);
	desc.d_data.d_desc.d_descriptor = 1;
	FAILS(door_call(fd, &arg), ENOTSUP);
	FAILS(door_call(did, &arg), ENOTSUP);
	CHECK(calls == 0);
	arg = (door_arg_t){0};
	CHECK(door_call(fd, &arg) == 0);
	CHECK(calls == 1);
	CHECK(door_info(fd, &info) == 0 && info.di_attributes & DOOR_REFUSE_DESC);
	CHECK(door_getparam(did, DOOR_PARAM_DESC_MAX, &value) == 0 && value == 0);
	FAILS(door_setparam(did, DOOR_PARAM_DESC_MAX, 1), ENOTSUP);
	CHECK(door_setparam(did, DOOR_PARAM_DESC_MAX, 0) == 0);
	/* What DOOR_RELEASE gives away is gone, though the call failed. */
	desc.d_attributes |= DOOR_RELEASE;
	desc.d_data.d_desc.d_descriptor = dup(1);
	arg = (door_arg_t){NULL, 0, &desc, 1, NULL, 0};
	FAILS(door_call(fd, &arg), ENOTSUP);
	FAILS(fcntl(desc.d_data.d_desc.d_descriptor, F_GETFD), EBADF);
	return done();
}
