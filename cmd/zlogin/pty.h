/* SPDX-License-Identifier: MIT */
/*
 * The terminal of an interactive session: a pty of the zone's own devpts. The
 * child makes it inside and sends the master out; the slave never leaves the zone,
 * and the operator's own terminal never enters it.
 */
#pragma once

#include <sys/ioctl.h>

#include "linux/util.h"

/*
 * In the child, as root of the zone: makes the pty with that window size. 0 and both
 * descriptors (close-on-exec), or a negative errno.
 */
int pty_open(const struct winsize *size, int *ret_master, int *ret_slave);
/* In the child: makes the slave the controlling terminal and descriptors 0 to 2. 0 or a negative errno. */
int pty_become(int slave);

/* Sends the master over a socket. 0 or a negative errno. */
int pty_send(int sock, int master);
/*
 * Receives a master. 0; or -ECANCELED and the text that came instead, which is
 * empty when the sender ended without a word. Blocks.
 */
int pty_receive(int sock, int *ret_master, char *ret_text, size_t size);
