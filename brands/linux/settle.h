/* SPDX-License-Identifier: MIT */
/* Making a zone's root out of what an archive or a directory held. */
#pragma once

#include "linux/diag.h"
#include "oci.h"

struct settle {
	const char *zone;
	const struct oci_program
		*program; /* what runs instead of an init; NULL: the root's /sbin/init */
};

/*
 * Makes what a zone needs and takes away what only one system may have: the directories that
 * are mounted on, the zone's name as its host name, no machine id (the first boot makes
 * one), PROGRAM_FILE for an application. Runs in a jail (see jail.h), takes a struct settle. 0 or a
 * negative errno with a line in d: -ENOEXEC when the root has no init, -ENOTDIR when something else is in
 * a directory's place, -ENOENT when the program's user is not in the image.
 */
int settle_run(void *arg, struct diag *d);

/* Makes a file of its own, mode 0644, whatever was there. For what runs in the jail. 0 or a negative errno. */
int settle_file(const char *path, const char *text, struct diag *d);
