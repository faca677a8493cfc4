/* SPDX-License-Identifier: MIT */
/*
 * A socket address holds 107 bytes of path. Longer paths go through a descriptor of the
 * file or its directory and /proc/self/fd; short ones do not, so that they work
 * where /proc is not mounted yet.
 */
#include "door/path.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/socket.h>
#include <sys/un.h>

int path_check_name(const char *name)
{
	if (name[0] == '\0' || streq(name, ".") || streq(name, "..") || strchr(name, '/'))
		return -EINVAL;
	return strlen(name) > NAME_MAX ? -ENAMETOOLONG : 0;
}

int path_parent(const char *path, const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	int fd, r;
	size_t n;

	r = path_check_name(slash ? slash + 1 : path);
	if (r < 0)
		return r;
	if (!slash) {
		(void)str_copy(dir, sizeof(dir), ".");
	} else {
		n = slash == path ? 1 : (size_t)(slash - path);
		if (n >= sizeof(dir))
			return -ENAMETOOLONG;
		memcpy(dir, path, n);
		dir[n] = '\0';
	}
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_name = slash ? slash + 1 : path;
	return fd;
}

static int connect_to(const struct sockaddr_un *addr)
{
	_cleanup_close_ int fd = FD_NONE;

	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) < 0)
		return -errno;
	return TAKE_FD(fd);
}

int path_connect_fd(int at)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d", at);
	return connect_to(&addr);
}

int path_connect(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	_cleanup_close_ int at = FD_NONE;

	if (path[0] == '\0')
		return -ENOENT;
	if (str_copy(addr.sun_path, sizeof(addr.sun_path), path) == 0)
		return connect_to(&addr);
	at = open(path, O_PATH | O_CLOEXEC);
	if (at < 0)
		return -errno;
	return path_connect_fd(at);
}
