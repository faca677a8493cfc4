/* SPDX-License-Identifier: MIT */
/* fsync(2) of folders; see sync.h. */
#include "linux/sync.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>

int sync_folder_of(const char *path)
{
	_cleanup_close_ int fd = FD_NONE;
	char copy[PATH_MAX];

	if (str_copy(copy, sizeof(copy), path) < 0)
		return -ENAMETOOLONG;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}
