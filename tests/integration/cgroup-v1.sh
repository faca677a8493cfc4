#!/bin/bash
# A host that has only mounted hierarchies of cgroup v1: zoned mounts v2 for itself, limits are v1's.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	[ "$(stat -fc %T /sys/fs/cgroup)" != cgroup2fs ] || skip "this host's control groups are v2"
	! mountpoint -q /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified
	# dlmgmtd is there first, and must find what zoned mounts later.
	start_daemons
	make_zone web 'set max-lwps=100' 'add capped-memory' 'set physical=64m' end
	expect_ok zoneadm -z web boot
}

v2=$run/cgroup

mounted()
{
	awk -v root="$ZONES_ROOT" '$3 == "cgroup2" && index($2, root) { print $2 }' /proc/self/mounts
}

test_zoned_mounts_v2_for_itself()
{
	check_eq mounts "$run/cgroup" "$(mounted)"
	check_match options 'nosuid,nodev,noexec' "$(grep " $run/cgroup " /proc/self/mounts)"
	check_match init '.' "$(init_of web)"
	# Once for all, however often it starts.
	kill_hard zoned
	start zoned
	check_eq mounts "$run/cgroup" "$(mounted)"
	expect_ok zlogin web true
	check_eq 'from inside' web "$(zlogin web zonename)"
	check_match 'inside it has its own' '^none /sys/fs/cgroup cgroup2 ' "$(zlogin web 'grep cgroup /proc/self/mounts')"
}

# As dlmgmtd sees it, which has started before v2 was there.
test_a_caller_is_known_by_its_group()
{
	expect_ok dladm create-etherstub v1stub0
	expect_ok dladm delete-etherstub v1stub0
	expect_fail 1 'permission denied' unshare --user --map-root-user dladm create-etherstub v1stub0
}

test_limits_are_those_of_v1()
{
	local pids

	pids=$(awk '$3 == "cgroup" && $4 ~ /(^|,)pids(,|$)/ { print $2; exit }' /proc/self/mounts)
	[ -n "$pids" ] || skip 'no pids controller'
	check_eq pids.max 100 "$(cat "$pids/$ZONES_CGROUP/zones/web/pids.max")"
	expect_fail 2 'fork' in_zone web sh -c '
		i=0
		while [ $i -lt 200 ]; do sleep 900 >/dev/null 2>&1 & i=$((i + 1)); done'
	pkill -f '^sleep 900$'
	wait_for 10 zlogin web true
	expect_ok prctl -n zone.max-lwps -r -v 120 -i zone web
	check_eq 'live' 120 "$(cat "$pids/$ZONES_CGROUP/zones/web/pids.max")"
}

test_freeze_counts_and_halt()
{
	expect_ok zoneadm -z web freeze
	check_match frozen 'frozen 1' "$(cat "$v2/$ZONES_CGROUP/zones/web/zone/cgroup.events")"
	expect_ok zoneadm -z web thaw
	check_match kstat '[0-9]' "$(kstat -p -m zones -n web | head -1)"
	expect_ok zonestat -z web 1 1
	expect_ok zoneadm -z web reboot
	expect_ok zoneadm -z web halt
	nothing_of web
	check_eq 'groups of v1' '' "$(find /sys/fs/cgroup -type d -path "*$ZONES_CGROUP/zones/web*")"
}

run_tests
