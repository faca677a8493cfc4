/* SPDX-License-Identifier: MIT */
/*
 * The folders, in the order in which they are tried:
 *
 *   $ZONES_ROOT/run/doors/<uid>  root's is made when needed; others' only by root
 *   $XDG_RUNTIME_DIR/doors       seen by processes of the same user, and root
 *   /run/user/<uid>/doors        the same, for a program without the variable
 *
 * A folder counts when it belongs to the user and nobody else may write to it, wherever it was
 * found; so an environment that somebody else chose leads to no door but one of that
 * user's own. Only the owner of a file and root may put a door over it, so a caller
 * looks in the folders of these two.
 */
#include "door/registry.h"
#include "door/path.h"

#include <fcntl.h>
#include <limits.h>

/* Only variables that nobody gave to a set-uid program. */
static const char *from_environment(const char *name)
{
	const char *value = secure_getenv(name);

	return value && value[0] == '/' ? value : NULL;
}

static int folder_path(char *buf, size_t size, uid_t user, unsigned int n)
{
	const char *base;
	int len;

	switch (n) {
	case 0:
		base = from_environment("ZONES_ROOT");
		len = snprintf(buf, size, "%s/run/doors/%u", base ? base : "", user);
		break;
	case 1:
		base = from_environment("XDG_RUNTIME_DIR");
		if (!base)
			return -ENOENT;
		len = snprintf(buf, size, "%s/doors", base);
		break;
	default:
		len = snprintf(buf, size, "/run/user/%u/doors", user);
		break;
	}
	return len < 0 || (size_t)len >= size ? -ENAMETOOLONG : 0;
}

/* Makes the folder, and for root the one it is in. What fails is seen when it is opened. */
static void make_folder(const char *path, uid_t user, unsigned int n)
{
	char parent[PATH_MAX];
	char *slash;

	if (n == 0 && user == 0) {
		(void)str_copy(parent, sizeof(parent), path);
		slash = strrchr(parent, '/');
		*slash = '\0';
		(void)mkdir(parent, 0755);
	}
	(void)mkdir(path, 0755);
}

int registry_open(uid_t user, unsigned int n, bool create)
{
	_cleanup_close_ int fd = FD_NONE;
	char path[PATH_MAX];
	struct stat st;
	int r;

	r = folder_path(path, sizeof(path), user, n);
	if (r < 0)
		return r;
	if (create)
		make_folder(path, user, n);
	fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (st.st_uid != user || st.st_mode & (S_IWGRP | S_IWOTH))
		return -EPERM;
	return TAKE_FD(fd);
}

void registry_name(char buf[REGISTRY_NAME_MAX], const struct stat *st)
{
	(void)snprintf(buf, REGISTRY_NAME_MAX, "%llx-%llx", (unsigned long long)st->st_dev,
		(unsigned long long)st->st_ino);
}

/* Whoever listens under this name in the folders of one user. */
static int connect_user(uid_t user, const char *name)
{
	char path[64];
	unsigned int n;
	int conn;

	for (n = 0; n < REGISTRY_FOLDERS; n++) {
		_cleanup_close_ int dir = registry_open(user, n, false);

		if (dir < 0)
			continue;
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dir, name);
		conn = path_connect(path);
		if (conn >= 0 || conn == -EMFILE || conn == -ENFILE || conn == -EAGAIN)
			return conn;
	}
	return -EBADF;
}

int registry_connect(const struct stat *st)
{
	char name[REGISTRY_NAME_MAX];
	int conn;

	registry_name(name, st);
	conn = connect_user(st->st_uid, name);
	if (conn == -EBADF && st->st_uid != 0)
		conn = connect_user(0, name);
	return conn;
}
