/* SPDX-License-Identifier: MIT */
/* What the two files of prctl share. */
#pragma once

#include "zone/rctl.h"

struct options {
	bool parsable;
	bool json;
	const char *name;  /* -n, NULL: all */
	const char *value; /* -v */
	uint32_t priv;	   /* -t, 0 when not given */
	enum { OP_GET, OP_SET, OP_REPLACE, OP_DELETE } op;
	uint32_t action; /* of -e and -d, ZRCTL_ANY when neither was given */
};

/* One id of the command line. */
struct target {
	zoneid_t zoneid;
	char name[ZONENAME_MAX];
	char title[128]; /* "zone: 1: web" */
};

#define LEVEL_SYSTEM                                                                               \
	3u /* after the privileges of zone_rctl_priv: the value that nobody can change */

/* One line on stderr; returns 1. */
int complain(const char *fmt, ...) _printf_(1, 2);

/* Prints the controls of a zone. 0, or 1 after a message. */
int show(const struct options *o, const struct target *t);
/* The same as one object of JSON, to out. */
int show_json(FILE *out, const struct options *o, const struct target *t);
