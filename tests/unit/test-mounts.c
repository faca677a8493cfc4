/* SPDX-License-Identifier: MIT */
/* What is read in the table of mounts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "linux/mounts.h"

static void test_unescape(void **state)
{
	char text[] = "/a\\040b\\134c\\9\\04";

	mounts_unescape(text);
	assert_string_equal(text, "/a b\\c\\9\\04");
}

static int count(const char *point, void *arg)
{
	int *n = arg;

	(*n)++;
	return 0;
}

static void test_mounts_below(void **state)
{
	int n = 0;

	assert_true(mounts_below("/proc", count, &n) >= 1);
	assert_true(n >= 1);
	n = 0;
	/* A name that only begins alike is not below. */
	assert_int_equal(mounts_below("/pro", count, &n), 0);
	assert_int_equal(n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unescape),
		cmocka_unit_test(test_mounts_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
