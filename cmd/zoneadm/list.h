/* SPDX-License-Identifier: MIT */
/* zoneadm list. */
#pragma once

#include "zoneadm/command.h"

int list_run(struct request *req);
