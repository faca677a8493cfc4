/* SPDX-License-Identifier: MIT */
/* Errors that the manual names and that no other program here sees. */
#include "check.h"

#include <sys/resource.h>

static atomic_int returned_wrong;

/* Each wrong door_return() comes back and says why; the last one is right. */
static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	static char byte;
	door_desc_t desc = {.d_attributes = DOOR_DESCRIPTOR};

	if (arg_size > 0) {
		FAILS(door_return((char *)8, (size_t)1 << 20, NULL, 0), EFAULT);
		desc.d_data.d_desc.d_descriptor = 9999;
		FAILS(door_return(NULL, 0, &desc, 1), EINVAL);
		returned_wrong++;
	}
	door_return(&byte, 1, NULL, 0);
}

/* Comes back without door_return(): the caller is told that it was interrupted. */
static void returns(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
}

/* Gives five descriptors to whom has no room. */
static void gives(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	static char large[60000];
	door_desc_t desc[5];
	int i;

	if (arg_size > 0)
		door_return(large, sizeof(large), NULL, 0);
	memset(desc, 0, sizeof(desc));
	for (i = 0; i < 5; i++) {
		desc[i].d_attributes = DOOR_DESCRIPTOR;
		desc[i].d_data.d_desc.d_descriptor = 1;
	}
	door_return(NULL, 0, desc, 5);
	door_return(NULL, 0, NULL, 0);
}

static void setup(const char *path)
{
	publish(door_create(gives, NULL, 0), path);
}

/* A call whose result needs a mapping when there is no room for it. */
static int without_memory(int fd)
{
	struct rlimit before, none;
	door_arg_t arg = {"large", 6, NULL, 0, NULL, 0};
	int r;

	CHECK(getrlimit(RLIMIT_AS, &before) == 0);
	none = before;
	none.rlim_cur = 1 << 20;
	CHECK(setrlimit(RLIMIT_AS, &none) == 0);
	r = door_call(fd, &arg);
	CHECK(setrlimit(RLIMIT_AS, &before) == 0);
	return r;
}

/* Leaves room for so many descriptors. */
static void limit(int fd, rlim_t room)
{
	struct rlimit r;

	CHECK(getrlimit(RLIMIT_NOFILE, &r) == 0);
	r.rlim_cur = (rlim_t)fd + room;
	CHECK(setrlimit(RLIMIT_NOFILE, &r) == 0);
}

int main(int argc, char **argv)
{
	pid_t pid = start_server(setup, argv[1]);
	int did, other, fd, next;
	door_desc_t many[3] = {{0}};
	door_arg_t arg;

	FAILS(door_return(NULL, 0, NULL, 0), EINVAL); /* no door was ever made here */
	did = door_create(server, NULL, 0);
	CHECK(did >= 0);
	FAILS(door_create(NULL, NULL, 0), EINVAL);
	FAILS(door_create(server, NULL, 0x8000), EINVAL);
	FAILS(door_create(server, NULL, DOOR_LOCAL), EINVAL);
	FAILS(door_create(server, NULL, DOOR_UNREF | DOOR_UNREF_MULTI), EINVAL);

	/* DOOR_RELEASE says nothing when there is no door. */
	many[0].d_attributes = DOOR_DESCRIPTOR | DOOR_RELEASE;
	many[0].d_data.d_desc.d_descriptor = dup(1);
	arg = (door_arg_t){NULL, 0, many, 1, NULL, 0};
	FAILS(door_call(1, &arg), EBADF);
	CHECK(close(many[0].d_data.d_desc.d_descriptor) == 0);
	many[0] = many[1];
	FAILS(door_call(1, NULL), EBADF);
	FAILS(door_call(9999, NULL), EBADF);
	arg = (door_arg_t){(char *)8, (size_t)1 << 20, NULL, 0, NULL, 0};
	FAILS(door_call(did, &arg), EFAULT);
	arg = (door_arg_t){NULL, 5, NULL, 0, NULL, 0};
	FAILS(door_call(did, &arg), EFAULT);
	arg = (door_arg_t){NULL, 0, NULL, 1, NULL, 0};
	FAILS(door_call(did, &arg), EFAULT);
	arg = (door_arg_t){NULL, 0, many, 1, NULL, 0}; /* not DOOR_DESCRIPTOR */
	FAILS(door_call(did, &arg), EINVAL);
	arg = (door_arg_t){"x", 1, NULL, 0, NULL, 0};
	CHECK(door_call(did, &arg) == 0);
	CHECK(returned_wrong == 1);
	CHECK(munmap(arg.rbuf, arg.rsize) == 0);
	other = door_create(returns, NULL, 0);
	FAILS(door_call(other, NULL), EINTR);

	/* Memory runs out: a result that was asked for finds no place. */
	fd = open_door(argv[1]);
	CHECK(door_call(fd, NULL) == 0);
	FAILS(without_memory(fd), EOVERFLOW);
	close(fd);
	/* Descriptors run out: of the caller that is to get them, and for a new door. */
	fd = open_door(argv[1]);
	CHECK(door_call(fd, NULL) == 0);
	next = dup(fd);
	limit(next, 4);
	arg = (door_arg_t){NULL, 0, NULL, 0, NULL, 0};
	FAILS(door_call(fd, &arg), EMFILE);
	limit(next, 0);
	close(next);
	FAILS(door_create(server, NULL, 0), EMFILE);
	limit(next, 100); /* what runs at the exit of the program may want some */
	stop_server(pid);
	return done();
}
