/* SPDX-License-Identifier: MIT */
/* Descriptors there and back: each is new to its receiver; DOOR_RELEASE closes the sender's copy. */
#include "check.h"

static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	door_desc_t back[2] = {{0}};
	int i, p[2];

	for (i = 0; i < (int)n_desc; i++) {
		CHECK(dp[i].d_attributes & DOOR_DESCRIPTOR);
		CHECK(write(dp[i].d_data.d_desc.d_descriptor, "s", 1) == 1);
		close(dp[i].d_data.d_desc.d_descriptor);
	}
	CHECK(pipe(p) == 0);
	for (i = 0; i < 2; i++) {
		back[i].d_attributes = DOOR_DESCRIPTOR | DOOR_RELEASE;
		back[i].d_data.d_desc.d_descriptor = p[i];
	}
	door_return(NULL, 0, back, 2);
}

static void setup(const char *path)
{
	publish(door_create(server, NULL, 0), path);
}

int main(int argc, char **argv)
{
	pid_t pid = start_server(setup, argv[1]);
	int fd = open_door(argv[1]), p[2], kept, given, in, out;
	door_desc_t desc[2] = {{0}};
	char rbuf[1024], c;
	door_arg_t arg = {NULL, 0, desc, 2, rbuf, sizeof(rbuf)};

	CHECK(pipe(p) == 0);
	kept = p[1];
	given = dup(p[1]);
	desc[0].d_attributes = DOOR_DESCRIPTOR;
	desc[0].d_data.d_desc.d_descriptor = kept;
	desc[1].d_attributes = DOOR_DESCRIPTOR | DOOR_RELEASE;
	desc[1].d_data.d_desc.d_descriptor = given;
	CHECK(door_call(fd, &arg) == 0);
	CHECK(fcntl(kept, F_GETFD) >= 0);
	/* The number is free again, unless a descriptor that came back took it. */
	CHECK(arg.desc_num == 2 && arg.data_size == 0);
	in = arg.desc_ptr[0].d_data.d_desc.d_descriptor;
	out = arg.desc_ptr[1].d_data.d_desc.d_descriptor;
	CHECK(arg.desc_ptr[0].d_attributes & DOOR_DESCRIPTOR);
	if (given != in && given != out)
		FAILS(fcntl(given, F_GETFD), EBADF);
	CHECK(read(p[0], &c, 1) == 1 && c == 's');
	CHECK(read(p[0], &c, 1) == 1 && c == 's');
	/* The server has no end of the pipe any more. */
	CHECK(write(out, "c", 1) == 1);
	close(out);
	CHECK(read(in, &c, 1) == 1 && c == 'c');
	CHECK(read(in, &c, 1) == 0);
	/* A wrong one: nothing is called. */
	desc[0].d_data.d_desc.d_descriptor = 9999;
	arg = (door_arg_t){NULL, 0, desc, 1, rbuf, sizeof(rbuf)};
	FAILS(door_call(fd, &arg), EINVAL);
	stop_server(pid);
	return done();
}
