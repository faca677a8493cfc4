/* SPDX-License-Identifier: MIT */
/* Parsing XML files; see xml-doc.h. */
#include "zonecfg/xml-doc.h"

#include <libxml/parser.h>

#include "zonecfg/file.h"
#include "zonecfg/status.h"

static void ctxt_freep(xmlParserCtxtPtr *ctxt)
{
	if (*ctxt)
		xmlFreeParserCtxt(*ctxt);
}

int xml_wrong(const char *path, const xmlNode *n, struct diag *d, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return diag_set(d, Z_INVALID_DOCUMENT, "%s: line %ld: %s", path, xmlGetLineNo(n), text);
}

char *xml_attr_value(const xmlAttr *a)
{
	xmlChar *v = xmlNodeListGetString(a->doc, a->children, 1);
	char *copy = strdup(v ? (const char *)v : "");

	xmlFree(v);
	return copy;
}

/* True for what may stand between elements; an element itself is false. */
static bool is_filling(const xmlNode *n)
{
	return n->type == XML_COMMENT_NODE || n->type == XML_PI_NODE ||
	       (n->type == XML_TEXT_NODE && xmlIsBlankNode(n));
}

int xml_next_element(
	const char *path, const xmlNode *n, const xmlNode **ret_element, struct diag *d)
{
	while (n && is_filling(n))
		n = n->next;
	if (n && n->type != XML_ELEMENT_NODE)
		return xml_wrong(path, n, d, "text where an element should be");
	*ret_element = n;
	return Z_OK;
}

/* One line about what the parser found; its own text ends with a newline. */
static int not_well_formed(const char *path, xmlParserCtxtPtr ctxt, struct diag *d)
{
	const xmlError *err = xmlCtxtGetLastError(ctxt);
	const char *text = err && err->message ? err->message : "unknown error";

	if (err && err->code == XML_ERR_NO_MEMORY)
		return diag_errno(d, -ENOMEM, "%s", path);
	return diag_set(d, Z_INVALID_DOCUMENT, "%s: line %d: not well-formed: %.*s", path,
		err ? err->line : 0, (int)strcspn(text, "\n"), text);
}

static int check_root(const char *path, const xmlDoc *doc, const char *root, struct diag *d)
{
	const xmlNode *n = xmlDocGetRootElement(doc);

	if (!n)
		return diag_set(d, Z_EMPTY_DOCUMENT, "%s: no element in it", path);
	if (!streq(xml_name(n), root))
		return diag_set(d, Z_WRONG_DOC_TYPE, "%s: the first element is <%s>, not <%s>",
			path, xml_name(n), root);
	if (doc->intSubset && doc->intSubset->children)
		return xml_wrong(path, n, d, "declarations inside the document are not allowed");
	return Z_OK;
}

int xml_doc_parse(const char *path, const char *text, size_t size, const char *root,
	xmlDocPtr *ret_doc, struct diag *d)
{
	const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
	_cleanup_(ctxt_freep) xmlParserCtxtPtr ctxt = NULL;
	_cleanup_(xml_doc_freep) xmlDocPtr doc = NULL;
	int r;

	if (size == 0)
		return diag_set(d, Z_EMPTY_DOCUMENT, "%s: the file is empty", path);
	if (size > XML_FILE_MAX)
		return diag_set(d, Z_TOO_BIG, "%s: larger than %d bytes", path, XML_FILE_MAX);
	ctxt = xmlNewParserCtxt();
	if (!ctxt)
		return diag_errno(d, -ENOMEM, "%s", path);
	doc = xmlCtxtReadMemory(ctxt, text, (int)size, NULL, NULL, options);
	if (!doc)
		return not_well_formed(path, ctxt, d);
	r = check_root(path, doc, root, d);
	if (!r)
		*ret_doc = TAKE_PTR(doc);
	return r;
}

int xml_doc_load(const char *path, const char *root, xmlDocPtr *ret_doc, struct diag *d)
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
