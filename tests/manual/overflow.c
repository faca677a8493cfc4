/* SPDX-License-Identifier: MIT */
/* A result that does not fit rbuf comes in a mapping of its own, which the client unmaps. */
#include "check.h"

#define SIZE 50000

static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	static char result[SIZE];
	door_desc_t desc = {.d_attributes = DOOR_DESCRIPTOR};

	memset(result, 'R', sizeof(result));
	desc.d_data.d_desc.d_descriptor = 1;
	door_return(result, sizeof(result), &desc, 1);
}

static void setup(const char *path)
{
	publish(door_create(server, NULL, 0), path);
}

static void check_result(const door_arg_t *arg)
{
	size_t i;

	CHECK(arg->data_size == SIZE && arg->desc_num == 1);
	CHECK(arg->data_ptr >= arg->rbuf && arg->data_ptr + SIZE <= arg->rbuf + arg->rsize);
	CHECK((char *)arg->desc_ptr >= arg->rbuf);
	CHECK((char *)(arg->desc_ptr + 1) <= arg->rbuf + arg->rsize);
	for (i = 0; i < SIZE; i++)
		CHECK(arg->data_ptr[i] == 'R');
	CHECK(close(arg->desc_ptr->d_data.d_desc.d_descriptor) == 0);
}

int main(int argc, char **argv)
{
	pid_t pid = start_server(setup, argv[1]);
	int fd = open_door(argv[1]), i;
	static char small[16], large[SIZE + 1024];
	door_arg_t arg = {NULL, 0, NULL, 0, large, sizeof(large)};

	CHECK(door_call(fd, &arg) == 0);
	CHECK(arg.rbuf == large && arg.rsize == sizeof(large));
	check_result(&arg);
	for (i = 0; i < 20; i++) {
		arg = (door_arg_t){
			NULL, 0, NULL, 0, i % 2 ? small : NULL, i % 2 ? sizeof(small) : 0};
		CHECK(door_call(fd, &arg) == 0);
		CHECK(arg.rbuf != small && arg.rbuf != NULL);
		check_result(&arg);
		CHECK(munmap(arg.rbuf, arg.rsize) == 0);
	}
	/* Nobody wants a result: none comes, and nothing is left. */
	CHECK(door_call(fd, NULL) == 0);
	stop_server(pid);
	return done();
}
