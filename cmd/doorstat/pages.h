/* SPDX-License-Identifier: MIT */
/*
 * The doors of the processes that this one may look at, from the pages that their libdoor keeps
 * (lib/door/stat-page.h). A process can write anything into its page, so what is here is only
 * what it says of itself: numbers, and text that is safe to print.
 */
#pragma once

#include "door/stat-page.h"
#include "linux/util.h"

#include <sys/types.h>

struct door_row {
	pid_t pid;
	char program[16];
	char zone[64];
	uint64_t id;
	uint32_t attributes;
	uint32_t threads; /* of the pool that serves it */
	uint64_t calls, ended, refused, unanswered;
	uint64_t time_ns, timed, max_ns;
	char path[STAT_PATH_MAX];
};

/* Sorted by pid and id. */
struct door_rows {
	struct door_row *rows;
	size_t n, room;
};

/* Adds the doors of all processes; what cannot be looked at has none. 0, -ENOMEM, or of /proc. */
int pages_read_all(struct door_rows *rows);

/* Adds those of one process. Returns 0, -ESRCH, -EACCES, -ENOMEM, ... */
int pages_read(struct door_rows *rows, pid_t pid);

/* The same door in rows that were read earlier, or NULL. */
const struct door_row *rows_find(const struct door_rows *rows, const struct door_row *like);

void rows_free(struct door_rows *rows);
