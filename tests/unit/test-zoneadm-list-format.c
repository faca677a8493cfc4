/* SPDX-License-Identifier: MIT */
/* The output of zoneadm list is read by scripts: columns and escapes to the byte. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "zoneadm/list-format.h"
#include "zoneadm/list-json.h"

static char text[4096];

static FILE *capture(void)
{
	memset(text, 0, sizeof(text));
	return fmemopen(text, sizeof(text), "w");
}

static void expect(FILE *f, const char *want)
{
	(void)fclose(f);
	assert_string_equal(text, want);
}

static struct list_row row(void)
{
	return (struct list_row){
		.id = 3,
		.state = ZONE_STATE_RUNNING,
		.exclusive = true,
		.name = "web",
		.path = "/zones/web",
		.uuid = "0f8fad5b-d9cb-469f-a165-70867728950e",
		.brand = "sparse",
		.did = 7,
	};
}

static void test_header(void **state)
{
	FILE *f = capture();

	list_print_header(f);
	expect(f,
		"  ID NAME             STATUS     PATH                           BRAND    IP    \n");
}

static void test_verbose(void **state)
{
	struct list_row r = row();
	FILE *f = capture();

	list_print_verbose(f, &r);
	expect(f,
		"   3 web              running    /zones/web                     sparse   excl  \n");
}

/* A path of another alphabet takes as much of the line as it has columns. */
static void test_verbose_columns(void **state)
{
	struct list_row r = row();
	FILE *f = capture();

	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	(void)strcpy(r.path, "/zönes/東京");
	list_print_verbose(f, &r);
	expect(f,
		"   3 web              running    /zönes/東京                    sparse   excl  \n");
	f = capture();
	(void)strcpy(r.path, "/z\xff");
	list_print_verbose(f, &r);
	expect(f,
		"   3 web              running    /z\xff                            sparse   excl  \n");
	(void)setlocale(LC_CTYPE, "C");
}

static void test_verbose_not_live(void **state)
{
	struct list_row r = row();
	FILE *f = capture();

	r.id = -1;
	r.state = ZONE_STATE_INSTALLED;
	r.exclusive = false;
	r.brand[0] = '\0';
	list_print_verbose(f, &r);
	expect(f,
		"   - web              installed  /zones/web                     -        shared\n");
}

static void test_parsable(void **state)
{
	struct list_row r = row();
	FILE *f = capture();

	list_print_parsable(f, &r);
	expect(f, "3:web:running:/zones/web:0f8fad5b-d9cb-469f-a165-70867728950e:sparse:excl:7\n");
}

static void test_parsable_escapes(void **state)
{
	struct list_row r = row();
	FILE *f = capture();

	r.id = -1;
	r.state = ZONE_STATE_CONFIGURED;
	r.exclusive = false;
	r.uuid[0] = r.brand[0] = '\0';
	r.did = 0;
	(void)str_copy(r.path, sizeof(r.path), "/a:b/c\\d");
	list_print_parsable(f, &r);
	expect(f, "-:web:configured:/a\\:b/c\\d:::shared:\n");
}

static void test_json(void **state)
{
	struct json_t *array = list_json_new();
	struct list_row r = row();
	FILE *f = capture();

	assert_int_equal(list_json_add(array, &r), 0);
	r.id = -1;
	r.state = ZONE_STATE_CONFIGURED;
	r.exclusive = false;
	r.uuid[0] = r.brand[0] = '\0';
	r.did = 0;
	(void)str_copy(r.path, sizeof(r.path), "/a\"b\xff");
	assert_int_equal(list_json_add(array, &r), 0);
	assert_int_equal(list_json_end(array, f), 0);
	expect(f, "[\n"
		  "  {\n"
		  "    \"zoneid\": 3,\n"
		  "    \"zonename\": \"web\",\n"
		  "    \"state\": \"running\",\n"
		  "    \"zonepath\": \"/zones/web\",\n"
		  "    \"uuid\": \"0f8fad5b-d9cb-469f-a165-70867728950e\",\n"
		  "    \"brand\": \"sparse\",\n"
		  "    \"ip-type\": \"excl\",\n"
		  "    \"did\": 7,\n"
		  "    \"frozen\": false\n"
		  "  },\n"
		  "  {\n"
		  "    \"zoneid\": null,\n"
		  "    \"zonename\": \"web\",\n"
		  "    \"state\": \"configured\",\n"
		  "    \"zonepath\": \"/a\\\"b?\",\n"
		  "    \"uuid\": null,\n"
		  "    \"brand\": null,\n"
		  "    \"ip-type\": \"shared\",\n"
		  "    \"did\": null,\n"
		  "    \"frozen\": false\n"
		  "  }\n"
		  "]\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_verbose),
		cmocka_unit_test(test_verbose_columns),
		cmocka_unit_test(test_verbose_not_live),
		cmocka_unit_test(test_parsable),
		cmocka_unit_test(test_parsable_escapes),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
