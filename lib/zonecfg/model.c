/* SPDX-License-Identifier: MIT */
/* The tables of model.h, and the functions that walk them without any XML. */
#include "zonecfg/model.h"

#include "zonecfg/list.h"

#define FIELD(s, attr, member)                                                                     \
	{                                                                                          \
		attr, offsetof(struct s, member), false                                            \
	}
#define REQUIRED(s, attr, member)                                                                  \
	{                                                                                          \
		attr, offsetof(struct s, member), true                                             \
	}

static const struct model_field zone_fields[] = {
	REQUIRED(zonecfg, "name", name),
	FIELD(zonecfg, "zonepath", zonepath),
	FIELD(zonecfg, "brand", brand),
	FIELD(zonecfg, "bootargs", bootargs),
	FIELD(zonecfg, "pool", pool),
	FIELD(zonecfg, "limitpriv", limitpriv),
	FIELD(zonecfg, "scheduling-class", sched_class),
	FIELD(zonecfg, "hostid", hostid),
	FIELD(zonecfg, "fs-allowed", fs_allowed),
	FIELD(zonecfg, "debugid", debugid),
	FIELD(zonecfg, "version", version),
};

static const struct model_field option_fields[] = {
	{"name", 0, true},
};

static const struct model_field fs_fields[] = {
	REQUIRED(zonecfg_fs, "directory", dir),
	REQUIRED(zonecfg_fs, "special", special),
	FIELD(zonecfg_fs, "raw", raw),
	REQUIRED(zonecfg_fs, "type", type),
};

static const struct model_field prop_fields[] = {
	REQUIRED(zonecfg_prop, "name", name),
	REQUIRED(zonecfg_prop, "value", value),
};

static const struct model_field net_fields[] = {
	FIELD(zonecfg_net, "address", address),
	FIELD(zonecfg_net, "allowed-address", allowed_address),
	FIELD(zonecfg_net, "defrouter", defrouter),
	FIELD(zonecfg_net, "global-nic", global_nic),
	FIELD(zonecfg_net, "mac-addr", mac_addr),
	REQUIRED(zonecfg_net, "physical", physical),
	FIELD(zonecfg_net, "vlan-id", vlan_id),
};

static const struct model_field value_fields[] = {
	REQUIRED(zonecfg_rctl_value, "priv", priv),
	REQUIRED(zonecfg_rctl_value, "limit", limit),
	REQUIRED(zonecfg_rctl_value, "action", action),
};

static const struct model_field rctl_fields[] = {
	REQUIRED(zonecfg_rctl, "name", name),
};

static const struct model_field attr_fields[] = {
	REQUIRED(zonecfg_attr, "name", name),
	REQUIRED(zonecfg_attr, "type", type),
	REQUIRED(zonecfg_attr, "value", value),
};

static const struct model_field device_fields[] = {
	REQUIRED(zonecfg_device, "match", match),
};

static const struct model_field dataset_fields[] = {
	REQUIRED(zonecfg_dataset, "name", name),
};

static const struct model_field pset_fields[] = {
	REQUIRED(zonecfg_pset, "ncpu_min", ncpu_min),
	REQUIRED(zonecfg_pset, "ncpu_max", ncpu_max),
};

static const struct model_field tmp_pool_fields[] = {
	REQUIRED(zonecfg_tmp_pool, "importance", importance),
};

static const struct model_field admin_fields[] = {
	REQUIRED(zonecfg_admin, "user", user),
	REQUIRED(zonecfg_admin, "auths", auths),
};

static const struct model_field secflags_fields[] = {
	FIELD(zonecfg_security_flags, "lower", lower),
	FIELD(zonecfg_security_flags, "default", default_flags),
	FIELD(zonecfg_security_flags, "upper", upper),
};

static const struct model_type model_option = {
	.tag = "fsoption",
	.fields = option_fields,
	.n_fields = ARRAY_SIZE(option_fields),
	.size = sizeof(char *),
	.list_offset = offsetof(struct zonecfg_fs, options),
	.count_offset = offsetof(struct zonecfg_fs, n_options),
};

static const struct model_type model_prop = {
	.tag = "net-attr",
	.fields = prop_fields,
	.n_fields = ARRAY_SIZE(prop_fields),
	.size = sizeof(struct zonecfg_prop),
	.list_offset = offsetof(struct zonecfg_net, props),
	.count_offset = offsetof(struct zonecfg_net, n_props),
};

static const struct model_type model_device_prop = {
	.tag = "net-attr",
	.fields = prop_fields,
	.n_fields = ARRAY_SIZE(prop_fields),
	.size = sizeof(struct zonecfg_prop),
	.list_offset = offsetof(struct zonecfg_device, props),
	.count_offset = offsetof(struct zonecfg_device, n_props),
};

static const struct model_type model_value = {
	.tag = "rctl-value",
	.fields = value_fields,
	.n_fields = ARRAY_SIZE(value_fields),
	.size = sizeof(struct zonecfg_rctl_value),
	.list_offset = offsetof(struct zonecfg_rctl, values),
	.count_offset = offsetof(struct zonecfg_rctl, n_values),
};

/* A kind: its element, structure, table of fields, list in struct zonecfg, and list inside. */
#define KIND(element, type, table, list, inside)                                                   \
	{                                                                                          \
		.tag = element, .fields = table##_fields, .n_fields = ARRAY_SIZE(table##_fields),  \
		.size = sizeof(struct zonecfg_##type),                                             \
		.list_offset = offsetof(struct zonecfg, list),                                     \
		.count_offset = offsetof(struct zonecfg, n_##list), .child = inside,               \
	}

const struct model_type model_kinds[ZONECFG_KIND_COUNT] = {
	[ZONECFG_FS] = KIND("filesystem", fs, fs, fss, &model_option),
	[ZONECFG_NET] = KIND("network", net, net, nets, &model_prop),
	[ZONECFG_RCTL] = KIND("rctl", rctl, rctl, rctls, &model_value),
	[ZONECFG_ATTR] = KIND("attr", attr, attr, attrs, NULL),
	[ZONECFG_DEVICE] = KIND("device", device, device, devices, &model_device_prop),
	[ZONECFG_DATASET] = KIND("dataset", dataset, dataset, datasets, NULL),
	[ZONECFG_PSET] = KIND("pset", pset, pset, psets, NULL),
	[ZONECFG_TMP_POOL] = KIND("tmp_pool", tmp_pool, tmp_pool, tmp_pools, NULL),
	[ZONECFG_ADMIN] = KIND("admin", admin, admin, admins, NULL),
	[ZONECFG_SECURITY_FLAGS] = KIND("security-flags", security_flags, secflags, secflags, NULL),
};

const struct model_type model_zone = {
	.tag = "zone",
	.fields = zone_fields,
	.n_fields = ARRAY_SIZE(zone_fields),
	.size = sizeof(struct zonecfg),
};

bool model_other_known(const char *tag)
{
	static const char *const tags[] = {
		"inherited-pkg-dir",
		"deleted-device",
		"package",
		"patch",
		"dev-perm",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tags); i++) {
		if (streq(tags[i], tag))
			return true;
	}
	return false;
}

int model_append(void *base, const struct model_type *t, void **ret_item)
{
	void *list = member_at(base, t->list_offset);
	int r = list_grow(list, model_count(base, t), t->size);

	if (!r)
		*ret_item = (char *)model_list(base, t) + (*model_count(base, t) - 1) * t->size;
	return r;
}

/* Releases the list of type t in base. */
static void fini_list(void *base, const struct model_type *t)
{
	char *list = model_list(base, t);
	size_t i;

	for (i = 0; i < *model_count(base, t); i++)
		model_fini(t, list + i * t->size);
	free(list);
}

void model_fini(const struct model_type *t, void *item)
{
	size_t i;

	if (t->child)
		fini_list(item, t->child);
	for (i = 0; i < t->n_fields; i++)
		free(*model_string(item, &t->fields[i]));
	memset(item, 0, t->size);
}

/* Deep copy into empty storage; what was copied stays when it fails. */
static int copy(const struct model_type *t, void *dst, const void *src)
{
	const struct model_type *c = t->child;
	void *item;
	size_t i;
	int r = 0;

	for (i = 0; i < t->n_fields; i++) {
		if (!*model_string(src, &t->fields[i]))
			continue;
		*model_string(dst, &t->fields[i]) = strdup(*model_string(src, &t->fields[i]));
		if (!*model_string(dst, &t->fields[i]))
			return -ENOMEM;
	}
	for (i = 0; c && !r && i < *model_count(src, c); i++) {
		r = model_append(dst, c, &item);
		if (!r)
			r = copy(c, item, (char *)model_list(src, c) + i * c->size);
	}
	return r;
}

void model_other_fini(struct zonecfg_other *o)
{
	size_t i;

	for (i = 0; i < o->n_attrs; i++)
		model_fini(&model_prop, &o->attrs[i]);
	free(o->attrs);
	free(o->tag);
	memset(o, 0, sizeof(*o));
}

size_t zonecfg_find(const struct zonecfg *cfg, enum zonecfg_kind kind, const char *key)
{
	const struct model_field *first = &model_kinds[kind].fields[0];
	size_t i;

	for (i = 0; i < zonecfg_count(cfg, kind); i++) {
		if (streq(*model_string(zonecfg_item(cfg, kind, i), first), key))
			return i;
	}
	return SIZE_MAX;
}

size_t zonecfg_count(const struct zonecfg *cfg, enum zonecfg_kind kind)
{
	return *model_count(cfg, &model_kinds[kind]);
}

void *zonecfg_item(const struct zonecfg *cfg, enum zonecfg_kind kind, size_t index)
{
	return (char *)model_list(cfg, &model_kinds[kind]) + index * model_kinds[kind].size;
}

static int compare_rctls(const void *a, const void *b)
{
	return strcmp(
		((const struct zonecfg_rctl *)a)->name, ((const struct zonecfg_rctl *)b)->name);
}

/* Some rctls come and go as aliases: sorted, the file does not depend on when they did. */
static void sort_rctls(struct zonecfg *cfg)
{
	qsort(cfg->rctls, cfg->n_rctls, sizeof(*cfg->rctls), compare_rctls);
}

int zonecfg_append(struct zonecfg *cfg, enum zonecfg_kind kind, void *item)
{
	void *room;
	int r = model_append(cfg, &model_kinds[kind], &room);

	if (r)
		return r;
	memcpy(room, item, model_kinds[kind].size);
	memset(item, 0, model_kinds[kind].size);
	if (kind == ZONECFG_RCTL)
		sort_rctls(cfg);
	return Z_OK;
}

void zonecfg_replace(struct zonecfg *cfg, enum zonecfg_kind kind, size_t index, void *item)
{
	void *old = zonecfg_item(cfg, kind, index);

	model_fini(&model_kinds[kind], old);
	memcpy(old, item, model_kinds[kind].size);
	memset(item, 0, model_kinds[kind].size);
	if (kind == ZONECFG_RCTL)
		sort_rctls(cfg);
}

void zonecfg_remove(struct zonecfg *cfg, enum zonecfg_kind kind, size_t index)
{
	const struct model_type *t = &model_kinds[kind];

	model_fini(t, zonecfg_item(cfg, kind, index));
	list_drop(member_at(cfg, t->list_offset), model_count(cfg, t), t->size, index);
}

void zonecfg_item_fini(enum zonecfg_kind kind, void *item)
{
	model_fini(&model_kinds[kind], item);
}

int zonecfg_item_copy(enum zonecfg_kind kind, void *dst, const void *src)
{
	int r;

	memset(dst, 0, model_kinds[kind].size);
	r = copy(&model_kinds[kind], dst, src);
	if (r)
		model_fini(&model_kinds[kind], dst);
	return r;
}

size_t zonecfg_item_size(enum zonecfg_kind kind)
{
	return model_kinds[kind].size;
}
