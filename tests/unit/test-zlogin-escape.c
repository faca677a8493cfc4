/* SPDX-License-Identifier: MIT */
/* The escape sequence of zlogin, fed whole and one byte at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "zlogin/escape.h"

/* What is sent for input, in pieces of size step. Returns whether it disconnects. */
static bool feed(int ch, const char *input, size_t step, char *ret_sent)
{
	struct escape e;
	size_t n = strlen(input), i;
	bool disconnect = false;

	escape_init(&e, ch);
	for (i = 0; i < n && !disconnect; i += step) {
		size_t len = n - i < step ? n - i : step;

		ret_sent += escape_filter(&e, input + i, len, ret_sent, &disconnect);
	}
	*ret_sent = '\0';
	return disconnect;
}

static void expect(int ch, const char *input, const char *want, bool disconnects)
{
	char sent[128];
	size_t step;

	for (step = 1; step <= strlen(input); step++) {
		assert_int_equal(feed(ch, input, step, sent), disconnects);
		assert_string_equal(sent, want);
	}
}

static void test_disconnects_at_line_start(void **state)
{
	expect('~', "~.", "", true);
	expect('~', "ls\r~.rest", "ls\r", true);
	expect('~', "ls\n~.", "ls\n", true);
}

static void test_elsewhere_it_is_text(void **state)
{
	expect('~', "cd ~.\r", "cd ~.\r", false);
	expect('~', "~/bin\r", "~/bin\r", false);
	expect('~', ".~", ".~", false);
}

static void test_twice_sends_one(void **state)
{
	expect('~', "~~.\r", "~.\r", false);
	expect('~', "\r~~~.", "\r~~.", false);
}

static void test_newline_after_escape(void **state)
{
	expect('~', "~\r~.", "~\r", true);
}

static void test_other_and_none(void **state)
{
	expect('%', "~.", "~.", false);
	expect('%', "%.", "", true);
	expect(-1, "~.\r~.", "~.\r~.", false);
	expect(0xff, "\xff.", "", true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_disconnects_at_line_start),
		cmocka_unit_test(test_elsewhere_it_is_text),
		cmocka_unit_test(test_twice_sends_one),
		cmocka_unit_test(test_newline_after_escape),
		cmocka_unit_test(test_other_and_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
