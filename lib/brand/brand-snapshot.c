/* SPDX-License-Identifier: MIT */
/*
 * The snapshot of a verified configuration and its brand (zonecfg/snapshot.h).
 * Most strings are borrowed from the two; those that had to be made are kept in a list.
 */
#include "brand/brand.h"

#include <limits.h>

#include "linux/instance.h"
#include "zonecfg/list.h"

struct maker {
	struct brand_snapshot *bs;
	const struct zonecfg *cfg;
	const struct brand *brand;
	char zonepath[PATH_MAX]; /* on the host */
	char root[PATH_MAX + 8]; /* the zone's root on the host */
	struct diag *d;
};

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

/* Keeps a malloc'd string for as long as the snapshot; takes it even when it fails. */
static int keep(struct maker *m, char *text)
{
	int r = list_grow(&m->bs->made, &m->bs->n_made, sizeof(char *));

	if (r) {
		free(text);
		return r;
	}
	m->bs->made[m->bs->n_made - 1] = text;
	return 0;
}

static int make_command(struct maker *m, enum brand_hook hook, const char *user, const char **field)
{
	char *command;
	int r = brand_command(m->brand, hook, m->cfg->name, m->zonepath, user, &command);

	if (r == Z_BRAND_ERROR)
		return diag_set(m->d, r, "brand %s: unknown token in <%s>", m->brand->name,
			brand_hook_name(hook));
	if (r || !command)
		return r;
	*field = command;
	return keep(m, command);
}

static int make_commands(struct maker *m)
{
	struct zone_snapshot *s = &m->bs->s;
	/* The login commands get their user later, so that %u stays. */
	const struct {
		enum brand_hook hook;
		const char *user;
		const char **field;
	} commands[] = {
		{BRAND_LOGIN_CMD, NULL, &s->login_cmd},
		{BRAND_FORCEDLOGIN_CMD, NULL, &s->forcedlogin_cmd},
		{BRAND_USER_CMD, NULL, &s->user_cmd},
		{BRAND_BOOT, "root", &s->boot},
		{BRAND_SYSBOOT, "root", &s->sysboot},
		{BRAND_HALT, "root", &s->halt},
		{BRAND_SHUTDOWN, "root", &s->shutdown},
		{BRAND_QUERY, "root", &s->query},
		{BRAND_PRESTATECHANGE, "root", &s->prestatechange},
		{BRAND_POSTSTATECHANGE, "root", &s->poststatechange},
	};
	size_t i;
	int r = 0;

	for (i = 0; i < ARRAY_SIZE(commands) && !r; i++)
		r = make_command(m, commands[i].hook, commands[i].user, commands[i].field);
	return r;
}

/* A zone that only has a lower set starts with that. */
static const char *start_flags(const struct zonecfg_security_flags *f)
{
	return f->default_flags ? f->default_flags : f->lower ? f->lower : "none";
}

static int make_dedicated_cpu(struct maker *m)
{
	const struct zonecfg *cfg = m->cfg;
	char *text;

	if (!cfg->n_psets)
		return 0;
	if (asprintf(&text, "%s-%s %s", cfg->psets[0].ncpu_min, cfg->psets[0].ncpu_max,
		    cfg->n_tmp_pools ? cfg->tmp_pools[0].importance : "1") < 0)
		return -ENOMEM;
	m->bs->s.dedicated_cpu = text;
	return keep(m, text);
}

static void fill_zone(struct maker *m, const char *uuid)
{
	struct zone_snapshot *s = &m->bs->s;
	const struct zonecfg *cfg = m->cfg;

	s->name = cfg->name;
	s->zonepath = text_or_empty(cfg->zonepath);
	s->uuid = text_or_empty(uuid);
	s->brand = text_or_empty(cfg->brand);
	s->autoboot = cfg->autoboot;
	s->bootargs = text_or_empty(cfg->bootargs);
	s->pool = text_or_empty(cfg->pool);
	s->limitpriv = text_or_empty(cfg->limitpriv);
	s->sched_class = text_or_empty(cfg->sched_class);
	s->exclusive_ip = cfg->ip_type == ZS_EXCLUSIVE;
	s->hostid = text_or_empty(cfg->hostid);
	s->fs_allowed = text_or_empty(cfg->fs_allowed);
	if (cfg->n_secflags)
		s->secflags = start_flags(&cfg->secflags[0]);
	s->debugid = text_or_empty(cfg->debugid);
	s->physcap = cfg->physcap;
	s->brand_dir = m->brand->dir;
	s->modname = text_or_empty(m->brand->modname);
	s->initname = m->brand->initname;
	s->restartinit = m->brand->restartinit ? m->brand->restartinit : "true";
}

static int fill_net(struct zone_snapshot *s, const struct zonecfg_net *from)
{
	struct snapshot_net *net;
	size_t i;
	int r = list_grow(&s->nets, &s->n_nets, sizeof(*net));

	if (r)
		return r;
	net = &s->nets[s->n_nets - 1];
	net->physical = from->physical;
	net->address = text_or_empty(from->address);
	net->allowed_address = text_or_empty(from->allowed_address);
	net->defrouter = text_or_empty(from->defrouter);
	net->global_nic = text_or_empty(from->global_nic);
	net->mac_addr = text_or_empty(from->mac_addr);
	net->vlan_id = text_or_empty(from->vlan_id);
	for (i = 0; i < from->n_props && !r; i++) {
		r = list_grow(&net->props, &net->n_props, sizeof(*net->props));
		if (!r)
			net->props[i] =
				(struct snapshot_prop){from->props[i].name, from->props[i].value};
	}
	return r;
}

static int fill_fs(struct zone_snapshot *s, const struct zonecfg_fs *from)
{
	struct snapshot_fs *fs;
	size_t i;
	int r = list_grow(&s->fss, &s->n_fss, sizeof(*fs));

	if (r)
		return r;
	fs = &s->fss[s->n_fss - 1];
	fs->dir = from->dir;
	fs->special = from->special;
	fs->raw = text_or_empty(from->raw);
	fs->type = from->type;
	for (i = 0; i < from->n_options && !r; i++) {
		r = list_grow(&fs->options, &fs->n_options, sizeof(*fs->options));
		if (!r)
			fs->options[i] = from->options[i];
	}
	return r;
}

static int fill_rctl(struct zone_snapshot *s, const struct zonecfg_rctl *from)
{
	struct snapshot_rctl *rctl;
	size_t i;
	int r = list_grow(&s->rctls, &s->n_rctls, sizeof(*rctl));

	if (r)
		return r;
	rctl = &s->rctls[s->n_rctls - 1];
	rctl->name = from->name;
	for (i = 0; i < from->n_values && !r; i++) {
		r = list_grow(&rctl->values, &rctl->n_values, sizeof(*rctl->values));
		if (r)
			break;
		rctl->values[i].privileged = streq(from->values[i].priv, "privileged");
		rctl->values[i].deny = streq(from->values[i].action, "deny");
		if (zonecfg_parse_u64(from->values[i].limit, &rctl->values[i].limit))
			r = -EINVAL;
	}
	return r;
}

static int fill_attr(struct zone_snapshot *s, const struct zonecfg_attr *from)
{
	int r = list_grow(&s->attrs, &s->n_attrs, sizeof(*s->attrs));

	if (!r)
		s->attrs[s->n_attrs - 1] =
			(struct snapshot_attr){from->name, from->type, from->value};
	return r;
}

static int fill_lists(struct maker *m)
{
	struct zone_snapshot *s = &m->bs->s;
	const struct zonecfg *cfg = m->cfg;
	size_t i;
	int r = 0;

	for (i = 0; i < cfg->n_nets && !r; i++)
		r = fill_net(s, &cfg->nets[i]);
	for (i = 0; i < cfg->n_fss && !r; i++)
		r = fill_fs(s, &cfg->fss[i]);
	for (i = 0; i < cfg->n_rctls && !r; i++) {
		/* verify has warned that an rctl of an unknown name is ignored */
		if (zonecfg_rctl_rule(cfg->rctls[i].name))
			r = fill_rctl(s, &cfg->rctls[i]);
	}
	for (i = 0; i < cfg->n_attrs && !r; i++)
		r = fill_attr(s, &cfg->attrs[i]);
	for (i = 0; i < cfg->n_devices && !r; i++) {
		r = list_grow(&s->devices, &s->n_devices, sizeof(*s->devices));
		if (!r)
			s->devices[i] = (struct snapshot_device){cfg->devices[i].match, "", true};
	}
	for (i = 0; i < cfg->n_datasets && !r; i++) {
		r = list_grow(&s->datasets, &s->n_datasets, sizeof(*s->datasets));
		if (!r)
			s->datasets[i].name = cfg->datasets[i].name;
	}
	return r;
}

/* A string of platform.xml with its tokens expanded. */
static int expand(struct maker *m, const char *text, const char **field)
{
	const struct brand_tokens tokens = {
		.zone = m->cfg->name,
		.root = m->root,
		.dir = m->brand->dir,
		.user = "root",
	};
	char *result;
	int r;

	if (!text || !strchr(text, '%')) {
		*field = text_or_empty(text);
		return 0;
	}
	r = brand_expand(text, &tokens, &result);
	if (r == Z_BRAND_ERROR)
		return diag_set(m->d, r, "brand %s: unknown token in platform.xml: %s",
			m->brand->name, text);
	if (r)
		return r;
	*field = result;
	return keep(m, result);
}

static int fill_mount(struct maker *m, const struct brand_mount *from)
{
	struct zone_snapshot *s = &m->bs->s;
	struct snapshot_mount *to;
	int r = list_grow(&s->mounts, &s->n_mounts, sizeof(*to));

	if (r)
		return r;
	to = &s->mounts[s->n_mounts - 1];
	to->global = from->global;
	to->type = from->type;
	to->opt = text_or_empty(from->opt);
	to->dir = from->dir;
	return expand(m, from->special, &to->special);
}

static int fill_device(struct maker *m, const struct brand_device *from)
{
	struct zone_snapshot *s = &m->bs->s;
	int r;

	if (!brand_ip_type_matches(from->ip_type, m->cfg->ip_type))
		return 0;
	r = list_grow(&s->devices, &s->n_devices, sizeof(*s->devices));
	if (!r)
		s->devices[s->n_devices - 1] =
			(struct snapshot_device){from->match, text_or_empty(from->name), false};
	return r;
}

static int fill_symlink(struct maker *m, const struct brand_symlink *from)
{
	struct zone_snapshot *s = &m->bs->s;
	int r = list_grow(&s->symlinks, &s->n_symlinks, sizeof(*s->symlinks));

	if (!r)
		s->symlinks[s->n_symlinks - 1] =
			(struct snapshot_symlink){from->source, from->target};
	return r;
}

static int fill_privilege(struct maker *m, const struct brand_privilege *from)
{
	struct zone_snapshot *s = &m->bs->s;
	int r;

	if (!brand_ip_type_matches(from->ip_type, m->cfg->ip_type))
		return 0;
	r = list_grow(&s->privileges, &s->n_privileges, sizeof(*s->privileges));
	if (!r)
		s->privileges[s->n_privileges - 1] =
			(struct snapshot_privilege){from->set, from->name};
	return r;
}

static int fill_platform(struct maker *m)
{
	const struct brand *b = m->brand;
	size_t i;
	int r = 0;

	for (i = 0; i < b->n_mounts && !r; i++)
		r = fill_mount(m, &b->mounts[i]);
	for (i = 0; i < b->n_devices && !r; i++)
		r = fill_device(m, &b->devices[i]);
	for (i = 0; i < b->n_symlinks && !r; i++)
		r = fill_symlink(m, &b->symlinks[i]);
	for (i = 0; i < b->n_privileges && !r; i++)
		r = fill_privilege(m, &b->privileges[i]);
	return r;
}

int brand_snapshot_init(struct brand_snapshot *bs, const struct zonecfg *cfg,
	const struct brand *brand, const char *uuid, struct diag *d)
{
	struct maker m = {.bs = bs, .cfg = cfg, .brand = brand, .d = d};
	struct diag own = {0};
	int r;

	if (!m.d)
		m.d = &own;
	memset(bs, 0, sizeof(*bs));
	zone_snapshot_init(&bs->s);
	r = instance_path(m.zonepath, sizeof(m.zonepath), "%s", text_or_empty(cfg->zonepath));
	if (!r) {
		(void)snprintf(m.root, sizeof(m.root), "%s/root", m.zonepath);
		fill_zone(&m, uuid);
		r = make_commands(&m);
	}
	if (!r)
		r = make_dedicated_cpu(&m);
	if (!r)
		r = fill_lists(&m);
	if (!r)
		r = fill_platform(&m);
	if (!r)
		return Z_OK;
	brand_snapshot_fini(bs);
	return r < 0 ? diag_errno(d, r, "cannot make the snapshot") : r;
}

void brand_snapshot_fini(struct brand_snapshot *bs)
{
	size_t i;

	for (i = 0; i < bs->n_made; i++)
		free(bs->made[i]);
	free(bs->made);
	bs->made = NULL;
	bs->n_made = 0;
	zone_snapshot_fini(&bs->s);
}
