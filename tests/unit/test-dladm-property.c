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
		cmocka_unit_test(networks_have_their_bits),
		cmocka_unit_test(numbers_have_a_range),
		cmocka_unit_test(the_table_is_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
