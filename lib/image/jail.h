/* SPDX-License-Identifier: MIT */
/*
 * Work on a tree that somebody hostile may have packed. It is done by a child that
 * sees nothing but that tree: its own mount namespace with the tree as the only
 * mount, nothing executable in it, no network, and few capabilities. Whatever
 * links, absolute names or ".." lead to is inside.
 */
#pragma once

#include "linux/diag.h"

/* Runs in the child, current directory and root being the tree. 0 or a negative errno with a line in d. */
typedef int jail_fn(void *arg, struct diag *d);

/* A child at work. */
struct jail {
	int pid;
	int sock; /* what it says at its end */
};

/*
 * Starts fn in a child. root: a directory of the host. arg is what the child gets as
 * a copy; descriptors that it needs stay open in it. 0 or a negative errno with a line in d.
 */
int jail_start(struct jail *jail, int root, jail_fn *fn, void *arg, struct diag *d);

/*
 * Waits up to ms milliseconds for the child's end. 1: it goes on; else what fn returned, with its
 * line in d, or -EIO when it died.
 */
int jail_wait(struct jail *jail, int ms, struct diag *d);

/* Ends the child, if it goes on, and waits until it is gone. */
void jail_kill(struct jail *jail);

/* jail_start() and jail_wait() until the end; -ECANCELED when a signal was noted (interrupt.h). */
int jail_run(int root, jail_fn *fn, void *arg, struct diag *d);

/* As jail_run(), and calls tick(tick_arg) several times a second meanwhile, in this process. */
int jail_run_shown(
	int root, jail_fn *fn, void *arg, void (*tick)(void *), void *tick_arg, struct diag *d);
