/* SPDX-License-Identifier: MIT */
/* door_revoke(): calls in progress finish, later ones fail; only who made the door may. */
#include "check.h"

static atomic_int running, go;
static int did;

static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	door_info_t info;

	running++;
	while (!go)
		usleep(2000);
	CHECK(door_info(DOOR_QUERY, &info) == 0);
	CHECK(info.di_attributes & DOOR_REVOKED);
	door_return("done", 5, NULL, 0);
}

static void *call(void *arg)
{
	char rbuf[16];

	ask(*(int *)arg, "x", rbuf, sizeof(rbuf));
	CHECK(strcmp(rbuf, "done") == 0);
	return NULL;
}

static void child(const char *path)
{
	int fd = open_door(path);

	FAILS(door_revoke(fd), EPERM);
	_exit(0);
}

int main(int argc, char **argv)
{
	pthread_t t[3];
	int i, fd, copy;
	pid_t pid;

	did = door_create(server, NULL, 0);
	CHECK(did >= 0);
	publish(did, argv[1]);
	fd = open_door(argv[1]);
	copy = dup(did);
	pid = fork();
	if (pid == 0)
		child(argv[1]);
	join_child(pid);
	for (i = 0; i < 3; i++)
		CHECK(pthread_create(&t[i], NULL, call, i == 0 ? &fd : &copy) == 0);
	AWAIT(running == 3);
	CHECK(door_revoke(did) == 0);
	FAILS(fcntl(did, F_GETFD), EBADF);
	FAILS(door_call(fd, NULL), EBADF);
	FAILS(door_call(copy, NULL), EBADF);
	FAILS(door_revoke(1), EBADF);
	go = 1;
	for (i = 0; i < 3; i++)
		CHECK(pthread_join(t[i], NULL) == 0);
	return done();
}
