/* SPDX-License-Identifier: MIT */
/* Flows in words: what flowadm and flowadm.conf take, and that what is written is read again. */
#include "dladm/flow.h"

#include "linux/util.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "folder.h"

static void names(void **state)
{
	char longest[FLOW_NAME_MAX + 1];

	memset(longest, 'a', sizeof(longest));
	longest[FLOW_NAME_MAX] = '\0';
	assert_false(flow_name_valid(longest));
	longest[FLOW_NAME_MAX - 1] = '\0';
	assert_true(flow_name_valid(longest));
	assert_true(flow_name_valid("a.b-c_1"));
	assert_false(flow_name_valid(""));
	assert_false(flow_name_valid("1a"));
	assert_false(flow_name_valid("a b"));
	assert_false(flow_name_valid("a\t"));
	assert_false(flow_name_valid("a;b"));
}

static void line_again(const char *text)
{
	char again[512];
	struct flow_line line;
	struct diag d = {0};

	if (flow_line_parse(text, &line, &d) < 0)
		fail_msg("'%s': %s", text, d.text);
	assert_int_equal(flow_line_format(&line, again, sizeof(again)), 0);
	assert_string_equal(again, text);
}

static void lines_are_read_as_written(void **state)
{
	line_again("a\tl0\ttransport=tcp;\n");
	line_again("a\tl0\tlocal_ip=10.0.0.0/8;remote_ip=10.1.2.3/32;transport=udp;local_port=1;"
		   "remote_port=65535;maxbw=1200K;priority=low;\n");
	line_again("a\tl0\tlocal_ip=fd00::/9;transport=icmpv6;maxbw=5M;\n");
	line_again("a\tl0\tdsfield=0x20:0xe0;priority=medium;\n");
	line_again("a\tl0\tdsfield=0x0:0x1;\n");
}

static void lines_that_are_none(void **state)
{
	static const char *const bad[] = {"", "\n", "# a\tl0\ttransport=tcp;", "a", "a\tl0",
		"a\tl0\t", "a\t\ttransport=tcp;", "1\tl0\ttransport=tcp;",
		"a\tlink\ttransport=tcp;", "a\tl0\ttransport=tcp;maxbw=0;", "a\tl0\tmaxbw=5M;",
		"a\tl0\ttransport;", "a\tl0\tlocal_port=80;", "a\tl0\t;", "a\tl0\tzone=x;"};
	struct flow_line line;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (flow_line_parse(bad[i], &line, NULL) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
}

static void a_line_that_does_not_fit(void **state)
{
	struct flow_line line;
	char small[16];

	assert_int_equal(flow_line_parse("a\tl0\ttransport=tcp;", &line, NULL), 0);
	assert_int_equal(flow_line_format(&line, small, sizeof(small)), -ENAMETOOLONG);
}

/* What comes over a door is looked at in every field. */
static void attributes_over_a_door(void **state)
{
	struct flow_attrs good = {.mask = FLOW_LOCAL_IP | FLOW_TRANSPORT | FLOW_LOCAL_PORT,
		.family = AF_INET,
		.local_prefix = 24,
		.local_ip = {10, 1, 2, 0},
		.transport = IPPROTO_TCP,
		.local_port = 80};
	struct flow_attrs a = good;

	assert_int_equal(flow_attrs_check(&a, NULL), 0);
#define BREAKS(change)                                                                             \
	do {                                                                                       \
		a = good;                                                                          \
		a.change;                                                                          \
		assert_int_equal(flow_attrs_check(&a, NULL), -EINVAL);                             \
	} while (0)
	BREAKS(mask = 0);
	BREAKS(mask |= 0x40);
	BREAKS(mask &= ~(uint32_t)FLOW_TRANSPORT);
	BREAKS(family = 0);
	BREAKS(family = 99);
	BREAKS(local_prefix = 0);
	BREAKS(local_prefix = 33);
	BREAKS(local_ip[3] = 1);
	BREAKS(local_ip[4] = 1);
	BREAKS(transport = 200);
	BREAKS(transport = IPPROTO_ICMP);
	BREAKS(local_port = 0);
	BREAKS(remote_port = 1);
	BREAKS(remote_ip[0] = 1);
	BREAKS(dsfield_mask = 1);
	BREAKS(pad[1] = 1);
}

static unsigned int seen;

static int count_line(const struct flow_line *line, void *arg)
{
	seen++;
	return 0;
}

static void count_bad(unsigned int number, const char *why)
{
	seen += 100 * number;
}

static void the_file_is_changed_line_by_line(void **state)
{
	char dir[64], path[80], text[512];
	struct flow_line line;
	FILE *f;

	assert_int_equal(folder_make(dir, sizeof(dir), "flow"), 0);
	(void)snprintf(path, sizeof(path), "%s/conf", dir);
	assert_int_equal(flow_file_each(path, count_line, count_bad, NULL), 0);
	assert_int_equal(seen, 0);
	assert_int_equal(flow_line_parse("ab\tl0\ttransport=udp;", &line, NULL), 0);
	f = fopen(path, "w");
	assert_non_null(f);
	(void)fputs("# c\n\nab\tl0\ttransport=tcp;\nabc\tl0\ttransport=tcp;\nbad", f);
	(void)fclose(f);
	assert_int_equal(flow_file_each(path, count_line, count_bad, NULL), 0);
	assert_int_equal(seen, 2 + 500);
	assert_int_equal(flow_file_change(path, "ab", &line), 0);
	f = fopen(path, "r");
	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	(void)fclose(f);
	assert_string_equal(text, "# c\n\nabc\tl0\ttransport=tcp;\nbad\nab\tl0\ttransport=udp;\n");
	assert_int_equal(flow_file_change(path, "ab", NULL), 0);
	assert_int_equal(flow_file_change(path, "abc", NULL), 0);
	f = fopen(path, "r");
	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	(void)fclose(f);
	assert_string_equal(text, "# c\n\nbad\n");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(flow_file_change(path, "ab", &line), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(lines_are_read_as_written),
		cmocka_unit_test(lines_that_are_none),
		cmocka_unit_test(a_line_that_does_not_fit),
		cmocka_unit_test(attributes_over_a_door),
		cmocka_unit_test(the_file_is_changed_line_by_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
