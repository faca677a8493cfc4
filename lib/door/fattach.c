/* SPDX-License-Identifier: MIT */
/*
 * fattach(3C), fdetach(3C): a door over an existing file, which stays what it is for
 * everybody who does not know doors. See registry.h for where it is found.
 *
 * The server keeps a descriptor of the file, so that its inode means this file as long as
 * the door is over it.
 */
#include "door/file.h"
#include "door/registry.h"
#include "door/server.h"

#include <fcntl.h>
#include <stropts.h>

static int fail(int r)
{
	errno = -r;
	return -1;
}

/* May this process put a door over the file, or take it away? Opens it, without any effect. */
static int open_target(const char *path, struct stat *ret_st)
{
	_cleanup_close_ int fd = FD_NONE;

	if (!path)
		return -EFAULT;
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0 || fstat(fd, ret_st) < 0)
		return -errno;
	if (geteuid() != 0 && ret_st->st_uid != geteuid())
		return -EPERM;
	if (!S_ISREG(ret_st->st_mode))
		return -EINVAL;
	return TAKE_FD(fd);
}

/* The door that this process serves behind fd: 0, -EBADF, -EINVAL, -EPERM. */
static int check_door(int fd)
{
	struct handle_name name;
	const struct door *d;
	int r;

	if (fcntl(fd, F_GETFD) < 0)
		return -EBADF;
	if (!handle_is_door(fd, &name))
		return -EINVAL;
	(void)pthread_mutex_lock(&doors_lock);
	d = door_find_locked(fd, &name);
	if (d)
		r = d->revoked ? -EBADF : 0;
	else
		r = handle_is_dead(fd) ? -EBADF : -EPERM;
	(void)pthread_mutex_unlock(&doors_lock);
	return r;
}

static int make_name(int fd, int file, const struct stat *st)
{
	char name[REGISTRY_NAME_MAX];
	unsigned int n;
	int r = -ENOENT;

	registry_name(name, st);
	for (n = 0; n < REGISTRY_FOLDERS; n++) {
		_cleanup_close_ int dir = registry_open(geteuid(), n, true);

		if (dir >= 0)
			return name_attach(dir, name, fd, 0666, file, st);
		if (dir != -ENOENT)
			r = dir;
	}
	return r;
}

int fattach(int fd, const char *path)
{
	_cleanup_close_ int file = FD_NONE, conn = FD_NONE;
	struct stat st;
	int r;

	r = check_door(fd);
	if (r < 0)
		return fail(r);
	file = open_target(path, &st);
	if (file < 0)
		return fail(file);
	if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0)
		return -1;
	/* The owner and root look in folders of their own. */
	conn = registry_connect(&st);
	if (conn != -EBADF)
		return fail(conn >= 0 ? -EBUSY : conn);
	r = make_name(fd, file, &st);
	return r < 0 ? fail(r) : 0;
}

/* Takes away what a server that is gone has left. Returns 0, or -EINVAL when there is nothing. */
static int remove_dead_name(uid_t user, const struct stat *st)
{
	char name[REGISTRY_NAME_MAX];
	unsigned int n;
	int r = -EINVAL;

	registry_name(name, st);
	for (n = 0; n < REGISTRY_FOLDERS; n++) {
		_cleanup_close_ int dir = registry_open(user, n, false);

		if (dir >= 0 && unlinkat(dir, name, 0) == 0)
			r = 0;
	}
	return r;
}

void fattach_remove_name(dev_t dev, ino_t ino)
{
	const struct stat st = {.st_dev = dev, .st_ino = ino};

	(void)remove_dead_name(geteuid(), &st);
}

int fdetach(const char *path)
{
	_cleanup_close_ int file = FD_NONE, fd = FD_NONE;
	struct stat st;
	int r;

	file = open_target(path, &st);
	if (file < 0)
		return fail(file);
	if (name_detach_file(st.st_dev, st.st_ino)) {
		fattach_remove_name(st.st_dev, st.st_ino);
		return 0;
	}
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -1;
	r = file_detach(fd);
	if (r == -EINVAL)
		r = remove_dead_name(geteuid(), &st);
	return r < 0 ? fail(r) : 0;
}
