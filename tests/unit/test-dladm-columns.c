/* SPDX-License-Identifier: MIT */
/* Output of dladm: columns, parsable fields with their escapes, and what is refused. */
#include "dladm/columns.h"

#include <setjmp.h>
#include <cmocka.h>

static const struct column table[] = {{"LINK", 6}, {"OVER", 8}, {"STATE", 7}, {0}};
static const struct column counters[] = {
	{"LINK", 6}, {"MAX-BW", 8, COLUMN_NUMBER}, {"CH10-50", 8, COLUMN_NUMBER}, {0}};

static char printed[512];

/* What n records print, all with the same values. */
static const char *print_n(unsigned int n_records, const struct column *of, const char *fields,
	enum columns_form form, const char *const values[])
{
	struct columns c;
	FILE *file = tmpfile();
	int saved = dup(STDOUT_FILENO);
	size_t n;

	assert_non_null(file);
	assert_int_equal(columns_init(&c, of, 2, fields, form, NULL), 0);
	(void)fflush(stdout);
	assert_true(dup2(fileno(file), STDOUT_FILENO) >= 0);
	while (n_records--)
		columns_print(&c, values);
	columns_end(&c);
	(void)fflush(stdout);
	assert_true(dup2(saved, STDOUT_FILENO) >= 0);
	(void)close(saved);
	rewind(file);
	n = fread(printed, 1, sizeof(printed) - 1, file);
	printed[n] = '\0';
	(void)fclose(file);
	return printed;
}

/* What the record prints, with fields chosen as -o does and parsable as -p does. */
static const char *print(const char *fields, bool parsable, const char *const values[])
{
	return print_n(1, table, fields, parsable ? COLUMNS_PARSABLE : COLUMNS_TABLE, values);
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

static void for_json(void **state)
{
	assert_string_equal(print_n(0, table, NULL, COLUMNS_JSON, NULL), "[]\n");
	assert_string_equal(print_n(1, table, NULL, COLUMNS_JSON, VALUES("a\"b\\", "", "?")),
		"[{\"link\":\"a\\\"b\\\\\",\"over\":null,\"state\":null}]\n");
	assert_string_equal(print_n(2, table, "STATE,link", COLUMNS_JSON, VALUES("l0", NULL, "up")),
		"[{\"state\":\"up\",\"link\":\"l0\"},{\"state\":\"up\",\"link\":\"l0\"}]\n");
	assert_string_equal(print_n(1, table, "all", COLUMNS_JSON, VALUES("1", "2", "3")),
		"[{\"link\":\"1\",\"over\":\"2\",\"state\":\"3\"}]\n");
	/* numbers, and what a number's column shows when it has none */
	assert_string_equal(
		print_n(1, counters, NULL, COLUMNS_JSON, VALUES("7", "1.5", "18000000000")),
		"[{\"link\":\"7\",\"max_bw\":1.5,\"ch10_50\":18000000000}]\n");
	assert_string_equal(print_n(1, counters, NULL, COLUMNS_JSON, VALUES("7", "?", "1.")),
		"[{\"link\":\"7\",\"max_bw\":null,\"ch10_50\":\"1.\"}]\n");
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
	char many[(COLUMNS_MAX + 1) * 5 + 1] = "";

	refused(NULL, true, "must be specified");
	refused("all", true, "'all'");
	refused("ALL", true, "'all'");
	refused("link,what", false, "'what'");
	refused("", false, "''");
	refused("link,", false, "''");
	refused("lin", false, "'lin'");
	for (unsigned int i = 0; i <= COLUMNS_MAX; i++)
		(void)strcat(many, i < COLUMNS_MAX ? "link," : "link");
	refused(many, false, "too many");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(for_people),
		cmocka_unit_test(for_programs),
		cmocka_unit_test(for_json),
		cmocka_unit_test(what_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
