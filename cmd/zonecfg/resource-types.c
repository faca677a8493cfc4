/* SPDX-License-Identifier: MIT */
/* The tables of resources and their properties, in the order info and export print them. */
#include "resource.h"

#include <grp.h>
#include <pwd.h>

static int check_address(const char *value)
{
	struct zonecfg_addr addr;

	return zonecfg_parse_address(value, true, &addr);
}

static int check_allowed(const char *value)
{
	struct zonecfg_addr addr;

	return zonecfg_parse_address(value, false, &addr);
}

static int check_router(const char *value)
{
	struct zonecfg_addr addr;

	return zonecfg_parse_router(value, &addr);
}

static int check_mac(const char *value)
{
	char mac[18];

	return zonecfg_parse_mac(value, mac);
}

static int check_vlan(const char *value)
{
	uint16_t vlan;

	return zonecfg_parse_vlan(value, &vlan);
}

static int check_link(const char *value)
{
	return zonecfg_check_physical(value, false);
}

static int check_dir(const char *value)
{
	return streq(value, "/") ? Z_INVALID_PROPERTY : zonecfg_check_path(value);
}

static int check_special(const char *value)
{
	return *value ? zonecfg_check_text(value, 1024) : Z_INVALID_PROPERTY;
}

bool admin_known(const char *user)
{
	return user[0] == '%' ? getgrnam(user + 1) != NULL : getpwnam(user) != NULL;
}

static int check_user(const char *user)
{
	int r = zonecfg_check_user(user);

	return r || admin_known(user) ? r : Z_NO_ENTRY;
}

static int check_flags(const char *value)
{
	unsigned int mask;

	return zonecfg_parse_security_flags(value, &mask);
}

static int check_value(const char *value)
{
	return zonecfg_check_text(value, 8192);
}

#define ABSOLUTE "an absolute path without '.' or '..'"

static const struct res_prop fs_props[] = {
	{"dir", PROP_STRING, offsetof(struct zonecfg_fs, dir), true, check_dir, ABSOLUTE},
	{"special", PROP_STRING, offsetof(struct zonecfg_fs, special), true, check_special,
		"what to mount"},
	{"raw", PROP_STRING, offsetof(struct zonecfg_fs, raw), false, zonecfg_check_path, ABSOLUTE},
	{"type", PROP_STRING, offsetof(struct zonecfg_fs, type), true, zonecfg_check_fstype,
		"a file system type other than proc, mntfs, autofs and nfs"},
	{"options", PROP_OPTIONS, 0, false, NULL, "a list of mount options"},
};

static const struct res_prop net_props[] = {
	{"address", PROP_STRING, offsetof(struct zonecfg_net, address), false, check_address,
		"an IPv4 address, an IPv6 address with prefix length, or a host name"},
	{"allowed-address", PROP_STRING, offsetof(struct zonecfg_net, allowed_address), false,
		check_allowed, "an IPv4 address, or an IPv6 address with prefix length"},
	{"defrouter", PROP_STRING, offsetof(struct zonecfg_net, defrouter), false, check_router,
		"an IPv4 or IPv6 address"},
	{"global-nic", PROP_STRING, offsetof(struct zonecfg_net, global_nic), false,
		zonecfg_check_global_nic, "the name of a link or a NIC tag"},
	{"mac-addr", PROP_STRING, offsetof(struct zonecfg_net, mac_addr), false, check_mac,
		"a unicast MAC address"},
	{"physical", PROP_STRING, offsetof(struct zonecfg_net, physical), true, check_link,
		"the name of a link"},
	{"vlan-id", PROP_STRING, offsetof(struct zonecfg_net, vlan_id), false, check_vlan,
		"a number from 1 to 4094"},
	{"property", PROP_PROPS, 0, false, NULL, "a list of (name=NAME,value=VALUE)"},
};

static const struct res_prop cpu_props[] = {
	{"ncpus", PROP_NCPUS, offsetof(struct limits, ncpus), true, NULL,
		"a decimal number of CPUs, at least 0.01"},
};

#define SIZE "a number with K, M, G or T behind it"

static const struct res_prop memory_props[] = {
	{"physical", PROP_SIZE, offsetof(struct limits, physical), false, NULL,
		SIZE ", at least 1M"},
	{"swap", PROP_SIZE, offsetof(struct limits, swap), false, NULL, SIZE},
	{"locked", PROP_SIZE, offsetof(struct limits, locked), false, NULL, SIZE},
};

static const struct res_prop attr_props[] = {
	{"name", PROP_STRING, offsetof(struct zonecfg_attr, name), true, zonecfg_check_attr_name,
		"letters, digits, '-', '_', '.', not beginning with 'zone'"},
	{"type", PROP_STRING, offsetof(struct zonecfg_attr, type), true, zonecfg_check_attr_type,
		"int, uint, boolean or string"},
	{"value", PROP_STRING, offsetof(struct zonecfg_attr, value), true, check_value, "text"},
};

static const struct res_prop rctl_props[] = {
	{"name", PROP_STRING, offsetof(struct zonecfg_rctl, name), true, zonecfg_check_rctl_name,
		"the name of a resource control, zone.*"},
	{"value", PROP_VALUES, 0, true, NULL,
		"a list of (priv=privileged,limit=NUMBER,action=deny or none)"},
};

static const struct res_prop device_props[] = {
	{"match", PROP_STRING, offsetof(struct zonecfg_device, match), true, zonecfg_check_match,
		"a pattern below /dev"},
	{"property", PROP_PROPS, 0, false, NULL, "a list of (name=NAME,value=VALUE)"},
};

static const struct res_prop dedicated_props[] = {
	{"ncpus", PROP_RANGE, offsetof(struct limits, ncpu_min), true, NULL,
		"a number of CPUs, or a range like 1-2"},
	{"importance", PROP_NUMBER, offsetof(struct limits, importance), false, NULL, "a number"},
};

static const struct res_prop dataset_props[] = {
	{"name", PROP_STRING, offsetof(struct zonecfg_dataset, name), true, zonecfg_check_dataset,
		"the path of a btrfs subvolume, without a slash in front"},
};

static const struct res_prop admin_props[] = {
	{"user", PROP_STRING, offsetof(struct zonecfg_admin, user), true, check_user,
		"the name of a user of this host"},
	{"auths", PROP_STRING, offsetof(struct zonecfg_admin, auths), true, zonecfg_check_auths,
		"login, manage, clonefrom, separated by commas"},
};

#define FLAGS "aslr, forbidnullmap, noexecstack, all or none, separated by commas"

static const struct res_prop secflags_props[] = {
	{"lower", PROP_STRING, offsetof(struct zonecfg_security_flags, lower), false, check_flags,
		FLAGS},
	{"default", PROP_STRING, offsetof(struct zonecfg_security_flags, default_flags), false,
		check_flags, FLAGS},
	{"upper", PROP_STRING, offsetof(struct zonecfg_security_flags, upper), false, check_flags,
		FLAGS},
};

#define TYPE(name, kind, props, single, keyed)                                                     \
	{                                                                                          \
		name, kind, props, ARRAY_SIZE(props), single, keyed                                \
	}

const struct res_type res_types[RES_COUNT] = {
	[RES_FS] = TYPE("fs", ZONECFG_FS, fs_props, false, true),
	[RES_NET] = TYPE("net", ZONECFG_NET, net_props, false, false),
	[RES_DEVICE] = TYPE("device", ZONECFG_DEVICE, device_props, false, true),
	[RES_DEDICATED_CPU] = TYPE("dedicated-cpu", -1, dedicated_props, true, false),
	[RES_CAPPED_CPU] = TYPE("capped-cpu", -1, cpu_props, true, false),
	[RES_CAPPED_MEMORY] = TYPE("capped-memory", -1, memory_props, true, false),
	[RES_ATTR] = TYPE("attr", ZONECFG_ATTR, attr_props, false, true),
	[RES_DATASET] = TYPE("dataset", ZONECFG_DATASET, dataset_props, false, true),
	[RES_ADMIN] = TYPE("admin", ZONECFG_ADMIN, admin_props, false, true),
	[RES_RCTL] = TYPE("rctl", ZONECFG_RCTL, rctl_props, false, true),
	[RES_SECURITY_FLAGS] =
		TYPE("security-flags", ZONECFG_SECURITY_FLAGS, secflags_props, true, false),
};

enum res res_find(const char *name)
{
	int i;

	for (i = RES_NONE + 1; i < RES_COUNT; i++) {
		if (streq(res_types[i].name, name))
			return (enum res)i;
	}
	return RES_NONE;
}

const struct res_prop *res_prop_find(enum res res, const char *name)
{
	size_t i;

	for (i = 0; i < res_types[res].n_props; i++) {
		if (streq(res_types[res].props[i].name, name))
			return &res_types[res].props[i];
	}
	return NULL;
}

struct zonecfg_prop **res_props(enum res res, const void *item, size_t **ret_count)
{
	bool device = res == RES_DEVICE;

	*ret_count = member_at(item, device ? offsetof(struct zonecfg_device, n_props)
					    : offsetof(struct zonecfg_net, n_props));
	return member_at(item, device ? offsetof(struct zonecfg_device, props)
				      : offsetof(struct zonecfg_net, props));
}

size_t res_count(const struct zonecfg *cfg, enum res res)
{
	struct limits limits;

	if (res_types[res].kind >= 0)
		return zonecfg_count(cfg, (enum zonecfg_kind)res_types[res].kind);
	limits = limits_read(cfg);
	return limits_exist(&limits, res);
}

const void *res_item(const struct zonecfg *cfg, enum res res, size_t index, struct limits *limits)
{
	if (res_types[res].kind >= 0)
		return zonecfg_item(cfg, (enum zonecfg_kind)res_types[res].kind, index);
	*limits = limits_read(cfg);
	return limits;
}

bool res_matches(enum res res, const void *item, const struct value_list *filter)
{
	const struct res_prop *p;
	const char *value;
	size_t i;

	for (i = 0; i < filter->n; i++) {
		p = res_prop_find(res, filter->names[i]);
		value = p && p->type == PROP_STRING ? res_string(item, p) : NULL;
		if (!value || !streq(value, filter->values[i]))
			return false;
	}
	return true;
}

int res_filter(struct session *s, enum res res, char *const *words, size_t n,
	struct value_list *ret_filter)
{
	struct value_list f = {.n = 0};
	const struct res_prop *p;
	const char *raw;
	size_t i;
	int r = Z_OK;

	for (i = 0; i < n && !r; i++) {
		if (lexer_split(words[i], &f.names[f.n], &raw)) {
			r = complain(s, "'%s': expected property=value", words[i]);
			break;
		}
		p = res_prop_find(res, f.names[f.n]);
		if (!p || p->type != PROP_STRING)
			r = complain(
				s, "%s: cannot choose by '%s'", res_types[res].name, f.names[f.n]);
		else if (lexer_simple(raw, &f.values[f.n]))
			r = complain(s, "%s: expected a simple value", f.names[f.n]);
		if (r)
			free(f.names[f.n]);
		else
			f.n++;
	}
	if (r)
		value_list_fini(&f);
	else
		*ret_filter = f;
	return r;
}
