/* SPDX-License-Identifier: MIT */
/* Making a zone's root out of what an archive or a directory held. */
#pragma once

#include "linux/diag.h"

/*
 * Makes what a zone needs and takes away what only one system may have: the directories that
 * are mounted on, the zone's name as its host name, no machine id (the first boot makes
 * one). Runs in a jail (see jail.h); arg: the name of the zone. 0 or a negative errno with a line
 * in d: -ENOEXEC when the root has no init, -ENOTDIR when something else is in a directory's place.
 */
int settle_run(void *arg, struct diag *d);
