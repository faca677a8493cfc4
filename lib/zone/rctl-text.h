/* SPDX-License-Identifier: MIT */
/* Values of resource controls as people write and read them. */
#pragma once

#include "zone/rctl.h"

/*
 * A number with, perhaps, a decimal fraction and a suffix of the control's unit: K, M, G, T, P, E
 * (of 1000) for a count, the same with or without a B (of 1024), or B alone, for bytes. Case does
 * not matter. -EINVAL, -ERANGE.
 */
int zone_rctl_parse(const struct zone_rctl *c, const char *text, uint64_t *ret);

/* Three digits and a suffix ("64.0MB", "2.15G"), or the number itself when it is short. */
void zone_rctl_format(const struct zone_rctl *c, uint64_t value, char buf[32]);
