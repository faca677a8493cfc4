/* SPDX-License-Identifier: MIT */
/* zoneadm clone: installs a zone as a copy of another one. */
#pragma once

#include "linux/copy-tree.h"
#include "zoneadm/command.h"

int clone_run(struct request *req);

/* Warns of what source and clone have in common and cannot both use. */
struct zonecfg;
void clone_warn(const struct zonecfg *source, const struct zonecfg *target);
