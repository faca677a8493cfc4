/* SPDX-License-Identifier: MIT */
/*
 * What the files of zonestat share: usage of resources by zone, of a moment (snapshot.c),
 * of an interval and of a report over several (report.c), and how it is asked for and printed.
 */
#pragma once

#include "linux/util.h"

#include <math.h>
#include <time.h>
#include <zone.h>

enum resource {
	RES_CPU, /* in CPUs; a counter of nanoseconds in a snapshot */
	RES_PHYSICAL,
	RES_VIRTUAL,
	RES_LOCKED,
	RES_PROCESSES,
	RES_LWPS,
	RES_SHM_MEMORY,
	RES_SHM_IDS,
	RES_SEM_IDS,
	RES_MSG_IDS,
	RES_LOFI,
	RES_COUNT,
};

struct resource_kind {
	const char *name;   /* of -r */
	const char *member; /* of -n: the one of its kind that there is */
	bool bytes;
	const char *size; /* what the whole is called in a header */
};

extern const struct resource_kind kinds[RES_COUNT];

/* NAN where nobody counts, or where there is no cap. */
struct row {
	char name[ZONENAME_MAX];
	zoneid_t zoneid;
	double used[RES_COUNT], cap[RES_COUNT];
	double refused
		[RES_COUNT]; /* requests for more than the cap; in an interval or report, those in it */
	double shares;
	unsigned int intervals; /* in a report: how many it ran in */
};

struct usage {
	struct row *rows; /* the zones */
	size_t n, room;
	struct row total; /* of the host; NAN where this process cannot see it */
	double size[RES_COUNT];
	double cpus, online;
	double at;		/* seconds of the monotonic clock */
	double elapsed;		/* of an interval or a report */
	double since;		/* at the end of an interval: how long all of them took */
	unsigned int intervals; /* in a report */
	time_t begin, end;
};

void usage_free(struct usage *u);
struct row *usage_row(struct usage *u, const char *name);
struct row *usage_add(struct usage *u, const char *name);

/*
 * What is used at this moment; of System V IPC and lofi, for which every zone is entered, only when
 * it is wanted. 0, -EBADF when zoned does not run, another negative errno.
 */
int snapshot_take(struct usage *ret, bool sysv);

/* What was refused of all resources together; NAN where nobody counts. */
double row_refused(const struct row *r);

/* now minus before, as an interval. */
int interval_of(const struct usage *before, const struct usage *now, struct usage *ret);

/* Reports are put together interval by interval. */
enum report { REPORT_TOTAL, REPORT_AVERAGE, REPORT_HIGH, REPORT_COUNT, REPORT_INTERVAL };
struct totals {
	struct usage sum, high;
};
int totals_add(struct totals *t, const struct usage *interval);
int totals_report(const struct totals *t, enum report kind, struct usage *ret);
void totals_free(struct totals *t);

enum line {
	LINE_RESOURCE = 1 << 0,
	LINE_TOTAL = 1 << 1,
	LINE_SYSTEM = 1 << 2,
	LINE_ZONES = 1 << 3,
	LINE_HEADER = 1 << 4,
	LINE_FOOTER = 1 << 5,
	LINE_ALL = (1 << 6) - 1,
};

enum sort { SORT_NAME, SORT_USED, SORT_CAP, SORT_PCAP, SORT_SHR, SORT_PSHRU, SORT_COUNT };

struct options {
	const char **zones; /* -z; none: all */
	size_t n_zones;
	const char **members; /* -n; none: all */
	size_t n_members;
	bool summary;
	bool wanted[RES_COUNT];
	char stamp; /* 'u', 'd', 'i' or 0 */
	bool reports[REPORT_COUNT];
	bool quiet, parsable, json, live;
	unsigned int lines;	    /* of LINE_* */
	enum sort sort[SORT_COUNT]; /* by the first; by the next where that is equal */
	size_t n_sort;
	double interval, duration, period; /* seconds; INFINITY: for ever, period 0: at the end */
};

/* Ends the program with 2 when they are wrong. */
void options_parse(struct options *o, int argc, char **argv);

/* ---- text.c; "-" for NAN ---- */
struct text {
	char s[24];
};
/* "12.34%", also "-" when the whole is 0. */
struct text text_percent(double part, double whole);
/* Sizes of 1024 with a letter, for programs always K; numbers as they are; CPUs with two digits. */
struct text text_amount(bool parsable, enum resource res, double v);

/*
 * The live view, until it is quit. 0; -ENOTTY when this terminal cannot show it, and nothing was
 * done; another negative errno.
 */
int live_run(const struct options *o);

/* Prints one interval or report; number is that of the interval. */
void print_usage(
	const struct options *o, enum report kind, const struct usage *u, unsigned int number);
