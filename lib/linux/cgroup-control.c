/* SPDX-License-Identifier: MIT */
/*
 * Groups of an instance; see cgroup-control.h. A group is a directory of the
 * same name in up to four hierarchies; they are treated in one order (v2 first,
 * then v1) when made and in the other when removed, so that a group that exists
 * in v2 was not taken apart yet.
 */
#include "linux/cgroup-control.h"
#include "linux/clock.h"
#include "linux/instance.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* How deep a zone may nest groups below its leaf, and how deep we look: more would be a way to keep us busy. */
#define DEPTH_GIVEN "32"
#define DEPTH_MAX   40
/* How many groups it may make: there are 65535 memory groups for the whole host. */
#define GROUPS_GIVEN "4096"

static const enum cgroup_controller controllers[] = {
	CGROUP_CPU, CGROUP_MEMORY, CGROUP_PIDS, CGROUP_CPUSET};
static const char *const controller_words[] = {"cpu", "memory", "pids", "cpuset", "io"};

/*
 * Hierarchy 0 is v2, the others are v1's of controllers[i - 1]. -ENOENT: not on this host. In the last
 * one a group is made when it gets CPUs of its own (cgroup-cpuset.c).
 */
#define HIERARCHIES (1 + (int)ARRAY_SIZE(controllers))
#define MADE	    (HIERARCHIES - 1)

static int group_path(char *buf, size_t size, int hierarchy, const char *rel)
{
	if (hierarchy == 0)
		return cgroup_v2_path(buf, size, rel);
	return cgroup_v1_path(buf, size, controllers[hierarchy - 1], rel);
}

static int write_at(int dir, const char *file, const char *text)
{
	_cleanup_close_ int fd = openat(dir, file, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

static int read_at(int dir, const char *file, char *buf, size_t size)
{
	_cleanup_close_ int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, buf, size - 1);
	if (n < 0)
		return -errno;
	buf[n] = '\0';
	return 0;
}

static int open_group(int hierarchy, const char *rel)
{
	char path[PATH_MAX];
	int fd, r = group_path(path, sizeof(path), hierarchy, rel);

	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* ---- making ---- */

static bool has_word(const char *text, const char *word)
{
	size_t n = strlen(word);
	const char *p;

	for (p = strstr(text, word); p; p = strstr(p + 1, word))
		if ((p == text || p[-1] == ' ') && strchr(" \n", p[n]))
			return true;
	return false;
}

static void share_controllers_at(int dir)
{
	char have[256], shared[256], text[32];
	size_t i;

	if (read_at(dir, "cgroup.controllers", have, sizeof(have)) < 0 ||
		read_at(dir, "cgroup.subtree_control", shared, sizeof(shared)) < 0)
		return;
	for (i = 0; i < ARRAY_SIZE(controller_words); i++) {
		if (!has_word(have, controller_words[i]) || has_word(shared, controller_words[i]))
			continue;
		(void)snprintf(text, sizeof(text), "+%s", controller_words[i]);
		(void)write_at(dir, "cgroup.subtree_control", text);
	}
}

void cgroup_share_controllers(const char *rel)
{
	_cleanup_close_ int dir = open_group(0, rel);

	if (dir >= 0)
		share_controllers_at(dir);
}

/* Every directory from the hierarchy's mount down to path. */
static int make_path(char *path, size_t mount_len, bool v2)
{
	char *slash = path + mount_len;
	bool end = false;

	while (!end) {
		_cleanup_close_ int dir = FD_NONE;
		char c = *slash;

		end = c == '\0';
		*slash = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST && errno != EROFS && errno != EACCES)
			return -errno;
		dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (dir < 0)
			return -errno;
		if (v2)
			share_controllers_at(dir);
		*slash = c;
		if (!end)
			slash += 1 + strcspn(slash + 1, "/");
	}
	return 0;
}

int cgroup_provide_v2(struct diag *d)
{
	char path[PATH_MAX];
	int r = 0;

	if (cgroup_v2_mount())
		return 0;
	r = instance_path(path, sizeof(path), CGROUP_OWN_MOUNT);
	if (r == 0 && mkdir(path, 0755) < 0 && errno != EEXIST)
		r = -errno;
	if (r == 0 && mount("cgroup2", path, "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		r = -errno;
	if (r < 0)
		return diag_errno(d, r, "Cannot mount the cgroup v2 hierarchy at %s", path);
	return 0;
}

int cgroup_make_parents(const char *rel, struct diag *d)
{
	char path[PATH_MAX];
	int h, r;

	for (h = 0; h < MADE; h++) {
		const char *mount =
			h == 0 ? cgroup_v2_mount() : cgroup_v1_mount(controllers[h - 1]);

		r = group_path(path, sizeof(path), h, rel);
		if (r == -ENOENT && h > 0)
			continue;
		if (r == -ENOENT)
			return diag_set(d, r, "This host has no cgroup v2 hierarchy mounted");
		if (r == 0)
			r = make_path(path, strlen(mount), h == 0);
		if (r < 0)
			return diag_errno(d, r, "Cannot make the control group %s", path);
	}
	return 0;
}

/* Takes away what cgroup_make() made in the hierarchies before h. */
static void unmake(int h, const char *rel)
{
	char path[PATH_MAX];

	while (--h >= 0)
		if (group_path(path, sizeof(path), h, rel) == 0)
			(void)rmdir(path);
}

int cgroup_make(const char *rel, struct diag *d)
{
	char path[PATH_MAX];
	int h, r;

	for (h = 0; h < MADE; h++) {
		r = group_path(path, sizeof(path), h, rel);
		if (r == -ENOENT && h > 0)
			continue;
		if (r == 0 && mkdir(path, 0755) < 0)
			r = -errno;
		if (r < 0) {
			unmake(h, rel);
			return diag_errno(d, r, "Cannot make the control group %s", path);
		}
	}
	return 0;
}

int cgroup_delegate(const char *rel, uid_t uid, gid_t gid)
{
	static const char *const files[] = {
		"cgroup.procs", "cgroup.threads", "cgroup.subtree_control"};
	_cleanup_close_ int dir = open_group(0, rel);
	size_t i;
	int r;

	if (dir < 0)
		return dir;
	r = write_at(dir, "cgroup.max.depth", DEPTH_GIVEN);
	if (r == 0)
		r = write_at(dir, "cgroup.max.descendants", GROUPS_GIVEN);
	if (r < 0)
		return r;
	for (i = 0; i < ARRAY_SIZE(files); i++)
		if (fchownat(dir, files[i], uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
			return -errno;
	return fchown(dir, uid, gid) < 0 ? -errno : 0;
}

/* ---- removing ---- */

/*
 * Removes everything below an open directory. Groups have no other
 * subdirectories, and their owner can make them as deep as he likes.
 */
static int remove_below(int dir, unsigned int depth)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	DIR *stream = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *e;

	if (!stream) {
		r = -errno;
		(void)fd_close(copy);
		return r;
	}
	while (r == 0 && (e = readdir(stream))) {
		_cleanup_close_ int child = FD_NONE;

		if (e->d_type != DT_DIR || streq(e->d_name, ".") || streq(e->d_name, ".."))
			continue;
		/* Most have nothing below them. */
		if (unlinkat(dir, e->d_name, AT_REMOVEDIR) == 0)
			continue;
		child = openat(dir, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (child < 0)
			r = errno == ENOENT ? 0 : -errno;
		else
			r = depth ? remove_below(child, depth - 1) : -ELOOP;
		if (r == 0 && unlinkat(dir, e->d_name, AT_REMOVEDIR) < 0 && errno != ENOENT)
			r = -errno;
	}
	(void)closedir(stream);
	return r;
}

static int remove_one(const char *path)
{
	_cleanup_close_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (dir < 0)
		return errno == ENOENT ? 0 : -errno;
	r = remove_below(dir, DEPTH_MAX);
	if (r == 0 && rmdir(path) < 0 && errno != ENOENT)
		r = -errno;
	return r;
}

int cgroup_remove(const char *rel, struct diag *d)
{
	char path[PATH_MAX], who[256];
	int h, r;

	for (h = HIERARCHIES - 1; h >= 0; h--) {
		r = group_path(path, sizeof(path), h, rel);
		if (r == -ENOENT && h > 0)
			continue;
		if (r == 0)
			r = remove_one(path);
		if (r == -EBUSY) {
			cgroup_describe(rel, who, sizeof(who));
			return diag_set(d, r, "The control group %s is not empty%s%s", path,
				who[0] ? ": " : "", who);
		}
		if (r < 0)
			return diag_errno(d, r, "Cannot remove the control group %s", path);
	}
	return 0;
}

/* ---- processes ---- */

/* Calls fn for every process in a directory and below it. */
static void walk_procs(int dir, unsigned int depth, void (*fn)(pid_t pid, void *arg), void *arg)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int procs = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	DIR *stream = copy < 0 ? NULL : fdopendir(copy);
	FILE *f = procs < 0 ? NULL : fdopen(procs, "r");
	const struct dirent *e;
	int pid;

	while (f && fscanf(f, "%d", &pid) == 1)
		if (pid > 0) /* 0: in a pid namespace that is not ours */
			fn(pid, arg);
	while (stream && depth && (e = readdir(stream))) {
		_cleanup_close_ int child = FD_NONE;

		if (e->d_type != DT_DIR || streq(e->d_name, ".") || streq(e->d_name, ".."))
			continue;
		child = openat(dir, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (child >= 0)
			walk_procs(child, depth - 1, fn, arg);
	}
	if (f)
		(void)fclose(f);
	else
		(void)fd_close(procs);
	if (stream)
		(void)closedir(stream);
	else
		(void)fd_close(copy);
}

static void kill_one(pid_t pid, void *arg)
{
	(void)kill(pid, SIGKILL);
}

int cgroup_kill(const char *rel)
{
	_cleanup_close_ int dir = open_group(0, rel);
	int r;

	if (dir < 0)
		return dir == -ENOENT ? 0 : dir;
	r = write_at(dir, "cgroup.kill", "1");
	if (r == 0)
		return 0;
	/* Threaded, or a kernel before 5.14: a fork may outrun the walk, so the caller repeats. */
	walk_procs(dir, DEPTH_MAX, kill_one, NULL);
	return 0;
}

/* Whether a line of cgroup.events, named with its blank, says 1. */
static int event_at(int events, const char *line)
{
	char text[256];
	const char *p;
	ssize_t n = pread(events, text, sizeof(text) - 1, 0);

	if (n < 0)
		return errno == ENODEV ? 0 : -errno;
	text[n] = '\0';
	p = strstr(text, line);
	return p && p[strlen(line)] == '1';
}

static int populated_at(int events)
{
	return event_at(events, "populated ");
}

static int open_events(const char *rel)
{
	_cleanup_close_ int dir = open_group(0, rel);
	int fd;

	if (dir < 0)
		return dir;
	fd = openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int cgroup_populated(const char *rel)
{
	_cleanup_close_ int fd = open_events(rel);

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	return populated_at(fd);
}

/* Until a line of cgroup.events has a value. */
static int wait_event(int events, const char *line, int wanted, int timeout_ms)
{
	int64_t end = clock_now_ms() + timeout_ms, left;
	int r;

	for (;;) {
		struct pollfd p = {.fd = events, .events = POLLPRI};

		r = event_at(events, line);
		if (r < 0 || r == wanted)
			return r < 0 ? r : 0;
		left = end - clock_now_ms();
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&p, 1, (int)left) < 0 && errno != EINTR)
			return -errno;
	}
}

int cgroup_wait_empty(const char *rel, int timeout_ms)
{
	_cleanup_close_ int fd = open_events(rel);

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	return wait_event(fd, "populated ", 0, timeout_ms);
}

int cgroup_freeze(const char *rel, bool frozen, int timeout_ms)
{
	_cleanup_close_ int dir = open_group(0, rel), fd = open_events(rel);
	int r;

	if (dir < 0 || fd < 0)
		return dir < 0 ? dir : fd;
	r = write_at(dir, "cgroup.freeze", frozen ? "1" : "0");
	return r < 0 ? r : wait_event(fd, "frozen ", frozen, timeout_ms);
}

bool cgroup_frozen(const char *rel)
{
	_cleanup_close_ int dir = open_group(0, rel);
	char text[8];

	return dir >= 0 && read_at(dir, "cgroup.freeze", text, sizeof(text)) == 0 && text[0] == '1';
}

void cgroup_walk(const char *rel, void (*fn)(pid_t pid, void *arg), void *arg)
{
	_cleanup_close_ int dir = open_group(0, rel);

	if (dir >= 0)
		walk_procs(dir, DEPTH_MAX, fn, arg);
}

static void count_one(pid_t pid, void *arg)
{
	++*(uint64_t *)arg;
}

uint64_t cgroup_count(const char *rel)
{
	uint64_t n = 0;

	cgroup_walk(rel, count_one, &n);
	return n;
}

struct description {
	char *buf;
	size_t size, used;
};

/* One line of a file of the process, "" when there is none. */
static void read_line(pid_t pid, const char *which, char *buf, size_t size)
{
	char file[64];

	(void)snprintf(file, sizeof(file), "/proc/%d/%s", (int)pid, which);
	if (read_at(AT_FDCWD, file, buf, size) < 0)
		buf[0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
}

/* The letter behind the name, which may contain anything. */
static char state_of(pid_t pid)
{
	char text[256], *end;

	read_line(pid, "stat", text, sizeof(text));
	end = strrchr(text, ')');
	return end && end[1] == ' ' && end[2] ? end[2] : '?';
}

static void describe_one(pid_t pid, void *arg)
{
	struct description *ds = arg;
	char name[64], wchan[64], *c;
	bool waits;
	int n;

	read_line(pid, "comm", name, sizeof(name));
	/* A process names itself as it likes, and this is for a terminal. */
	for (c = name; *c; c++)
		if (!isprint((unsigned char)*c))
			*c = '?';
	read_line(pid, "wchan", wchan, sizeof(wchan));
	waits = wchan[0] && !streq(wchan, "0");
	n = snprintf(ds->buf + ds->used, ds->size - ds->used, "%s%d (%s, %c%s%s)",
		ds->used ? ", " : "", (int)pid, name, state_of(pid), waits ? " in " : "",
		waits ? wchan : "");
	if (n > 0 && (size_t)n < ds->size - ds->used)
		ds->used += (size_t)n;
	else
		ds->buf[ds->used] = '\0';
}

void cgroup_describe(const char *rel, char *buf, size_t size)
{
	struct description ds = {.buf = buf, .size = size};

	buf[0] = '\0';
	cgroup_walk(rel, describe_one, &ds);
}

/* ---- limits ---- */

/* Whether a file of the v2 group that lists controllers has this one. */
static bool lists(const char *rel, const char *file, enum cgroup_controller c)
{
	_cleanup_close_ int dir = open_group(0, rel);
	char have[256];
	size_t i;

	if (dir < 0 || read_at(dir, file, have, sizeof(have)) < 0)
		return false;
	for (i = 0; i < ARRAY_SIZE(controllers); i++)
		if (controllers[i] == c)
			return has_word(have, controller_words[i]);
	return false;
}

bool cgroup_is_v2(const char *rel, enum cgroup_controller c)
{
	return lists(rel, "cgroup.controllers", c);
}

bool cgroup_shares(const char *rel, enum cgroup_controller c)
{
	return lists(rel, "cgroup.subtree_control", c);
}

int cgroup_set(const char *rel, const struct cgroup_setting *s)
{
	bool v2 = cgroup_is_v2(rel, s->controller);
	_cleanup_close_ int dir = FD_NONE;
	char path[PATH_MAX];
	int r;

	if (v2)
		r = cgroup_v2_path(path, sizeof(path), rel);
	else
		r = cgroup_v1_path(path, sizeof(path), s->controller, rel);
	if (r == -ENOENT || (r == 0 && !(v2 ? s->file2 : s->file1)))
		return -EOPNOTSUPP;
	if (r < 0)
		return r;
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return errno == ENOENT ? -EOPNOTSUPP : -errno;
	r = write_at(dir, v2 ? s->file2 : s->file1, v2 ? s->value2 : s->value1);
	return r == -ENOENT ? -EOPNOTSUPP : r;
}
