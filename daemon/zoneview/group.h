/* SPDX-License-Identifier: MIT */
/* The control group that carries a zone's limits, and files of it that are no single number. */
#pragma once

#include "linux/util.h"

#include <zone.h>

#define GROUP_MAX (ZONENAME_MAX + 16)

/* "zones/NAME", relative to the instance's subtree. */
void group_of(const char *zone, char ret[GROUP_MAX]);

/* Both numbers of cpu.max (v2); quota 0: no cap. -ENOENT on v1. */
int group_cpu_max(const char *group, uint64_t *ret_quota, uint64_t *ret_period);
