/* SPDX-License-Identifier: MIT */
/* What <zone.h> says of pointers that lead nowhere: they are refused before anybody is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <zone.h>

#define EFAULTS(call)                                                                              \
	do {                                                                                       \
		errno = 0;                                                                         \
		assert_int_equal(call, -1);                                                        \
		assert_int_equal(errno, EFAULT);                                                   \
	} while (0)

static void test_pointers(void **state)
{
	unsigned int some = 3;

	EFAULTS(zone_enter(1, NULL, NULL));
	EFAULTS(zone_find_by_path(NULL));
	EFAULTS(zone_walk(NULL, NULL));
	EFAULTS(zone_datalink_walk(1, NULL, NULL));
	EFAULTS(zone_list(NULL, &some));
	EFAULTS(zone_list(NULL, NULL));
	EFAULTS(zone_getattr(1, ZONE_ATTR_NAME, NULL, 4));
	EFAULTS(getzonenamebyid(1, NULL, 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_pointers)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
