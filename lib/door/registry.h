/* SPDX-License-Identifier: MIT */
/*
 * Where doors over files are found: fattach(3C) leaves the file as it is, and makes a name
 * for the door in a folder that only its user can write to. The name is device and inode of
 * the file.
 */
#pragma once

#include "linux/util.h"

#include <sys/stat.h>

#define REGISTRY_NAME_MAX 40

/* A door is looked for in this many folders of one user. */
#define REGISTRY_FOLDERS 3u

/*
 * The n-th folder of a user, as an O_PATH descriptor, when there is one that nobody else
 * could have written to. create: makes it where that is possible. Returns -ENOENT, -EPERM, ...
 */
int registry_open(uid_t user, unsigned int n, bool create);

void registry_name(char buf[REGISTRY_NAME_MAX], const struct stat *st);

/* A connection to the server of the door over a file. -EBADF when there is none. */
int registry_connect(const struct stat *st);
