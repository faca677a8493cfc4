/* SPDX-License-Identifier: MIT */
/* The way to the server of a zone's console, which is started when it does not run. */
#pragma once

#include "zlogin/zlogin.h"

/*
 * Connects and becomes the client. again: after a connection that broke. 0 and the socket, or
 * ZLOGIN_FAILED after one line that says why not. Blocks until zoneadmd serves.
 */
int console_connect(const struct options *o, bool again, int *ret_fd);
