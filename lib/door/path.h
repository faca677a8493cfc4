/* SPDX-License-Identifier: MIT */
/* Paths of doors: taken apart without following what they name, connected to at any length. */
#pragma once

#include "linux/util.h"

/*
 * Opens (O_PATH) the directory that a path's last component is in; ret_name points into
 * path. Returns a descriptor, -EINVAL when the path ends in a slash or is empty, -ENOENT, ...
 */
int path_parent(const char *path, const char **ret_name);

/* 0 for one component of a path, -EINVAL for "", ".", ".." or one with a slash, -ENAMETOOLONG. */
int path_check_name(const char *name);

/*
 * A connected SEQPACKET socket to the one at path, or at an O_PATH descriptor of its
 * file. Does not block. Returns it, -ECONNREFUSED nobody listens, -EAGAIN too many
 * wait, -EPROTOTYPE a socket of another type, -EACCES, -ENOENT, ...
 */
int path_connect(const char *path);
int path_connect_fd(int at);
