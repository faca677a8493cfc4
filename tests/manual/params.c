/* SPDX-License-Identifier: MIT */
/* door_getparam(), door_setparam(): what a door lets its callers send. */
#include "check.h"

#include <limits.h>

static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	while (n_desc > 0)
		close(dp[--n_desc].d_data.d_desc.d_descriptor);
	door_return(NULL, 0, NULL, 0);
}

static void setup(const char *path)
{
	int did = door_create(server, NULL, 0);
	size_t value;

	CHECK(did >= 0);
	CHECK(door_getparam(did, DOOR_PARAM_DATA_MAX, &value) == 0 && value == SIZE_MAX);
	CHECK(door_getparam(did, DOOR_PARAM_DATA_MIN, &value) == 0 && value == 0);
	CHECK(door_getparam(did, DOOR_PARAM_DESC_MAX, &value) == 0 && value == INT_MAX);
	CHECK(door_setparam(did, DOOR_PARAM_DATA_MAX, 100) == 0);
	CHECK(door_setparam(did, DOOR_PARAM_DATA_MIN, 10) == 0);
	CHECK(door_setparam(did, DOOR_PARAM_DESC_MAX, 1) == 0);
	FAILS(door_setparam(did, DOOR_PARAM_DATA_MAX, 9), EINVAL);
	FAILS(door_setparam(did, DOOR_PARAM_DATA_MIN, 101), EINVAL);
	FAILS(door_setparam(did, DOOR_PARAM_DESC_MAX, (size_t)INT_MAX + 1), ERANGE);
	FAILS(door_setparam(did, 99, 1), EINVAL);
	FAILS(door_getparam(did, 99, &value), EINVAL);
	FAILS(door_getparam(did, DOOR_PARAM_DATA_MAX, NULL), EFAULT);
	publish(did, path);
}

static int call(int fd, size_t size, uint_t descriptors)
{
	char data[128] = "";
	door_desc_t desc[2] = {{0}};
	door_arg_t arg = {data, size, desc, descriptors, NULL, 0};
	int i;

	for (i = 0; i < 2; i++) {
		desc[i].d_attributes = DOOR_DESCRIPTOR;
		desc[i].d_data.d_desc.d_descriptor = 1;
	}
	return door_call(fd, &arg);
}

int main(int argc, char **argv)
{
	pid_t pid = start_server(setup, argv[1]);
	int fd = open_door(argv[1]);
	size_t value;

	CHECK(call(fd, 10, 0) == 0);
	CHECK(call(fd, 100, 1) == 0);
	FAILS(call(fd, 9, 0), ENOBUFS);
	FAILS(call(fd, 101, 0), ENOBUFS);
	FAILS(door_call(fd, NULL), ENOBUFS);
	FAILS(call(fd, 10, 2), ENFILE);
	/* Everybody may ask, only who made it may set. */
	CHECK(door_getparam(fd, DOOR_PARAM_DATA_MAX, &value) == 0 && value == 100);
	CHECK(door_getparam(fd, DOOR_PARAM_DATA_MIN, &value) == 0 && value == 10);
	CHECK(door_getparam(fd, DOOR_PARAM_DESC_MAX, &value) == 0 && value == 1);
	FAILS(door_setparam(fd, DOOR_PARAM_DATA_MAX, 200), EPERM);
	FAILS(door_getparam(1, DOOR_PARAM_DATA_MAX, &value), EBADF);
	FAILS(door_setparam(1, DOOR_PARAM_DATA_MAX, 1), EBADF);
	stop_server(pid);
	FAILS(door_getparam(fd, DOOR_PARAM_DATA_MAX, &value), EBADF);
	return done();
}
