/* SPDX-License-Identifier: MIT */
/*
 * Doors without threads, in a static program as zsched is: the loop serves them, makes
 * calls in two halves itself, and at the end still has one thread.
 */
#include "linux/util.h"

#include <dirent.h>
#include <door_linux.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define CHECK(what)                                                                                \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			(void)fprintf(                                                             \
				stderr, "line %d: %s: %s\n", __LINE__, #what, strerror(errno));    \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

static int served;

/* Adds one to an int; the answer comes back to the procedure, which can go on. */
static void add_one(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	_cleanup_close_ int pidfd = FD_NONE;
	ucred_t *cred = NULL;
	int value;

	served++;
	CHECK(size == sizeof(value));
	memcpy(&value, argp, sizeof(value));
	CHECK(door_ucred(&cred) == 0 && ucred_getpid(cred) > 0 && ucred_geteuid(cred) == geteuid());
	ucred_free(cred);
	pidfd = door_client_pidfd();
	CHECK(pidfd >= 0 && fcntl(pidfd, F_GETFD) & FD_CLOEXEC);
	CHECK(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) == 0);
	/* What belongs to server threads, or is wrong, is refused, and the call goes on. */
	CHECK(door_return(NULL, 0, NULL, 0) == -1 && errno == EINVAL);
	CHECK(door_reply(NULL, 4, NULL, 0) == -1 && errno == EFAULT);
	CHECK(door_reply((char *)8, DOOR_DATA_LIMIT + 1, NULL, 0) == -1 && errno == EFAULT);
	if (value < 0)
		return; /* no answer at all */
	value++;
	CHECK(door_reply(&value, sizeof(value), NULL, 0) == 0);
	CHECK(door_reply(&value, sizeof(value), NULL, 0) == -1 && errno == EINVAL);
}

static int count_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	int n = -2; /* "." and ".." */

	CHECK(dir);
	while (readdir(dir))
		n++;
	(void)closedir(dir);
	return n;
}

static bool readable(int fd, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, ms) == 1;
}

/* A call to our own door, begun and finished around the dispatch that serves it. */
static void call_ourselves(int fd)
{
	int value = 41, result = 0, call;
	door_arg_t arg = {.data_ptr = (char *)&value,
		.data_size = sizeof(value),
		.rbuf = (char *)&result,
		.rsize = sizeof(result)};

	CHECK(door_dispatch() == 0);
	call = door_call_begin(fd, &arg);
	CHECK(call >= 0 && fcntl(call, F_GETFD) & FD_CLOEXEC);
	CHECK(!readable(call, 0));
	CHECK(readable(door_pollfd(), 1000));
	CHECK(door_dispatch() == 1);
	CHECK(readable(call, 1000));
	CHECK(door_call_finish(call, &arg) == 0);
	CHECK(arg.data_size == sizeof(result) && result == 42);
	value = -1;
	arg.data_ptr = (char *)&value;
	call = door_call_begin(fd, &arg);
	CHECK(door_dispatch() == 1);
	CHECK(door_call_finish(call, &arg) == -1 && errno == EINTR);
}

/* A procedure that forks: the child leaves it with nothing of the door, the parent answers. */
static void fork_inside(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	*(pid_t *)cookie = fork();
	if (*(pid_t *)cookie > 0)
		CHECK(door_reply(NULL, 0, NULL, 0) == 0);
	else
		CHECK(door_reply(NULL, 0, NULL, 0) == -1 && errno == EINVAL);
}

static void fork_in_procedure(void)
{
	pid_t pid = -1;
	int fd = door_create_unthreaded(fork_inside, &pid, 0), call, status;

	CHECK(fd >= 0);
	call = door_call_begin(fd, NULL);
	CHECK(door_dispatch() == 1);
	if (pid == 0)
		_exit(door_dispatch() == 0 && door_revoke(fd) == -1 && errno == EPERM ? 0 : 1);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK(door_call_finish(call, NULL) == 0);
	CHECK(door_revoke(fd) == 0);
}

/* Another process calls through the name. */
static void serve_client(int fd)
{
	const char *base = getenv("TMPDIR");
	char path[96];
	pid_t pid;
	int status;

	(void)snprintf(path, sizeof(path), "%.60s/test-unthreaded.%d", base ? base : "/tmp",
		(int)getpid());
	CHECK(door_attach(fd, path, 0600) == 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		int i, door = door_open(path), value, result;

		CHECK(door >= 0);
		for (i = 0; i < 100; i++) {
			door_arg_t arg = {.data_ptr = (char *)&value,
				.data_size = sizeof(value),
				.rbuf = (char *)&result,
				.rsize = sizeof(result)};

			value = i;
			CHECK(door_call(door, &arg) == 0 && result == i + 1);
		}
		_exit(0);
	}
	served = 0;
	while (waitpid(pid, &status, WNOHANG) == 0) {
		(void)readable(door_pollfd(), 100);
		CHECK(door_dispatch() >= 0);
	}
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CHECK(served == 100);
	CHECK(door_detach(path) == 0);
}

int main(void)
{
	int fd, copy;

	(void)alarm(30);
	CHECK(door_create_unthreaded(NULL, NULL, 0) == -1 && errno == EINVAL);
	fd = door_create_unthreaded(add_one, NULL, DOOR_NO_CANCEL);
	CHECK(fd >= 0 && fcntl(fd, F_GETFD) & FD_CLOEXEC);
	CHECK(door_reply(NULL, 0, NULL, 0) == -1 && errno == EINVAL);
	CHECK(door_client_pidfd() == -1 && errno == EINVAL);
	call_ourselves(fd);
	serve_client(fd);
	fork_in_procedure();
	copy = dup(fd);
	CHECK(door_revoke(fd) == 0);
	CHECK(door_call(copy, NULL) == -1 && errno == EBADF);
	CHECK(count_threads() == 1);
	return 0;
}
