/* SPDX-License-Identifier: MIT */
/* The folder of a zone's snapshots: showing them, removing them. */
#pragma once

#include "linux/diag.h"

/* Prints them by age; form: 'p' for programs, 'j' JSON, 0 columns. EXIT_OK, or EXIT_ERR after a message. */
int snapshots_print(const char *zone, int zonepath, char form);

/* Removes one, by its name in the folder; a missing one is success. 0 or a negative errno with a line in d. */
int snapshot_remove(int all, const char *name, struct diag *d);
