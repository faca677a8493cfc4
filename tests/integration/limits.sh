#!/bin/bash
# Resource controls of the configuration, as the kernel applies them.
# Alone: measures CPU time.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	make_zone lim 'set max-lwps=100' 'set cpu-shares=20' 'add capped-memory' 'set physical=64m' \
		'set swap=96m' end 'add capped-cpu' 'set ncpus=0.5' end
	expect_ok zoneadm -z lim boot
}

# file_of CONTROLLER V2NAME V1NAME: the limit file of the zone, wherever this host has it.
file_of()
{
	local v1

	if [ -e "$v2/$ZONES_CGROUP/zones/lim/$2" ]; then
		echo "$v2/$ZONES_CGROUP/zones/lim/$2"
		return
	fi
	v1=$(awk -v c="$1" '$3 == "cgroup" && $4 ~ "(^|,)" c "(,|$)" { print $2; exit }' /proc/self/mounts)
	[ -n "$v1" ] || skip "no $1 controller"
	echo "$v1/$ZONES_CGROUP/zones/lim/$3"
}

test_processes_are_bounded()
{
	check_eq pids.max 100 "$(cat "$(file_of pids pids.max pids.max)")"
	# The shell ends when it cannot fork any more.
	expect_fail 2 'fork' in_zone lim sh -c '
		i=0
		while [ $i -lt 200 ]; do sleep 900 >/dev/null 2>&1 & i=$((i + 1)); done'
	pgrep -f '^sleep 900$' >/tmp/sleeps
	[ "$(wc -l </tmp/sleeps)" -lt 100 ] || fail "$(wc -l </tmp/sleeps) processes were made"
	xargs kill </tmp/sleeps
	wait_for 10 zlogin lim true
}

test_memory_is_bounded()
{
	local high max

	max=$(cat "$(file_of memory memory.max memory.limit_in_bytes)")
	if [ "$max" = max ]; then
		high=$(cat "$v2/$ZONES_CGROUP/zones/lim/memory.high")
		check_eq memory.high $((64 << 20)) "$high"
	else
		[ "$max" -le $((96 << 20)) ] || fail "memory limit is $max"
	fi
	out=$(in_zone lim python3 -c 'b = bytearray(300 << 20); print(len(b))' 2>&1) &&
		fail "300 MiB were taken in a zone of 96: $out"
	expect_ok zlogin lim true
}

test_cpu_is_bounded()
{
	local quota period

	if [ -e "$v2/$ZONES_CGROUP/zones/lim/cpu.max" ]; then
		read -r quota period <"$v2/$ZONES_CGROUP/zones/lim/cpu.max"
	else
		quota=$(cat "$(file_of cpu cpu.max cpu.cfs_quota_us)")
		period=$(cat "$(file_of cpu cpu.max cpu.cfs_period_us)")
	fi
	check_eq 'percent of a CPU' 50 $((quota * 100 / period))
}

# What a loop really gets of a CPU, by the kernel's count.
test_a_spinning_loop_is_held()
{
	local before after time

	expect_ok prctl -n zone.cpu-cap -r -v 20 -i zone lim
	before=$(awk '$1 == "usage_usec" { print $2 }' "$v2/$ZONES_CGROUP/zones/lim/cpu.stat")
	time=${EPOCHREALTIME/./}
	in_zone lim timeout 2 sh -c 'while :; do :; done' || true
	time=$((${EPOCHREALTIME/./} - time))
	after=$(awk '$1 == "usage_usec" { print $2 }' "$v2/$ZONES_CGROUP/zones/lim/cpu.stat")
	# one period of 100 ms more, with which it started
	[ $((after - before)) -le $((time / 5 + 60000)) ] ||
		fail "$((after - before)) us of CPU in $time us"
	expect_ok prctl -n zone.cpu-cap -r -v 50 -i zone lim
}

test_threads_are_bounded()
{
	expect_ok in_zone lim python3 -c '
import threading
end, made = threading.Event(), 0
try:
    while made < 300:
        threading.Thread(target=end.wait).start()
        made += 1
except RuntimeError:
    pass
print(made)
end.set()'
	[ "$out" -lt 100 ] || fail "$out threads were made in a zone of 100"
	[ "$out" -gt 50 ] || fail "only $out threads were made"
}

# Locked memory is memory: it ends at the limit of that, and nothing is locked beyond.
test_locked_memory_is_bounded()
{
	in_zone lim python3 -c '
import ctypes, mmap, resource
libc = ctypes.CDLL(None, use_errno=True)
size = 200 << 20
area = mmap.mmap(-1, size)
start = ctypes.addressof(ctypes.c_char.from_buffer(area))
if libc.mlock(ctypes.c_void_p(start), ctypes.c_size_t(size)) == 0:
    print("locked")' >/tmp/locked 2>&1 || true
	check_no_match '200 MiB in a zone of 96' locked "$(cat /tmp/locked)"
	expect_ok zlogin lim true
}

test_shares_are_set()
{
	if [ -e "$v2/$ZONES_CGROUP/zones/lim/cpu.weight" ]; then
		[ "$(cat "$v2/$ZONES_CGROUP/zones/lim/cpu.weight")" != 100 ] || fail "weight is the default"
	else
		[ "$(cat "$(file_of cpu cpu.weight cpu.shares)")" != 1024 ] || fail "shares are the default"
	fi
}

test_every_process_of_the_zone_is_below_the_limits()
{
	local pid

	for pid in $(init_of lim); do
		check_match cgroups "/$ZONES_CGROUP/zones/lim/zone" "$(grep '^0::' "/proc/$pid/cgroup")"
		check_no_match 'pids controller' ':pids:/$' "$(cat "/proc/$pid/cgroup")"
	done
	zlogin lim sleep 7654 &
	wait_for 5 pgrep -f '^sleep 7654'
	pid=$(pgrep -f '^sleep 7654')
	check_match 'login cgroups' "pids:/$ZONES_CGROUP/zones/lim/zone|^0::/$ZONES_CGROUP/zones/lim/zone" \
		"$(cat "/proc/$pid/cgroup")"
	kill "$pid"
}

test_limits_go_with_the_zone()
{
	expect_ok zoneadm -z lim halt
	check_eq groups '' "$(find /sys/fs/cgroup/ -type d -path "*/$ZONES_CGROUP/zones/lim*" 2>/dev/null)"
}

run_tests
