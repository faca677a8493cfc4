/* SPDX-License-Identifier: MIT */
/* The index: what is read and skipped, what a change keeps, and two writers at once. */
#include "zonecfg-tree.h"

#include <sys/wait.h>

#include "zonecfg/index.h"

#define INDEX "/etc/zones/index"
#define UUID  "01234567-89ab-cdef-0123-456789abcdef"

static int setup(void **state)
{
	(void)unlink(tree_path(INDEX));
	return 0;
}

static struct zone_index_entry entry(const char *name, zone_state_t st, const char *path)
{
	struct zone_index_entry e = {.state = st};

	assert_int_equal(str_copy(e.name, sizeof(e.name), name), 0);
	assert_int_equal(str_copy(e.zonepath, sizeof(e.zonepath), path), 0);
	return e;
}

static int collect(const struct zone_index_entry *e, void *arg)
{
	(void)strcat(arg, e->name);
	(void)strcat(arg, " ");
	return 0;
}

static const char *names(void)
{
	static char buf[4096];

	buf[0] = '\0';
	assert_int_equal(zone_index_iterate(collect, buf), 0);
	return buf;
}

static void a_missing_index_is_empty(void **state)
{
	struct zone_index_entry e;

	assert_string_equal(names(), "");
	assert_int_equal(zone_index_find("web", &e), Z_NO_ZONE);
	assert_int_equal(zone_index_delete("web"), Z_OK);
	assert_int_equal(zone_index_set_state("web", ZONE_STATE_INSTALLED), Z_NO_ZONE);
	assert_false(tree_exists(INDEX) && strstr(tree_read(INDEX), "web"));
}

static void add_find_modify_delete(void **state)
{
	struct zone_index_entry e = entry("web", ZONE_STATE_CONFIGURED, "/zones/web");
	struct stat st;

	assert_int_equal(zone_index_add(&e), Z_OK);
	assert_int_equal(zone_index_add(&e), Z_NAME_IN_USE);
	assert_string_equal(names(), "global web ");
	assert_int_equal(zone_index_find("web", &e), Z_OK);
	assert_string_equal(e.uuid, "");
	assert_int_equal(zone_index_set_state("web", ZONE_STATE_INSTALLED), Z_OK);
	assert_int_equal(zone_index_find("web", &e), Z_OK);
	assert_int_equal(e.state, ZONE_STATE_INSTALLED);
	assert_int_equal(strlen(e.uuid), 36);
	assert_int_equal(e.uuid[14], '4');
	/* the uuid stays */
	assert_int_equal(zone_index_set_state("web", ZONE_STATE_CONFIGURED), Z_OK);
	assert_non_null(strstr(tree_read(INDEX), e.uuid));
	assert_int_equal(zone_index_find_uuid(e.uuid, &e), Z_OK);
	assert_string_equal(e.name, "web");
	assert_int_equal(zone_index_modify("web", -1, "/other", UUID), Z_OK);
	assert_non_null(strstr(tree_read(INDEX), "\nweb:configured:/other:" UUID "\n"));
	assert_int_equal(stat(tree_path(INDEX), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(zone_index_delete("web"), Z_OK);
	assert_string_equal(names(), "global ");
	assert_int_equal(zone_index_delete("web"), Z_OK);
}

static void refused_entries_change_nothing(void **state)
{
	struct zone_index_entry e = entry("web", ZONE_STATE_RUNNING, "/zones/web");

	assert_int_equal(zone_index_add(&e), Z_INVAL);
	e = entry("a:b", ZONE_STATE_CONFIGURED, "/zones/web");
	assert_int_equal(zone_index_add(&e), Z_BOGUS_ZONE_NAME);
	e = entry("global", ZONE_STATE_CONFIGURED, "/zones/web");
	assert_int_equal(zone_index_add(&e), Z_BOGUS_ZONE_NAME);
	e = entry("web", ZONE_STATE_CONFIGURED, "/zones/\"web");
	assert_int_equal(zone_index_add(&e), Z_INVAL);
	e = entry("web", ZONE_STATE_CONFIGURED, "/zones/w\neb");
	assert_int_equal(zone_index_add(&e), Z_INVAL);
	e = entry("web", ZONE_STATE_CONFIGURED, "/zones/web");
	(void)strcpy(e.uuid, "not-a-uuid");
	assert_int_equal(zone_index_add(&e), Z_INVAL);
	assert_false(tree_exists(INDEX));
	assert_int_equal(zone_index_delete("global"), Z_BOGUS_ZONE_NAME);
}

static void foreign_lines_stay_byte_for_byte(void **state)
{
	static const char before[] = "# a comment\n"
				     "global:installed:/\n"
				     "\n"
				     "strange line without meaning\n"
				     "one:configured:/zones/one:\n"
				     "future:frozen:/zones/future::x:y\n"
				     "web:configured:/zones/web::sparse:excl:7\n"
				     ":configured:/x:\n"
				     "last:installed:/zones/last:" UUID;

	tree_write(INDEX, before);
	assert_string_equal(names(), "global one web last ");
	assert_int_equal(zone_index_modify("web", ZONE_STATE_INCOMPLETE, NULL, UUID), Z_OK);
	assert_string_equal(tree_read(INDEX), "# a comment\n"
					      "global:installed:/\n"
					      "\n"
					      "strange line without meaning\n"
					      "one:configured:/zones/one:\n"
					      "future:frozen:/zones/future::x:y\n"
					      "web:incomplete:/zones/web:" UUID ":sparse:excl:7\n"
					      ":configured:/x:\n"
					      "last:installed:/zones/last:" UUID "\n");
	/* a line that cannot be understood is not overwritten with a guess */
	assert_int_equal(zone_index_set_state("future", ZONE_STATE_INSTALLED), Z_INVALID_DOCUMENT);
	assert_non_null(strstr(tree_read(INDEX), "future:frozen:"));
}

static void colons_are_quoted(void **state)
{
	struct zone_index_entry e = entry("web", ZONE_STATE_CONFIGURED, "/zo:nes/web");

	assert_int_equal(zone_index_add(&e), Z_OK);
	assert_non_null(strstr(tree_read(INDEX), "web:configured:\"/zo:nes/web\":\n"));
	memset(&e, 0, sizeof(e));
	assert_int_equal(zone_index_find("web", &e), Z_OK);
	assert_string_equal(e.zonepath, "/zo:nes/web");
	tree_write(INDEX, "web:configured:\"/zones/web:\nx:configured:\"/a\"b:\ny:configured:/y\n");
	assert_string_equal(names(), "y ");
}

static void too_long_lines_are_skipped(void **state)
{
	static char text[8192];
	size_t n;

	n = (size_t)snprintf(text, sizeof(text), "web:configured:/");
	memset(text + n, 'x', 4000);
	(void)strcpy(text + n + 4000, ":\nok:installed:/zones/ok:" UUID "\n");
	tree_write(INDEX, text);
	assert_string_equal(names(), "ok ");
	/* a long foreign line stays, a long target line goes */
	assert_int_equal(zone_index_set_state("ok", ZONE_STATE_INCOMPLETE), Z_OK);
	assert_non_null(strstr(tree_read(INDEX), "web:configured:/xxx"));
	assert_int_equal(zone_index_set_state("web", ZONE_STATE_INCOMPLETE), Z_NO_ZONE);
	assert_int_equal(zone_index_delete("web"), Z_OK);
	assert_null(strstr(tree_read(INDEX), "web:"));
}

/* A NUL byte spoils its own line only. */
static void nul_bytes(void **state)
{
	static const char text[] = "global:installed:/\na\0b:installed:/a:\n\0\nweb:installed:/w:\n"
				   "c:installed:/c\0:\nlast:configured:/last:";

	tree_write_bytes(INDEX, text, sizeof(text) - 1);
	assert_string_equal(names(), "global web last ");
	assert_int_equal(zone_index_delete("web"), Z_OK);
	assert_string_equal(names(), "global last ");
}

static void a_symlink_is_not_followed(void **state)
{
	tree_write("/etc/elsewhere", "web:configured:/zones/web:\n");
	assert_int_equal(symlink(tree_path("/etc/elsewhere"), tree_path(INDEX)), 0);
	assert_int_equal(zone_index_set_state("web", ZONE_STATE_INCOMPLETE), -ELOOP);
	assert_string_equal(tree_read("/etc/elsewhere"), "web:configured:/zones/web:\n");
	(void)unlink(tree_path(INDEX));
}

/* Processes that add and remove at the same time lose no line. */
static void writers_exclude_each_other(void **state)
{
	enum { WRITERS = 4, ROUNDS = 10 };
	struct zone_index_entry e;
	pid_t pids[WRITERS];
	char name[16];
	int i, k, status;

	for (i = 0; i < WRITERS; i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		for (k = 0; k < ROUNDS; k++) {
			(void)snprintf(name, sizeof(name), "z%d-%d", i, k);
			e = entry(name, ZONE_STATE_CONFIGURED, "/zones/x");
			if (zone_index_add(&e) ||
				zone_index_set_state(name, ZONE_STATE_INSTALLED) ||
				(k % 2 && zone_index_delete(name)))
				_exit(1);
		}
		_exit(0);
	}
	for (i = 0; i < WRITERS; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	for (i = 0; i < WRITERS; i++) {
		for (k = 0; k < ROUNDS; k++) {
			(void)snprintf(name, sizeof(name), "z%d-%d", i, k);
			assert_int_equal(zone_index_find(name, &e), k % 2 ? Z_NO_ZONE : Z_OK);
		}
	}
}

static void renaming(void **state)
{
	tree_write("/etc/zones/index",
		"# note\nglobal:installed:/\na:installed:/z/a:12345678-9abc-def0-1234-56789abcdef0:x\nb:configured:/z/b:\n");
	assert_int_equal(zone_index_rename("a", "b"), Z_NAME_IN_USE);
	assert_int_equal(zone_index_rename("b", "a"), Z_NAME_IN_USE);
	assert_int_equal(zone_index_rename("a", "a"), Z_NAME_IN_USE);
	assert_int_equal(zone_index_rename("c", "d"), Z_NO_ZONE);
	assert_int_equal(zone_index_rename("a", "global"), Z_BOGUS_ZONE_NAME);
	assert_int_equal(zone_index_rename("a", "x:y"), Z_BOGUS_ZONE_NAME);
	assert_int_equal(zone_index_rename("b", "new"), Z_OK);
	assert_string_equal(tree_read("/etc/zones/index"),
		"# note\nglobal:installed:/\na:installed:/z/a:12345678-9abc-def0-1234-56789abcdef0:x\nnew:configured:/z/b:\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_missing_index_is_empty, setup),
		cmocka_unit_test_setup(add_find_modify_delete, setup),
		cmocka_unit_test_setup(refused_entries_change_nothing, setup),
		cmocka_unit_test_setup(foreign_lines_stay_byte_for_byte, setup),
		cmocka_unit_test_setup(colons_are_quoted, setup),
		cmocka_unit_test_setup(too_long_lines_are_skipped, setup),
		cmocka_unit_test_setup(nul_bytes, setup),
		cmocka_unit_test_setup(a_symlink_is_not_followed, setup),
		cmocka_unit_test(renaming),
		cmocka_unit_test_setup(writers_exclude_each_other, setup),
	};

	return cmocka_run_group_tests(tests, tree_make, tree_remove);
}
