/* SPDX-License-Identifier: MIT */
/* The texts that zoneview makes of facts, and sets of CPUs. */
#include "zoneview/render.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define MIB (UINT64_C(1) << 20)

static char *text;
static size_t text_size;

static FILE *begin(void)
{
	free(text);
	text = NULL;
	return open_memstream(&text, &text_size);
}

static struct cpu_set set_of(const char *list)
{
	struct cpu_set s;

	assert_int_equal(cpu_set_parse(list, &s), 0);
	return s;
}

static void assert_printed(const struct cpu_set *s, const char *list)
{
	FILE *out = begin();

	cpu_set_print(s, out);
	(void)fclose(out);
	assert_string_equal(text, list);
}

/* ---- sets ---- */

static void test_lists_are_read_and_written(void **state)
{
	static const char *const lists[] = {"", "0", "0-3", "0,2,4-5", "63-64", "8191", "1-8190"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		struct cpu_set s = set_of(lists[i]);

		assert_printed(&s, lists[i]);
	}
	assert_int_equal(cpu_set_count(&(struct cpu_set){0}), 0);
	struct cpu_set s = set_of("2,0-1,1-3\n");
	assert_printed(&s, "0-3");
}

static void test_no_lists(void **state)
{
	static const char *const lists[] = {"a", "-", "1-", "-1", "3-1", "0-8192", "8192", "1;2",
		"1 2", "99999999999999999999"};
	struct cpu_set s = set_of("7");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lists); i++)
		assert_int_equal(cpu_set_parse(lists[i], &s), -EINVAL);
	assert_printed(&s, "7");
}

static void test_parts_of_sets(void **state)
{
	struct cpu_set s = set_of("1-4,9"), other = set_of("3-100");

	cpu_set_first(&s, 100);
	assert_printed(&s, "1-4,9");
	cpu_set_intersect(&s, &other);
	assert_printed(&s, "3-4,9");
	cpu_set_first(&s, 2);
	assert_printed(&s, "3-4");
	assert_int_equal(cpu_set_count(&s), 2);
	assert_false(cpu_set_has(&s, 100000));
}

/* ---- processors and time ---- */

static void cpuinfo_of(const char *list, const char *host)
{
	struct cpu_facts f = {.cpus = set_of(list)};
	FILE *in = fmemopen((char *)(uintptr_t)host, strlen(host), "r"), *out = begin();

	render_cpuinfo(out, &f, in);
	(void)fclose(in);
	(void)fclose(out);
}

static void test_cpuinfo_has_the_blocks_of_the_zone(void **state)
{
	static const char host[] = "processor\t: 0\nmodel\t: a\n\n"
				   "processor\t: 1\nmodel\t: b\n\n"
				   "processor\t: 2\nmodel\t: c\n\n";

	cpuinfo_of("1-2", host);
	assert_string_equal(text, "processor\t: 1\nmodel\t: b\n\nprocessor\t: 2\nmodel\t: c\n\n");
	cpuinfo_of("0", host);
	assert_string_equal(text, "processor\t: 0\nmodel\t: a\n\n");
	/* An architecture that numbers nothing. */
	cpuinfo_of("0", "vendor_id : X\nprocessors : 4\n");
	assert_string_equal(text, "vendor_id : X\nprocessors : 4\n");
}

static const struct time_facts minute = {
	.uptime_ns = UINT64_C(60250000000), .boot_epoch = 1700000000};

static void test_stat_parts_the_time(void **state)
{
	static const char lines[] = "cpu  3000 0 1000 8050 0 0 0 0 0 0\n"
				    "cpu0 1500 0 500 4025 0 0 0 0 0 0\n"
				    "cpu5 1500 0 500 4025 0 0 0 0 0 0\n";
	struct cpu_facts f = {.cpus = set_of("0,5"), .user_usec = 30000000, .sys_usec = 10000000};
	FILE *out = begin();

	render_stat(out, &f, &minute);
	(void)fclose(out);
	assert_memory_equal(text, lines, sizeof(lines) - 1);
	assert_non_null(strstr(text, "\nbtime 1700000000\n"));
}

static void test_idle_time_is_never_negative(void **state)
{
	struct cpu_facts f = {.cpus = set_of("0"), .user_usec = 90000000};
	FILE *out = begin();

	render_uptime(out, &f, &minute);
	(void)fclose(out);
	assert_string_equal(text, "60.25 0.00\n");
	f.user_usec = 10000000;
	out = begin();
	render_uptime(out, &f, &minute);
	(void)fclose(out);
	assert_string_equal(text, "60.25 50.25\n");
}

static void test_load(void **state)
{
	struct load_facts f = {.load = "0.10 0.20 0.30", .tasks = 7, .last_pid = 42};
	FILE *out = begin();

	render_loadavg(out, &f);
	(void)fclose(out);
	assert_string_equal(text, "0.10 0.20 0.30 1/7 42\n");
}

/* ---- memory ---- */

static uint64_t kib_of(const char *name)
{
	const char *at = strstr(text, name);

	assert_non_null(at);
	return strtoull(at + strlen(name), NULL, 10);
}

static void meminfo_of(const struct memory_facts *f)
{
	FILE *out = begin();

	render_meminfo(out, f);
	(void)fclose(out);
}

static struct memory_facts nothing_known(void)
{
	struct memory_facts f;

	memset(&f, 0xff, sizeof(f)); /* FACT_UNKNOWN */
	f.host_total = 1000 * MIB;
	f.host_free = 500 * MIB;
	f.host_available = 700 * MIB;
	f.host_swap = 200 * MIB;
	f.host_swap_free = 150 * MIB;
	return f;
}

static void test_memory_of_a_capped_zone(void **state)
{
	struct memory_facts f = nothing_known();

	f.limit = 100 * MIB;
	f.used = 60 * MIB;
	f.file = f.inactive_file = 20 * MIB;
	f.active_file = 0;
	meminfo_of(&f);
	assert_int_equal(kib_of("MemTotal:"), 100 * 1024);
	assert_int_equal(kib_of("MemFree:"), 40 * 1024);
	assert_int_equal(kib_of("MemAvailable:"), 60 * 1024);
	assert_int_equal(kib_of("Cached:"), 20 * 1024);
	assert_null(strstr(text, "SReclaimable"));
	/* Over the cap, as a soft one can be. */
	f.used = 120 * MIB;
	meminfo_of(&f);
	assert_int_equal(kib_of("MemFree:"), 0);
}

static void test_no_more_is_free_than_on_the_host(void **state)
{
	struct memory_facts f = nothing_known();

	f.used = 10 * MIB;
	meminfo_of(&f);
	assert_int_equal(kib_of("MemTotal:"), 1000 * 1024);
	assert_int_equal(kib_of("MemFree:"), 500 * 1024);
	assert_int_equal(kib_of("MemAvailable:"), 700 * 1024);
	assert_int_equal(kib_of("SwapTotal:"), 200 * 1024);
	assert_int_equal(kib_of("SwapFree:"), 150 * 1024);
}

static void swaps_of(const struct memory_facts *f)
{
	FILE *out = begin();

	render_swaps(out, f);
	(void)fclose(out);
}

static void test_swap(void **state)
{
	struct memory_facts f = nothing_known();
	unsigned int size, used;

	f.swap_limit = 50 * MIB;
	f.swap_used = 10 * MIB;
	swaps_of(&f);
	assert_int_equal(sscanf(strchr(text, '\n') + 1, "none virtual %u %u", &size, &used), 2);
	assert_int_equal(size, 50 * 1024);
	assert_int_equal(used, 10 * 1024);
	f.swap_limit = 0;
	swaps_of(&f);
	assert_string_equal(strchr(text, '\n'), "\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists_are_read_and_written),
		cmocka_unit_test(test_no_lists),
		cmocka_unit_test(test_parts_of_sets),
		cmocka_unit_test(test_cpuinfo_has_the_blocks_of_the_zone),
		cmocka_unit_test(test_stat_parts_the_time),
		cmocka_unit_test(test_idle_time_is_never_negative),
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_memory_of_a_capped_zone),
		cmocka_unit_test(test_no_more_is_free_than_on_the_host),
		cmocka_unit_test(test_swap),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	free(text);
	return r;
}
