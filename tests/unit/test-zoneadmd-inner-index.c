/* SPDX-License-Identifier: MIT */
/* The index inside a zone's root, and the traps that a zone may leave there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "zoneadmd/inner-index.h"

#include "folder.h"

static char top[] = "test-inner-index.XXXXXX";
static int root = FD_NONE, outside = FD_NONE;

static int setup(void **state)
{
	if (!mkdtemp(top))
		return -1;
	outside = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mkdirat(outside, "root", 0755) < 0 || mkdirat(outside, "victim", 0755) < 0)
		return -1;
	root = openat(outside, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	root = fd_close(root);
	outside = fd_close(outside);
	return folder_remove(top);
}

static int put(void)
{
	struct diag d = {0};

	return inner_index_write(root, "web", "12345678-1234-4123-8123-123456789abc", &d);
}

static void check_content(void)
{
	char buf[128] = "";
	int fd = openat(root, "etc/zones/index", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(read(fd, buf, sizeof(buf) - 1) > 0);
	(void)close(fd);
	assert_string_equal(buf, "web:installed:/:12345678-1234-4123-8123-123456789abc\n");
}

static void test_new_and_again(void **state)
{
	struct stat a, b;

	assert_int_equal(put(), 0);
	check_content();
	assert_int_equal(fstatat(root, "etc/zones/index", &a, 0), 0);
	assert_int_equal(put(), 0);
	assert_int_equal(fstatat(root, "etc/zones/index", &b, 0), 0);
	assert_int_equal(a.st_ino, b.st_ino);
}

static void test_fifo(void **state)
{
	assert_int_equal(unlinkat(root, "etc/zones/index", 0), 0);
	assert_int_equal(mkfifoat(root, "etc/zones/index", 0644), 0);
	assert_int_equal(put(), 0);
	check_content();
}

static void test_symlinked_file(void **state)
{
	assert_int_equal(unlinkat(root, "etc/zones/index", 0), 0);
	assert_int_equal(symlinkat("../../../victim/index", root, "etc/zones/index"), 0);
	assert_int_equal(symlinkat("../../../victim/index", root, "etc/zones/.index.new"), 0);
	assert_int_equal(put(), 0);
	check_content();
	assert_int_equal(faccessat(outside, "victim/index", F_OK, 0), -1);
}

static void test_symlinked_directory(void **state)
{
	assert_int_equal(renameat(root, "etc/zones", root, "etc/kept"), 0);
	assert_int_equal(symlinkat("../../victim", root, "etc/zones"), 0);
	assert_int_equal(put(), -ELOOP);
	assert_int_equal(unlinkat(root, "etc/zones", 0), 0);
	assert_int_equal(renameat(root, "etc", root, "aside"), 0);
	assert_int_equal(symlinkat("../victim", root, "etc"), 0);
	assert_int_equal(put(), -ELOOP);
	assert_int_equal(faccessat(outside, "victim/zones", F_OK, 0), -1);
	assert_int_equal(unlinkat(root, "etc", 0), 0);
}

static void test_directory_in_the_way(void **state)
{
	assert_int_equal(put(), 0);
	assert_int_equal(unlinkat(root, "etc/zones/index", 0), 0);
	assert_int_equal(mkdirat(root, "etc/zones/index", 0755), 0);
	assert_true(put() < 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_and_again),
		cmocka_unit_test(test_fifo),
		cmocka_unit_test(test_symlinked_file),
		cmocka_unit_test(test_symlinked_directory),
		cmocka_unit_test(test_directory_in_the_way),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
