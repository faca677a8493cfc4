/* SPDX-License-Identifier: MIT */
/* What the parts of dlstat share. */
#pragma once

#include "dladm/columns.h"
#include "dladm/dladm.h"
#include "dladm/intervals.h"

struct options {
	bool rx, tx;	    /* -r, -t */
	bool all;	    /* -a */
	bool parsable;	    /* -p */
	bool json;	    /* -j */
	char unit;	    /* -u, 0 = none */
	const char *fields; /* -o */
	struct intervals intervals;
	const char *link; /* NULL = all */
};

/* Prints "dlstat: " and the text, and exits 1. */
__attribute__((noreturn)) void die(const char *fmt, ...) _printf_(1, 2);
__attribute__((noreturn)) void usage(void);

/* Reads argv behind the subcommand; dies on what does not go together. */
void options_read(int argc, char *argv[], struct options *o);

/* dlstat, dlstat show-phys, dlstat show-link */
void show_totals(const struct options *o);
void show_lanes(const struct options *o, uint32_t classes, bool lanes);
