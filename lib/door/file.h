/* SPDX-License-Identifier: MIT */
/* The calling side of fattach(3C): from a descriptor of a regular file to its door. */
#pragma once

#include "door/wire.h"

/*
 * A handle of the door over the file that fd is open on; the caller closes it. Any way to have
 * opened it will do but O_PATH, which asks for no right to the file. Returns it, -EBADF
 * when there is no door, -EINTR, -EAGAIN, -EMFILE. Blocks for five seconds at most.
 */
int file_door(int fd);

/*
 * The handle behind fd: fd itself, or one that was opened for the door over a file and is put
 * into *ret_own, to be closed by the caller. Returns it or an errno of file_door().
 */
int file_handle(int fd, int *ret_own);

/*
 * Asks the server of the door over the file to take it away. Returns 0, -EPERM, -EINVAL when
 * nobody serves it, ... Blocks for five seconds at most.
 */
int file_detach(int fd);

/* Waits for a handle on a connection, and receives it (open.c). */
int hello_receive(int conn);
