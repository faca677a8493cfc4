/* SPDX-License-Identifier: MIT */
/* zoneadm move: where a zone is on disk. */
#pragma once

#include "zoneadm/command.h"

int move_run(struct request *req);
