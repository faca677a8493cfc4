#!/bin/bash
# limitpriv, privilege by privilege: what each name of illumos takes away, seen from inside the zone,
# and that those which cannot be taken, or given, are refused by name.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

# Names of capabilities; "net" and "fork" are none but the filter of system calls. always: every process has it.
# none: Linux has no word for it. absent: no zone has it. never: nor may one ask for it.
table='
all never
basic always
contract_event absent
contract_identity absent
contract_observer absent
cpc_cpu absent
dtrace_kernel never
dtrace_proc absent
dtrace_user absent
file_chown chown
file_chown_self chown
file_dac_execute dac_override
file_dac_read dac_override dac_read_search
file_dac_search dac_override dac_read_search
file_dac_write dac_override
file_downgrade_sl absent
file_flag_set linux_immutable
file_link_any always
file_owner fowner
file_read always
file_setid fsetid setfcap
file_upgrade_sl absent
file_write always
graphics_access none
graphics_map none
hyprlofs_control absent
ipc_dac_read ipc_owner
ipc_dac_write ipc_owner
ipc_owner ipc_owner
net_access net
net_bindmlp absent
net_icmpaccess net_raw
net_mac_aware absent
net_mac_implicit absent
net_observability net_raw
net_privaddr net_bind_service
net_rawaccess net_raw
none none
proc_audit audit_write
proc_chroot sys_chroot
proc_clock_highres always
proc_exec always
proc_fork fork
proc_info always
proc_lock_memory ipc_lock
proc_owner sys_ptrace kill
proc_priocntl sys_nice
proc_prioup sys_nice
proc_secflags absent
proc_session always
proc_setid setuid setgid
proc_taskid absent
proc_zone never
sys_acct absent
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
sys_nfs absent
sys_ppp_config net_admin
sys_res_bind none
sys_res_config never
sys_resource sys_resource
sys_share absent
sys_smb absent
sys_suser_compat never
sys_time absent
sys_trans_label absent
virt_manage never
win_colormap absent
win_config absent
win_dac_read absent
win_dac_write absent
win_devices absent
win_dga absent
win_downgrade_sl absent
win_fontpath absent
win_mac_read absent
win_mac_write absent
win_selection absent
win_upgrade_sl absent
xvm_control never
zone never
'

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
		[ "$expected" != "$all" ] || fail "$name takes nothing"
		boot "default,!$name"
		check_eq "login without $name" "$expected" "$(bounding self)"
		check_eq "init without $name" "$expected" "$(bounding 1)"
	done 3< <(awk 'NF && $2 !~ /^(none|absent|never|always|net|fork)$/' <<<"$table")
	# both ways to write it, and several
	boot 'default,-PRIV_NET_RAWACCESS,!file_chown,sys_mount'
	check_eq several $((all & ~(1 << number[net_raw]) & ~(1 << number[chown]))) "$(bounding self)"
}

# On the host's stack nobody in a zone has a right over the network: what asks for one is not taken and then forgotten.
test_what_is_the_hosts_on_its_stack_cannot_be_added()
{
	local name

	zoneadm -z web halt >/dev/null 2>&1
	expect_ok zonecfg -z web set ip-type=shared
	for name in sys_ip_config sys_ppp_config; do
		expect_fail 1 "limitpriv: '$name' is not allowed in brand sparse" zonecfg -z web "set limitpriv=default,$name"
	done
	for name in sys_dl_config sys_flow_config sys_iptun_config net_rawaccess net_observability; do
		expect_ok zonecfg -z web "set limitpriv=default,$name"
		expect_fail 1 "limitpriv $name with ip-type shared: this release cannot apply it" zoneadm -z web verify
	done
	for name in net_icmpaccess '!net_rawaccess' '!sys_ip_config'; do
		expect_ok zonecfg -z web "set limitpriv=default,$name"
		expect_ok zoneadm -z web verify
	done
	expect_ok zonecfg -z web 'set limitpriv=default,sys_dl_config; set ip-type=exclusive'
	expect_ok zoneadm -z web verify
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
	for name in $(rows none) $(rows absent); do
		expect_ok zonecfg -z web "set limitpriv=default,$name"
		expect_fail 1 "limitpriv $name: this release cannot apply it" zoneadm -z web verify
	done
	expect_ok zonecfg -z web clear limitpriv
	for name in $(rows never); do
		expect_fail 1 "$name" zonecfg -z web "set limitpriv=default,$name"
	done
	check_eq kept '' "$(zonecfg -z web info limitpriv | cut -d' ' -f2)"
}

# It is an empty promise, and kept: a zone with all of them taken away is as any other.
test_what_no_zone_has_can_be_taken_away()
{
	local list=default name all

	boot default
	all=$(bounding self)
	for name in $(rows absent) $(rows never | grep -vx -e all -e zone); do
		list+=",!$name"
	done
	boot "$list"
	check_eq caps "$all" "$(bounding self)"
	for name in all zone; do
		expect_ok zonecfg -z web "set limitpriv=default,!$name"
		expect_fail 1 "limitpriv !$name: this release cannot apply it" zoneadm -z web verify
	done
	expect_ok zonecfg -z web clear limitpriv
}

# What starts is one process with its threads, by any of the calls that make one.
test_without_proc_fork_there_are_no_new_processes()
{
	boot 'default,!proc_fork'
	check_eq init zones-init "$(cat "/proc/$(init_of web)/comm")"
	cat >"$ZONES_ROOT/zones/web/root/root/try.py" <<-'END'
		import ctypes, os, platform, subprocess, threading

		libc = ctypes.CDLL(None, use_errno=True)
		numbers = {"x86_64": {"clone": 56, "fork": 57, "vfork": 58},
		           "aarch64": {"clone": 220}}[platform.machine()]
		CLONE_NEWUSER, SIGCHLD = 0x10000000, 17

		def call(name, *args):
		    pid = libc.syscall(*args)
		    if pid == 0:
		        os._exit(0)
		    print(name, "made" if pid > 0 else os.strerror(ctypes.get_errno()))

		for name, number in numbers.items():
		    call(name, number, SIGCHLD if name == "clone" else 0, 0, 0, 0, 0)
		call("clone of a namespace", numbers["clone"], CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)
		args = (ctypes.c_uint64 * 11)(0, 0, 0, 0, SIGCHLD)
		call("clone3", 435, ctypes.byref(args), 64)
		try:
		    subprocess.run(["/bin/true"])
		    print("spawn made")
		except PermissionError as e:
		    print("spawn", e.strerror)
		t = threading.Thread(target=lambda: print("thread made"))
		t.start()
		t.join()
	END
	expect_ok zlogin web 'exec python3 /root/try.py'
	check_no_match processes 'made' "$(grep -v '^thread' <<<"$out")"
	check_match clone '^clone Operation not permitted$' "$out"
	check_match namespace '^clone of a namespace Operation not permitted$' "$out"
	check_match clone3 '^clone3 Function not implemented$' "$out"
	check_match spawn '^spawn Operation not permitted$' "$out"
	check_match threads '^thread made$' "$out"
	if [ "$(uname -m)" = x86_64 ]; then
		check_match fork '^fork Operation not permitted$' "$out"
		check_match vfork '^vfork Operation not permitted$' "$out"
	fi
	# logins are made outside, and are one process too
	check_eq login 0 "$(zlogin web 'exec id -u')"
	expect_fail 254 'fork: Operation not permitted' zlogin web 'id -u; true'
	boot default
	check_eq 'as before' 0 "$(zlogin web 'id -u; true')"
}

run_tests
