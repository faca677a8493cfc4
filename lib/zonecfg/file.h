/* SPDX-License-Identifier: MIT */
/*
 * Whole files: read with a limit, replaced as one step. Internal to lib/zonecfg
 * and lib/brand; needs no libxml2.
 */
#pragma once

#include "linux/util.h"

/*
 * Reads a regular file without following a last symlink. *ret_data is malloc'd
 * and has a NUL behind its *ret_size bytes. 0, -EFBIG above max, -EINVAL when it is
 * no regular file, -ELOOP for a symlink, another negative errno.
 */
int file_read(const char *path, size_t max, char **ret_data, size_t *ret_size);

/*
 * Replaces path: a temporary file zonecfg.XXXXXX in the same directory, mode,
 * fsync, rename, fsync of the directory. After a failure the old file is as it was
 * and no temporary file is left. 0 or a negative errno.
 */
int file_replace(const char *path, mode_t mode, const char *data, size_t size);

/*
 * The same for a file of the run directory, which means nothing after the host has
 * gone down: no fsync, so it costs no wait for the disk.
 */
int file_replace_volatile(const char *path, mode_t mode, const char *data, size_t size);

/* mkdir of every missing component of an absolute path, 0755 each. 0 or a negative errno. */
int file_mkdirs(const char *path);
