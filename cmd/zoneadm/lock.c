/* SPDX-License-Identifier: MIT */
/* The advisory lock of a zone; see lock.h. */
#include "zoneadm/lock.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "linux/instance.h"

static bool held_by_ancestor(const char *zone)
{
	const char *held = getenv(LOCK_ENVIRONMENT);

	return held && streq(held, zone);
}

static int wait_for_lock(int fd)
{
	struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	while (fcntl(fd, F_SETLKW, &fl) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

int lock_take(const char *zone, int *ret_fd)
{
	_cleanup_close_ int fd = FD_NONE;
	char dir[4096], path[4096];
	int r;

	if (held_by_ancestor(zone)) {
		*ret_fd = FD_NONE;
		return 0;
	}
	r = instance_path(dir, sizeof(dir), INSTANCE_RUN);
	if (r == 0)
		r = instance_path(path, sizeof(path), INSTANCE_RUN "/%s.zoneadm.lock", zone);
	if (r < 0)
		return r;
	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		return -errno;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	r = wait_for_lock(fd);
	if (r < 0)
		return r;
	if (setenv(LOCK_ENVIRONMENT, zone, 1) < 0)
		return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int lock_release(int fd)
{
	if (fd < 0)
		return FD_NONE;
	(void)unsetenv(LOCK_ENVIRONMENT);
	return fd_close(fd);
}
