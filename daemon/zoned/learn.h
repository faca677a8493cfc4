/* SPDX-License-Identifier: MIT */
/*
 * Addresses that a link with ip-nospoof may use because somebody gave them to it: by DHCP, by DHCPv6, or
 * by a router's advertisement. learn-packet.c reads frames, learn.c listens for them.
 */
#pragma once

#include "zoned/prop.h"

/* ---- learn-packet.c: pure functions ---- */

#define LEARN_ASKED 8 /* questions of a link that an answer is waited for */

/* What a link asked last, of each kind. */
struct learn_state {
	uint32_t dhcp4[LEARN_ASKED], dhcp6[LEARN_ASKED];
	unsigned int n4, n6; /* so many were asked */
};

struct learned {
	int family;	  /* AF_INET, AF_INET6 */
	uint8_t addr[16]; /* network order */
	uint32_t seconds; /* it may be used so long; 0: not any more */
};

#define LEARN_MAX 16 /* addresses of one frame */

/*
 * Reads one frame, of which nothing is trusted. from_link: the link sent it; else it is on its way to
 * the link. methods: DLADM_DYNAMIC_*. Returns how many addresses it gives to the link or takes from it.
 */
size_t learn_packet(struct learn_state *st, unsigned int methods, const uint8_t mac[6],
	bool from_link, const uint8_t *frame, size_t size, struct learned ret[LEARN_MAX]);

/* ---- learn.c; in the link's perimeter ---- */

/* Listens at the device as the wish says, or not any more. */
int learn_follow(const struct link_point *at, const struct link_wish *w, struct diag *d);
/* The link is gone; not in the perimeter. */
void learn_forget(datalink_id_t id);
