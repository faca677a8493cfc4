/* SPDX-License-Identifier: MIT */
/* Signals that a command passes on to who works for it, read from a descriptor. */
#pragma once

#include "linux/util.h"

/*
 * Blocks SIGINT, SIGQUIT, SIGTERM, SIGHUP (those that are not ignored) and
 * SIGWINCH, with also (0: nothing) another one, and ignores SIGPIPE. The descriptor that they are read from, or a negative errno.
 */
int signals_take(int also);
/* The next signal that came; 0 when there is none. */
int signals_next(int fd);
/* For a program that is to be executed: no signal blocked, each with its default. */
void signals_reset(void);
