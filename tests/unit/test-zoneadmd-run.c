/* SPDX-License-Identifier: MIT */
/* Hooks: their output, their exit, their descriptors, and one that leaves a child behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <time.h>

#include "linux/clock.h"
#include "zoneadmd/run.h"

static char text[4096];

static int hook(const char *command)
{
	char *argv[] = {(char *)"/bin/sh", (char *)"-c", (char *)(uintptr_t)command, (char *)"sh",
		(char *)"2", (char *)"1", NULL};
	char *envp[] = {(char *)"PATH=/usr/bin:/bin", (char *)"COLOUR=red", NULL};
	struct report report;
	int r;

	report_init(&report, text, sizeof(text));
	r = run_program_with(argv, envp, &report);
	report_fini(&report);
	return r;
}

static void test_arguments_and_output(void **state)
{
	assert_int_equal(hook("echo got $1 $2; echo $COLOUR"), 0);
	assert_string_equal(text, "got 2 1\nred\n");
	assert_int_equal(hook("echo out; echo err >&2; printf tail; :"), 0);
	assert_string_equal(text, "out\nerr\ntail\n");
}

static void test_exit(void **state)
{
	assert_int_equal(hook("echo no; exit 254; :"), 254);
	assert_string_equal(text, "no\n");
	assert_int_equal(hook("kill -TERM $$; :"), -EINTR);
	assert_non_null(strstr(text, "was ended by signal 15"));
}

static void test_stdin_is_empty(void **state)
{
	assert_int_equal(
		hook("test -z \"$(cat)\" && test \"$(readlink /proc/self/fd/0)\" = /dev/null; :"),
		0);
	assert_string_equal(text, "");
}

static void test_signals_are_usual(void **state)
{
	(void)signal(SIGPIPE, SIG_IGN);
	/* ignored signals are inherited: a pipeline in a hook would never end */
	assert_int_equal(hook("grep -q 'SigIgn:.*0000$' /proc/self/status; exit $?; :"), 0);
	(void)signal(SIGPIPE, SIG_DFL);
}

static void test_background_child(void **state)
{
	time_t start = time(NULL);

	assert_int_equal(hook("echo here; sleep 20 & exit 0; :"), 0);
	assert_string_equal(text, "here\n");
	assert_true(time(NULL) - start < 10);
}

static void test_long_output_is_cut(void **state)
{
	assert_int_equal(
		hook("i=0; while [ $i -lt 2000 ]; do echo line$i; i=$((i+1)); done; :"), 0);
	assert_true(strlen(text) < sizeof(text));
	assert_memory_equal(text, "line0\nline1\n", 12);
}

static void test_missing_program(void **state)
{
	char *argv[] = {(char *)"/no/such/program", NULL};
	struct report report;

	report_init(&report, text, sizeof(text));
	assert_int_equal(run_program(argv, &report), -ENOENT);
	assert_string_equal(text, "cannot run /no/such/program: No such file or directory\n");
}

static void test_time_limit(void **state)
{
	char *polite[] = {(char *)"/bin/sh", (char *)"-c",
		(char *)"trap 'echo bye; exit 7' TERM; while :; do sleep 0.05; done", NULL};
	char *stubborn[] = {(char *)"/bin/sh", (char *)"-c",
		(char *)"trap '' TERM; while :; do sleep 0.05; done", NULL};
	struct report report;
	int64_t start = clock_now_ms();

	report_init(&report, text, sizeof(text));
	assert_int_equal(run_program_until(polite, clock_now_ms() + 300, &report), 7);
	assert_string_equal(text, "bye\n");
	assert_int_equal(run_program_until(stubborn, clock_now_ms() + 300, &report), -EINTR);
	assert_non_null(strstr(text, "was ended by signal 9"));
	assert_true(clock_now_ms() - start < 10000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arguments_and_output),
		cmocka_unit_test(test_exit),
		cmocka_unit_test(test_stdin_is_empty),
		cmocka_unit_test(test_signals_are_usual),
		cmocka_unit_test(test_background_child),
		cmocka_unit_test(test_long_output_is_cut),
		cmocka_unit_test(test_missing_program),
		cmocka_unit_test(test_time_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
