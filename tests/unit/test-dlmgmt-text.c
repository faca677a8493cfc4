/* SPDX-License-Identifier: MIT */
/* Lines of datalink.conf as illumos hosts have them, and those that nobody should have. */
#include "dladm/dlmgmt-text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct dlmgmt_text_link link_read;
static struct diag d;

static const struct dlmgmt_attrval *attr(const char *name)
{
	unsigned int i;

	for (i = 0; i < link_read.count; i++)
		if (streq(link_read.attrs[i].name, name))
			return &link_read.attrs[i].value;
	fail_msg("no attribute '%s'", name);
	return &link_read.attrs[0].value;
}

static void read_ok(const char *line)
{
	d.text[0] = '\0';
	if (dlmgmt_text_read(line, &link_read, &d) != 0)
		fail_msg("%s: %s", line, d.text);
}

static void read_fails(const char *line, const char *why)
{
	d.text[0] = '\0';
	if (dlmgmt_text_read(line, &link_read, &d) != -EINVAL || !strstr(d.text, why))
		fail_msg("'%s' is not refused for '%s' but '%s'", line, why, d.text);
}

static void links_of_an_illumos_host(void **state)
{
	read_ok("e1000g0\tclass=int,1;media=int,4;devname=string,e1000g0;phyinst=int,1;"
		"phymaj=int,88;\n");
	assert_string_equal(link_read.name, "e1000g0");
	assert_int_equal(link_read.link_class, DATALINK_CLASS_PHYS);
	assert_int_equal(link_read.media, DL_ETHER);
	assert_int_equal(link_read.count, 3);
	assert_string_equal(attr("devname")->str, "e1000g0");
	assert_int_equal(attr("devname")->size, 8);
	assert_true(attr("phymaj")->u64 == 88);

	read_ok("  vnic0\tclass=int,8;media=int,4;linkover=string,e1000g0;maddrtype=int,1;"
		"macaddr=string,2:8:20:6a:1:f;mtu=string,9000;allowed-ips=string,10.0.0.1,10.0.0.2;");
	assert_string_equal(link_read.name, "vnic0");
	assert_true(attr("maddrtype")->u64 == VNIC_MAC_ADDR_TYPE_RANDOM);
	assert_string_equal(attr("allowed-ips")->str, "10.0.0.1,10.0.0.2");

	read_ok("aggr0\tclass=int,4;media=int,4;force=boolean,0;nports=int,2;"
		"portnames=string,e1000g0:e1000g1:;policy=int,2;fixaddr=boolean,1;");
	assert_int_equal(attr("force")->boolean, 0);
	assert_int_equal(attr("fixaddr")->boolean, 1);
	assert_int_equal(attr("fixaddr")->type, DLADM_TYPE_BOOLEAN);
}

static void nothing_on_the_line(void **state)
{
	assert_int_equal(dlmgmt_text_read("", &link_read, &d), 1);
	assert_int_equal(dlmgmt_text_read("\n", &link_read, &d), 1);
	assert_int_equal(dlmgmt_text_read("   \t\n", &link_read, &d), 1);
	assert_int_equal(dlmgmt_text_read("# comment\tclass=int,1;\n", &link_read, &d), 1);
}

static void lines_that_cannot_be_used(void **state)
{
	static char large[2 * MAXLINKATTRVALLEN], line[4 * MAXLINKATTRVALLEN];
	size_t used;
	int i;

	read_fails("net0", "tabulator");
	read_fails("net0 class=int,1;media=int,4;\n", "tabulator");
	read_fails("\tclass=int,1;media=int,4;\n", "no name");
	read_fails("net0\tclass=int,1;media=int,4\n", "no type, value and ';'");
	read_fails("net0\tclass=int;media=int,4;\n", "no value of type 'int;media=int'");
	read_fails("net0\t=int,1;\n", "no attribute");
	read_fails("net0\tclass;\n", "no attribute");
	read_fails("net0\tclass=float,1;media=int,4;", "no value of type 'float'");
	read_fails("net0\tclass=int,x;media=int,4;", "no value");
	read_fails("net0\tclass=int,;media=int,4;", "no value");
	read_fails("net0\tclass=int,99999999999999999999;media=int,4;", "no value");
	read_fails("net0\tclass=int,4294967297;media=int,4;", "cannot have that value");
	read_fails("net0\tclass=int,3;media=int,4;", "class 3");
	read_fails("net0\tclass=int,256;media=int,4;", "class 256"); /* a part of InfiniBand */
	read_fails("net0\tclass=int,96;media=int,4;", "class 96");
	read_fails("net0\tmedia=int,4;", "no class");
	read_fails("net0\tclass=int,1;", "no medium");
	read_fails("net\tclass=int,1;media=int,4;", "no name of a link");
	read_fails("net0\tclass=int,8;media=int,4;a=boolean,2;", "no value of type 'boolean'");
	read_fails("net0\tclass=int,8;media=int,4;a=int,1;a=int,2;", "twice");
	read_fails("0\tname=string,net0;class=int,1;media=int,4;", "no id");
	read_fails("4294967296\tname=string,net0;class=int,1;media=int,4;", "no id");
	read_fails("7\tclass=int,1;media=int,4;", "no name of a link");
	read_fails("7\tname=int,3;class=int,1;media=int,4;", "cannot have that value");

	memset(large, 'x', sizeof(large) - 1);
	(void)snprintf(line, sizeof(line), "net0\tclass=int,1;media=int,4;a=string,%s;", large);
	read_fails(line, "the value of attribute 'a' is too long");
	read_fails("net0\tclass=an_unknown_type_of_value,1;media=int,4;", "no type, value and ';'");
	read_fails("a_name_of_more_than_31_characters0\tclass=int,1;media=int,4;", "more than 31");
	used = (size_t)snprintf(line, sizeof(line), "net0\tclass=int,1;media=int,4;");
	for (i = 0; i <= DLMGMT_ATTRS_MAX; i++)
		used += (size_t)snprintf(line + used, sizeof(line) - used, "a%d=int,1;", i);
	read_fails(line, "more than");
}

static void lines_from_before_2008(void **state)
{
	static const struct dlmgmt_text_name names[] = {{1, "bge0"}, {2, "bge1"}};

	read_ok("7\tname=string,aggr1;class=int,4;media=int,4;portnames=string,1.2.;key=int,1;");
	assert_int_equal(link_read.old_id, 7);
	assert_string_equal(link_read.name, "aggr1");
	assert_int_equal(dlmgmt_text_upgrade(&link_read, names, 2, &d), 0);
	assert_string_equal(attr("portnames")->str, "bge0:bge1:");

	read_ok("8\tname=string,vlan2;class=int,2;media=int,4;linkover=int,2;vid=int,5;");
	assert_int_equal(dlmgmt_text_upgrade(&link_read, names, 1, &d), -ENOENT);
	assert_non_null(strstr(d.text, "'linkover' names a link that is not there"));
	assert_int_equal(dlmgmt_text_upgrade(&link_read, names, 2, &d), 0);
	assert_string_equal(attr("linkover")->str, "bge1");
	assert_int_equal(attr("linkover")->type, DLADM_TYPE_STR);

	read_ok("9\tname=string,ip.tun0;class=int,96;media=int,4;");
	assert_int_equal(link_read.link_class, DATALINK_CLASS_IPTUN);
}

static void written_is_read_again(void **state)
{
	static const char line[] = "web0\tclass=int,8;media=int,4;linkover=string,stub0;"
				   "maddrtype=int,1;macaddr=string,2:8:20:1:2:3;on=boolean,1;"
				   "big=int,18446744073709551615;\n";
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	read_ok(line);
	assert_int_equal(dlmgmt_text_write(f, &link_read, &d), 0);
	(void)strcpy(link_read.attrs[0].value.str, "a;b");
	assert_int_equal(dlmgmt_text_write(f, &link_read, &d), -EINVAL);
	assert_non_null(strstr(d.text, "'linkover' cannot be written"));
	(void)fclose(f);
	assert_string_equal(text, line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_of_an_illumos_host),
		cmocka_unit_test(nothing_on_the_line),
		cmocka_unit_test(lines_that_cannot_be_used),
		cmocka_unit_test(lines_from_before_2008),
		cmocka_unit_test(written_is_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
