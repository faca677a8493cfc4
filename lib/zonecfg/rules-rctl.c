/* SPDX-License-Identifier: MIT */
/*
 * What is known about the resource controls of a zone (rules.h): the numbers are
 * those of the system values of illumos. deny_never and deny_always are its global flags.
 */
#include "zonecfg/rules.h"

#include <limits.h>

static const struct zonecfg_rctl_rule rules[] = {
	{.name = "zone.cpu-shares", .min = 1, .least = 1, .max = 65535, .deny_never = true},
	{.name = "zone.cpu-cap", .min = 1, .least = 1, .max = UINT32_MAX, .deny_always = true},
	{.name = "zone.cpu-baseline", .min = 1, .max = INT_MAX, .deny_never = true},
	{.name = "zone.cpu-burst-time", .min = 0, .max = INT_MAX, .deny_never = true},
	{.name = "zone.max-lwps", .min = 100, .least = 1, .max = INT_MAX},
	{.name = "zone.max-processes", .min = 100, .least = 1, .max = INT_MAX},
	{.name = "zone.max-msg-ids", .max = 1 << 24, .deny_always = true},
	{.name = "zone.max-sem-ids", .max = 1 << 24, .deny_always = true},
	{.name = "zone.max-shm-ids", .max = 1 << 24, .deny_always = true},
	{.name = "zone.max-shm-memory", .max = UINT64_MAX, .deny_always = true},
	{.name = "zone.max-locked-memory", .max = UINT64_MAX, .deny_always = true},
	{.name = "zone.max-swap", .least = 1, .max = UINT64_MAX, .deny_always = true},
	{.name = "zone.max-physical-memory", .least = 1, .max = UINT64_MAX, .deny_always = true},
	{.name = "zone.max-lofi", .max = UINT64_MAX, .deny_always = true},
	{.name = "zone.zfs-io-priority", .min = 1, .max = 16384, .deny_never = true},
};

const struct zonecfg_rctl_rule *zonecfg_rctl_rule(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		if (streq(rules[i].name, name))
			return &rules[i];
	}
	return NULL;
}

int zonecfg_check_rctl_name(const char *name)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	size_t n;

	if (strncmp(name, "zone.", 5) != 0)
		return Z_INVALID_PROPERTY;
	n = strlen(name + 5);
	if (n == 0 || n > 58 || strspn(name + 5, chars) != n || name[5] == '-')
		return Z_INVALID_PROPERTY;
	return Z_OK;
}

int zonecfg_check_rctl_value(const char *priv, const char *limit, const char *action)
{
	uint64_t number;
	int r;

	if (!streq(priv, "basic") && !streq(priv, "privileged"))
		return Z_INVALID_PROPERTY;
	r = zonecfg_parse_u64(limit, &number);
	if (r)
		return r;
	if (streq(action, "none") || streq(action, "deny"))
		return Z_OK;
	return strncmp(action, "signal=", 7) == 0 && action[7] ? Z_OK : Z_INVALID_PROPERTY;
}
