/* SPDX-License-Identifier: MIT */
/* Values of resource controls as text. */
#include "zone/rctl-text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct zone_rctl count = {.name = "count", .unit = ZRCTL_COUNT};
static const struct zone_rctl bytes = {.name = "bytes", .unit = ZRCTL_BYTES};

static void parses(const struct zone_rctl *c, const char *text, uint64_t want)
{
	uint64_t v = 0;

	assert_int_equal(zone_rctl_parse(c, text, &v), 0);
	assert_true(v == want);
}

static void refuses(const struct zone_rctl *c, const char *text, int want)
{
	uint64_t v = 7;

	assert_int_equal(zone_rctl_parse(c, text, &v), want);
}

static void test_parse(void **state)
{
	parses(&count, "0", 0);
	parses(&count, "100", 100);
	parses(&count, "1K", 1000);
	parses(&count, "1.5k", 1500);
	parses(&count, "2M", 2000000);
	parses(&bytes, "1k", 1024);
	parses(&bytes, "1KB", 1024);
	parses(&bytes, "64mb", 64 << 20);
	parses(&bytes, "1.5G", 3ULL << 29);
	parses(&bytes, "12B", 12);
	parses(&bytes, "15E", 15ULL << 60);
	parses(&bytes, "18446744073709551615", UINT64_MAX);
}

static void test_refuse(void **state)
{
	static const char *const bad[] = {"", " 1", "-1", "+1", "K", ".5", "1 K", "1KK", "1Q",
		"0x10", "1e3", "inf", "nan", "1.2.3", "1BK"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		refuses(&count, bad[i], -EINVAL);
		refuses(&bytes, bad[i], -EINVAL);
	}
	refuses(&count, "1B", -EINVAL);
	refuses(&count, "1KB", -EINVAL);
	refuses(&bytes, "16E", -ERANGE);
	refuses(&count, "18446744073709551616", -ERANGE);
	refuses(&count, "19E", -ERANGE);
}

static void formats(const struct zone_rctl *c, uint64_t v, const char *want)
{
	char buf[32];

	zone_rctl_format(c, v, buf);
	assert_string_equal(buf, want);
}

static void test_format(void **state)
{
	formats(&count, 0, "0");
	formats(&count, 999, "999");
	formats(&count, 1000, "1.00K");
	formats(&count, 2147483647, "2.15G");
	formats(&count, 99949, "99.9K");
	formats(&bytes, 1023, "1023B");
	formats(&bytes, 64 << 20, "64.0MB");
	formats(&bytes, 96 << 20, "96.0MB");
	formats(&bytes, 300 << 20, "300MB");
	formats(&bytes, UINT64_MAX, "16.0EB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_refuse),
		cmocka_unit_test(test_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
