/* SPDX-License-Identifier: MIT */
/*
 * How far long work is. On a terminal one line that is drawn again, elsewhere nothing: what
 * is done is said in plain lines by the caller.
 */
#pragma once

#include "linux/util.h"

struct progress {
	const char *what;  /* "unpacking" */
	uint64_t total;	   /* bytes; 0: not known */
	uint64_t drawn_ms; /* when the line was drawn last */
	uint64_t start_ms;
	bool terminal;
};

void progress_begin(struct progress *p, const char *what, uint64_t total);
/* Draws, ten times a second at most. */
void progress_show(struct progress *p, uint64_t done);
/* Takes the line away. May be called again. */
void progress_end(struct progress *p);
