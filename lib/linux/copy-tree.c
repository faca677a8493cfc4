/* SPDX-License-Identifier: MIT */
/*
 * Copies a tree; see copy-tree.h.
 *
 * The tree is what a zone's root left there: any depth, any names, links to
 * anywhere. The walk holds two directories for each level and no path; it opens below
 * them without following links and without crossing mounts. A file with several
 * names is remembered by its number, with the path of its first copy.
 */
#include "linux/copy-tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "linux/openat2.h"

#define DEPTH_MAX 1024

struct copy {
	const struct copy_how *how;
	struct diag *d;
	int top;	     /* where links are made from */
	void *links;	     /* tsearch(3) tree of struct link */
	char path[PATH_MAX]; /* of what is being copied, relative to top */
	unsigned int depth;
};

/* A file that has more names than one. */
struct link {
	dev_t dev;
	ino_t ino;
	char path[]; /* of its copy */
};

static int compare_links(const void *a, const void *b)
{
	const struct link *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return x->ino < y->ino ? -1 : x->ino > y->ino;
}

/* The first copy of this file; NULL with errno 0 when this is it, ENOMEM. */
static const struct link *find_or_add(struct copy *c, const struct stat *st)
{
	size_t size = strlen(c->path) + 1;
	struct link *l = malloc(sizeof(*l) + size), **found;

	errno = ENOMEM;
	if (!l)
		return NULL;
	l->dev = st->st_dev;
	l->ino = st->st_ino;
	memcpy(l->path, c->path, size);
	found = tsearch(l, &c->links, compare_links);
	errno = found ? 0 : ENOMEM;
	if (!found || *found != l)
		free(l);
	return found && *found != l ? *found : NULL;
}

static int failed(struct copy *c, const char *what)
{
	return diag_errno(c->d, -errno, "cannot %s '%s'", what, c->path);
}

static int copy_file(struct copy *c, int from, int to, const char *name)
{
	_cleanup_close_ int in = FD_NONE, out = FD_NONE;
	int r;

	in = openat2_fd(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0,
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
	if (in < 0)
		return diag_errno(c->d, in, "cannot open '%s'", c->path);
	out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return failed(c, "make");
	r = copy_data(in, out, c->how);
	if (r == -ECANCELED)
		return diag_set(c->d, r, "interrupted");
	return r < 0 ? diag_errno(c->d, r, "cannot copy '%s'", c->path) : 0;
}

static int copy_symlink(struct copy *c, int from, int to, const char *name)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(from, name, target, sizeof(target) - 1);

	if (n < 0)
		return failed(c, "read the link");
	target[n] = '\0';
	return symlinkat(target, to, name) < 0 ? failed(c, "make") : 0;
}

static int copy_directory(struct copy *c, int from, int to, const char *name);

static int copy_content(struct copy *c, int from, int to, const char *name, const struct stat *st)
{
	const struct link *first = NULL;

	if (S_ISDIR(st->st_mode))
		return copy_directory(c, from, to, name);
	if (st->st_nlink > 1) {
		first = find_or_add(c, st);
		if (!first && errno)
			return diag_errno(c->d, -errno, "cannot remember '%s'", c->path);
	}
	if (first)
		return linkat(c->top, first->path, to, name, 0) < 0 ? failed(c, "link") : 1;
	if (S_ISREG(st->st_mode))
		return copy_file(c, from, to, name);
	if (S_ISLNK(st->st_mode))
		return copy_symlink(c, from, to, name);
	return mknodat(to, name, st->st_mode & (S_IFMT | 0600), st->st_rdev) < 0 ? failed(c, "make")
										 : 0;
}

static int copy_entry(struct copy *c, int from, int to, const char *name)
{
	size_t used = strlen(c->path);
	struct stat st;
	int r;

	if (c->how->cancelled && c->how->cancelled())
		return diag_set(c->d, -ECANCELED, "interrupted");
	if (used + strlen(name) + 2 > sizeof(c->path))
		return diag_set(c->d, -ENAMETOOLONG, "a path is longer than %d bytes", PATH_MAX);
	(void)sprintf(c->path + used, "%s%s", used ? "/" : "", name);
	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return failed(c, "examine");
	r = copy_content(c, from, to, name, &st);
	if (r == 0)
		r = copy_attributes(from, to, name, c->d);
	c->path[used] = '\0';
	return r < 0 ? r : 0;
}

static int copy_entries(struct copy *c, DIR *stream, int to)
{
	struct dirent *e;
	int r = 0;

	/* cppcheck-suppress readdirCalled ; the stream is ours alone */
	while (r == 0 && (errno = 0, e = readdir(stream)))
		if (!streq(e->d_name, ".") && !streq(e->d_name, ".."))
			r = copy_entry(c, dirfd(stream), to, e->d_name);
	return r < 0 ? r : errno ? failed(c, "read") : 0;
}

/* Takes from. */
static int copy_below(struct copy *c, int from, int to)
{
	DIR *stream = fdopendir(from);
	int r;

	if (!stream) {
		r = failed(c, "read");
		(void)fd_close(from);
		return r;
	}
	r = copy_entries(c, stream, to);
	(void)closedir(stream);
	return r;
}

static int copy_directory(struct copy *c, int from, int to, const char *name)
{
	_cleanup_close_ int out = FD_NONE;
	int in, r;

	if (c->depth == DEPTH_MAX)
		return diag_set(
			c->d, -ELOOP, "directories are nested deeper than %d levels", DEPTH_MAX);
	if (mkdirat(to, name, 0700) < 0)
		return failed(c, "make");
	out = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (out < 0)
		return failed(c, "open");
	in = openat2_fd(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0,
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
	if (in == -EXDEV)
		return diag_set(c->d, -EBUSY, "something is mounted on '%s'", c->path);
	if (in < 0)
		return diag_errno(c->d, in, "cannot open '%s'", c->path);
	c->depth++;
	r = copy_below(c, in, out);
	c->depth--;
	return r;
}

/* Two descriptors for each level. */
static void raise_limit(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur >= 3 * DEPTH_MAX)
		return;
	l.rlim_cur = l.rlim_max < 3 * DEPTH_MAX ? l.rlim_max : 3 * DEPTH_MAX;
	(void)setrlimit(RLIMIT_NOFILE, &l);
}

int copy_tree(int from, int to, const struct copy_how *how, struct diag *d)
{
	struct copy c = {.how = how, .d = d, .top = to};
	int fd = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return diag_errno(d, -errno, "cannot open the directory to copy");
	raise_limit();
	r = copy_below(&c, fd, to);
	tdestroy(c.links, free);
	return r < 0 ? r : copy_attributes(from, to, ".", d);
}
