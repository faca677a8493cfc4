/* SPDX-License-Identifier: MIT */
/* The child as the parent sees it: its end, and the signals that are passed on to it. */
#pragma once

#include <sys/types.h>

#include "zlogin/zlogin.h"

struct session {
	pid_t pid;
	int pidfd;   /* readable when the child has ended */
	int signals; /* where what is passed on is read: signals_next() */
};

/* The signals that are passed on (linux/signals.h). The child undoes that for itself. 0 or a negative errno. */
int session_signals(struct session *s);
/*
 * Tells the audit system of the host that somebody has entered the zone, or could not. After the child was
 * made, so that it is not held up. mode: command, interactive.
 */
void session_audit(const struct options *o, const char *mode, bool success);
/* Sends a signal to the child's process group. */
void session_forward(const struct session *s, int sig);
/* Reaps the child: its exit code, or 128 and the signal that ended it. Blocks until it ends. */
int session_wait(const struct session *s);
