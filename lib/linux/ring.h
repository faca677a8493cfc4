/* SPDX-License-Identifier: MIT */
/*
 * The last bytes of a stream, each known by its position since the stream began. Whoever
 * reads keeps his own position; who is too slow misses bytes and learns how many.
 * Not locked: a ring belongs to one thread.
 */
#pragma once

#include "linux/util.h"

#define RING_SIZE 65536u

struct ring {
	uint64_t end; /* position of the next byte; everything older than RING_SIZE is gone */
	char data[RING_SIZE];
};

void ring_append(struct ring *r, const char *data, size_t size);

/*
 * Bytes from *at on that lie together, at most max: their number, *ret_data points to them. 0 when
 * there are none. When they are gone already *at moves on to the oldest that is there.
 * The reader adds what he used to *at.
 */
size_t ring_peek(const struct ring *r, uint64_t *at, const char **ret_data, size_t max);

/* Where the last `lines` lines begin, at most max bytes before the end. */
uint64_t ring_last_lines(const struct ring *r, unsigned int lines, size_t max);
