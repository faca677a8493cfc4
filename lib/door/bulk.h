/* SPDX-License-Identifier: MIT */
/*
 * Arguments and results above DOOR_DATA_LIMIT travel as memory of their own (a memfd) that the
 * sender has filled and sealed, so that nobody can change it, cut it, or punch holes into it.
 *
 * A server never maps what a client made: it reads it into memory of its own. A client maps a
 * result privately. Nothing here waits for the other side.
 */
#pragma once

#include "linux/util.h"

/*
 * Sealed memory with a copy of data. Returns a close-on-exec descriptor, or -EFAULT data cannot be
 * read, -E2BIG more than RLIMIT_FSIZE allows, -EAGAIN no memory, -EMFILE, -ENFILE.
 */
int bulk_new(const void *data, size_t size);

/*
 * How much is in sealed memory that was received. Returns 0, or -EINVAL when it is not sealed or not
 * such memory at all, has holes (which cost its maker nothing and its reader memory), or is so
 * small that it would have been sent otherwise.
 */
int bulk_size(int fd, size_t *ret_size);

/* Copies all of it. Returns 0, -EFAULT, -EINVAL. */
int bulk_copy(int fd, void *to, size_t size);

/* Private memory of this process with a copy; released with munmap. Returns 0, -EAGAIN, -EINVAL. */
int bulk_read(int fd, size_t size, char **ret);

/*
 * Maps it privately, in front of as many zeros as it takes to have room bytes (at least size);
 * released with munmap. Returns 0 or -EOVERFLOW.
 */
int bulk_map(int fd, size_t size, size_t room, char **ret);
