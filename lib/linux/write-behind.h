/* SPDX-License-Identifier: MIT */
/*
 * Writing to the disk while more is still being made: who makes many files and says at the end that
 * they are to be on the disk waits only for the last of them.
 */
#pragma once

#include "linux/util.h"

struct write_behind {
	pid_t pid; /* 0: nobody writes */
};

/*
 * From now on a child writes what is dirty on the file system of fd, again and again, until
 * write_behind_stop() or the end of the calling thread. It says nothing and never fails: the caller's own syncfs(2) tells
 * whether everything is on the disk, and takes longer where there is no child. The caller has no threads.
 */
void write_behind_start(struct write_behind *w, int fd);

/* Waits for the write that is under way. */
void write_behind_stop(struct write_behind *w);
