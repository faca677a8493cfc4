/* SPDX-License-Identifier: MIT */
/* What the kernel tells of the mounts that a zone's processes see, and who uses them. */
#pragma once

#include "linux/util.h"

/*
 * How often dir, absolute as the process sees it, is a mount point there. Asks the kernel's list: no
 * path of the zone is walked. Negative errno: the process is gone.
 */
int fs_mounted(pid_t pid, const char *dir);

/* What is mounted there, device and root, as one word; "" when nothing is. */
void fs_identity(pid_t pid, const char *dir, char *buf, size_t size);
/* How often that is mounted, wherever. Negative errno: the process is gone. */
int fs_copies(pid_t pid, const char *identity);

/*
 * The first processes of a zone that have their directory, root, program or an open file at or
 * below dir: "pid 12 (sh), pid 15 (cat)", or "" when there is none to be seen.
 */
void fs_users(const char *zone, const char *dir, char *buf, size_t size);
