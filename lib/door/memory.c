/* SPDX-License-Identifier: MIT */
/* Sealed memory: made and recognised. What it is good for is in channel.h and bulk.h. */
#include "door/memory.h"

#include <sys/mman.h>
#include <sys/vfs.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008u
#endif
#define TMPFS_MAGIC 0x01021994

int memory_new(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL) /* before 6.3 */
		fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd < 0 ? -errno : fd;
}

int memory_seal(int fd, int seals)
{
	return fcntl(fd, F_ADD_SEALS, seals) < 0 ? -errno : 0;
}

bool memory_is_sealed(int fd, int seals)
{
	int have = fcntl(fd, F_GET_SEALS);
	struct statfs fs;

	/* Huge pages have the same seals, and SIGBUS when there are none left. */
	return have >= 0 && (have & seals) == seals && fstatfs(fd, &fs) == 0 &&
	       fs.f_type == TMPFS_MAGIC;
}
