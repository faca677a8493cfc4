/* SPDX-License-Identifier: MIT */
/*
 * The privilege names of illumos that limitpriv may mention, and the form of
 * the list (rules.h). What a brand adds to this (its default, required and prohibited
 * sets) is checked in lib/brand.
 */
#include "zonecfg/rules.h"

static const char *const privileges[] = {
	"contract_event",
	"contract_identity",
	"contract_observer",
	"cpc_cpu",
	"dtrace_kernel",
	"dtrace_proc",
	"dtrace_user",
	"file_chown",
	"file_chown_self",
	"file_dac_execute",
	"file_dac_read",
	"file_dac_search",
	"file_dac_write",
	"file_downgrade_sl",
	"file_flag_set",
	"file_link_any",
	"file_owner",
	"file_read",
	"file_setid",
	"file_upgrade_sl",
	"file_write",
	"graphics_access",
	"graphics_map",
	"hyprlofs_control",
	"ipc_dac_read",
	"ipc_dac_write",
	"ipc_owner",
	"net_access",
	"net_bindmlp",
	"net_icmpaccess",
	"net_mac_aware",
	"net_mac_implicit",
	"net_observability",
	"net_privaddr",
	"net_rawaccess",
	"proc_audit",
	"proc_chroot",
	"proc_clock_highres",
	"proc_exec",
	"proc_fork",
	"proc_info",
	"proc_lock_memory",
	"proc_owner",
	"proc_priocntl",
	"proc_prioup",
	"proc_secflags",
	"proc_session",
	"proc_setid",
	"proc_taskid",
	"proc_zone",
	"sys_acct",
	"sys_admin",
	"sys_audit",
	"sys_config",
	"sys_devices",
	"sys_dl_config",
	"sys_flow_config",
	"sys_fs_import",
	"sys_ip_config",
	"sys_ipc_config",
	"sys_iptun_config",
	"sys_linkdir",
	"sys_mount",
	"sys_net_config",
	"sys_nfs",
	"sys_ppp_config",
	"sys_res_bind",
	"sys_res_config",
	"sys_resource",
	"sys_share",
	"sys_smb",
	"sys_suser_compat",
	"sys_time",
	"sys_trans_label",
	"virt_manage",
	"win_colormap",
	"win_config",
	"win_dac_read",
	"win_dac_write",
	"win_devices",
	"win_dga",
	"win_downgrade_sl",
	"win_fontpath",
	"win_mac_read",
	"win_mac_write",
	"win_selection",
	"win_upgrade_sl",
	"xvm_control",
};

/* Sets of the kernel that are words here too. */
static const char *const sets[] = {"basic", "none"};

/* Never in a zone, whatever the brand says. */
static const char *const prohibited[] = {
	"all",
	"zone",
	"dtrace_kernel",
	"proc_zone",
	"sys_config",
	"sys_devices",
	"sys_linkdir",
	"sys_net_config",
	"sys_res_config",
	"sys_suser_compat",
	"virt_manage",
	"xvm_control",
};

/* Those that zoned makes capabilities of. */
static const char *const capabilities[] = {
	"file_chown",
	"file_chown_self",
	"file_dac_execute",
	"file_dac_read",
	"file_dac_search",
	"file_dac_write",
	"file_flag_set",
	"file_owner",
	"file_setid",
	"ipc_dac_read",
	"ipc_dac_write",
	"ipc_owner",
	"net_icmpaccess",
	"net_observability",
	"net_privaddr",
	"net_rawaccess",
	"proc_audit",
	"proc_chroot",
	"proc_lock_memory",
	"proc_owner",
	"proc_priocntl",
	"proc_prioup",
	"proc_setid",
	"sys_acct",
	"sys_admin",
	"sys_audit",
	"sys_dl_config",
	"sys_flow_config",
	"sys_ip_config",
	"sys_ipc_config",
	"sys_iptun_config",
	"sys_mount",
	"sys_ppp_config",
	"sys_resource",
	"sys_time",
};

static const char *const always[] = {
	"basic",
	"file_link_any",
	"file_read",
	"file_write",
	"net_access",
	"proc_clock_highres",
	"proc_exec",
	"proc_fork",
	"proc_info",
	"proc_session",
};

static bool in_list(const char *const *list, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcasecmp(list[i], name) == 0)
			return true;
	}
	return false;
}

static int check_privilege(const char *name, bool removed)
{
	if (strncasecmp(name, "priv_", 5) == 0)
		name += 5;
	if (!removed && in_list(prohibited, ARRAY_SIZE(prohibited), name))
		return Z_PRIV_PROHIBITED;
	if (in_list(privileges, ARRAY_SIZE(privileges), name) ||
		in_list(sets, ARRAY_SIZE(sets), name))
		return Z_OK;
	return Z_PRIV_UNKNOWN;
}

int zonecfg_check_limitpriv(const char *list, char *ret_bad, size_t size)
{
	const char *p = list;
	char token[64];
	bool removed;
	size_t n;
	int r;

	for (;; p += n + 1) {
		n = strcspn(p, ",");
		removed = *p == '-' || *p == '!';
		(void)snprintf(token, sizeof(token), "%.*s", (int)(n < 63 ? n : 63), p);
		(void)snprintf(ret_bad, size, "%s", token + removed);
		if (n == 0 || n >= sizeof(token) || n == (size_t)removed)
			return Z_INVALID_PROPERTY;
		if (streq(token, "default"))
			r = p == list ? Z_OK : Z_INVALID_PROPERTY;
		else
			r = check_privilege(token + removed, removed);
		if (r)
			return r;
		if (!p[n])
			return Z_OK;
	}
}

enum zonecfg_priv_kind zonecfg_priv_kind(const char *name)
{
	if (strncasecmp(name, "priv_", 5) == 0)
		name += 5;
	if (in_list(capabilities, ARRAY_SIZE(capabilities), name))
		return ZONECFG_PRIV_CAPABILITY;
	return in_list(always, ARRAY_SIZE(always), name) ? ZONECFG_PRIV_ALWAYS : ZONECFG_PRIV_NONE;
}
