/* SPDX-License-Identifier: MIT */
/* Opening and checking a zonepath; see zonepath.h. The prefix itself is trusted. */
#include "zoneadmd/zonepath.h"

#include <sys/stat.h>

#include "image/overlay-root.h"
#include "linux/instance.h"
#include "linux/openat2.h"

void zonepath_init(struct zonepath *z)
{
	*z = (struct zonepath){.fd = FD_NONE, .root = FD_NONE};
}

void zonepath_fini(struct zonepath *z)
{
	z->fd = fd_close(z->fd);
	z->root = fd_close(z->root);
}

int zonepath_open_quick(const char *path, int *ret_fd)
{
	const char *prefix = instance_root();
	_cleanup_close_ int top = FD_NONE;
	int fd;

	top = open(prefix[0] ? prefix : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		return -errno;
	while (*path == '/')
		path++;
	fd = openat2_fd(top, *path ? path : ".", O_PATH | O_DIRECTORY, 0,
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}

static int check_zonepath(int fd, const char *path, struct diag *d)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return diag_errno(d, -errno, "cannot look at zonepath '%s'", path);
	if (st.st_uid != 0)
		return diag_set(d, -EPERM,
			"zonepath '%s' belongs to uid %u; it must belong to root", path, st.st_uid);
	if ((st.st_mode & 07777) != 0700)
		return diag_set(d, -EPERM, "zonepath '%s' has mode %04o; it must have mode 0700",
			path, st.st_mode & 07777);
	return 0;
}

static int open_root(int fd, const char *path, int *ret_root, struct diag *d)
{
	_cleanup_close_ int root = FD_NONE;
	struct stat st;

	/* Of an overlay of an image what the zone has written: nobody has it mounted here. */
	root = openat(fd, OVERLAY_DIR "/upper", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (root < 0 && errno == ENOENT)
		root = openat(fd, "root", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (root < 0)
		return diag_errno(d, -errno, "cannot open the zone's root '%s/root'", path);
	if (fstat(root, &st) < 0)
		return diag_errno(d, -errno, "cannot look at '%s/root'", path);
	if (!S_ISDIR(st.st_mode))
		return diag_set(d, -ENOTDIR,
			"the zone's root '%s/root' is not a directory; it must be one", path);
	if (st.st_uid != 0)
		return diag_set(d, -EPERM,
			"the zone's root '%s/root' belongs to uid %u; it must belong to root", path,
			st.st_uid);
	*ret_root = TAKE_FD(root);
	return 0;
}

int zonepath_open(const char *path, struct zonepath *ret, struct diag *d)
{
	_cleanup_close_ int fd = FD_NONE, root = FD_NONE;
	int r;

	r = zonepath_open_quick(path, &fd);
	if (r == -ELOOP || r == -EXDEV)
		return diag_set(
			d, r, "zonepath '%s' has a symbolic link in it; it must have none", path);
	if (r < 0)
		return diag_errno(d, r, "cannot open zonepath '%s'", path);
	r = check_zonepath(fd, path, d);
	if (!r)
		r = open_root(fd, path, &root, d);
	if (r < 0)
		return r;
	ret->fd = TAKE_FD(fd);
	ret->root = TAKE_FD(root);
	return 0;
}
