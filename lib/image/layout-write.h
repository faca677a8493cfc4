/* SPDX-License-Identifier: MIT */
/*
 * Writing an OCI image of one layer, as the archive of a layout: what zoneadm export makes, and every
 * tool that knows images can read. The zone's configuration and uuid are annotations of its manifest.
 */
#pragma once

#include "linux/diag.h"

/*
 * Writes the tree below root to out, an empty file. name: of the image in its index; config, uuid: texts, no
 * NUL in them. Contents, owners, modes, times, access lists, capabilities of files and user.* attributes go
 * along; sockets and device nodes do not. 0 or a negative errno with a line in d, -ECANCELED when a signal was
 * noted (interrupt.h).
 */
int layout_write(
	int root, int out, const char *name, const char *config, const char *uuid, struct diag *d);
