/* SPDX-License-Identifier: MIT */
/* Finding a zone's zoneadmd, and starting one: for zoneadm and zlogin. */
#pragma once

#include "zone/zoneadmd-door.h"

/* A live door of the zone's daemon, -ENOENT when there is none, or another negative errno. */
int zoneadmd_open(const char *zone);

/*
 * Starts the daemon and waits until one serves. 0; -ECHILD when it could not, after it said why on
 * our standard error; or another negative errno. Two at once start one daemon.
 */
int zoneadmd_start(const char *zone);
