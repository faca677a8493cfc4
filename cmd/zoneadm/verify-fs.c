/* SPDX-License-Identifier: MIT */
/*
 * File systems of a zone: the host can mount the type, and what is mounted
 * exists and is of it. Which types and paths are allowed at all is a rule of the
 * configuration (zonecfg_verify()).
 *
 * Linux: there is no /usr/lib/fs/TYPE/mount; the kernel's list and its modules
 * say what can be mounted.
 */
#include "linux/fs-probe.h"
#include "linux/mountfd.h"
#include "linux/openat2.h"
#include "zoneadm/verify.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

enum fs_source {
	FS_UNKNOWN,
	FS_MEMORY, /* nothing on the host is mounted */
	FS_NODEV,  /* nor is it on a device */
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

/* True when the kernel has a module for it: "alias fs-vfat vfat". */
static bool loadable(const char *type)
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[256], wanted[64], line[512];
	struct utsname u;
	int n;

	n = snprintf(wanted, sizeof(wanted), "alias fs-%s ", type);
	if (n < 0 || (size_t)n >= sizeof(wanted) || uname(&u) < 0)
		return false;
	(void)snprintf(path, sizeof(path), "/lib/modules/%s/modules.alias", u.release);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, wanted, (size_t)n) == 0)
			return true;
	return false;
}

static enum fs_source source_of(const char *type)
{
	enum fs_source s;

	if (mountfd_is_bind(type))
		return FS_DIRECTORY;
	if (streq(type, "tmpfs"))
		return FS_MEMORY;
	s = kernel_source(type);
	return s == FS_UNKNOWN && loadable(type) ? FS_DEVICE : s;
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

/* What zoneadmd and the kernel would say at boot. */
static int check_device(const struct zonecfg *cfg, const struct zonecfg_fs *fs)
{
	_cleanup_close_ int fd = FD_NONE;
	struct diag d = {0};
	struct stat st;

	if (stat(fs->special, &st) < 0 || !(S_ISBLK(st.st_mode) || S_ISREG(st.st_mode)))
		return complain(cfg->name,
			"fs '%s': special '%s': it is neither a block device nor an image file",
			fs->dir, fs->special);
	fd = open(fs->special, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return complain(cfg->name, "fs '%s': cannot access special '%s': %s", fs->dir,
			fs->special, strerror(errno));
	return fs_probe_check(fd, fs->type, &d) < 0
		       ? complain(cfg->name, "fs '%s': special '%s': %s", fs->dir, fs->special,
				 d.text)
		       : EXIT_OK;
}

static int check_one(const struct zonecfg *cfg, const struct zonecfg_fs *fs)
{
	enum fs_source s = source_of(fs->type);
	int r;

	if (s == FS_UNKNOWN)
		return complain(cfg->name,
			"fs '%s': this host's kernel has no file system type '%s', and no module "
			"for it (see /proc/filesystems; lofs mounts a directory)",
			fs->dir, fs->type);
	if (s == FS_NODEV)
		return complain(cfg->name,
			"fs '%s': a file system of type '%s' is not on a device or in an image; "
			"mount it in the zone",
			fs->dir, fs->type);
	if (s == FS_MEMORY)
		return EXIT_OK;
	r = check_source(cfg, fs);
	return r == EXIT_OK && s == FS_DEVICE ? check_device(cfg, fs) : r;
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
