/* SPDX-License-Identifier: MIT */
/*
 * What can be wrong with a configuration as a whole. All problems are reported,
 * not only the first. zonecfg has checked most single values when they were set, but a
 * file may come from anywhere: everything is checked again. The net resources
 * have their own file, verify-net.c.
 */
#include "linux/mountfd.h"
#include "zone/console.h"
#include "zonecfg/verify.h"

#define MCAP_MIN (1024 * 1024)

void verify_report(struct verify *v, int code, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!v->first)
		v->first = code;
	if (v->report)
		v->report(v->arg, code, text);
}

/* Reports a property whose rule returned r, if that is a problem. */
static void check(struct verify *v, int r, const char *property, const char *value)
{
	if (r)
		verify_report(v, r, "%s '%s': %s", property, value, zonecfg_strerror(r));
}

static void verify_limitpriv(struct verify *v, const char *list)
{
	char bad[64];
	int r = zonecfg_check_limitpriv(list, bad, sizeof(bad));

	if (r)
		verify_report(v, r, "limitpriv: '%s': %s", bad, zonecfg_strerror(r));
}

static void verify_required(struct verify *v)
{
	const struct zonecfg *cfg = v->cfg;

	check(v, zonecfg_check_zonename(cfg->name), "zonename", cfg->name);
	if (!cfg->zonepath)
		verify_report(v, Z_REQD_PROPERTY_MISSING, "zonepath is not set");
	else
		check(v, zonecfg_check_zonepath(cfg->zonepath), "zonepath", cfg->zonepath);
	if (!cfg->brand)
		verify_report(v, Z_REQD_PROPERTY_MISSING, "brand is not set");
	else
		check(v, zonecfg_check_brandname(cfg->brand), "brand", cfg->brand);
}

/* The global zone is the host: nothing of it is made or mounted from a configuration. */
static void verify_global(struct verify *v)
{
	const struct zonecfg *cfg = v->cfg;
	const struct {
		const char *name;
		bool there;
	} none[] = {
		{"zonepath", cfg->zonepath},
		{"brand", cfg->brand},
		{"autoboot", cfg->autoboot},
		{"bootargs", cfg->bootargs},
		{"limitpriv", cfg->limitpriv},
		{"ip-type exclusive", cfg->ip_type == ZS_EXCLUSIVE},
		{"hostid", cfg->hostid},
		{"fs-allowed", cfg->fs_allowed},
		{"debugid", cfg->debugid},
		{"fs resources", cfg->n_fss},
		{"net resources", cfg->n_nets},
		{"device resources", cfg->n_devices},
		{"attr resources", cfg->n_attrs},
		{"dataset resources", cfg->n_datasets},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(none); i++) {
		if (none[i].there)
			verify_report(
				v, Z_BAD_PROPERTY, "the global zone cannot have %s", none[i].name);
	}
}

static void verify_properties(struct verify *v)
{
	const struct zonecfg *cfg = v->cfg;
	uint32_t hostid;

	if (cfg->bootargs)
		check(v, zonecfg_check_text(cfg->bootargs, BOOTARGS_MAX), "bootargs",
			cfg->bootargs);
	if (cfg->pool)
		check(v, zonecfg_check_pool(cfg->pool), "pool", cfg->pool);
	if (cfg->limitpriv)
		verify_limitpriv(v, cfg->limitpriv);
	if (cfg->sched_class)
		check(v, zonecfg_check_sched_class(cfg->sched_class), "scheduling-class",
			cfg->sched_class);
	if (cfg->hostid)
		check(v, zonecfg_parse_hostid(cfg->hostid, &hostid), "hostid", cfg->hostid);
	if (cfg->fs_allowed)
		check(v, zonecfg_check_fs_allowed(cfg->fs_allowed), "fs-allowed", cfg->fs_allowed);
	if (cfg->debugid)
		check(v, zonecfg_check_debugid(cfg->debugid), "debugid", cfg->debugid);
}

/* What the boot would refuse, in its words. */
static void verify_fs_option(struct verify *v, const struct zonecfg_fs *fs, const char *option)
{
	int r = mountfd_option(fs->type, option);

	if (r == MOUNTFD_UNKNOWN)
		verify_report(v, Z_INVALID_PROPERTY, "fs dir=%s: %s does not know the option '%s'",
			fs->dir, fs->type, option);
	if (r == MOUNTFD_VALUE)
		verify_report(v, Z_INVALID_PROPERTY,
			"fs dir=%s: %s does not take the value of '%s'", fs->dir, fs->type, option);
}

static void verify_fs_options(struct verify *v, const struct zonecfg_fs *fs)
{
	size_t i, k;

	for (i = 0; i < fs->n_options; i++) {
		if (!*fs->options[i] || zonecfg_check_text(fs->options[i], 256))
			verify_report(v, Z_INVALID_PROPERTY, "fs dir=%s: option '%s' is not valid",
				fs->dir, fs->options[i]);
		else
			verify_fs_option(v, fs, fs->options[i]);
		for (k = 0; k < i; k++) {
			if (streq(fs->options[i], fs->options[k]))
				verify_report(v, Z_DUPLICATE, "fs dir=%s: option '%s' twice",
					fs->dir, fs->options[i]);
		}
	}
}

/* What every zone has there would cover it, or it would cover that. */
static bool is_of_every_zone(const char *dir)
{
	return streq(dir, "/dev") || streq(dir, "/sys") || streq(dir, "/proc") ||
	       strncmp(dir, "/proc/", 6) == 0;
}

static void verify_fs(struct verify *v, const struct zonecfg_fs *fs)
{
	if (zonecfg_check_path(fs->dir) || streq(fs->dir, "/"))
		verify_report(v, Z_INVALID_PROPERTY,
			"fs dir=%s: dir must be an absolute path below /", fs->dir);
	if (is_of_every_zone(fs->dir))
		verify_report(v, Z_INVALID_PROPERTY,
			"fs dir=%s: every zone has its own file system there", fs->dir);
	if (zonecfg_find_fs(v->cfg, fs->dir) != fs)
		verify_report(v, Z_DUPLICATE, "fs dir=%s: more than one fs with this dir", fs->dir);
	if (!*fs->special || zonecfg_check_text(fs->special, 1024))
		verify_report(v, Z_INVALID_PROPERTY, "fs dir=%s: special '%s' is not valid",
			fs->dir, fs->special);
	if (fs->raw && zonecfg_check_path(fs->raw))
		verify_report(
			v, Z_INVALID_PROPERTY, "fs dir=%s: raw must be an absolute path", fs->dir);
	if (zonecfg_check_fstype(fs->type))
		verify_report(v, Z_INVALID_PROPERTY,
			"fs dir=%s: file system type '%s' cannot be used in a zone", fs->dir,
			fs->type);
	verify_fs_options(v, fs);
}

/* One value of a known rctl against its rule. */
static void verify_rctl_rule(struct verify *v, const struct zonecfg_rctl_rule *rule,
	const struct zonecfg_rctl_value *value)
{
	uint64_t limit = 0;

	(void)zonecfg_parse_u64(value->limit, &limit);
	if (!streq(value->priv, "privileged"))
		verify_report(v, Z_INVALID_PROPERTY, "rctl %s: priv must be privileged, not '%s'",
			rule->name, value->priv);
	if (limit > rule->max)
		verify_report(v, Z_TOO_BIG, "rctl %s: limit %s is above the largest, %llu",
			rule->name, value->limit, (unsigned long long)rule->max);
	if (limit < rule->least)
		verify_report(v, Z_INVALID_PROPERTY,
			"rctl %s: limit %s is below the smallest, %llu", rule->name, value->limit,
			(unsigned long long)rule->least);
	if (strncmp(value->action, "signal=", 7) == 0)
		verify_report(
			v, Z_INVALID_PROPERTY, "rctl %s: action must be none or deny", rule->name);
	else if (rule->deny_never && streq(value->action, "deny"))
		verify_report(v, Z_INVALID_PROPERTY, "rctl %s: action must be none", rule->name);
	else if (rule->deny_always && !streq(value->action, "deny"))
		verify_report(v, Z_INVALID_PROPERTY, "rctl %s: action must be deny", rule->name);
}

static void verify_rctl(struct verify *v, const struct zonecfg_rctl *rctl)
{
	const struct zonecfg_rctl_rule *rule = zonecfg_rctl_rule(rctl->name);
	const struct zonecfg_rctl_value *value;
	size_t i;

	if (zonecfg_check_rctl_name(rctl->name))
		verify_report(v, Z_INVALID_PROPERTY, "rctl %s: the name must begin with 'zone.'",
			rctl->name);
	else if (!rule)
		verify_report(v, Z_OK, "rctl %s: unknown, it will be ignored", rctl->name);
	if (zonecfg_find_rctl(v->cfg, rctl->name) != rctl)
		verify_report(
			v, Z_DUPLICATE, "rctl %s: more than one rctl of this name", rctl->name);
	if (!rctl->n_values)
		verify_report(v, Z_REQD_PROPERTY_MISSING, "rctl %s: no value", rctl->name);
	for (i = 0; i < rctl->n_values; i++) {
		value = &rctl->values[i];
		if (zonecfg_check_rctl_value(value->priv, value->limit, value->action))
			verify_report(v, Z_INVALID_PROPERTY,
				"rctl %s: value (priv=%s,limit=%s,action=%s) is not valid",
				rctl->name, value->priv, value->limit, value->action);
		else if (rule)
			verify_rctl_rule(v, rule, value);
	}
}

static void verify_attr(struct verify *v, const struct zonecfg_attr *attr)
{
	uint32_t mode;

	if (zonecfg_check_attr_name(attr->name))
		verify_report(v, Z_INVALID_PROPERTY,
			"attr %s: a name has letters, digits, '-', '_', '.', and does not begin "
			"with 'zone'",
			attr->name);
	if (zonecfg_find_attr(v->cfg, attr->name) != attr)
		verify_report(
			v, Z_DUPLICATE, "attr %s: more than one attr of this name", attr->name);
	if (zonecfg_check_attr_type(attr->type))
		verify_report(v, Z_INVALID_PROPERTY,
			"attr %s: type must be int, uint, boolean or string, not '%s'", attr->name,
			attr->type);
	else if (zonecfg_check_attr_value(attr->type, attr->value))
		verify_report(v, Z_INVALID_PROPERTY, "attr %s: '%s' is not a valid %s", attr->name,
			attr->value, attr->type);
	verify_resolver_attr(v, attr);
	if (streq(attr->name, "zlog-mode") && !zlog_mode_parse(attr->value, &mode))
		verify_report(v, Z_INVALID_PROPERTY,
			"attr zlog-mode: '%s' must be g (log) or -, t (terminal) or -, and -: a "
			"log inside the zone (n) is not there",
			attr->value);
}

/* Settings that exclude each other. */
static void verify_combinations(struct verify *v)
{
	const struct zonecfg *cfg = v->cfg;
	bool shares = zonecfg_find_rctl(cfg, "zone.cpu-shares") != NULL;
	bool pset = cfg->n_psets || cfg->n_tmp_pools;
	uint64_t locked;

	if (shares && cfg->sched_class && !streq(cfg->sched_class, "FSS"))
		verify_report(v, Z_INCOMPATIBLE,
			"cpu-shares works with scheduling-class FSS only, not %s",
			cfg->sched_class);
	if (pset && shares)
		verify_report(v, Z_INCOMPATIBLE, "dedicated-cpu and cpu-shares exclude each other");
	if (pset && zonecfg_find_rctl(cfg, "zone.cpu-cap"))
		verify_report(v, Z_INCOMPATIBLE, "dedicated-cpu and capped-cpu exclude each other");
	if (pset && cfg->pool)
		verify_report(v, Z_INCOMPATIBLE, "dedicated-cpu and pool exclude each other");
	if (cfg->physcap && cfg->physcap < MCAP_MIN)
		verify_report(v, Z_INVALID_PROPERTY, "capped-memory: physical must be at least 1M");
	if (cfg->physcap && zonecfg_alias_get(cfg, ALIAS_MAX_LOCKED, &locked) == Z_OK &&
		locked > cfg->physcap)
		verify_report(v, Z_INCOMPATIBLE, "capped-memory: locked is larger than physical");
}

int zonecfg_verify(const struct zonecfg *cfg, zonecfg_report_fn report, void *arg)
{
	struct verify v = {.cfg = cfg, .report = report, .arg = arg};
	size_t i;

	if (zonecfg_is_global(cfg))
		verify_global(&v);
	else
		verify_required(&v);
	verify_properties(&v);
	for (i = 0; i < cfg->n_fss; i++)
		verify_fs(&v, &cfg->fss[i]);
	verify_nets(&v);
	for (i = 0; i < cfg->n_attrs; i++)
		verify_attr(&v, &cfg->attrs[i]);
	for (i = 0; i < cfg->n_rctls; i++)
		verify_rctl(&v, &cfg->rctls[i]);
	verify_host_resources(&v);
	verify_combinations(&v);
	return v.first;
}
