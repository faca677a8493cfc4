#!/bin/bash
# What a configuration says of the processes of a zone, seen from inside: scheduling-class, security-flags,
# limitpriv, hostid, debugid.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	make_zone web
}

# with LINE...: the zone, configured so, running.
with()
{
	expect_ok zoneadm -z web halt
	printf '%s\n' "$@" >/tmp/with.cfg
	expect_ok zonecfg -z web -f /tmp/with.cfg
	expect_ok zoneadm -z web boot
}

# The class of the zone's init, and of a program that is started by a login.
classes()
{
	zlogin web 'chrt -p 1; sh -c "chrt -p \$\$"' | sed -n 's/.*policy: //p' | tr '\n' ' '
}

test_scheduling_class()
{
	with
	check_eq usual 'SCHED_OTHER SCHED_OTHER ' "$(classes)"
	with 'set scheduling-class=FX'
	check_eq fixed 'SCHED_BATCH SCHED_BATCH ' "$(classes)"
	# a zoned that has just started knows it too
	kill_hard zoned
	start zoned
	check_eq 'after zoned' 'SCHED_BATCH SCHED_BATCH ' "$(classes)"
	with 'set scheduling-class=TS'
	check_eq timeshare 'SCHED_OTHER SCHED_OTHER ' "$(classes)"
	with 'clear scheduling-class'
}

# Control groups of v1 may have no realtime to give: then the zone does not boot.
test_realtime()
{
	expect_ok zoneadm -z web halt
	expect_ok zonecfg -z web 'set scheduling-class=RT'
	if zoneadm -z web boot >/tmp/realtime 2>&1; then
		check_eq realtime 'SCHED_RR SCHED_RR ' "$(classes)"
	else
		check_match refused 'This host cannot hold the scheduling-class RT' "$(cat /tmp/realtime)"
		check_eq state installed "$(state_of web)"
	fi
	with 'clear scheduling-class'
}

test_a_class_that_cannot_be_held_is_refused()
{
	expect_ok zonecfg -z web 'set scheduling-class=FP'
	expect_fail 1 'scheduling-class FP: this release cannot apply it' zoneadm -z web verify
	expect_ok zonecfg -z web 'set scheduling-class=RT; add capped-cpu; set ncpus=1; end'
	expect_fail 1 'scheduling-class RT together with capped-cpu' zoneadm -z web verify
	expect_ok zonecfg -z web 'clear scheduling-class; remove capped-cpu'
}

# Where the stack of a program begins, twice.
stacks()
{
	zlogin web 'for i in 1 2 3; do sh -c "grep .stack. /proc/self/maps" | cut -d- -f1; done' | sort -u | wc -l
}

test_security_flags_aslr()
{
	with
	[ "$(stacks)" -gt 1 ] || fail "memory is laid out the same each time"
	check_match 'turned off' 'Function not implemented|failed' \
		"$(zlogin web 'setarch -R true' 2>&1 || true)"
	with 'add security-flags' 'set lower=none' 'set default=none' end
	check_eq 'without aslr' 1 "$(stacks)"
	check_eq init 1 "$(zlogin web 'cat /proc/1/personality' | grep -c '0*40000$')"
	with 'remove security-flags' 'add security-flags' 'set lower=aslr,forbidnullmap' 'set default=all' end
	[ "$(stacks)" -gt 1 ] || fail "memory is laid out the same each time"
	check_eq 'page 0' refused "$(zlogin web "python3 -c '
import ctypes
libc = ctypes.CDLL(None); libc.mmap.restype = ctypes.c_void_p
print(\"mapped\" if libc.mmap(ctypes.c_void_p(0), 4096, 7, 0x32, -1, 0) != 2**64 - 1 else \"refused\")'")"
	check_no_match 'executable stack' 'rwxp.*stack' "$(zlogin web 'grep stack /proc/self/maps')"
	with 'remove security-flags'
}

test_flags_that_cannot_be_held_are_refused()
{
	expect_ok zonecfg -z web 'add security-flags; set lower=noexecstack; set default=all; end'
	expect_fail 1 'security-flags lower=noexecstack: this release cannot apply it' zoneadm -z web verify
	expect_ok zonecfg -z web 'remove security-flags; add security-flags; set default=none; set upper=aslr; end'
	expect_fail 1 'security-flags upper=aslr: this release cannot apply it' zoneadm -z web verify
	expect_ok zonecfg -z web 'remove security-flags'
}

test_pool()
{
	with
	[ "$(nproc)" -gt 1 ] || skip "one CPU"
	printf '# pools\nother 0-1\none\t1 # the second\nbad 1000\n' >"$ZONES_ROOT/etc/zones/pools"
	with 'set pool=one'
	check_eq login 1 "$(zlogin web nproc)"
	sees_cpus web 1
	expect_fail 1 'Invalid argument' zlogin web 'taskset -c 0 true'
	kill_hard zoned
	start zoned
	check_eq 'after zoned' 1 "$(zlogin web nproc)"
	with 'set pool=other'
	check_eq both 2 "$(zlogin web nproc)"
	expect_ok zoneadm -z web halt
	expect_ok zonecfg -z web set pool=bad
	expect_fail 1 "'1000' are not CPUs of this host" zoneadm -z web boot
	expect_ok zonecfg -z web set pool=none
	expect_ok zoneadm -z web verify
	check_match warned "warning: pool 'none' is not in /etc/zones/pools" "$out"
	expect_ok zoneadm -z web boot
	check_match warned "WARNING: pool 'none' is not in /etc/zones/pools; using all CPUs" "$out"
	check_eq all "$(nproc)" "$(zlogin web nproc)"
	with 'clear pool'
	nothing_left=$(find /sys/fs/cgroup/cpuset -path "*$ZONES_CGROUP/zones/web*" 2>/dev/null | head -1)
	check_eq group '' "$nothing_left"
}

# What a zone sees of its CPUs agrees: in its processes and in the files of zoneview.
sees_cpus()
{
	check_eq "nproc of $1" "$(wc -w <<<"$2")" "$(zlogin "$1" nproc)"
	check_match "init of $1" "Cpus_allowed_list:.$(tr ' ' - <<<"$2")\$" "$(zlogin "$1" 'cat /proc/1/status')"
	check_eq "cpuinfo of $1" "$2" "$(zlogin "$1" 'sed -n "s/^processor[^0-9]*//p" /proc/cpuinfo' | xargs)"
	check_eq "online of $1" "$(tr ' ' - <<<"$2")" "$(zlogin "$1" 'cat /sys/devices/system/cpu/online')"
}

# The last CPU is the zone's alone as long as it lives; a zone that runs already is moved away from it.
test_dedicated_cpu()
{
	local last rest all

	last=$(($(nproc) - 1))
	[ "$last" -gt 0 ] || skip "one CPU"
	all=$(seq -s' ' 0 "$last")
	rest=$(seq -s' ' 0 $((last - 1)))
	make_zone other
	expect_ok zoneadm -z other boot
	zlogin other 'nohup sleep 1000 >/dev/null 2>&1 </dev/null & echo $!' >/tmp/sleeper
	sees_cpus other "$all"
	with 'add dedicated-cpu' 'set ncpus=1' end
	sees_cpus web "$last"
	sees_cpus other "$rest"
	check_match moved "Cpus_allowed_list:.$(tr ' ' - <<<"$rest")\$" \
		"$(zlogin other "cat /proc/$(cat /tmp/sleeper)/status")"
	expect_fail 1 'Invalid argument' zlogin other "taskset -c $last true"
	kill_hard zoned
	start zoned
	# one that boots later, with another zoned, is kept off too
	expect_ok zoneadm -z other halt
	expect_ok zoneadm -z other boot
	sees_cpus other "$rest"
	sees_cpus web "$last"
	expect_ok zoneadm -z web halt
	sees_cpus other "$all"
	expect_ok zoneadm -z other halt
	expect_ok zonecfg -z web 'remove dedicated-cpu'
	check_eq group '' "$(find /sys/fs/cgroup/cpuset -path "*$ZONES_CGROUP/zones/*" -type d 2>/dev/null | head -1)"
}

test_dedicated_cpus_that_are_not_there()
{
	local n

	n=$(nproc)
	[ "$n" -gt 1 ] || skip "one CPU"
	printf 'last %s\n' $((n - 1)) >"$ZONES_ROOT/etc/zones/pools"
	zoneadm -z web halt 2>/dev/null
	expect_ok zonecfg -z web 'add dedicated-cpu; set ncpus='"$n; end"
	expect_fail 1 "Zone 'web' cannot have $n dedicated CPUs: .* more than this host's $n" zoneadm -z web boot
	check_eq state installed "$(state_of web)"
	# a range takes what there is
	expect_ok zonecfg -z web 'select dedicated-cpu; set ncpus=1-'"$n; set importance=3; end"
	expect_ok zoneadm -z web boot
	check_eq most $((n - 1)) "$(zlogin web nproc)"
	expect_ok zonecfg -z other set pool=last
	expect_fail 1 "CPUs of the pool of zone 'other' are dedicated" zoneadm -z other boot
	expect_ok zoneadm -z web halt
	expect_ok zoneadm -z other boot
	check_eq pool 1 "$(zlogin other nproc)"
	expect_ok zoneadm -z other halt
	expect_ok zonecfg -z other clear pool
	expect_ok zonecfg -z web 'remove dedicated-cpu'
}

test_fs_allowed()
{
	local type

	with 'set fs-allowed=tmpfs,ramfs,devpts,mqueue,cgroup2,overlay'
	for type in tmpfs ramfs devpts mqueue cgroup2 'overlay -o lowerdir=/etc:/usr'; do
		expect_ok zlogin web "mount -t $type x /mnt && umount /mnt"
	done
	for type in devtmpfs debugfs; do
		! zlogin web "mount -t $type x /mnt" >/dev/null 2>&1 </dev/null || fail "$type was mounted"
	done
	with 'set limitpriv=default,!sys_mount'
	! zlogin web 'mount -t tmpfs x /mnt' >/dev/null 2>&1 </dev/null || fail 'without sys_mount tmpfs was mounted'
	expect_ok zonecfg -z web 'clear limitpriv; set fs-allowed=tmpfs,ext4'
	expect_fail 1 'fs-allowed ext4: this release cannot apply it' zoneadm -z web verify
	expect_ok zonecfg -z web clear fs-allowed
}

test_hostid()
{
	with 'set hostid=1234abcd'
	check_eq hostid 1234abcd "$(zlogin web hostid)"
	check_match 'read-only' 'Read-only' "$(zlogin web 'echo 1 >/etc/hostid' 2>&1 || true)"
	with 'set hostid=FFFFFFFE'
	check_eq changed fffffffe "$(zlogin web hostid)"
	with 'clear hostid'
}

test_debugid()
{
	did()
	{
		zone-probe get "$(zoneadm -z web list -p | cut -d: -f1)" did
	}
	with
	check_eq 'assigned' "ok $(zoneadm -z web list -p | cut -d: -f8)" "$(did)"
	check_no_match 'none' 'ok 0' "$(did)"
	with 'set debugid=2147483647'
	check_eq 'as configured' 'ok 2147483647' "$(did)"
	check_eq 'what did not change' '' "$(zoneadm -z web apply)"
	expect_ok zonecfg -z web set debugid=7
	expect_ok zoneadm -z web apply
	check_match 'the next boot' 'debugid: takes effect at the next boot' "$out"
	with 'clear debugid'
}

# privilege NAME COMMAND: COMMAND works in the zone, and without the privilege it does not.
privilege()
{
	with 'set limitpriv=default'
	expect_ok zlogin web "$2"
	with "set limitpriv=default,!$1"
	! zlogin web "$2" >/dev/null 2>&1 </dev/null || fail "without $1 it works: $2"
}

# What stands for several capabilities is tried by one of them.
test_limitpriv_capabilities()
{
	touch "$ZONES_ROOT/zones/web/root/root/file"
	privilege file_chown 'chown 5 /root/file && chown 0 /root/file'
	privilege proc_chroot 'chroot / true'
	privilege proc_setid 'setpriv --reuid 7 --clear-groups true'
	privilege net_rawaccess 'python3 -c "import socket; socket.socket(2, 3, 1)"'
	privilege sys_ip_config 'ip link set lo down && ip link set lo up'
	privilege sys_mount 'mount -t tmpfs t /mnt && umount /mnt'
	with 'clear limitpriv'
}

test_limitpriv_capabilities_of_files()
{
	zlogin web 'rm -rf /root/other; mkdir -m 0 /root/other; echo x >/root/other/file; chown -R 9:9 /root/other'
	privilege file_dac_search 'cat /root/other/file'
	zlogin web 'chmod 777 /root/other; chmod 0 /root/other/file'
	privilege file_dac_read 'cat /root/other/file'
	privilege file_dac_write 'echo y >>/root/other/file'
	privilege file_owner 'chmod 0 /root/other/file'
	with 'clear limitpriv'
}

# A signal to another user's process; the process must live for both tries.
test_limitpriv_signals()
{
	local try='setpriv --reuid 9 --clear-groups sleep 100 & p=$!; sleep 0.5; kill -0 $p; r=$?; kill -9 $p; exit $r'

	privilege proc_owner "$try"
	with 'clear limitpriv'
}

# Not a capability: the filter of system calls.
test_limitpriv_net_access()
{
	privilege net_access 'python3 -c "import socket; socket.socket(2, 1, 0)"'
	expect_ok zlogin web 'python3 -c "import socket; socket.socket(1, 1, 0); socket.socket(16, 3, 0)"'
	check_match errno 'Permission denied' "$(zlogin web 'python3 -c "import socket; socket.socket(10, 2, 0)"' 2>&1)"
	# init too
	check_match init '^Seccomp_filters:.2' "$(zlogin web 'grep Seccomp_filters /proc/1/status')"
	with 'clear limitpriv'
}

test_limitpriv_names_what_is_wrong()
{
	expect_fail 1 'nonsense' zonecfg -z web 'set limitpriv=default,nonsense'
	expect_fail 1 'dtrace_kernel' zonecfg -z web 'set limitpriv=default,dtrace_kernel'
	expect_ok zonecfg -z web 'set limitpriv=default,!file_read'
	expect_fail 1 'limitpriv !file_read: this release cannot apply it' zoneadm -z web verify
	expect_ok zonecfg -z web 'clear limitpriv'
}

run_tests
