/* SPDX-License-Identifier: MIT */
/*
 * zoned's upcalls to dlmgmtd: what it does about a daemon that is not there, was
 * started again, has no time, answers nonsense or dies. The other side is a door of
 * the test, in this process or one that is killed.
 */
#include "zoned/dls-impl.h"

#include "dladm/dlmgmt-door.h"
#include "linux/instance.h"

#include <door.h>
#include <door_linux.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <cmocka.h>

#include "folder.h"

static char dir[64], door_path[128];

enum behaviour { ANSWER, REFUSE, SHORT, LONG, DIE };

static void serve(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	struct dlmgmt_getname_reply rep = {.lr_class = DATALINK_CLASS_VNIC};
	static char big[2 * sizeof(struct dlmgmt_getname_reply)];

	(void)str_copy(rep.lr_link, sizeof(rep.lr_link), "web0");
	switch ((enum behaviour)(intptr_t)cookie) {
	case REFUSE:
		rep.lr_err = ENOENT;
		break;
	case SHORT:
		(void)door_return((char *)&rep, sizeof(rep) - 4, NULL, 0);
		break;
	case LONG:
		(void)door_return(big, sizeof(big), NULL, 0);
		break;
	case DIE:
		(void)kill(getpid(), SIGKILL);
		break;
	case ANSWER:
		break;
	}
	(void)door_return((char *)&rep, sizeof(rep), NULL, 0);
}

static int daemon_start(enum behaviour b)
{
	int fd = door_create(serve, (void *)(intptr_t)b, 0);

	assert_true(fd >= 0);
	assert_int_equal(door_attach(fd, door_path, 0600), 0);
	return fd;
}

static void daemon_stop(int fd)
{
	(void)door_detach(door_path);
	assert_int_equal(door_revoke(fd), 0);
}

static int ask(void)
{
	struct dls_linkinfo i;
	int r = dls_mgmt_get_linkinfo(7, &i);

	if (r == 0)
		assert_string_equal(i.name, "web0");
	return r;
}

static void test_nobody(void **state)
{
	assert_int_equal(ask(), -EBADF);
}

static void test_answers(void **state)
{
	int fd = daemon_start(ANSWER);

	assert_int_equal(ask(), 0);
	assert_int_equal(ask(), 0);
	daemon_stop(fd);
	assert_int_equal(ask(), -EBADF);
}

static void test_error_of_dlmgmtd(void **state)
{
	int fd = daemon_start(REFUSE);

	assert_int_equal(ask(), -ENOENT);
	daemon_stop(fd);
}

static void test_started_again(void **state)
{
	int fd = daemon_start(ANSWER);

	assert_int_equal(ask(), 0);
	daemon_stop(fd);
	fd = daemon_start(ANSWER);
	assert_int_equal(ask(), 0);
	daemon_stop(fd);
}

static void test_wrong_size(void **state)
{
	int fd = daemon_start(SHORT);

	assert_int_equal(ask(), -EINVAL);
	daemon_stop(fd);
	fd = daemon_start(LONG);
	assert_int_equal(ask(), -ENOSPC);
	daemon_stop(fd);
}

/* The other half of the operation may have happened: no second try. */
static void test_dies(void **state)
{
	int ready[2], status;
	pid_t pid;
	char c;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		(void)alarm(120);
		(void)daemon_start(DIE);
		(void)!write(ready[1], "", 1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(ask(), -EINTR);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(ask(), -EBADF);
	close(ready[0]);
	close(ready[1]);
	(void)unlink(door_path);
}

/* A server that takes the connection and has no door to give: EAGAIN. */
static void *refuse_connections(void *arg)
{
	int *counted = arg, fd;

	for (;;) {
		fd = accept4(counted[0], NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			return NULL;
		counted[1]++;
		(void)fd_close(fd);
	}
}

static void test_no_time(void **state)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int counted[2] = {socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), 0};
	struct timespec a, b;
	pthread_t t;

	assert_true(counted[0] >= 0);
	(void)str_copy(sun.sun_path, sizeof(sun.sun_path), door_path);
	assert_int_equal(bind(counted[0], (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(counted[0], 4), 0);
	assert_int_equal(pthread_create(&t, NULL, refuse_connections, counted), 0);
	(void)clock_gettime(CLOCK_MONOTONIC, &a);
	assert_int_equal(ask(), -EAGAIN);
	(void)clock_gettime(CLOCK_MONOTONIC, &b);
	(void)shutdown(counted[0], SHUT_RDWR);
	(void)pthread_join(t, NULL);
	assert_int_equal(counted[1], 3);
	assert_in_range(b.tv_sec - a.tv_sec, 3, 6);
	close(counted[0]);
	(void)unlink(door_path);
}

static int make(void **state)
{
	static const char *const dirs[] = {"/run", "/run/dladm"};
	char path[128];

	if (folder_make(dir, sizeof(dir), "upcall") < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", dir, dirs[i]);
		if (mkdir(path, 0755) < 0)
			return -1;
	}
	(void)snprintf(door_path, sizeof(door_path), "%s%s", dir, DLMGMT_DOOR);
	return instance_init(dir);
}

static int end(void **state)
{
	return folder_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dies), /* first: it forks, before there are door threads */
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_error_of_dlmgmtd),
		cmocka_unit_test(test_started_again),
		cmocka_unit_test(test_wrong_size),
		cmocka_unit_test(test_no_time),
	};

	return cmocka_run_group_tests(tests, make, end);
}
