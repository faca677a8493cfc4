/* SPDX-License-Identifier: MIT */
/*
 * The rules for a zonepath, each broken once. What is about owners needs root and
 * is skipped without it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "linux/instance.h"
#include "zoneadm/boot.h"
#include "zoneadm/zonepath.h"

static char prefix[64];

static const char *path_of(const char *path)
{
	static char buffer[256];

	(void)snprintf(buffer, sizeof(buffer), "%s%s", prefix, path);
	return buffer;
}

static void make_dir(const char *path, mode_t mode)
{
	assert_int_equal(mkdir(path_of(path), mode), 0);
	assert_int_equal(chmod(path_of(path), mode), 0);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path_of(path), &st), 0);
	return st.st_mode & 07777;
}

static bool suitable_host(void)
{
	struct statvfs vfs;

	return geteuid() == 0 && statvfs(prefix, &vfs) == 0 && !(vfs.f_flag & ST_NOSUID);
}

static int setup(void **state)
{
	(void)str_copy(prefix, sizeof(prefix), "./test-zonepath.XXXXXX");
	if (!mkdtemp(prefix))
		return -1;
	if (suitable_host()) {
		char *absolute = realpath(prefix, NULL);
		int r = instance_init(absolute);

		free(absolute);
		return r;
	}
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", prefix);
	return system(command);
}

#define needs_root()                                                                               \
	do {                                                                                       \
		if (!suitable_host())                                                              \
			skip();                                                                    \
	} while (0)

static void test_good(void **state)
{
	needs_root();
	make_dir("/good", 0700);
	assert_int_equal(zonepath_check("z", "/good", 0), EXIT_OK);
	assert_int_equal(zonepath_check_boot("z", "/good"), EXIT_OK);
}

static void test_syntax(void **state)
{
	needs_root();
	assert_int_equal(zonepath_check("z", "good", 0), EXIT_ERR);
	assert_int_equal(zonepath_check("z", "/a/../b", 0), EXIT_ERR);
	assert_int_equal(zonepath_check("z", "/", 0), EXIT_ERR);
}

static void test_missing(void **state)
{
	needs_root();
	assert_int_equal(zonepath_check("z", "/missing/one", ZONEPATH_QUIET_MISSING), EXIT_OK);
	assert_int_equal(zonepath_check_boot("z", "/missing/one"), EXIT_ERR);
	assert_int_equal(zonepath_check("z", "/missing/one", ZONEPATH_MAKE), EXIT_OK);
	assert_int_equal(mode_of("/missing"), 0755);
	assert_int_equal(mode_of("/missing/one"), 0700);
}

static void test_symlink(void **state)
{
	needs_root();
	make_dir("/target", 0700);
	make_dir("/target/in", 0700);
	assert_int_equal(symlink("target", path_of("/link")), 0);
	assert_int_equal(zonepath_check("z", "/link", 0), EXIT_ERR);
	assert_int_equal(zonepath_check("z", "/link/in", 0), EXIT_ERR);
	assert_int_equal(zonepath_check("z", "/link/new", ZONEPATH_MAKE), EXIT_ERR);
	assert_int_equal(zonepath_check_boot("z", "/link"), EXIT_ERR);
	assert_int_equal(access(path_of("/target/new"), F_OK), -1);
}

static void test_not_a_directory(void **state)
{
	FILE *f;

	needs_root();
	f = fopen(path_of("/file"), "we");
	assert_non_null(f);
	(void)fclose(f);
	assert_int_equal(zonepath_check("z", "/file", ZONEPATH_REPAIR), EXIT_ERR);
	assert_int_equal(zonepath_check("z", "/file/x", ZONEPATH_MAKE), EXIT_ERR);
}

static void test_mode_and_owner(void **state)
{
	struct stat st;

	needs_root();
	make_dir("/mode", 0755);
	assert_int_equal(zonepath_check("z", "/mode", 0), EXIT_ERR);
	assert_int_equal(mode_of("/mode"), 0755);
	assert_int_equal(zonepath_check("z", "/mode", ZONEPATH_REPAIR), EXIT_OK);
	assert_int_equal(mode_of("/mode"), 0700);
	assert_int_equal(chown(path_of("/mode"), 1000, 1000), 0);
	assert_int_equal(zonepath_check("z", "/mode", 0), EXIT_ERR);
	assert_int_equal(zonepath_check("z", "/mode", ZONEPATH_REPAIR), EXIT_OK);
	assert_int_equal(stat(path_of("/mode"), &st), 0);
	assert_int_equal(st.st_uid, 0);
}

static void test_parent(void **state)
{
	needs_root();
	make_dir("/parent", 0777);
	make_dir("/parent/z", 0700);
	assert_int_equal(zonepath_check("z", "/parent/z", ZONEPATH_REPAIR), EXIT_ERR);
	assert_int_equal(chmod(path_of("/parent"), 01777), 0);
	assert_int_equal(zonepath_check("z", "/parent/z", ZONEPATH_REPAIR), EXIT_ERR);
	assert_int_equal(chmod(path_of("/parent"), 0555), 0);
	assert_int_equal(zonepath_check("z", "/parent/z", ZONEPATH_REPAIR), EXIT_ERR);
	assert_int_equal(chmod(path_of("/parent"), 0755), 0);
	assert_int_equal(chown(path_of("/parent"), 1000, 0), 0);
	assert_int_equal(zonepath_check("z", "/parent/z", ZONEPATH_REPAIR), EXIT_ERR);
	assert_int_equal(chown(path_of("/parent"), 0, 0), 0);
	assert_int_equal(zonepath_check("z", "/parent/z", ZONEPATH_REPAIR), EXIT_OK);
}

static void test_grandparent(void **state)
{
	needs_root();
	make_dir("/grand", 01777);
	make_dir("/grand/parent", 0755);
	make_dir("/grand/parent/z", 0700);
	assert_int_equal(zonepath_check("z", "/grand/parent/z", 0), EXIT_OK);
	assert_int_equal(chmod(path_of("/grand"), 0777), 0);
	assert_int_equal(zonepath_check("z", "/grand/parent/z", 0), EXIT_ERR);
}

static void test_nothing_in_the_way(void **state)
{
	needs_root();
	make_dir("/free", 0700);
	assert_int_equal(zonepath_check_free("z", "/free"), EXIT_OK);
	make_dir("/free/root", 0755);
	assert_int_equal(zonepath_check_free("z", "/free"), EXIT_OK);
	assert_int_equal(chmod(path_of("/free/root"), 0700), 0);
	assert_int_equal(zonepath_check_free("z", "/free"), EXIT_ERR);
	assert_int_equal(rmdir(path_of("/free/root")), 0);
	assert_int_equal(symlink("/", path_of("/free/root")), 0);
	assert_int_equal(zonepath_check_free("z", "/free"), EXIT_ERR);
	assert_int_equal(unlink(path_of("/free/root")), 0);
	make_dir("/free/SUNWdetached.xml", 0700);
	assert_int_equal(zonepath_check_free("z", "/free"), EXIT_ERR);
}

static void test_overlaps(void **state)
{
	assert_true(zonepath_overlaps("/a/b", "/a/b"));
	assert_true(zonepath_overlaps("/a/b", "/a/b/c"));
	assert_true(zonepath_overlaps("/a/b/c", "/a/b"));
	assert_false(zonepath_overlaps("/a/b", "/a/bc"));
	assert_false(zonepath_overlaps("/a/bc", "/a/b"));
	assert_false(zonepath_overlaps("/a", "/b"));
}

static void test_bootargs(void **state)
{
	static char longest[BOOTARGS_MAX];
	char *const two[] = {(char *)"-s", (char *)"a b"};
	char *const one[] = {longest};
	char *const over[] = {longest, (char *)""};
	char joined[BOOTARGS_MAX];

	assert_int_equal(bootargs_join(0, two, joined), 0);
	assert_string_equal(joined, "");
	assert_int_equal(bootargs_join(2, two, joined), 0);
	assert_string_equal(joined, "-s a b");
	memset(longest, 'x', sizeof(longest) - 1);
	assert_int_equal(bootargs_join(1, one, joined), 0);
	assert_int_equal(strlen(joined), BOOTARGS_MAX - 1);
	assert_int_equal(bootargs_join(2, over, joined), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_syntax),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_symlink),
		cmocka_unit_test(test_not_a_directory),
		cmocka_unit_test(test_mode_and_owner),
		cmocka_unit_test(test_parent),
		cmocka_unit_test(test_grandparent),
		cmocka_unit_test(test_nothing_in_the_way),
		cmocka_unit_test(test_overlaps),
		cmocka_unit_test(test_bootargs),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
