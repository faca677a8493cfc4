/* SPDX-License-Identifier: MIT */
/* Moves processes into groups; see cgroup-join.h for why it is done this way. */
#include "linux/cgroup-join.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

int cgroup_open_v2(const char *rel)
{
	char path[PATH_MAX];
	int r = cgroup_v2_path(path, sizeof(path), rel);
	int fd;

	if (r < 0)
		return r;
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int make_below(int dir, const char *name, uid_t uid, gid_t gid)
{
	static const char *const files[] = {
		"cgroup.procs", "cgroup.threads", "cgroup.subtree_control"};
	_cleanup_close_ int fd = FD_NONE;
	size_t i;

	if (mkdirat(dir, name, 0755) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	for (i = 0; i < ARRAY_SIZE(files); i++)
		if (fchownat(fd, files[i], uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
			return -errno;
	if (fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0)
		return -errno;
	return TAKE_FD(fd);
}

int cgroup_open_below(const char *rel, const char *name, uid_t uid, gid_t gid)
{
	_cleanup_close_ int dir = cgroup_open_v2(rel);
	int fd;

	if (dir < 0)
		return dir;
	fd = openat(dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	return errno == ENOENT ? make_below(dir, name, uid, gid) : -errno;
}

static int open_tasks(const char *rel, enum cgroup_controller c)
{
	_cleanup_close_ int dir = FD_NONE;
	char path[PATH_MAX];
	int fd, r = cgroup_v1_path(path, sizeof(path), c, rel);

	if (r == -ENOENT)
		return FD_NONE; /* v2 carries it, or nothing does */
	if (r < 0)
		return r;
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* of these there may be no group */
	if (dir < 0)
		return errno == ENOENT && (c == CGROUP_CPUACCT || c == CGROUP_CPUSET) ? FD_NONE
										      : -errno;
	fd = openat(dir, "tasks", O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int cgroup_open_v1(const char *rel, int fds[CGROUP_CONTROLLER_COUNT])
{
	int c;

	for (c = 0; c < CGROUP_CONTROLLER_COUNT; c++)
		fds[c] = FD_NONE;
	for (c = 0; c < CGROUP_CONTROLLER_COUNT; c++) {
		int fd = open_tasks(rel, (enum cgroup_controller)c);

		if (fd < 0 && fd != FD_NONE) {
			cgroup_close_v1(fds);
			return fd;
		}
		fds[c] = fd;
	}
	return 0;
}

void cgroup_close_v1(int fds[CGROUP_CONTROLLER_COUNT])
{
	int c;

	for (c = 0; c < CGROUP_CONTROLLER_COUNT; c++)
		fds[c] = fd_close(fds[c]);
}

int cgroup_enter_v1(const int fds[CGROUP_CONTROLLER_COUNT])
{
	int c;

	for (c = 0; c < CGROUP_CONTROLLER_COUNT; c++)
		if (fds[c] >= 0 && write(fds[c], "0", 1) != 1)
			return -errno;
	return 0;
}

int cgroup_join_v1(const char *rel)
{
	int fds[CGROUP_CONTROLLER_COUNT];
	int r = cgroup_open_v1(rel, fds);

	if (r < 0)
		return r;
	r = cgroup_enter_v1(fds);
	cgroup_close_v1(fds);
	return r;
}
