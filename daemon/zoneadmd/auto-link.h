/* SPDX-License-Identifier: MIT */
/* Vnics that are made when a zone is readied: net resources with a global-nic. */
#pragma once

#include "zoneadmd/platform.h"

/*
 * Makes it, and gives it to the zone under the name that the net resource says. number: which
 * resource of the zone it is; addresses: what the zone will have there, "" for none. Nothing is
 * left behind on failure.
 */
int auto_link_make(const struct platform *p, const struct snapshot_net *net, size_t number,
	const char *addresses, datalink_id_t *ret, struct diag *d);

/* The one that the zone has already. -ENOENT. */
int auto_link_find(const struct platform *p, const struct snapshot_net *net, datalink_id_t *ret);

/* Those that a daemon which died left at home. */
void auto_link_sweep(const struct platform *p);

/* One that is at home again. */
void auto_link_remove(datalink_id_t link);
