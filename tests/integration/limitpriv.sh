#!/bin/bash
# limitpriv, privilege by privilege: what each name of illumos takes away, seen from inside the zone,
# and that those which cannot be taken, or given, are refused by name.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

# Names of capabilities; "net" is no capability but the filter of system calls. always: every process has it.
# none: Linux has no word for it. never: in no zone.
table='
all never
basic always
contract_event none
contract_identity none
contract_observer none
cpc_cpu none
dtrace_kernel never
dtrace_proc none
dtrace_user none
file_chown chown
file_chown_self chown
file_dac_execute dac_override
file_dac_read dac_override dac_read_search
file_dac_search dac_override dac_read_search
file_dac_write dac_override
file_downgrade_sl none
file_flag_set linux_immutable
file_link_any always
file_owner fowner
file_read always
file_setid fsetid setfcap
file_upgrade_sl none
file_write always
graphics_access none
graphics_map none
hyprlofs_control none
ipc_dac_read ipc_owner
ipc_dac_write ipc_owner
ipc_owner ipc_owner
net_access net
net_bindmlp none
net_icmpaccess net_raw
net_mac_aware none
net_mac_implicit none
net_observability net_raw
net_privaddr net_bind_service
net_rawaccess net_raw
none none
proc_audit audit_write
proc_chroot sys_chroot
proc_clock_highres always
proc_exec always
proc_fork always
proc_info always
proc_lock_memory ipc_lock
proc_owner sys_ptrace kill
proc_priocntl sys_nice
proc_prioup sys_nice
proc_secflags none
proc_session always
proc_setid setuid setgid
proc_taskid none
proc_zone never
sys_acct sys_pacct
sys_admin sys_boot sys_admin
sys_audit audit_control
sys_config never
sys_devices never
sys_dl_config net_admin
sys_flow_config net_admin
sys_fs_import none
sys_ip_config net_admin
sys_ipc_config sys_resource
sys_iptun_config net_admin
sys_linkdir never
sys_mount sys_admin
sys_net_config never
sys_nfs none
sys_ppp_config net_admin
sys_res_bind none
sys_res_config never
sys_resource sys_resource
sys_share none
sys_smb none
sys_suser_compat never
sys_time sys_time
sys_trans_label none
virt_manage never
win_colormap none
win_config none
win_dac_read none
win_dac_write none
win_devices none
win_dga none
win_downgrade_sl none
win_fontpath none
win_mac_read none
win_mac_write none
win_selection none
win_upgrade_sl none
xvm_control never
zone never
'

# In no zone, whatever is asked for.
not_a_zones='sys_time sys_pacct'

declare -A number
while read -r name value; do
	number[$name]=$value
done < <(sed -n 's/^#define CAP_\([A-Z_]*\)[ \t]*\([0-9]*\)$/\L\1 \2/p' /usr/include/linux/capability.h)

setup()
{
	start_daemons
	make_zone web
}

# boot LIST: the zone runs with that limitpriv.
boot()
{
	zoneadm -z web halt >/dev/null 2>&1
	expect_ok zonecfg -z web "set limitpriv=$1"
	expect_ok zoneadm -z web boot
}

# bounding PID: the set of a process of the zone, as a number.
bounding()
{
	echo $((16#$(zlogin web "cat /proc/$1/status" | sed -n 's/^CapBnd:[ \t]*//p')))
}

# rows KIND: the names of that kind.
rows()
{
	awk -v kind="$1" '$2 == kind { print $1 }' <<<"$table"
}

test_the_table_is_whole()
{
	check_eq names "$(grep -o '^	{"[a-z_]*"' "$ZONES_TREE/lib/zone/privilege.c" | cut -d'"' -f2)" \
		"$(awk 'NF { print $1 }' <<<"$table")"
}

test_each_takes_its_capabilities()
{
	local name caps cap all expected

	boot default
	all=$(bounding self)
	check_eq init "$all" "$(bounding 1)"
	while read -r name caps <&3; do
		expected=$all
		for cap in $caps; do
			[ -n "${number[$cap]-}" ] || fail "$name: no capability $cap"
			expected=$((expected & ~(1 << ${number[$cap]})))
		done
		[ "$expected" != "$all" ] || grep -qw "$caps" <<<"$not_a_zones" || fail "$name takes nothing"
		boot "default,!$name"
		check_eq "login without $name" "$expected" "$(bounding self)"
		check_eq "init without $name" "$expected" "$(bounding 1)"
	done 3< <(awk 'NF && $2 !~ /^(none|never|always|net)$/' <<<"$table")
	# both ways to write it, and several
	boot 'default,-PRIV_NET_RAWACCESS,!file_chown,sys_mount'
	check_eq several $((all & ~(1 << number[net_raw]) & ~(1 << number[chown]))) "$(bounding self)"
}

test_what_is_not_a_zones_cannot_be_added()
{
	local name

	zoneadm -z web halt >/dev/null 2>&1
	for name in sys_time sys_acct; do
		expect_ok zonecfg -z web "set limitpriv=default,$name"
		expect_fail 1 "limitpriv: '$name' cannot be given to a zone on Linux" zoneadm -z web boot
		check_eq state installed "$(state_of web)"
	done
	expect_ok zonecfg -z web clear limitpriv
}

test_what_cannot_be_taken_is_refused_by_name()
{
	local name

	zoneadm -z web halt >/dev/null 2>&1
	for name in $(rows always) $(rows none); do
		expect_ok zonecfg -z web "set limitpriv=default,!$name"
		expect_fail 1 "limitpriv !$name: this release cannot apply it" zoneadm -z web verify
	done
	for name in $(rows none); do
		expect_ok zonecfg -z web "set limitpriv=default,$name"
		expect_fail 1 "limitpriv $name: this release cannot apply it" zoneadm -z web verify
	done
	expect_ok zonecfg -z web clear limitpriv
	for name in $(rows never); do
		expect_fail 1 "$name" zonecfg -z web "set limitpriv=default,$name"
	done
	check_eq kept '' "$(zonecfg -z web info limitpriv | cut -d' ' -f2)"
}

run_tests
