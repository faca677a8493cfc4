/* SPDX-License-Identifier: MIT */
/*
 * mark, detach and attach: the state in the index without a change of the zone's
 * files. A detached zone is its zonepath with a manifest in it, which can be carried to
 * another host.
 */
#pragma once

#include "zoneadm/command.h"

int mark_run(struct request *req);
int detach_run(struct request *req);
int attach_run(struct request *req);
