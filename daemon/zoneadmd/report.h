/* SPDX-License-Identifier: MIT */
/*
 * What a command has to say. Lines for whoever asked go into the reply, or, when
 * zsched asked, into the daemon's log. Everything, and each stage that was
 * passed, also goes into the zone's own log, <zonepath>/logs/platform.log.
 *
 * They are in the client's language where the thread speaks it (linux/messages.h); those of other
 * daemons and of brand hooks come as they are.
 */
#pragma once

#include "linux/diag.h"
#include "zoneadmd/log-file.h"

/* Its size; the one before is platform.log.0. */
#define PLATFORM_LOG_MAX (1024L * 1024)

struct report {
	char *text; /* the reply's field, always terminated; NULL: lines go to the log */
	size_t size;
	size_t used;
	struct log_file platform_log;
};

/* text may be NULL. */
void report_init(struct report *r, char *text, size_t size);
/* Closes the zone's log. */
void report_fini(struct report *r);

/* Opens the zone's log below its zonepath (a descriptor). Without one nothing is kept there. */
void report_open_platform_log(struct report *r, int zonepath_fd);

/* One line (or several in one text), without the last newline. */
void report_line(struct report *r, const char *fmt, ...) _printf_(2, 3);
/* What d says, or, when it says nothing, what failed and the error's own text. Returns err. */
int report_diag(struct report *r, const struct diag *d, int err, const char *what);
/* Only for the zone's log. */
void report_note(struct report *r, const char *text);
/* Only for the zone's log: "stage=NAME: WHAT". */
void report_stage(struct report *r, const char *stage, const char *what);
