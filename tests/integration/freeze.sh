#!/bin/bash
# zoneadm freeze and thaw: nothing in the zone is scheduled; it stays a running zone.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	make_zone web
	# a brand whose init is started again in place
	mkdir -p "$ZONES_ROOT/usr/lib/brand"
	cp -r "$ZONES_BRANDS/sparse" "$ZONES_ROOT/usr/lib/brand/again"
	sed -i -e 's/name="sparse"/name="again"/' \
		-e 's|<restartinit>.*</restartinit>|<restartinit>true</restartinit>|' \
		"$ZONES_ROOT/usr/lib/brand/again/config.xml" "$ZONES_ROOT/usr/lib/brand/again/platform.xml"
	configure db 'set brand=again'
	expect_ok zoneadm -z db install
}

boot()
{
	has_state web running || expect_ok zoneadm -z web boot
}

freeze()
{
	boot
	expect_ok zoneadm -z web freeze
	check_eq 'nothing said' '' "$out"
}

# What the kernel says about the zone.
frozen()
{
	awk '$1 == "frozen" { print $2 }' "$v2/$ZONES_CGROUP/zones/web/zone/cgroup.events"
}

# What list says.
listed()
{
	zoneadm -z "${1-web}" list -j |
		python3 -c 'import json, sys; z = json.load(sys.stdin)[0]; print(z["state"], z["frozen"])'
}

test_freeze_and_thaw()
{
	boot
	check_eq 'before' 'running False' "$(listed)"
	in_zone web sh -c 'while :; do echo >>/tmp/ticks; sleep 0.02; done' &
	wait_for 10 test -s "$ZONES_ROOT/zones/web/root/tmp/ticks"
	freeze
	check_eq 'the kernel' 1 "$(frozen)"
	check_eq 'list' 'running True' "$(listed)"
	check_eq 'the state is that of a running zone' running "$(state_of web)"
	local ticks
	ticks=$(stat -c %s "$ZONES_ROOT/zones/web/root/tmp/ticks")
	expect_ok zoneadm -z web freeze
	check_match 'again' 'already frozen' "$out"
	check_eq 'nothing ran' "$ticks" "$(stat -c %s "$ZONES_ROOT/zones/web/root/tmp/ticks")"
	expect_ok zoneadm -z web thaw
	check_eq 'the kernel' 0 "$(frozen)"
	check_eq 'list' 'running False' "$(listed)"
	wait_for 10 ticks_after "$ticks"
	expect_ok zoneadm -z web thaw
	check_match 'again' 'already thawed' "$out"
	expect_ok in_zone web true
}

ticks_after()
{
	[ "$(stat -c %s "$ZONES_ROOT/zones/web/root/tmp/ticks")" -gt "$1" ]
}

test_who_is_refused()
{
	freeze
	expect_fail 1 "zone 'web'.*frozen; 'zoneadm -z web thaw'" zlogin -S web true
	expect_fail 1 'it is frozen; thaw it first, or halt it' zoneadm -z web shutdown
	check_eq 'still there' 'running True' "$(listed)"
	expect_fail 2 'usage: zoneadm -z zone freeze' zoneadm -z web freeze now
	expect_ok zoneadm -z web thaw
	# the zone's root cannot do either
	expect_fail 2 'Permission denied' in_zone web sh -c 'echo 1 >/sys/fs/cgroup/cgroup.freeze'
	check_eq 'not frozen' 0 "$(frozen)"
}

test_it_outlives_zoned()
{
	freeze
	kill_hard zoned
	start zoned
	wait_for 10 zoned_answers
	check_eq 'after zoned died' 'running True' "$(listed)"
	check_eq 'the kernel' 1 "$(frozen)"
	expect_ok zoneadm -z web thaw
	expect_ok in_zone web true
}

test_halt_and_reboot()
{
	freeze
	expect_ok zoneadm -z web halt
	check_eq state installed "$(state_of web)"
	nothing_remains_of web
	expect_fail 1 "freeze operation is invalid for zones in state 'installed'" zoneadm -z web freeze
	check_eq 'a halted zone' 'installed False' "$(listed)"
	freeze
	expect_ok zoneadm -z web reboot
	check_eq 'a new zone' 'running False' "$(listed)"
	expect_ok in_zone web true
}

test_a_zone_that_loses_its_init()
{
	freeze
	kill -KILL "$(init_of web)"
	wait_for 10 has_state web installed
	# it could not run in a frozen group
	expect_ok zoneadm -z db boot
	expect_ok zoneadm -z db freeze
	local init
	init=$(init_of db)
	kill -KILL "$init"
	wait_for 10 another_init "$init"
	check_eq 'thawed' 'running False' "$(listed db)"
	expect_ok in_zone db true
	expect_ok zoneadm -z db halt
}

another_init()
{
	local now
	now=$(init_of db)
	[ -n "$now" ] && [ "$now" != "$1" ]
}

run_tests
