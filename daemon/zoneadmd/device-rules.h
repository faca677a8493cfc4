/* SPDX-License-Identifier: MIT */
/*
 * What a zone may open of all devices, by number, whatever nodes it sees: the second layer behind
 * the masking of nodes (devices.c).
 */
#pragma once

#include "linux/diag.h"
#include "zone/zsched-door.h"

/*
 * Attaches a program to the zone's control group that lets it use these devices and those of every zone.
 * *ret_fd holds it: it goes when the last copy is closed. 0 or a negative errno; whatever it is, the
 * host's kernel does not hold the zone to its devices.
 */
int device_rules_attach(const char *zone, const struct zsched_devices_req *devices, int *ret_fd);
