/* SPDX-License-Identifier: MIT */
/* The parts of zone-delegate: the user's rights, what he may ask, and doing it. */
#pragma once

#include <sys/types.h>

#include "linux/diag.h"
#include "zone/delegate-door.h"

#define SOCKET_FD 3

/* ---- rights.c ---- */

enum rights {
	RIGHT_LOGIN = 1 << 0,
	RIGHT_MANAGE = 1 << 1,
	RIGHT_CLONEFROM = 1 << 2,
};

/* What the configuration of the zone, as it is now, gives the user. A zone that is not there gives nothing. */
unsigned int rights_of(const char *user, const char *zone);

/* ---- command.c ---- */

#define COMMAND_WORDS (DELEGATE_WORD_MAX + 16)

/* What runs: argv[0] is the name of one of our programs. Strings belong to the request. */
struct command {
	char *argv[COMMAND_WORDS + 1];
	size_t argc;
	char escape[2];
};

/*
 * Checks a request that has the size it says. 0 and the command, -EPERM or -EINVAL with one
 * line that says what the user may not, or what cannot be.
 */
int command_make(struct delegate_request *req, size_t size, const char *user, struct command *ret,
	struct diag *d);

/* ---- work.c ---- */

/*
 * Runs the command with descriptors 0 to 2 as they are here, passes on the signals that the client sends,
 * and tells him how it ended.
 */
int work(const struct command *c, const struct delegate_request *req, struct diag *d);
