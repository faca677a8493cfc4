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

/* What an administrator sets of a port. */
struct nl_brport {
	uint8_t priority; /* 0 to 63: of the port in the spanning tree */
	uint32_t cost;	  /* 1 to 65535: of the path to the root that goes over it */
	bool forward;	  /* frames pass between it and the other ports */
};

/* -EOPNOTSUPP when the device is no port of a bridge. */
int nl_brport_get(struct nl *nl, int ifindex, struct nl_brport *ret);

int nl_brport_set_priority(struct nl *nl, int ifindex, uint8_t priority);
int nl_brport_set_cost(struct nl *nl, int ifindex, uint32_t cost);
/*
 * off: the port is locked and frames are not flooded to it, so that nothing but the spanning tree's
 * own frames passes. on: as the kernel makes it.
 */
int nl_brport_set_forward(struct nl *nl, int ifindex, bool on);
