/* SPDX-License-Identifier: MIT */
/* What the printers of zonestat share: one interval or report, and how it is asked for. */
#pragma once

#include "zonestat/zonestat.h"

struct page {
	const struct options *o;
	enum report kind;
	const struct usage *u;
	struct row system;
	const struct row **rows; /* those that are shown, sorted */
	size_t n;
	unsigned int number; /* of the interval; 0 in a report */
	int width;	     /* of the names of the zones, in a table */
	double shares;	     /* of all zones together */
};

extern const char *const report_names[];

/* What the zone would get if all wanted everything. */
double page_share_of(const struct page *p, const struct row *r);

/* One line with one object. */
void print_json_row(const struct page *p, enum resource res, const struct row *r);
