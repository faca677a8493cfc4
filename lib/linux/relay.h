/* SPDX-License-Identifier: MIT */
/*
 * Carrying bytes between two sides, in one process that never blocks on the second of them.
 */
#pragma once

#include <poll.h>

#include "linux/util.h"

#define RELAY_BUFFER 32768
/* Reads that empty the largest pipe (the default of fs.pipe-max-size). */
#define RELAY_DRAIN_ROUNDS (1048576 / RELAY_BUFFER)

/* Bytes on their way to a reader who may be slow. */
struct relay {
	int from;   /* FD_NONE: at its end */
	int to;	    /* not blocking; FD_NONE: closed, or nobody reads any more */
	bool owned; /* `to` is closed when everything was delivered */
	size_t start, end;
	char buffer[RELAY_BUFFER + 1];
};

/* What to wait for, as two entries of poll(): the source and the sink. */
void relay_poll(const struct relay *r, struct pollfd ret[2]);

/*
 * Reads from the source when revents says so. Bytes are appended to the buffer,
 * *ret_new points to them. Returns their number; 0 at the end, on an error, or when there is nothing.
 */
size_t relay_read(struct relay *r, short revents, char **ret_new);
/* Delivers what fits. An error other than "not now" ends the sink. */
void relay_write(struct relay *r);

/*
 * Copies what can be read from `from` without waiting to `to`, which may block.
 * 1: there may be more later; 0: the end; a negative errno when `to` cannot be written.
 */
int copy_out(int from, int to);

/* Writes everything; blocks. 0 or a negative errno. */
int write_all(int fd, const char *data, size_t size);

/* Makes reads and writes return instead of waiting. 0 or a negative errno. */
int fd_nonblock(int fd);
