/* SPDX-License-Identifier: MIT */
/*
 * openat2(2), which the C library does not wrap: opening a path that somebody
 * hostile may have arranged, with rules about what it may cross.
 */
#pragma once

#include <fcntl.h>
/* the kernel's header of the same name, behind this folder */
#include_next <linux/openat2.h>
#include <sys/syscall.h>

#include "linux/util.h"

/*
 * Opens path below dirfd with O_CLOEXEC. resolve is a mask of RESOLVE_*. Returns
 * the descriptor or a negative errno: -ELOOP for a symlink that may not be
 * followed, -EXDEV for a path that would leave dirfd.
 */
static inline int openat2_fd(
	int dirfd, const char *path, unsigned int flags, unsigned int mode, uint64_t resolve)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.mode = mode,
		.resolve = resolve,
	};
	long fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}
