/* SPDX-License-Identifier: MIT */
/* What the zone's log says of the end of init. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>

#include "zoneadmd/init-status.h"

static void check(int status, const char *want)
{
	char text[128];

	init_status_text(status, text, sizeof(text));
	assert_string_equal(text, want);
}

static void test_texts(void **state)
{
	check(W_EXITCODE(0, 0), "init exited with status 0");
	check(W_EXITCODE(255, 0), "init exited with status 255");
	check(SIGINT, "the zone halted itself");
	check(SIGHUP, "the zone rebooted itself");
	check(SIGKILL, "init was killed by signal 9 (Killed)");
	check(SIGSEGV | WCOREFLAG,
		"init was killed by signal 11 (Segmentation fault), core dumped");
	check(W_STOPCODE(SIGSTOP), "init ended with the unknown status 0x137f");
}

static void test_short_buffer(void **state)
{
	char text[10];

	init_status_text(0, text, sizeof(text));
	assert_string_equal(text, "init exit");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_short_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
