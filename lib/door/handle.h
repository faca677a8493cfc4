/* SPDX-License-Identifier: MIT */
/*
 * Handles: the two ends of a door. The client's end is what programs hold as a
 * door descriptor; the server's end stays in the serving process and is bound to an
 * abstract name, so that getpeername(2) on the client's end tells a door wherever
 * the descriptor has travelled to.
 *
 * The name only tells that something is a door, which one, and its attributes. It
 * proves nothing: anybody can bind such a name, and gains no more than with a door
 * of its own.
 */
#pragma once

#include "linux/util.h"

#include <door.h>

struct handle_name {
	door_id_t id;
	door_attr_t attributes;
};

/*
 * Makes the two ends, both close-on-exec; the server's end receives the sender's
 * credentials with each message. Returns 0, -EMFILE, -ENFILE, -ENOBUFS.
 */
int handle_new(const struct handle_name *name, int *ret_client, int *ret_server);

/* Is fd the client's end of a handle? Fills ret (may be NULL) if so. */
bool handle_is_door(int fd, struct handle_name *ret);

/* True when the server's end is gone: the door is revoked, or its server is. */
bool handle_is_dead(int fd);
