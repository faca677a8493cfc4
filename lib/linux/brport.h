/* SPDX-License-Identifier: MIT */
/* Ports of a bridge that we made; sockets and errors as in rtnl.h. */
#pragma once

#include "linux/rtnl.h"

/*
 * A closed port gets frames for the addresses it was given and to all, nothing else, and
 * the bridge learns nothing from what comes in at it. An open one is as the kernel makes it.
 */
int nl_brport_close(struct nl *nl, int ifindex, bool closed);

/* Frames for the address go to this port from now on, whatever the bridge knew. */
int nl_brport_add_mac(struct nl *nl, int ifindex, const uint8_t mac[6]);
/* No such entry is success. */
int nl_brport_del_mac(struct nl *nl, int ifindex, const uint8_t mac[6]);
