/* SPDX-License-Identifier: MIT */
/*
 * Parsing XML files; see xml-doc.h. Of what expat tells a tree is made. expat and not libxml2, which
 * brings libraries along that take longer to load than the file to be read.
 */
#include "zonecfg/xml-doc.h"

#include <expat.h>
#include <stddef.h>

#include "zonecfg/file.h"
#include "zonecfg/status.h"

/* One allocation of a document. */
struct xml_piece {
	struct xml_piece *next;
	max_align_t data[];
};

struct builder {
	const char *path, *text; /* all of the file */
	const char *root;	 /* what the first element must be */
	struct xml_doc *doc;
	XML_Parser parser;
	struct xml_node *
		*end[XML_DEPTH_MAX]; /* of each element around, where the next in it goes */
	size_t depth;
	struct diag *d;
	int r; /* why the parser was stopped */
};

int xml_wrong(const char *path, const struct xml_node *n, struct diag *d, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return diag_set(d, Z_INVALID_DOCUMENT, "%s: line %ld: %s", path, n->line, text);
}

int xml_next_element(const char *path, const struct xml_node *n,
	const struct xml_node **ret_element, struct diag *d)
{
	while (n && n->text && !n->text[strspn(n->text, " \t\r\n")])
		n = n->next;
	if (n && n->text)
		return xml_wrong(path, n, d, "text where an element should be");
	*ret_element = n;
	return Z_OK;
}

static bool add_text(const struct xml_node *n, FILE *f)
{
	for (; n; n = n->next)
		if (n->text ? fputs(n->text, f) < 0 : !add_text(n->children, f))
			return false;
	return true;
}

char *xml_text(const struct xml_node *n)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	bool ok = f && add_text(n->children, f);

	if (f && fclose(f) != 0)
		ok = false;
	if (ok)
		return text;
	free(text);
	return NULL;
}

void xml_doc_free(struct xml_doc *doc)
{
	while (doc && doc->pieces) {
		struct xml_piece *piece = doc->pieces;

		doc->pieces = piece->next;
		free(piece);
	}
	free(doc);
}

/* ---- what the parser tells ---- */

static void stop(struct builder *b, int r)
{
	b->r = r;
	(void)XML_StopParser(b->parser, XML_FALSE);
}

/* Zeroed, and part of the document. NULL: the parser is stopped. */
static void *piece_new(struct builder *b, size_t size)
{
	struct xml_piece *piece = calloc(1, sizeof(*piece) + size);

	if (!piece) {
		stop(b, diag_errno(b->d, -ENOMEM, "%s", b->path));
		return NULL;
	}
	piece->next = b->doc->pieces;
	b->doc->pieces = piece;
	return piece->data;
}

static const char *string_new(struct builder *b, const char *s, size_t n)
{
	char *copy = piece_new(b, n + 1);

	return copy ? memcpy(copy, s, n) : NULL;
}

static struct xml_node *node_new(struct builder *b)
{
	struct xml_node *n = piece_new(b, sizeof(*n));

	if (!n)
		return NULL;
	n->line = (long)XML_GetCurrentLineNumber(b->parser);
	if (b->depth) {
		*b->end[b->depth - 1] = n;
		b->end[b->depth - 1] = &n->next;
	} else {
		b->doc->root = n;
	}
	return n;
}

static void attrs_new(struct builder *b, struct xml_node *n, const char **list)
{
	const struct xml_attr **at = &n->attrs;

	for (; *list && b->r == 0; list += 2) {
		struct xml_attr *a = piece_new(b, sizeof(*a));

		if (!a)
			return;
		a->name = string_new(b, list[0], strlen(list[0]));
		a->value = string_new(b, list[1], strlen(list[1]));
		*at = a;
		at = &a->next;
	}
}

static void undefined(struct builder *b)
{
	stop(b, diag_set(b->d, Z_INVALID_DOCUMENT, "%s: line %ld: not well-formed: %s", b->path,
			(long)XML_GetCurrentLineNumber(b->parser),
			XML_ErrorString(XML_ERROR_UNDEFINED_ENTITY)));
}

/*
 * Of a document with a DTD, which is never fetched, expat leaves out what it thinks
 * may be declared there; in an attribute without a word.
 */
static void check_references(struct builder *b)
{
	static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#"};
	const char *p = b->text + XML_GetCurrentByteIndex(b->parser);
	const char *end = p + XML_GetCurrentByteCount(b->parser);
	size_t i;

	while ((p = memchr(p, '&', (size_t)(end - p)))) {
		for (i = 0; i < ARRAY_SIZE(known); i++)
			if (strncmp(p, known[i], strlen(known[i])) == 0)
				break;
		if (i == ARRAY_SIZE(known)) {
			undefined(b);
			return;
		}
		p++;
	}
}

static void skipped_entity(void *arg, const char *name, int is_parameter)
{
	undefined(arg);
}

static void element_begin(void *arg, const char *name, const char **attrs)
{
	struct builder *b = arg;
	struct xml_node *n;

	if (b->depth == 0 && !streq(name, b->root)) {
		stop(b, diag_set(b->d, Z_WRONG_DOC_TYPE, "%s: the first element is <%s>, not <%s>",
				b->path, name, b->root));
		return;
	}
	check_references(b);
	n = b->r == 0 ? node_new(b) : NULL;
	if (!n)
		return;
	if (b->depth == XML_DEPTH_MAX) {
		stop(b, xml_wrong(b->path, n, b->d, "more than %d elements in each other",
				XML_DEPTH_MAX));
		return;
	}
	n->name = string_new(b, name, strlen(name));
	attrs_new(b, n, attrs);
	b->end[b->depth++] = &n->children;
}

static void element_end(void *arg, const char *name)
{
	struct builder *b = arg;

	b->depth--;
}

static void text_found(void *arg, const char *s, int size)
{
	struct builder *b = arg;
	struct xml_node *n = node_new(b);

	if (n)
		n->text = string_new(b, s, (size_t)size);
}

static void doctype_found(
	void *arg, const char *name, const char *system, const char *public, int has_subset)
{
	struct builder *b = arg;
	const struct xml_node here = {.line = (long)XML_GetCurrentLineNumber(b->parser)};

	if (has_subset)
		stop(b, xml_wrong(b->path, &here, b->d,
				"declarations inside the document are not allowed"));
}

/* ---- parsing ---- */

static int not_parsed(const struct builder *b)
{
	enum XML_Error e = XML_GetErrorCode(b->parser);

	if (b->r)
		return b->r;
	if (e == XML_ERROR_NO_MEMORY)
		return diag_errno(b->d, -ENOMEM, "%s", b->path);
	return diag_set(b->d, Z_INVALID_DOCUMENT, "%s: line %ld: not well-formed: %s", b->path,
		(long)XML_GetCurrentLineNumber(b->parser),
		e == XML_ERROR_INVALID_TOKEN ? "invalid token" : XML_ErrorString(e));
}

static int parse(struct builder *b, size_t size)
{
	int r;

	b->parser = XML_ParserCreate(NULL);
	if (!b->parser)
		return diag_errno(b->d, -ENOMEM, "%s", b->path);
	XML_SetUserData(b->parser, b);
	XML_SetElementHandler(b->parser, element_begin, element_end);
	XML_SetCharacterDataHandler(b->parser, text_found);
	XML_SetStartDoctypeDeclHandler(b->parser, doctype_found);
	XML_SetSkippedEntityHandler(b->parser, skipped_entity);
	r = XML_Parse(b->parser, b->text, (int)size, XML_TRUE) == XML_STATUS_OK && b->r == 0
		    ? Z_OK
		    : not_parsed(b);
	XML_ParserFree(b->parser);
	return r;
}

int xml_doc_parse(const char *path, const char *text, size_t size, const char *root,
	struct xml_doc **ret_doc, struct diag *d)
{
	struct builder b = {.path = path, .text = text, .root = root, .d = d};
	int r;

	if (size == 0)
		return diag_set(d, Z_EMPTY_DOCUMENT, "%s: the file is empty", path);
	if (size > XML_FILE_MAX)
		return diag_set(d, Z_TOO_BIG, "%s: larger than %d bytes", path, XML_FILE_MAX);
	b.doc = calloc(1, sizeof(*b.doc));
	if (!b.doc)
		return diag_errno(d, -ENOMEM, "%s", path);
	r = parse(&b, size);
	if (r == Z_OK)
		*ret_doc = b.doc;
	else
		xml_doc_free(b.doc);
	return r;
}

int xml_doc_load(const char *path, const char *root, struct xml_doc **ret_doc, struct diag *d)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	int r = file_read(path, XML_FILE_MAX, &text, &size, NULL);

	if (r == -EFBIG)
		return diag_set(d, Z_TOO_BIG, "%s: larger than %d bytes", path, XML_FILE_MAX);
	if (r == -EINVAL)
		return diag_set(d, r, "%s: not a regular file", path);
	if (r)
		return diag_errno(d, r, "%s", path);
	return xml_doc_parse(path, text, size, root, ret_doc, d);
}
