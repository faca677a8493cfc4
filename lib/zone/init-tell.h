/* SPDX-License-Identifier: MIT */
/*
 * What the zone's first process says to zsched when it cannot become init. It is said on a socket of messages
 * that closes when a program is executed: that is when init runs.
 *
 * A brand whose initname is INIT_LAUNCHER has a program there that becomes the init of the zone's root. To be
 * told what became of that, zsched gives it a second such socket, open as INIT_TELL_FD. The program sets
 * close-on-exec on it before anything else, so that what it executes has it not.
 */
#pragma once

#include <stdint.h>

#define INIT_LAUNCHER "/native/init"
#define INIT_TELL_FD  3

struct init_error {
	int32_t err;	/* negative errno */
	char what[64];	/* what could not be done, without the file's name */
	char about[64]; /* the file, "" where it is the init that zsched executes */
};
