/* SPDX-License-Identifier: MIT */
/* Values of link properties: what is taken, in which form it is kept, what it means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dladm/property.h"

static dladm_status_t check(const char *prop, const char *text, char out[DLADM_PROP_VALLEN])
{
	const struct dladm_property *p = dladm_property_find(prop);

	assert_non_null(p);
	return dladm_property_check(p, text, out);
}

static void is_kept_as(const char *prop, const char *text, const char *want)
{
	char out[DLADM_PROP_VALLEN] = "";

	assert_int_equal(check(prop, text, out), DLADM_STATUS_OK);
	assert_string_equal(out, want);
}

static void is_refused(const char *prop, const char *text, dladm_status_t want)
{
	char out[DLADM_PROP_VALLEN] = "untouched";

	assert_int_equal(check(prop, text, out), want);
	assert_string_equal(out, "untouched");
}

static void maxbw_has_units_and_a_minimum(void **state)
{
	is_kept_as("maxbw", "10", "10");
	is_kept_as("maxbw", "10M", "10");
	is_kept_as("maxbw", "1200K", "1.2");
	is_kept_as("maxbw", "1200k", "1.2");
	is_kept_as("maxbw", "2G", "2000");
	is_kept_as("maxbw", "2.5", "2.5");
	is_kept_as("maxbw", "1.234", "1.234");
	is_kept_as("maxbw", "1.250g", "1250");
	is_refused("maxbw", "1", DLADM_STATUS_MINMAXBW);
	is_refused("maxbw", "1199K", DLADM_STATUS_MINMAXBW);
	is_refused("maxbw", "1.199", DLADM_STATUS_MINMAXBW);
	is_refused("maxbw", "0", DLADM_STATUS_BADVAL);
	is_refused("maxbw", "-10", DLADM_STATUS_BADVAL);
	is_refused("maxbw", "10T", DLADM_STATUS_BADVAL);
	is_refused("maxbw", "10M5", DLADM_STATUS_BADVAL);
	is_refused("maxbw", "M", DLADM_STATUS_BADVAL);
	is_refused("maxbw", "", DLADM_STATUS_BADVAL);
	is_refused("maxbw", "1.2345", DLADM_STATUS_BADVAL);
	is_refused("maxbw", "99999999999999999999", DLADM_STATUS_BADVAL);
	is_refused("maxbw", "999999999999G", DLADM_STATUS_BADVAL);
	is_refused("maxbw", "10,20", DLADM_STATUS_BADVALCNT);
	assert_true(dladm_maxbw_of("1.2") == 1200000);
	assert_true(dladm_maxbw_of("2000") == UINT64_C(2000000000));
	assert_true(dladm_maxbw_of("") == 0);
}

static void words_are_those_of_the_table(void **state)
{
	is_kept_as("priority", "low", "low");
	is_refused("priority", "LOW", DLADM_STATUS_BADVAL);
	is_refused("priority", "low,high", DLADM_STATUS_BADVALCNT);
	is_kept_as("dynamic-methods", "dhcpv4,addrconf,slaac", "dhcpv4,slaac");
	is_refused("dynamic-methods", "dhcp", DLADM_STATUS_BADVAL);
	assert_int_equal(
		dladm_dynamic_of("slaac,dhcpv4"), DLADM_DYNAMIC_SLAAC | DLADM_DYNAMIC_DHCPV4);
	is_kept_as("promisc-filtered", "off", "off");
	is_refused("promisc-filtered", "yes", DLADM_STATUS_BADVAL);
}

static void protection_is_a_list(void **state)
{
	is_kept_as("protection", "mac-nospoof", "mac-nospoof");
	is_kept_as("protection", "restricted,mac-nospoof,restricted", "restricted,mac-nospoof");
	is_refused("protection", "mac-spoof", DLADM_STATUS_BADVAL);
	is_refused("protection", "mac-nospoof,,restricted", DLADM_STATUS_BADVAL);
	is_refused("protection", "", DLADM_STATUS_BADVAL);
	assert_int_equal(dladm_protection_of(""), 0);
	assert_int_equal(dladm_protection_of("mac-nospoof"), DLADM_PROTECT_MAC_NOSPOOF);
	assert_int_equal(dladm_protection_of("restricted,ip-nospoof,dhcp-nospoof"),
		DLADM_PROTECT_RESTRICTED | DLADM_PROTECT_IP_NOSPOOF | DLADM_PROTECT_DHCP_NOSPOOF);
}

static void addresses_are_canonical(void **state)
{
	is_kept_as("allowed-ips", "10.0.0.1", "10.0.0.1");
	is_kept_as("allowed-ips", "10.0.0.1/32", "10.0.0.1");
	is_kept_as("allowed-ips", "10.0.0.77/24", "10.0.0.0/24");
	is_kept_as("allowed-ips", "10.0.0.0/0", "0.0.0.0/0");
	is_kept_as("allowed-ips", "FD00:0::1", "fd00::1");
	is_kept_as("allowed-ips", "fd00::ff/121", "fd00::80/121");
	is_kept_as("allowed-ips", "10.0.0.1,fd00::/64", "10.0.0.1,fd00::/64");
	is_refused("allowed-ips", "10.0.0", DLADM_STATUS_BADVAL);
	is_refused("allowed-ips", "10.0.0.1/33", DLADM_STATUS_BADVAL);
	is_refused("allowed-ips", "10.0.0.1/", DLADM_STATUS_BADVAL);
	is_refused("allowed-ips", "10.0.0.1/-1", DLADM_STATUS_BADVAL);
	is_refused("allowed-ips", "10.0.0.1/8x", DLADM_STATUS_BADVAL);
	is_refused("allowed-ips", "fd00::/129", DLADM_STATUS_BADVAL);
	is_refused("allowed-ips", "web", DLADM_STATUS_BADVAL);
}

/* MPT_MAXCNT of illumos. */
static void a_list_has_32_values_at_most(void **state)
{
	char text[DLADM_PROP_VALLEN] = "";
	int n = 0;

	for (int i = 0; i < DLADM_PROP_VALUES; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%s10.0.0.%d", i ? "," : "", i);
	is_kept_as("allowed-ips", text, text);
	(void)snprintf(text + n, sizeof(text) - (size_t)n, ",10.0.1.0");
	is_refused("allowed-ips", text, DLADM_STATUS_BADVALCNT);
}

static void macs_are_unicast(void **state)
{
	is_kept_as("secondary-macs", "02:08:20:0a:0b:0c", "2:8:20:a:b:c");
	is_refused("secondary-macs", "01:08:20:0a:0b:0c", DLADM_STATUS_MACADDRINVAL);
	is_refused("secondary-macs", "0:0:0:0:0:0", DLADM_STATUS_MACADDRINVAL);
	is_refused("secondary-macs", "2:8:20", DLADM_STATUS_MACADDRINVAL);
}

/* What illumos takes and refuses of them. */
static void client_ids_have_forms(void **state)
{
	char text[2 * DLADM_CID_MAX + 8];
	uint8_t id[DLADM_CID_MAX];

	is_kept_as("allowed-dhcp-cids", "0x123456789ABCdef0", "0x123456789abcdef0");
	is_kept_as("allowed-dhcp-cids", "1.1.1512434853.90:b8:d0:81:91:03",
		"1.1.1512434853.90:b8:d0:81:91:3");
	is_kept_as("allowed-dhcp-cids", "1.06.0.14:10:9f:d0:5b:d3", "1.6.0.14:10:9f:d0:5b:d3");
	is_kept_as("allowed-dhcp-cids", "2.9.0CC084D303000912", "2.9.0cc084d303000912");
	is_kept_as("allowed-dhcp-cids", "2.4294967295.45ab", "2.4294967295.45ab");
	is_kept_as("allowed-dhcp-cids", "3.6.14:10:9f:d0:5b:d3", "3.6.14:10:9f:d0:5b:d3");
	is_kept_as("allowed-dhcp-cids", "4.45aa", "4.45aa");
	is_kept_as("allowed-dhcp-cids", "1234,qsx,0x,0x00", "1234,qsx,0x,0x00");
	is_kept_as("allowed-dhcp-cids", "zone-7,zone-7", "zone-7");
	const char *const bad[] = {"0x0", "0x1fa", "0xz", "0x01234567q12", "0x=+", "0x-1", "",
		"1.1.12a34.90:b8:d0:81:91:30", "1.1.15-33.90:b8:d0:81:91:30",
		"1.1.4294967296.90:b8:d0:81:91:30", "1.65536.1.90:b8:d0:81:91:30", "65536.00",
		"1.1.1234", "3.1.", "3.z.1512434853.14:10:9f:d0:5b:d3", "3.wy.90:b8:d0:81:91:30",
		"3.1.90:z8:di:ob:c7:3b", "3.1.5.2:8:20:a4:4d:ee", "3.1.90:b8:", "3.1.90::b8",
		"2.32473.45a", "2.9.Z", "2.9.-12", "2.QZ4.45ab", "2.9.", "4.1.45aa", "4.", "a b",
		"caf\303\251"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		is_refused("allowed-dhcp-cids", bad[i], DLADM_STATUS_BADVAL);

	assert_int_equal(dladm_cid_parse("1.1.258.2:8:20:0:0:99", id), 14);
	assert_memory_equal(id, "\0\1\0\1\0\0\1\2\2\x08\x20\0\0\x99", 14);
	assert_int_equal(dladm_cid_parse("2.9.0cc0", id), 8);
	assert_memory_equal(id, "\0\2\0\0\0\x09\x0c\xc0", 8);
	assert_int_equal(dladm_cid_parse("3.1.2:8:20:0:0:99", id), 10);
	assert_int_equal(dladm_cid_parse("zone-7", id), 6);
	assert_memory_equal(id, "zone-7", 6);

	memset(text, 'x', sizeof(text));
	text[DLADM_CID_MAX] = '\0';
	is_kept_as("allowed-dhcp-cids", text, text);
	text[DLADM_CID_MAX] = 'x';
	text[DLADM_CID_MAX + 1] = '\0';
	is_refused("allowed-dhcp-cids", text, DLADM_STATUS_TOOSMALL);
	memset(text, '0', sizeof(text));
	text[1] = 'x';
	text[2 + 2 * DLADM_CID_MAX] = '\0';
	is_kept_as("allowed-dhcp-cids", text, text);
	memcpy(text + 2 + 2 * DLADM_CID_MAX, "00", 3);
	is_refused("allowed-dhcp-cids", text, DLADM_STATUS_TOOSMALL);
	is_kept_as("allow-all-dhcp-cids", "true", "true");
	is_refused("allow-all-dhcp-cids", "yes", DLADM_STATUS_BADVAL);
}

static void networks_have_their_bits(void **state)
{
	struct dladm_net net;

	assert_int_equal(dladm_net_parse("192.168.255.255/20", &net), 0);
	assert_int_equal(net.family, AF_INET);
	assert_int_equal(net.prefix_len, 20);
	assert_memory_equal(net.addr, "\xc0\xa8\xf0\x00", 4);
	assert_int_equal(dladm_net_parse("::1", &net), 0);
	assert_int_equal(net.family, AF_INET6);
	assert_int_equal(net.prefix_len, 128);
}

/* What zoned keeps it has to be able to check; what can be set has a name that fits. */
static void the_table_is_complete(void **state)
{
	const struct dladm_property *p;

	for (unsigned int i = 0; (p = dladm_property_at(i)); i++) {
		assert_ptr_equal(dladm_property_find(p->name), p);
		assert_true(strlen(p->name) < MAXLINKATTRLEN);
		assert_true(p->classes != 0);
		if (p->check) {
			assert_true(p->flags & DLADM_PROP_WRITABLE);
			assert_true(p->def || (p->flags & DLADM_PROP_DEVICE));
		}
		if (p->flags & DLADM_PROP_DEVICE) /* what can be set can be checked */
			assert_true(!p->check == !(p->flags & DLADM_PROP_WRITABLE));
		assert_null(dladm_property_missing(p->name));
	}
	assert_null(dladm_property_find("nothing"));
	assert_null(dladm_property_missing("nothing"));
	assert_non_null(dladm_property_missing("stp_edge"));
	assert_null(dladm_property_find("stp_edge"));
}

static void numbers_have_a_range(void **state)
{
	is_kept_as("en_1000fdx_cap", "1", "1");
	is_kept_as("en_10hdx_cap", "0", "0");
	is_refused("en_1000fdx_cap", "2", DLADM_STATUS_BADVAL);
	is_refused("en_1000fdx_cap", "", DLADM_STATUS_BADVAL);
	is_refused("forward", "yes", DLADM_STATUS_BADVAL);
	is_kept_as("flowctrl", "bi", "bi");
	is_refused("flowctrl", "both", DLADM_STATUS_BADVAL);
	is_kept_as("rxrings", "04", "4");
	is_refused("rxrings", "0", DLADM_STATUS_BADVAL);
	is_refused("rxrings", "-1", DLADM_STATUS_BADVAL);
	is_refused("rxrings", "hw", DLADM_STATUS_BADVAL);
	is_kept_as("stp_priority", "0", "0");
	is_kept_as("stp_priority", "252", "252");
	is_refused("stp_priority", "253", DLADM_STATUS_BADVAL);
	is_refused("stp_priority", "130", DLADM_STATUS_BADVAL); /* the kernel has steps of 4 */
	is_kept_as("stp_cost", "auto", "auto");
	is_kept_as("stp_cost", "65535", "65535");
	is_refused("stp_cost", "0", DLADM_STATUS_BADVAL);
	is_refused("stp_cost", "65536", DLADM_STATUS_BADVAL);
	is_refused("stp_cost", "1x", DLADM_STATUS_BADVAL);
	is_kept_as("hoplimit", "255", "255");
	is_refused("hoplimit", "0", DLADM_STATUS_BADVAL);
	is_refused("hoplimit", "4294967297", DLADM_STATUS_BADVAL);
	is_kept_as("encaplimit", "0", "0");
	is_refused("encaplimit", "255", DLADM_STATUS_BADVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maxbw_has_units_and_a_minimum),
		cmocka_unit_test(words_are_those_of_the_table),
		cmocka_unit_test(protection_is_a_list),
		cmocka_unit_test(addresses_are_canonical),
		cmocka_unit_test(a_list_has_32_values_at_most),
		cmocka_unit_test(macs_are_unicast),
		cmocka_unit_test(client_ids_have_forms),
		cmocka_unit_test(networks_have_their_bits),
		cmocka_unit_test(numbers_have_a_range),
		cmocka_unit_test(the_table_is_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
