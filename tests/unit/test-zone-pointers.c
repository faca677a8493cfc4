/* SPDX-License-Identifier: MIT */
/* What <zone.h> says of pointers that lead nowhere: they are refused before anybody is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zone.h>

#define EFAULTS(call)                                                                              \
	do {                                                                                       \
		errno = 0;                                                                         \
		assert_int_equal(call, -1);                                                        \
		assert_int_equal(errno, EFAULT);                                                   \
	} while (0)

static void test_pointers(void **state)
{
	EFAULTS(zone_enter(1, NULL, NULL));
	EFAULTS(zone_find_by_path(NULL));
	EFAULTS(zone_find_by_any_path(NULL));
	EFAULTS(zone_walk(NULL, NULL));
	EFAULTS(zone_datalink_walk(1, NULL, NULL));
	EFAULTS(zone_list(NULL, NULL));
	EFAULTS(getzonenamebyid(1, NULL, 4));
}

/* Pages that are there and cannot be used, one that ends in the middle of nothing, a word that is no address. */
static void test_pointers_to_nothing(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *good =
		/* cppcheck-suppress invalidFunctionArg; it does not know MAP_ANONYMOUS */
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *bad = good + page, *end = bad - 8;
	void *wild[] = {bad, (void *)(uintptr_t)8, (void *)(uintptr_t)0x123456789000};
	size_t i;

	assert_ptr_not_equal(good, MAP_FAILED);
	assert_int_equal(mprotect(bad, page, PROT_NONE), 0);
	for (i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		EFAULTS(getzoneidbyname(wild[i]));
		EFAULTS(zone_enter(1, (int (*)(void *))(uintptr_t)wild[i], NULL));
		EFAULTS(zone_find_by_path(wild[i]));
		EFAULTS(zone_walk((int (*)(zoneid_t, void *))(uintptr_t)wild[i], NULL));
		EFAULTS(zone_list(wild[i], wild[i]));
		EFAULTS(zone_getattr(1, ZONE_ATTR_NAME, wild[i], 4));
		EFAULTS(getzonenamebyid(1, wild[i], 4));
	}
	memset(end, 'x', 8); /* a name without an end */
	EFAULTS(getzoneidbyname(end));
	EFAULTS(zone_find_by_path(end));
	EFAULTS(zone_getattr(1, ZONE_ATTR_NAME, end, 16));
	(void)munmap(good, 2 * page);
}

static void test_names_that_are_too_long(void **state)
{
	char name[ZONENAME_MAX + 1];

	memset(name, 'x', sizeof(name));
	name[ZONENAME_MAX] = '\0';
	assert_int_equal(getzoneidbyname(name), -1);
	assert_int_equal(errno, ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pointers),
		cmocka_unit_test(test_pointers_to_nothing),
		cmocka_unit_test(test_names_that_are_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
