#!/bin/bash
# zoneadm shutdown: the zone ends by its own means, or does not in time; halt and others come between.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	make_zone sd 'add attr' 'set name=shutdown-timeout' 'set type=uint' 'set value=2' end
	make_shutdown_brand stubborn 'exit 0'
	make_shutdown_brand broken 'exit 3'
	make_shutdown_brand endless 'sleep 50'
}

# make_shutdown_brand NAME COMMAND: sparse, with a shutdown command in the zone that does that.
make_shutdown_brand()
{
	local dir=$ZONES_ROOT/usr/lib/brand/$1

	mkdir -p "$ZONES_ROOT/usr/lib/brand"
	cp -r "$ZONES_BRANDS/sparse" "$dir"
	sed -i -e "s/brand name=\"sparse\"/brand name=\"$1\"/" \
		-e "s|<shutdown>.*</shutdown>|<shutdown>/bin/sh -c '$2'</shutdown>|" "$dir/config.xml"
	sed -i "s/name=\"sparse\"/name=\"$1\"/" "$dir/platform.xml"
	configure "$1" "set brand=$1" 'add attr' 'set name=shutdown-timeout' 'set type=uint' \
		'set value=3' end
	expect_ok zoneadm -z "$1" install
}

no_zoneadmd()
{
	[ -z "$(zoneadmd_of "$1")" ]
}

test_a_zone_shuts_itself_down()
{
	expect_ok zoneadm -z sd boot
	expect_ok zoneadm -z sd shutdown
	check_eq said '' "$out"
	check_eq state installed "$(state_of sd)"
	nothing_of sd
	wait_for 5 no_zoneadmd sd
}

test_processes_are_asked_first()
{
	expect_ok zoneadm -z sd boot
	zlogin sd 'trap "echo asked >/root/asked; exit" TERM; echo ready; while :; do sleep 0.05; done' \
		>/tmp/sd.out 2>&1 &
	wait_for 5 grep -q ready /tmp/sd.out
	expect_ok zoneadm -z sd shutdown
	check_eq 'what the process did' asked "$(cat "$ZONES_ROOT/zones/sd/root/root/asked")"
	wait || true
}

test_and_boots_again()
{
	local init

	expect_ok zoneadm -z sd boot
	init=$(init_of sd)
	expect_ok zoneadm -z sd shutdown -r
	check_eq state running "$(state_of sd)"
	[ "$(init_of sd)" != "$init" ] || fail "the same init"
	expect_ok zoneadm -z sd shutdown -r -- -s
	check_match 'boot arguments' ' -s( |$)' "$(tr '\0' ' ' <"/proc/$(init_of sd)/cmdline")"
	expect_ok zoneadm -z sd halt
}

test_states_in_which_it_is_refused()
{
	expect_fail 1 "shutdown operation is invalid for zones in state 'installed'" \
		zoneadm -z sd shutdown
	expect_ok zoneadm -z sd ready
	expect_fail 1 "invalid for zones in state 'ready'" zoneadm -z sd shutdown
	expect_ok zoneadm -z sd halt
	configure young
	expect_fail 1 "invalid for zones in state 'configured'" zoneadm -z young shutdown -r
	expect_ok zonecfg -z young delete -F
}

# It is named, nobody unmounts what is not the zone's, and the halt is completed afterwards.
test_a_mount_of_the_host_below_the_root()
{
	local point=$ZONES_ROOT/zones/sd/root/mnt

	has_state sd running || expect_ok zoneadm -z sd boot
	mkdir -p "$point"
	mount -t tmpfs tmpfs "$point"
	expect_fail 1 "/zones/sd/root/mnt is mounted below the root" zoneadm -z sd halt
	check_eq state down "$(state_of sd)"
	mountpoint -q "$point" || fail 'it was unmounted'
	expect_fail 1 "/zones/sd/root/mnt is mounted below the root" zoneadm -z sd halt
	umount "$point"
	expect_ok zoneadm -z sd halt
	check_eq state installed "$(state_of sd)"
	nothing_of sd
}

test_usage()
{
	expect_fail 2 usage zoneadm -z sd shutdown -x
	expect_fail 2 usage zoneadm -z sd shutdown -- -s
	expect_fail 2 usage zoneadm -z sd shutdown -r -s
	expect_fail 1 'global' zoneadm -z global shutdown
}

test_a_zone_that_does_not_end()
{
	expect_ok zoneadm -z stubborn boot
	local init
	init=$(init_of stubborn)
	expect_fail 1 "unable to shutdown zone: it is still in state 'running' after 3 seconds" \
		zoneadm -z stubborn shutdown
	check_eq 'left as it is' "$init" "$(init_of stubborn)"
	# and the next one is not "already in progress"
	expect_fail 1 'after 3 seconds' zoneadm -z stubborn shutdown -r
	check_eq 'not booted again' "$init" "$(init_of stubborn)"
	expect_ok zoneadm -z stubborn halt
}

test_a_command_that_fails()
{
	# A zone that goes down has ten seconds after its command was killed.
	expect_ok zonecfg -z broken 'select attr name=shutdown-timeout; set value=50; end'
	expect_ok zoneadm -z broken boot
	expect_fail 1 'its shutdown command failed' zoneadm -z broken shutdown
	check_eq state running "$(state_of broken)"
	expect_ok zoneadm -z broken halt
}

test_a_command_that_does_not_end()
{
	expect_ok zoneadm -z endless boot
	expect_fail 1 'after 3 seconds' zoneadm -z endless shutdown
	check_eq state running "$(state_of endless)"
	expect_ok zoneadm -z endless halt
	nothing_of endless
}

test_only_one_at_a_time()
{
	expect_ok zoneadm -z endless boot
	zoneadm -z endless shutdown >/tmp/endless.out 2>&1 &
	wait_for 5 pgrep -f 'zlogin -S endless'
	expect_fail 1 'shutdown is already in progress' zoneadm -z endless shutdown
	wait || true
	expect_ok zoneadm -z endless halt
}

test_halt_comes_between()
{
	local pid start=$SECONDS

	expect_ok zoneadm -z endless boot
	zoneadm -z endless shutdown >/tmp/endless.out 2>&1 &
	pid=$!
	wait_for 5 pgrep -f 'zlogin -S endless'
	expect_ok zoneadm -z endless halt
	wait "$pid" || fail "shutdown: $(cat /tmp/endless.out)"
	[ $((SECONDS - start)) -lt 3 ] || fail "the shutdown waited although the zone was halted"
	check_eq state installed "$(state_of endless)"
	nothing_of endless
}

test_a_reboot_between_is_no_success()
{
	local pid

	expect_ok zoneadm -z stubborn boot
	zoneadm -z stubborn shutdown >/tmp/stubborn.out 2>&1 &
	pid=$!
	sleep 0.5
	expect_ok zoneadm -z stubborn reboot
	! wait "$pid" || fail "the shutdown succeeded"
	check_match said 'booted again meanwhile' "$(cat /tmp/stubborn.out)"
	check_eq state running "$(state_of stubborn)"
	expect_ok zoneadm -z stubborn halt
}

test_zoneadmd_dies_meanwhile()
{
	local pid

	expect_ok zoneadm -z endless boot
	zoneadm -z endless shutdown >/tmp/endless.out 2>&1 &
	pid=$!
	wait_for 5 pgrep -f 'zlogin -S endless'
	kill_hard zoneadmd
	! wait "$pid" || fail "the shutdown succeeded"
	check_match said 'zoneadmd? died' "$(cat /tmp/endless.out)"
	check_eq state running "$(state_of endless)"
	expect_ok zoneadm -z endless halt
	nothing_of endless
}

run_tests
