/* SPDX-License-Identifier: MIT */
/*
 * One sentence for the operator. A function whose failure an administrator must
 * understand takes a struct diag; the layer that stops the error prints it or
 * sends it back over the door. This is the zlog_t of illumos, without the file.
 */
#pragma once

#include "linux/util.h"

struct diag {
	char text[1024]; /* empty, or one or more lines without the last newline */
};

/* Sets the text. Returns err, so that `return diag_set(d, -EINVAL, "...")` reads well. d may be NULL. */
int diag_set(struct diag *d, int err, const char *fmt, ...) _printf_(3, 4);
/* Adds a line below what is there. d may be NULL. Returns err. */
int diag_add(struct diag *d, int err, const char *fmt, ...) _printf_(3, 4);
/* As diag_set, with ": <strerror of err>" behind it. err is a negative errno. */
int diag_errno(struct diag *d, int err, const char *fmt, ...) _printf_(3, 4);
