#!/bin/bash
# What root in a zone cannot do.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	make_linked_zone web
	expect_ok zoneadm -z web boot
}

inside()
{
	in_zone web "$@" </dev/null 2>&1
}

# cannot COMMAND...: fails inside the zone.
cannot()
{
	local said

	if said=$(inside "$@"); then
		fail "root in the zone could: $*: $said"
	fi
	echo "# $*: $said"
}

test_ids_are_mapped()
{
	local base

	expect_ok in_zone web awk '{ print $1, $3; exit }' /proc/self/uid_map
	check_eq 'map' '0 65536' "$out"
	base=$(awk '{ print $2; exit }' "/proc/$(init_of web)/uid_map")
	[ "$base" -ge 65536 ] || fail "the zone's root is uid $base outside"
	check_eq 'owner of init outside' "$base" "$(stat -c %u "/proc/$(init_of web)")"
}

test_files_on_disk_are_unshifted()
{
	expect_ok in_zone web sh -c 'echo x >/root/made; chown 5:6 /root/made'
	check_eq owner '5 6' "$(stat -c '%u %g' "$ZONES_ROOT/zones/web/root/root/made")"
}

test_usr_is_read_only_and_stays_so()
{
	cannot sh -c 'echo x >/usr/written'
	cannot mount -o remount,rw /usr
	cannot mount -o remount,bind,rw /usr
	cannot sh -c 'mkdir -p /tmp/m && mount --bind /usr /tmp/m && mount -o remount,bind,rw /tmp/m && touch /tmp/m/x'
	cannot unshare -m sh -c 'mount -o remount,bind,rw /usr && touch /usr/written'
	cannot unshare -rm sh -c 'mount -o remount,bind,rw /usr && touch /usr/written'
	[ ! -e /usr/written ] || fail "the host's /usr was written"
}

test_masked_and_read_only_kernel_files()
{
	local file

	for file in /proc/kcore /proc/keys /proc/timer_list /proc/sched_debug; do
		inside test -e "$file" || continue
		check_eq "bytes of $file" 0 "$(inside sh -c "head -c 10 $file | wc -c" | tail -1 | tr -d ' ')"
	done
	cannot sh -c 'echo c >/proc/sysrq-trigger'
	cannot sh -c 'echo 1 >/proc/sys/kernel/panic'
	cannot sh -c 'echo x >/proc/sys/kernel/core_pattern'
	cannot sh -c 'echo 3 >/proc/sys/vm/drop_caches'
	cannot sh -c 'echo x >/sys/kernel/uevent_helper'
	cannot mount -o remount,rw /proc/sys
	cannot mount -o remount,bind,rw /proc/sys
	cannot mount -o remount,rw /sys
}

test_uncovering_by_unmounting()
{
	local file

	for file in /proc/kcore /proc/keys /proc/sysrq-trigger /proc/sys /usr /sys /dev; do
		cannot umount -l "$file"
		cannot unshare -m umount -l "$file"
		cannot unshare -rm umount -l "$file"
	done
	# /proc as a whole can be taken away; then there is none, and none can be mounted.
	cannot unshare -m sh -c 'umount -l /proc; head -c 10 /proc/kcore | grep -q .'
	cannot unshare -m sh -c 'umount -l /proc; mount -t proc proc /proc'
	cannot unshare -m sh -c 'mount --move /proc /mnt; umount -l /mnt; mount -t proc proc /proc'
	cannot unshare -m sh -c 'mount --bind /proc /mnt; umount -l /mnt/sys; echo 1 >/mnt/sys/kernel/panic'
	cannot unshare -m sh -c 'mount --rbind /proc /mnt; umount -l /mnt/sys && echo 1 >/mnt/sys/kernel/panic'
	cannot unshare -m sh -c 'mount --bind /proc/sys /mnt; mount -o remount,bind,rw /mnt; echo 1 >/mnt/kernel/panic'
	expect_ok inside test -e /proc/self/status
}

test_a_fresh_proc_or_sysfs_shows_no_more()
{
	# The masks make the old one not fully visible, so the kernel refuses a new one.
	cannot sh -c 'mkdir -p /tmp/p && mount -t proc proc /tmp/p && head -c 1 /tmp/p/kcore | grep -q .'
	cannot sh -c 'mkdir -p /tmp/s && mount -t sysfs sysfs /tmp/s && echo x >/tmp/s/kernel/uevent_helper'
	cannot unshare -pf --mount-proc sh -c 'echo 1 >/proc/sys/kernel/panic'
}

test_no_devices_but_the_usual_ones()
{
	local name

	cannot mknod /tmp/disk b 254 0
	cannot mknod /dev/mem c 1 1
	expect_ok inside ls /dev
	for name in $out; do
		case $name in
		null | zero | full | random | urandom | tty | console | ptmx | pts | shm | mqueue | \
			fd | stdin | stdout | stderr | zones | core | log | initctl) ;;
		*) fail "/dev/$name is in the zone" ;;
		esac
	done
	expect_ok inside sh -c 'echo x >/dev/null && head -c 4 /dev/zero | wc -c && head -c 4 /dev/urandom | wc -c'
}

test_kernel_is_out_of_reach()
{
	cannot modprobe dummy
	cannot insmod /nonexistent.ko
	cannot dmesg
	cannot sh -c 'date -s @0'
	cannot sh -c 'swapoff -a && swapon /dev/vda'
	cannot sh -c 'echo -1000 >/proc/self/oom_score_adj'
	}

test_seccomp_and_capabilities()
{
	local caps

	expect_ok in_zone web awk '/^Seccomp:/ { print $2 }' /proc/self/status
	check_eq 'seccomp of a login' 2 "$out"
	expect_ok in_zone web awk '/^Seccomp:/ { print $2 }' /proc/1/status
	check_eq 'seccomp of init' 2 "$out"
	expect_ok in_zone web awk '/^CapBnd:/ { print $2 }' /proc/self/status
	caps=$((16#$out))
	check_eq 'login and init' "$out" "$(in_zone web awk '/^CapBnd:/ { print $2 }' /proc/1/status)"
	# sys_module 16, sys_rawio 17, mac_override 32, mac_admin 33, sys_time 25, syslog 34
	for bit in 16 17 25 32 33 34; do
		[ $((caps >> bit & 1)) = 0 ] || fail "capability $bit is in the bounding set"
	done
	# It keeps sys_boot 22 (halt, reboot), net_admin 12, sys_admin 21 over its own namespaces.
	for bit in 12 21 22; do
		[ $((caps >> bit & 1)) = 1 ] || fail "capability $bit is missing"
	done
}

test_only_its_own_processes_and_links()
{
	expect_ok in_zone web sh -c 'cat /proc/[0-9]*/comm'
	check_no_match processes 'zoned|zoneadmd|dlmgmtd|zsched|throwaway' "$out"
	expect_ok zlogin web ls /sys/class/net
	check_eq links 'lo web0' "$(tr '\n' ' ' <<<"$out" | sed 's/ $//')"
	expect_ok zlogin web ip -o link
	check_no_match links 'webh0|webs0' "$out"
}

test_other_namespaces_are_its_own()
{
	local ns

	for ns in user mnt net ipc uts cgroup pid; do
		[ "$(readlink "/proc/$(init_of web)/ns/$ns")" != "$(readlink "/proc/self/ns/$ns")" ] ||
			fail "the zone shares the host's $ns namespace"
		check_eq "$ns namespace of login and init" "$(readlink "/proc/$(init_of web)/ns/$ns")" \
			"$(zlogin web readlink "/proc/self/ns/$ns")"
	done
}

names_of_the_host()
{
	uname -n
	domainname
	ipcs -qms | awk '/^0x/'
	ls /dev/shm/mine /dev/mqueue/mine 2>/dev/null || true
}

# Its name, its domain and its objects of IPC are a zone's own, and begin anew with each boot.
test_names_and_ipc_are_its_own()
{
	local before

	make_zone db
	expect_ok zoneadm -z db boot
	before=$(names_of_the_host)
	expect_ok zlogin web uname -n
	check_eq 'at first' web "$out"
	expect_ok inside sh -c 'hostname other; domainname d.example; ipcmk -Q -M 10 -S 1; touch /dev/shm/mine /dev/mqueue/mine'
	check_eq 'in there' 'other d.example 3 mine mine' "$(zlogin web 'uname -n; domainname; ipcs | grep -c ^0x; ls /dev/shm; ls /dev/mqueue' | xargs)"
	check_eq 'another zone' 'db 0' "$(zlogin db 'uname -n; ipcs | grep -c ^0x; ls /dev/shm; ls /dev/mqueue' | xargs)"
	check_eq 'the host' "$before" "$(names_of_the_host)"
	expect_ok zoneadm -z web reboot
	check_eq 'booted again' 'web 0' "$(zlogin web 'uname -n; ipcs | grep -c ^0x; ls /dev/shm; ls /dev/mqueue' | xargs)"
	remove_zone db
}

# What there is not and what is another's cannot be told apart.
test_processes_of_others_are_not_there()
{
	local pid=0 last

	# One of the host with a number that no process of the zone has meanwhile.
	last=$(zlogin web 'ls /proc' | grep -x '[0-9]*' | sort -n | tail -n 1)
	while [ "$pid" -lt $((last + 300)) ]; do
		sleep 600 &
		[ "$pid" = 0 ] || kill "$pid"
		pid=$!
	done
	expect_ok in_zone web python3 -c '
import ctypes, errno, os, sys
def why(call, *args):
    try:
        call(*args)
    except OSError as e:
        return errno.errorcode[e.errno]
    return "done"
for pid in map(int, sys.argv[1:]):
    print(why(os.kill, pid, 0), why(os.getpriority, os.PRIO_PROCESS, pid), why(os.getpgid, pid), why(os.getsid, pid),
        why(os.sched_getaffinity, pid), why(os.pidfd_open, pid), why(os.listdir, "/proc/%d" % pid),
        why(open, "/proc/%d/stat" % pid), why(os.readlink, "/proc/%d/exe" % pid))
' "$pid" 4000000
	kill "$pid"
	check_eq 'for all the same' 'ESRCH ESRCH ESRCH ESRCH ESRCH ESRCH ENOENT ENOENT ENOENT' "$(sort -u <<<"$out")"
	check_eq 'who is the parent of init' 0 "$(zlogin web 'awk "/^PPid/ { print \$2 }" /proc/1/status')"
}

test_the_cgroup_is_a_cage()
{
	expect_ok zlogin web cat /proc/self/cgroup
	check_match cgroup '^0::/(zlogin)?$' "$out"
	check_no_match cgroup 'zones' "$(grep '^0::' <<<"$out")"
	cannot sh -c 'echo $$ >/sys/fs/cgroup/../cgroup.procs'
	cannot sh -c 'for f in $(find /sys/fs/cgroup -name pids.max -o -name memory.max -o -name cpu.max \
		-o -name memory.limit_in_bytes -o -name cpu.cfs_quota_us); do echo max >$f && echo -1 >$f && exit 0; done; exit 1'
}

test_ptrace_and_signals_end_at_the_zone()
{
	cannot kill -0 "$(pids_of zoned | head -1)"
	cannot nsenter -t 1 -p -F kill -0 99999
	cannot ls "/proc/1/root$ZONES_ROOT"
	cannot sh -c "cd / && cd ../../..$ZONES_ROOT"
}

test_the_zonepath_is_closed_to_users()
{
	! setpriv --reuid 1000 --regid 1000 --clear-groups ls "$ZONES_ROOT/zones/web/root" ||
		fail "a user of the host can look into the zone's files"
}

test_login_does_not_pass_host_files()
{
	expect_ok in_zone web sh -c 'ls -l /proc/self/fd /proc/1/fd'
	check_no_match descriptors "$ZONES_ROOT" "$out"
	expect_ok zlogin web readlink /proc/self/exe
}

run_tests
