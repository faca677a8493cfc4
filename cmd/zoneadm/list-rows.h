/* SPDX-License-Identifier: MIT */
/*
 * Gathering what list prints: the live zones in zoned's order, then the rest of the
 * index in its order. A zone that goes away meanwhile is left out silently.
 */
#pragma once

#include "zoneadm/list-format.h"

struct list_rows {
	struct list_row *rows;
	size_t n, room;
};

/* The host itself. */
void list_row_global(struct list_row *row, const char *uuid);

/*
 * Adds the live zones that the caller sees, except the global one. 0, or a
 * negative errno when zoned cannot be asked.
 */
int list_add_live(struct list_rows *rows);
/* Adds the zones of the index that are not there yet; gives those that are their path and uuid. Z_OK, Z_* or a negative errno. */
int list_add_index(struct list_rows *rows);
/*
 * Brand and ip-type of a row, and its path when it has none: from zoned for a live zone,
 * else from the configuration; what cannot be read stays empty, after a message.
 */
void list_row_details(struct list_row *row);
/* The part of it that reads the configuration, which a zone's own zoneadm cannot see (list-native.c). */
void list_row_config(struct list_row *row);
void list_free(struct list_rows *rows);

static inline void list_freep(struct list_rows *rows)
{
	list_free(rows);
}
