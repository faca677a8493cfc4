/* SPDX-License-Identifier: MIT */
/* What follows the end of init: every policy with every way to end. */
#include "zone/init-next.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define EXITED(code) ((code) << 8) /* as wait(2) says it */

static void without_a_policy_it_comes_again(void **state)
{
	assert_int_equal(zone_init_next(EXITED(0), 0), ZSCHED_NEXT_RESTART);
	assert_int_equal(zone_init_next(EXITED(3), 0), ZSCHED_NEXT_RESTART);
	assert_int_equal(zone_init_next(SIGKILL, 0), ZSCHED_NEXT_RESTART);
	assert_int_equal(zone_init_next(SIGSEGV | 0x80, 0), ZSCHED_NEXT_RESTART);
}

static void reboot_counts_before_any_policy(void **state)
{
	uint32_t policy;

	for (policy = 0; policy < 8; policy++) {
		assert_int_equal(zone_init_next(SIGHUP, policy), ZSCHED_NEXT_REBOOT);
		assert_int_equal(zone_init_next(SIGINT, policy), ZSCHED_NEXT_HALT);
	}
}

static void a_zone_without_restart_halts(void **state)
{
	uint32_t more;

	/* whatever else is set */
	for (more = 0; more < 8; more++) {
		uint32_t policy = more | ZSCHED_INIT_NORESTART;

		assert_int_equal(zone_init_next(EXITED(0), policy), ZSCHED_NEXT_HALT);
		assert_int_equal(zone_init_next(EXITED(3), policy), ZSCHED_NEXT_HALT);
		assert_int_equal(zone_init_next(SIGKILL, policy), ZSCHED_NEXT_HALT);
	}
}

static void only_a_clean_end_counts(void **state)
{
	uint32_t reboot = ZSCHED_INIT_RESTART0 | ZSCHED_INIT_REBOOT;

	assert_int_equal(zone_init_next(EXITED(0), ZSCHED_INIT_RESTART0), ZSCHED_NEXT_RESTART);
	assert_int_equal(zone_init_next(EXITED(1), ZSCHED_INIT_RESTART0), ZSCHED_NEXT_HALT);
	assert_int_equal(zone_init_next(SIGKILL, ZSCHED_INIT_RESTART0), ZSCHED_NEXT_HALT);
	assert_int_equal(zone_init_next(EXITED(0), reboot), ZSCHED_NEXT_REBOOT);
	assert_int_equal(zone_init_next(EXITED(255), reboot), ZSCHED_NEXT_HALT);
}

static void the_zone_is_booted_again(void **state)
{
	assert_int_equal(zone_init_next(EXITED(0), ZSCHED_INIT_REBOOT), ZSCHED_NEXT_REBOOT);
	assert_int_equal(zone_init_next(EXITED(9), ZSCHED_INIT_REBOOT), ZSCHED_NEXT_REBOOT);
	assert_int_equal(zone_init_next(SIGTERM, ZSCHED_INIT_REBOOT), ZSCHED_NEXT_REBOOT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_policy_it_comes_again),
		cmocka_unit_test(reboot_counts_before_any_policy),
		cmocka_unit_test(a_zone_without_restart_halts),
		cmocka_unit_test(only_a_clean_end_counts),
		cmocka_unit_test(the_zone_is_booted_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
