/* SPDX-License-Identifier: MIT */
/* The wish that the CPUs do not sleep: there at once, one for all who ask, given back by itself. */
#include "zoned/awake.h"

#include "linux/clock.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>

#include <cmocka.h>

#define DEVICE	  "/dev/cpu_dma_latency"
#define AWAKE_MS  50
#define PATIENCE  20000 /* ms; another process may have the CPU */
#define STEP_USEC 5000

/* How often this process has the device open. */
static int wishes(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct stat st, device;
	struct dirent *e;
	int n = 0;

	assert_non_null(dir);
	assert_int_equal(stat(DEVICE, &device), 0);
	while ((e = readdir(dir)))
		if (fstatat(dirfd(dir), e->d_name, &st, 0) == 0 && S_ISCHR(st.st_mode) &&
			st.st_rdev == device.st_rdev)
			n++;
	(void)closedir(dir);
	return n;
}

static void wait_given_back(void)
{
	int64_t end = clock_now_ms() + PATIENCE;

	while (wishes())
		if (clock_now_ms() > end)
			fail_msg("the wish is not given back");
		else
			(void)usleep(STEP_USEC);
}

/* What is seen is compared with the clock, so that a machine that is busy cannot spoil it. */
static void test_it_lasts_as_long_as_it_is_extended(void **state)
{
	int64_t begin = clock_now_ms(), last = begin;

	while (clock_now_ms() - begin < 300) {
		int seen;

		last = clock_now_ms();
		awake_extend();
		seen = wishes();
		assert_true(seen == 1 || (seen == 0 && clock_now_ms() - last >= AWAKE_MS));
		(void)usleep(STEP_USEC);
	}
	wait_given_back();
	assert_true(clock_now_ms() - last >= AWAKE_MS - 1);
}

static void test_it_comes_again(void **state)
{
	int round;

	for (round = 0; round < 3; round++) {
		int64_t before = clock_now_ms();

		awake_extend();
		assert_true(wishes() == 1 || clock_now_ms() - before >= AWAKE_MS);
		wait_given_back();
	}
}

static void test_before_the_start_there_is_none(void **state)
{
	awake_extend();
	assert_int_equal(wishes(), 0);
	assert_int_equal(awake_start(), 0);
	assert_int_equal(wishes(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_before_the_start_there_is_none),
		cmocka_unit_test(test_it_lasts_as_long_as_it_is_extended),
		cmocka_unit_test(test_it_comes_again),
	};

	if (access(DEVICE, W_OK) < 0)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
