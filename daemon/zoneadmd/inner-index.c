/* SPDX-License-Identifier: MIT */
/*
 * The stage "inner-index": the tools work inside a zone because it has an index
 * with one line, its own, whose zonepath is "/".
 *
 * The root is what the zone's last life left there, so every step expects traps: no
 * symlink is followed anywhere, the old file is opened without blocking and
 * believed only when it is regular, the new one is made under a name that must
 * not exist and renamed over the old.
 */
#include "zoneadmd/inner-index.h"

#include <sys/stat.h>

#include "linux/openat2.h"
#include "zoneadmd/stages.h"

#define RESOLVE_SAFE                                                                               \
	(RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV)
#define TEMP_NAME ".index.new"

static int open_dir(int at, const char *name)
{
	if (mkdirat(at, name, 0755) < 0 && errno != EEXIST)
		return -errno;
	return openat2_fd(at, name, O_RDONLY | O_DIRECTORY, 0, RESOLVE_SAFE);
}

static bool is_current(int dir, const char *line)
{
	_cleanup_close_ int fd = FD_NONE;
	size_t len = strlen(line);
	char have[512];
	struct stat st;

	fd = openat2_fd(
		dir, "index", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0, RESOLVE_SAFE);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	return st.st_size == (off_t)len && read(fd, have, sizeof(have)) == (ssize_t)len &&
	       memcmp(have, line, len) == 0;
}

static int replace(int dir, const char *line)
{
	_cleanup_close_ int fd = FD_NONE;
	size_t len = strlen(line);

	if (unlinkat(dir, TEMP_NAME, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(dir, TEMP_NAME, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	if (write(fd, line, len) != (ssize_t)len)
		return errno ? -errno : -EIO;
	if (renameat(dir, TEMP_NAME, dir, "index") < 0)
		return -errno;
	return 0;
}

int inner_index_write(int root, const char *zone, const char *uuid, struct diag *d)
{
	_cleanup_close_ int top = FD_NONE, etc = FD_NONE, dir = FD_NONE;
	char line[256];
	int r;

	(void)snprintf(line, sizeof(line), "%s:installed:/:%s\n", zone, uuid);
	top = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		return diag_errno(d, -errno, "cannot open the zone's root");
	etc = open_dir(top, "etc");
	if (etc < 0)
		return diag_errno(d, etc, "cannot open /etc of the zone");
	dir = open_dir(etc, "zones");
	if (dir < 0)
		return diag_errno(d, dir, "cannot open /etc/zones of the zone");
	if (is_current(dir, line))
		return 0;
	r = replace(dir, line);
	if (r < 0)
		return diag_errno(d, r, "cannot write /etc/zones/index of the zone");
	return 0;
}

int inner_index_up(struct platform *p, struct diag *d)
{
	return inner_index_write(p->path.root, p->zone, p->snap.uuid, d);
}
