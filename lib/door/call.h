/* SPDX-License-Identifier: MIT */
/* One exchange with the server of a door, for door_call(3C) and what asks the library itself. */
#pragma once

#include "door/wire.h"

struct desc_out;

/*
 * door_call(3C) on a descriptor that nobody else closes: id is what channel_socket_id() told when it
 * was opened, which saves asking again. Returns 0 or a negative errno.
 */
int call_kept(int fd, uint64_t id, door_arg_t *arg);

/*
 * Sends arg (may be NULL) with a command and waits for the answer, like door_call(3C): with
 * its results, and its errors as negative errno. Blocks.
 */
int call_exchange(int fd, enum door_command command, door_arg_t *arg);

/*
 * Sends a request with the other end of a reply socket that is made for it; out: room for that, then
 * what is to be passed. Returns our end, or a negative errno. Wants the fork guard.
 */
int call_send(int sock, const struct iovec *iov, size_t n_iov, struct desc_out *out);
/* Takes an answer that has arrived on a socket. -ECONNRESET: the server never took the call. */
int call_take_answer(int sock, door_arg_t *arg);
/* Gives a result without descriptors to the caller. Returns 0, -EOVERFLOW, -EFAULT. */
int call_place(door_arg_t *arg, const char *data, size_t size);

/* Gives back a result that is not wanted: its descriptors, and its memory unless that is own. */
void call_drop_result(const door_arg_t *arg, const char *own);
