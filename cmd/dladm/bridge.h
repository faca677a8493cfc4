/* SPDX-License-Identifier: MIT */
/* What bridge.c and bridge-show.c share. */
#pragma once

#include "class.h"

#define BRIDGE_PORT_CLASSES                                                                        \
	(DATALINK_CLASS_PHYS | DATALINK_CLASS_AGGR | DATALINK_CLASS_SIMNET | DATALINK_CLASS_OVERLAY)

/* Is the link configured to be in the bridge of that name? */
bool bridge_has(const struct dlmgmt_linkinfo *link, const char *bridge);

/* "tower" of the link tower0. */
void bridge_name(const struct dlmgmt_linkinfo *link, char name[MAXLINKNAMELEN]);

/* The link of a bridge; dies when there is none. */
void bridge_lookup(const char *verb, const char *name, struct dlmgmt_linkinfo *ret);
