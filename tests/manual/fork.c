/* SPDX-License-Identifier: MIT */
/*
 * fork(): a child of a client calls through the descriptor it got; a child of a server has the
 * door, but none of its threads, and its parent serves on.
 */
#include "check.h"

static int did;

static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	pid_t pid = getpid();

	door_return((char *)&pid, sizeof(pid), NULL, 0);
}

static pid_t served_by(int fd)
{
	pid_t pid = 0;
	door_arg_t arg = {NULL, 0, NULL, 0, (char *)&pid, sizeof(pid)};

	CHECK(door_call(fd, &arg) == 0);
	return pid;
}

static void child_of_server(pid_t parent)
{
	door_info_t info;
	int mine;

	/* It does not serve what it inherited... */
	CHECK(door_return(NULL, 0, NULL, 0) == -1);
	CHECK(served_by(did) == parent);
	CHECK(door_info(did, &info) == 0);
	CHECK(info.di_target == parent && !(info.di_attributes & DOOR_LOCAL));
	FAILS(door_revoke(did), EPERM);
	/* ... but may serve a door of its own. */
	mine = door_create(server, NULL, 0);
	CHECK(mine >= 0);
	CHECK(served_by(mine) == getpid());
	_exit(0);
}

static void setup(const char *path)
{
	pid_t self = getpid(), pid;

	did = door_create(server, NULL, 0);
	publish(did, path);
	CHECK(served_by(did) == self);
	pid = fork();
	if (pid == 0)
		child_of_server(self);
	join_child(pid);
	CHECK(served_by(did) == self);
}

int main(int argc, char **argv)
{
	pid_t pid = start_server(setup, argv[1]), child;
	int fd = open_door(argv[1]), i;

	CHECK(served_by(fd) == pid);
	for (i = 0; i < 5; i++) {
		child = fork();
		CHECK(child >= 0);
		if (child == 0) {
			CHECK(served_by(fd) == pid);
			close(fd);
			_exit(0);
		}
		CHECK(served_by(fd) == pid);
		join_child(child);
		CHECK(served_by(fd) == pid);
	}
	stop_server(pid);
	return done();
}
