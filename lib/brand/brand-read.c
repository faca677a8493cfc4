/* SPDX-License-Identifier: MIT */
/*
 * Reading a brand's config.xml and platform.xml (brand.h lists the elements).
 * An unknown element is an error with its line, as a misspelt hook would never run.
 */
#include "brand/brand.h"

#include <limits.h>

#include "zonecfg/list.h"
#include "zonecfg/xml-doc.h"

struct reader {
	const char *path;
	struct brand *brand;
	struct diag *d;
};

/* An attribute of an element and where its value goes. */
struct wanted {
	const char *name;
	char **value;
	bool required;
};

static int take_attr(struct reader *r, const struct xml_node *n, const struct xml_attr *a,
	const struct wanted *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (!streq(list[i].name, a->name))
			continue;
		*list[i].value = strdup(a->value);
		return *list[i].value ? Z_OK : -ENOMEM;
	}
	return xml_wrong(r->path, n, r->d, "<%s> has no attribute '%s'", n->name, a->name);
}

/* The attributes of an element into the strings of list, which are NULL before. */
static int take_attrs(
	struct reader *r, const struct xml_node *n, const struct wanted *list, size_t count)
{
	const struct xml_attr *a;
	size_t i;
	int e;

	for (a = n->attrs; a; a = a->next) {
		e = take_attr(r, n, a, list, count);
		if (e)
			return e;
	}
	for (i = 0; i < count; i++) {
		if (list[i].required && (!*list[i].value || !**list[i].value))
			return xml_wrong(r->path, n, r->d, "<%s> without attribute '%s'", n->name,
				list[i].name);
	}
	return Z_OK;
}

/* The text of an element without blanks around it, malloc'd; NULL when there is none. */
static int take_text(struct reader *r, const struct xml_node *n, char **ret_text)
{
	_cleanup_free_ char *content = xml_text(n);
	const char *p = content ? content : "";
	char *text = NULL;
	size_t len;
	int e = Z_OK;

	p += strspn(p, " \t\r\n");
	for (len = strlen(p); len && strchr(" \t\r\n", p[len - 1]); len--)
		;
	if (!content)
		e = -ENOMEM;
	else if (*ret_text)
		e = xml_wrong(r->path, n, r->d, "a second <%s>", n->name);
	else if (len && !(text = strndup(p, len)))
		e = -ENOMEM;
	if (!e)
		*ret_text = text;
	return e;
}

static int read_privilege(struct reader *r, const struct xml_node *n)
{
	struct brand *b = r->brand;
	struct brand_privilege *p;
	int e = list_grow(&b->privileges, &b->n_privileges, sizeof(*p));

	if (e)
		return e;
	p = &b->privileges[b->n_privileges - 1];
	e = take_attrs(r, n,
		(const struct wanted[]){
			{"set", &p->set, true},
			{"name", &p->name, true},
			{"ip-type", &p->ip_type, false},
		},
		3);
	if (e)
		return e;
	if (!streq(p->set, "default") && !streq(p->set, "required") && !streq(p->set, "prohibited"))
		return xml_wrong(r->path, n, r->d, "privilege set '%s'", p->set);
	return Z_OK;
}

static int read_restartinit(struct reader *r, const struct xml_node *n)
{
	static const char *const known[] = {"true", "false", "0", "reboot"};
	const char *text;
	size_t i;
	int e = take_text(r, n, &r->brand->restartinit);

	if (e)
		return e;
	text = r->brand->restartinit;
	for (i = 0; text && i < ARRAY_SIZE(known); i++)
		if (streq(text, known[i]))
			return Z_OK;
	return xml_wrong(r->path, n, r->d, "restartinit must be true, false, 0 or reboot");
}

static int read_config_element(struct reader *r, const struct xml_node *n)
{
	const char *name = n->name;
	size_t i;

	for (i = 0; i < BRAND_HOOK_COUNT; i++) {
		if (streq(name, brand_hook_name((enum brand_hook)i)))
			return take_text(r, n, &r->brand->hooks[i]);
	}
	if (streq(name, "modname"))
		return take_text(r, n, &r->brand->modname);
	if (streq(name, "initname"))
		return take_text(r, n, &r->brand->initname);
	if (streq(name, "installopts"))
		return take_text(r, n, &r->brand->installopts);
	if (streq(name, "restartinit"))
		return read_restartinit(r, n);
	if (streq(name, "privilege"))
		return read_privilege(r, n);
	return xml_wrong(r->path, n, r->d, "unknown element <%s>", name);
}

/* Calls fn for every element inside root. */
static int each_element(struct reader *r, const struct xml_node *root,
	int (*fn)(struct reader *r, const struct xml_node *n))
{
	const struct xml_node *n;
	int e = xml_next_element(r->path, root->children, &n, r->d);

	while (!e && n) {
		e = fn(r, n);
		if (!e)
			e = xml_next_element(r->path, n->next, &n, r->d);
	}
	return e;
}

static int read_config(struct reader *r)
{
	_cleanup_(xml_doc_freep) struct xml_doc *doc = NULL;
	_cleanup_free_ char *name = NULL;
	const struct xml_node *root;
	int e = xml_doc_load(r->path, "brand", &doc, r->d);

	if (e)
		return e;
	root = doc->root;
	e = take_attrs(r, root, (const struct wanted[]){{"name", &name, true}}, 1);
	if (e)
		return e;
	if (!streq(name, r->brand->name))
		return xml_wrong(r->path, root, r->d, "this is the brand '%s'", name);
	e = each_element(r, root, read_config_element);
	if (e)
		return e;
	if (!r->brand->initname || zonecfg_check_path(r->brand->initname))
		return xml_wrong(r->path, root, r->d, "<initname> must be an absolute path");
	if (!r->brand->hooks[BRAND_LOGIN_CMD])
		return xml_wrong(r->path, root, r->d, "no <login_cmd>");
	return Z_OK;
}

static int read_mount(struct reader *r, const struct xml_node *n, bool global)
{
	struct brand *b = r->brand;
	struct brand_mount *m;
	int e = list_grow(&b->mounts, &b->n_mounts, sizeof(*m));

	if (e)
		return e;
	m = &b->mounts[b->n_mounts - 1];
	m->global = global;
	e = take_attrs(r, n,
		(const struct wanted[]){
			{"special", &m->special, true},
			{"directory", &m->dir, true},
			{"type", &m->type, true},
			{"opt", &m->opt, false},
		},
		4);
	if (!e && zonecfg_check_path(m->dir))
		e = xml_wrong(r->path, n, r->d, "directory '%s' is not an absolute path", m->dir);
	return e;
}

static int read_device(struct reader *r, const struct xml_node *n)
{
	struct brand *b = r->brand;
	struct brand_device *dev;
	int e = list_grow(&b->devices, &b->n_devices, sizeof(*dev));

	if (e)
		return e;
	dev = &b->devices[b->n_devices - 1];
	return take_attrs(r, n,
		(const struct wanted[]){
			{"match", &dev->match, true},
			{"name", &dev->name, false},
			{"ip-type", &dev->ip_type, false},
		},
		3);
}

static int read_symlink(struct reader *r, const struct xml_node *n)
{
	struct brand *b = r->brand;
	struct brand_symlink *l;
	int e = list_grow(&b->symlinks, &b->n_symlinks, sizeof(*l));

	if (e)
		return e;
	l = &b->symlinks[b->n_symlinks - 1];
	return take_attrs(r, n,
		(const struct wanted[]){
			{"source", &l->source, true},
			{"target", &l->target, true},
		},
		2);
}

static int read_platform_element(struct reader *r, const struct xml_node *n)
{
	if (streq(n->name, "global_mount"))
		return read_mount(r, n, true);
	if (streq(n->name, "mount"))
		return read_mount(r, n, false);
	if (streq(n->name, "device"))
		return read_device(r, n);
	if (streq(n->name, "symlink"))
		return read_symlink(r, n);
	return xml_wrong(r->path, n, r->d, "unknown element <%s>", n->name);
}

static int read_platform(struct reader *r)
{
	_cleanup_(xml_doc_freep) struct xml_doc *doc = NULL;
	_cleanup_free_ char *name = NULL, *exclusive = NULL;
	const struct xml_node *root;
	int e;

	if (access(r->path, F_OK) < 0 && errno == ENOENT)
		return Z_OK;
	e = xml_doc_load(r->path, "platform", &doc, r->d);
	if (e)
		return e;
	root = doc->root;
	e = take_attrs(r, root,
		(const struct wanted[]){
			{"name", &name, true},
			{"allow-exclusive-ip", &exclusive, false},
		},
		2);
	if (e)
		return e;
	if (exclusive && zonecfg_parse_bool(exclusive, &r->brand->allow_exclusive_ip))
		return xml_wrong(r->path, root, r->d, "allow-exclusive-ip must be true or false");
	return each_element(r, root, read_platform_element);
}

/* Reads one file of the brand. Whatever is wrong with it makes the brand unusable. */
static int read_file(struct brand *b, const char *file, int (*fn)(struct reader *r), struct diag *d)
{
	char path[PATH_MAX + 16];
	struct reader r = {.path = path, .brand = b, .d = d};
	int e;

	(void)snprintf(path, sizeof(path), "%s/%s", b->dir, file);
	e = fn(&r);
	return e > 0 ? Z_BRAND_ERROR : e;
}

int brand_open(const char *name, struct brand **ret_brand, struct diag *d)
{
	_cleanup_(brand_freep) struct brand *b = calloc(1, sizeof(*b));
	char dir[PATH_MAX];
	int r = brand_find(name, dir, sizeof(dir));

	if (r == Z_BRAND_ERROR)
		return diag_set(d, r, "brand '%s': no such brand", name);
	if (r)
		return diag_errno(d, r, "brand '%s'", name);
	if (!b || !(b->name = strdup(name)) || !(b->dir = strdup(dir)))
		return diag_errno(d, -ENOMEM, "brand '%s'", name);
	b->allow_exclusive_ip = true;
	r = read_file(b, "config.xml", read_config, d);
	if (!r)
		r = read_file(b, "platform.xml", read_platform, d);
	if (!r)
		*ret_brand = TAKE_PTR(b);
	return r;
}
