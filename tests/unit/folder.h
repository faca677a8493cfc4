/* SPDX-License-Identifier: MIT */
/*
 * A folder of its own for a test, gone with all its files when the test is. It is below $TMPDIR, which
 * tests/lib/unit-alone sets to a place where nothing may be left, else in the memory of /dev/shm: many
 * tests write their files thousands of times and have each written out.
 */
#pragma once

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Others may enter it. -1 and errno; ENAMETOOLONG when ret has no room for its path. */
static inline int folder_make(char *ret, size_t size, const char *name)
{
	const char *base = getenv("TMPDIR");

	if (!base)
		base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	if ((size_t)snprintf(ret, size, "%s/%s.XXXXXX", base, name) >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return !mkdtemp(ret) || chmod(ret, 0755) < 0 ? -1 : 0;
}

static inline int folder_remove_one(
	const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

/* With all that is in it. -1 and errno when something stays. */
static inline int folder_remove(const char *path)
{
	return nftw(path, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
