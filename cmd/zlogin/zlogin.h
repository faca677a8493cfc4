/* SPDX-License-Identifier: MIT */
/*
 * What the parts of zlogin share: the command line, and the session that it
 * asks for. zlogin is two processes: the parent stays outside and carries bytes; the
 * child enters the zone and becomes its program.
 */
#pragma once

#include "linux/util.h"
#include "zone/enter.h"

/* PATH inside a zone: the commands made for zones first. */
#define ZLOGIN_PATH "/native/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct options {
	const char *zone;
	const char *user;     /* -l; "root" unless given */
	char *const *utility; /* NULL-terminated, NULL when none was given */
	int escape;	      /* -e; -1 for none (-E) */
	bool console;	      /* -C */
	bool standalone;      /* -I: the standard streams of init, by the same server */
	bool no_eof;	      /* -N */
	bool disconnect;      /* -d */
	bool interactive;     /* -i, or a terminal and no utility */
	bool no_stdin;	      /* -n */
	bool quiet;	      /* -Q */
	bool safe;	      /* -S */
	bool password;	      /* -P */
};

/* What zoned gave us of the zone. */
struct target {
	struct zone_way way;
	char *login; /* command line of an interactive login, malloc'd, else NULL */
};

/* Exit code of a failure of zlogin itself. */
#define ZLOGIN_FAILED 1

/* "zlogin: text" on stderr. Returns ZLOGIN_FAILED. */
int complain(const char *fmt, ...) _printf_(1, 2);

/* The two modes that enter the zone. Each returns the exit code. They block until the utility or the user is done. */
int command_mode(const struct options *o, struct target *t);
int interactive_mode(const struct options *o, struct target *t);

/* The zone's console, or the standard streams of its init; needs no target, for the zone need not live. The exit code. Blocks as they do. */
int console_mode(const struct options *o);

/* Has all of it done by root's zlogin, if the user has the right. The exit code. Blocks as they do. */
int delegated_mode(const struct options *o);
