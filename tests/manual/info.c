/* SPDX-License-Identifier: MIT */
/* door_info(): of an own door, of another process's, of the one being served, of one that is gone. */
#include "check.h"

static int cookie;

static void server(void *arg, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	door_info_t info;

	CHECK(door_info(DOOR_QUERY, &info) == 0);
	door_return((char *)&info, sizeof(info), NULL, 0);
}

static void setup(const char *path)
{
	int did = door_create(server, &cookie, DOOR_NO_CANCEL), other;
	door_info_t info, second;

	CHECK(did >= 0);
	CHECK(fcntl(did, F_GETFD) == FD_CLOEXEC);
	CHECK(door_info(did, &info) == 0);
	CHECK(info.di_target == getpid());
	CHECK(info.di_proc == (door_ptr_t)(unsigned long)server);
	CHECK(info.di_data == (door_ptr_t)(unsigned long)&cookie);
	CHECK(info.di_attributes == (DOOR_LOCAL | DOOR_NO_CANCEL));
	other = door_create(server, NULL, 0);
	CHECK(door_info(other, &second) == 0);
	CHECK(second.di_uniquifier != info.di_uniquifier);
	FAILS(door_info(DOOR_QUERY, &info), EBADF);
	publish(did, path);
}

int main(int argc, char **argv)
{
	pid_t pid = start_server(setup, argv[1]);
	int fd = open_door(argv[1]), held;
	door_info_t info, served;
	door_arg_t arg = {NULL, 0, NULL, 0, (char *)&served, sizeof(served)};

	CHECK(door_info(fd, &info) == 0);
	CHECK(info.di_target == pid);
	CHECK(info.di_attributes == DOOR_NO_CANCEL);
	CHECK(door_call(fd, &arg) == 0);
	CHECK(arg.data_size == sizeof(served));
	CHECK(served.di_uniquifier == info.di_uniquifier && served.di_target == pid);
	CHECK(served.di_attributes == (DOOR_LOCAL | DOOR_NO_CANCEL));
	CHECK(served.di_data == (door_ptr_t)(unsigned long)&cookie);
	/* A door that is gone, and what never was one. */
	held = door_create(server, NULL, 0);
	CHECK(held >= 0);
	fd = dup(held);
	CHECK(door_revoke(held) == 0);
	CHECK(door_info(fd, &info) == 0);
	CHECK(info.di_attributes & DOOR_REVOKED);
	CHECK(info.di_target == -1);
	FAILS(door_info(0, &info), EBADF);
	FAILS(door_info(9999, &info), EBADF);
	FAILS(door_info(fd, NULL), EFAULT);
	stop_server(pid);
	return done();
}
