/* SPDX-License-Identifier: MIT */
/* The table of resource controls and the rules for values from outside. */
#include "zone/rctl.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct zone_rctl_value value(
	const char *name, uint32_t priv, uint32_t action, uint64_t limit)
{
	struct zone_rctl_value v = {.priv = priv, .action = action, .limit = limit};

	(void)str_copy(v.name, sizeof(v.name), name);
	return v;
}

static int check(const char *name, uint32_t priv, uint32_t action, uint64_t limit, struct diag *d)
{
	struct zone_rctl_value v = value(name, priv, action, limit);
	enum zone_rctl_id id;

	memset(d, 0, sizeof(*d));
	return zone_rctl_check(&v, &id, d);
}

static void test_every_control_is_found(void **state)
{
	enum zone_rctl_id id;
	int i;

	for (i = 0; i < RCTL_COUNT; i++) {
		assert_non_null(zone_rctls[i].name);
		assert_int_equal(zone_rctl_find(zone_rctls[i].name, &id), 0);
		assert_int_equal(id, i);
		assert_true(zone_rctls[i].min <= zone_rctls[i].max);
	}
	assert_int_equal(zone_rctl_find("zone.max-fun", &id), -ENOENT);
	assert_int_equal(zone_rctl_find("", &id), -ENOENT);
}

static void test_good_values(void **state)
{
	struct diag d;

	assert_int_equal(check("zone.max-lwps", ZRCTL_PRIVILEGED, ZRCTL_DENY, 100, &d), 0);
	assert_int_equal(check("zone.max-lwps", ZRCTL_PRIVILEGED, ZRCTL_NONE, 100, &d), 0);
	assert_int_equal(check("zone.cpu-shares", ZRCTL_PRIVILEGED, ZRCTL_NONE, 65535, &d), 0);
	assert_int_equal(check("zone.max-swap", ZRCTL_PRIVILEGED, ZRCTL_DENY, UINT64_MAX, &d), 0);
	assert_string_equal(d.text, "");
}

static void assert_refused(int r, const struct diag *d, const char *name, const char *what)
{
	assert_int_equal(r, -EINVAL);
	assert_non_null(strstr(d->text, name));
	assert_non_null(strstr(d->text, what));
}

static void test_bad_values_are_named(void **state)
{
	struct diag d;

	assert_refused(
		check("zone.fun", ZRCTL_PRIVILEGED, ZRCTL_DENY, 1, &d), &d, "zone.fun", "no");
	assert_refused(check("zone.cpu-shares", ZRCTL_PRIVILEGED, ZRCTL_NONE, 0, &d), &d,
		"zone.cpu-shares", "1 to 65535");
	assert_refused(check("zone.cpu-shares", ZRCTL_PRIVILEGED, ZRCTL_NONE, 65536, &d), &d,
		"zone.cpu-shares", "65535");
	assert_refused(check("zone.cpu-shares", ZRCTL_PRIVILEGED, ZRCTL_DENY, 1, &d), &d,
		"zone.cpu-shares", "none");
	assert_refused(check("zone.max-swap", ZRCTL_PRIVILEGED, ZRCTL_NONE, 1, &d), &d,
		"zone.max-swap", "deny");
	assert_refused(check("zone.max-lwps", ZRCTL_BASIC, ZRCTL_DENY, 1, &d), &d, "zone.max-lwps",
		"privileged");
	assert_refused(
		check("zone.max-lwps", 7, ZRCTL_DENY, 1, &d), &d, "zone.max-lwps", "privileged");
	assert_refused(
		check("zone.max-lwps", ZRCTL_PRIVILEGED, 7, 1, &d), &d, "zone.max-lwps", "action");
}

/* The system values and global flags of illumos; and every level with every action, at the ends and behind them. */
static void test_every_control_with_everything(void **state)
{
	static const struct {
		const char *name;
		uint64_t system;
		bool none, deny;
	} known[RCTL_COUNT] = {
		{"zone.cpu-shares", 65535, true, false},
		{"zone.cpu-cap", UINT32_MAX, false, true},
		{"zone.max-lwps", INT32_MAX, true, true},
		{"zone.max-processes", INT32_MAX, true, true},
		{"zone.max-msg-ids", 1 << 24, false, true},
		{"zone.max-sem-ids", 1 << 24, false, true},
		{"zone.max-shm-ids", 1 << 24, false, true},
		{"zone.max-shm-memory", UINT64_MAX, false, true},
		{"zone.max-locked-memory", UINT64_MAX, false, true},
		{"zone.max-swap", UINT64_MAX, false, true},
		{"zone.max-physical-memory", UINT64_MAX, false, true},
		{"zone.max-lofi", UINT64_MAX, false, true},
	};
	uint32_t priv, action;
	struct diag d;
	int i;

	for (i = 0; i < RCTL_COUNT; i++) {
		const struct zone_rctl *c = &zone_rctls[i];
		uint64_t system = known[i].system;

		assert_string_equal(c->name, known[i].name);
		assert_int_equal(c->by_default, i == RCTL_CPU_SHARES);
		for (priv = 0; priv < 5; priv++) {
			for (action = 0; action < 4; action++) {
				bool good = priv == ZRCTL_PRIVILEGED &&
					    ((action == ZRCTL_NONE && known[i].none) ||
						    (action == ZRCTL_DENY && known[i].deny));
				int r = good ? 0 : -EINVAL;

				assert_int_equal(check(c->name, priv, action, system, &d), r);
				assert_int_equal(check(c->name, priv, action, c->min, &d), r);
				if (system < UINT64_MAX)
					assert_int_equal(
						check(c->name, priv, action, system + 1, &d),
						-EINVAL);
			}
		}
	}
}

static void test_name_without_an_end(void **state)
{
	struct zone_rctl_value v = value("x", ZRCTL_PRIVILEGED, ZRCTL_DENY, 1);
	enum zone_rctl_id id;
	struct diag d = {0};

	memset(v.name, 'x', sizeof(v.name));
	assert_int_equal(zone_rctl_check(&v, &id, &d), -EINVAL);
	assert_non_null(strstr(d.text, "too long"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_control_is_found),
		cmocka_unit_test(test_good_values),
		cmocka_unit_test(test_bad_values_are_named),
		cmocka_unit_test(test_every_control_with_everything),
		cmocka_unit_test(test_name_without_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
