/* SPDX-License-Identifier: MIT */
/* The door of dlmgmtd. */
#pragma once

#include "linux/diag.h"

/*
 * Makes the door and gives it its name below the prefix; server threads start
 * here. on_command runs on a server thread after each command.
 */
int server_open(void (*on_command)(void), struct diag *d);

/* The door's descriptor, owned here. */
int server_door(void);

/* Names in the global zone are taken away, later calls fail, calls in progress finish. */
void server_close(void);
