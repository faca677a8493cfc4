/* SPDX-License-Identifier: MIT */
/* Output of dladm: columns, parsable fields with their escapes, and what is refused. */
#include "dladm/columns.h"

#include <setjmp.h>
#include <cmocka.h>

static const struct column table[] = {{"LINK", 6}, {"OVER", 8}, {"STATE", 7}, {0}};

static char printed[512];

/* What the record prints, with fields chosen as -o does and parsable as -p does. */
static const char *print(const char *fields, bool parsable, const char *const values[])
{
	struct columns c;
	FILE *file = tmpfile();
	int saved = dup(STDOUT_FILENO);
	size_t n;

	assert_non_null(file);
	assert_int_equal(columns_init(&c, table, 2, fields, parsable, NULL), 0);
	(void)fflush(stdout);
	assert_true(dup2(fileno(file), STDOUT_FILENO) >= 0);
	columns_print(&c, values);
	(void)fflush(stdout);
	assert_true(dup2(saved, STDOUT_FILENO) >= 0);
	(void)close(saved);
	rewind(file);
	n = fread(printed, 1, sizeof(printed) - 1, file);
	printed[n] = '\0';
	(void)fclose(file);
	return printed;
}

#define VALUES(...) ((const char *const[]){__VA_ARGS__})

static void for_people(void **state)
{
	assert_string_equal(
		print(NULL, false, VALUES("web0", "stub0", "up")), "LINK  OVER\nweb0  stub0\n");
	assert_string_equal(print("all", false, VALUES("web0", "", NULL)),
		"LINK  OVER    STATE\nweb0  --      --\n");
	assert_string_equal(print("state,LINK", false, VALUES("a:b\\c", "x", "up")),
		"STATE  LINK\nup     a:b\\c\n");
	/* a value wider than its column keeps its gap */
	assert_string_equal(print(NULL, false, VALUES("longname0", "stub0", "up")),
		"LINK  OVER\nlongname0 stub0\n");
}

static void for_programs(void **state)
{
	assert_string_equal(
		print("link,over,state", true, VALUES("web0", "", "a:b\\c")), "web0::a\\:b\\\\c\n");
	assert_string_equal(print("State", true, VALUES("web0", "x", "a:b\\c")), "a:b\\c\n");
	assert_string_equal(print("over", true, VALUES("web0", NULL, "up")), "\n");
}

static void refused(const char *fields, bool parsable, const char *text)
{
	struct columns c;
	struct diag d = {0};

	assert_int_equal(columns_init(&c, table, 2, fields, parsable, &d), -EINVAL);
	if (!strstr(d.text, text))
		fail_msg("'%s' is not in '%s'", text, d.text);
}

static void what_is_refused(void **state)
{
	refused(NULL, true, "must be specified");
	refused("all", true, "'all'");
	refused("ALL", true, "'all'");
	refused("link,what", false, "'what'");
	refused("", false, "''");
	refused("link,", false, "''");
	refused("lin", false, "'lin'");
	refused("link,link,link,link,link,link,link,link,link,link,link,link,link,link,link,link,"
		"link",
		false, "too many");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(for_people),
		cmocka_unit_test(for_programs),
		cmocka_unit_test(what_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
