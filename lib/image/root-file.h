/* SPDX-License-Identifier: MIT */
/* Writing files of a root that somebody else made. For what runs in a jail (see jail.h), in that root. */
#pragma once

#include "linux/diag.h"

/* Makes a file of its own, mode 0644, whatever was there. 0 or a negative errno with a line in d. */
int root_file_write(const char *path, const char *text, struct diag *d);

struct root_rename {
	const char *from, *to; /* names of zones */
};

/*
 * A root whose host name is the name of the zone that it comes from gets that of the new zone, in /etc/hosts
 * too; a host name of its own stays. Takes a struct root_rename. 0 or a negative errno with a line in d.
 */
int root_rename_run(void *arg, struct diag *d);

/*
 * The machine id becomes empty, and systemd's secrets go: the first boot makes others. 0 or a negative errno with a
 * line in d.
 */
int root_forget_machine(struct diag *d);

/* Both: the root is a copy, and what it is a copy of goes on. Takes a struct root_rename. */
int root_another_run(void *arg, struct diag *d);
