/* SPDX-License-Identifier: MIT */
/*
 * Long work that cleans up when it is interrupted: the signal is only noted, the
 * work asks now and then.
 */
#pragma once

#include "linux/util.h"

/* From now on SIGINT, SIGTERM, SIGQUIT and SIGHUP, unless they are ignored, are noted instead of ending the program. */
void interrupt_note(void);
/* True when one came. */
bool interrupted(void);
