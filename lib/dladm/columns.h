/* SPDX-License-Identifier: MIT */
/*
 * Output of records from one description of their columns: a table for people, fields
 * for programs as libofmt of illumos does it, or JSON. The header line of a table comes
 * with the first record, so that an empty listing prints nothing. Fields are separated by ':';
 * ':' and '\' inside a value are escaped with '\' unless only one field was asked for.
 * JSON is one array of objects on one line; a field is the column's name in lower case, with '_'
 * for what is no letter or digit.
 *
 * In every form columns_end() comes last; in all but JSON it does nothing but end a listing.
 */
#pragma once

#include "linux/diag.h"

#include <stdbool.h>

#define COLUMNS_MAX 32

enum column_type {
	COLUMN_TEXT,
	COLUMN_NUMBER, /* a JSON number, when the value is one */
};

struct column {
	const char *name; /* "LINK" */
	int width;	  /* with the gap behind it */
	enum column_type type;
};

/* The first two are false and true of "parsable". */
enum columns_form { COLUMNS_TABLE, COLUMNS_PARSABLE, COLUMNS_JSON };

struct columns {
	const struct column *table;
	unsigned int chosen[COLUMNS_MAX]; /* indices into table */
	unsigned int count;
	enum columns_form form;
	bool header_done;
	bool array_open; /* JSON */
};

/*
 * Chooses columns of a table that ends with a NULL name. fields: the -o list, "all" or NULL for the
 * default, which is the first ndefault ones, of JSON all. Names match in any case. -EINVAL with a
 * line in d for an unknown field, and for parsable output without fields or of "all".
 */
int columns_init(struct columns *c, const struct column *table, unsigned int ndefault,
	const char *fields, enum columns_form form, struct diag *d);

/*
 * Prints one record; values stand in the order of the table. A value that is NULL or empty does
 * not apply: "--", nothing for programs, null in JSON; so is "?" there, which is not known.
 */
void columns_print(struct columns *c, const char *const values[]);

/* Ends the listing: what is printed next is another one. */
void columns_end(struct columns *c);
