/* SPDX-License-Identifier: MIT */
/*
 * What a process has from whoever started it, and nobody said a word about: signals that are ignored or blocked,
 * descriptors, limits, a priority, processors. A command shall work with whatever it was; what outlives its caller,
 * and what goes into a zone, shall have nothing of him.
 */
#pragma once

#include <linux/capability.h>

#include "linux/diag.h"

/*
 * At the very start of a program. Who closed one of the three standard streams has it closed for us too, but its
 * number is taken: no file that we open becomes what messages are written to. Children can be waited for, no signal
 * is blocked, a file that would be too large is an error and no death, and there is room for our stack.
 * Signals that the caller ignores stay ignored: nohup(1).
 */
void process_begin(void);

/*
 * For a daemon, before its first thread and its first file: process_begin(), and then nothing of the caller but
 * the standard streams, keep (a descriptor, or -1) and the environment. Its place is the root directory. Limits and what
 * process_calm() sets stay as they are where process 1 itself is the caller: there an administrator chose them.
 */
void process_settle(int keep);

/*
 * Sets what the kernel treats this process by to what is usual: scheduling, nice and I/O priority, timers, memory policy,
 * personality, and the score of the OOM killer. It may run where process 1 may. What cannot be changed stays.
 */
void process_calm(void);

struct capability {
	int number;
	const char *name;
};

#define CAPABILITY(c)                                                                              \
	{                                                                                          \
		(c), #c                                                                            \
	}

/*
 * Whether all of these are in effect: uid 0 alone does not say it. 0, or -EPERM with a sentence about the first that is
 * missing.
 */
int process_needs(const struct capability *needed, size_t n, struct diag *d);

/*
 * Sets all limits to the usual ones, none above a hard limit that cannot be raised. As many descriptors as there may be: they
 * may be open. When they are closed follows file_limit_usual().
 */
void process_limits(void);
