/* SPDX-License-Identifier: MIT */
/*
 * The rules of resources that stand for something of the host: devices, datasets, CPUs,
 * administrators, security flags. And what of a configuration this release cannot apply: it is
 * kept and exported, but a zone never runs as if it had not been asked for.
 */
#include <linux/capability.h>
#include <zone.h>

#include "dladm/property.h"
#include "zone/privilege.h"
#include "zonecfg/verify.h"

static void verify_once(
	struct verify *v, enum zonecfg_kind kind, size_t i, const char *what, const char *key)
{
	if (zonecfg_find(v->cfg, kind, key) != i)
		verify_report(v, Z_DUPLICATE, "%s%s: more than one like it", what, key);
}

static void verify_devices(struct verify *v)
{
	const struct zonecfg_device *dev;
	size_t i;

	for (i = 0; i < v->cfg->n_devices; i++) {
		dev = &v->cfg->devices[i];
		if (zonecfg_check_match(dev->match))
			verify_report(v, Z_INVALID_PROPERTY,
				"device match=%s: match must be a pattern below /dev", dev->match);
		verify_once(v, ZONECFG_DEVICE, i, "device match=", dev->match);
	}
}

static void verify_datasets(struct verify *v)
{
	const char *name;
	size_t i;

	for (i = 0; i < v->cfg->n_datasets; i++) {
		name = v->cfg->datasets[i].name;
		if (zonecfg_check_dataset(name))
			verify_report(v, Z_INVALID_PROPERTY,
				"dataset name=%s: not the name of a dataset", name);
		verify_once(v, ZONECFG_DATASET, i, "dataset name=", name);
	}
}

static void verify_dedicated_cpu(struct verify *v)
{
	const struct zonecfg *cfg = v->cfg;
	uint64_t min, max;

	if (cfg->n_psets > 1 || cfg->n_tmp_pools > 1)
		verify_report(v, Z_DUPLICATE, "dedicated-cpu: more than one");
	if (cfg->n_tmp_pools && !cfg->n_psets)
		verify_report(v, Z_REQD_PROPERTY_MISSING, "dedicated-cpu: ncpus not specified");
	if (cfg->n_psets &&
		(zonecfg_parse_u64(cfg->psets[0].ncpu_min, &min) ||
			zonecfg_parse_u64(cfg->psets[0].ncpu_max, &max) || !min || min > max))
		verify_report(v, Z_INVALID_PROPERTY, "dedicated-cpu: ncpus '%s-%s' is not valid",
			cfg->psets[0].ncpu_min, cfg->psets[0].ncpu_max);
	if (cfg->n_tmp_pools && zonecfg_parse_u64(cfg->tmp_pools[0].importance, &min))
		verify_report(v, Z_INVALID_PROPERTY, "dedicated-cpu: importance '%s' is no number",
			cfg->tmp_pools[0].importance);
}

static void verify_admins(struct verify *v)
{
	const struct zonecfg_admin *admin;
	size_t i;

	for (i = 0; i < v->cfg->n_admins; i++) {
		admin = &v->cfg->admins[i];
		if (zonecfg_check_user(admin->user))
			verify_report(v, Z_INVALID_PROPERTY, "admin user=%s: not a user's name",
				admin->user);
		if (zonecfg_check_auths(admin->auths))
			verify_report(v, Z_INVALID_PROPERTY,
				"admin user=%s: auths '%s' are not a list of login, manage, "
				"clonefrom",
				admin->user, admin->auths);
		verify_once(v, ZONECFG_ADMIN, i, "admin user=", admin->user);
	}
}

/* The flags of one set, or what stands for it when it is not given. */
static unsigned int flags_of(
	struct verify *v, const char *property, const char *text, unsigned int missing)
{
	unsigned int mask = missing;

	if (text && zonecfg_parse_security_flags(text, &mask))
		verify_report(v, Z_INVALID_PROPERTY, "security-flags: %s '%s' is not valid",
			property, text);
	return mask;
}

static void verify_security_flags(struct verify *v)
{
	const struct zonecfg_security_flags *f = v->cfg->secflags;
	unsigned int lower, middle, upper;
	int before = v->first;

	if (v->cfg->n_secflags > 1)
		verify_report(v, Z_DUPLICATE, "security-flags: more than one");
	if (!v->cfg->n_secflags)
		return;
	lower = flags_of(v, "lower", f->lower, 0);
	middle = flags_of(v, "default", f->default_flags, lower);
	upper = flags_of(v, "upper", f->upper, ~0U);
	if (v->first != before)
		return;
	if (lower & ~middle)
		verify_report(v, Z_INCOMPATIBLE, "security-flags: default must have all of lower");
	if (middle & ~upper)
		verify_report(v, Z_INCOMPATIBLE, "security-flags: upper must have all of default");
}

void verify_host_resources(struct verify *v)
{
	verify_devices(v);
	verify_datasets(v);
	verify_dedicated_cpu(v);
	verify_admins(v);
	verify_security_flags(v);
}

struct unapplied {
	int code;
	zonecfg_report_fn report;
	void *arg;
	bool any;
};

static void unapplied(struct unapplied *u, const char *fmt, ...) _printf_(2, 3);

static void unapplied(struct unapplied *u, const char *fmt, ...)
{
	char what[256], text[320];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	(void)snprintf(text, sizeof(text), "%s: this release cannot apply it", what);
	u->any = true;
	if (u->report)
		u->report(u->arg, u->code, text);
}

static void unapplied_prop(struct unapplied *u, const struct zonecfg_net *net, const char *name)
{
	const char *why = dladm_property_missing(name);

	if (why)
		unapplied(u, "net physical=%s: property %s (%s)", net->physical, name, why);
	else if (!dladm_property_find(name))
		unapplied(u, "net physical=%s: property %s (no link has one of that name)",
			net->physical, name);
}

static void unapplied_nets(struct unapplied *u, const struct zonecfg *cfg)
{
	const struct zonecfg_net *net;
	size_t i, k;

	for (i = 0; i < cfg->n_nets; i++) {
		net = &cfg->nets[i];
		if (net->mac_addr && !net->global_nic)
			unapplied(u, "net physical=%s: mac-addr without global-nic", net->physical);
		if (net->vlan_id && !net->global_nic)
			unapplied(u, "net physical=%s: vlan-id without global-nic", net->physical);
		/* an overlay network of SmartOS */
		if (net->global_nic && strchr(net->global_nic, '/'))
			unapplied(u, "net physical=%s: global-nic %s", net->physical,
				net->global_nic);
		for (k = 0; k < net->n_props; k++)
			unapplied_prop(u, net, net->props[k].name);
	}
}

/* A number that the kernel keeps in /proc/sys; 0 when it cannot be read. */
static unsigned long sysctl_number(const char *path)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	unsigned long n;

	return f && fscanf(f, "%lu", &n) == 1 ? n : 0;
}

/*
 * No program in a zone can turn the layout of its memory off, so that aslr is always held. Whether
 * the page at 0 can be mapped is the host's setting. Whether a stack can be executed is what each
 * program asks for: a zone starts without, but cannot be held to it. What is not in upper could not be
 * kept from a process.
 */
static void unapplied_flags(struct unapplied *u, const struct zonecfg_security_flags *f)
{
	unsigned int lower = 0, middle, upper = ZONE_SECFLAGS_ALL;

	if (f->lower)
		(void)zonecfg_parse_security_flags(f->lower, &lower);
	middle = lower;
	if (f->default_flags)
		(void)zonecfg_parse_security_flags(f->default_flags, &middle);
	if (f->upper)
		(void)zonecfg_parse_security_flags(f->upper, &upper);
	if (lower & ZONE_SECFLAG_NOEXECSTACK)
		unapplied(u, "security-flags lower=noexecstack");
	if ((middle & ZONE_SECFLAG_ASLR) && !sysctl_number("/proc/sys/kernel/randomize_va_space"))
		unapplied(u, "security-flags aslr while kernel.randomize_va_space is 0");
	if ((middle & ZONE_SECFLAG_FORBIDNULLMAP) && !sysctl_number("/proc/sys/vm/mmap_min_addr"))
		unapplied(u, "security-flags forbidnullmap while vm.mmap_min_addr is 0");
	if (upper != ZONE_SECFLAGS_ALL)
		unapplied(u, "security-flags upper=%s", f->upper);
}

/*
 * A class that is above all others takes the CPU whatever the cap of its control group says.
 */
static void unapplied_class(struct unapplied *u, const struct zonecfg *cfg)
{
	if (streq(cfg->sched_class, "FP") || zonecfg_is_global(cfg))
		unapplied(u, "scheduling-class %s", cfg->sched_class);
	else if (streq(cfg->sched_class, "RT") && zonecfg_find_rctl(cfg, "zone.cpu-cap"))
		unapplied(u, "scheduling-class RT together with capped-cpu");
}

/*
 * What the root of a user namespace can mount, which needs no permission; the kernel gives no other type
 * to a zone, and takes none of these away. Another proc or sysfs would show what zoneview covers.
 */
static bool can_be_mounted(const char *type)
{
	static const char *const known[] = {
		"tmpfs", "ramfs", "devpts", "mqueue", "cgroup2", "overlay", "fuse"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (streq(type, known[i]))
			return true;
	return strncmp(type, "fuse.", 5) == 0;
}

static void unapplied_fs_allowed(struct unapplied *u, const char *list)
{
	char type[32];
	size_t n;

	for (;; list += n + 1) {
		n = strcspn(list, ",");
		(void)snprintf(type, sizeof(type), "%.*s", (int)n, list);
		if (!can_be_mounted(type))
			unapplied(u, "fs-allowed %s", type);
		if (!list[n])
			return;
	}
}

static void unapplied_resources(struct unapplied *u, const struct zonecfg *cfg)
{
	size_t i;

	for (i = 0; i < cfg->n_devices; i++)
		if (cfg->devices[i].n_props)
			unapplied(u, "device match=%s: property %s", cfg->devices[i].match,
				cfg->devices[i].props[0].name);
	if (cfg->fs_allowed)
		unapplied_fs_allowed(u, cfg->fs_allowed);
	if (cfg->n_psets && zonecfg_is_global(cfg))
		unapplied(u, "dedicated-cpu");
	if (cfg->n_secflags)
		unapplied_flags(u, &cfg->secflags[0]);
	/* packages, patches and removed devices only tell what a zone once was */
	for (i = 0; i < cfg->n_others; i++) {
		if (streq(cfg->others[i].tag, "inherited-pkg-dir"))
			unapplied(u, "inherited-pkg-dir");
	}
}

/* Over the network of a zone on the host's stack nobody but the host has a right; a ping needs none. */
static bool is_of_a_stack(const struct privilege *p)
{
	return (p->caps & (UINT64_C(1) << CAP_NET_ADMIN | UINT64_C(1) << CAP_NET_RAW)) &&
	       !streq(p->name, "net_icmpaccess");
}

/* Privileges that are asked for or taken away and have no meaning here. */
static void unapplied_privileges(struct unapplied *u, const char *list, bool shared)
{
	const struct privilege *known;
	enum privilege_kind kind;
	const char *p = list;
	bool removed;
	char name[64];
	size_t n;

	if (strncmp(list, "default", 7) != 0 || (list[7] && list[7] != ','))
		unapplied(u, "limitpriv without default");
	for (;; p += n + 1) {
		removed = *p == '-' || *p == '!';
		n = strcspn(p, ",");
		(void)snprintf(name, sizeof(name), "%.*s", (int)(n < 63 ? n : 63), p);
		known = privilege_find(name + removed);
		kind = known ? known->kind : PRIVILEGE_NONE;
		if (!streq(name, "default") &&
			(kind == PRIVILEGE_NONE ||
				kind == (removed ? PRIVILEGE_ALWAYS : PRIVILEGE_ABSENT)))
			unapplied(u, "limitpriv %s", name);
		if (shared && !removed && known && is_of_a_stack(known))
			unapplied(u, "limitpriv %s with ip-type shared", name);
		if (!p[n])
			return;
	}
}

/* The lowest value that denies something; the others only tell. */
static uint64_t limit_of(const struct zonecfg *cfg, const char *name)
{
	const struct zonecfg_rctl *rctl = zonecfg_find_rctl(cfg, name);
	uint64_t lowest = UINT64_MAX, limit;
	size_t i;

	for (i = 0; rctl && i < rctl->n_values; i++)
		if (streq(rctl->values[i].action, "deny") &&
			zonecfg_parse_u64(rctl->values[i].limit, &limit) == 0 && limit < lowest)
			lowest = limit;
	return lowest;
}

/* What the kernel does not count, unless another control keeps it: zoned says the same at boot (zone-rctl.c). */
static void unapplied_counts(struct unapplied *u, const struct zonecfg *cfg)
{
	static const struct {
		const char *name, *keeper;
	} kept[] = {
		{"zone.max-processes", "zone.max-lwps"},
		{"zone.max-locked-memory", "zone.max-swap"},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kept); i++)
		if (limit_of(cfg, kept[i].name) < limit_of(cfg, kept[i].keeper))
			unapplied(u, "rctl %s without a %s of at most as much", kept[i].name,
				kept[i].keeper);
}

/* Controls that a zone may have on illumos, and that zoned does not know. */
static void unapplied_rctls(struct unapplied *u, const struct zonecfg *cfg)
{
	static const char *const names[] = {
		"zone.zfs-io-priority", "zone.cpu-baseline", "zone.cpu-burst-time"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (zonecfg_find_rctl(cfg, names[i]))
			unapplied(u, "rctl %s", names[i]);
	}
	unapplied_counts(u, cfg);
}

/* Nothing reads the limits of the global zone. */
static void unapplied_global(struct unapplied *u, const struct zonecfg *cfg)
{
	size_t i;

	if (cfg->physcap)
		unapplied(u, "capped-memory");
	for (i = 0; i < cfg->n_rctls; i++)
		unapplied(u, "rctl %s", cfg->rctls[i].name);
}

bool zonecfg_report_unapplied(
	const struct zonecfg *cfg, int code, zonecfg_report_fn report, void *arg)
{
	struct unapplied u = {.code = code, .report = report, .arg = arg};

	if (cfg->pool && zonecfg_is_global(cfg))
		unapplied(&u, "pool %s", cfg->pool);
	if (cfg->sched_class)
		unapplied_class(&u, cfg);
	if (cfg->limitpriv)
		unapplied_privileges(
			&u, cfg->limitpriv, cfg->ip_type == ZS_SHARED && !zonecfg_is_global(cfg));
	if (zonecfg_is_global(cfg))
		unapplied_global(&u, cfg);
	else
		unapplied_rctls(&u, cfg);
	unapplied_nets(&u, cfg);
	unapplied_resources(&u, cfg);
	return u.any;
}
