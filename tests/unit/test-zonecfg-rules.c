/* SPDX-License-Identifier: MIT */
/* Each rule for a single value: what it takes, and one value for each way to break it. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "zonecfg/rules.h"

typedef int (*check_fn)(const char *value);

static void all_good(check_fn check, const char *const *values)
{
	for (; *values; values++) {
		if (check(*values))
			fail_msg("'%s' was refused", *values);
	}
}

static void all_bad(check_fn check, const char *const *values)
{
	for (; *values; values++) {
		if (!check(*values))
			fail_msg("'%s' was taken", *values);
	}
}

#define GOOD(check, ...) all_good(check, (const char *const[]){__VA_ARGS__, NULL})
#define BAD(check, ...)	 all_bad(check, (const char *const[]){__VA_ARGS__, NULL})

#define A10 "aaaaaaaaaa"
#define A60 A10 A10 A10 A10 A10 A10

static void zone_names(void **state)
{
	GOOD(zonecfg_check_zonename, "web", "1", "Web-1_x.y", A60 "aaa");
	BAD(zonecfg_check_zonename, "", "-web", ".web", "_web", "a b", "a/b", "a:b", "global",
		"SUNWweb", "w\xc3\xa9", A60 "aaaa", "..");
	/* only the exact prefix and the exact name are reserved */
	GOOD(zonecfg_check_zonename, "Global", "globals", "sunw");
}

static void zone_paths(void **state)
{
	GOOD(zonecfg_check_zonepath, "/zones/web", "/z", "/zones/a b", "/a:b", "/zones/..web");
	BAD(zonecfg_check_zonepath, "", "/", "zones/web", "/zones/", "/zones//web", "/zones/../web",
		"/./web", "/a\nb", "/a\"b", "/a,b", "/a\\b", "/\xff");
}

static void link_names(void **state)
{
	GOOD(zonecfg_check_linkname, "web0", "a1", "net_x.y10", "eth4294967294",
		"abcdefghijklmnopqrstuvwxyz_a123");
	BAD(zonecfg_check_linkname, "", "web", "0web0", "web00", "web01", "web:0", "web-0", "_web0",
		"eth4294967295", "abcdefghijklmnopqrstuvwxyz012345", "web0/");
	GOOD(zonecfg_check_brandname, "sparse", "lx-2");
	BAD(zonecfg_check_brandname, "", "../sparse", "a/b", "a.b");
}

static int check_hostid(const char *value)
{
	uint32_t id;

	return zonecfg_parse_hostid(value, &id);
}

static void hostids(void **state)
{
	uint32_t id;

	GOOD(check_hostid, "0", "FFFFFFFE", "0xfffffffe", "0X1a2B");
	BAD(check_hostid, "", "0x", "ffffffff", "xyz", " 1", "1 ", "-1", "0x0x1");
	assert_int_equal(zonecfg_parse_hostid("123456789", &id), Z_TOO_BIG);
	assert_int_equal(zonecfg_parse_hostid("1a2b", &id), Z_OK);
	assert_int_equal(id, 0x1a2b);
}

static int check_u64(const char *value)
{
	uint64_t v;

	return zonecfg_parse_u64(value, &v);
}

static int check_bool(const char *value)
{
	bool v;

	return zonecfg_parse_bool(value, &v);
}

static void numbers(void **state)
{
	uint64_t v;

	GOOD(check_u64, "0", "18446744073709551615", "007");
	BAD(check_u64, "", "-1", "+1", " 1", "1 ", "0x1", "1k", "18446744073709551616");
	assert_int_equal(zonecfg_parse_u64("99999999999999999999", &v), Z_TOO_BIG);
	GOOD(check_bool, "true", "false");
	BAD(check_bool, "", "True", "yes", "1", "true ");
}

static void words(void **state)
{
	GOOD(zonecfg_check_fs_allowed, "nfs", "nfs,tmpfs", "-", "-,nfs", "-nfs,ext4");
	BAD(zonecfg_check_fs_allowed, "", ",nfs", "nfs,", "nfs,,tmpfs", "n fs", "nfs;", "--");
	GOOD(zonecfg_check_sched_class, "FSS", "TS", "RT");
	BAD(zonecfg_check_sched_class, "", "fss", "FSS ", "XX");
	GOOD(zonecfg_check_pool, "pool_1", "1.x");
	BAD(zonecfg_check_pool, "", "SUNWtmp", "-x", "a b");
	GOOD(zonecfg_check_fstype, "none", "ext4", "tmpfs", "fuse.sshfs");
	BAD(zonecfg_check_fstype, "", "proc", "mntfs", "autofs", "nfs", "nfs4", "a b", "-x");
	GOOD(zonecfg_check_attr_name, "comment", "1a", "a-b_c.d");
	BAD(zonecfg_check_attr_name, "", "zone", "zonefoo", "-a", "a b", "a=b");
	GOOD(zonecfg_check_rctl_name, "zone.max-lwps", "zone.x1");
	BAD(zonecfg_check_rctl_name, "", "zone.", "max-lwps", "project.max-lwps", "zone.A",
		"zone.-x", "zone.a b");
}

static void attr_values(void **state)
{
	assert_int_equal(zonecfg_check_attr_type("uint"), Z_OK);
	assert_int_not_equal(zonecfg_check_attr_type("number"), Z_OK);
	assert_int_equal(zonecfg_check_attr_value("int", "-9223372036854775808"), Z_OK);
	assert_int_not_equal(zonecfg_check_attr_value("int", "-9223372036854775809"), Z_OK);
	assert_int_not_equal(zonecfg_check_attr_value("int", "9223372036854775808"), Z_OK);
	assert_int_not_equal(zonecfg_check_attr_value("int", "--1"), Z_OK);
	assert_int_not_equal(zonecfg_check_attr_value("uint", "-1"), Z_OK);
	assert_int_equal(zonecfg_check_attr_value("boolean", "false"), Z_OK);
	assert_int_not_equal(zonecfg_check_attr_value("boolean", "no"), Z_OK);
	assert_int_equal(zonecfg_check_attr_value("string", "h\xc3\xa9llo <&\">"), Z_OK);
	assert_int_not_equal(zonecfg_check_attr_value("string", "a\nb"), Z_OK);
	assert_int_not_equal(zonecfg_check_attr_value("list", "x"), Z_OK);
}

static void text_is_utf8(void **state)
{
	assert_int_equal(zonecfg_check_text("\xf0\x9f\x98\x80 \xe2\x82\xac", 100), Z_OK);
	assert_int_not_equal(zonecfg_check_text("\xff", 100), Z_OK);
	assert_int_not_equal(zonecfg_check_text("\xc0\xaf", 100), Z_OK);     /* overlong */
	assert_int_not_equal(zonecfg_check_text("\xed\xa0\x80", 100), Z_OK); /* surrogate */
	assert_int_not_equal(zonecfg_check_text("\xe2\x82", 100), Z_OK);     /* cut short */
	assert_int_not_equal(zonecfg_check_text("a\x1b", 100), Z_OK);
	assert_int_equal(zonecfg_check_text("abc", 3), Z_TOO_BIG);
}

static void sizes(void **state)
{
	static const uint64_t round[] = {
		0, 1, 1023, 1024, 1025, 128 << 20, 1ULL << 40, 1500, UINT64_MAX, (1ULL << 62) + 3};
	uint64_t v;
	char buf[64];
	size_t i;

	assert_int_equal(zonecfg_parse_size("128M", true, &v), Z_OK);
	assert_int_equal(v, 128 << 20);
	assert_int_equal(zonecfg_parse_size("1.5g", true, &v), Z_OK);
	assert_int_equal(v, 3ULL << 29);
	assert_int_equal(zonecfg_parse_size("0.5k", true, &v), Z_OK);
	assert_int_equal(v, 512);
	assert_int_equal(zonecfg_parse_size("1024", false, &v), Z_OK);
	assert_int_equal(zonecfg_parse_size("1024", true, &v), Z_INVALID_PROPERTY);
	assert_int_equal(zonecfg_parse_size("1.5", false, &v), Z_INVALID_PROPERTY);
	assert_int_equal(zonecfg_parse_size("M", true, &v), Z_INVALID_PROPERTY);
	assert_int_equal(zonecfg_parse_size("1MB", true, &v), Z_INVALID_PROPERTY);
	assert_int_equal(zonecfg_parse_size("1 M", true, &v), Z_INVALID_PROPERTY);
	assert_int_equal(zonecfg_parse_size("-1M", true, &v), Z_INVALID_PROPERTY);
	assert_int_equal(zonecfg_parse_size("1.M", true, &v), Z_INVALID_PROPERTY);
	assert_int_equal(zonecfg_parse_size("1P", true, &v), Z_INVALID_PROPERTY);
	assert_int_equal(zonecfg_parse_size("16777216T", true, &v), Z_TOO_BIG);
	for (i = 0; i < ARRAY_SIZE(round); i++) {
		zonecfg_format_size(round[i], buf, sizeof(buf));
		assert_int_equal(zonecfg_parse_size(buf, true, &v), Z_OK);
		assert_true(v == round[i]);
	}
	zonecfg_format_size(64 << 20, buf, sizeof(buf));
	assert_string_equal(buf, "64M");
}

static void ncpus(void **state)
{
	uint64_t v;

	assert_int_equal(zonecfg_parse_ncpus("0.5", &v), Z_OK);
	assert_int_equal(v, 50);
	assert_int_equal(zonecfg_parse_ncpus("2", &v), Z_OK);
	assert_int_equal(v, 200);
	assert_int_equal(zonecfg_parse_ncpus("1.255", &v), Z_OK);
	assert_int_equal(v, 126);
	assert_int_equal(zonecfg_parse_ncpus("0.01", &v), Z_OK);
	assert_int_equal(zonecfg_parse_ncpus("0.009", &v), Z_INVALID_PROPERTY);
	assert_int_equal(zonecfg_parse_ncpus("0", &v), Z_INVALID_PROPERTY);
	assert_int_equal(zonecfg_parse_ncpus("", &v), Z_INVALID_PROPERTY);
	assert_int_equal(zonecfg_parse_ncpus("-1", &v), Z_INVALID_PROPERTY);
	assert_int_equal(zonecfg_parse_ncpus("1x", &v), Z_INVALID_PROPERTY);
	assert_int_equal(zonecfg_parse_ncpus("99999999999", &v), Z_TOO_BIG);
}

static int check_address(const char *value)
{
	struct zonecfg_addr a;

	return zonecfg_parse_address(value, false, &a);
}

static int check_host(const char *value)
{
	struct zonecfg_addr a;

	return zonecfg_parse_address(value, true, &a);
}

static void addresses(void **state)
{
	struct zonecfg_addr a;

	GOOD(check_address, "10.10.0.2", "10.10.0.2/24", "10.0.0.1/0", "10.0.0.1/32", "fd00::1/64",
		"2001:db8::1/128");
	BAD(check_address, "", "/24", "300.1.1.1/24", "10.0.0.1/33", "10.0.0.1/", "10.0.0.1/x",
		"10.0.0.1/024a", "10.1", "0x0a.0.0.1", "fd00::1", "fd00::1/129", "::/64",
		"ff02::1/64", "::ffff:10.0.0.1/96", "0.0.0.0", "224.0.0.1", "255.255.255.255",
		"host", "10.0.0.1/24/24", "10.0.0.1 ");
	GOOD(check_host, "host", "host.example.com/24", "h1-x");
	BAD(check_host, "-host", ".host", "a..b", "host/33", "1.2.3", "a_b", "a b");
	assert_int_equal(zonecfg_parse_address("10.10.0.2/24", false, &a), Z_OK);
	assert_int_equal(a.family, AF_INET);
	assert_int_equal(a.prefix, 24);
	assert_int_equal(ntohl(a.v4.s_addr), 0x0a0a0002);
	assert_int_equal(zonecfg_parse_router("fe80::1", &a), Z_OK);
	assert_int_equal(a.prefix, -1);
	assert_int_not_equal(zonecfg_parse_router("gateway", &a), Z_OK);
}

static int check_mac(const char *value)
{
	char mac[18];

	return zonecfg_parse_mac(value, mac);
}

static int check_vlan(const char *value)
{
	uint16_t v;

	return zonecfg_parse_vlan(value, &v);
}

static void macs_and_vlans(void **state)
{
	char mac[18];

	GOOD(check_mac, "2:8:20:1:2:3", "02:08:20:AB:CD:EF");
	BAD(check_mac, "", "2:8:20:1:2", "2:8:20:1:2:3:4", "1:0:0:0:0:0", "0:0:0:0:0:0",
		"ff:ff:ff:ff:ff:ff", "222:8:20:1:2:3", "2-8-20-1-2-3", "2:8:20:1:2:g",
		"2::20:1:2:3");
	assert_int_equal(zonecfg_parse_mac("2:8:20:A:0b:3", mac), Z_OK);
	assert_string_equal(mac, "02:08:20:0a:0b:03");
	GOOD(check_vlan, "1", "4094");
	BAD(check_vlan, "", "0", "4095", "-1", "x");
}

static void rctl_values(void **state)
{
	assert_int_equal(zonecfg_check_rctl_value("privileged", "200", "deny"), Z_OK);
	assert_int_equal(zonecfg_check_rctl_value("basic", "0", "signal=KILL"), Z_OK);
	assert_int_not_equal(zonecfg_check_rctl_value("root", "200", "deny"), Z_OK);
	assert_int_not_equal(zonecfg_check_rctl_value("privileged", "abc", "deny"), Z_OK);
	assert_int_not_equal(zonecfg_check_rctl_value("privileged", "-1", "deny"), Z_OK);
	assert_int_not_equal(zonecfg_check_rctl_value("privileged", "1", "kill"), Z_OK);
	assert_int_not_equal(zonecfg_check_rctl_value("privileged", "1", "signal="), Z_OK);
	assert_non_null(zonecfg_rctl_rule("zone.max-lwps"));
	assert_null(zonecfg_rctl_rule("zone.nothing"));
}

static void privileges(void **state)
{
	char bad[64];

	assert_int_equal(zonecfg_check_limitpriv("default", bad, sizeof(bad)), Z_OK);
	assert_int_equal(zonecfg_check_limitpriv("default,sys_time,!proc_info,-priv_file_link_any",
				 bad, sizeof(bad)),
		Z_OK);
	assert_int_equal(
		zonecfg_check_limitpriv("default,nosuch", bad, sizeof(bad)), Z_PRIV_UNKNOWN);
	assert_string_equal(bad, "nosuch");
	assert_int_equal(zonecfg_check_limitpriv("zone", bad, sizeof(bad)), Z_PRIV_PROHIBITED);
	assert_int_equal(zonecfg_check_limitpriv("default,PRIV_SYS_CONFIG", bad, sizeof(bad)),
		Z_PRIV_PROHIBITED);
	assert_int_equal(zonecfg_check_limitpriv("default,!sys_config", bad, sizeof(bad)), Z_OK);
	assert_int_equal(
		zonecfg_check_limitpriv("sys_time,default", bad, sizeof(bad)), Z_INVALID_PROPERTY);
	assert_int_equal(zonecfg_check_limitpriv("", bad, sizeof(bad)), Z_INVALID_PROPERTY);
	assert_int_equal(zonecfg_check_limitpriv("default,", bad, sizeof(bad)), Z_INVALID_PROPERTY);
	assert_int_equal(
		zonecfg_check_limitpriv("default,!", bad, sizeof(bad)), Z_INVALID_PROPERTY);
	assert_int_not_equal(zonecfg_check_limitpriv("default," A60 A60, bad, sizeof(bad)), Z_OK);
}

/* Each word of good is valid and each of bad is not. */
static void check_words(
	int (*check)(const char *text), const char *const *good, const char *const *bad)
{
	for (; *good; good++) {
		if (check(*good))
			fail_msg("refused: '%s'", *good);
	}
	for (; *bad; bad++) {
		if (!check(*bad))
			fail_msg("taken: '%s'", *bad);
	}
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static int check_range(const char *text)
{
	uint64_t min, max;

	return zonecfg_parse_cpu_range(text, &min, &max);
}

static int check_flags(const char *text)
{
	unsigned int mask;

	return zonecfg_parse_security_flags(text, &mask);
}

static void host_words(void **state)
{
	unsigned int mask;

	check_words(zonecfg_check_match, WORDS("/dev/x", "x/*", "[ab]?"),
		WORDS("", "/", "/dev", "/dev/", "/etc/x", "/dev/../x", "../x", "a\tb"));
	check_words(zonecfg_check_dataset, WORDS("a", "rpool/x", "a/b.c_d-e:f/1 2"),
		WORDS("", "1a", "/a", "a/", "a//b", "a@b", "a#b", "a/../b", "a/.", "log", "mirror1",
			"raidz", "spare", "c0", "a\xc3\xa9", "a "));
	check_words(check_range, WORDS("1", "1-1", "2-64"),
		WORDS("", "0", "-1", "1-", "-", "2-1", "1-2-3", "1.5", "x", "2147483648",
			"00000000000000000000000000000000000001-2"));
	check_words(zonecfg_check_user, WORDS("root", "a.b_c", "joe@example", "%wheel"),
		WORDS("", "%", "%-x", "-x", "a b", "a:b", "a,b", "a/b",
			"123456789012345678901234567890123"));
	check_words(zonecfg_check_auths, WORDS("login", "manage,login", "clonefrom,login,manage"),
		WORDS("", ",", "login,", "Login", "login,login", "boot", "login manage"));
	check_words(check_flags, WORDS("none", "all", "aslr", "all,!aslr", "aslr,-aslr"),
		WORDS("", ",", "aslr,", "ASLR", "!none", "!", "default"));
	check_words(zonecfg_check_debugid, WORDS("1", "2147483647"),
		WORDS("", "0", "-1", "x", "2147483648"));
	check_words(zonecfg_check_uuid, WORDS("12345678-9abc-DEF0-1234-56789abcdef0"),
		WORDS("", "123456789abcdef0123456789abcdef00000",
			"12345678-9abc-def0-1234-56789abcdefg",
			"12345678-9abc-def0-1234-56789abcdef00"));
	assert_int_equal(zonecfg_parse_security_flags("all,!forbidnullmap", &mask), Z_OK);
	assert_int_equal(mask, 5);
	assert_int_equal(zonecfg_parse_security_flags("all,none,aslr", &mask), Z_OK);
	assert_int_equal(mask, 1);
}

static void every_code_has_a_text(void **state)
{
	zone_state_t st;
	int i;

	for (i = 0; i < Z_CODE_COUNT; i++)
		assert_string_not_equal(zonecfg_strerror(i), "Unknown error");
	assert_string_equal(zonecfg_strerror(Z_CODE_COUNT), "Unknown error");
	assert_string_equal(zonecfg_strerror(-ENOENT), strerror(ENOENT));
	for (i = ZONE_STATE_CONFIGURED; i <= ZONE_STATE_MOUNTED; i++) {
		assert_int_equal(zone_state_parse(zone_state_str((zone_state_t)i), &st), Z_OK);
		assert_int_equal(st, i);
	}
	assert_string_equal(zone_state_str((zone_state_t)8), "unknown");
	assert_int_equal(zone_state_parse("Configured", &st), Z_INVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zone_names),
		cmocka_unit_test(zone_paths),
		cmocka_unit_test(link_names),
		cmocka_unit_test(hostids),
		cmocka_unit_test(numbers),
		cmocka_unit_test(words),
		cmocka_unit_test(attr_values),
		cmocka_unit_test(text_is_utf8),
		cmocka_unit_test(sizes),
		cmocka_unit_test(ncpus),
		cmocka_unit_test(addresses),
		cmocka_unit_test(macs_and_vlans),
		cmocka_unit_test(rctl_values),
		cmocka_unit_test(privileges),
		cmocka_unit_test(host_words),
		cmocka_unit_test(every_code_has_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
