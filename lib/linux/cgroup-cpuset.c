/* SPDX-License-Identifier: MIT */
/*
 * The CPUs of a group. On v2 that is a file of the group. In a v1 hierarchy a group without CPUs
 * and memory nodes takes no process and does not inherit them, so groups are made there only when they are
 * asked for, from the top on, each with what the one above has.
 */
#include "linux/cgroup-control.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

static int write_file(int dir, const char *file, const char *text)
{
	_cleanup_close_ int fd = openat(dir, file, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

static int read_file(int dir, const char *file, char *buf, size_t size)
{
	_cleanup_close_ int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

	if (n < 0)
		return -errno;
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return 0;
}

/* What the group above has, unless this one has something. */
static int inherit(int above, int dir, const char *file)
{
	char text[1024];
	int r = read_file(dir, file, text, sizeof(text));

	if (r < 0 || text[0])
		return r;
	r = read_file(above, file, text, sizeof(text));
	return r < 0 ? r : write_file(dir, file, text);
}

static int make_group(const char *above, const char *path)
{
	_cleanup_close_ int up = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int dir = FD_NONE;
	int r;

	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return -errno;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (up < 0 || dir < 0)
		return -errno;
	r = inherit(up, dir, "cpuset.mems");
	return r < 0 ? r : inherit(up, dir, "cpuset.cpus");
}

/* Every group from the hierarchy's mount down to path. */
static int make_groups(const char *path, size_t mount_len)
{
	char above[PATH_MAX], here[PATH_MAX];
	size_t end = mount_len, next;
	int r = 0;

	while (r == 0 && path[end]) {
		next = end + 1 + strcspn(path + end + 1, "/");
		(void)snprintf(above, sizeof(above), "%.*s", (int)end, path);
		(void)snprintf(here, sizeof(here), "%.*s", (int)next, path);
		r = make_group(above, here);
		end = next;
	}
	return r;
}

static int set_v1(const char *rel, const char *cpus)
{
	_cleanup_close_ int dir = FD_NONE;
	char path[PATH_MAX];
	int r = cgroup_v1_path(path, sizeof(path), CGROUP_CPUSET, rel);

	if (r < 0)
		return r == -ENOENT ? -EOPNOTSUPP : r;
	r = make_groups(path, strlen(cgroup_v1_mount(CGROUP_CPUSET)));
	if (r < 0)
		return r;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -errno : write_file(dir, "cpuset.cpus", cpus);
}

int cgroup_set_cpus(const char *rel, const char *cpus)
{
	const struct cgroup_setting set = {
		.controller = CGROUP_CPUSET, .file2 = "cpuset.cpus", .value2 = cpus};

	return cgroup_is_v2(rel, CGROUP_CPUSET) ? cgroup_set(rel, &set) : set_v1(rel, cpus);
}
