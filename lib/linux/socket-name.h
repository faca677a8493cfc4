/* SPDX-License-Identifier: MIT */
/* Addresses of Unix sockets whose path may be longer than an address. */
#pragma once

#include "linux/util.h"

#include <sys/un.h>

/*
 * The address to bind or connect to the socket at path. What does not fit goes through a descriptor
 * of its folder: *ret_dir, which the caller closes after the call, FD_NONE for a short path.
 * Returns 0, -ENAMETOOLONG when the last component alone is too long, -ENOENT, -EACCES, ...
 */
int socket_name(const char *path, struct sockaddr_un *ret_addr, int *ret_dir);
