/* SPDX-License-Identifier: MIT */
/*
 * Removing what a zone leaves on disk. A zone's root made that tree: it may
 * hold links to anywhere, mounts, and directories nested without end. Nothing
 * outside is ever touched.
 */
#pragma once

#include "linux/diag.h"

/*
 * Removes everything below dir (a directory descriptor). Symbolic links are
 * removed, not followed; a mount is not crossed but an error (-EBUSY, -EXDEV).
 * Uses a bounded number of descriptors and of stack for any depth. 0, or a negative errno
 * with a line in d that names what could not be removed. May be run again.
 */
int remove_contents(int dir, struct diag *d);
