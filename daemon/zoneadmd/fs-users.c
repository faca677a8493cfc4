/* SPDX-License-Identifier: MIT */
/*
 * Mounts of a zone as its processes have them; see fs-users.h. Everything is read from /proc: paths
 * are compared as text, and nothing of the zone is opened.
 */
#include "zoneadmd/fs-users.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <zone.h>

#include "linux/cgroup.h"

#define USERS_SHOWN 3

/* Turns \040 and the like of mountinfo back, in place. */
static void unescape(char *text)
{
	char *out = text;

	for (; *text; text++) {
		if (text[0] == '\\' && text[1] && text[2] && text[3]) {
			*out++ = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 |
					(text[3] - '0'));
			text += 3;
		} else {
			*out++ = *text;
		}
	}
	*out = '\0';
}

/* One line: mount id, parent, device, root, mount point. */
struct mount_line {
	char identity[PATH_MAX + 32]; /* device and root */
	const char *point;
};

static bool take_line(char *line, struct mount_line *ret)
{
	char *rest = NULL, *word[5];
	int i;

	for (i = 0; i < 5; i++) {
		word[i] = strtok_r(i ? NULL : line, " ", &rest);
		if (!word[i])
			return false;
	}
	(void)snprintf(ret->identity, sizeof(ret->identity), "%s %s", word[2], word[3]);
	unescape(word[4]);
	ret->point = word[4];
	return true;
}

/*
 * Counts the mounts of a process that are at dir (NULL: anywhere) and are identity (NULL: any);
 * ret_identity (may be NULL) is that of the last one.
 */
static int count(pid_t pid, const char *dir, const char *identity, char *ret_identity, size_t size)
{
	_cleanup_fclose_ FILE *f = NULL;
	_cleanup_free_ char *line = NULL;
	struct mount_line m;
	size_t room = 0;
	char path[64];
	int n = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (getline(&line, &room, f) > 0) {
		if (!take_line(line, &m) || (dir && !streq(m.point, dir)) ||
			(identity && !streq(m.identity, identity)))
			continue;
		n++;
		if (ret_identity)
			(void)snprintf(ret_identity, size, "%s", m.identity);
	}
	return ferror(f) ? -EIO : n;
}

int fs_mounted(pid_t pid, const char *dir)
{
	return count(pid, dir, NULL, NULL, 0);
}

void fs_identity(pid_t pid, const char *dir, char *buf, size_t size)
{
	buf[0] = '\0';
	(void)count(pid, dir, NULL, buf, size);
}

int fs_copies(pid_t pid, const char *identity)
{
	return count(pid, NULL, identity, NULL, 0);
}

static bool is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* The link name in the directory leads to dir. */
static bool leads_to(int proc, const char *name, const char *dir)
{
	char path[PATH_MAX];
	ssize_t n = readlinkat(proc, name, path, sizeof(path) - 1);

	if (n <= 0)
		return false;
	path[n] = '\0';
	return is_below(path, dir);
}

/* One of the links in proc/folder does: descriptors, mapped files. */
static bool one_leads_to(int proc, const char *folder, const char *dir)
{
	int fd = openat(proc, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	bool found = false;
	struct dirent *e;

	if (!d) {
		(void)fd_close(fd);
		return false;
	}
	while (!found && (e = readdir(d)))
		found = e->d_name[0] != '.' && leads_to(fd, e->d_name, dir);
	(void)closedir(d);
	return found;
}

static bool uses(int proc, const char *dir)
{
	return leads_to(proc, "cwd", dir) || leads_to(proc, "root", dir) ||
	       leads_to(proc, "exe", dir) || one_leads_to(proc, "fd", dir) ||
	       one_leads_to(proc, "map_files", dir);
}

static bool is_of_zone(pid_t pid, const char *zone)
{
	char group[PATH_MAX], name[ZONENAME_MAX];
	const char *rest;

	return cgroup_of_pid(pid, group, sizeof(group)) == 0 &&
	       cgroup_zone_of(group, name, sizeof(name), &rest) && streq(name, zone);
}

static void add_user(int proc, pid_t pid, char *buf, size_t size)
{
	_cleanup_close_ int fd = openat(proc, "comm", O_RDONLY | O_CLOEXEC);
	char comm[32] = "?";
	size_t used = strlen(buf), i;
	ssize_t n = fd < 0 ? 0 : read(fd, comm, sizeof(comm) - 1);

	if (n > 0)
		comm[n - 1] = '\0';
	/* the zone chose it */
	for (i = 0; comm[i]; i++) {
		if (!isprint((unsigned char)comm[i]))
			comm[i] = '?';
	}
	(void)snprintf(buf + used, size - used, "%spid %d (%s)", used ? ", " : "", (int)pid, comm);
}

void fs_users(const char *zone, const char *dir, char *buf, size_t size)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int shown = 0;

	buf[0] = '\0';
	while (d && shown < USERS_SHOWN && (e = readdir(d))) {
		_cleanup_close_ int proc = FD_NONE;
		pid_t pid = (pid_t)atoi(e->d_name);

		if (pid <= 0 || !is_of_zone(pid, zone))
			continue;
		proc = openat(dirfd(d), e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (proc < 0 || !uses(proc, dir))
			continue;
		add_user(proc, pid, buf, size);
		shown++;
	}
	if (d)
		(void)closedir(d);
}
