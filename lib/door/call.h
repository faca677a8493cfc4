/* SPDX-License-Identifier: MIT */
/* One exchange with the server of a door, for door_call(3C) and what asks the library itself. */
#pragma once

#include "door/wire.h"

/*
 * Sends arg (may be NULL) with a command and waits for the answer, like door_call(3C): with
 * its results, and its errors as negative errno. Blocks.
 */
int call_exchange(int fd, enum door_command command, door_arg_t *arg);

/* Gives back a result that is not wanted: its descriptors, and its memory unless that is own. */
void call_drop_result(const door_arg_t *arg, const char *own);
