/* SPDX-License-Identifier: MIT */
/*
 * dhcp-nospoof: the program that looks at the client ids of what a link sends (cids.bpf.c), at the
 * link's point. The kernel keeps it when zoned dies; the next zoned puts its own in its place.
 */
#pragma once

#include "zoned/prop.h"

/* Of one link. Zeros and FD_NONE when nothing is known of it. */
struct protect_cids {
	int ifindex; /* where the program is; 0: nowhere, or not known */
	bool port;
	bool unknown; /* an earlier zoned may have put one where the link's point is */
	int drops;    /* the map that counts, of the kernel; FD_NONE: none yet */
};

/*
 * Puts the program where the link is now as the wish says, or takes it away, and away from where the link
 * was. -EOPNOTSUPP with the reason when the kernel cannot run it. Blocks while the kernel checks it.
 */
int protect_cids_apply(struct protect_cids *c, const struct link_point *at,
	const struct link_wish *w, struct diag *d);

/* Frames that were dropped since the link was made. */
uint64_t protect_cids_drops(const struct protect_cids *c);

/* Takes the program away, and the count. */
void protect_cids_forget(struct protect_cids *c);
