/* SPDX-License-Identifier: MIT */
/*
 * What a block device or an image file holds, for a line that says why it cannot be mounted: the kernel says
 * no more than "Invalid argument". Only the few bytes by which formats are told apart are read.
 */
#pragma once

#include "linux/diag.h"

enum fs_found {
	FS_FOUND_NOTHING,    /* that is known */
	FS_FOUND_FS,	     /* a file system: the type as the kernel names it */
	FS_FOUND_PARTITIONS, /* a table of partitions */
	FS_FOUND_OTHER,	     /* something else: its name */
};

/* *ret_name is a constant, "" where there is no name. fd is open for reading. Blocks for the device. */
enum fs_found fs_probe(int fd, const char **ret_name);

/*
 * Compares that with the type that somebody wants to mount. 0 when it may be one, or when it is not known;
 * -EINVAL with a line that says what is there, and what would be right.
 */
int fs_probe_check(int fd, const char *type, struct diag *d);
