/* SPDX-License-Identifier: MIT */
/* What zlogin reads in a zone belongs to the zone's root: passwd files of every kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "zlogin/account.h"

#include "folder.h"

static void test_parse(void **state)
{
	struct account a;

	assert_true(account_parse("web:x:33:33:Web,,,:/var/www:/bin/dash\n", "web", &a));
	assert_string_equal(a.name, "web");
	assert_string_equal(a.home, "/var/www");
	assert_string_equal(a.shell, "/bin/dash");
}

static void test_parse_defaults(void **state)
{
	struct account a;

	assert_true(account_parse("web:x:33:33:::", "web", &a));
	assert_string_equal(a.home, "/");
	assert_string_equal(a.shell, "/bin/sh");
}

static void test_parse_refuses(void **state)
{
	struct account a;

	assert_false(account_parse("webmaster:x:1:1::/:/bin/sh", "web", &a));
	assert_false(account_parse("we:x:1:1::/:/bin/sh", "web", &a));
	assert_false(account_parse("web:x:1:1:/:/bin/sh", "web", &a));
	assert_false(account_parse("web", "web", &a));
	assert_false(account_parse("", "web", &a));
}

static void test_find_skips_rests_of_long_lines(void **state)
{
	char dir[64], path[80];
	struct account a;
	FILE *f;
	int i;

	assert_int_equal(folder_make(dir, sizeof(dir), "passwd"), 0);
	(void)snprintf(path, sizeof(path), "%s/passwd", dir);
	f = fopen(path, "we");

	assert_non_null(f);
	/* The rest of this line looks like an entry of its own when it is cut at the buffer's end. */
	(void)fputs("long:", f);
	for (i = 0; i < ACCOUNT_LINE - 1 - 5; i++)
		(void)fputc('x', f);
	(void)fputs("root:x:0:0::/evil:/evil\n", f);
	(void)fputs("root:x:0:0::/root:/bin/bash\n", f);
	(void)fclose(f);
	assert_true(account_find(path, "root", &a));
	assert_string_equal(a.home, "/root");
	assert_false(account_find(path, "nobody", &a));
	assert_int_equal(folder_remove(dir), 0);
	assert_false(account_find(path, "root", &a));
}

static void test_words(void **state)
{
	char *const words[] = {(char *)"echo", (char *)"a  b", (char *)"", (char *)"c", NULL};
	char *text = words_join(words);

	assert_string_equal(text, "echo a  b  c");
	free(text);
}

static void test_login_expand(void **state)
{
	char *text = login_expand("/bin/login -f %u 100%% %z", "web-1.a_b");

	assert_string_equal(text, "/bin/login -f web-1.a_b 100% %z");
	free(text);
}

static void test_login_expand_refuses(void **state)
{
	static const char *const bad[] = {"", "-f", "a b", "a;b", "$(id)", "a$", "a'", "a\nb", "."};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_null(login_expand("login %u", bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_defaults),
		cmocka_unit_test(test_parse_refuses),
		cmocka_unit_test(test_find_skips_rests_of_long_lines),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_login_expand),
		cmocka_unit_test(test_login_expand_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
