/* SPDX-License-Identifier: MIT */
/*
 * Detached mounts: what they show, what they refuse, and that the host's mount
 * table never sees them. Needs root; nothing is attached anywhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include "linux/mountfd.h"

#define ID_BASE 231072u

static char dir[] = "test-mountfd.XXXXXX";

static void write_map(pid_t pid, const char *which)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, which);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(dprintf(fd, "0 %u 65536\n", ID_BASE) > 0);
	(void)close(fd);
}

/* A user namespace 0 -> ID_BASE; the child that made it ends at once. */
static int make_userns(void)
{
	char path[64], c;
	int up[2], fd;
	pid_t pid;

	assert_int_equal(pipe2(up, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (unshare(CLONE_NEWUSER) < 0 || write(up[1], "x", 1) != 1)
			_exit(1);
		(void)pause();
		_exit(0);
	}
	(void)close(up[1]);
	assert_int_equal(read(up[0], &c, 1), 1);
	(void)close(up[0]);
	write_map(pid, "uid_map");
	write_map(pid, "gid_map");
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	return fd;
}

static int setup(void **state)
{
	_cleanup_close_ int fd = FD_NONE;
	char path[64];

	if (!mkdtemp(dir))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/file", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	return fd < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/file", dir);
	(void)unlink(path);
	return rmdir(dir);
}

static void test_clone_is_idmapped(void **state)
{
	_cleanup_close_ int userns = make_userns(), fd = FD_NONE;
	struct diag d = {0};
	struct stat st;

	assert_int_equal(mountfd_clone(AT_FDCWD, dir, &fd, &d), 0);
	if (mountfd_idmap(fd, userns, dir, &d) == -EOPNOTSUPP) {
		assert_non_null(strstr(d.text, "cannot idmap"));
		skip();
	}
	assert_int_equal(fstatat(fd, "file", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(st.st_uid, ID_BASE);
	assert_int_equal(st.st_gid, ID_BASE);
	/* the same file, seen directly, did not change */
	assert_int_equal(fstatat(AT_FDCWD, dir, &st, 0), 0);
	assert_int_equal(st.st_uid, 0);
	/* a mapping is set once and for all */
	assert_int_equal(mountfd_idmap(fd, userns, dir, &d), -EPERM);
	assert_non_null(strstr(d.text, "idmapped already"));
}

static void test_flags_hold(void **state)
{
	_cleanup_close_ int fd = FD_NONE, file = FD_NONE;
	struct statvfs st;

	assert_int_equal(mountfd_clone(AT_FDCWD, dir, &fd, NULL), 0);
	assert_int_equal(mountfd_set(fd, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV, NULL), 0);
	assert_int_equal(fstatvfs(fd, &st), 0);
	assert_true(st.f_flag & ST_RDONLY);
	assert_true(st.f_flag & ST_NODEV);
	file = openat(fd, "file", O_WRONLY | O_CLOEXEC);
	assert_int_equal(file, -1);
	assert_int_equal(errno, EROFS);
}

static void test_clone_by_descriptor(void **state)
{
	_cleanup_close_ int at = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = FD_NONE;

	assert_int_equal(mountfd_clone(at, "", &fd, NULL), 0);
	assert_int_equal(faccessat(fd, "file", F_OK, 0), 0);
}

static void test_clone_of_nothing(void **state)
{
	struct diag d = {0};
	int fd = FD_NONE;

	assert_int_equal(mountfd_clone(AT_FDCWD, "/no/such/place", &fd, &d), -ENOENT);
	assert_int_equal(fd, FD_NONE);
	assert_non_null(strstr(d.text, "'/no/such/place'"));
}

static void test_cannot_idmap(void **state)
{
	_cleanup_close_ int userns = make_userns(), fd = FD_NONE;
	struct diag d = {0};

	assert_int_equal(mountfd_clone(AT_FDCWD, "/proc", &fd, &d), 0);
	assert_int_equal(mountfd_idmap(fd, userns, "/proc", &d), -EOPNOTSUPP);
	assert_non_null(strstr(d.text, "cannot idmap '/proc': its file system (proc)"));
}

static void test_idmap_needs_a_namespace(void **state)
{
	_cleanup_close_ int fd = FD_NONE, null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_int_equal(mountfd_clone(AT_FDCWD, dir, &fd, NULL), 0);
	assert_true(mountfd_idmap(fd, null, dir, NULL) < 0);
}

static void test_tmpfs(void **state)
{
	struct diag d = {0};
	_cleanup_close_ int fd = FD_NONE;
	struct stat st;
	struct statvfs vfs;

	assert_int_equal(mountfd_tmpfs(ID_BASE, ID_BASE, "size=1m,mode=1777", &fd, &d), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_uid, ID_BASE);
	assert_int_equal(st.st_gid, ID_BASE);
	assert_int_equal(st.st_mode & 07777, 01777);
	assert_int_equal(fstatvfs(fd, &vfs), 0);
	assert_int_equal(vfs.f_blocks * vfs.f_frsize, 1024 * 1024);
}

static void test_tmpfs_refuses(void **state)
{
	struct diag d = {0};
	int fd = FD_NONE;

	assert_int_equal(mountfd_tmpfs(0, 0, "uid=7", &fd, &d), -EINVAL);
	assert_non_null(strstr(d.text, "'uid=7'"));
	assert_int_equal(mountfd_tmpfs(0, 0, "huge", &fd, &d), -EINVAL);
	assert_true(mountfd_tmpfs(0, 0, "size=lots", &fd, &d) < 0);
	assert_int_equal(fd, FD_NONE);
}

static void test_flag_words(void **state)
{
	uint64_t attrs = 0;

	assert_true(mountfd_flag("ro", &attrs));
	assert_true(mountfd_flag("nodevices", &attrs));
	assert_int_equal(attrs, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV);
	assert_true(mountfd_flag("rw", &attrs));
	assert_int_equal(attrs, MOUNT_ATTR_NODEV);
	assert_false(mountfd_flag("readonly", &attrs));
	assert_false(mountfd_flag("", &attrs));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clone_is_idmapped),
		cmocka_unit_test(test_flags_hold),
		cmocka_unit_test(test_clone_by_descriptor),
		cmocka_unit_test(test_clone_of_nothing),
		cmocka_unit_test(test_cannot_idmap),
		cmocka_unit_test(test_idmap_needs_a_namespace),
		cmocka_unit_test(test_tmpfs),
		cmocka_unit_test(test_tmpfs_refuses),
		cmocka_unit_test(test_flag_words),
	};

	if (geteuid() != 0)
		return 77;
	return cmocka_run_group_tests(tests, setup, teardown);
}
