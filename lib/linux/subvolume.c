/* SPDX-License-Identifier: MIT */
/* Subvolumes of btrfs by its ioctls; see subvolume.h. */
#include "linux/subvolume.h"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define SUBVOLUME_INODE 256 /* of the root of every subvolume */

static bool on_btrfs(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == BTRFS_SUPER_MAGIC;
}

bool subvolume_is(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_ino == SUBVOLUME_INODE && on_btrfs(fd);
}

/* -EOVERFLOW says that there are more than fit: so there are some. */
static bool has_others(int root)
{
	_cleanup_free_ struct btrfs_ioctl_get_subvol_rootref_args *refs = calloc(1, sizeof(*refs));

	if (!refs || ioctl(root, BTRFS_IOC_GET_SUBVOL_ROOTREF, refs) < 0)
		return true;
	return refs->num_items > 0;
}

bool subvolume_is_lone(int root)
{
	return subvolume_is(root) && !has_others(root);
}

int subvolume_create(int dir, const char *name)
{
	struct btrfs_ioctl_vol_args_v2 args = {0};

	if (!on_btrfs(dir))
		return SUBVOLUME_NONE;
	if (str_copy(args.name, sizeof(args.name), name) < 0)
		return -ENAMETOOLONG;
	return ioctl(dir, BTRFS_IOC_SUBVOL_CREATE_V2, &args) < 0 ? -errno : 0;
}

int subvolume_snapshot(int root, int dir, const char *name)
{
	struct btrfs_ioctl_vol_args_v2 args = {.fd = root};

	if (!subvolume_is_lone(root))
		return SUBVOLUME_NONE;
	if (str_copy(args.name, sizeof(args.name), name) < 0)
		return -ENAMETOOLONG;
	if (ioctl(dir, BTRFS_IOC_SNAP_CREATE_V2, &args) == 0)
		return 0;
	return errno == EXDEV || errno == EINVAL || errno == ENOTTY ? SUBVOLUME_NONE : -errno;
}

/* 0, SUBVOLUME_NONE, or a negative errno. */
static int check_lone(int dir, const char *name)
{
	_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? SUBVOLUME_NONE
									     : -errno;
	return subvolume_is_lone(fd) ? 0 : SUBVOLUME_NONE;
}

int subvolume_destroy(int dir, const char *name)
{
	struct btrfs_ioctl_vol_args_v2 args = {0};
	int r = check_lone(dir, name);

	if (r != 0)
		return r;
	if (str_copy(args.name, sizeof(args.name), name) < 0)
		return -ENAMETOOLONG;
	return ioctl(dir, BTRFS_IOC_SNAP_DESTROY_V2, &args) < 0 ? -errno : 0;
}

int subvolume_unlock(int fd)
{
	uint64_t flags;

	if (!subvolume_is(fd))
		return SUBVOLUME_NONE;
	if (ioctl(fd, BTRFS_IOC_SUBVOL_GETFLAGS, &flags) < 0)
		return -errno;
	if (!(flags & BTRFS_SUBVOL_RDONLY))
		return 0;
	flags &= ~(uint64_t)BTRFS_SUBVOL_RDONLY;
	return ioctl(fd, BTRFS_IOC_SUBVOL_SETFLAGS, &flags) < 0 ? -errno : 0;
}
