/* SPDX-License-Identifier: MIT */
/*
 * The operator's terminal, raw while a session has it. It is given back as it was when the
 * process ends, whichever way it chooses to: also by exit(3) from anywhere.
 */
#pragma once

#include "linux/util.h"

/* Makes standard input raw, when it is a terminal. */
void terminal_raw(void);
/* Gives it back. More than once does nothing. */
void terminal_restore(void);
