/* SPDX-License-Identifier: MIT */
/*
 * File systems of a zone: the host can mount the type, and what is mounted
 * exists. Which types and paths are allowed at all is a rule of the
 * configuration (zonecfg_verify()).
 *
 * Linux: there is no /usr/lib/fs/TYPE/mount; the kernel's list, its modules and
 * mount helpers say what can be mounted.
 */
#include "linux/openat2.h"
#include "zoneadm/verify.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

enum fs_source {
	FS_UNKNOWN,
	FS_NODEV, /* nothing on the host is mounted */
	FS_DEVICE,
	FS_DIRECTORY,
};

/* What the kernel says about a type: "nodev\ttmpfs" or "\text4". */
static enum fs_source kernel_source(const char *type)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/filesystems", "re");
	char line[128];

	while (f && fgets(line, sizeof(line), f)) {
		char *name = strchr(line, '\t');

		if (!name)
			continue;
		name[strcspn(name, "\n")] = '\0';
		if (streq(name + 1, type))
			return name == line ? FS_DEVICE : FS_NODEV;
	}
	return FS_UNKNOWN;
}

static bool loadable(const char *type)
{
	struct utsname u;
	char path[512];
	int n;

	if (uname(&u) < 0)
		return false;
	n = snprintf(path, sizeof(path), "/lib/modules/%s/kernel/fs/%s", u.release, type);
	if (n > 0 && (size_t)n < sizeof(path) && access(path, F_OK) == 0)
		return true;
	n = snprintf(path, sizeof(path), "/sbin/mount.%s", type);
	return n > 0 && (size_t)n < sizeof(path) && access(path, X_OK) == 0;
}

static enum fs_source source_of(const char *type)
{
	enum fs_source s;

	/* A type never leaves the directories it is looked for in. */
	if (!*type || strchr(type, '/'))
		return FS_UNKNOWN;
	if (streq(type, "lofs") || streq(type, "bind"))
		return FS_DIRECTORY;
	s = kernel_source(type);
	return s == FS_UNKNOWN && loadable(type) ? FS_DEVICE : s;
}

bool verify_fstype_known(const char *type)
{
	return source_of(type) != FS_UNKNOWN;
}

/* What zoneadmd refuses at boot. */
static bool has_link(const char *path)
{
	_cleanup_close_ int fd =
		openat2_fd(AT_FDCWD, path, O_PATH, 0, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);

	return fd == -ELOOP;
}

static int check_source(const struct zonecfg *cfg, const struct zonecfg_fs *fs)
{
	struct statfs sfs;
	struct stat st;

	if (fs->special[0] != '/')
		return complain(cfg->name, "fs '%s': special '%s' is not an absolute path", fs->dir,
			fs->special);
	if (stat(fs->special, &st) < 0)
		return complain(cfg->name, "fs '%s': cannot access special '%s': %s", fs->dir,
			fs->special, strerror(errno));
	if (has_link(fs->special))
		return complain(cfg->name,
			"fs '%s': special '%s' has a symbolic link in it; name the place that it leads to",
			fs->dir, fs->special);
	if (statfs(fs->special, &sfs) == 0 && sfs.f_type == NFS_SUPER_MAGIC)
		return complain(cfg->name, "fs '%s': special '%s' is on NFS; mount it in the zone",
			fs->dir, fs->special);
	return EXIT_OK;
}

static int check_one(const struct zonecfg *cfg, const struct zonecfg_fs *fs)
{
	enum fs_source s = source_of(fs->type);

	if (s == FS_UNKNOWN)
		return complain(cfg->name,
			"fs '%s': this host has no file system type '%s' (see "
			"/proc/filesystems; lofs mounts a directory)",
			fs->dir, fs->type);
	return s == FS_NODEV ? EXIT_OK : check_source(cfg, fs);
}

int verify_fs(const struct zonecfg *cfg)
{
	int result = EXIT_OK;
	size_t i;

	for (i = 0; i < cfg->n_fss; i++) {
		const struct zonecfg_fs *fs = &cfg->fss[i];

		/* An incomplete resource is a problem that the rules have reported. */
		if (fs->dir && fs->special && fs->type)
			result |= check_one(cfg, fs);
	}
	return result;
}
