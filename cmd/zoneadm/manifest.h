/* SPDX-License-Identifier: MIT */
/*
 * The manifest of a detached zone: its configuration as XML, in SUNWdetached.xml
 * in the zonepath, or wherever an operator keeps it.
 */
#pragma once

#include "zonecfg/zonecfg.h"

#define MANIFEST_NAME "SUNWdetached.xml"

/* All return EXIT_OK, or EXIT_ERR after a message for that zone. */

/* Into the zonepath, which must have been checked; fsynced. */
int manifest_write(const struct zonecfg *cfg);
/* On stdout. Needs no rights. */
int manifest_print(const struct zonecfg *cfg);
/* Of a file, or of stdin for "-". zone is for messages, NULL for none. */
int manifest_read(const char *zone, const char *path, struct zonecfg **ret_cfg);
/* Removes it from a zonepath; a missing one is success. */
int manifest_remove(const char *zone, const char *zonepath);
/* True when the zonepath has one. */
bool manifest_exists(const char *zonepath);
