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

#define ZONE_RCTL_LOG_TEXT 32

/*
 * The global action of a control: "none", "syslog" (at level notice) or "syslog=LEVEL", as
 * ZONE_RCTL_LOG_OFF or a priority of syslog(3). -EINVAL.
 */
int zone_rctl_parse_log(const char *text, int *ret_level);
void zone_rctl_format_log(int level, char buf[ZONE_RCTL_LOG_TEXT]);

/* Three digits and a suffix ("64.0MB", "2.15G"), or the number itself when it is short. */
void zone_rctl_format(const struct zone_rctl *c, uint64_t value, char buf[32]);
