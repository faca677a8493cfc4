/* SPDX-License-Identifier: MIT */
/* Making a zone's root out of what an archive or a directory held. */
#pragma once

#include "linux/diag.h"
#include "image/oci.h"

/*
 * What every zone needs that is made of the tree: the directories that are mounted on, and
 * PROGRAM_FILE for an application. Runs in a jail (see jail.h), takes a struct oci_program, or NULL when
 * the root has an init. 0 or a negative errno with a line in d: -ENOEXEC when it has none, -ENOTDIR when
 * something else is in a directory's place, -ENOENT when the program's user is not in the image.
 */
int settle_image_run(void *arg, struct diag *d);

/*
 * What one zone alone has: its name as its host name, no machine id (the first boot makes one), none of systemd's
 * secrets.
 * Runs in a jail, takes the zone's name. 0 or a negative errno with a line in d.
 */
int settle_zone_run(void *arg, struct diag *d);

/* Has an init that reads /etc/inittab ask for a name on the console. For what runs in the jail. 0 or a negative errno. */
int settle_inittab(struct diag *d);
