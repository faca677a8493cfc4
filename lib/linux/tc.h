/* SPDX-License-Identifier: MIT */
/*
 * What limits the traffic of a device: a token bucket in place of its queue, and the
 * intermediate device (ifb) that gives a queue to what comes in. Sockets and errors as in rtnl.h.
 */
#pragma once

#include "linux/rtnl.h"

/*
 * Limits what goes out of a device to so many bits per second, replacing what limited it before.
 * The queue in front of it is short: a tenth of a second.
 */
int nl_tbf_set(struct nl *nl, int ifindex, uint64_t bps);

/* Takes that limit away, and no other queueing; none there is success. */
int nl_tbf_clear(struct nl *nl, int ifindex);

/* -EEXIST when the name is taken, -EOPNOTSUPP when the kernel has no ifb. Made down. */
int nl_ifb_create(struct nl *nl, const char *name, int *ret_ifindex);
