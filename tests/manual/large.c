/* SPDX-License-Identifier: MIT */
/* An argument and a result of any size; DOOR_PARAM_DATA_MAX is the server's word on that. */
#include "check.h"

#define LARGE ((size_t)8 << 20)

/* Answers with the argument, byte by byte one more. */
static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	size_t i;

	FAILS(door_return((char *)8, LARGE, NULL, 0), EFAULT);
	for (i = 0; i < arg_size; i++)
		argp[i]++;
	door_return(argp, arg_size, NULL, 0);
}

static void setup(const char *path)
{
	int did = door_create(server, NULL, 0);

	CHECK(door_setparam(did, DOOR_PARAM_DATA_MAX, LARGE) == 0);
	publish(did, path);
}

static char data[LARGE + 1], result[LARGE];

static void check_result(const door_arg_t *arg, size_t size)
{
	size_t i, wrong = 0;

	CHECK(arg->data_size == size && arg->desc_num == 0);
	for (i = 0; i < size; i++)
		wrong += arg->data_ptr[i] != 'b';
	CHECK(wrong == 0);
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = {65535, 65536, 65537, 1 << 20, LARGE};
	pid_t pid = start_server(setup, argv[1]);
	int fd = open_door(argv[1]);
	door_arg_t arg;
	size_t i;

	memset(data, 'a', sizeof(data));
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		arg = (door_arg_t){data, sizes[i], NULL, 0, result, sizeof(result)};
		CHECK(door_call(fd, &arg) == 0);
		CHECK(arg.rbuf == result && arg.data_ptr == result);
		check_result(&arg, sizes[i]);
		arg = (door_arg_t){data, sizes[i], NULL, 0, result, sizes[i] - 1};
		CHECK(door_call(fd, &arg) == 0);
		CHECK(arg.rbuf != result && arg.rsize >= sizes[i]);
		check_result(&arg, sizes[i]);
		CHECK(munmap(arg.rbuf, arg.rsize) == 0);
	}
	arg = (door_arg_t){data, LARGE + 1, NULL, 0, NULL, 0};
	FAILS(door_call(fd, &arg), ENOBUFS);
	arg = (door_arg_t){(char *)8, 64, NULL, 0, NULL, 0};
	FAILS(door_call(fd, &arg), EFAULT);
	arg = (door_arg_t){data, 64, NULL, 0, (char *)8, 64};
	FAILS(door_call(fd, &arg), EFAULT);
	FAILS(door_call(fd, (door_arg_t *)8), EFAULT);
	CHECK(data[0] == 'a');
	stop_server(pid);
	return done();
}
