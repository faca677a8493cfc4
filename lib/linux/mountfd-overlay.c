/* SPDX-License-Identifier: MIT */
/*
 * An overlay as a detached mount; see mountfd.h.
 *
 * An overlay cannot be idmapped, its layers can (5.19). The kernel takes layers by name, and
 * before 6.15 only those that are mounted in the caller's namespace. So a thread of its own takes
 * a mount namespace of its own, mounts both layers there, idmapped, and makes the overlay
 * from names below its current directory. The overlay keeps its layers; the namespace goes with the
 * thread, and neither the host's mount table nor another thread sees any of it.
 *
 * What the overlay does in its layers it does as who made it. In an idmapped layer nobody outside of the
 * mapping can make a file, so the thread makes it with the file system id of the zone's root, and
 * keeps its capabilities.
 */
#include "linux/mountfd.h"

#include <fcntl.h>
#include <linux/securebits.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

struct overlay {
	int dir;	/* a detached mount of the directory with upper, work and lower */
	int lower;	/* a detached mount */
	uint32_t owner; /* what 0 inside is outside */
	int fd;		/* what was made */
	int err;
	struct diag d;
};

static int enter_own_namespace(struct overlay *o)
{
	if (unshare(CLONE_FS | CLONE_NEWNS) < 0 ||
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return diag_errno(&o->d, -errno, "cannot make a mount namespace for an overlay");
	if (move_mount(o->dir, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0 ||
		fchdir(o->dir) < 0 ||
		move_mount(o->lower, "", o->dir, "lower", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return diag_errno(&o->d, -errno, "cannot put the layers of an overlay in place");
	return 0;
}

/*
 * Renamed directories of the lower layer work as anywhere (redirect_dir); what only one kernel
 * could read later (index, metacopy) is off.
 */
static int make(struct overlay *o)
{
	static const char *const options[][2] = {{"source", "overlay"}, {"lowerdir", "lower"},
		{"upperdir", "upper"}, {"workdir", "work"}, {"redirect_dir", "on"},
		{"index", "off"}, {"metacopy", "off"}};
	_cleanup_close_ int fs = fsopen("overlay", FSOPEN_CLOEXEC);
	size_t i;
	int r;

	if (fs < 0)
		return diag_errno(&o->d, -errno, "this kernel has no overlay file system");
	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (fsconfig(fs, FSCONFIG_SET_STRING, options[i][0], options[i][1], 0) < 0)
			return diag_errno(
				&o->d, -errno, "cannot set %s of an overlay", options[i][0]);
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return diag_errno(&o->d, -errno, "cannot make an overlay");
	r = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	if (r < 0)
		return diag_errno(&o->d, -errno, "cannot mount an overlay");
	o->fd = r;
	return 0;
}

/* Of this thread alone, which ends soon. */
static int become_owner(struct overlay *o)
{
	if (o->owner == 0)
		return 0;
	if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0) < 0)
		return diag_errno(&o->d, -errno, "cannot keep capabilities for an overlay");
	(void)syscall(SYS_setfsgid, o->owner);
	(void)syscall(SYS_setfsuid, o->owner);
	/* Both answer what was before, so this asks. */
	if (syscall(SYS_setfsuid, -1) != (long)o->owner ||
		syscall(SYS_setfsgid, -1) != (long)o->owner)
		return diag_set(&o->d, -EPERM, "cannot take the zone's id for an overlay");
	return 0;
}

static void *run(void *arg)
{
	struct overlay *o = arg;

	o->err = enter_own_namespace(o);
	if (o->err == 0)
		o->err = become_owner(o);
	if (o->err == 0)
		o->err = make(o);
	return NULL;
}

/* FD_NONE for userns: as it is. */
static int clone_layer(int layer, const char *name, int userns, int *ret, struct diag *d)
{
	_cleanup_close_ int fd = FD_NONE;
	int r = mountfd_clone(layer, "", &fd, d);

	if (r == 0 && userns >= 0)
		r = mountfd_idmap(fd, userns, name, d);
	if (r == 0)
		*ret = TAKE_FD(fd);
	return r;
}

int mountfd_overlay(int dir, int lower, int userns, uint32_t owner, int *ret_fd, struct diag *d)
{
	struct overlay o = {.dir = FD_NONE, .lower = FD_NONE, .fd = FD_NONE, .owner = owner};
	pthread_t thread;
	int r;

	r = clone_layer(dir, "the directory of an overlay", userns, &o.dir, d);
	if (r == 0)
		r = clone_layer(lower, "the image below an overlay", userns, &o.lower, d);
	if (r == 0)
		r = -pthread_create(&thread, NULL, run, &o);
	if (r == 0) {
		(void)pthread_join(thread, NULL);
		r = o.err;
		if (r < 0)
			(void)diag_set(d, r, "%s", o.d.text);
		else
			*ret_fd = o.fd;
	}
	o.dir = fd_close(o.dir);
	o.lower = fd_close(o.lower);
	return r;
}
