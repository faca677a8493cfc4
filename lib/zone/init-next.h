/* SPDX-License-Identifier: MIT */
/* What follows the end of a zone's init: the rule that zsched applies. */
#pragma once

#include "zone/zsched-door.h"

/*
 * From init's wait status and the zone's policy (ZSCHED_INIT_*). reboot(2) in the zone, which
 * the kernel turns into one of two signals, counts before any policy.
 */
enum zsched_next zone_init_next(int wait_status, uint32_t policy);
