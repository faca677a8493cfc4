/* SPDX-License-Identifier: MIT */
/*
 * Names of doors in the file system: door_attach(), door_attachat(), door_detach().
 * (fattach.c puts a door over an existing file, with a name from here.)
 *
 * The name is a listening socket. It is bound under a random name in the same
 * directory, gets its mode, listens, and only then is linked to its real name: who
 * sees the name finds it complete. link(2) fails when the name exists, so of two
 * servers one wins, and a name is only replaced when connecting shows that nobody
 * listens. A server that is killed meanwhile leaves the random name; the next one that makes a name
 * there takes it away. The directory may belong to somebody hostile (root of a zone): nothing in
 * it is followed, and everything goes through the directory's descriptor, which also
 * makes paths of any length work, as bind(2) takes 107 bytes.
 */
#include "door/server.h"
#include "door/path.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/un.h>

#define BACKLOG	      128
#define REPLACE_TRIES 8
#define SWEPT_TRIES   8
#define TEMP_NAME_MAX 32
#define TEMP_PREFIX   ".door-"
#define TEMP_DIGITS   16
#define SWEEP_MAX     4096 /* names looked at: the directory may be anybody's */

static int fail(int r)
{
	errno = -r;
	return -1;
}

static int temp_name(char *buf, size_t size)
{
	uint64_t n;

	if (getrandom(&n, sizeof(n), 0) != sizeof(n))
		return -errno;
	(void)snprintf(buf, size, TEMP_PREFIX "%0*llx", TEMP_DIGITS, (unsigned long long)n);
	return 0;
}

/* bind(2) applies the umask of the process, which threads share; so the mode is set here. */
static int set_mode(int dir, const char *name, mode_t mode, struct stat *ret_st)
{
	_cleanup_close_ int fd = FD_NONE;
	char path[32];

	fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, ret_st) < 0)
		return -errno;
	if (!S_ISSOCK(ret_st->st_mode))
		return -EPERM; /* somebody else writes in this directory */
	if ((ret_st->st_mode & 07777) == mode)
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return chmod(path, mode) < 0 ? -errno : 0;
}

/* A socket that listens under a temporary name. Returns it or a negative errno. */
static int listen_temp(int dir, const char *name, mode_t mode, struct stat *ret_st)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = FD_NONE;
	int r;

	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* The file takes its mode from the socket: never more than it is to have. */
	if (fchmod(fd, mode) < 0)
		return -errno;
	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d/%s", dir, name);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	r = set_mode(dir, name, mode, ret_st);
	if (r == 0 && listen(fd, BACKLOG) < 0)
		r = -errno;
	if (r < 0) {
		(void)unlinkat(dir, name, 0);
		return r;
	}
	return TAKE_FD(fd);
}

/*
 * What has the name now? Returns 0 when it is the socket of a server that is gone, so
 * that it may be replaced, -EBUSY when a server listens, -EEXIST for anything else.
 */
static int check_dead(int dir, const char *name)
{
	_cleanup_close_ int at = FD_NONE, conn = FD_NONE;
	struct stat st;

	at = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (at < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(at, &st) < 0)
		return -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	conn = path_connect_fd(at);
	if (conn >= 0)
		return -EBUSY;
	return conn == -ECONNREFUSED ? 0 : -EBUSY;
}

/*
 * Takes a dead name away. It is moved aside first and looked at again, because
 * another server may have put a live one there since it was checked.
 */
static int remove_dead(int dir, const char *name)
{
	char aside[TEMP_NAME_MAX];
	int r;

	r = check_dead(dir, name);
	if (r < 0)
		return r;
	r = temp_name(aside, sizeof(aside));
	if (r < 0)
		return r;
	if (renameat(dir, name, dir, aside) < 0)
		return errno == ENOENT ? 0 : -errno;
	r = check_dead(dir, aside);
	if (r < 0)
		(void)linkat(dir, aside, dir, name, 0);
	(void)unlinkat(dir, aside, 0);
	return r;
}

static bool is_temp_name(const char *name)
{
	const size_t prefix = strlen(TEMP_PREFIX);

	return strncmp(name, TEMP_PREFIX, prefix) == 0 &&
	       strspn(name + prefix, "0123456789abcdef") == TEMP_DIGITS &&
	       name[prefix + TEMP_DIGITS] == '\0';
}

/*
 * Takes away what servers have left that were killed while they made a name. One that does so
 * at this moment may lose its own before it listens; it makes another one then.
 */
static void sweep(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;
	int i;

	if (!d) {
		(void)fd_close(fd);
		return;
	}
	for (i = 0; i < SWEEP_MAX && (e = readdir(d)); i++)
		if (is_temp_name(e->d_name) && check_dead(dir, e->d_name) == 0)
			(void)unlinkat(dir, e->d_name, 0);
	(void)closedir(d);
}

static int link_name(int dir, const char *temp, const char *name)
{
	int i, r;

	for (i = 0; i < REPLACE_TRIES; i++) {
		if (linkat(dir, temp, dir, name, 0) == 0)
			return 0;
		if (errno != EEXIST)
			return -errno;
		r = remove_dead(dir, name);
		if (r < 0)
			return r;
	}
	return -EBUSY;
}

/* The file that a door is over. */
struct target {
	int file; /* FD_NONE: none */
	const struct stat *st;
};

/* Takes over listener, also on failure. */
static int add_name(int fd, const struct handle_name *name, int listener, const struct stat *st,
	const struct target *target)
{
	_cleanup_close_ int file = FD_NONE;
	struct endpoint *e;
	struct door *d;
	int r = -EPERM;

	if (target->file >= 0) {
		file = fcntl(target->file, F_DUPFD_CLOEXEC, 0);
		if (file < 0) {
			r = -errno;
			(void)fd_close(listener);
			return r;
		}
	}
	(void)pthread_mutex_lock(&doors_lock);
	d = door_find_locked(fd, name);
	if (d && !d->revoked) {
		r = endpoint_add_locked(d, ENDPOINT_LISTENER, listener, &e);
		if (r == 0) {
			e->dev = st->st_dev;
			e->ino = st->st_ino;
			e->file = TAKE_FD(file);
			e->file_dev = e->file >= 0 ? target->st->st_dev : 0;
			e->file_ino = e->file >= 0 ? target->st->st_ino : 0;
		}
	} else {
		(void)fd_close(listener);
	}
	(void)pthread_mutex_unlock(&doors_lock);
	return r;
}

/* A socket that listens at name. Returns it or a negative errno. */
static int listen_at(int dir, const char *name, mode_t mode, struct stat *ret_st)
{
	_cleanup_close_ int fd = FD_NONE;
	char temp[TEMP_NAME_MAX];
	int r;

	r = temp_name(temp, sizeof(temp));
	if (r < 0)
		return r;
	fd = listen_temp(dir, temp, mode, ret_st);
	if (fd < 0)
		return TAKE_FD(fd);
	r = link_name(dir, temp, name);
	(void)unlinkat(dir, temp, 0);
	return r < 0 ? r : TAKE_FD(fd);
}

static int attach(int dir, const char *name, int fd, mode_t mode, const struct target *target)
{
	struct handle_name door;
	int i, listener = -ENOENT, r;
	struct stat st;

	if (!handle_is_door(fd, &door) || handle_is_dead(fd))
		return -EBADF;
	r = path_check_name(name);
	if (r < 0)
		return r;
	sweep(dir);
	fork_guard_enter();
	/* Somebody may have swept ours away. */
	for (i = 0; i < SWEPT_TRIES && listener == -ENOENT; i++)
		listener = listen_at(dir, name, mode & 07777, &st);
	r = listener < 0 ? listener : add_name(fd, &door, listener, &st, target);
	if (listener >= 0 && r < 0)
		(void)unlinkat(dir, name, 0);
	else if (r == 0)
		stat_door_attached(door.id, target->file, dir, name);
	fork_guard_leave();
	return r;
}

static bool door_is_ours(int fd)
{
	struct handle_name name;
	bool ours;

	if (!handle_is_door(fd, &name))
		return true; /* not a door at all: EBADF comes later */
	(void)pthread_mutex_lock(&doors_lock);
	ours = door_find_locked(fd, &name) != NULL;
	(void)pthread_mutex_unlock(&doors_lock);
	return ours || handle_is_dead(fd);
}

int name_attach(int dir, const char *name, int fd, mode_t mode, int file, const struct stat *st)
{
	const struct target target = {.file = file, .st = st};

	return attach(dir, name, fd, mode, &target);
}

int door_attachat(int dirfd, const char *name, int fd, mode_t mode)
{
	int r;

	if (!door_is_ours(fd))
		return fail(-EPERM);
	r = name_attach(dirfd, name, fd, mode, FD_NONE, NULL);
	return r < 0 ? fail(r) : 0;
}

int door_attach(int fd, const char *path, mode_t mode)
{
	_cleanup_close_ int dir = FD_NONE;
	const char *name;

	dir = path_parent(path, &name);
	if (dir < 0)
		return fail(dir);
	return door_attachat(dir, name, fd, mode);
}

/* Who serves the endpoint finds it shut and ends it, with the unref that may follow. */
static void detach_locked(struct endpoint *e)
{
	atomic_store(&e->detached, true);
	(void)shutdown(e->fd, SHUT_RDWR);
	endpoint_rearm(e);
}

bool name_detach_file(dev_t dev, ino_t ino)
{
	struct endpoint *e;
	bool found;

	(void)pthread_mutex_lock(&doors_lock);
	found = endpoint_find_file_locked(dev, ino, &e) == 0;
	if (found)
		detach_locked(e);
	(void)pthread_mutex_unlock(&doors_lock);
	return found;
}

int door_detach(const char *path)
{
	_cleanup_close_ int dir = FD_NONE;
	struct endpoint *e;
	const char *name;
	struct stat st;
	int r;

	dir = path_parent(path, &name);
	if (dir < 0)
		return fail(dir);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	(void)pthread_mutex_lock(&doors_lock);
	r = endpoint_find_name_locked(st.st_dev, st.st_ino, &e);
	if (r == 0 && unlinkat(dir, name, 0) < 0)
		r = -errno;
	if (r == 0)
		detach_locked(e);
	(void)pthread_mutex_unlock(&doors_lock);
	return r < 0 ? fail(r) : 0;
}

int door_detach_removed(dev_t dev, ino_t ino)
{
	struct endpoint *e;
	int r;

	(void)pthread_mutex_lock(&doors_lock);
	r = endpoint_find_name_locked(dev, ino, &e);
	if (r == 0)
		detach_locked(e);
	(void)pthread_mutex_unlock(&doors_lock);
	return r < 0 ? fail(r) : 0;
}
