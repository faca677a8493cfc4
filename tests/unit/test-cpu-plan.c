/* SPDX-License-Identifier: MIT */
/* Which CPUs zones get that ask for some of their own: by minimum, importance and what they have. */
#include "zoned/cpu-plan.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct cpu_set set_of(const char *list)
{
	struct cpu_set s;

	assert_int_equal(cpu_set_parse(list, &s), 0);
	return s;
}

/* What each has before and gets, as lists. */
struct ask {
	uint64_t min, max, importance;
	const char *has, *gets;
};

static void check(const char *all, const char *avoid, const struct ask *asks, size_t n, int result)
{
	struct cpu_set a = set_of(all), no = set_of(avoid), gets;
	struct cpu_want wants[4];
	size_t i;

	for (i = 0; i < n; i++)
		wants[i] = (struct cpu_want){.min = asks[i].min,
			.max = asks[i].max,
			.importance = asks[i].importance,
			.cpus = set_of(asks[i].has)};
	assert_int_equal(cpu_plan(wants, n, &a, &no), result);
	for (i = 0; i < n && result == 0; i++) {
		gets = set_of(asks[i].gets);
		if (!cpu_set_equal(&gets, &wants[i].cpus))
			fail_msg("zone %zu of '%s' does not get %s", i, all, asks[i].gets);
	}
}

#define CHECK(all, avoid, asks) check(all, avoid, asks, ARRAY_SIZE(asks), 0)
#define TOO_MANY(all, asks)	check(all, "", asks, ARRAY_SIZE(asks), -ENOSPC)

static void test_the_last_ones(void **state)
{
	const struct ask one[] = {{1, 1, 1, "", "7"}};
	const struct ask two[] = {{2, 2, 1, "", "6-7"}, {1, 1, 1, "", "5"}};

	CHECK("0-7", "", one);
	CHECK("0-7", "", two);
	check("0-3", "", NULL, 0, 0);
}

static void test_one_stays(void **state)
{
	const struct ask most[] = {{1, 100, 1, "", "1-3"}};
	const struct ask all[] = {{4, 4, 1, "", NULL}};
	const struct ask together[] = {{2, 2, 1, "", NULL}, {2, 3, 9, "", NULL}};
	const struct ask huge[] = {{UINT64_MAX, UINT64_MAX, 1, "", NULL}};

	CHECK("0-3", "", most);
	TOO_MANY("0-3", all);
	TOO_MANY("0-3", together);
	TOO_MANY("0-3", huge);
	TOO_MANY("0", most);
	TOO_MANY("", most);
}

static void test_importance(void **state)
{
	const struct ask asks[] = {{1, 4, 1, "", "7"}, {1, 4, 5, "", "3-6"}, {1, 2, 5, "", "1-2"}};
	const struct ask alike[] = {{1, 8, 1, "", "2-7"}, {1, 8, 1, "", "1"}};

	CHECK("0-7", "", asks);
	CHECK("0-7", "", alike);
}

/* A newcomer with a minimum takes from who has more than his. */
static void test_what_they_have(void **state)
{
	const struct ask squeezed[] = {{1, 4, 1, "1-3", "3"}, {2, 2, 1, "", "1-2"}};
	const struct ask kept[] = {{2, 2, 1, "0,2", "0,2"}, {1, 1, 9, "", "7"}};
	const struct ask grows[] = {{1, 3, 1, "2", "2,6-7"}};
	const struct ask gone[] = {{1, 1, 1, "9", "7"}};
	const struct ask both[] = {{1, 1, 1, "5", "5"}, {1, 1, 1, "5", "7"}};

	CHECK("0-3", "", squeezed);
	CHECK("0-7", "", kept);
	CHECK("0-7", "", grows);
	CHECK("0-7", "", gone);
	CHECK("0-7", "", both);
}

static void test_pools_are_avoided(void **state)
{
	const struct ask asks[] = {{2, 2, 1, "", "4-5"}};
	const struct ask more[] = {{3, 3, 1, "", "0-1,3"}};

	CHECK("0-7", "6-7", asks);
	CHECK("0-3", "2-3", more);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_last_ones),
		cmocka_unit_test(test_one_stays),
		cmocka_unit_test(test_importance),
		cmocka_unit_test(test_what_they_have),
		cmocka_unit_test(test_pools_are_avoided),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
