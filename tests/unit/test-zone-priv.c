/* SPDX-License-Identifier: MIT */
/* limitpriv as a capability set. */
#include "zone/confine.h"
#include "zone/privilege.h"
#include "zoned/zone-impl.h"

#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static uint64_t parse(const char *list)
{
	uint64_t caps;

	assert_int_equal(zone_limitpriv_parse(list, &caps, NULL), 0);
	return caps;
}

static void assert_refused(const char *list, const char *word)
{
	struct diag d = {0};
	uint64_t caps = 1;

	assert_int_equal(zone_limitpriv_parse(list, &caps, &d), -EINVAL);
	assert_non_null(strstr(d.text, word));
	assert_int_equal(caps, 1);
}

static void test_default(void **state)
{
	assert_true(parse("") == zone_caps_default());
	assert_true(parse("default") == zone_caps_default());
}

/* What the table says a zone may ask for is what a zone has by default: nothing else could be given. */
static void test_the_table(void **state)
{
	const struct privilege *p;
	size_t i;

	for (i = 0; (p = privilege_at(i)); i++) {
		assert_true((p->kind == PRIVILEGE_CAPABILITY) == (p->caps != 0));
		assert_int_equal(p->caps & ~zone_caps_default(), 0);
	}
	assert_true(i > 80);
}

static void test_taken_away(void **state)
{
	uint64_t raw = UINT64_C(1) << CAP_NET_RAW, lock = UINT64_C(1) << CAP_IPC_LOCK;

	assert_true(zone_caps_default() & raw);
	assert_true(parse("default,!net_rawaccess") == (zone_caps_default() & ~raw));
	assert_true(parse("default,!dtrace_user,!win_config") == zone_caps_default());
	assert_true(parse("default,!proc_fork") == (zone_caps_default() & ~PRIVILEGE_PROC_FORK));
	assert_true(parse("default,-PRIV_NET_RAWACCESS,!proc_lock_memory") ==
		    (zone_caps_default() & ~(raw | lock)));
}

static void test_added(void **state)
{
	assert_true(parse("default,proc_fork,net_rawaccess") == zone_caps_default());
	assert_true(parse("default,!net_rawaccess,net_rawaccess") == zone_caps_default());
	assert_refused("default,sys_time", "sys_time");
	assert_refused("default,dtrace_user", "dtrace_user");
	assert_true(parse("default,!sys_time,-sys_acct") == zone_caps_default());
}

static void test_refused(void **state)
{
	char list[2 * ZONEROOT_MAX];

	assert_refused("basic", "default");
	assert_refused("!net_rawaccess", "default");
	assert_refused("default,!file_link_any", "file_link_any");
	memset(list, 'a', sizeof(list));
	list[sizeof(list) - 1] = '\0';
	assert_refused(list, "too long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_the_table),
		cmocka_unit_test(test_taken_away),
		cmocka_unit_test(test_added),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
