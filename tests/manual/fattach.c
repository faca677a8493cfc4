/* SPDX-License-Identifier: MIT */
/* fattach() and fdetach(). Run as root. */
#include "check.h"

static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	door_return(cookie, strlen(cookie) + 1, NULL, 0);
}

static void child(const char *path, const char *other)
{
	int mine = door_create(server, "child", 0), fd;

	CHECK(mine >= 0);
	FAILS(fattach(mine, path), EBUSY);
	CHECK(setuid(4321) == 0);
	FAILS(fattach(mine, other), EPERM);
	FAILS(fdetach(path), EPERM);
	/* The file's own permissions say who may call. */
	FAILS(open(other, O_RDWR), EACCES);
	fd = open(path, O_RDWR);
	CHECK(fd >= 0 && door_call(fd, NULL) == 0);
	_exit(0);
}

int main(int argc, char **argv)
{
	char other[4096], dir[4096], rbuf[16];
	int did = door_create(server, "first", 0), second = door_create(server, "second", 0), fd;
	pid_t pid;

	CHECK(did >= 0 && second >= 0);
	snprintf(other, sizeof(other), "%s.other", argv[1]);
	snprintf(dir, sizeof(dir), "%s.dir", argv[1]);
	fd = open(other, O_CREAT | O_RDWR, 0600);
	CHECK(fd >= 0 && close(fd) == 0 && mkdir(dir, 0755) == 0);
	publish(did, argv[1]);
	CHECK(chmod(argv[1], 0666) == 0);
	fd = open_door(argv[1]);
	ask(fd, "x", rbuf, sizeof(rbuf));
	CHECK(strcmp(rbuf, "first") == 0);
	FAILS(fattach(second, argv[1]), EBUSY);
	FAILS(fattach(second, "/nonexistent/file"), ENOENT);
	FAILS(fattach(second, dir), EINVAL);
	FAILS(fattach(9999, other), EBADF);
	FAILS(fattach(1, other), EINVAL);
	FAILS(fdetach(other), EINVAL);
	FAILS(fdetach("/nonexistent/file"), ENOENT);
	pid = fork();
	if (pid == 0)
		child(argv[1], other);
	join_child(pid);
	/* The same door may have more than one file. */
	CHECK(fattach(did, other) == 0);
	CHECK(fdetach(other) == 0);
	CHECK(fdetach(argv[1]) == 0);
	FAILS(door_call(fd, NULL), EBADF);
	CHECK(fattach(second, argv[1]) == 0);
	ask(fd, "x", rbuf, sizeof(rbuf));
	CHECK(strcmp(rbuf, "second") == 0);
	CHECK(door_revoke(second) == 0);
	FAILS(door_call(fd, NULL), EBADF);
	return done();
}
