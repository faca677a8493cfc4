/* SPDX-License-Identifier: MIT */
/* The interactive shell: prompt, history, completion. */
#pragma once

#include "session.h"

/* Reads commands from the terminal until exit or its end. Z_OK or Z_ERR. */
int shell_run(struct session *s);
