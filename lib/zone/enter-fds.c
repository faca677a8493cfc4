/* SPDX-License-Identifier: MIT */
/*
 * Which descriptors may go along into a zone: see zone_way_check_fds(). What has a name, or
 * could give one, is refused: by a directory, a file, a terminal of the host or a namespace root
 * of a zone would reach what is outside. So is what passes descriptors on later, a socket of the
 * host, and what nobody thought of.
 */
#include "zone/enter.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#define MEM_MAJOR 1u

static bool is_nameless_pipe(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PIPEFS_MAGIC;
}

/* null, zero, full, random, urandom: the same devices everywhere. */
static bool is_harmless_device(dev_t dev)
{
	unsigned int n = minor(dev);

	return major(dev) == MEM_MAJOR && (n == 3 || n == 5 || (n >= 7 && n <= 9));
}

/* One of the host's is not the zone's, though it may be in the host's network namespace. */
static bool is_socket_of(int fd, int netns)
{
	int own = ioctl(fd, SIOCGSKNS);
	struct stat a, b, host;
	bool same;

	if (own < 0)
		return false;
	same = fstat(own, &a) == 0 && fstat(netns, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino && stat("/proc/self/ns/net", &host) == 0 &&
	       host.st_ino != a.st_ino;
	(void)close(own);
	return same;
}

static bool is_plain_event(const char *what)
{
	return streq(what, "anon_inode:[eventfd]") || streq(what, "anon_inode:[timerfd]") ||
	       streq(what, "anon_inode:[signalfd]");
}

static bool is_safe(const struct zone_way *w, int fd, const char *what)
{
	struct stat st;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || (flags & O_PATH) || fstat(fd, &st) < 0)
		return false;
	if (S_ISFIFO(st.st_mode))
		return is_nameless_pipe(fd);
	if (S_ISSOCK(st.st_mode))
		return is_socket_of(fd, w->fds[ZONE_ENTER_NET]);
	if (S_ISCHR(st.st_mode))
		return is_harmless_device(st.st_rdev);
	return is_plain_event(what);
}

static int check_one(const struct zone_way *w, DIR *dir, const char *name,
	struct zone_way_keep *keep, struct diag *d)
{
	int fd = atoi(name), flags = fcntl(fd, F_GETFD);
	char what[256];
	ssize_t n;

	if (flags < 0 || (flags & FD_CLOEXEC))
		return 0;
	n = readlinkat(dirfd(dir), name, what, sizeof(what) - 1);
	what[n > 0 ? n : 0] = '\0';
	if (!is_safe(w, fd, what))
		return diag_set(d, -EBADF, "Descriptor %d (%s) would lead out of zone '%s'", fd,
			what, w->reply.name);
	if (keep->count == ZONE_WAY_KEEP)
		return diag_set(
			d, -EMFILE, "More than %d descriptors cannot go along", ZONE_WAY_KEEP);
	keep->fds[keep->count++] = fd;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

int zone_way_check_fds(const struct zone_way *w, struct zone_way_keep *ret, struct diag *d)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *e;
	int r = 0;

	if (!dir)
		return diag_errno(d, -errno, "Cannot look through the open descriptors");
	ret->count = 0;
	while (r == 0 && (e = readdir(dir)))
		if (e->d_name[0] != '.')
			r = check_one(w, dir, e->d_name, ret, d);
	(void)closedir(dir);
	qsort(ret->fds, ret->count, sizeof(ret->fds[0]), compare);
	return r;
}
