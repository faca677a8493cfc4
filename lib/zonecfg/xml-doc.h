/* SPDX-License-Identifier: MIT */
/*
 * Parsing XML files with one clear line for whatever is wrong with them. Used by
 * lib/zonecfg and lib/brand only. Nothing is fetched, declarations inside a document
 * are refused (they could make a small file grow), a file has a size limit.
 */
#pragma once

#include <libxml/tree.h>

#include "linux/diag.h"

#define XML_FILE_MAX (4 * 1024 * 1024)

/*
 * Reads path and parses it; its first element must be <root>. Z_OK, Z_TOO_BIG,
 * Z_EMPTY_DOCUMENT, Z_INVALID_DOCUMENT, Z_WRONG_DOC_TYPE, or a negative errno (-ENOENT); d is set.
 */
int xml_doc_load(const char *path, const char *root, xmlDocPtr *ret_doc, struct diag *d);
/* The same from memory; path is for messages. */
int xml_doc_parse(const char *path, const char *text, size_t size, const char *root,
	xmlDocPtr *ret_doc, struct diag *d);

/*
 * Sets *ret_element to n or the next element behind it, or NULL. Comments and blanks are
 * skipped, other text is an error. Z_OK or Z_INVALID_DOCUMENT.
 */
int xml_next_element(
	const char *path, const xmlNode *n, const xmlNode **ret_element, struct diag *d);

/* Z_INVALID_DOCUMENT with "path: line N: text". */
int xml_wrong(const char *path, const xmlNode *n, struct diag *d, const char *fmt, ...)
	_printf_(4, 5);

/* An attribute's value, malloc'd; NULL for want of memory only. */
char *xml_attr_value(const xmlAttr *a);

static inline const char *xml_name(const xmlNode *n)
{
	return (const char *)n->name;
}

static inline void xml_doc_freep(xmlDocPtr *doc)
{
	if (*doc)
		xmlFreeDoc(*doc);
}
