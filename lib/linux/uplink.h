/* SPDX-License-Identifier: MIT */
/*
 * A device here that stands for one in another network namespace: everything that comes in
 * is led on, so that the host itself must have no part in it. Sockets and errors as in rtnl.h.
 */
#pragma once

#include "linux/rtnl.h"

/* Up for every group, with no address of its own. */
int nl_uplink_open(struct nl *nl, int ifindex);
/* Down, and an ordinary device again. */
int nl_uplink_close(struct nl *nl, int ifindex);
