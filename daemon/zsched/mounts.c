/* SPDX-License-Identifier: MIT */
/*
 * The mounts that every zone gets, made by zsched because each needs one of the
 * zone's namespaces: /dev with the console, /sys of its network namespace with
 * its own part of the cgroup tree, /proc of its pid namespace.
 *
 * Who runs this: a child of zsched with the host's credentials, in a mount
 * namespace that belongs to the host, current directory = the zone's root. What
 * it mounts is copied (or propagated) into the zone's own mount namespace, whose
 * user namespace is another: the kernel locks the mounts at that moment, and
 * the zone's root can neither take a mask away nor clear a read-only flag.
 *
 * The zone owns its root file system, so no path of it is followed through a
 * symbolic link.
 */
#include "linux/cgroup.h"
#include "linux/openat2.h"
#include "zsched/mounts.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define ATTR_PLAIN (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

struct fs_option {
	const char *name;
	const char *value; /* NULL: a flag */
};

int mounts_target(const char *rel, struct diag *d)
{
	int fd = openat2_fd(AT_FDCWD, rel, O_PATH, 0,
		RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);

	if (fd == -ELOOP)
		return diag_set(d, -ELOOP, "/%s in the zone has a symbolic link in it", rel);
	return fd < 0 ? diag_errno(d, fd, "Cannot open /%s in the zone", rel) : fd;
}

int mounts_parent(const char *rel, const char **ret_name, struct diag *d)
{
	const char *slash = strrchr(rel, '/');
	char parent[256];

	*ret_name = slash ? slash + 1 : rel;
	if (!slash)
		return mounts_target(".", d);
	(void)snprintf(parent, sizeof(parent), "%.*s", (int)(slash - rel), rel);
	return mounts_target(parent, d);
}

/*
 * On an idmapped file system only ids of the map can own a new file: it is made as the zone's root. What
 * is there already is never opened: the zone may have put a FIFO there.
 */
static int make_one(const char *rel, unsigned int make, uint32_t uid_base, struct diag *d)
{
	_cleanup_close_ int parent = FD_NONE;
	const char *name;
	int r;

	parent = mounts_parent(rel, &name, d);
	if (parent < 0)
		return parent;
	(void)setfsgid(uid_base);
	(void)setfsuid(uid_base);
	r = make == 1 ? mkdirat(parent, name, 0755) : mknodat(parent, name, S_IFREG | 0644, 0);
	if (r < 0)
		r = errno == EEXIST ? 0 : -errno;
	(void)setfsuid(0);
	(void)setfsgid(0);
	return r < 0 ? diag_errno(d, r, "Cannot make /%s in the zone", rel) : 0;
}

int mounts_make(const char *rel, unsigned int make, uint32_t uid_base, struct diag *d)
{
	char above[sizeof(((struct zsched_mount *)NULL)->target)];
	const char *slash;
	int r = 0;

	for (slash = strchr(rel, '/'); slash && r == 0; slash = strchr(slash + 1, '/')) {
		(void)snprintf(above, sizeof(above), "%.*s", (int)(slash - rel), rel);
		r = make_one(above, 1, uid_base, d);
	}
	return r < 0 ? r : make_one(rel, make, uid_base, d);
}

/* The kernel says EINVAL for this as for much else. */
static bool only_one_is_directory(int mount, int target)
{
	struct stat a, b;

	return fstat(mount, &a) == 0 && fstat(target, &b) == 0 &&
	       S_ISDIR(a.st_mode) != S_ISDIR(b.st_mode);
}

int mounts_move(int mount, int target, const char *rel, struct diag *d)
{
	if (move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) ==
		0)
		return 0;
	if ((errno == EINVAL || errno == ENOTDIR) && only_one_is_directory(mount, target))
		return diag_set(d, -ENOTDIR,
			"Cannot mount /%s in the zone: only one of what is there and what is mounted is a directory",
			rel);
	return diag_errno(d, -errno, "Cannot mount /%s in the zone", rel);
}

int mounts_attach(int mount, const char *rel, struct diag *d)
{
	_cleanup_close_ int target = mounts_target(rel, d);

	return target < 0 ? target : mounts_move(mount, target, rel, d);
}

/* A new file system, not attached. Returns its descriptor. */
static int make_fs(
	const char *type, const struct fs_option *options, unsigned int attr, struct diag *d)
{
	_cleanup_close_ int fs = fsopen(type, FSOPEN_CLOEXEC);
	int fd;

	if (fs < 0)
		return diag_errno(d, -errno, "Cannot make a file system of type %s", type);
	for (; options && options->name; options++) {
		unsigned int cmd = options->value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;

		if (fsconfig(fs, cmd, options->name, options->value, 0) < 0)
			return diag_errno(
				d, -errno, "%s does not take the option %s", type, options->name);
	}
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return diag_errno(d, -errno, "Cannot make a file system of type %s", type);
	fd = fsmount(fs, FSMOUNT_CLOEXEC, attr);
	return fd < 0 ? diag_errno(d, -errno, "Cannot mount a file system of type %s", type) : fd;
}

/* Makes the file system and attaches it; ret_fd may be NULL. */
static int mount_fs(const char *type, const char *rel, const struct fs_option *options,
	unsigned int attr, int *ret_fd, struct diag *d)
{
	int r, fd = make_fs(type, options, attr, d);

	if (fd < 0)
		return fd;
	r = mounts_attach(fd, rel, d);
	if (r < 0 || !ret_fd)
		(void)fd_close(fd);
	else
		*ret_fd = fd;
	return r;
}

/* Binds what is at `from` over `to`. */
static int bind_over(const char *from, const char *to, bool read_only, struct diag *d)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
	_cleanup_close_ int source = mounts_target(from, d), fd = FD_NONE;

	if (source < 0)
		return source;
	fd = open_tree(source, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (fd < 0)
		return diag_errno(d, -errno, "Cannot bind /%s in the zone", from);
	if (read_only && mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return diag_errno(d, -errno, "Cannot make /%s of the zone read-only", to);
	return mounts_attach(fd, to, d);
}

/* Hides a file behind /dev/null, a directory behind an empty one. What is not there needs no mask. */
static int mask(const char *rel, struct diag *d)
{
	static const struct fs_option empty[] = {{"size", "4k"}, {"mode", "0555"}, {NULL, NULL}};
	struct stat st;

	if (lstat(rel, &st) < 0)
		return errno == ENOENT
			       ? 0
			       : diag_errno(d, -errno, "Cannot look at /%s in the zone", rel);
	if (S_ISDIR(st.st_mode))
		return mount_fs("tmpfs", rel, empty, ATTR_PLAIN | MOUNT_ATTR_RDONLY, NULL, d);
	return bind_over("dev/null", rel, false, d);
}

static int mask_all(const char *const *paths, size_t count, struct diag *d)
{
	size_t i;

	for (i = 0; i < count; i++) {
		int r = mask(paths[i], d);

		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- /dev ---- */

static int dev_node(int dev, const char *name, unsigned int major, unsigned int minor,
	uint32_t owner, struct diag *d)
{
	if (mknodat(dev, name, S_IFCHR | 0666, makedev(major, minor)) < 0 ||
		fchownat(dev, name, owner, owner, AT_SYMLINK_NOFOLLOW) < 0)
		return diag_errno(d, -errno, "Cannot make /dev/%s in the zone", name);
	return 0;
}

static int dev_populate(int dev, uint32_t owner, struct diag *d)
{
	static const struct {
		const char *name;
		unsigned int major, minor;
	} nodes[] = {{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8},
		{"urandom", 1, 9}, {"tty", 5, 0}};
	static const struct {
		const char *name, *target;
	} links[] = {{"ptmx", "pts/ptmx"}, {"fd", "/proc/self/fd"}, {"stdin", "/proc/self/fd/0"},
		{"stdout", "/proc/self/fd/1"}, {"stderr", "/proc/self/fd/2"}};
	static const char *const dirs[] = {"pts", "shm", "mqueue", "zones"};
	size_t i;
	int r;

	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		r = dev_node(dev, nodes[i].name, nodes[i].major, nodes[i].minor, owner, d);
		if (r < 0)
			return r;
	}
	for (i = 0; i < ARRAY_SIZE(links); i++)
		if (symlinkat(links[i].target, dev, links[i].name) < 0 ||
			fchownat(dev, links[i].name, owner, owner, AT_SYMLINK_NOFOLLOW) < 0)
			return diag_errno(
				d, -errno, "Cannot make /dev/%s in the zone", links[i].name);
	for (i = 0; i < ARRAY_SIZE(dirs); i++)
		if (mkdirat(dev, dirs[i], 0755) < 0 ||
			fchownat(dev, dirs[i], owner, owner, AT_SYMLINK_NOFOLLOW) < 0)
			return diag_errno(d, -errno, "Cannot make /dev/%s in the zone", dirs[i]);
	return 0;
}

/* The first pty of the zone's own devpts is its console; the master stays with zsched. */
static int dev_console(int dev, uint32_t owner, int *ret_master, struct diag *d)
{
	_cleanup_close_ int master = openat(dev, "pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	_cleanup_close_ int file = FD_NONE;
	char slave[32];
	int number, unlock = 0;

	if (master < 0 || ioctl(master, TIOCSPTLCK, &unlock) < 0 ||
		ioctl(master, TIOCGPTN, &number) < 0)
		return diag_errno(d, -errno, "Cannot make the console of the zone");
	(void)snprintf(slave, sizeof(slave), "dev/pts/%d", number);
	if (fchownat(AT_FDCWD, slave, owner, owner + 5, AT_SYMLINK_NOFOLLOW) < 0)
		return diag_errno(d, -errno, "Cannot give the console to the zone");
	file = openat(dev, "console", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0)
		return diag_errno(d, -errno, "Cannot make /dev/console in the zone");
	number = bind_over(slave, "dev/console", false, d);
	if (number == 0)
		*ret_master = TAKE_FD(master);
	return number;
}

/* The directories that a node lies in. */
static int dev_parents(int dev, const char *name, uint32_t owner, struct diag *d)
{
	char path[sizeof(((struct zsched_device *)NULL)->name)];
	const char *slash;

	for (slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		(void)snprintf(path, sizeof(path), "%.*s", (int)(slash - name), name);
		if (mkdirat(dev, path, 0755) < 0 && errno != EEXIST)
			return diag_errno(d, -errno, "Cannot make /dev/%s in the zone", path);
		if (fchownat(dev, path, owner, owner, AT_SYMLINK_NOFOLLOW) < 0)
			return diag_errno(d, -errno, "Cannot give /dev/%s to the zone", path);
	}
	return 0;
}

/* Those of the configuration. One that every zone has stays what it is. */
static int dev_devices(
	int dev, const struct zsched_devices_req *devices, uint32_t owner, struct diag *d)
{
	uint32_t i;
	int r;

	for (i = 0; devices && i < devices->count; i++) {
		const struct zsched_device *one = &devices->devices[i];

		r = dev_parents(dev, one->name, owner, d);
		if (r < 0)
			return r;
		if (mknodat(dev, one->name, (mode_t)one->mode, (dev_t)one->rdev) < 0) {
			if (errno == EEXIST)
				continue;
			return diag_errno(d, -errno, "Cannot make /dev/%s in the zone", one->name);
		}
		if (fchownat(dev, one->name, owner, owner, AT_SYMLINK_NOFOLLOW) < 0)
			return diag_errno(d, -errno, "Cannot give /dev/%s to the zone", one->name);
	}
	return 0;
}

int mounts_dev(uint32_t uid_base, const struct zsched_devices_req *devices, int *ret_console,
	struct diag *d)
{
	char uid[16], tty_gid[16];
	const struct fs_option dev[] = {{"mode", "0755"}, {"uid", uid}, {"gid", uid},
		{"size", "1m"}, {"nr_inodes", "1024"}, {NULL, NULL}};
	const struct fs_option pts[] = {{"ptmxmode", "0666"}, {"mode", "0620"}, {"gid", tty_gid},
		{"max", "1024"}, {NULL, NULL}};
	const struct fs_option shm[] = {{"mode", "1777"}, {"uid", uid}, {"gid", uid}, {NULL, NULL}};
	_cleanup_close_ int fd = FD_NONE;
	int r;

	(void)snprintf(uid, sizeof(uid), "%u", uid_base);
	(void)snprintf(tty_gid, sizeof(tty_gid), "%u", uid_base + 5);
	r = mount_fs("tmpfs", "dev", dev, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, &fd, d);
	if (r == 0)
		r = dev_populate(fd, uid_base, d);
	if (r == 0)
		r = dev_devices(fd, devices, uid_base, d);
	if (r == 0)
		r = mount_fs(
			"devpts", "dev/pts", pts, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, NULL, d);
	if (r == 0)
		r = mount_fs(
			"tmpfs", "dev/shm", shm, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, NULL, d);
	if (r == 0)
		r = mount_fs("mqueue", "dev/mqueue", NULL, ATTR_PLAIN, NULL, d);
	return r < 0 ? r : dev_console(fd, uid_base, ret_console, d);
}

/* ---- /sys ---- */

int mounts_sys(struct diag *d)
{
	static const char *const masked[] = {
		"sys/firmware",
		"sys/devices/virtual/powercap",
	};
	int r;

	r = mount_fs("sysfs", "sys", NULL, ATTR_PLAIN | MOUNT_ATTR_RDONLY, NULL, d);
	if (r == 0)
		r = mask_all(masked, ARRAY_SIZE(masked), d);
	if (r == 0 && cgroup_v2_mount())
		r = mount_fs("cgroup2", "sys/fs/cgroup", NULL, ATTR_PLAIN, NULL, d);
	return r;
}

/* ---- /proc ---- */

static int proc_read_only(struct diag *d)
{
	static const char *const paths[] = {
		"proc/bus",
		"proc/fs",
		"proc/irq",
		"proc/sys",
		"proc/sysrq-trigger",
	};
	size_t i;
	int r;

	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		if (access(paths[i], F_OK) < 0)
			continue;
		r = bind_over(paths[i], paths[i], true, d);
		if (r < 0)
			return r;
	}
	return 0;
}

int mounts_proc(struct diag *d)
{
	static const char *const masked[] = {
		"proc/acpi",
		"proc/asound",
		"proc/interrupts",
		"proc/kcore",
		"proc/keys",
		"proc/latency_stats",
		"proc/sched_debug",
		"proc/scsi",
		"proc/timer_list",
		"proc/timer_stats",
	};
	_cleanup_close_ int net = FD_NONE;
	int r;

	r = mount_fs("proc", "proc", NULL, ATTR_PLAIN, NULL, d);
	if (r < 0)
		return r;
	/* Of /proc/sys only the zone's own network settings stay writable. */
	net = open_tree(AT_FDCWD, "proc/sys/net", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (net < 0)
		return diag_errno(d, -errno, "Cannot bind /proc/sys/net in the zone");
	r = proc_read_only(d);
	if (r == 0)
		r = mounts_attach(net, "proc/sys/net", d);
	return r < 0 ? r : mask_all(masked, ARRAY_SIZE(masked), d);
}
