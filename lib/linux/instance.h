/* SPDX-License-Identifier: MIT */
/*
 * An instance: one root prefix and one cgroup subtree. Every path of the system
 * hangs from the prefix, so that tests run many instances side by side.
 *
 * The prefix is $ZONES_ROOT, or what a daemon's -R gave, or "/". The cgroup
 * subtree is $ZONES_CGROUP (a path below the root of every hierarchy), or,
 * without it, the root itself for "/" and "zones-<inode of the prefix>" for
 * any other prefix, so that two prefixes never share one by accident.
 */
#pragma once

#include "linux/util.h"

/* Where programs that other programs start live, inside the prefix or not; see instance_program(). */
#define INSTANCE_RUN   "/run/zones"
#define INSTANCE_DLADM "/run/dladm"

/*
 * Fixes the instance of this process. root: NULL to take $ZONES_ROOT or "/".
 * Must be an absolute, existing directory. Exports ZONES_ROOT for children.
 * Call once, before threads. Returns 0 or a negative errno.
 */
int instance_init(const char *root);

/* The prefix without a trailing slash: "" for "/". Calls instance_init(NULL) if nobody has. */
const char *instance_root(void);

/* The cgroup subtree: "" or a relative path without leading or trailing slash. */
const char *instance_cgroup(void);

/*
 * The name of something that all instances on one host share a space for, such as a table of
 * nftables: name, or name-XXXXXXXX where there is a prefix.
 */
void instance_name(char *buf, size_t size, const char *name);

/*
 * prefix + path. Formats into buf; the path in fmt begins with a slash.
 * Returns 0 or -ENAMETOOLONG.
 */
int instance_path(char *buf, size_t size, const char *fmt, ...) _printf_(3, 4);

/*
 * The path of one of our own programs that another of our programs starts
 * (zsched, zoneadmd, brand hooks): $ZONES_LIBEXEC/name when set (the build
 * tree), else the installed place. Not below the prefix. Returns 0 or -ENAMETOOLONG.
 */
int instance_program(char *buf, size_t size, const char *name);

/* Where brands are installed, each in a folder of its name: "/usr/lib/brand" below the prefix of the build. */
const char *instance_brands(void);
