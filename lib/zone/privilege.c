/* SPDX-License-Identifier: MIT */
/* Every privilege of illumos, and the sets that are words in a list of them. */
#include "zone/privilege.h"

#include "linux/util.h"

#include <linux/capability.h>
#include <stddef.h>
#include <strings.h>

#define CAP_BIT(c) (UINT64_C(1) << (c))

static const struct privilege privileges[] = {
	{"all", PRIVILEGE_NONE, 0, true},
	{"basic", PRIVILEGE_ALWAYS},
	{"contract_event", PRIVILEGE_ABSENT},
	{"contract_identity", PRIVILEGE_ABSENT},
	{"contract_observer", PRIVILEGE_ABSENT},
	{"cpc_cpu", PRIVILEGE_ABSENT},
	{"dtrace_kernel", PRIVILEGE_ABSENT, 0, true},
	{"dtrace_proc", PRIVILEGE_ABSENT},
	{"dtrace_user", PRIVILEGE_ABSENT},
	{"file_chown", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_CHOWN)},
	{"file_chown_self", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_CHOWN)},
	{"file_dac_execute", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_DAC_OVERRIDE)},
	{"file_dac_read", PRIVILEGE_CAPABILITY,
		CAP_BIT(CAP_DAC_OVERRIDE) | CAP_BIT(CAP_DAC_READ_SEARCH)},
	{"file_dac_search", PRIVILEGE_CAPABILITY,
		CAP_BIT(CAP_DAC_OVERRIDE) | CAP_BIT(CAP_DAC_READ_SEARCH)},
	{"file_dac_write", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_DAC_OVERRIDE)},
	{"file_downgrade_sl", PRIVILEGE_ABSENT},
	{"file_flag_set", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_LINUX_IMMUTABLE)},
	{"file_link_any", PRIVILEGE_ALWAYS},
	{"file_owner", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_FOWNER)},
	{"file_read", PRIVILEGE_ALWAYS},
	{"file_setid", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_FSETID) | CAP_BIT(CAP_SETFCAP)},
	{"file_upgrade_sl", PRIVILEGE_ABSENT},
	{"file_write", PRIVILEGE_ALWAYS},
	{"graphics_access", PRIVILEGE_NONE},
	{"graphics_map", PRIVILEGE_NONE},
	{"hyprlofs_control", PRIVILEGE_ABSENT},
	{"ipc_dac_read", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_IPC_OWNER)},
	{"ipc_dac_write", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_IPC_OWNER)},
	{"ipc_owner", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_IPC_OWNER)},
	{"net_access", PRIVILEGE_CAPABILITY, PRIVILEGE_NET_ACCESS},
	{"net_bindmlp", PRIVILEGE_ABSENT},
	{"net_icmpaccess", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_NET_RAW)},
	{"net_mac_aware", PRIVILEGE_ABSENT},
	{"net_mac_implicit", PRIVILEGE_ABSENT},
	{"net_observability", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_NET_RAW)},
	{"net_privaddr", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_NET_BIND_SERVICE)},
	{"net_rawaccess", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_NET_RAW)},
	{"none", PRIVILEGE_NONE},
	{"proc_audit", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_AUDIT_WRITE)},
	{"proc_chroot", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_SYS_CHROOT)},
	{"proc_clock_highres", PRIVILEGE_ALWAYS},
	{"proc_exec", PRIVILEGE_ALWAYS},
	{"proc_fork", PRIVILEGE_CAPABILITY, PRIVILEGE_PROC_FORK},
	{"proc_info", PRIVILEGE_ALWAYS},
	{"proc_lock_memory", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_IPC_LOCK)},
	{"proc_owner", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_SYS_PTRACE) | CAP_BIT(CAP_KILL)},
	{"proc_priocntl", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_SYS_NICE)},
	{"proc_prioup", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_SYS_NICE)},
	{"proc_secflags", PRIVILEGE_ABSENT},
	{"proc_session", PRIVILEGE_ALWAYS},
	{"proc_setid", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_SETUID) | CAP_BIT(CAP_SETGID)},
	{"proc_taskid", PRIVILEGE_ABSENT},
	{"proc_zone", PRIVILEGE_ABSENT, 0, true},
	{"sys_acct", PRIVILEGE_ABSENT},
	{"sys_admin", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_SYS_BOOT) | CAP_BIT(CAP_SYS_ADMIN)},
	{"sys_audit", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_AUDIT_CONTROL)},
	{"sys_config", PRIVILEGE_ABSENT, 0, true},
	{"sys_devices", PRIVILEGE_ABSENT, 0, true},
	{"sys_dl_config", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_NET_ADMIN)},
	{"sys_flow_config", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_NET_ADMIN)},
	{"sys_fs_import", PRIVILEGE_NONE},
	{"sys_ip_config", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_NET_ADMIN)},
	{"sys_ipc_config", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_SYS_RESOURCE)},
	{"sys_iptun_config", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_NET_ADMIN)},
	{"sys_linkdir", PRIVILEGE_ABSENT, 0, true},
	{"sys_mount", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_SYS_ADMIN)},
	{"sys_net_config", PRIVILEGE_ABSENT, 0, true},
	{"sys_nfs", PRIVILEGE_ABSENT},
	{"sys_ppp_config", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_NET_ADMIN)},
	{"sys_res_bind", PRIVILEGE_NONE},
	{"sys_res_config", PRIVILEGE_ABSENT, 0, true},
	{"sys_resource", PRIVILEGE_CAPABILITY, CAP_BIT(CAP_SYS_RESOURCE)},
	{"sys_share", PRIVILEGE_ABSENT},
	{"sys_smb", PRIVILEGE_ABSENT},
	{"sys_suser_compat", PRIVILEGE_ABSENT, 0, true},
	{"sys_time", PRIVILEGE_ABSENT},
	{"sys_trans_label", PRIVILEGE_ABSENT},
	{"virt_manage", PRIVILEGE_ABSENT, 0, true},
	{"win_colormap", PRIVILEGE_ABSENT},
	{"win_config", PRIVILEGE_ABSENT},
	{"win_dac_read", PRIVILEGE_ABSENT},
	{"win_dac_write", PRIVILEGE_ABSENT},
	{"win_devices", PRIVILEGE_ABSENT},
	{"win_dga", PRIVILEGE_ABSENT},
	{"win_downgrade_sl", PRIVILEGE_ABSENT},
	{"win_fontpath", PRIVILEGE_ABSENT},
	{"win_mac_read", PRIVILEGE_ABSENT},
	{"win_mac_write", PRIVILEGE_ABSENT},
	{"win_selection", PRIVILEGE_ABSENT},
	{"win_upgrade_sl", PRIVILEGE_ABSENT},
	{"xvm_control", PRIVILEGE_ABSENT, 0, true},
	{"zone", PRIVILEGE_NONE, 0, true},
};

const struct privilege *privilege_at(size_t index)
{
	return index < ARRAY_SIZE(privileges) ? &privileges[index] : NULL;
}

const struct privilege *privilege_find(const char *name)
{
	if (strncasecmp(name, "priv_", 5) == 0)
		name += 5;
	for (size_t i = 0; i < ARRAY_SIZE(privileges); i++)
		if (strcasecmp(privileges[i].name, name) == 0)
			return &privileges[i];
	return NULL;
}
