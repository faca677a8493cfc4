/* SPDX-License-Identifier: MIT */
/* Boot arguments: what is for the system, what is for init, and what is neither. */
#pragma once

#include <zone.h>

#include "linux/util.h"

struct bootargs {
	char initname[ZONEROOT_MAX]; /* -i: another init; empty when not given */
	char args[BOOTARGS_MAX];     /* for init, separated by single spaces */
	char unknown[BOOTARGS_MAX];  /* words to warn about; empty when there are none */
};

/*
 * Takes text apart at white space. A first word that is no option is the name of a boot
 * file, as in "reboot kernel/unix -s", and is ignored. -f was for zoneadm, -i names init;
 * -s and -m VALUE are passed on. An option that is not known is passed on and named in
 * unknown; a word that is none is dropped and named there.
 * Returns 0, -E2BIG (text has BOOTARGS_MAX bytes or more, or an init path that is too long) or
 * -EINVAL (an option without its value, or an init that is not absolute).
 */
int bootargs_parse(const char *text, struct bootargs *ret);
