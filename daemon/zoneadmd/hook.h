/* SPDX-License-Identifier: MIT */
/* The brand's hooks that run when a zone is brought up and taken down. */
#pragma once

#include "zoneadmd/platform.h"

/*
 * Runs a command of the platform's snapshot by /bin/sh -c, with those words (NULL-terminated, may be NULL)
 * behind it, in the environment of zone_snapshot_environ(). What it prints is reported. No command,
 * or no snapshot, is no hook: 0. Otherwise 0 when it exits 0, else a negative errno; -ECANCELED: another
 * exit code. Blocks until it ends.
 */
int hook_run(struct platform *p, const char *command, const char *const *words);
/* The same for a hook of a change of state: the words are both numbers, and the root prefix if there is one. */
int hook_run_change(struct platform *p, const char *command, int state, int cmd);
