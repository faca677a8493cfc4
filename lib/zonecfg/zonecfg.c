/* SPDX-License-Identifier: MIT */
/*
 * The handle of a configuration: making, releasing, finding, and the lists
 * inside resources. The XML file is in xml-read.c and xml-write.c.
 */
#include "zonecfg/zonecfg.h"

#include "zonecfg/list.h"
#include "zonecfg/model.h"

int zonecfg_new(const char *name, struct zonecfg **ret_cfg)
{
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = calloc(1, sizeof(*cfg));

	if (!cfg)
		return -ENOMEM;
	cfg->name = strdup(name);
	cfg->version = strdup("1");
	if (!cfg->name || !cfg->version)
		return -ENOMEM;
	*ret_cfg = TAKE_PTR(cfg);
	return Z_OK;
}

struct zonecfg *zonecfg_free(struct zonecfg *cfg)
{
	size_t i;
	int kind;

	if (!cfg)
		return NULL;
	for (kind = 0; kind < ZONECFG_KIND_COUNT; kind++) {
		for (i = 0; i < zonecfg_count(cfg, (enum zonecfg_kind)kind); i++)
			model_fini(
				&model_kinds[kind], zonecfg_item(cfg, (enum zonecfg_kind)kind, i));
		free(model_list(cfg, &model_kinds[kind]));
	}
	for (i = 0; i < cfg->n_others; i++)
		model_other_fini(&cfg->others[i]);
	free(cfg->others);
	free(cfg->loaded);
	model_fini(&model_zone, cfg);
	free(cfg);
	return NULL;
}

int zonecfg_set_string(char **field, const char *value)
{
	char *copy = NULL;

	if (value && *value) {
		copy = strdup(value);
		if (!copy)
			return -ENOMEM;
	}
	free(*field);
	*field = copy;
	return Z_OK;
}

struct zonecfg_rctl *zonecfg_find_rctl(const struct zonecfg *cfg, const char *name)
{
	size_t i;

	for (i = 0; i < cfg->n_rctls; i++) {
		if (streq(cfg->rctls[i].name, name))
			return &cfg->rctls[i];
	}
	return NULL;
}

struct zonecfg_fs *zonecfg_find_fs(const struct zonecfg *cfg, const char *dir)
{
	size_t i;

	for (i = 0; i < cfg->n_fss; i++) {
		if (streq(cfg->fss[i].dir, dir))
			return &cfg->fss[i];
	}
	return NULL;
}

struct zonecfg_attr *zonecfg_find_attr(const struct zonecfg *cfg, const char *name)
{
	size_t i;

	for (i = 0; i < cfg->n_attrs; i++) {
		if (streq(cfg->attrs[i].name, name))
			return &cfg->attrs[i];
	}
	return NULL;
}

int zonecfg_fs_add_option(struct zonecfg_fs *fs, const char *option)
{
	_cleanup_free_ char *copy = strdup(option);
	size_t i;
	int r;

	if (!copy)
		return -ENOMEM;
	for (i = 0; i < fs->n_options; i++) {
		if (streq(fs->options[i], option))
			return Z_DUPLICATE;
	}
	r = list_grow(&fs->options, &fs->n_options, sizeof(*fs->options));
	if (!r)
		fs->options[fs->n_options - 1] = TAKE_PTR(copy);
	return r;
}

int zonecfg_fs_remove_option(struct zonecfg_fs *fs, const char *option)
{
	size_t i;

	for (i = 0; i < fs->n_options; i++) {
		if (streq(fs->options[i], option)) {
			free(fs->options[i]);
			list_drop(&fs->options, &fs->n_options, sizeof(*fs->options), i);
			return Z_OK;
		}
	}
	return Z_NO_ENTRY;
}

static size_t find_value(
	const struct zonecfg_rctl *rctl, const char *priv, const char *limit, const char *action)
{
	size_t i;

	for (i = 0; i < rctl->n_values; i++) {
		if (streq(rctl->values[i].priv, priv) && streq(rctl->values[i].limit, limit) &&
			streq(rctl->values[i].action, action))
			break;
	}
	return i;
}

static void value_fini(struct zonecfg_rctl_value *v)
{
	free(v->priv);
	free(v->limit);
	free(v->action);
}

int zonecfg_rctl_add_value(
	struct zonecfg_rctl *rctl, const char *priv, const char *limit, const char *action)
{
	struct zonecfg_rctl_value v = {strdup(priv), strdup(limit), strdup(action)};
	int r;

	if (!v.priv || !v.limit || !v.action)
		r = -ENOMEM;
	else if (find_value(rctl, priv, limit, action) < rctl->n_values)
		r = Z_DUPLICATE;
	else
		r = list_grow(&rctl->values, &rctl->n_values, sizeof(v));
	if (r)
		value_fini(&v);
	else
		rctl->values[rctl->n_values - 1] = v;
	return r;
}

int zonecfg_rctl_remove_value(
	struct zonecfg_rctl *rctl, const char *priv, const char *limit, const char *action)
{
	size_t i = find_value(rctl, priv, limit, action);

	if (i == rctl->n_values)
		return Z_NO_ENTRY;
	value_fini(&rctl->values[i]);
	list_drop(&rctl->values, &rctl->n_values, sizeof(*rctl->values), i);
	return Z_OK;
}

static size_t find_prop(const struct zonecfg_prop *props, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (streq(props[i].name, name))
			break;
	}
	return i;
}

int zonecfg_add_prop(
	struct zonecfg_prop **props, size_t *count, const char *name, const char *value)
{
	struct zonecfg_prop p = {strdup(name), strdup(value)};
	int r;

	if (!p.name || !p.value)
		r = -ENOMEM;
	else if (find_prop(*props, *count, name) < *count)
		r = Z_DUPLICATE;
	else
		r = list_grow(props, count, sizeof(p));
	if (r) {
		free(p.name);
		free(p.value);
		return r;
	}
	(*props)[*count - 1] = p;
	return Z_OK;
}

int zonecfg_remove_prop(struct zonecfg_prop *props, size_t *count, const char *name)
{
	size_t i = find_prop(props, *count, name);

	if (i == *count)
		return Z_NO_ENTRY;
	free(props[i].name);
	free(props[i].value);
	list_drop(&props, count, sizeof(*props), i);
	return Z_OK;
}
