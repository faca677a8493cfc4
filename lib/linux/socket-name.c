/* SPDX-License-Identifier: MIT */
/* Addresses of Unix sockets; see socket-name.h. */
#include "linux/socket-name.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/socket.h>

int socket_name(const char *path, struct sockaddr_un *ret_addr, int *ret_dir)
{
	const char *slash = strrchr(path, '/');
	_cleanup_close_ int dir = FD_NONE;
	char folder[PATH_MAX];
	int n;

	*ret_addr = (struct sockaddr_un){.sun_family = AF_UNIX};
	*ret_dir = FD_NONE;
	if (str_copy(ret_addr->sun_path, sizeof(ret_addr->sun_path), path) == 0)
		return 0;
	if (!slash || slash == path || (size_t)(slash - path) >= sizeof(folder))
		return -ENAMETOOLONG;
	(void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	n = snprintf(
		ret_addr->sun_path, sizeof(ret_addr->sun_path), "/proc/self/fd/%d%s", dir, slash);
	if (n < 0 || (size_t)n >= sizeof(ret_addr->sun_path))
		return -ENAMETOOLONG;
	*ret_dir = TAKE_FD(dir);
	return 0;
}
