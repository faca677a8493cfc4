/* SPDX-License-Identifier: MIT */
/*
 * Running other programs: brand hooks and zlogin. This process has door
 * threads, so nothing here forks: posix_spawn(3) shares memory with the child
 * until its exec and runs none of our code in it.
 */
#pragma once

#include "zoneadmd/report.h"

/*
 * Runs a program with stdin on /dev/null and waits for its end. Each line that it
 * prints on stdout or stderr is reported. Returns its exit code (0 and up), -EINTR when a
 * signal ended it (reported), or another negative errno when it could not be
 * started (reported).
 */
int run_program(char *const argv[], struct report *report);
/* The same with that environment; NULL: this process's. */
int run_program_with(char *const argv[], char *const envp[], struct report *report);
/* As run_program(), but at that moment of clock_now_ms() it is asked to end, and a second later killed. */
int run_program_until(char *const argv[], int64_t until, struct report *report);
/*
 * As run_program_with(), but the lines on its stdout are given to add, one by one, which are cut at 511 bytes. It
 * may refuse one by a negative errno, which is returned then; the rest is dropped.
 */
int run_program_lines(char *const argv[], char *const envp[],
	int (*add)(void *arg, const char *line), void *arg, struct report *report);
