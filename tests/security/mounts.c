/* SPDX-License-Identifier: MIT */
/* Attempts: what is below or beside the zone's mounts, with the old calls and the new ones. */
#include "attack.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* Everything here happens in a mount namespace of its own, so that the zone keeps its mounts. */
static int apart(void)
{
	if (unshare(CLONE_NEWNS) < 0)
		return -errno;
	(void)mkdir("/tmp/attack", 0755);
	return 0;
}

static int mounts(const char *source, const char *target, const char *type, unsigned long flags,
	const char *options)
{
	int r = apart();

	return r < 0 ? r : tried(mount(source, target, type, flags, options));
}

#define MOUNT(name, ...)                                                                           \
	static int name(void)                                                                      \
	{                                                                                          \
		return mounts(__VA_ARGS__);                                                        \
	}

MOUNT(mount_proc, "proc", "/tmp/attack", "proc", 0, NULL)
MOUNT(mount_sysfs, "sysfs", "/tmp/attack", "sysfs", 0, NULL)
MOUNT(mount_devtmpfs, "dev", "/tmp/attack", "devtmpfs", 0, NULL)
MOUNT(mount_debugfs, "d", "/tmp/attack", "debugfs", 0, NULL)
MOUNT(mount_tracefs, "t", "/tmp/attack", "tracefs", 0, NULL)
MOUNT(mount_securityfs, "s", "/tmp/attack", "securityfs", 0, NULL)
MOUNT(mount_configfs, "c", "/tmp/attack", "configfs", 0, NULL)
MOUNT(mount_new_cgroup_hierarchy, "c", "/tmp/attack", "cgroup", 0, "none,name=attack")
MOUNT(mount_disk, "/dev/vda", "/tmp/attack", "ext4", 0, NULL)
MOUNT(mount_fuse, "f", "/tmp/attack", "fuse", 0, "fd=0,rootmode=40000,user_id=0,group_id=0")
MOUNT(remount_usr, NULL, "/usr", NULL, MS_REMOUNT, NULL)
MOUNT(remount_usr_bind, NULL, "/usr", NULL, MS_REMOUNT | MS_BIND, NULL)
MOUNT(remount_proc_sys, NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND, NULL)
MOUNT(remount_sysrq, NULL, "/proc/sysrq-trigger", NULL, MS_REMOUNT | MS_BIND, NULL)
MOUNT(remount_sys, NULL, "/sys", NULL, MS_REMOUNT | MS_BIND, NULL)
MOUNT(remount_doors, NULL, "/dev/zones", NULL, MS_REMOUNT | MS_BIND, NULL)
MOUNT(move_mask, "/proc/sys", "/tmp/attack", NULL, MS_MOVE, NULL)
MOUNT(bind_one_proc, "/proc", "/tmp/attack", NULL, MS_BIND, NULL)

static int unmounts(const char *target)
{
	int r = apart();

	return r < 0 ? r : tried(umount2(target, MNT_DETACH));
}

#define UMOUNT(name, target)                                                                       \
	static int name(void)                                                                      \
	{                                                                                          \
		return unmounts(target);                                                           \
	}

UMOUNT(uncover_kcore, "/proc/kcore")
UMOUNT(uncover_keys, "/proc/keys")
UMOUNT(uncover_sysctl, "/proc/sys")
UMOUNT(uncover_sysrq, "/proc/sysrq-trigger")
UMOUNT(uncover_usr, "/usr")
UMOUNT(uncover_sys, "/sys")
UMOUNT(uncover_dev, "/dev")

/* A v1 hierarchy that exists: its release_agent is run by the host. */
static int cgroup_release_agent(void)
{
	int r = mounts("c", "/tmp/attack", "cgroup", 0, "memory"), fd;

	if (r < 0)
		return r;
	fd = open("/tmp/attack/release_agent", O_WRONLY);
	return fd < 0 ? -errno : tried(write(fd, "/tmp/x", 6));
}

/* ---- open_tree(2), mount_setattr(2), fsopen(2) ---- */

static int clone_proc_without_masks(void)
{
	int r = apart();

	return r < 0 ? r : tried(syscall(SYS_open_tree, AT_FDCWD, "/proc", 1 /* CLONE */));
}

static int clears_read_only(const char *path)
{
	uint64_t attr[4] = {0, 1 /* MOUNT_ATTR_RDONLY */, 0, 0}; /* set, clear */
	int r = apart();

	return r < 0 ? r : tried(syscall(SYS_mount_setattr, AT_FDCWD, path, 0, attr, sizeof(attr)));
}

static int setattr_usr(void)
{
	return clears_read_only("/usr");
}

static int setattr_sysctl(void)
{
	return clears_read_only("/proc/sys");
}

static int makes_fs(const char *type)
{
	int r = apart(), fs;

	if (r < 0)
		return r;
	fs = (int)syscall(SYS_fsopen, type, 0);
	if (fs < 0 || syscall(SYS_fsconfig, fs, 6 /* CMD_CREATE */, NULL, NULL, 0) < 0)
		return -errno;
	return tried(syscall(SYS_fsmount, fs, 0, 0));
}

static int fsopen_proc(void)
{
	return makes_fs("proc");
}

static int fsopen_sysfs(void)
{
	return makes_fs("sysfs");
}

static int fsopen_bpf_delegation(void)
{
	int r = apart(), fs;

	if (r < 0)
		return r;
	fs = (int)syscall(SYS_fsopen, "bpf", 0);
	if (fs < 0)
		return -errno;
	return tried(syscall(SYS_fsconfig, fs, 1, "delegate_cmds", "any", 0));
}

static int fspick_usr(void)
{
	int r = apart(), fs;

	if (r < 0)
		return r;
	fs = (int)syscall(SYS_fspick, AT_FDCWD, "/usr", 0);
	if (fs < 0)
		return -errno;
	if (syscall(SYS_fsconfig, fs, 0 /* SET_FLAG */, "rw", NULL, 0) < 0)
		return -errno;
	return tried(syscall(SYS_fsconfig, fs, 7 /* CMD_RECONFIGURE */, NULL, NULL, 0));
}

/* Idmapped anew, files of the host's ids could be written. */
static int idmap_root(void)
{
	uint64_t attr[4] = {0x100000 /* IDMAP */, 0, 0, 0};
	int r = apart(), tree, ns = open("/proc/self/ns/user", O_RDONLY);

	if (r < 0)
		return r;
	tree = (int)syscall(SYS_open_tree, AT_FDCWD, "/tmp", 1);
	if (tree < 0 || ns < 0)
		return -errno;
	attr[3] = (uint64_t)ns;
	return tried(syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, attr, sizeof(attr)));
}

/* ---- the same in a nested user namespace, and out of a chroot ---- */

static int nested_remount_usr(void)
{
	int r = become_nested_root();

	return r < 0 ? r : remount_usr_bind();
}

static int nested_uncover(void)
{
	int r = become_nested_root();

	return r < 0 ? r : uncover_sysctl();
}

static int nested_proc(void)
{
	int r = become_nested_root();

	return r < 0 ? r : mount_proc();
}

static int nested_overlay_over_masks(void)
{
	int r = become_nested_root();

	return r < 0 ? r : mounts("o", "/tmp/attack", "overlay", 0, "lowerdir=/proc:/sys");
}

static int chroot_and_up(void)
{
	int i, dir = open("/", O_RDONLY | O_DIRECTORY);

	(void)mkdir("/tmp/jail", 0755);
	if (dir < 0 || chroot("/tmp/jail") < 0 || fchdir(dir) < 0)
		return -errno;
	for (i = 0; i < 64; i++)
		if (chdir("..") < 0)
			return -errno;
	return chroot(".") < 0 ? -errno : sees_outside();
}

static int root_of_init(void)
{
	char path[4200];

	(void)snprintf(path, sizeof(path), "/proc/1/root%s", outside.file);
	return tried(access(path, F_OK));
}

static int pivot_to_host(void)
{
	int r = apart();

	if (r < 0)
		return r;
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("t", "/tmp/attack", "tmpfs", 0, NULL) < 0 || chdir("/tmp/attack") < 0 ||
		mkdir("old", 0755) < 0 || syscall(SYS_pivot_root, ".", "old") < 0 ||
		umount2("/old", MNT_DETACH) < 0)
		return -errno;
	return sees_outside();
}

#define ATTEMPT(fn)                                                                                \
	{                                                                                          \
#fn, fn                                                                            \
	}

const struct attempt attempts_mounts[] = {ATTEMPT(mount_proc), ATTEMPT(mount_sysfs),
	ATTEMPT(mount_devtmpfs), ATTEMPT(mount_debugfs), ATTEMPT(mount_tracefs),
	ATTEMPT(mount_securityfs), ATTEMPT(mount_configfs), ATTEMPT(mount_new_cgroup_hierarchy),
	ATTEMPT(mount_disk), ATTEMPT(mount_fuse), ATTEMPT(remount_usr), ATTEMPT(remount_usr_bind),
	ATTEMPT(remount_proc_sys), ATTEMPT(remount_sysrq), ATTEMPT(remount_sys),
	ATTEMPT(remount_doors), ATTEMPT(move_mask), ATTEMPT(bind_one_proc), ATTEMPT(uncover_kcore),
	ATTEMPT(uncover_keys), ATTEMPT(uncover_sysctl), ATTEMPT(uncover_sysrq),
	ATTEMPT(uncover_usr), ATTEMPT(uncover_sys), ATTEMPT(uncover_dev),
	ATTEMPT(cgroup_release_agent), ATTEMPT(clone_proc_without_masks), ATTEMPT(setattr_usr),
	ATTEMPT(setattr_sysctl), ATTEMPT(fsopen_proc), ATTEMPT(fsopen_sysfs),
	ATTEMPT(fsopen_bpf_delegation), ATTEMPT(fspick_usr), ATTEMPT(idmap_root),
	ATTEMPT(nested_remount_usr), ATTEMPT(nested_uncover), ATTEMPT(nested_proc),
	ATTEMPT(nested_overlay_over_masks), ATTEMPT(chroot_and_up), ATTEMPT(root_of_init),
	ATTEMPT(pivot_to_host), {NULL, NULL}};
