/* SPDX-License-Identifier: MIT */
/* The ring of a stream's last bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "linux/ring.h"

static struct ring ring;

static int clear(void **state)
{
	memset(&ring, 0, sizeof(ring));
	return 0;
}

/* Everything from at on, in pieces of at most max; the position after it. */
static uint64_t read_all(uint64_t at, size_t max, char *ret_text, uint64_t *ret_begin)
{
	const char *data;
	size_t n, total = 0;
	bool first = true;

	while ((n = ring_peek(&ring, &at, &data, max))) {
		if (first)
			*ret_begin = at;
		first = false;
		memcpy(ret_text + total, data, n);
		total += n;
		at += n;
	}
	ret_text[total] = '\0';
	return at;
}

static void test_what_was_written_is_read(void **state)
{
	char text[RING_SIZE + 1];
	uint64_t begin = 99;

	assert_int_equal(read_all(0, 10, text, &begin), 0);
	ring_append(&ring, "hello ", 6);
	ring_append(&ring, "world", 5);
	assert_int_equal(read_all(0, 3, text, &begin), 11);
	assert_string_equal(text, "hello world");
	assert_int_equal(begin, 0);
	assert_int_equal(read_all(6, 100, text, &begin), 11);
	assert_string_equal(text, "world");
}

static void test_who_is_too_slow_misses_the_oldest(void **state)
{
	static char text[RING_SIZE + 1];
	uint64_t begin = 0, written = 0;
	char byte;

	for (; written < RING_SIZE + 1000; written++) {
		byte = (char)('a' + written % 26);
		ring_append(&ring, &byte, 1);
	}
	assert_int_equal(read_all(5, 4096, text, &begin), written);
	assert_int_equal(begin, 1000);
	assert_int_equal(strlen(text), RING_SIZE);
	assert_int_equal(text[0], 'a' + 1000 % 26);
	assert_int_equal(text[RING_SIZE - 1], 'a' + (int)((written - 1) % 26));
}

static void test_more_at_once_than_it_holds(void **state)
{
	static char much[3 * RING_SIZE + 7], text[RING_SIZE + 1];
	uint64_t begin;

	memset(much, 'x', sizeof(much));
	much[sizeof(much) - 1] = 'E';
	ring_append(&ring, much, sizeof(much));
	assert_int_equal(read_all(0, RING_SIZE, text, &begin), sizeof(much));
	assert_int_equal(begin, sizeof(much) - RING_SIZE);
	assert_int_equal(text[RING_SIZE - 1], 'E');
}

static void expect_last(const char *all, unsigned int lines, size_t max, const char *want)
{
	char text[256];
	uint64_t begin;

	(void)clear(NULL);
	ring_append(&ring, all, strlen(all));
	(void)read_all(ring_last_lines(&ring, lines, max), 100, text, &begin);
	assert_string_equal(text, want);
}

static void test_last_lines(void **state)
{
	expect_last("", 3, 100, "");
	expect_last("one", 3, 100, "one");
	expect_last("one\ntwo\nthree\n", 1, 100, "three\n");
	expect_last("one\ntwo\nthree\n", 2, 100, "two\nthree\n");
	expect_last("one\ntwo\nlogin: ", 2, 100, "two\nlogin: ");
	expect_last("one\ntwo\nthree\n", 9, 100, "one\ntwo\nthree\n");
	expect_last("one\ntwo\nthree\n", 9, 8, "o\nthree\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_what_was_written_is_read, clear),
		cmocka_unit_test_setup(test_who_is_too_slow_misses_the_oldest, clear),
		cmocka_unit_test_setup(test_more_at_once_than_it_holds, clear),
		cmocka_unit_test_setup(test_last_lines, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
