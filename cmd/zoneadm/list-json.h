/* SPDX-License-Identifier: MIT */
/* zoneadm list -j: one array, an object for each zone. The names are a contract with scripts. */
#pragma once

#include "zoneadm/list-format.h"

struct json_t;

/* An empty array; NULL without memory. */
struct json_t *list_json_new(void);
/*
 * Appends {zoneid, zonename, state, zonepath, uuid, brand, ip-type}; zoneid is null for a zone
 * that is not live, uuid and brand are when they are not known. 0 or -ENOMEM.
 */
int list_json_add(struct json_t *array, const struct list_row *row);
/* Prints and releases it. 0 or a negative errno. */
int list_json_end(struct json_t *array, FILE *f);
