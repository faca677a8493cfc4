/* SPDX-License-Identifier: MIT */
/*
 * Parsing XML files with one clear line for whatever is wrong with them. Used by
 * lib/zonecfg and lib/brand only. Nothing is fetched, declarations inside a document
 * are refused (they could make a small file grow), a file has a size limit and elements a depth.
 */
#pragma once

#include "linux/diag.h"

#define XML_FILE_MAX  (4 * 1024 * 1024)
#define XML_DEPTH_MAX 64

struct xml_attr {
	const struct xml_attr *next;
	const char *name, *value; /* the value without references */
};

/* An element, or a piece of the text between them. Comments are neither. */
struct xml_node {
	struct xml_node *next;	   /* behind it, in the same element */
	struct xml_node *children; /* the first in it */
	const struct xml_attr *attrs;
	const char *name; /* NULL: it is text */
	const char *text; /* NULL: it is an element */
	long line;
};

/* Everything in it lives as long as it. */
struct xml_doc {
	struct xml_node *root;
	struct xml_piece *pieces;
};

/*
 * Reads path and parses it; its first element must be <root>. Z_OK, Z_TOO_BIG,
 * Z_EMPTY_DOCUMENT, Z_INVALID_DOCUMENT, Z_WRONG_DOC_TYPE, or a negative errno (-ENOENT); d is set.
 */
int xml_doc_load(const char *path, const char *root, struct xml_doc **ret_doc, struct diag *d);
/* The same from memory; path is for messages. */
int xml_doc_parse(const char *path, const char *text, size_t size, const char *root,
	struct xml_doc **ret_doc, struct diag *d);

void xml_doc_free(struct xml_doc *doc);

/*
 * Sets *ret_element to n or the next element behind it, or NULL. Blanks are
 * skipped, other text is an error. Z_OK or Z_INVALID_DOCUMENT.
 */
int xml_next_element(const char *path, const struct xml_node *n,
	const struct xml_node **ret_element, struct diag *d);

/* All text in an element, and in the elements in it, malloc'd; NULL for want of memory only. */
char *xml_text(const struct xml_node *n);

/* Z_INVALID_DOCUMENT with "path: line N: text". */
int xml_wrong(const char *path, const struct xml_node *n, struct diag *d, const char *fmt, ...)
	_printf_(4, 5);

static inline void xml_doc_freep(struct xml_doc **doc)
{
	xml_doc_free(*doc);
}
