/* SPDX-License-Identifier: MIT */
/*
 * Whole files: read with a limit, replaced as one step. Internal to lib/zonecfg
 * and lib/brand; needs no XML.
 */
#pragma once

#include <sys/stat.h>

#include "linux/util.h"

/* Tells one version of a file from another; all zero is a file that is not there. */
struct file_stamp {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime;
};

/* The version that is at path now. 0 or a negative errno; a missing file is no error. */
int file_stamp(const char *path, struct file_stamp *ret_stamp);
bool file_stamp_equal(const struct file_stamp *a, const struct file_stamp *b);

/*
 * Reads a regular file without following a last symlink. *ret_data is malloc'd
 * and has a NUL behind its *ret_size bytes. ret_stamp, which may be NULL, is the version that was
 * read. 0, -EFBIG above max, -EINVAL when it is no regular file, -ELOOP for a symlink, -EBUSY
 * when it is being written and does not come to rest, another negative errno.
 */
int file_read(const char *path, size_t max, char **ret_data, size_t *ret_size,
	struct file_stamp *ret_stamp);

/*
 * Waits for an exclusive lock on a file of the run directory, which is made when it is missing.
 * Descriptors exclude each other, also those of one process. The lock ends when it is closed.
 * A descriptor or a negative errno.
 */
int file_lock(const char *path);

/*
 * Replaces path: a temporary file zonecfg.XXXXXX in the same directory, mode,
 * fsync, rename, fsync of the directory. After a failure the old file is as it was
 * and no temporary file is left. only: the version to be replaced, NULL for any; -EAGAIN when there
 * is another one. 0 or a negative errno.
 */
int file_replace(const char *path, mode_t mode, const char *data, size_t size,
	const struct file_stamp *only);

/*
 * The same for a file of the run directory, which means nothing after the host has
 * gone down: no fsync, so it costs no wait for the disk.
 */
int file_replace_volatile(const char *path, mode_t mode, const char *data, size_t size);

/* mkdir of every missing component of an absolute path, 0755 each. 0 or a negative errno. */
int file_mkdirs(const char *path);
