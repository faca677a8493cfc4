/* SPDX-License-Identifier: MIT */
/* One call of a door with everything that can come back, and nothing left over. */
#include "zone/exchange.h"

#include <door_linux.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

enum { ECHO, LARGE, GIVE, HANG, COUNT_FDS };

static void serve(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n_desc)
{
	static char large[20000];
	door_desc_t out[3];
	int how = size ? argp[0] : ECHO;
	char count = (char)n_desc;
	uint_t i;

	for (i = 0; i < n_desc; i++)
		(void)close(dp[i].d_data.d_desc.d_descriptor);
	if (how == LARGE)
		(void)door_return(large, sizeof(large), NULL, 0);
	if (how == COUNT_FDS)
		(void)door_return(&count, 1, NULL, 0);
	if (how == HANG)
		(void)usleep(700000);
	for (i = 0; how == GIVE && i < ARRAY_SIZE(out); i++) {
		out[i].d_attributes = DOOR_DESCRIPTOR | DOOR_RELEASE;
		out[i].d_data.d_desc.d_descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
	}
	(void)door_return(argp, size, how == GIVE ? out : NULL, how == GIVE ? 3 : 0);
}

static int door = FD_NONE;

static int set_up(void **state)
{
	door = door_create(serve, NULL, 0);
	return door < 0 ? -1 : 0;
}

static int open_fds(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* The door is served by this process: its thread lets go of a call a moment after the answer. */
static void assert_open_fds(int expected)
{
	int i;

	for (i = 0; i < 200 && open_fds() != expected; i++)
		(void)usleep(5000);
	assert_int_equal(open_fds(), expected);
}

static struct exchange prepare(char *req, size_t size, char *reply, size_t max)
{
	return (struct exchange){.req = req, .req_size = size, .reply = reply, .reply_max = max};
}

/* Both ways of waiting. */
static void for_each_wait(void (*fn)(int timeout_ms))
{
	fn(0);
	fn(5000);
}

static void echo(int timeout_ms)
{
	char req[64] = "\0hello", reply[64];
	struct exchange x = prepare(req, sizeof(req), reply, sizeof(reply));

	x.timeout_ms = timeout_ms;
	assert_int_equal(exchange(door, &x), 0);
	assert_int_equal(x.reply_size, sizeof(req));
	assert_memory_equal(req, reply, sizeof(req));
	assert_int_equal(x.nfds, 0);
}

static void test_echo(void **state)
{
	for_each_wait(echo);
}

static void too_large(int timeout_ms)
{
	char req[1] = {LARGE}, reply[100];
	struct exchange x = prepare(req, sizeof(req), reply, sizeof(reply));

	x.timeout_ms = timeout_ms;
	assert_int_equal(exchange(door, &x), -EBADMSG);
}

static void test_too_large(void **state)
{
	for_each_wait(too_large);
}

static void descriptors(int timeout_ms)
{
	char req[1] = {GIVE}, reply[100];
	struct exchange x = prepare(req, sizeof(req), reply, sizeof(reply));
	int fds[3], before = open_fds();

	x.timeout_ms = timeout_ms;
	x.fds = fds;
	x.fds_max = 3;
	assert_int_equal(exchange(door, &x), 0);
	assert_int_equal(x.nfds, 3);
	while (x.nfds) {
		assert_int_equal(fcntl(fds[x.nfds - 1], F_GETFD), FD_CLOEXEC);
		(void)close(fds[--x.nfds]);
	}
	/* No room for all of them: none stays open. */
	x.fds_max = 2;
	assert_int_equal(exchange(door, &x), -EBADMSG);
	x.fds_max = 0;
	assert_int_equal(exchange(door, &x), -EBADMSG);
	/* Room for them, but not for the result. */
	x.fds_max = 3;
	x.reply_max = 0;
	assert_int_equal(exchange(door, &x), -EBADMSG);
	assert_open_fds(before);
}

static void test_descriptors(void **state)
{
	echo(0); /* whatever a first call opens is open */
	for_each_wait(descriptors);
}

static void test_sent_descriptors_stay_ours(void **state)
{
	char req[1] = {COUNT_FDS}, reply[1];
	struct exchange x = prepare(req, sizeof(req), reply, sizeof(reply));
	const int fds[2] = {0, 1};

	x.send_fds = fds;
	x.n_send = 2;
	assert_int_equal(exchange(door, &x), 0);
	assert_int_equal(reply[0], 2);
	assert_true(fcntl(1, F_GETFD) >= 0);
	x.n_send = DOOR_DESC_LIMIT + 1;
	assert_int_equal(exchange(door, &x), -E2BIG);
}

static void test_time_is_over(void **state)
{
	char req[1] = {HANG}, reply[10];
	struct exchange x = prepare(req, sizeof(req), reply, sizeof(reply));
	struct timespec a, b;

	x.timeout_ms = 50;
	(void)clock_gettime(CLOCK_MONOTONIC, &a);
	assert_int_equal(exchange(door, &x), -ETIMEDOUT);
	(void)clock_gettime(CLOCK_MONOTONIC, &b);
	assert_true((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 < 600);
	echo(0);
}

static void test_no_door(void **state)
{
	char req[1] = {ECHO}, reply[10];
	struct exchange x = prepare(req, sizeof(req), reply, sizeof(reply));
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	assert_int_equal(exchange(null, &x), -EBADF);
	x.timeout_ms = 100;
	assert_int_equal(exchange(null, &x), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_sent_descriptors_stay_ours),
		cmocka_unit_test(test_time_is_over),
		cmocka_unit_test(test_no_door),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
