/* SPDX-License-Identifier: MIT */
/*
 * The rules for a zonepath; see zonepath.h.
 *
 * The path is walked one component at a time from the prefix, each opened below
 * its parent without following links, and what was opened is what is judged:
 * nothing can change between the check and the use of a directory whose parents
 * only root can write.
 */
#include "zoneadm/zonepath.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "linux/instance.h"
#include "zoneadm/command.h"
#include "zonecfg/rules.h"

/* Where the walk is: dir is open, path[0..done) leads to it. */
struct walk {
	const char *zone;
	const char *path;
	size_t done;
	int dir;
	unsigned int flags;
};

static int open_prefix(void)
{
	const char *root = instance_root();
	int fd = open(*root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* The directory above the zonepath, and those above that one. */
static int check_ancestor(const struct walk *w, bool direct_parent)
{
	const char *shown = w->done ? w->path : "/";
	int len = w->done ? (int)w->done : 1;
	struct stat st;

	if (fstat(w->dir, &st) < 0)
		return complain(w->zone, "cannot examine '%.*s': %s", len, shown, strerror(errno));
	if (st.st_uid != 0)
		return complain(w->zone,
			"'%.*s', a directory above the zonepath, is owned by uid "
			"%u; it must be root's",
			len, shown, st.st_uid);
	if ((st.st_mode & 0022) && (direct_parent || !(st.st_mode & S_ISVTX)))
		return complain(w->zone,
			"'%.*s', a directory above the zonepath, has mode %04o; "
			"group and others must not write to it",
			len, shown, st.st_mode & 07777);
	if (direct_parent && (st.st_mode & S_IRWXU) != S_IRWXU)
		return complain(w->zone,
			"'%.*s', the directory above the zonepath, has mode %04o; "
			"its owner must be able to read, write and search it",
			len, shown, st.st_mode & 07777);
	return EXIT_OK;
}

static int check_filesystem(const struct walk *w)
{
	struct statvfs vfs;
	struct statfs fs;

	if (fstatfs(w->dir, &fs) < 0 || fstatvfs(w->dir, &vfs) < 0)
		return complain(w->zone, "cannot examine the file system of zonepath '%s': %s",
			w->path, strerror(errno));
	if (fs.f_type == NFS_SUPER_MAGIC)
		return complain(w->zone,
			"zonepath '%s' is on NFS; it must be on a local file system", w->path);
	if (vfs.f_flag & ST_NOSUID)
		return complain(w->zone,
			"zonepath '%s' is on a file system mounted nosuid; programs of "
			"the zone need set-id bits",
			w->path);
	if (fs.f_type == TMPFS_MAGIC && !(w->flags & ZONEPATH_REPAIR))
		(void)complain(w->zone,
			"warning: zonepath '%s' is on tmpfs; the zone is lost when the "
			"host restarts",
			w->path);
	return EXIT_OK;
}

static int repair(const struct walk *w, int fd, const struct stat *st)
{
	if (st->st_uid != 0 || st->st_gid != 0) {
		if (fchown(fd, 0, 0) < 0)
			return complain(w->zone, "cannot give zonepath '%s' to root: %s", w->path,
				strerror(errno));
		(void)complain(w->zone, "changed the owner of zonepath '%s' from %u to root",
			w->path, st->st_uid);
	}
	if (fchmod(fd, 0700) < 0)
		return complain(w->zone, "cannot set the mode of zonepath '%s' to 0700: %s",
			w->path, strerror(errno));
	if ((st->st_mode & 07777) != 0700)
		(void)complain(w->zone, "changed the mode of zonepath '%s' from %04o to 0700",
			w->path, st->st_mode & 07777);
	return EXIT_OK;
}

/* w->dir is the zonepath itself. */
static int check_last(const struct walk *w)
{
	_cleanup_close_ int fd = openat(w->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	int r = EXIT_OK;

	if (fd < 0 || fstat(fd, &st) < 0)
		return complain(w->zone, "cannot open zonepath '%s': %s", w->path, strerror(errno));
	if (st.st_uid == 0 && (st.st_mode & 07777) == 0700)
		return check_filesystem(w);
	if (w->flags & ZONEPATH_REPAIR) {
		r = repair(w, fd, &st);
	} else {
		if (st.st_uid != 0)
			r = complain(w->zone, "zonepath '%s' is owned by uid %u; it must be root's",
				w->path, st.st_uid);
		if ((st.st_mode & 07777) != 0700)
			r = complain(w->zone, "zonepath '%s' has mode %04o; it must be 0700",
				w->path, st.st_mode & 07777);
	}
	return check_filesystem(w) ? EXIT_ERR : r;
}

/*
 * Opens the next component, name, below w->dir. EXIT_OK, EXIT_ERR after a message, or
 * -ENOENT when it is missing and not to be made.
 */
static int step(struct walk *w, const char *name, size_t len, bool last)
{
	char component[256];
	struct stat st;
	int fd, shown = (int)(w->done + 1 + len);

	if (len >= sizeof(component))
		return complain(w->zone, "zonepath '%s' has a component that is too long", w->path);
	memcpy(component, name, len);
	component[len] = '\0';
	fd = openat(w->dir, component, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		if (!(w->flags & ZONEPATH_MAKE))
			return -ENOENT;
		if (mkdirat(w->dir, component, last ? 0700 : 0755) == 0)
			fd = openat(w->dir, component, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	}
	if (fd < 0 || fstat(fd, &st) < 0) {
		(void)complain(w->zone, "zonepath '%s': cannot open '%.*s': %s", w->path, shown,
			w->path, strerror(errno));
		(void)fd_close(fd);
		return EXIT_ERR;
	}
	if (!S_ISDIR(st.st_mode)) {
		(void)fd_close(fd);
		return complain(w->zone, "zonepath '%s': '%.*s' is %s; it must be a directory",
			w->path, shown, w->path,
			S_ISLNK(st.st_mode) ? "a symbolic link" : "not a directory");
	}
	(void)fd_close(w->dir);
	w->dir = fd;
	w->done += 1 + len;
	return EXIT_OK;
}

/* From the prefix to the zonepath. EXIT_OK, EXIT_ERR, or -ENOENT with w->dir the deepest that is there. */
static int walk_path(struct walk *w)
{
	int r = EXIT_OK;

	while (w->path[w->done] && r == EXIT_OK) {
		const char *name = w->path + w->done + 1;
		size_t len = strcspn(name, "/");
		bool last = name[len] == '\0';

		r = check_ancestor(w, last);
		if (r == EXIT_OK)
			r = step(w, name, len, last);
	}
	return r;
}

static int check_from_prefix(struct walk *w)
{
	int r = walk_path(w);

	if (r == EXIT_OK)
		return check_last(w);
	if (r != -ENOENT)
		return r;
	if (!(w->flags & ZONEPATH_QUIET_MISSING))
		(void)complain(w->zone,
			"warning: zonepath '%s' does not exist; install will make it", w->path);
	return check_filesystem(w);
}

int zonepath_check(const char *zone, const char *path, unsigned int flags)
{
	struct walk w = {.zone = zone, .path = path, .flags = flags};
	int r;

	if (zonecfg_check_zonepath(path) != Z_OK)
		return complain(zone,
			"zonepath '%s' is not valid; it must be absolute, without '.', '..' and "
			"empty components",
			path);
	w.dir = open_prefix();
	if (w.dir < 0)
		return complain(
			zone, "cannot open the root '%s': %s", instance_root(), strerror(-w.dir));
	r = check_from_prefix(&w);
	(void)fd_close(w.dir);
	return r;
}

int zonepath_check_boot(const char *zone, const char *path)
{
	_cleanup_close_ int fd = zonepath_open(path);

	if (fd == -ENOENT)
		return complain(zone, "zonepath '%s' does not exist", path);
	return zonepath_check(zone, path, ZONEPATH_REPAIR | ZONEPATH_QUIET_MISSING);
}

bool zonepath_overlaps(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	size_t shorter = n < m ? n : m;

	if (strncmp(a, b, shorter) != 0)
		return false;
	return n == m || (n < m ? b : a)[shorter] == '/';
}

struct overlap {
	const struct zone_index_entry *e;
	int result;
};

static int compare_entry(const struct zone_index_entry *other, void *arg)
{
	struct overlap *o = arg;

	if (streq(other->name, o->e->name) || streq(other->name, GLOBAL_ZONENAME) ||
		other->state == ZONE_STATE_CONFIGURED)
		return 0;
	if (zonepath_overlaps(other->zonepath, o->e->zonepath))
		o->result = complain(o->e->name,
			"zonepath '%s' overlaps '%s', the zonepath of zone '%s'", o->e->zonepath,
			other->zonepath, other->name);
	return 0;
}

int zonepath_check_overlap(const struct zone_index_entry *e)
{
	struct overlap o = {.e = e, .result = EXIT_OK};
	int r = zone_index_iterate(compare_entry, &o);

	return r ? complain(e->name, "cannot read the index of zones: %s", zonecfg_strerror(r))
		 : o.result;
}

int zonepath_open(const char *path)
{
	_cleanup_close_ int dir = open_prefix();
	const char *name = path;

	while (dir >= 0 && *name == '/') {
		char component[256];
		size_t len = strcspn(++name, "/");
		int fd;

		if (len >= sizeof(component))
			return -ENAMETOOLONG;
		memcpy(component, name, len);
		component[len] = '\0';
		name += len;
		fd = openat(dir, component,
			(*name ? O_PATH : O_RDONLY) | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		(void)fd_close(dir);
		dir = fd;
	}
	return TAKE_FD(dir);
}

int zonepath_open_parent(const char *path, const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	char above[1024];
	size_t n;

	if (!slash)
		return -EINVAL;
	n = (size_t)(slash - path);
	if (n >= sizeof(above))
		return -ENAMETOOLONG;
	memcpy(above, path, n);
	above[n] = '\0';
	*ret_name = slash + 1;
	return zonepath_open(above);
}

static bool is_empty_below(int dir, const char *name)
{
	_cleanup_close_ int fd = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 && zonepath_is_empty(fd);
}

/* What is somebody else's would go with the zone, or when its installation fails. A file system has lost+found. */
static int find_foreign(int dir, char *ret, size_t size)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!stream) {
		r = -errno;
		(void)fd_close(fd);
		return r;
	}
	/* cppcheck-suppress readdirCalled ; the stream is ours alone */
	while (r == 0 && (e = readdir(stream)))
		if (!streq(e->d_name, ".") && !streq(e->d_name, "..") &&
			!streq(e->d_name, "lost+found") && !streq(e->d_name, "logs") &&
			!(streq(e->d_name, "root") && is_empty_below(dir, "root"))) {
			(void)snprintf(ret, size, "%s", e->d_name);
			r = 1;
		}
	(void)closedir(stream);
	return r;
}

int zonepath_check_free(const char *zone, const char *path)
{
	_cleanup_close_ int fd = zonepath_open(path);
	char foreign[NAME_MAX + 1];
	struct stat st;
	int r;

	if (fd < 0)
		return EXIT_OK; /* missing, or zonepath_check() has said what is wrong */
	if (fstatat(fd, "SUNWdetached.xml", &st, AT_SYMLINK_NOFOLLOW) == 0)
		return complain(zone,
			"zonepath '%s' holds a detached zone; attach it, or remove the directory",
			path);
	if (fstatat(fd, "root", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		(!S_ISDIR(st.st_mode) || st.st_uid != 0 || (st.st_mode & 07777) != 0755))
		return complain(zone,
			"'%s/root' is in the way: it must be a directory of root's "
			"with mode 0755, or not be there",
			path);
	r = find_foreign(fd, foreign, sizeof(foreign));
	if (r < 0)
		return complain(zone, "cannot read zonepath '%s': %s", path, strerror(-r));
	return r ? complain(zone,
			   "zonepath '%s' is not empty: there is '%s', which would be removed with "
			   "the zone",
			   path, foreign)
		 : EXIT_OK;
}

bool zonepath_is_empty(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	bool empty = true;

	if (!stream) {
		(void)fd_close(fd);
		return false;
	}
	while (empty && (e = readdir(stream)))
		empty = streq(e->d_name, ".") || streq(e->d_name, "..");
	(void)closedir(stream);
	return empty;
}
