/* SPDX-License-Identifier: MIT */
/*
 * What a zone sees of the machine: files of a FUSE file system that zoneview serves.
 *
 * zsched keeps its connection, which lives as long as somebody has it, whoever serves just now; and
 * each file open, so that the kernel finds their names without asking. Nothing that zsched
 * does may wait for zoneview: it could not tell the next one of the connection meanwhile.
 * The file system is mounted on /proc, below the kernel's; from there its
 * files are put over the kernel's own whenever that is made.
 */
#include "zsched/mounts.h"

#include <fcntl.h>
#include <sys/mount.h>

void view_let_go(struct zsched *z)
{
	int i;

	for (i = 0; i < VIEW_FILE_COUNT; i++)
		z->files[i] = fd_close(z->files[i]);
	z->view = fd_close(z->view);
}

static int keep(int *place, int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	if (copy < 0)
		return -errno;
	(void)fd_close(*place);
	*place = copy;
	return 0;
}

int view_keep(struct zsched *z, const int *fds, unsigned int n)
{
	unsigned int i;
	int r = 0;

	if (n == 0) {
		view_let_go(z);
		return 0;
	}
	if (n == 1 && z->view < 0 && !z->built)
		return keep(&z->view, fds[0]);
	if (n != VIEW_FILE_COUNT || z->view < 0 || z->built)
		return -EINVAL;
	for (i = 0; i < n && r == 0; i++)
		r = keep(&z->files[i], fds[i]);
	return r;
}

/* ---- in a child, in the zone's mounts ---- */

static bool is_below_proc(int file)
{
	return strncmp(view_files[file].target, "proc/", 5) == 0;
}

static int open_copy(int file, struct diag *d)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "proc/%s", view_files[file].name);
	fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	return fd < 0 ? diag_errno(d, -errno, "Cannot copy the mount of %s", view_files[file].name)
		      : fd;
}

static int attach(int fd, int file, struct diag *d)
{
	/* A kernel that lacks the file needs none over it. */
	if (access(view_files[file].target, F_OK) < 0)
		return 0;
	return mounts_attach(fd, view_files[file].target, d);
}

int mounts_view_sys(struct diag *d)
{
	int i, r = 0;

	for (i = 0; i < VIEW_FILE_COUNT && r == 0; i++) {
		_cleanup_close_ int fd = FD_NONE;

		if (is_below_proc(i))
			continue;
		fd = open_copy(i, d);
		r = fd < 0 ? fd : attach(fd, i, d);
	}
	return r;
}

int mounts_view_open(int *fds, struct diag *d)
{
	int i;

	for (i = 0; i < VIEW_FILE_COUNT; i++)
		if (is_below_proc(i) && (fds[i] = open_copy(i, d)) < 0)
			return TAKE_FD(fds[i]);
	return 0;
}

int mounts_view_attach(int *fds, struct diag *d)
{
	int i, r = 0;

	for (i = 0; i < VIEW_FILE_COUNT && r == 0; i++)
		if (fds[i] >= 0)
			r = attach(fds[i], i, d);
	return r;
}
