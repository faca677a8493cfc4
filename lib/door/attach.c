/* SPDX-License-Identifier: MIT */
/*
 * Names of doors in the file system: door_attach(), door_attachat(), door_detach().
 * (fattach.c puts a door over an existing file, with a name from here.)
 *
 * The name is a listening socket. It is bound under a temporary name in the same
 * directory, gets its mode, listens, and only then is linked to its real name: who
 * sees the name finds it complete. link(2) fails when the name exists, so of two
 * servers one wins, and a name is only replaced when connecting shows that nobody
 * listens. The temporary names follow from the real one, so a server that is killed meanwhile leaves
 * what the next one of that name finds, and takes away, without reading a directory that may have
 * thousands of names. The directory may belong to somebody hostile (root of a zone): nothing in
 * it is followed, and everything goes through the directory's descriptor, which also
 * makes paths of any length work, as bind(2) takes 107 bytes.
 */
#include "door/server.h"
#include "door/path.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/un.h>

#define BACKLOG	      128
#define REPLACE_TRIES 8
#define TEMP_NAMES    8 /* of each name: servers that make it at the same time have one each */
#define TEMP_NAME_MAX 32
#define LOCK_TRIES    100 /* of 1 ms */

static int fail(int r)
{
	errno = -r;
	return -1;
}

/* One of the temporary names of a name, which itself may be too long to be a part of them (FNV-1a). */
static void temp_name(char buf[static TEMP_NAME_MAX], const char *name, unsigned int n)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 0x100000001b3u;
	(void)snprintf(buf, TEMP_NAME_MAX, ".door-%016llx-%u", (unsigned long long)hash, n);
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
 * that it may be replaced, -EBUSY when a server listens, -EEXIST for anything else; another error when it cannot be told.
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
	if (conn == -ECONNREFUSED)
		return 0;
	/* Who cannot ask does not know. */
	return conn == -EMFILE || conn == -ENFILE || conn == -ENOMEM ? conn : -EBUSY;
}

/*
 * Whose a temporary name is, as long as the descriptor is open: an abstract name of the kernel's, which goes with its
 * process. A socket is dead between bind(2) and listen(2), too; by this it is told from one that was left. Anybody can
 * have the abstract name, so it only keeps makers apart. -EADDRINUSE: another has it.
 */
static int own_temp(int dir, const char *temp)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = FD_NONE;
	struct stat st;
	int n;

	if (fstat(dir, &st) < 0)
		return -errno;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	n = snprintf(addr.sun_path + 1, sizeof(addr.sun_path) - 1, "door/%llx:%llx/%s",
		(unsigned long long)st.st_dev, (unsigned long long)st.st_ino, temp);
	if (bind(fd, (struct sockaddr *)&addr,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n)) < 0)
		return -errno;
	return TAKE_FD(fd);
}

static int random_name(char ret[static TEMP_NAME_MAX])
{
	uint64_t n;

	if (getrandom(&n, sizeof(n), 0) != sizeof(n))
		return -errno;
	(void)snprintf(ret, TEMP_NAME_MAX, ".door-%016llx", (unsigned long long)n);
	return 0;
}

/* Without the kernel's or the file system's help: under a name that nobody has. */
static int move_aside_random(int dir, const char *name, char ret[static TEMP_NAME_MAX])
{
	int r = random_name(ret);

	return r < 0 ? r : renameat(dir, name, dir, ret) < 0 ? -errno : 0;
}

/* *ret_own: the temporary name is ours until it is closed; who has all of them does not hold us up. */
static int move_aside(int dir, const char *name, char ret[static TEMP_NAME_MAX], int *ret_own)
{
	bool had_one = false;
	unsigned int i;

	for (i = 0; i < TEMP_NAMES; i++) {
		temp_name(ret, name, i);
		*ret_own = own_temp(dir, ret);
		if (*ret_own < 0)
			continue;
		had_one = true;
		if (renameat2(dir, name, dir, ret, RENAME_NOREPLACE) == 0)
			return 0;
		if (errno == EINVAL || errno == ENOSYS)
			return move_aside_random(dir, name, ret);
		if (errno != EEXIST)
			return -errno;
		*ret_own = fd_close(*ret_own);
	}
	return had_one ? -EBUSY : move_aside_random(dir, name, ret);
}

/*
 * Takes a dead name away. It is moved aside first and looked at again, because
 * another server may have put a live one there since it was checked.
 */
static int remove_dead(int dir, const char *name)
{
	_cleanup_close_ int own = FD_NONE;
	char aside[TEMP_NAME_MAX];
	int r;

	r = check_dead(dir, name);
	if (r < 0)
		return r;
	r = move_aside(dir, name, aside, &own);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = check_dead(dir, aside);
	if (r < 0)
		(void)linkat(dir, aside, dir, name, 0);
	(void)unlinkat(dir, aside, 0);
	return r;
}

/* Takes away what servers have left that were killed while they made the name. */
static void sweep(int dir, const char *name)
{
	char temp[TEMP_NAME_MAX];
	struct stat st;
	unsigned int i;

	for (i = 0; i < TEMP_NAMES; i++) {
		_cleanup_close_ int own = FD_NONE;

		temp_name(temp, name, i);
		if (fstatat(dir, temp, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		own = own_temp(dir, temp);
		if (own >= 0 && check_dead(dir, temp) == 0)
			(void)unlinkat(dir, temp, 0);
	}
}

/*
 * Of those that make, replace and remove one name, one at a time does so: what is dead when it is looked at is nobody
 * else's when it is removed. Closing the descriptor gives it back. Who has it as a nuisance only costs time.
 */
static int lock_name(int dir, const char *name)
{
	static const struct timespec step = {.tv_nsec = 1000000};
	char label[TEMP_NAME_MAX];
	int fd, i;

	temp_name(label, name, TEMP_NAMES);
	for (i = 0; i < LOCK_TRIES && (fd = own_temp(dir, label)) == -EADDRINUSE; i++)
		(void)nanosleep(&step, NULL);
	return i < LOCK_TRIES ? fd : FD_NONE;
}

static int link_name(int dir, const char *temp, const char *name)
{
	_cleanup_close_ int lock = lock_name(dir, name);
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
			endpoint_name_locked(e, st->st_dev, st->st_ino);
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

/* A socket that listens at name, made under a temporary one. Returns it or a negative errno. */
static int listen_at(int dir, const char *name, const char *temp, mode_t mode, struct stat *ret_st)
{
	_cleanup_close_ int fd = FD_NONE;
	int r;

	fd = listen_temp(dir, temp, mode, ret_st);
	if (fd < 0)
		return TAKE_FD(fd);
	r = link_name(dir, temp, name);
	(void)unlinkat(dir, temp, 0);
	return r < 0 ? r : TAKE_FD(fd);
}

/* Under a name that nobody finds when we are killed: somebody else has all the others. */
static int listen_random(int dir, const char *name, mode_t mode, struct stat *ret_st)
{
	char temp[TEMP_NAME_MAX];
	int r = random_name(temp);

	return r < 0 ? r : listen_at(dir, name, temp, mode, ret_st);
}

/* The same, under a temporary name that nobody else has or sweeps away. */
static int listen_somehow(int dir, const char *name, mode_t mode, struct stat *ret_st)
{
	bool had_one = false;
	int r = -EADDRINUSE;
	unsigned int i;

	sweep(dir, name);
	for (i = 0; i < TEMP_NAMES && r == -EADDRINUSE; i++) {
		_cleanup_close_ int own = FD_NONE;
		char temp[TEMP_NAME_MAX];

		temp_name(temp, name, i);
		own = own_temp(dir, temp);
		if (own < 0)
			continue;
		had_one = true;
		r = listen_at(dir, name, temp, mode, ret_st);
	}
	if (!had_one)
		return listen_random(dir, name, mode, ret_st);
	return r == -EADDRINUSE ? -EBUSY : r;
}

static int attach(int dir, const char *name, int fd, mode_t mode, const struct target *target)
{
	struct handle_name door;
	int listener, r;
	struct stat st;

	if (!handle_is_door(fd, &door) || handle_is_dead(fd))
		return -EBADF;
	r = path_check_name(name);
	if (r < 0)
		return r;
	fork_guard_enter();
	listener = listen_somehow(dir, name, mode & 07777, &st);
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

static int detach(int dir, const char *name)
{
	_cleanup_close_ int lock = lock_name(dir, name);
	struct endpoint *e;
	struct stat st;
	int r;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	(void)pthread_mutex_lock(&doors_lock);
	r = endpoint_find_name_locked(st.st_dev, st.st_ino, &e);
	if (r == 0 && unlinkat(dir, name, 0) < 0)
		r = -errno;
	if (r == 0)
		detach_locked(e);
	(void)pthread_mutex_unlock(&doors_lock);
	return r;
}

int door_detach(const char *path)
{
	_cleanup_close_ int dir = FD_NONE;
	const char *name;
	int r;

	dir = path_parent(path, &name);
	if (dir < 0)
		return fail(dir);
	r = detach(dir, name);
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
