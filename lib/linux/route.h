/* SPDX-License-Identifier: MIT */
/* Which way packets go. */
#pragma once

#include "linux/rtnl.h"

/* The index of the device that packets to the address leave by. -ENETUNREACH: by none. */
int nl_route_get(struct nl *nl, const struct nl_addr *to, int *ret);
