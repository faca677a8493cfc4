/* SPDX-License-Identifier: MIT */
/* What is mounted below a directory, as this process sees it. */
#pragma once

#include "linux/util.h"

/*
 * Calls fn with each mount point that is path (absolute, resolved) or lies below it,
 * until it returns non-zero. The number of mounts found, or a negative errno.
 */
int mounts_below(const char *path, int (*fn)(const char *point, void *arg), void *arg);

/* Replaces the octal escapes of /proc/self/mountinfo in place. */
void mounts_unescape(char *s);
