/* SPDX-License-Identifier: MIT */
/* What is to be there after the power failed. */
#pragma once

#include "linux/util.h"

/*
 * Puts the folder that path is in on disk, and with it that path was made, renamed or removed there: a file that
 * was written and synced is lost with its name otherwise. Blocks for the disk. 0 or a negative errno.
 */
int sync_folder_of(const char *path);
