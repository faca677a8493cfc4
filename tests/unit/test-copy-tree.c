/* SPDX-License-Identifier: MIT */
/* Copying a tree: everything that a file has, and what must not be followed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "linux/copy-tree.h"
#include "linux/remove-tree.h"

struct fixture {
	char path[64];
	int top, from, to;
	struct diag d;
};

static int setup(void **state)
{
	static struct fixture f;

	f = (struct fixture){0};
	(void)str_copy(f.path, sizeof(f.path), "test-copy.XXXXXX");
	if (!mkdtemp(f.path))
		return -1;
	f.top = open(f.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(f.top, "from", 0755), 0);
	assert_int_equal(mkdirat(f.top, "to", 0700), 0);
	f.from = openat(f.top, "from", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	f.to = openat(f.top, "to", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	struct diag d = {0};

	assert_int_equal(remove_contents(f->top, &d), 0);
	(void)close(f->from);
	(void)close(f->to);
	(void)close(f->top);
	return rmdir(f->path);
}

static void put(int dir, const char *name, const char *text, mode_t mode)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	(void)close(fd);
}

static struct stat look(int dir, const char *name)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		fail_msg("%s: %s", name, strerror(errno));
	return st;
}

static void check_content(int dir, const char *name, const char *want)
{
	char buf[64] = "";
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(read(fd, buf, sizeof(buf) - 1), strlen(want));
	assert_string_equal(buf, want);
	(void)close(fd);
}

static const struct copy_how plain;

static void copy(struct fixture *f)
{
	if (copy_tree(f->from, f->to, &plain, &f->d) < 0)
		fail_msg("%s", f->d.text);
}

static void test_contents_modes_times(void **state)
{
	struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 2000, .tv_nsec = 5}};
	struct fixture *f = *state;

	assert_int_equal(mkdirat(f->from, "dir", 0711), 0);
	put(f->from, "dir/file", "content", 04755);
	put(f->from, "empty", "", 0000);
	assert_int_equal(utimensat(f->from, "dir/file", times, 0), 0);
	assert_int_equal(utimensat(f->from, "dir", times, 0), 0);
	assert_int_equal(fchmod(f->from, 0751), 0);
	copy(f);
	check_content(f->to, "dir/file", "content");
	assert_int_equal(look(f->to, "dir/file").st_mode, S_IFREG | 04755);
	assert_int_equal(look(f->to, "dir/file").st_mtim.tv_nsec, 5);
	assert_int_equal(look(f->to, "dir").st_mode, S_IFDIR | 0711);
	assert_int_equal(look(f->to, "dir").st_mtim.tv_sec, 2000);
	assert_int_equal(look(f->to, "empty").st_mode, S_IFREG);
	assert_int_equal(look(f->to, ".").st_mode, S_IFDIR | 0751);
}

static void test_links(void **state)
{
	struct fixture *f = *state;

	put(f->top, "outside", "precious", 0600);
	assert_int_equal(symlinkat("../outside", f->from, "link"), 0);
	assert_int_equal(symlinkat("..", f->from, "updir"), 0);
	assert_int_equal(mkdirat(f->from, "d", 0755), 0);
	put(f->from, "a", "one", 0640);
	assert_int_equal(linkat(f->from, "a", f->from, "d/b", 0), 0);
	assert_int_equal(linkat(f->from, "link", f->from, "link2", 0), 0);
	copy(f);
	assert_true(S_ISLNK(look(f->to, "link").st_mode));
	assert_true(S_ISLNK(look(f->to, "updir").st_mode));
	assert_int_equal(look(f->to, "a").st_nlink, 2);
	assert_int_equal(look(f->to, "a").st_ino, look(f->to, "d/b").st_ino);
	assert_int_equal(look(f->to, "link").st_ino, look(f->to, "link2").st_ino);
	assert_int_not_equal(look(f->to, "a").st_ino, look(f->from, "a").st_ino);
}

static void test_holes(void **state)
{
	struct fixture *f = *state;
	int fd = openat(f->from, "sparse", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(pwrite(fd, "x", 1, 64 << 20), 1);
	assert_int_equal(ftruncate(fd, 128 << 20), 0);
	(void)close(fd);
	copy(f);
	assert_int_equal(look(f->to, "sparse").st_size, 128 << 20);
	assert_true(look(f->to, "sparse").st_blocks < 2048);
	fd = openat(f->to, "sparse", O_RDONLY | O_CLOEXEC);
	char c = 0;
	assert_int_equal(pread(fd, &c, 1, 64 << 20), 1);
	assert_int_equal(c, 'x');
	(void)close(fd);
}

static void test_nothing_shared(void **state)
{
	const struct copy_how how = {.no_sharing = true};
	struct fixture *f = *state;
	int fd = openat(f->from, "sparse", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(pwrite(fd, "x", 1, 1 << 20), 1);
	assert_int_equal(pwrite(fd, "y", 1, 4 << 20), 1);
	(void)close(fd);
	put(f->from, "file", "content", 0644);
	assert_int_equal(copy_tree(f->from, f->to, &how, &f->d), 0);
	check_content(f->to, "file", "content");
	assert_int_equal(look(f->to, "sparse").st_size, (4 << 20) + 1);
	assert_true(look(f->to, "sparse").st_blocks < 2048);
}

static void test_attributes_and_owners(void **state)
{
	/* VFS_CAP_REVISION_2, cap_net_raw */
	static const uint8_t cap[20] = {0, 0, 0, 2, 0, 0x20};
	struct fixture *f = *state;
	char value[64];
	int fd;

	put(f->from, "file", "x", 0755);
	fd = openat(f->from, "file", O_RDONLY | O_CLOEXEC);
	if (fsetxattr(fd, "user.colour", "red", 3, 0) < 0)
		skip();
	if (geteuid() == 0) {
		assert_int_equal(fchownat(f->from, "file", 1234, 5678, 0), 0);
		assert_int_equal(fsetxattr(fd, "security.capability", cap, sizeof(cap), 0), 0);
		assert_int_equal(mknodat(f->from, "null", S_IFCHR | 0666, makedev(1, 3)), 0);
	}
	(void)close(fd);
	assert_int_equal(mkfifoat(f->from, "fifo", 0620), 0);
	copy(f);
	fd = openat(f->to, "file", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fgetxattr(fd, "user.colour", value, sizeof(value)), 3);
	assert_memory_equal(value, "red", 3);
	assert_true(S_ISFIFO(look(f->to, "fifo").st_mode));
	if (geteuid() == 0) {
		assert_int_equal(look(f->to, "file").st_uid, 1234);
		assert_int_equal(look(f->to, "file").st_gid, 5678);
		assert_int_equal(
			fgetxattr(fd, "security.capability", value, sizeof(value)), sizeof(cap));
		assert_int_equal(look(f->to, "null").st_rdev, makedev(1, 3));
	}
	(void)close(fd);
}

static int asked;

static bool at_the_third(void)
{
	return ++asked > 3;
}

static void test_cancel(void **state)
{
	struct fixture *f = *state;
	/* asked before an entry and before its data */
	const struct copy_how how = {.cancelled = at_the_third, .no_sharing = true};
	char name[16];
	int i;

	for (i = 0; i < 10; i++) {
		(void)snprintf(name, sizeof(name), "f%d", i);
		put(f->from, name, "x", 0600);
	}
	asked = 0;
	assert_int_equal(copy_tree(f->from, f->to, &how, &f->d), -ECANCELED);
	assert_string_equal(f->d.text, "interrupted");
	assert_true(asked < 6);
}

static void test_depth(void **state)
{
	struct fixture *f = *state;
	int dir = dup(f->from), i, next;

	for (i = 0; i < 1100; i++) {
		assert_int_equal(mkdirat(dir, "d", 0755), 0);
		next = openat(dir, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(next >= 0);
		(void)close(dir);
		dir = next;
	}
	(void)close(dir);
	assert_int_equal(copy_tree(f->from, f->to, &plain, &f->d), -ELOOP);
	assert_non_null(strstr(f->d.text, "nested deeper than 1024"));
}

static void test_destination_is_not_overwritten(void **state)
{
	struct fixture *f = *state;

	put(f->from, "file", "new", 0600);
	put(f->top, "outside", "old", 0600);
	assert_int_equal(symlinkat("../outside", f->to, "file"), 0);
	assert_int_equal(copy_tree(f->from, f->to, &plain, &f->d), -EEXIST);
	check_content(f->top, "outside", "old");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_contents_modes_times, setup, teardown),
		cmocka_unit_test_setup_teardown(test_links, setup, teardown),
		cmocka_unit_test_setup_teardown(test_holes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_shared, setup, teardown),
		cmocka_unit_test_setup_teardown(test_attributes_and_owners, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cancel, setup, teardown),
		cmocka_unit_test_setup_teardown(test_depth, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_destination_is_not_overwritten, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
