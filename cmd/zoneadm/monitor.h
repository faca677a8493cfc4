/* SPDX-License-Identifier: MIT */
/* zoneadm monitor and zoneadm wait. */
#pragma once

#include "zoneadm/command.h"

/* Prints events until it is ended. EXIT_*. */
int monitor_run(struct request *req);

/* Waits for a state of one zone. EXIT_*. */
int wait_run(struct request *req);
