/* SPDX-License-Identifier: MIT */
/*
 * A log below a zonepath, in the folder logs: appended to, and at its largest size kept as NAME.0
 * while a new one begins. Outside the zone's root, so nothing in the zone reaches it.
 */
#pragma once

#include "linux/util.h"

/* To begin with, dir and fd are FD_NONE. */
struct log_file {
	const char *name;
	off_t max;
	int dir; /* <zonepath>/logs, FD_NONE: there is none */
	int fd;	 /* FD_NONE: not open */
	off_t size;
};

/* Opens it below a zonepath (a descriptor, borrowed). Where that fails nothing is kept. */
void log_file_open(struct log_file *l, int zonepath);
void log_file_close(struct log_file *l);
/* One write. What a full disk does not take is lost. */
void log_file_write(struct log_file *l, const char *data, size_t size);
/* The folder of logs, or FD_NONE. */
int log_dir_open(int zonepath);
