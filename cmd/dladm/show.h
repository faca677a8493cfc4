/* SPDX-License-Identifier: MIT */
/*
 * What the show subcommands share: their options, the listing of links as a table, parsable or as
 * JSON, and intervals. A subcommand is a table of columns, a function that prints one link, and
 *
 *	show_options_read(argc, argv, "pPjo:z:", &o);
 *	listing_init(&l, &o, columns, ndefault);
 *	listing_run(&l, DATALINK_CLASS_VLAN, show_one);
 */
#pragma once

#include "dladm-cmd.h"
#include "dladm/intervals.h"

/* Options by their letters, which mean the same wherever a subcommand has them. */
struct show_options {
	const char *fields;	    /* -o */
	const char *zone;	    /* -z */
	const char *over;	    /* -l */
	bool parsable;		    /* -p */
	bool json;		    /* -j */
	bool persistent;	    /* -P */
	bool macs;		    /* -m */
	bool rings;		    /* -H */
	bool extended;		    /* -x */
	bool stats;		    /* -s */
	struct intervals intervals; /* -i */
	const char *link;	    /* the operand; NULL = all */
};

/* The argument of -i; dies when it is none. */
void show_interval(const char *text, struct show_options *o);

/*
 * Reads the options of optstring and one operand at most; usage(argv[0]) and exit on others. -t
 * and what is active, which is shown anyway, are one. -L and other letters are the caller's: he
 * takes them by getopt himself.
 */
void show_options_read(int argc, char *argv[], const char *optstring, struct show_options *o);

/* The form of the output that -p and -j ask for; dies when both do. */
enum columns_form show_form(const struct show_options *o);

struct listing {
	struct columns columns;
	const struct show_options *o;
	zoneid_t zoneid;	   /* -z; ALL_ZONES = all that the caller sees */
	char over[MAXLINKNAMELEN]; /* -l; "" = any */
	void *arg;		   /* the caller's */
};

/* Dies when a field, the zone or the link of -l is not right. */
void listing_init(struct listing *l, const struct show_options *o, const struct column *table,
	unsigned int ndefault);

/* Calls fn, with the listing as its argument, for every link of the classes, and ends the listing. */
void listing_run(struct listing *l, uint32_t classes, link_fn *fn);

/*
 * All of -s [-i]: counters of the links of the classes, in one round or, again and again, what
 * came in between. Dies with -P.
 */
void show_stats(const struct show_options *o, uint32_t classes);

/* Name of the link below: "" when there is none, "?" when the caller may not see it. */
void show_over(const struct listing *l, const struct dlmgmt_linkinfo *link,
	const struct dld_linkinfo_reply *info, char name[MAXLINKNAMELEN]);
