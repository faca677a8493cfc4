/* SPDX-License-Identifier: MIT */
/* A procedure that nobody cancels finds out that its caller has died, or was interrupted. */
#include "door-test.h"

#include <stdatomic.h>

enum { COUNT = 'c', WAIT = 'w' };

/* Of the server: calls of WAIT that have begun, and those whose caller then went. */
static atomic_int entered, left;

static void procedure(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	int counts[2];

	if (*argp == WAIT) {
		(void)atomic_fetch_add(&entered, 1);
		while (door_client_gone() == 0)
			(void)usleep(1000);
		(void)atomic_fetch_add(&left, 1);
	}
	counts[0] = atomic_load(&entered);
	counts[1] = atomic_load(&left);
	(void)door_return((char *)counts, sizeof(counts), NULL, 0);
}

static bool counts_are(int fd, int e, int l)
{
	char command = COUNT;
	int counts[2] = {-1, -1};
	door_arg_t arg = {.data_ptr = &command,
		.data_size = 1,
		.rbuf = (char *)counts,
		.rsize = sizeof(counts)};

	return door_call(fd, &arg) == 0 && counts[0] == e && counts[1] == l;
}

static bool counts_become(int fd, int e, int l)
{
	int i;

	for (i = 0; i < 10000 && !counts_are(fd, e, l); i++)
		(void)usleep(1000);
	return i < 10000;
}

static void on_signal(int sig)
{
}

/* The first call goes through a socket, others through memory. Lives on when it was interrupted. */
static void client(bool memory, int number)
{
	struct sigaction sa = {.sa_handler = on_signal};
	char command = WAIT;
	int fd = door_open(test_path);

	(void)sigaction(SIGUSR1, &sa, NULL);
	if (fd < 0 || (memory && !counts_are(fd, number, number)))
		_exit(1);
	if (door_call(fd, &(door_arg_t){.data_ptr = &command, .data_size = 1}) != -1 ||
		errno != EINTR)
		_exit(2);
	for (;;)
		(void)pause();
}

static void test_client_gone(void **state)
{
	pid_t server = start_server(procedure, DOOR_NO_CANCEL, 0600), pid;
	int fd = door_open(test_path), i;

	assert_return_code(fd, errno);
	for (i = 0; i < 4; i++) {
		bool dies = i < 2;

		pid = fork();
		if (pid == 0)
			client(i % 2, i);
		assert_true(counts_become(fd, i + 1, i));
		if (dies)
			stop_process(pid);
		else /* again until it sleeps in the call; later, in pause(2), it does not mind */
			while (kill(pid, SIGUSR1) == 0 && counts_are(fd, i + 1, i))
				(void)usleep(10000);
		assert_true(counts_become(fd, i + 1, i + 1));
		if (!dies) {
			assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
			stop_process(pid);
		}
	}
	(void)close(fd);
	stop_process(server);
}

static void test_no_caller(void **state)
{
	assert_int_equal(door_client_gone(), -1);
	assert_int_equal(errno, EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_client_gone),
		cmocka_unit_test(test_no_caller),
	};

	(void)alarm(60);
	return cmocka_run_group_tests(tests, make_test_dir, remove_test_dir);
}
