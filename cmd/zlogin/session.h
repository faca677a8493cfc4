/* SPDX-License-Identifier: MIT */
/* The child as the parent sees it: its end, and the signals that are passed on to it. */
#pragma once

#include <sys/types.h>

#include "linux/util.h"

struct session {
	pid_t pid;
	int pidfd;   /* readable when the child has ended */
	int signals; /* signalfd of what is passed on */
};

/*
 * Blocks SIGINT, SIGQUIT, SIGTERM, SIGHUP (those that are not ignored) and
 * SIGWINCH, which s->signals yields from now on, and ignores SIGPIPE. Before the child is made;
 * it undoes that for itself. 0 or a negative errno.
 */
int session_signals(struct session *s);
/* The next signal that came; 0 when there is none. */
int session_next_signal(const struct session *s);
/* Sends a signal to the child's process group. */
void session_forward(const struct session *s, int sig);
/* Reaps the child: its exit code, or 128 and the signal that ended it. Blocks until it ends. */
int session_wait(const struct session *s);
