/* SPDX-License-Identifier: MIT */
/*
 * Threads of a pool that find nothing to do end, but for one, which two that give up
 * in the same moment must agree on: with all of them gone nobody answers ever again.
 */
#include "door-test.h"
#include "door/pool.h"

#include <poll.h>
#include <time.h>

#define IDLE_MS 1
#define SECONDS 3

static void echo(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	(void)door_return(argp, size, NULL, 0);
}

static bool answered(int fd)
{
	char byte = 1;
	int call = door_call_begin(fd, &(door_arg_t){.data_ptr = &byte, .data_size = 1});
	struct pollfd p = {.fd = call, .events = POLLIN};
	bool ok = call >= 0 && poll(&p, 1, 5000) == 1;

	(void)close(call);
	return ok;
}

/* Two calls at once keep two threads, which then give up at about the same time. */
static void test_last_two(void **state)
{
	pid_t pid;
	time_t end = time(NULL) + SECONDS;
	int fd;

	pool_idle_ms = IDLE_MS;
	pid = start_server(echo, 0, 0600);
	fd = door_open(test_path);
	assert_return_code(fd, errno);
	while (time(NULL) <= end) {
		int other = door_call_begin(fd, &(door_arg_t){.data_size = 0});

		assert_return_code(other, errno);
		assert_true(answered(fd));
		(void)close(other);
		(void)usleep(IDLE_MS * 1000 + 100);
	}
	(void)close(fd);
	stop_process(pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last_two),
	};

	(void)alarm(30);
	return cmocka_run_group_tests(tests, make_test_dir, remove_test_dir);
}
