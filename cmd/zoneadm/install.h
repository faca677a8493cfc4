/* SPDX-License-Identifier: MIT */
/*
 * install and uninstall: the way between configured and installed, over
 * incomplete. Whatever is interrupted, and where, leaves a state from which the same
 * command, or uninstall, goes on.
 */
#pragma once

#include "zoneadm/command.h"

int install_run(struct request *req);
int uninstall_run(struct request *req);
int sysboot_run(struct request *req);

/*
 * Removes what is below the zone's zonepath and the zonepath itself; a missing
 * one is success. EXIT_OK, or EXIT_ERR after a message.
 */
int zonepath_remove(const struct zone_index_entry *e);
