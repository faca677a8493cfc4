/* SPDX-License-Identifier: MIT */
/*
 * The way into a zone: a child that is born in its cgroup and pid namespace,
 * takes on its other namespaces, identity and confinement, and then runs code
 * of the zone.
 */
#pragma once

#include "zlogin/zlogin.h"

/*
 * Makes the child, which calls run(arg); that must not return. ret_pidfd: a
 * descriptor of the child, close-on-exec. 0 with the child's pid as our pid
 * namespace sees it, or a negative errno.
 */
int enter_spawn(
	const struct target *t, void (*run)(void *arg), void *arg, pid_t *ret_pid, int *ret_pidfd);

/*
 * In the child: enters everything and becomes root of the zone, not confined
 * yet. Only descriptors 0 to 2 stay open. What it could not
 * do is written to fd report as one line, and the child ends.
 */
void enter_zone(const struct target *t, int report);

/*
 * In the child, last: capabilities and system calls are those of the zone from
 * here on, signals are as a program expects them.
 */
void enter_confine(const struct target *t, int report);

/* In the child: one line to fd report, then the end. */
_Noreturn void enter_fail(int report, const char *zone, const char *fmt, ...) _printf_(3, 4);
