/* SPDX-License-Identifier: MIT */
/*
 * Assembles the zone's root. zoneadmd sends the mounts, detached and idmapped;
 * a child of zsched, still with the host's user namespace, puts them together
 * in a mount namespace of the host's, in which nothing else is left, and then
 * copies that into a second mount namespace that belongs to the zone's user
 * namespace. The copy is the zone's: its mounts are locked together, so
 * that root in the zone cannot take one away to see what is below, and it is a
 * slave of the first, so that what is mounted there later arrives in the zone.
 */
#include "zsched/mounts.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

struct build {
	struct zsched *z;
	const struct zsched_build_req *req;
	const int *fds;
};

static int attach_one(const struct build *b, uint32_t i, struct diag *d)
{
	const struct zsched_mount *m = &b->req->mounts[i];
	const char *rel = m->target + 1;
	int r = 0;

	if (m->make)
		r = mounts_make(rel, m->make, b->z->uid_base, d);
	return r < 0 ? r : mounts_attach(b->fds[i], rel, d);
}

static int attach_standard(const struct build *b, int *ret_console, struct diag *d)
{
	static const char *const points[] = {"dev", "proc", "sys"};
	size_t i;
	int r;

	for (i = 0; i < ARRAY_SIZE(points); i++) {
		r = mounts_make(points[i], 1, b->z->uid_base, d);
		if (r < 0)
			return r;
	}
	r = mounts_dev(b->z->uid_base, b->z->devices, ret_console, d);
	return r < 0 ? r : mounts_sys(d);
}

/* Everything but the user namespace: sysfs, mqueue and cgroup2 show the namespace that mounts them. */
static int enter_zone_views(const struct zsched *z, struct diag *d)
{
	if (setns(z->net, CLONE_NEWNET) < 0 || setns(z->ipc, CLONE_NEWIPC) < 0 ||
		setns(z->uts, CLONE_NEWUTS) < 0 || setns(z->cgroup, CLONE_NEWCGROUP) < 0)
		return diag_errno(d, -errno, "Cannot enter the zone's namespaces");
	return 0;
}

/* A mount namespace of the host's whose current directory is the zone's bare root. */
static int start_namespace(const struct build *b, struct diag *d)
{
	char here[512];
	int r;

	r = instance_path(here, sizeof(here), INSTANCE_RUN);
	if (r < 0)
		return diag_errno(d, r, "The root prefix is too long");
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return diag_errno(d, -errno, "Cannot make a mount namespace");
	if (move_mount(b->fds[0], "", AT_FDCWD, here, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return diag_errno(d, -errno, "Cannot mount the zone's root");
	if (fchdir(b->fds[0]) < 0)
		return diag_errno(d, -errno, "Cannot enter the zone's root");
	return 0;
}

/* The zone's root becomes the root, the host's tree goes. */
static int leave_host(struct diag *d)
{
	if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return diag_errno(d, -errno, "Cannot make the zone's root the root");
	if (mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) < 0)
		return diag_errno(d, -errno, "Cannot share the zone's mounts");
	return 0;
}

static int build_child(void *arg, int sock, struct diag *d)
{
	const struct build *b = arg;
	_cleanup_close_ int hostmnt = FD_NONE, console = FD_NONE;
	uint32_t i;
	int r;

	(void)umask(0);
	r = start_namespace(b, d);
	if (r < 0)
		return r;
	hostmnt = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (hostmnt < 0)
		return diag_errno(d, -errno, "Cannot open /proc/self/ns/mnt");
	r = enter_zone_views(b->z, d);
	if (r == 0 && sethostname(b->req->nodename, strlen(b->req->nodename)) < 0)
		r = diag_errno(d, -errno, "Cannot set the node name");
	if (r == 0)
		r = attach_standard(b, &console, d);
	for (i = 1; r == 0 && i < b->req->count; i++)
		r = attach_one(b, i, d);
	if (r == 0 && b->z->view >= 0)
		r = mounts_view_sys(d);
	if (r == 0)
		r = leave_host(d);
	if (r < 0)
		return r;
	if ((r = child_send_fd(sock, hostmnt)) < 0 || (r = child_send_fd(sock, console)) < 0)
		return r;
	if (setns(b->z->user, CLONE_NEWUSER) < 0 || unshare(CLONE_NEWNS) < 0)
		return diag_errno(d, -errno, "Cannot make the zone's mount namespace");
	return child_sync(sock);
}

static int build_parent(void *arg, pid_t pid, int sock, struct diag *d)
{
	struct build *b = arg;
	_cleanup_close_ int hostmnt = FD_NONE, console = FD_NONE, mnt = FD_NONE;
	char path[64];
	int r;

	if ((r = child_recv_fd(sock, &hostmnt)) < 0 || (r = child_recv_fd(sock, &console)) < 0 ||
		(r = child_wait_sync(sock)) < 0)
		return r;
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
	mnt = open(path, O_RDONLY | O_CLOEXEC);
	if (mnt < 0)
		return diag_errno(d, -errno, "Cannot open the zone's mount namespace");
	r = child_go_on(sock);
	if (r < 0)
		return r;
	b->z->hostmnt = TAKE_FD(hostmnt);
	b->z->console = TAKE_FD(console);
	b->z->mnt = TAKE_FD(mnt);
	return 0;
}

int build_root(struct zsched *z, const struct zsched_build_req *req, const int *fds, struct diag *d)
{
	struct build b = {.z = z, .req = req, .fds = fds};
	int r = child_run(build_child, build_parent, &b, d);

	if (r == 0)
		r = console_open(z, d);
	z->stdio = req->stdio;
	if (r == 0)
		r = stdio_open(z, d);
	if (r == 0) {
		z->built = true;
		return 0;
	}
	z->hostmnt = fd_close(z->hostmnt);
	z->console = fd_close(z->console);
	z->mnt = fd_close(z->mnt);
	return r;
}
