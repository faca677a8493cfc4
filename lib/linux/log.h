/* SPDX-License-Identifier: MIT */
/*
 * Logging of daemons. Libraries never call this. Until log_init() lines go to
 * stderr; afterwards to stderr when it is a terminal or a file the daemon was
 * given, and to syslog otherwise. Debug lines appear for the components named
 * in ZONE_DEBUG (comma separated, or "all").
 */
#pragma once

#include "linux/util.h"
#include <syslog.h>

/* ident is kept, not copied. to_stderr: keep writing to stderr instead of syslog. */
void log_init(const char *ident, bool to_stderr);
/* One line; priority is LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO. Keeps errno. */
void log_line(int priority, const char *fmt, ...) _printf_(2, 3);
/* A line only when ZONE_DEBUG names component. */
void log_debug(const char *component, const char *fmt, ...) _printf_(2, 3);
