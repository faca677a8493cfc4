/* SPDX-License-Identifier: MIT */
/* What the parts of dlstat share, some of it with flowstat. */
#pragma once

#include "dladm/columns.h"
#include "dladm/dladm.h"
#include "dladm/intervals.h"
#include "linux/conventions.h"

struct options {
	bool rx, tx;	    /* -r, -t */
	bool all;	    /* -a */
	bool parsable;	    /* -p */
	bool json;	    /* -j */
	char unit;	    /* -u, 0 = none */
	const char *fields; /* -o */
	struct intervals intervals;
	const char *over;    /* -l of flowstat */
	const char *operand; /* a link, or a flow; NULL = all */
};

__attribute__((noreturn)) void usage(void);

/* Reads argv behind the subcommand, the options of optstring; dies on what does not go together. */
void options_read(int argc, char *argv[], const char *optstring, struct options *o);

/* dlstat, dlstat show-phys, dlstat show-link, dlstat show-aggr */
void show_totals(const struct options *o);
void show_aggrs(const struct options *o);
void show_lanes(const struct options *o, uint32_t classes, bool lanes);
