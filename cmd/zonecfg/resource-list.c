/* SPDX-License-Identifier: MIT */
/*
 * Lists inside a resource: mount options, values of an rctl, properties of a link or a
 * device. They are changed in the session's copy of the resource only (resource.c).
 */
#include "resource.h"

static int bad_list(struct session *s, const char *name, const char *expected)
{
	return complain(s, "%s: expected %s", name, expected);
}

/* add options ro, or [ro,nodev] */
static int change_options(struct session *s, const char *raw, bool add)
{
	struct value_list list;
	size_t i;
	int r = Z_OK;

	if (lexer_list(raw, &list))
		return bad_list(s, "options", "a word or [word,word]");
	for (i = 0; i < list.n && !r; i++) {
		if (!*list.values[i] || zonecfg_check_text(list.values[i], 256) ||
			strchr(list.values[i], ','))
			r = bad_list(s, "options", "mount options without commas");
		else if (add)
			r = zonecfg_fs_add_option(&s->item.fs, list.values[i]);
		else
			r = zonecfg_fs_remove_option(&s->item.fs, list.values[i]);
		if (r == Z_DUPLICATE || r == Z_NO_ENTRY || r < 0)
			r = complain(s, "options '%s': %s", list.values[i], zonecfg_strerror(r));
	}
	value_list_fini(&list);
	return r;
}

/* The value of a name in a complex value, or NULL. */
static const char *pair(const struct value_list *list, const char *name)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (streq(list->names[i], name))
			return list->values[i];
	}
	return NULL;
}

static int apply_value(struct session *s, const struct value_list *list, bool add)
{
	const char *priv = pair(list, "priv"), *limit = pair(list, "limit");
	const char *action = pair(list, "action");

	if (list->n != 3 || !priv || !limit || !action)
		return bad_list(s, "value", "(priv=privileged,limit=NUMBER,action=ACTION)");
	if (add && zonecfg_check_rctl_value(priv, limit, action))
		return complain(s,
			"rctl value (priv=%s,limit=%s,action=%s) is not valid; expected priv basic or "
			"privileged, a number as limit, action none or deny",
			priv, limit, action);
	if (add)
		return zonecfg_rctl_add_value(&s->item.rctl, priv, limit, action);
	return zonecfg_rctl_remove_value(&s->item.rctl, priv, limit, action);
}

static int apply_prop(struct session *s, const struct value_list *list, bool add)
{
	const char *name = pair(list, "name"), *value = pair(list, "value");
	struct zonecfg_prop **props;
	size_t *count;

	if (list->n != (add ? 2U : list->n) || !name || !*name || (add && !value))
		return bad_list(s, "property", "(name=NAME,value=VALUE)");
	if (zonecfg_check_text(name, 256) || (value && zonecfg_check_text(value, 8192)))
		return bad_list(s, "property", "text without control characters");
	props = res_props(s->res, &s->item, &count);
	if (add)
		return zonecfg_add_prop(props, count, name, value);
	return zonecfg_remove_prop(*props, count, name);
}

static int change_complex(struct session *s, const struct res_prop *p, const char *raw, bool add)
{
	struct value_list list;
	int r;

	if (lexer_complex(raw, &list))
		return bad_list(s, p->name, "(name=value,...)");
	if (p->type == PROP_VALUES)
		r = apply_value(s, &list, add);
	else
		r = apply_prop(s, &list, add);
	value_list_fini(&list);
	if (r == Z_DUPLICATE || r == Z_NO_ENTRY || r < 0)
		return complain(s, "%s %s: %s", p->name, raw, zonecfg_strerror(r));
	return r ? Z_ERR : Z_OK;
}

/* add prop value, remove prop value inside a resource. */
int list_change(struct session *s, const char *command, const char *name, const char *raw, bool add)
{
	const struct res_prop *p = res_prop_find(s->res, name);

	if (!p)
		return complain(
			s, "%s: %s has no property '%s'", command, res_types[s->res].name, name);
	if (p->type == PROP_OPTIONS)
		return change_options(s, raw, add);
	if (p->type == PROP_VALUES || p->type == PROP_PROPS)
		return change_complex(s, p, raw, add);
	return complain(s, "%s: '%s' is no list; use set or clear", command, name);
}

/* set options=[a,b] replaces the list; what it was comes back when one of them is wrong. */
int list_set_options(struct session *s, const char *raw)
{
	struct zonecfg_fs saved = s->item.fs;
	size_t i;
	int r;

	s->item.fs.options = NULL;
	s->item.fs.n_options = 0;
	r = change_options(s, raw, true);
	if (!r) {
		for (i = 0; i < saved.n_options; i++)
			free(saved.options[i]);
		free(saved.options);
		return Z_OK;
	}
	for (i = 0; i < s->item.fs.n_options; i++)
		free(s->item.fs.options[i]);
	free(s->item.fs.options);
	s->item.fs = saved;
	return r;
}

void list_clear_props(struct session *s)
{
	struct zonecfg_prop **props;
	size_t *count;

	props = res_props(s->res, &s->item, &count);
	while (*count)
		(void)zonecfg_remove_prop(*props, count, (*props)[0].name);
}
