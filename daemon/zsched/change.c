/* SPDX-License-Identifier: MIT */
/*
 * A file system comes to a running zone, or goes. A child of zsched enters the host-owned mount
 * namespace behind the zone's and does it there: the kernel carries it on into the zone's own, with
 * flags that root of the zone cannot change, and takes it away there with ours. Until the zone is booted
 * again its root can unmount or move it, as the kernel locks only what lies below such a mount.
 *
 * The zone lives while we work: it may put links and other directories where the path leads. No link
 * is followed, and what is there is asked who it is before it is taken away.
 */
#include "zsched/mounts.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

struct change {
	const struct zsched *z;
	const struct zsched_fs_req *req;
	int fd; /* the mount that comes */
};

/* The root of the namespace is the zone's, and becomes our root and current directory. */
static int enter(const struct zsched *z, struct diag *d)
{
	(void)umask(0);
	return setns(z->hostmnt, CLONE_NEWNS) < 0
		       ? diag_errno(d, -errno, "Cannot enter the zone's mounts")
		       : 0;
}

static bool is_mounted_on(int fd)
{
	struct statx x;

	return statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &x) == 0 &&
	       (x.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

/* Whether what is mounted there is what is meant. */
static bool is_it(int fd, const struct zsched_fs_req *req)
{
	struct statfs f;
	struct stat st;

	if (!is_mounted_on(fd) || fstat(fd, &st) < 0 || fstatfs(fd, &f) < 0)
		return false;
	if (req->ino == ZSCHED_FS_ANY)
		return true;
	return req->ino ? st.st_dev == req->dev && st.st_ino == req->ino : f.f_type == TMPFS_MAGIC;
}

static int add_child(void *arg, int sock, struct diag *d)
{
	const struct change *c = arg;
	const char *rel = c->req->target + 1;
	_cleanup_close_ int target = FD_NONE;
	int r = enter(c->z, d);

	if (r == 0 && c->req->make)
		r = mounts_make(rel, c->req->make, c->z->uid_base, d);
	if (r < 0)
		return r;
	target = mounts_target(rel, d);
	if (target < 0)
		return target;
	if (is_it(target, c->req))
		return 0;
	if (is_mounted_on(target))
		return diag_set(d, -EBUSY, "Something else is mounted on /%s in the zone", rel);
	return mounts_move(c->fd, target, rel, d);
}

static int remove_child(void *arg, int sock, struct diag *d)
{
	const struct change *c = arg;
	const char *rel = c->req->target + 1, *name;
	_cleanup_close_ int parent = FD_NONE;
	int target, r = enter(c->z, d);
	bool found;

	if (r < 0)
		return r;
	parent = mounts_parent(rel, &name, d);
	if (parent < 0)
		return parent;
	target = mounts_target(rel, d);
	if (target < 0)
		return target;
	/* a descriptor of it would keep it busy */
	found = is_it(target, c->req);
	(void)fd_close(target);
	if (!found)
		return diag_set(d, -ENOENT, "It is not mounted on /%s in the zone", rel);
	if (fchdir(parent) < 0 || umount2(name, UMOUNT_NOFOLLOW) < 0)
		return diag_errno(d, -errno, "Cannot unmount /%s in the zone", rel);
	return 0;
}

int change_add(const struct zsched *z, const struct zsched_fs_req *req, int fd, struct diag *d)
{
	struct change c = {.z = z, .req = req, .fd = fd};

	return child_run(add_child, NULL, &c, d);
}

int change_remove(const struct zsched *z, const struct zsched_fs_req *req, struct diag *d)
{
	struct change c = {.z = z, .req = req, .fd = FD_NONE};

	return child_run(remove_child, NULL, &c, d);
}
