/* SPDX-License-Identifier: MIT */
/*
 * The three standard streams of a program that works for us on the other side of a border. What
 * it may have as it is goes along; for everything else it gets a pipe, and we carry the bytes: a
 * descriptor of ours could be more than a stream there.
 */
#pragma once

#include "linux/relay.h"

struct streams {
	struct relay in; /* our standard input to the program's */
	int out[3];	 /* [1] and [2]: where its output comes from; FD_NONE: it is ours */
	int child[3];	 /* its ends; FD_NONE: it has ours */
};

/* A pipe without a name. One with a name is a file, and could be opened again. */
bool stream_is_pipe(int fd);

/*
 * Makes the pipes. passes: may the program have this descriptor of ours? no_stdin: it reads the end
 * of file. 0 or a negative errno.
 */
int streams_open(struct streams *s, bool no_stdin, bool (*passes)(int fd));
/* The program has its ends: closes them here. */
void streams_started(struct streams *s);

#define STREAMS_POLLS 4

/* What to wait for, and what to do when it came. A reader of ours who is slow holds us up. */
void streams_poll(const struct streams *s, struct pollfd ret[STREAMS_POLLS]);
void streams_continue(struct streams *s, const struct pollfd p[STREAMS_POLLS]);

/* What the program wrote before it ended: no more than a pipe holds, for others may go on writing. */
void streams_drain(struct streams *s);
