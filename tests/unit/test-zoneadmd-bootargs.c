/* SPDX-License-Identifier: MIT */
/* Boot arguments: what goes to init, what is for the system, what is warned about. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "zoneadmd/bootargs.h"

static struct bootargs out;

static void check(const char *text, const char *args, const char *init, const char *unknown)
{
	assert_int_equal(bootargs_parse(text, &out), 0);
	assert_string_equal(out.args, args);
	assert_string_equal(out.initname, init);
	assert_string_equal(out.unknown, unknown);
}

static void test_known(void **state)
{
	check("", "", "", "");
	check("  \t ", "", "", "");
	check("-s", "-s", "", "");
	check("-m verbose", "-m verbose", "", "");
	check("-mverbose", "-m verbose", "", "");
	check("-sm milestone=none", "-s -m milestone=none", "", "");
	check("-f -s", "-s", "", "");
	check("-fs", "-s", "", "");
	check("-i /sbin/other -s", "-s", "/sbin/other", "");
	check("-i/sbin/other", "", "/sbin/other", "");
}

static void test_boot_file(void **state)
{
	check("kernel/unix -s", "-s", "", "");
	check("kernel/unix", "", "", "");
}

static void test_unknown(void **state)
{
	check("-x", "-x", "", "-x");
	check("-s -xy foo", "-s -x -y", "", "-x -y foo");
	check("-s foo bar", "-s", "", "foo bar");
	check("-", "", "", "");
	check("-s -", "-s", "", "-");
}

static void test_refused(void **state)
{
	assert_int_equal(bootargs_parse("-i", &out), -EINVAL);
	assert_int_equal(bootargs_parse("-i sbin/init", &out), -EINVAL);
	assert_int_equal(bootargs_parse("-s -m", &out), -EINVAL);
}

static void test_too_long(void **state)
{
	char text[BOOTARGS_MAX + 1];

	memset(text, 'x', sizeof(text));
	text[BOOTARGS_MAX] = '\0';
	assert_int_equal(bootargs_parse(text, &out), -E2BIG);
	/* fits as it is, but not when each letter becomes a word */
	text[BOOTARGS_MAX - 1] = '\0';
	memset(text, 's', BOOTARGS_MAX - 1);
	text[0] = '-';
	assert_int_equal(bootargs_parse(text, &out), -E2BIG);
	/* the longest init path that fits is taken whole */
	memset(text, 'a', BOOTARGS_MAX - 1);
	memcpy(text, "-i/", 3);
	assert_int_equal(bootargs_parse(text, &out), 0);
	assert_int_equal(strlen(out.initname), BOOTARGS_MAX - 3);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_boot_file),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
