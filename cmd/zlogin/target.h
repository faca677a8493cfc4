/* SPDX-License-Identifier: MIT */
/* Finding the zone, and asking zoned for the way in. */
#pragma once

#include "zlogin/zlogin.h"
#include "zonecfg/index.h"

/* 0, or ZLOGIN_FAILED after one line that says why not. Blocks for zoned. */
int target_open(const struct options *o, struct target *ret);
void target_close(struct target *t);

/* The zone in the index of zones, whatever its state. 0, or the exit code after a message. */
int target_configured(const char *zone, struct zone_index_entry *ret);
