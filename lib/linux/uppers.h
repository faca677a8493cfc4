/* SPDX-License-Identifier: MIT */
/*
 * Which devices are over a device. The kernel's list tells only when all of it is read; sysfs tells
 * it of one device, but for tunnels that are bound to it: the kernel is asked for devices of their kinds, unless it
 * is known, from what it told since, that there are none.
 */
#pragma once

#include "linux/util.h"

/*
 * Whether a device of the caller's network namespace has others over it or tunnels bound to it, there. *ret is set.
 * -EOPNOTSUPP: it cannot be told this way, because there is no sysfs or the device has another name by now.
 */
int device_has_uppers(const char *name, int ifindex, bool *ret);
