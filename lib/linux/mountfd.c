/* SPDX-License-Identifier: MIT */
/*
 * Detached mounts with open_tree(2), fsopen(2) and mount_setattr(2); see mountfd.h.
 *
 * An id mapping can be set only while a mount is attached nowhere, and only once. The
 * kernel answers EINVAL both for a file system that does not know id mappings
 * and for a wrong user namespace; the caller made the namespace, so the message
 * here speaks about the file system.
 *
 * tmpfs learned id mappings in 6.3. One for a zone needs none: it is made to
 * belong to the zone's ids, which works since 6.1.
 */
#include "linux/mountfd.h"

#include <fcntl.h>
#include <sys/vfs.h>

#ifndef MOUNT_ATTR_IDMAP
#define MOUNT_ATTR_IDMAP 0x00100000
#endif

/* Names of file systems for messages; the numbers are statfs(2)'s. */
static const struct {
	unsigned long magic;
	const char *name;
} known_filesystems[] = {
	{0x794c7630, "overlay"},
	{0x6969, "nfs"},
	{0x65735546, "fuse"},
	{0x01021997, "9p"},
	{0x01021994, "tmpfs"},
	{0x9fa0, "proc"},
	{0x62656572, "sysfs"},
	{0x63677270, "cgroup2"},
	{0x2fc12fc1, "zfs"},
	{0x9123683e, "btrfs"},
	{0x58465342, "xfs"},
	{0xef53, "ext4"},
	{0x73717368, "squashfs"},
	{0xff534d42, "cifs"},
};

static const char *filesystem_name(int fd)
{
	struct statfs st;
	size_t i;

	if (fstatfs(fd, &st) < 0)
		return "unknown";
	for (i = 0; i < ARRAY_SIZE(known_filesystems); i++) {
		if ((unsigned long)st.f_type == known_filesystems[i].magic)
			return known_filesystems[i].name;
	}
	return "unknown";
}

int mountfd_clone(int dirfd, const char *path, int *ret_fd, struct diag *d)
{
	struct mount_attr attr = {.propagation = MS_PRIVATE};
	_cleanup_close_ int fd = FD_NONE;
	int r;

	fd = open_tree(dirfd, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (fd < 0) {
		r = -errno;
		return diag_errno(d, r, "cannot clone the mount of '%s'", path);
	}
	if (mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0) {
		r = -errno;
		return diag_errno(d, r, "cannot make the clone of '%s' private", path);
	}
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int mountfd_context_error(int fs, int err, const char *what, struct diag *d)
{
	char line[256], why[256] = "";
	bool error = false;
	ssize_t n;

	/* "e text": the letter is the severity. An error says why, what else there is may. */
	while (!error && (n = read(fs, line, sizeof(line) - 1)) > 0) {
		line[n] = '\0';
		line[strcspn(line, "\n")] = '\0';
		error = line[0] == 'e';
		if (n > 2)
			(void)str_copy(why, sizeof(why), line + 2);
	}
	return why[0] ? diag_set(d, err, "%s: %s", what, why) : diag_errno(d, err, "%s", what);
}

static int tmpfs_owner(int fs, const char *key, unsigned int id)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%u", id);
	return fsconfig(fs, FSCONFIG_SET_STRING, key, text, 0) < 0 ? -errno : 0;
}

/* An option that tmpfs gets as it is. uid and gid are decided by the caller. */
static int tmpfs_option(int fs, char *option, struct diag *d)
{
	char *value = strchr(option, '=');
	int r = mountfd_tmpfs_option(option);

	if (r == MOUNTFD_UNKNOWN)
		return diag_set(d, -EINVAL, "tmpfs does not know the option '%s'", option);
	if (r == MOUNTFD_VALUE)
		return diag_set(d, -EINVAL, "tmpfs does not take the value of '%s'", option);
	*value++ = '\0';
	if (fsconfig(fs, FSCONFIG_SET_STRING, option, value, 0) == 0)
		return 0;
	r = -errno;
	return mountfd_context_error(fs, r, "cannot set an option of tmpfs", d);
}

static int tmpfs_configure(int fs, uid_t uid, gid_t gid, const char *options, struct diag *d)
{
	_cleanup_free_ char *list = strdup(options);
	char *option, *save = NULL;
	int r;

	if (!list)
		return -ENOMEM;
	if (fsconfig(fs, FSCONFIG_SET_STRING, "mode", "0755", 0) < 0)
		return diag_errno(d, -errno, "cannot set the mode of tmpfs");
	r = tmpfs_owner(fs, "uid", uid);
	if (!r)
		r = tmpfs_owner(fs, "gid", gid);
	if (r < 0)
		return diag_errno(d, r, "cannot set the owner of tmpfs");
	for (option = strtok_r(list, ",", &save); option; option = strtok_r(NULL, ",", &save)) {
		r = tmpfs_option(fs, option, d);
		if (r < 0)
			return r;
	}
	return 0;
}

int mountfd_tmpfs(uid_t uid, gid_t gid, const char *options, int *ret_fd, struct diag *d)
{
	_cleanup_close_ int fs = FD_NONE;
	int fd, r;

	fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
	if (fs < 0)
		return diag_errno(d, -errno, "cannot open tmpfs");
	r = tmpfs_configure(fs, uid, gid, options, d);
	if (r < 0)
		return r;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0) {
		r = -errno;
		return mountfd_context_error(fs, r, "cannot make a tmpfs", d);
	}
	fd = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	if (fd < 0) {
		r = -errno;
		return mountfd_context_error(fs, r, "cannot mount a tmpfs", d);
	}
	*ret_fd = fd;
	return 0;
}

int mountfd_set(int fd, uint64_t attrs, struct diag *d)
{
	/* of the ways to keep access times there is always one */
	struct mount_attr attr = {
		.attr_set = attrs, .attr_clr = attrs & MOUNT_ATTR__ATIME ? MOUNT_ATTR__ATIME : 0};

	if (!attrs)
		return 0;
	if (mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return diag_errno(d, -errno, "cannot set the flags of a mount");
	return 0;
}

int mountfd_idmap(int fd, int userns, const char *name, struct diag *d)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)userns};
	int r;

	if (mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) == 0)
		return 0;
	r = -errno;
	if (r == -EINVAL)
		return diag_set(d, -EOPNOTSUPP,
			"cannot idmap '%s': its file system (%s) or this kernel does not "
			"support it; use one that does (ext4, xfs, btrfs, ...)",
			name, filesystem_name(fd));
	if (r == -EPERM)
		return diag_set(d, r, "cannot idmap '%s': it is idmapped already", name);
	return diag_errno(d, r, "cannot idmap '%s'", name);
}
