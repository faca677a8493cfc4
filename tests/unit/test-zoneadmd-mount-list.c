/* SPDX-License-Identifier: MIT */
/* The list of a zone's mounts: order, options, limits, refusals. Needs root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "zoneadmd/mount-list.h"

static struct mount_list list;

/* No user namespace is needed for a tmpfs, which is what most cases use. */
static int setup(void **state)
{
	return mount_list_init(&list, FD_NONE, 100000);
}

static int teardown(void **state)
{
	mount_list_fini(&list);
	return 0;
}

static void test_tmpfs(void **state)
{
	struct mount_wish wish = {.type = "tmpfs", .special = "swap", .dir = "/tmp"};
	struct diag d = {0};
	struct statvfs vfs;
	struct stat st;

	assert_int_equal(mount_list_add_text(&list, &wish, "size=1m,mode=1777,nosuid", &d), 0);
	assert_int_equal(list.req->count, 1);
	assert_string_equal(list.req->mounts[0].target, "/tmp");
	assert_int_equal(list.req->mounts[0].make, 1);
	assert_int_equal(fstat(list.fds[0], &st), 0);
	assert_int_equal(st.st_uid, 100000);
	assert_int_equal(st.st_mode & 07777, 01777);
	assert_int_equal(fstatvfs(list.fds[0], &vfs), 0);
	assert_true((vfs.f_flag & ST_NOSUID) && (vfs.f_flag & ST_NODEV));
	assert_false(vfs.f_flag & ST_RDONLY);
}

static void test_device_nodes_never_work(void **state)
{
	struct mount_wish wish = {.type = "tmpfs", .special = "swap", .dir = "/tmp"};
	struct statvfs vfs;

	assert_int_equal(mount_list_add_text(&list, &wish, "dev", NULL), 0);
	assert_int_equal(fstatvfs(list.fds[0], &vfs), 0);
	assert_true(vfs.f_flag & ST_NODEV);
}

static void refused(const struct mount_wish *wish, const char *options, int err, const char *words)
{
	struct diag d = {0};

	assert_int_equal(mount_list_add_text(&list, wish, options, &d), err);
	if (!strstr(d.text, words))
		fail_msg("'%s' is not in '%s'", words, d.text);
	assert_int_equal(list.req->count, 0);
}

static void test_refusals(void **state)
{
	struct mount_wish tmpfs = {.type = "tmpfs", .special = "swap", .dir = "/tmp"};
	struct mount_wish bind = {.type = "lofs", .special = "relative", .dir = "/data"};
	struct mount_wish ext4 = {.type = "ext4", .special = "/dev/null", .dir = "/data"};

	refused(&tmpfs, "size=1m,uid=0", -EINVAL,
		"fs '/tmp': tmpfs does not know the option 'uid=0'");
	refused(&bind, "", -EINVAL, "fs '/data': special 'relative' is not an absolute path");
	refused(&bind, "huge", -EINVAL, "fs '/data': lofs does not know the option 'huge'");
	bind.special = "/no/such/place";
	refused(&bind, "ro", -ENOENT, "fs '/data': cannot open special '/no/such/place'");
	refused(&ext4, "", -ENOTBLK, "'/dev/null': it is neither a block device nor an image file");
}

static void test_any_ids(void **state)
{
	struct mount_wish wish = {.type = "bind", .special = "/proc", .dir = "/dev/zones"};
	struct diag d = {0};

	/* /proc cannot be idmapped, whatever the namespace */
	list.userns = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	assert_true(mount_list_add_text(&list, &wish, "ro", &d) < 0);
	assert_int_equal(list.req->count, 0);
	(void)close(list.userns);
}

static void test_full(void **state)
{
	struct mount_wish wish = {.type = "tmpfs", .special = "swap", .dir = "/tmp"};
	struct diag d = {0};
	int i;

	for (i = 0; i < ZSCHED_MOUNTS_MAX; i++)
		assert_int_equal(mount_list_add_text(&list, &wish, "", &d), 0);
	assert_int_equal(mount_list_add_text(&list, &wish, "", &d), -E2BIG);
	assert_int_equal(list.req->count, ZSCHED_MOUNTS_MAX);
}

static void test_long_target(void **state)
{
	char dir[300];
	struct mount_wish wish = {.type = "tmpfs", .special = "swap", .dir = dir};

	memset(dir, 'd', sizeof(dir));
	dir[0] = '/';
	dir[299] = '\0';
	assert_int_equal(mount_list_add_text(&list, &wish, "", NULL), -ENAMETOOLONG);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_tmpfs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_device_nodes_never_work, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_any_ids, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_target, setup, teardown),
	};

	if (geteuid() != 0)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
