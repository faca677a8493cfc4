/* SPDX-License-Identifier: MIT */
/* The checks of a zonepath: each rule is broken once. Needs root (owners). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "linux/instance.h"
#include "zoneadmd/zonepath.h"

#include "folder.h"

static char top[4096];

static char *at(const char *path)
{
	static char buf[8192];

	(void)snprintf(buf, sizeof(buf), "%s%s", top, path);
	return buf;
}

static int teardown(void **state)
{
	return folder_remove(top);
}

static int setup(void **state)
{
	char name[] = "test-zonepath.XXXXXX";

	if (!mkdtemp(name) || !realpath(name, top) || instance_init(top) < 0)
		return -1;
	if (mkdir(at("/zones"), 0755) < 0 || mkdir(at("/zones/web"), 0700) < 0 ||
		mkdir(at("/zones/web/root"), 0755) < 0)
		return -1;
	if (symlink("web", at("/zones/link")) < 0 || symlink("zones", at("/other")) < 0)
		return -1;
	return 0;
}

static int refused(const char *path, const char *words)
{
	struct zonepath z;
	struct diag d = {0};
	int r;

	zonepath_init(&z);
	r = zonepath_open(path, &z, &d);
	assert_true(r < 0);
	assert_true(z.fd < 0 && z.root < 0);
	if (!strstr(d.text, words))
		fail_msg("'%s' is not in '%s'", words, d.text);
	return r;
}

static void test_good(void **state)
{
	struct zonepath z;
	struct diag d = {0};
	struct stat st;

	zonepath_init(&z);
	assert_int_equal(zonepath_open("/zones/web", &z, &d), 0);
	assert_int_equal(fstat(z.root, &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	zonepath_fini(&z);
	assert_true(z.fd < 0 && z.root < 0);
}

static void test_missing(void **state)
{
	assert_int_equal(refused("/zones/none", "cannot open zonepath '/zones/none'"), -ENOENT);
}

static void test_symlinks(void **state)
{
	(void)refused("/zones/link", "has a symbolic link in it");
	(void)refused("/other/web", "has a symbolic link in it");
	(void)refused("/zones/../../../etc", "zonepath");
}

static void test_mode(void **state)
{
	assert_int_equal(chmod(at("/zones/web"), 0755), 0);
	assert_int_equal(refused("/zones/web", "has mode 0755; it must have mode 0700"), -EPERM);
	assert_int_equal(chmod(at("/zones/web"), 04700), 0);
	assert_int_equal(refused("/zones/web", "has mode 4700"), -EPERM);
	assert_int_equal(chmod(at("/zones/web"), 0700), 0);
}

static void test_owner(void **state)
{
	assert_int_equal(chown(at("/zones/web"), 1, 0), 0);
	assert_int_equal(refused("/zones/web", "belongs to uid 1; it must belong to root"), -EPERM);
	assert_int_equal(chown(at("/zones/web"), 0, 0), 0);
	assert_int_equal(chown(at("/zones/web/root"), 1, 0), 0);
	assert_int_equal(refused("/zones/web", "belongs to uid 1"), -EPERM);
	assert_int_equal(chown(at("/zones/web/root"), 0, 0), 0);
}

static void test_root_not_a_directory(void **state)
{
	int fd;

	assert_int_equal(rmdir(at("/zones/web/root")), 0);
	assert_int_equal(refused("/zones/web", "cannot open the zone's root"), -ENOENT);
	fd = open(at("/zones/web/root"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(refused("/zones/web", "is not a directory; it must be one"), -ENOTDIR);
	assert_int_equal(unlink(at("/zones/web/root")), 0);
	assert_int_equal(symlink("/etc", at("/zones/web/root")), 0);
	assert_int_equal(refused("/zones/web", "is not a directory; it must be one"), -ENOTDIR);
	assert_int_equal(unlink(at("/zones/web/root")), 0);
	assert_int_equal(mkdir(at("/zones/web/root"), 0755), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_symlinks),
		cmocka_unit_test(test_mode),
		cmocka_unit_test(test_owner),
		cmocka_unit_test(test_root_not_a_directory),
	};

	if (geteuid() != 0)
		return 77;
	return cmocka_run_group_tests(tests, setup, teardown);
}
