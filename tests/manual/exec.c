/* SPDX-License-Identifier: MIT */
/* A door is closed by exec(), unless the program clears that flag: then the new one can call it. */
#include "check.h"

static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	ucred_t *uc = NULL;
	pid_t pid;

	CHECK(door_ucred(&uc) == 0);
	pid = ucred_getpid(uc);
	ucred_free(uc);
	door_return((char *)&pid, sizeof(pid), NULL, 0);
}

/* The new program: calls the descriptor with that number, if it is to be there. */
static int executed(int fd, int there)
{
	pid_t pid = 0;
	door_arg_t arg = {NULL, 0, NULL, 0, (char *)&pid, sizeof(pid)};
	door_info_t info;

	if (!there) {
		FAILS(door_info(fd, &info), EBADF);
		FAILS(door_call(fd, &arg), EBADF);
		return 0;
	}
	CHECK(door_call(fd, &arg) == 0);
	CHECK(pid == getpid());
	return 0;
}

static void run(const char *program, int fd, const char *there)
{
	char number[16];
	pid_t pid;

	snprintf(number, sizeof(number), "%d", fd);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		execl(program, program, "exec", number, there, (char *)NULL);
		_exit(127);
	}
	join_child(pid);
}

int main(int argc, char **argv)
{
	int did, opened;

	if (argc == 4)
		return executed(atoi(argv[2]), atoi(argv[3]));
	did = door_create(server, NULL, 0);
	CHECK(did >= 0);
	run(argv[0], did, "0");
	CHECK(fcntl(did, F_SETFD, 0) == 0);
	run(argv[0], did, "1");
	/* What open() returns is as open() makes it. */
	publish(did, argv[1]);
	opened = open_door(argv[1]);
	run(argv[0], opened, "1");
	CHECK(fcntl(opened, F_SETFD, FD_CLOEXEC) == 0);
	run(argv[0], opened, "0");
	return done();
}
