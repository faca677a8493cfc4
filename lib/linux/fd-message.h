/* SPDX-License-Identifier: MIT */
/* Messages with descriptors over sockets of processes that know each other. */
#pragma once

#include "linux/util.h"

#include <sys/types.h>

#define FD_MESSAGE_FDS 3 /* that one message has at most */

/*
 * Sends size bytes and copies of n_fds descriptors (which may be 0) as one message, without a signal. flags as
 * for sendmsg(2). 0 or a negative errno.
 */
int fd_message_send(
	int sock, const void *data, size_t size, const int *fds, unsigned int n_fds, int flags);

/*
 * Receives one message into data, and its descriptors, at most n_fds, into ret_fds; those that it does not have become
 * FD_NONE. They are close-on-exec and the caller's. Returns the number of bytes, 0 at the end of the stream, or a negative
 * errno: -EMSGSIZE when it is longer or has more descriptors, of which none stays open then.
 */
ssize_t fd_message_receive(int sock, void *data, size_t size, int *ret_fds, unsigned int n_fds);
