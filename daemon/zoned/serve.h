/* SPDX-License-Identifier: MIT */
/* zoned's door procedure. */
#pragma once

#include "zoned/zoned.h"

/* Creates the door. Calls of zones that find its name early wait for serve_open(). Negative errno. */
int serve_create(void);

/* Both halves are ready: lets the calls in. */
void serve_open(void);
