/* SPDX-License-Identifier: MIT */
/* What dladm -s -i, dlstat and flowadm -s make of intervals, differences and units. */
#include "dladm/intervals.h"
#include "dladm/units.h"

#include <setjmp.h>
#include <cmocka.h>

static void parses_seconds_and_count(void **state)
{
	static const char *const bad[] = {"", "0", "1,", ",1", "1,0", "-1", "1,2,3", "1x", " 1",
		"4294967296", "1,99999999999999999999"};
	struct intervals i = {7, 8};

	for (size_t n = 0; n < ARRAY_SIZE(bad); n++) {
		assert_int_equal(intervals_parse(bad[n], &i), -EINVAL);
		assert_int_equal(i.seconds, 7);
	}
	assert_int_equal(intervals_parse("5", &i), 0);
	assert_int_equal(i.seconds, 5);
	assert_int_equal(i.count, 0);
	assert_int_equal(intervals_parse("2147483647,3", &i), 0);
	assert_int_equal(i.seconds, 2147483647);
	assert_int_equal(i.count, 3);
}

static void count_round(void *arg)
{
	++*(int *)arg;
}

static void runs_once_or_as_often_as_asked(void **state)
{
	struct intervals once = {0}, thrice = {1, 2};
	int n = 0;

	intervals_run(&once, count_round, &n);
	assert_int_equal(n, 1);
	intervals_run(&thrice, count_round, &n);
	assert_int_equal(n, 3);
}

static void differ(struct history *h, const char *name, uint64_t a, uint64_t b, uint64_t want_a,
	uint64_t want_b)
{
	uint64_t v[2] = {a, b};

	assert_int_equal(history_differ(h, name, v, 2), 0);
	assert_int_equal(v[0], want_a);
	assert_int_equal(v[1], want_b);
}

static void differences_are_of_each_name(void **state)
{
	struct history h = {0};
	uint64_t many[HISTORY_VALUES + 1] = {0};

	differ(&h, "a0", 10, 20, 10, 20);
	differ(&h, "b0", 1, 1, 1, 1);
	differ(&h, "c0", 5, 5, 5, 5);
	differ(&h, "a0", 15, 20, 5, 0);
	differ(&h, "c0", 6, 5, 1, 0); /* b0 went */
	differ(&h, "b0", 1, 2, 0, 1);
	differ(&h, "a0", 14, 30, 14, 30); /* another of that name */
	differ(&h, "a0", 14, 31, 0, 1);
	differ(&h, "d0", UINT64_MAX, 0, UINT64_MAX, 0);
	assert_int_equal(history_differ(&h, "a0", many, HISTORY_VALUES + 1), -EINVAL);
	history_fini(&h);
}

static void unit(uint64_t value, char u, const char *want)
{
	char buf[24];

	units_format(value, u, buf, sizeof(buf));
	assert_string_equal(buf, want);
}

static void units_are_powers_of_1000(void **state)
{
	unit(0, 0, "0");
	unit(999, 0, "999");
	unit(1000, 0, "1.00K");
	unit(999994, 0, "999.99K");
	unit(999995, 0, "1.00M");
	unit(1234567890, 0, "1.23G");
	unit(UINT64_MAX, 0, "18446.74P");
	unit(UINT64_MAX, 'R', "18446744073709551615");
	unit(1500, 'K', "1.50K");
	unit(1500000, 'K', "1500.00K");
	unit(5, 'K', "0.01K");
	unit(2500000000000, 'T', "2.50T");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_seconds_and_count),
		cmocka_unit_test(runs_once_or_as_often_as_asked),
		cmocka_unit_test(differences_are_of_each_name),
		cmocka_unit_test(units_are_powers_of_1000),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
