/* SPDX-License-Identifier: MIT */
/*
 * One file: data and attributes; see copy-tree.h.
 *
 * Data by the cheapest way that works here: FICLONE shares all blocks at once (btrfs,
 * XFS, bcachefs); else each stretch of data is copied by copy_file_range(2), or
 * by hand where a file system has not even that or nothing may be shared. Holes stay holes.
 */
#include "linux/copy-tree.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#define PIECE (16 * 1024 * 1024)

static int copy_by_hand(int from, int to, off_t at, size_t size)
{
	static char buf[256 * 1024];

	while (size) {
		ssize_t n = pread(from, buf, size < sizeof(buf) ? size : sizeof(buf), at);
		ssize_t done = 0, m;

		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		for (; done < n; done += m) {
			m = pwrite(to, buf + done, (size_t)(n - done), at + done);
			if (m < 0)
				return -errno;
		}
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

static void tell(const struct copy_how *how, uint64_t bytes)
{
	if (how->copied)
		how->copied(how->arg, bytes);
}

/* At most PIECE bytes; *at goes on. */
static int copy_piece(int from, int to, off_t *at, off_t end, const struct copy_how *how)
{
	size_t size = end - *at > PIECE ? PIECE : (size_t)(end - *at);
	off_t in = *at, out = in;
	ssize_t n = how->no_sharing ? 0 : copy_file_range(from, &in, to, &out, size, 0);
	int r;

	if (n > 0) {
		tell(how, (uint64_t)n);
		*at += n;
		return 0;
	}
	if (n < 0 && errno != EXDEV && errno != EOPNOTSUPP && errno != EINVAL && errno != ENOSYS)
		return -errno;
	r = copy_by_hand(from, to, *at, size);
	*at += (off_t)size;
	tell(how, size);
	return r;
}

static int copy_stretch(int from, int to, off_t at, off_t end, const struct copy_how *how)
{
	int r = 0;

	while (at < end && r == 0)
		r = how->cancelled && how->cancelled() ? -ECANCELED
						       : copy_piece(from, to, &at, end, how);
	return r;
}

static int copy_stretches(int from, int to, off_t size, const struct copy_how *how)
{
	off_t data = 0, hole;
	int r = 0;

	while (data < size && r == 0) {
		data = lseek(from, data, SEEK_DATA);
		if (data < 0)
			return errno == ENXIO ? 0 : -errno;
		hole = lseek(from, data, SEEK_HOLE);
		if (hole < 0)
			return -errno;
		r = copy_stretch(from, to, data, hole, how);
		data = hole;
	}
	return r;
}

int copy_data(int from, int to, const struct copy_how *how)
{
	struct stat st;

	if (fstat(from, &st) < 0)
		return -errno;
	if (st.st_size == 0)
		return 0;
	if (!how->no_sharing && ioctl(to, FICLONE, from) == 0) {
		tell(how, (uint64_t)st.st_size);
		return 0;
	}
	if (ftruncate(to, st.st_size) < 0)
		return -errno;
	return copy_stretches(from, to, st.st_size, how);
}

/* By path, not by descriptor: there is none of a symbolic link or a device. */
static int copy_xattrs(const char *from, const char *to, const char *name, struct diag *d)
{
	static char names[64 * 1024], value[64 * 1024];
	ssize_t size = llistxattr(from, names, sizeof(names)), n;
	const char *p;

	if (size < 0)
		return errno == EOPNOTSUPP
			       ? 0
			       : diag_errno(d, -errno, "cannot list attributes of '%s'", name);
	for (p = names; p < names + size; p += strlen(p) + 1) {
		n = lgetxattr(from, p, value, sizeof(value));
		if (n < 0)
			return diag_errno(d, -errno, "cannot read attribute %s of '%s'", p, name);
		if (lsetxattr(to, p, value, (size_t)n, 0) < 0)
			return diag_errno(d, -errno, "cannot set attribute %s of '%s'", p, name);
	}
	return 0;
}

/* The owner first: changing it clears set-id bits and file capabilities. */
int copy_attributes(int from, int to, const char *name, struct diag *d)
{
	char a[PATH_MAX], b[PATH_MAX];
	struct timespec times[2];
	struct stat st;
	int r;

	(void)snprintf(a, sizeof(a), "/proc/self/fd/%d/%s", from, name);
	(void)snprintf(b, sizeof(b), "/proc/self/fd/%d/%s", to, name);
	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return diag_errno(d, -errno, "cannot examine '%s'", name);
	if (fchownat(to, name, st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return diag_errno(d, -errno, "cannot set the owner of '%s'", name);
	if (!S_ISLNK(st.st_mode) && fchmodat(to, name, st.st_mode & 07777, 0) < 0)
		return diag_errno(d, -errno, "cannot set the mode of '%s'", name);
	r = copy_xattrs(a, b, name, d);
	if (r < 0)
		return r;
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	if (utimensat(to, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return diag_errno(d, -errno, "cannot set the times of '%s'", name);
	return 0;
}
