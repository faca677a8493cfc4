/* SPDX-License-Identifier: MIT */
/* The kernel status of a live zone as the state that users see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "zoneadmd/state.h"

static void test_live(void **state)
{
	static const struct {
		zone_status_t status;
		enum zone_state state;
	} expected[] = {
		{ZONE_IS_READY, ZONE_STATE_READY},
		{ZONE_IS_BOOTING, ZONE_STATE_RUNNING},
		{ZONE_IS_RUNNING, ZONE_STATE_RUNNING},
		{ZONE_IS_SHUTTING_DOWN, ZONE_STATE_SHUTTING_DOWN},
		{ZONE_IS_EMPTY, ZONE_STATE_SHUTTING_DOWN},
		{ZONE_IS_DOWN, ZONE_STATE_DOWN},
		{ZONE_IS_DYING, ZONE_STATE_DOWN},
		{ZONE_IS_DEAD, ZONE_STATE_DOWN},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(expected); i++)
		assert_int_equal(
			zone_now_live(expected[i].status, "/zones/web/root"), expected[i].state);
}

static void test_scratch(void **state)
{
	assert_int_equal(zone_now_live(ZONE_IS_READY, "/zones/web/lu"), ZONE_STATE_MOUNTED);
	assert_int_equal(zone_now_live(ZONE_IS_READY, "/lu"), ZONE_STATE_MOUNTED);
	assert_int_equal(zone_now_live(ZONE_IS_READY, "/zones/lulu"), ZONE_STATE_READY);
	assert_int_equal(zone_now_live(ZONE_IS_READY, ""), ZONE_STATE_READY);
	assert_int_equal(zone_now_live(ZONE_IS_RUNNING, "/zones/web/lu"), ZONE_STATE_MOUNTED);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_live),
		cmocka_unit_test(test_scratch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
