/* SPDX-License-Identifier: MIT */
/*
 * limitpriv as a capability bounding set. A list starts from "default" and takes
 * privileges away ("!net_rawaccess" or "-net_rawaccess"); what it adds must be in the
 * default already, for nothing else would be the zone's own.
 *
 * Linux: privileges without a capability behind them cannot be taken away, and a
 * list that tries to is refused.
 */
#include "zoned/zone-impl.h"

#include "zone/confine.h"

#include <linux/capability.h>

#define CAP_BIT(c) (UINT64_C(1) << (c))

static const struct privilege {
	const char *name;
	uint64_t caps;
} privileges[] = {
	{"file_chown", CAP_BIT(CAP_CHOWN)},
	{"file_chown_self", CAP_BIT(CAP_CHOWN)},
	{"file_dac_execute", CAP_BIT(CAP_DAC_OVERRIDE)},
	{"file_dac_read", CAP_BIT(CAP_DAC_OVERRIDE) | CAP_BIT(CAP_DAC_READ_SEARCH)},
	{"file_dac_search", CAP_BIT(CAP_DAC_OVERRIDE) | CAP_BIT(CAP_DAC_READ_SEARCH)},
	{"file_dac_write", CAP_BIT(CAP_DAC_OVERRIDE)},
	{"file_flag_set", CAP_BIT(CAP_LINUX_IMMUTABLE)},
	{"file_owner", CAP_BIT(CAP_FOWNER)},
	{"file_setid", CAP_BIT(CAP_FSETID) | CAP_BIT(CAP_SETFCAP)},
	{"ipc_dac_read", CAP_BIT(CAP_IPC_OWNER)},
	{"ipc_dac_write", CAP_BIT(CAP_IPC_OWNER)},
	{"ipc_owner", CAP_BIT(CAP_IPC_OWNER)},
	{"net_icmpaccess", CAP_BIT(CAP_NET_RAW)},
	{"net_observability", CAP_BIT(CAP_NET_RAW)},
	{"net_privaddr", CAP_BIT(CAP_NET_BIND_SERVICE)},
	{"net_rawaccess", CAP_BIT(CAP_NET_RAW)},
	{"proc_audit", CAP_BIT(CAP_AUDIT_WRITE)},
	{"proc_chroot", CAP_BIT(CAP_SYS_CHROOT)},
	{"proc_lock_memory", CAP_BIT(CAP_IPC_LOCK)},
	{"proc_owner", CAP_BIT(CAP_SYS_PTRACE) | CAP_BIT(CAP_KILL)},
	{"proc_priocntl", CAP_BIT(CAP_SYS_NICE)},
	{"proc_prioup", CAP_BIT(CAP_SYS_NICE)},
	{"proc_setid", CAP_BIT(CAP_SETUID) | CAP_BIT(CAP_SETGID)},
	{"sys_acct", CAP_BIT(CAP_SYS_PACCT)},
	{"sys_admin", CAP_BIT(CAP_SYS_BOOT) | CAP_BIT(CAP_SYS_ADMIN)},
	{"sys_audit", CAP_BIT(CAP_AUDIT_CONTROL)},
	{"sys_dl_config", CAP_BIT(CAP_NET_ADMIN)},
	{"sys_flow_config", CAP_BIT(CAP_NET_ADMIN)},
	{"sys_ip_config", CAP_BIT(CAP_NET_ADMIN)},
	{"sys_ipc_config", CAP_BIT(CAP_SYS_RESOURCE)},
	{"sys_iptun_config", CAP_BIT(CAP_NET_ADMIN)},
	{"sys_mount", CAP_BIT(CAP_SYS_ADMIN)},
	{"sys_ppp_config", CAP_BIT(CAP_NET_ADMIN)},
	{"sys_resource", CAP_BIT(CAP_SYS_RESOURCE)},
	{"sys_time", CAP_BIT(CAP_SYS_TIME)},
};

static const struct privilege *find(const char *name)
{
	size_t i;

	if (strncasecmp(name, "priv_", 5) == 0)
		name += 5;
	for (i = 0; i < ARRAY_SIZE(privileges); i++)
		if (strcasecmp(privileges[i].name, name) == 0)
			return &privileges[i];
	return NULL;
}

static int apply_word(const char *word, uint64_t *caps, struct diag *d)
{
	bool removed = word[0] == '!' || word[0] == '-';
	const struct privilege *p = find(word + removed);

	if (removed && !p)
		return diag_set(d, -EINVAL, "limitpriv: '%s' cannot be taken away on Linux",
			word + removed);
	if (removed)
		*caps &= ~p->caps;
	else if (p && (p->caps & ~zone_caps_default()))
		return diag_set(
			d, -EINVAL, "limitpriv: '%s' cannot be given to a zone on Linux", word);
	else if (p)
		*caps |= p->caps;
	return 0;
}

int zone_limitpriv_parse(const char *list, uint64_t *ret_caps, struct diag *d)
{
	uint64_t caps = zone_caps_default();
	char copy[ZONEROOT_MAX], *save = NULL, *word;
	int r;

	if (str_copy(copy, sizeof(copy), list) < 0)
		return diag_set(d, -EINVAL, "limitpriv is too long");
	word = strtok_r(copy, ",", &save);
	if (word && !streq(word, "default"))
		return diag_set(d, -EINVAL, "limitpriv: the list must start with 'default'");
	while (word && (word = strtok_r(NULL, ",", &save))) {
		r = apply_word(word, &caps, d);
		if (r < 0)
			return r;
	}
	*ret_caps = caps;
	return 0;
}
