/* SPDX-License-Identifier: MIT */
/* One small file in a zone's root; see root-file.h. */
#include "zoneadmd/root-file.h"

#include <sys/stat.h>

#include "linux/openat2.h"
#include "linux/plain-file.h"

#define RESOLVE_SAFE                                                                               \
	(RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV)
#define TEXT_MAX 4096

static int open_dir(int at, const char *name)
{
	if (mkdirat(at, name, 0755) < 0 && errno != EEXIST)
		return -errno;
	return openat2_fd(at, name, O_RDONLY | O_DIRECTORY, 0, RESOLVE_SAFE);
}

/* Each part of dir in turn. */
static int open_dirs(int root, const char *dir)
{
	int at = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), below;
	size_t n;

	if (at < 0)
		return -errno;
	for (; *dir; dir += n + (dir[n] == '/')) {
		char part[64];

		n = strcspn(dir, "/");
		(void)snprintf(part, sizeof(part), "%.*s", (int)n, dir);
		below = open_dir(at, part);
		(void)fd_close(at);
		if (below < 0)
			return below;
		at = below;
	}
	return at;
}

static bool is_current(int dir, const char *name, const char *text)
{
	_cleanup_free_ char *have = NULL;
	size_t size;

	return plain_file_text(dir, name, RESOLVE_SAFE, TEXT_MAX, &have, &size) == 0 &&
	       size == strlen(text) && memcmp(have, text, size) == 0;
}

static int replace(int dir, const char *name, const char *text)
{
	_cleanup_close_ int fd = FD_NONE;
	size_t len = strlen(text);
	char temp[64];

	(void)snprintf(temp, sizeof(temp), ".%s.new", name);
	if (unlinkat(dir, temp, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	errno = 0;
	if (write(fd, text, len) != (ssize_t)len || renameat(dir, temp, dir, name) < 0) {
		int r = errno ? -errno : -EIO;

		(void)unlinkat(dir, temp, 0);
		return r;
	}
	return 0;
}

int root_file_write(int root, const char *dir, const char *name, const char *text)
{
	_cleanup_close_ int at = FD_NONE;

	if (strlen(text) >= TEXT_MAX)
		return -EFBIG;
	at = open_dirs(root, dir);
	if (at < 0)
		return at;
	return is_current(at, name, text) ? 0 : replace(at, name, text);
}
