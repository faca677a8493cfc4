/* SPDX-License-Identifier: MIT */
/*
 * Adding, selecting, ending and removing resources. While a resource is edited it lives in the
 * session; the configuration changes at `end` only, so that `cancel` costs nothing.
 */
#include "resource.h"
#include "property.h"

bool res_allowed(const struct session *s, enum res res)
{
	return !s->global || res == RES_DEDICATED_CPU || res == RES_CAPPED_CPU ||
	       res == RES_CAPPED_MEMORY || res == RES_ADMIN || res == RES_RCTL ||
	       res == RES_SECURITY_FLAGS;
}

static int find_type(struct session *s, const char *command, const char *name, enum res *ret_res)
{
	*ret_res = res_find(name);
	if (*ret_res == RES_NONE)
		return complain(s, "%s: no such resource type '%s'", command, name);
	if (!res_allowed(s, *ret_res))
		return complain(s, "%s: the global zone has no %s resources", command, name);
	return Z_OK;
}

static int open_new(struct session *s, const char *name)
{
	enum res res;

	if (find_type(s, "add", name, &res))
		return Z_ERR;
	if (limits_check_free(s, res))
		return Z_ERR;
	if (res_types[res].single && res_count(s->cfg, res))
		return complain(s, "%s already exists: use 'select %s'", name, name);
	memset(&s->item, 0, sizeof(s->item));
	s->res = res;
	s->selected = SELECTED_NEW;
	return Z_OK;
}

int res_add(struct session *s, char *const *words, size_t n)
{
	if (s->res == RES_NONE)
		return n == 1 ? open_new(s, words[0]) : complain(s, "usage: add RESOURCE");
	if (n != 2)
		return complain(s, "usage: add PROPERTY VALUE");
	return list_change(s, "add", words[0], words[1], true);
}

int res_select(struct session *s, char *const *words, size_t n)
{
	struct value_list filter;
	size_t i, found = 0;
	enum res res;

	if (s->res != RES_NONE)
		return complain(s, "select: in a resource; 'end' or 'cancel' first");
	if (n < 1)
		return command_usage(s, "select");
	if (find_type(s, "select", words[0], &res) || res_filter(s, res, words + 1, n - 1, &filter))
		return Z_ERR;
	for (i = 0; i < res_count(s->cfg, res); i++) {
		struct limits limits;
		const void *item = res_item(s->cfg, res, i, &limits);

		if (!res_matches(res, item, &filter))
			continue;
		if (!found++)
			s->selected = i;
	}
	value_list_fini(&filter);
	if (found != 1)
		return complain(s, "select %s: %s", words[0],
			zonecfg_strerror(found ? Z_INSUFFICIENT_SPEC : Z_NO_ENTRY));
	memset(&s->item, 0, sizeof(s->item));
	if (res_types[res].kind < 0)
		(void)res_item(s->cfg, res, 0, &s->item.limits);
	else if (zonecfg_item_copy((enum zonecfg_kind)res_types[res].kind, &s->item,
			 res_item(s->cfg, res, s->selected, NULL)))
		return complain(s, "select: %s", zonecfg_strerror(-ENOMEM));
	s->res = res;
	return Z_OK;
}

static size_t count_matches(
	const struct zonecfg *cfg, enum res res, const struct value_list *filter)
{
	struct limits limits;
	size_t i, found = 0;

	for (i = 0; i < res_count(cfg, res); i++) {
		if (res_matches(res, res_item(cfg, res, i, &limits), filter))
			found++;
	}
	return found;
}

static void remove_matches(struct session *s, enum res res, const struct value_list *filter)
{
	size_t i;

	s->changed = true;
	if (res_types[res].kind < 0) {
		limits_remove(s->cfg, res);
		return;
	}
	for (i = res_count(s->cfg, res); i-- > 0;) {
		if (res_matches(res, res_item(s->cfg, res, i, NULL), filter))
			zonecfg_remove(s->cfg, (enum zonecfg_kind)res_types[res].kind, i);
	}
}

/* Removing several at once is asked about on a terminal, and needs -F elsewhere. */
static bool many_allowed(struct session *s, const char *name, size_t found, bool force)
{
	char question[128];

	if (found == 1 || force)
		return true;
	if (!s->may_ask) {
		(void)complain(s, "remove %s: %zu resources match: use -F to remove them all", name,
			found);
		return false;
	}
	(void)snprintf(question, sizeof(question),
		"Are you sure you want to remove %zu %s resources", found, name);
	return session_ask(question);
}

int res_remove(struct session *s, char *const *words, size_t n)
{
	struct value_list filter;
	bool force = n && streq(words[0], "-F");
	size_t found;
	enum res res;
	int r = Z_OK;

	words += force;
	n -= force;
	if (s->res != RES_NONE)
		return n == 2 ? list_change(s, "remove", words[0], words[1], false)
			      : complain(s, "usage: remove PROPERTY VALUE");
	if (n < 1)
		return complain(s, "usage: remove [-F] RESOURCE [PROPERTY=VALUE ...]");
	if (find_type(s, "remove", words[0], &res) || res_filter(s, res, words + 1, n - 1, &filter))
		return Z_ERR;
	found = count_matches(s->cfg, res, &filter);
	if (!found) {
		r = force ? Z_OK
			  : complain(s, "remove %s: %s", words[0], zonecfg_strerror(Z_NO_ENTRY));
	} else if (many_allowed(s, words[0], found, force)) {
		remove_matches(s, res, &filter);
	} else {
		r = s->may_ask ? Z_OK : Z_ERR;
	}
	value_list_fini(&filter);
	return r;
}

static int set_string(struct session *s, const struct res_prop *p, const char *value)
{
	char **field = member_at(&s->item, p->offset);
	char mac[18];
	int r;

	if (!*value && p->required && !streq(p->name, "value"))
		return complain(s, "%s: %s", p->name, zonecfg_strerror(Z_CLEAR_DISALLOW));
	r = *value ? p->check(value) : Z_OK;
	if (!r && s->res == RES_NET && streq(p->name, "physical"))
		r = zonecfg_check_physical(value, s->cfg->ip_type == ZS_EXCLUSIVE);
	if (r)
		return property_refuse(s, p->name, value, r, p->expected);
	if (*value && streq(p->name, "mac-addr") && !zonecfg_parse_mac(value, mac))
		value = mac;
	r = zonecfg_set_string(field, value);
	if (!r && !*value && p->required)
		r = (*field = strdup("")) ? Z_OK : -ENOMEM;
	return r ? complain(s, "%s: %s", p->name, zonecfg_strerror(r)) : Z_OK;
}

int res_set(struct session *s, const char *name, const char *raw)
{
	const struct res_prop *p = res_prop_find(s->res, name);
	_cleanup_free_ char *value = NULL;

	if (!p)
		return complain(s, "set: %s has no property '%s'", res_types[s->res].name, name);
	if (p->type == PROP_OPTIONS)
		return list_set_options(s, raw);
	if (p->type == PROP_VALUES || p->type == PROP_PROPS)
		return complain(s, "set: '%s' is a list; use add and remove", name);
	if (lexer_simple(raw, &value))
		return complain(s, "%s: expected a simple value", name);
	return p->type == PROP_STRING ? set_string(s, p, value) : limits_set(s, p, value);
}

int res_clear(struct session *s, const char *name)
{
	const struct res_prop *p = res_prop_find(s->res, name);

	if (!p)
		return complain(s, "clear: %s has no property '%s'", res_types[s->res].name, name);
	if (p->required)
		return complain(s, "%s: %s", name, zonecfg_strerror(Z_CLEAR_DISALLOW));
	switch (p->type) {
	case PROP_STRING:
		(void)zonecfg_set_string(member_at(&s->item, p->offset), NULL);
		return Z_OK;
	case PROP_NCPUS:
	case PROP_SIZE:
	case PROP_RANGE:
	case PROP_NUMBER:
		limits_clear(&s->item.limits, p);
		return Z_OK;
	case PROP_OPTIONS:
		return list_set_options(s, "[]");
	case PROP_PROPS:
		list_clear_props(s);
		return Z_OK;
	case PROP_VALUES:
		break;
	}
	return complain(s, "clear: '%s' cannot be cleared", name);
}

/* True when a property of the resource in progress has a value. */
static bool is_set(struct session *s, const struct res_prop *p)
{
	size_t *count;

	switch (p->type) {
	case PROP_STRING:
		return res_string(&s->item, p) != NULL;
	case PROP_NCPUS:
	case PROP_SIZE:
	case PROP_RANGE:
	case PROP_NUMBER:
		return limits_is_set(&s->item.limits, p);
	case PROP_OPTIONS:
		return s->item.fs.n_options != 0;
	case PROP_VALUES:
		return s->item.rctl.n_values != 0;
	case PROP_PROPS:
		(void)res_props(s->res, &s->item, &count);
		return *count != 0;
	}
	return false;
}

static int check_complete(struct session *s)
{
	const struct res_type *t = &res_types[s->res];
	bool any = false;
	size_t i;

	for (i = 0; i < t->n_props; i++) {
		if (t->props[i].required && !is_set(s, &t->props[i]))
			return complain(s,
				"%s: %s not specified: resource specification incomplete", t->name,
				t->props[i].name);
		any |= is_set(s, &t->props[i]);
	}
	if (!any)
		return complain(s, "%s: nothing specified, at least one of %s, %s, %s is required",
			t->name, t->props[0].name, t->props[1].name, t->props[2].name);
	return Z_OK;
}

/* Index of the resource that has the same key as the one in progress, or SIZE_MAX. */
static size_t same_key(const struct session *s)
{
	const struct res_type *t = &res_types[s->res];

	if (!t->keyed)
		return SIZE_MAX;
	return zonecfg_find(s->cfg, (enum zonecfg_kind)t->kind, res_string(&s->item, &t->props[0]));
}

/* What must hold between the properties of a resource. */
static int check_together(struct session *s)
{
	const struct zonecfg_security_flags *f = &s->item.secflags;
	unsigned int lower = 0, middle, upper = ~0U;

	if (s->res == RES_CAPPED_MEMORY && s->item.limits.physical &&
		s->item.limits.locked > s->item.limits.physical)
		return complain(s, "capped-memory: locked is larger than physical");
	if (s->res == RES_ATTR && zonecfg_check_attr_value(s->item.attr.type, s->item.attr.value))
		return complain(s, "attr %s: value '%s' is not a valid %s", s->item.attr.name,
			s->item.attr.value, s->item.attr.type);
	if (s->res != RES_SECURITY_FLAGS)
		return Z_OK;
	if (f->lower)
		(void)zonecfg_parse_security_flags(f->lower, &lower);
	middle = lower;
	if (f->default_flags)
		(void)zonecfg_parse_security_flags(f->default_flags, &middle);
	if (f->upper)
		(void)zonecfg_parse_security_flags(f->upper, &upper);
	if (lower & ~middle)
		return complain(s, "security-flags: default must have all of lower");
	return middle & ~upper ? complain(s, "security-flags: upper must have all of default")
			       : Z_OK;
}

static int end_kind(struct session *s)
{
	enum zonecfg_kind kind = (enum zonecfg_kind)res_types[s->res].kind;
	size_t same = same_key(s);
	int r;

	if (same != SIZE_MAX && same != s->selected)
		return complain(s, "%s: one with this %s exists already", res_types[s->res].name,
			res_types[s->res].props[0].name);
	if (s->selected == SELECTED_NEW) {
		r = zonecfg_append(s->cfg, kind, &s->item);
		return r ? complain(s, "%s: %s", res_types[s->res].name, zonecfg_strerror(r))
			 : Z_OK;
	}
	zonecfg_replace(s->cfg, kind, s->selected, &s->item);
	return Z_OK;
}

int res_end(struct session *s)
{
	int r;

	if (s->res == RES_NONE)
		return complain(s, "end: not in a resource");
	r = check_complete(s);
	if (!r)
		r = check_together(s);
	if (!r)
		r = res_types[s->res].kind < 0 ? limits_end(s) : end_kind(s);
	if (r)
		return r;
	s->changed = true;
	session_leave_scope(s);
	return Z_OK;
}
