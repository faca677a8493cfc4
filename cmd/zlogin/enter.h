/* SPDX-License-Identifier: MIT */
/* The steps of zlogin's child on its way into the zone, which lib/zone/enter.h knows. */
#pragma once

#include "zlogin/zlogin.h"

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
