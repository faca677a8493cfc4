/* SPDX-License-Identifier: MIT */
/*
 * Files that the host writes below a zone's root. The root is what the zone's last life left
 * there, so every step expects traps: no symlink is followed anywhere, the old file is opened
 * without blocking and believed only when it is regular, the new one is made under a name that
 * must not exist and renamed over the old.
 */
#pragma once

#include "linux/util.h"

/*
 * Directories are made when they are not there. root: of the zone; dir: "etc/zones". Nothing is
 * written when the file is what it should be. 0 or a negative errno.
 */
int root_file_write(int root, const char *dir, const char *name, const char *text);
