/* SPDX-License-Identifier: MIT */
/* What all commands do alike, whatever they are for. */
#pragma once

#include <stdio.h>

#include "linux/util.h"

/*
 * At the start: is --help the only argument? The usage that the command prints then is an answer:
 * it goes to usage_to(), and the command ends with usage_status(). --version is answered here.
 * Calls process_begin().
 */
bool help_asked(int argc, char *argv[]);
FILE *usage_to(void);
/* The exit status of a usage: wrong, or 0 when it was asked for. */
int usage_status(int wrong);

/* Prints the name of the program and the text on standard error, and exits 1. */
__attribute__((noreturn)) void die(const char *fmt, ...) _printf_(1, 2);

/*
 * At the end: writes out what was printed. status, or, when it is 0 and not all of it could be
 * written, failed after a message.
 */
int stdout_done(int status, int failed);

/*
 * What is said when a call of a daemon (zoned, dlmgmtd) failed with r, a negative errno: that it is not
 * running and how it is started, or why it cannot be asked. The text is valid until the next call.
 */
const char *daemon_error(const char *daemon, int r);
