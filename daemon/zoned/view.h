/* SPDX-License-Identifier: MIT */
/* zoneview, which shows zones the machine as their own, is kept running here. */
#pragma once

/* Begins. 0 or a negative errno. */
int view_start(void);
