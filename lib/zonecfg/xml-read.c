/* SPDX-License-Identifier: MIT */
/*
 * Reading a configuration file. What the DTD does not know is an error with its
 * line, because a misspelt element that is ignored is a limit that does not hold. The DTD
 * itself is never fetched: the tables of model.c are its rules. Entities of a
 * file's own are refused, so that a small file cannot grow.
 */
#include "zonecfg/zonecfg.h"

#include <limits.h>

#include "linux/instance.h"
#include "zonecfg/list.h"
#include "zonecfg/model.h"
#include "zonecfg/xml-doc.h"

struct reader {
	const char *path;
	struct xml_doc *doc;
	struct zonecfg *cfg;
	struct diag *d;
};

static int wrong(struct reader *r, const struct xml_node *n, const char *fmt, ...) _printf_(3, 4);

static int wrong(struct reader *r, const struct xml_node *n, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return diag_set(r->d, Z_INVALID_DOCUMENT, "%s: line %ld: %s", r->path, n->line, text);
}

/* Attributes of <zone> that are no strings. Z_NO_ENTRY: it is none of these. */
static int set_special(
	struct reader *r, const struct xml_node *n, const char *name, const char *value)
{
	if (streq(name, "autoboot")) {
		if (zonecfg_parse_bool(value, &r->cfg->autoboot))
			return wrong(r, n, "autoboot is '%s', not true or false", value);
		return Z_OK;
	}
	if (streq(name, "ip-type")) {
		if (!streq(value, "shared") && !streq(value, "exclusive"))
			return wrong(r, n, "ip-type is '%s', not shared or exclusive", value);
		r->cfg->ip_type = value[0] == 's' ? ZS_SHARED : ZS_EXCLUSIVE;
		return Z_OK;
	}
	return Z_NO_ENTRY;
}

static int set_attr(struct reader *r, const struct xml_node *n, const struct model_type *t,
	void *item, const struct xml_attr *a)
{
	_cleanup_free_ char *value = strdup(a->value);
	const char *name = a->name;
	const struct model_field *f;
	size_t i;
	int e;

	if (!value)
		return -ENOMEM;
	for (i = 0; i < t->n_fields; i++) {
		f = &t->fields[i];
		if (!streq(f->attr, name))
			continue;
		free(*model_string(item, f));
		*model_string(item, f) = *value || f->required ? TAKE_PTR(value) : NULL;
		return Z_OK;
	}
	e = t == &model_zone ? set_special(r, n, name, value) : Z_NO_ENTRY;
	if (e != Z_NO_ENTRY)
		return e;
	return wrong(r, n, "<%s> has no attribute '%s'", t->tag, name);
}

static int read_attrs(
	struct reader *r, const struct xml_node *n, const struct model_type *t, void *item)
{
	const struct xml_attr *a;
	size_t i;
	int e;

	for (a = n->attrs; a; a = a->next) {
		e = set_attr(r, n, t, item, a);
		if (e)
			return e;
	}
	for (i = 0; i < t->n_fields; i++) {
		if (t->fields[i].required && !*model_string(item, &t->fields[i]))
			return wrong(
				r, n, "<%s> without attribute '%s'", t->tag, t->fields[i].attr);
	}
	return Z_OK;
}

/* An element of type t, appended to its list in base, with the elements inside it. */
static int read_item(
	struct reader *r, const struct xml_node *n, const struct model_type *t, void *base)
{
	const struct xml_node *inside;
	void *item;
	int e;

	e = model_append(base, t, &item);
	if (e == -E2BIG)
		return wrong(r, n, "more than %d <%s>", LIST_MAX, t->tag);
	if (!e)
		e = read_attrs(r, n, t, item);
	if (!e)
		e = xml_next_element(r->path, n->children, &inside, r->d);
	while (!e && inside) {
		if (!t->child || !streq(inside->name, t->child->tag))
			return wrong(
				r, inside, "<%s> does not belong in <%s>", inside->name, t->tag);
		e = read_item(r, inside, t->child, item);
		if (!e)
			e = xml_next_element(r->path, inside->next, &inside, r->d);
	}
	return e;
}

static int read_other_attr(struct reader *r, const struct xml_attr *a, struct zonecfg_other *o)
{
	struct zonecfg_prop *p;
	int e = list_grow(&o->attrs, &o->n_attrs, sizeof(*o->attrs));

	if (e)
		return e;
	p = &o->attrs[o->n_attrs - 1];
	p->name = strdup(a->name);
	p->value = strdup(a->value);
	return p->name && p->value ? Z_OK : -ENOMEM;
}

/* A legacy element, which is only kept. None has elements inside. */
static int read_other(struct reader *r, const struct xml_node *n)
{
	struct zonecfg *cfg = r->cfg;
	struct zonecfg_other *o;
	const struct xml_node *inside;
	const struct xml_attr *a;
	int e = list_grow(&cfg->others, &cfg->n_others, sizeof(*cfg->others));

	if (e)
		return e == -E2BIG ? wrong(r, n, "too many elements") : e;
	o = &cfg->others[cfg->n_others - 1];
	o->tag = strdup(n->name);
	e = o->tag ? Z_OK : -ENOMEM;
	for (a = n->attrs; a && !e; a = a->next)
		e = read_other_attr(r, a, o);
	if (!e)
		e = xml_next_element(r->path, n->children, &inside, r->d);
	if (!e && inside)
		return wrong(r, inside, "<%s> does not belong in <%s>", inside->name, n->name);
	return e;
}

static int read_mcap(struct reader *r, const struct xml_node *n)
{
	_cleanup_free_ char *value = NULL;
	const struct xml_attr *a = n->attrs;

	if (!a || a->next || !streq(a->name, "physcap"))
		return wrong(r, n, "<mcap> must have the attribute 'physcap' and no other");
	if (r->cfg->physcap)
		return wrong(r, n, "a second <mcap>");
	value = strdup(a->value);
	if (!value)
		return -ENOMEM;
	if (zonecfg_parse_u64(value, &r->cfg->physcap) || !r->cfg->physcap)
		return wrong(r, n, "physcap is '%s', not a number of bytes", value);
	return Z_OK;
}

static int read_resource(struct reader *r, const struct xml_node *n)
{
	size_t i;

	for (i = 0; i < ZONECFG_KIND_COUNT; i++) {
		if (streq(model_kinds[i].tag, n->name))
			return read_item(r, n, &model_kinds[i], r->cfg);
	}
	if (streq(n->name, "mcap"))
		return read_mcap(r, n);
	if (model_other_known(n->name))
		return read_other(r, n);
	return wrong(r, n, "unknown element <%s>", n->name);
}

static int read_zone(struct reader *r)
{
	const struct xml_node *root = r->doc->root, *n;
	int e;

	e = read_attrs(r, root, &model_zone, r->cfg);
	if (!e)
		e = xml_next_element(r->path, root->children, &n, r->d);
	while (!e && n) {
		e = read_resource(r, n);
		if (!e)
			e = xml_next_element(r->path, n->next, &n, r->d);
	}
	return e;
}

/* path is only for messages. */
static int load_doc(const char *path, struct xml_doc *doc, struct zonecfg **ret_cfg, struct diag *d)
{
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = calloc(1, sizeof(*cfg));
	struct reader r = {.path = path, .doc = doc, .cfg = cfg, .d = d};
	int e = cfg ? read_zone(&r) : -ENOMEM;

	if (e < 0)
		return diag_errno(d, e, "%s", path);
	if (!e)
		*ret_cfg = TAKE_PTR(cfg);
	return e;
}

int zonecfg_load_file(const char *path, struct zonecfg **ret_cfg, struct diag *d)
{
	_cleanup_(xml_doc_freep) struct xml_doc *doc = NULL;
	int r = xml_doc_load(path, "zone", &doc, d);

	return r ? r : load_doc(path, doc, ret_cfg, d);
}

int zonecfg_load(const char *name, struct zonecfg **ret_cfg, struct diag *d)
{
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = NULL;
	struct file_stamp stamp;
	char path[PATH_MAX];
	int r;

	if (zonecfg_check_filename(name))
		return diag_set(d, Z_BOGUS_ZONE_NAME, "%s", zonecfg_strerror(Z_BOGUS_ZONE_NAME));
	r = instance_path(path, sizeof(path), "/etc/zones/%s.xml", name);
	/* before it is read: a version that is older than what was read can only be refused */
	if (!r)
		r = file_stamp(path, &stamp);
	if (!r)
		r = zonecfg_load_file(path, &cfg, d);
	if (r == -ENOENT)
		return diag_set(d, Z_NO_ZONE, "%s", zonecfg_strerror(Z_NO_ZONE));
	if (r)
		return r;
	if (!streq(cfg->name, name))
		return diag_set(d, Z_INVALID_DOCUMENT, "%s: this is the configuration of zone '%s'",
			path, cfg->name);
	cfg->stamp = stamp;
	r = zonecfg_set_string(&cfg->loaded, name);
	if (!r)
		*ret_cfg = TAKE_PTR(cfg);
	return r;
}

/* The templates that exist without a file. */
static const struct {
	const char *name;
	const char *text;
} builtin[] = {
	{"SUNWdefault", "<zone name=\"SUNWdefault\" brand=\"sparse\" ip-type=\"exclusive\" "
			"version=\"1\"/>"},
	{"SUNWblank", "<zone name=\"SUNWblank\" version=\"1\"/>"},
};

static int load_builtin(const char *template, struct zonecfg **ret_cfg, struct diag *d)
{
	_cleanup_(xml_doc_freep) struct xml_doc *doc = NULL;
	const char *text;
	size_t i;
	int r;

	for (i = 0; i < ARRAY_SIZE(builtin); i++) {
		if (!streq(builtin[i].name, template))
			continue;
		text = builtin[i].text;
		r = xml_doc_parse(template, text, strlen(text), "zone", &doc, d);
		return r ? r : load_doc(template, doc, ret_cfg, d);
	}
	return diag_set(d, Z_NO_ZONE, "no such template: '%s'", template);
}

/* A template may be a zone, or have a SUNW name that no zone may have. */
static bool template_name_ok(const char *name)
{
	if (strncmp(name, "SUNW", 4) == 0)
		name += 4;
	return zonecfg_check_zonename(name) == Z_OK;
}

int zonecfg_load_detached(
	const char *zonepath, const char *zonename, struct zonecfg **ret_cfg, struct diag *d)
{
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = NULL;
	char path[PATH_MAX];
	int r;

	if (zonecfg_check_zonepath(zonepath))
		return diag_set(d, Z_INVALID_PROPERTY, "'%s' cannot be a zonepath", zonepath);
	r = instance_path(path, sizeof(path), "%s/SUNWdetached.xml", zonepath);
	if (!r)
		r = zonecfg_load_file(path, &cfg, d);
	if (r == -ENOENT)
		return diag_set(d, Z_NO_ZONE, "%s: no detached zone is there", zonepath);
	if (!r)
		r = zonecfg_set_string(&cfg->name, zonename);
	if (!r)
		r = zonecfg_set_string(&cfg->zonepath, zonepath);
	if (!r)
		r = zonecfg_set_string(&cfg->debugid, NULL);
	if (!r)
		*ret_cfg = TAKE_PTR(cfg);
	return r;
}

int zonecfg_load_template(
	const char *template, const char *zonename, struct zonecfg **ret_cfg, struct diag *d)
{
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = NULL;
	char path[PATH_MAX];
	int r;

	if (!template_name_ok(template))
		return diag_set(d, Z_NO_ZONE, "no such template: '%s'", template);
	r = instance_path(path, sizeof(path), "/etc/zones/%s.xml", template);
	if (!r)
		r = zonecfg_load_file(path, &cfg, d);
	if (r == -ENOENT)
		r = load_builtin(template, &cfg, d);
	if (!r)
		r = zonecfg_set_string(&cfg->name, zonename);
	if (!r)
		r = zonecfg_set_string(&cfg->zonepath, NULL);
	if (!r)
		r = zonecfg_set_string(&cfg->debugid, NULL);
	if (!r)
		*ret_cfg = TAKE_PTR(cfg);
	return r;
}
