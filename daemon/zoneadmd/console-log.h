/* SPDX-License-Identifier: MIT */
/*
 * The log of a zone's console, <zonepath>/logs/console.log, and console.log.0 with what was before:
 * the disk space that a zone can fill by its console is bounded. It is outside the zone's root.
 */
#pragma once

#include "linux/ring.h"

/* At this size console.log becomes console.log.0. */
#define CONSOLE_LOG_MAX (1024 * 1024)

/* Opens the log of the zone. Failure is silent: a console without a log is better than none. */
void console_log_open(const char *zone);
/* Carriage returns are left out. A disk that is full keeps nobody from working. */
void console_log_write(const char *data, size_t size);
void console_log_close(void);

/* Appends the end of the log to the ring. */
void console_log_tail(const char *zone, struct ring *r);
