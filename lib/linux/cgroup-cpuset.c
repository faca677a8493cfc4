/* SPDX-License-Identifier: MIT */
/*
 * The CPUs of a group. On v2 that is a file of the group. In a v1 hierarchy a group without CPUs
 * and memory nodes takes no process and does not inherit them, so groups are made there only when they are
 * asked for, from the top on, each with what the one above has.
 *
 * Of its own a group has CPUs as a partition whose parent is none ("remote"), since its siblings are to have
 * the others: that is of v2 and Linux 6.7, and wants the CPUs named in each group above.
 */
#include "linux/cgroup-control.h"
#include "linux/cgroup-join.h"
#include "linux/instance.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#define ROUNDS 100

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

/* The group itself or, where it was not made, the nearest one above that is there. */
static int effective_v1(const char *rel, char *text, size_t size)
{
	char path[PATH_MAX];
	int r = cgroup_v1_path(path, sizeof(path), CGROUP_CPUSET, rel);
	size_t top;

	if (r < 0)
		return r == -ENOENT ? -EOPNOTSUPP : r;
	top = strlen(cgroup_v1_mount(CGROUP_CPUSET));
	for (;;) {
		_cleanup_close_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (dir >= 0)
			return read_file(dir, "cpuset.effective_cpus", text, size);
		if (errno != ENOENT || strlen(path) <= top)
			return -errno;
		*strrchr(path, '/') = '\0';
	}
}

static int effective_v2(const char *rel, char *text, size_t size)
{
	_cleanup_close_ int dir = cgroup_open_v2(rel);

	return dir < 0 ? dir : read_file(dir, "cpuset.cpus.effective", text, size);
}

int cgroup_get_cpus(const char *rel, struct cpu_set *ret)
{
	char text[4096];
	int r;

	r = cgroup_is_v2(rel, CGROUP_CPUSET) ? effective_v2(rel, text, sizeof(text))
					     : effective_v1(rel, text, sizeof(text));
	return r < 0 ? r : cpu_set_parse(text, ret);
}

/* ---- those who are there already ---- */

struct move {
	const char *path; /* the group's, from the hierarchy's mount on */
	int procs;
	unsigned int moved;
};

static void move_one(pid_t pid, void *arg)
{
	struct move *m = arg;
	char file[32], now[PATH_MAX], text[16];

	(void)snprintf(file, sizeof(file), "/proc/%d/cpuset", (int)pid);
	if (read_file(AT_FDCWD, file, now, sizeof(now)) < 0 || streq(now, m->path))
		return;
	(void)snprintf(text, sizeof(text), "%d", (int)pid);
	if (write(m->procs, text, strlen(text)) > 0)
		m->moved++;
}

int cgroup_join_cpus(const char *rel)
{
	struct move m = {0};
	_cleanup_close_ int procs = FD_NONE;
	char path[PATH_MAX];
	size_t top;
	int tries, r;

	if (cgroup_is_v2(rel, CGROUP_CPUSET))
		return 0;
	r = cgroup_v1_path(path, sizeof(path), CGROUP_CPUSET, rel);
	if (r < 0)
		return r == -ENOENT ? -EOPNOTSUPP : r;
	top = strlen(path);
	if (top > sizeof(path) - sizeof("/cgroup.procs"))
		return -ENAMETOOLONG;
	memcpy(path + top, "/cgroup.procs", sizeof("/cgroup.procs"));
	procs = open(path, O_WRONLY | O_CLOEXEC);
	if (procs < 0)
		return -errno;
	path[top] = '\0';
	m.path = path + strlen(cgroup_v1_mount(CGROUP_CPUSET));
	m.procs = procs;
	/* what is forked meanwhile by one that was not moved yet is found by the next round */
	for (tries = 0; tries < ROUNDS && (tries == 0 || m.moved); tries++) {
		m.moved = 0;
		cgroup_walk(rel, move_one, &m);
	}
	return m.moved ? -EAGAIN : 0;
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

/* ---- CPUs of its own ---- */

static int offer_at(const char *rel, const char *cpus)
{
	_cleanup_close_ int dir = cgroup_open_v2(rel);
	int r = dir < 0 ? dir : write_file(dir, "cpuset.cpus.exclusive", cpus[0] ? cpus : "\n");

	return r == -ENOENT ? -EOPNOTSUPP : r;
}

int cgroup_offer_cpus(const char *rel, const char *cpus)
{
	int r = 0;

	if (!cgroup_is_v2(rel, CGROUP_CPUSET))
		return -EOPNOTSUPP;
	if (instance_cgroup()[0])
		r = offer_at("", cpus);
	return r < 0 ? r : offer_at(rel, cpus);
}

int cgroup_own_cpus(const char *rel, const char *cpus, char *why, size_t size)
{
	_cleanup_close_ int dir = FD_NONE;
	int r = offer_at(rel, cpus);

	why[0] = '\0';
	if (r < 0)
		return r == -EOPNOTSUPP ? r : -EBUSY;
	dir = cgroup_open_v2(rel);
	if (dir < 0)
		return dir;
	r = write_file(dir, "cpuset.cpus.partition", "root");
	if (r == 0)
		r = read_file(dir, "cpuset.cpus.partition", why, size);
	if (r < 0)
		return r;
	if (streq(why, "root"))
		return 0;
	(void)write_file(dir, "cpuset.cpus.partition", "member");
	return -EBUSY;
}

void cgroup_disown_cpus(const char *rel)
{
	_cleanup_close_ int dir = cgroup_open_v2(rel);

	if (dir >= 0 && write_file(dir, "cpuset.cpus.partition", "member") == 0)
		(void)write_file(dir, "cpuset.cpus.exclusive", "\n");
}

bool cgroup_owns_cpus(const char *rel)
{
	_cleanup_close_ int dir = cgroup_open_v2(rel);
	char text[256];

	return dir >= 0 && read_file(dir, "cpuset.cpus.partition", text, sizeof(text)) == 0 &&
	       streq(text, "root");
}
