/* SPDX-License-Identifier: MIT */
/*
 * Files that somebody else may have arranged, a zone's root above all: a pipe, a terminal, a device, a socket, a
 * symbolic link to one of them or a file without an end may lie where a plain file is meant. None of them makes
 * the reader wait or takes his memory. Every program that reads in a root of a zone does it by these.
 */
#pragma once

#include "linux/util.h"

/*
 * Opens path below dirfd for reading, close-on-exec. resolve is a mask of RESOLVE_*; links of /proc that lead
 * anywhere are never followed. The descriptor of a regular file, or a negative errno: -EINVAL for what is none.
 */
int plain_file_open(int dirfd, const char *path, uint64_t resolve);

/*
 * All of it, with a NUL behind it. *ret_text is to be freed; *ret_size may be NULL. 0 or a negative errno, as
 * plain_file_open() has them; -EFBIG: it is longer than max, whatever its size says.
 */
int plain_file_text(int dirfd, const char *path, uint64_t resolve, size_t max, char **ret_text,
	size_t *ret_size);
