/* SPDX-License-Identifier: MIT */
/*
 * Removes a tree; see remove-tree.h.
 *
 * Directories are opened with openat2(), which keeps the walk below its start
 * and off mounts. A directory deeper than DEPTH_MAX is moved up to the top and
 * removed from there, so that depth costs neither stack nor descriptors.
 */
#include "linux/remove-tree.h"

#include <dirent.h>
#include <fcntl.h>

#include "linux/openat2.h"
#include "linux/subvolume.h"

#define DEPTH_MAX 64

struct removal {
	int top;
	unsigned long moved; /* directories moved up so far: makes their names unique */
	struct diag *d;
};

static int remove_below(struct removal *rm, int dir, unsigned int depth);

static int open_directory(const struct removal *rm, int dir, const char *name)
{
	int fd = openat2_fd(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0,
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);

	if (fd == -EXDEV)
		return diag_set(rm->d, -EBUSY, "something is mounted on '%s'", name);
	return fd < 0 ? diag_errno(rm->d, fd, "cannot open '%s'", name) : fd;
}

/* Out of the depths, to the top, under a name that is not taken. */
static int move_up(struct removal *rm, int dir, const char *name)
{
	char to[64];

	do
		(void)snprintf(to, sizeof(to), ".removed.%lu", rm->moved++);
	while (renameat2(dir, name, rm->top, to, RENAME_NOREPLACE) < 0 && errno == EEXIST);
	return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT ? 0 : -EBUSY;
}

static int remove_directory(struct removal *rm, int dir, const char *name, unsigned int depth)
{
	_cleanup_close_ int fd = FD_NONE;
	int r;

	if (unlinkat(dir, name, AT_REMOVEDIR) == 0)
		return 0;
	if (depth >= DEPTH_MAX) {
		r = move_up(rm, dir, name);
		return r < 0 ? diag_errno(rm->d, r, "cannot move '%s'", name) : 0;
	}
	fd = open_directory(rm, dir, name);
	if (fd < 0)
		return fd;
	r = remove_below(rm, fd, depth + 1);
	if (r < 0)
		return r;
	if (unlinkat(dir, name, AT_REMOVEDIR) < 0)
		return diag_errno(rm->d, -errno, "cannot remove '%s'", name);
	return 0;
}

static int remove_entry(struct removal *rm, int dir, const char *name, unsigned int depth)
{
	if (unlinkat(dir, name, 0) == 0)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return diag_errno(rm->d, -errno, "cannot remove '%s'", name);
	return remove_directory(rm, dir, name, depth);
}

static bool dots(const char *name)
{
	return streq(name, ".") || streq(name, "..");
}

/* One pass over a directory. *ret_removed: something went, so there may be more to read. */
static int remove_pass(struct removal *rm, DIR *stream, unsigned int depth, bool *ret_removed)
{
	struct dirent *e;
	int r;

	*ret_removed = false;
	rewinddir(stream);
	/* cppcheck-suppress readdirCalled ; the stream is ours alone */
	while ((e = readdir(stream))) {
		if (dots(e->d_name))
			continue;
		r = remove_entry(rm, dirfd(stream), e->d_name, depth);
		if (r < 0)
			return r;
		*ret_removed = true;
	}
	return 0;
}

/* A zone's root may have made a subvolume read-only: what goes is no longer his to keep. */
static int remove_below(struct removal *rm, int dir, unsigned int depth)
{
	int fd = fcntl(dir, F_DUPFD_CLOEXEC, 3);
	bool removed;
	DIR *stream;
	int r;

	if (fd < 0)
		return diag_errno(rm->d, -errno, "cannot read a directory");
	(void)subvolume_unlock(fd);
	stream = fdopendir(fd);
	if (!stream) {
		r = -errno;
		(void)fd_close(fd);
		return diag_errno(rm->d, r, "cannot read a directory");
	}
	/* Entries that move up into a directory while it is read are found by another pass. */
	do
		r = remove_pass(rm, stream, depth, &removed);
	while (r == 0 && removed);
	(void)closedir(stream);
	return r;
}

int remove_contents(int dir, struct diag *d)
{
	struct removal rm = {.top = dir, .d = d};

	return remove_below(&rm, dir, 0);
}
