/* SPDX-License-Identifier: MIT */
/*
 * Output of records: columns for people, or fields for programs, as libofmt of
 * illumos does it. The header line comes with the first record, so that an empty
 * listing prints nothing. For programs, fields are separated by ':'; ':' and '\'
 * inside a value are escaped with '\' unless only one field was asked for.
 */
#pragma once

#include "linux/diag.h"

#define COLUMNS_MAX 16

struct column {
	const char *name; /* "LINK" */
	int width;	  /* with the gap behind it */
};

struct columns {
	const struct column *table;
	unsigned int chosen[COLUMNS_MAX]; /* indices into table */
	unsigned int count;
	bool parsable;
	bool header_done;
};

/*
 * Chooses columns of a table that ends with a NULL name. fields: the -o list,
 * "all" or NULL for the default, the first ndefault ones. Names match in any case. -EINVAL with a
 * line in d for an unknown field, and for parsable output without fields or of "all".
 */
int columns_init(struct columns *c, const struct column *table, unsigned int ndefault,
	const char *fields, bool parsable, struct diag *d);

/*
 * Prints one record; values stand in the order of the table. A value that is NULL or empty does
 * not apply: "--", or nothing for programs.
 */
void columns_print(struct columns *c, const char *const values[]);
