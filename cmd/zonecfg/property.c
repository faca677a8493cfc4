/* SPDX-License-Identifier: MIT */
/* Properties of the global scope (property.h). A value that breaks its rule changes nothing. */
#include "property.h"

#include "zonecfg/member.h"

#define VALUE_SHOWN 200 /* of a value in a message */

struct property {
	const char *name;
	size_t offset; /* of the char * in struct zonecfg */
	int (*check)(const char *value);
	const char *expected; /* what a valid value looks like */
	bool required;	      /* cannot be cleared */
	bool fixed;	      /* cannot be changed once the zone is installed */
};

static int check_bootargs(const char *value)
{
	return zonecfg_check_text(value, BOOTARGS_MAX);
}

static int check_hostid(const char *value)
{
	uint32_t hostid;

	return zonecfg_parse_hostid(value, &hostid);
}

static int check_limitpriv(const char *value)
{
	char bad[64];

	return zonecfg_check_limitpriv(value, bad, sizeof(bad));
}

static int check_brand(const char *value)
{
	char dir[4096];

	return brand_is_foreign(value) ? Z_OK : brand_find(value, dir, sizeof(dir));
}

static const struct property properties[] = {
	{"zonepath", offsetof(struct zonecfg, zonepath), zonecfg_check_zonepath,
		"an absolute path without '.', '..', quotes, commas or a slash at the end", true,
		true},
	{"brand", offsetof(struct zonecfg, brand), check_brand, "the name of a brand", true, true},
	{"bootargs", offsetof(struct zonecfg, bootargs), check_bootargs,
		"text shorter than 1024 bytes", false, false},
	{"pool", offsetof(struct zonecfg, pool), zonecfg_check_pool,
		"a pool name that does not begin with SUNW", false, false},
	{"limitpriv", offsetof(struct zonecfg, limitpriv), check_limitpriv,
		"'default' or privilege names, separated by commas", false, false},
	{"scheduling-class", offsetof(struct zonecfg, sched_class), zonecfg_check_sched_class,
		"TS, IA, FSS, FX, FP or RT", false, false},
	{"hostid", offsetof(struct zonecfg, hostid), check_hostid,
		"a hexadecimal number from 0 to FFFFFFFE", false, false},
	{"debugid", offsetof(struct zonecfg, debugid), zonecfg_check_debugid,
		"a number from 1 to 2147483647", false, false},
	{"fs-allowed", offsetof(struct zonecfg, fs_allowed), zonecfg_check_fs_allowed,
		"file system types, separated by commas", false, false},
};

const char *property_name(size_t i)
{
	static const char *const special[] = {"autoboot", "ip-type", "uuid", "zonename"};

	if (i < ARRAY_SIZE(properties))
		return properties[i].name;
	i -= ARRAY_SIZE(properties);
	if (i < ARRAY_SIZE(special))
		return special[i];
	i -= ARRAY_SIZE(special);
	return i < PROPERTY_ALIASES ? zonecfg_alias_name((enum zonecfg_alias)i) : NULL;
}

static const struct property *find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(properties); i++) {
		if (streq(properties[i].name, name))
			return &properties[i];
	}
	return NULL;
}

static enum zonecfg_alias find_alias(const char *name)
{
	int i;

	for (i = 0; i < PROPERTY_ALIASES; i++) {
		if (streq(zonecfg_alias_name((enum zonecfg_alias)i), name))
			break;
	}
	return (enum zonecfg_alias)i;
}

const char *property_expected(const char *name)
{
	const struct property *p = find(name);

	if (p)
		return p->expected;
	return find_alias(name) < PROPERTY_ALIASES ? "a number; bytes may have K, M, G or T behind"
						   : NULL;
}

static int done(struct session *s, int r, const char *name)
{
	if (r)
		return complain(s, "%s: %s", name, zonecfg_strerror(r));
	s->changed = true;
	return Z_OK;
}

int property_refuse(
	struct session *s, const char *name, const char *value, int r, const char *expected)
{
	return complain(s, "%s '%.*s%s': %s; expected %s", name, VALUE_SHOWN, value,
		strlen(value) > VALUE_SHOWN ? "..." : "", zonecfg_strerror(r), expected);
}

static bool is_fixed(const struct session *s)
{
	return s->in_index && s->entry.state > ZONE_STATE_CONFIGURED;
}

struct debugid_search {
	const struct session *s;
	const char *id;
	char owner[ZONENAME_MAX];
};

/* A zone whose file cannot be read has no debugid that anybody could see. */
static int has_debugid(const struct zone_index_entry *e, void *arg)
{
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = NULL;
	struct debugid_search *search = arg;
	uint64_t ours, theirs;

	if (streq(e->name, search->s->zone) || zonecfg_load(e->name, &cfg, NULL) || !cfg->debugid)
		return 0;
	if (zonecfg_parse_u64(cfg->debugid, &theirs) || zonecfg_parse_u64(search->id, &ours) ||
		ours != theirs)
		return 0;
	(void)str_copy(search->owner, sizeof(search->owner), e->name);
	return 1;
}

static int check_debugid_unused(const struct session *s, const char *id)
{
	struct debugid_search search = {.s = s, .id = id};
	int r = zone_index_iterate(has_debugid, &search);

	if (r < 0)
		return complain(s, "cannot read the index of zones: %s", zonecfg_strerror(r));
	return r ? complain(s, "debugid '%s': zone '%s' has it already", id, search.owner) : Z_OK;
}

static int set_string(struct session *s, const struct property *p, const char *value, bool force)
{
	char **field = member_at(s->cfg, p->offset);
	char bad[64];
	int r;

	if (*field && streq(*field, value))
		return Z_OK;
	if (p->fixed && is_fixed(s) && force && session_is_live(s))
		return complain(s, "%s cannot be changed while the zone is running: halt it first",
			p->name);
	if (p->fixed && is_fixed(s) && !force)
		return complain(s, "%s cannot be changed when the zone is %s", p->name,
			zone_state_str(s->entry.state));
	if (!*value)
		return property_clear(s, p->name);
	r = p->check(value);
	if (r && p->check == check_limitpriv) {
		(void)zonecfg_check_limitpriv(value, bad, sizeof(bad));
		return property_refuse(s, p->name, bad, r, p->expected);
	}
	if (r)
		return property_refuse(s, p->name, value, r, p->expected);
	if (p->check == zonecfg_check_debugid && check_debugid_unused(s, value))
		return Z_ERR;
	s->move_installed |= force && is_fixed(s);
	return done(s, zonecfg_set_string(field, value), p->name);
}

bool property_alias_is_size(enum zonecfg_alias alias)
{
	return alias == ALIAS_MAX_SHM_MEMORY || alias == ALIAS_MAX_SWAP ||
	       alias == ALIAS_MAX_LOCKED;
}

static int set_alias(struct session *s, enum zonecfg_alias alias, const char *value)
{
	const struct zonecfg_rctl_rule *rule = zonecfg_rctl_rule(zonecfg_alias_rctl(alias));
	const char *name = zonecfg_alias_name(alias);
	uint64_t limit;
	int r;

	if (property_alias_is_size(alias))
		r = zonecfg_parse_size(value, false, &limit);
	else
		r = zonecfg_parse_u64(value, &limit);
	if (!r)
		r = zonecfg_alias_set(s->cfg, alias, limit);
	if (r == Z_ALIAS_DISALLOW)
		return complain(s, "%s: the rctl %s was written by hand; change or remove that one",
			name, zonecfg_alias_rctl(alias));
	if (r > 0)
		return complain(s, "%s '%.*s': %s; expected a number from %llu to %llu", name,
			VALUE_SHOWN, value, zonecfg_strerror(r), (unsigned long long)rule->min,
			(unsigned long long)rule->max);
	return done(s, r, name);
}

static int set_ip_type(struct session *s, const char *value)
{
	if (!streq(value, "shared") && !streq(value, "exclusive"))
		return property_refuse(
			s, "ip-type", value, Z_INVALID_PROPERTY, "shared or exclusive");
	s->cfg->ip_type = value[0] == 's' ? ZS_SHARED : ZS_EXCLUSIVE;
	return done(s, Z_OK, "ip-type");
}

/* The uuid is in the index: commit writes it there. */
static int set_uuid(struct session *s, const char *value)
{
	struct zone_index_entry e;

	if (*value && zonecfg_check_uuid(value))
		return property_refuse(
			s, "uuid", value, Z_INVALID_PROPERTY, "8-4-4-4-12 hexadecimal digits");
	if (*value && zone_index_find_uuid(value, &e) == Z_OK && !streq(e.name, s->zone))
		return complain(s, "uuid '%s': zone '%s' has it already", value, e.name);
	(void)str_copy(s->uuid, sizeof(s->uuid), value);
	s->uuid_changed = true;
	return done(s, Z_OK, "uuid");
}

/* A zone that is not on disk yet just has another name; commit renames one that is. */
static int set_zonename(struct session *s, const char *value)
{
	struct zone_index_entry e;

	if (zonecfg_check_zonename(value))
		return property_refuse(s, "zonename", value, Z_BOGUS_ZONE_NAME,
			"letters, digits, '-', '_', '.', not 'global' or SUNW*");
	if (streq(value, s->cfg->name))
		return Z_OK;
	if (!streq(value, s->zone) && zone_index_find(value, &e) != Z_NO_ZONE)
		return complain(s, "zonename '%s': %s", value, zonecfg_strerror(Z_NAME_IN_USE));
	if (s->in_index && session_is_live(s))
		return complain(
			s, "zonename cannot be changed while the zone is running: halt it first");
	if (zonecfg_set_string(&s->cfg->name, value))
		return complain(s, "zonename: %s", zonecfg_strerror(-ENOMEM));
	if (!s->in_index) {
		(void)str_copy(s->name, sizeof(s->name), value);
		s->zone = s->name;
	}
	return done(s, Z_OK, "zonename");
}

bool property_allowed(const struct session *s, const char *name)
{
	return !s->global || streq(name, "pool") || streq(name, "scheduling-class") ||
	       find_alias(name) < PROPERTY_ALIASES;
}

int property_set(struct session *s, const char *name, const char *value, bool force)
{
	const struct property *p = find(name);
	enum zonecfg_alias alias = find_alias(name);
	bool flag;
	int r;

	if (!property_allowed(s, name))
		return complain(s, "set: the global zone has no property '%s'", name);
	if (p)
		return set_string(s, p, value, force);
	if (alias < PROPERTY_ALIASES)
		return set_alias(s, alias, value);
	if (streq(name, "ip-type"))
		return set_ip_type(s, value);
	if (streq(name, "uuid"))
		return set_uuid(s, value);
	if (streq(name, "autoboot")) {
		r = zonecfg_parse_bool(value, &flag);
		if (r)
			return property_refuse(s, name, value, r, "true or false");
		s->cfg->autoboot = flag;
		return done(s, Z_OK, name);
	}
	if (streq(name, "zonename"))
		return set_zonename(s, value);
	return complain(s, "set: no such property '%s'", name);
}

int property_clear(struct session *s, const char *name)
{
	const struct property *p = find(name);
	enum zonecfg_alias alias = find_alias(name);
	int r;

	if (!property_allowed(s, name))
		return complain(s, "clear: the global zone has no property '%s'", name);
	if (p && p->required)
		return complain(s, "%s: %s", name, zonecfg_strerror(Z_CLEAR_DISALLOW));
	if (p)
		return done(s, zonecfg_set_string(member_at(s->cfg, p->offset), NULL), name);
	if (alias < PROPERTY_ALIASES) {
		r = zonecfg_alias_clear(s->cfg, alias);
		return r == Z_NO_ENTRY ? Z_OK : done(s, r, name);
	}
	if (streq(name, "uuid"))
		return set_uuid(s, "");
	if (streq(name, "autoboot")) {
		s->cfg->autoboot = false;
		return done(s, Z_OK, name);
	}
	if (streq(name, "zonename") || streq(name, "ip-type"))
		return complain(s, "%s: %s", name, zonecfg_strerror(Z_CLEAR_DISALLOW));
	return complain(s, "clear: no such property '%s'", name);
}
