#!/bin/bash
# States of a zone: install, ready, boot, reboot, halt, uninstall, in and out of order.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
}

test_the_whole_way_and_back()
{
	configure way
	check_eq state configured "$(state_of way)"
	expect_ok zoneadm -z way verify
	expect_ok zoneadm -z way install
	check_eq state installed "$(state_of way)"
	expect_ok zoneadm -z way ready
	check_eq state ready "$(state_of way)"
	check_eq 'processes of a zone that is ready' '' "$(init_of way)"
	expect_ok zoneadm -z way boot
	check_eq state running "$(state_of way)"
	[ -n "$(init_of way)" ] || fail "no init"
	expect_ok zoneadm -z way halt
	check_eq state installed "$(state_of way)"
	nothing_of way
	expect_ok zoneadm -z way uninstall -F
	check_eq state configured "$(state_of way)"
	expect_ok zonecfg -z way delete -F
	check_eq state none "$(state_of way)"
}

test_list_forms()
{
	make_zone lst
	expect_ok zoneadm list
	check_eq running global "$out"
	expect_ok zoneadm list -cv
	check_match header '^ +ID NAME +STATUS +PATH +BRAND +IP' "$out"
	check_match global '^ +0 global +running +/ ' "$out"
	check_match zone '^ +- lst +installed +/zones/lst +sparse +excl' "$out"
	expect_ok zoneadm list -cn
	check_eq names lst "$out"
	expect_ok zoneadm list -ip
	check_match global '^0:global:running:/:' "$out"
	check_match zone '^-:lst:installed:/zones/lst:[0-9a-f-]{36}:sparse:excl' "$out"
	expect_fail 1 '.' zoneadm list -pv
	expect_fail 1 'exclude each other' zoneadm list -jp
	expect_ok zoneadm list -cj
	check_eq json '0 running / None linux,None installed /zones/lst sparse excl' \
		"$(python3 -c 'import json, sys
g, z = json.load(sys.stdin)
print(g["zoneid"], g["state"], g["zonepath"], g["uuid"] and None, g["brand"], end=",")
print(z["zoneid"], z["state"], z["zonepath"], z["brand"], z["ip-type"])' <<<"$out")"
	expect_ok zoneadm -z lst list -j
	check_match 'one zone is an array too' '^\[' "$out"
	expect_fail 1 'nozone' zoneadm -z nozone list
	remove_zone lst
}

test_an_incomplete_zone_boots_by_force_only()
{
	make_zone half
	expect_ok zoneadm -z half mark incomplete
	expect_fail 1 "boot operation is invalid for zones in state 'incomplete'" zoneadm -z half boot
	expect_fail 2 'usage' zoneadm -z half boot -x
	expect_ok zoneadm -z half boot -f -s
	check_eq running running "$(state_of half)"
	expect_ok zoneadm -z half halt
	check_eq 'as before' incomplete "$(state_of half)"
	remove_zone half
}

test_booting_twice_is_success_with_a_message()
{
	make_zone twice
	expect_ok zoneadm -z twice boot
	local init
	init=$(init_of twice)
	expect_ok zoneadm -z twice boot
	check_match said "zone 'twice': zone is already booted" "$out"
	check_eq init "$init" "$(init_of twice)"
	expect_ok zoneadm -z twice halt
	remove_zone twice
}

test_halting_a_halted_zone_is_success_with_a_message()
{
	make_zone halted
	expect_ok zoneadm -z halted halt
	check_match said "zone 'halted': zone is already halted" "$out"
	remove_zone halted
}

test_readying_a_ready_zone_is_success_with_a_message()
{
	make_zone rdy
	expect_ok zoneadm -z rdy ready
	expect_ok zoneadm -z rdy ready
	check_match said "zone 'rdy': zone is already ready" "$out"
	expect_ok zoneadm -z rdy halt
	remove_zone rdy
}

test_single_user()
{
	make_zone single
	expect_ok zoneadm -z single boot -s
	check_match 'boot arguments' ' -s( |$)' "$(tr '\0' ' ' <"/proc/$(init_of single)/cmdline")"
	expect_ok zoneadm -z single halt
	expect_ok zoneadm -z single boot -s -- -m verbose
	check_match 'boot arguments' ' -s -m verbose' \
		"$(tr '\0' ' ' <"/proc/$(init_of single)/cmdline")"
	expect_ok zoneadm -z single halt
	expect_fail 2 usage zoneadm -z single boot -x
	expect_fail 2 usage zoneadm -z single boot -s verbose
	check_match 'which word' "^zoneadm: 'boot' takes no argument 'verbose'$" "$out"
	expect_fail 2 "^zoneadm: 'reboot' takes no argument '-s'$" zoneadm -z single reboot -s
	expect_fail 1 'too long' zoneadm -z single boot -s -- "$(printf '%1023s' '' | tr ' ' x)"
	check_eq state installed "$(state_of single)"
	remove_zone single
}

# The kernel counts for each user what lies in sockets, and measures those who send by their own limit.
test_while_roots_sockets_are_full_of_descriptors()
{
	local flood

	make_zone flooded
	python3 - >"$ZONES_ROOT/flood" <<-'END' &
		import array, socket, time
		pairs = [socket.socketpair() for _ in range(10)]
		for a, _ in pairs:
		    fds = array.array("i", [a.fileno()] * 250)
		    a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
		print("flooded", flush=True)
		time.sleep(600)
	END
	flood=$!
	wait_for 10 grep -q flooded "$ZONES_ROOT/flood"
	expect_ok zoneadm -z flooded boot
	check_eq 'what init has' 1024 "$(awk '/^Max open files/ { print $4 }' "/proc/$(init_of flooded)/limits")"
	expect_ok zoneadm -z flooded halt
	kill "$flood"
	remove_zone flooded
}

test_two_boots_at_once()
{
	local a b

	make_zone race
	zoneadm -z race boot >/tmp/race.a 2>&1 &
	a=$!
	zoneadm -z race boot >/tmp/race.b 2>&1 &
	b=$!
	wait "$a" || fail "first: $(cat /tmp/race.a)"
	wait "$b" || fail "second: $(cat /tmp/race.b)"
	check_eq inits 1 "$(init_of race | wc -w)"
	check_eq zoneadmds 1 "$(zoneadmd_of race | wc -w)"
	check_eq zscheds 1 "$(zsched_of race | wc -w)"
	check_match 'one of them says' 'already booted' "$(cat /tmp/race.a /tmp/race.b)"
	expect_ok zoneadm -z race halt
	remove_zone race
}

test_boot_and_halt_at_once_end_in_one_state()
{
	local i

	make_zone both
	for i in 1 2 3; do
		zoneadm -z both boot >/tmp/both.a 2>&1 &
		zoneadm -z both halt >/tmp/both.b 2>&1 &
		wait
		check_match "state in round $i" '^(installed|running)$' "$(state_of both)"
	done
	expect_ok zoneadm -z both halt
	nothing_of both
	remove_zone both
}

test_two_zones_side_by_side()
{
	make_zone left
	make_zone right
	expect_ok zoneadm -z left boot
	expect_ok zoneadm -z right boot
	expect_ok zoneadm list -n
	check_eq running "$(printf 'left\nright')" "$(sort <<<"$out")"
	expect_ok zlogin left cat /proc/self/uid_map
	local map=$out
	expect_ok zlogin right cat /proc/self/uid_map
	[ "$map" != "$out" ] || fail "both zones have the id range $map"
	expect_ok zoneadm -z left halt
	expect_ok zlogin right true
	expect_ok zoneadm -z right halt
	remove_zone left
	remove_zone right
}

test_reboot_gives_another_init_and_keeps_the_name()
{
	local init

	make_zone reb
	expect_fail 1 "reboot operation is invalid for zones in state 'installed'|not running|must be running" \
		zoneadm -z reb reboot
	expect_ok zoneadm -z reb boot
	init=$(init_of reb)
	expect_ok zoneadm -z reb reboot
	check_eq state running "$(state_of reb)"
	[ -n "$(init_of reb)" ] && [ "$(init_of reb)" != "$init" ] || fail "init is still $init"
	expect_ok zlogin reb zonename
	check_eq name reb "$out"
	expect_ok zoneadm -z reb halt
	remove_zone reb
}

test_what_is_not_installed_cannot_boot()
{
	configure notyet
	expect_fail 1 "zoneadm: .*notyet" zoneadm -z notyet boot
	expect_fail 1 "zoneadm: .*notyet" zoneadm -z notyet ready
	expect_fail 1 "zoneadm: .*notyet" zoneadm -z notyet uninstall -F
	expect_ok zonecfg -z notyet delete -F
}

test_what_runs_cannot_be_installed_uninstalled_or_deleted()
{
	make_zone live
	expect_fail 1 'live' zoneadm -z live install
	expect_ok zoneadm -z live boot
	expect_fail 1 'live' zoneadm -z live uninstall -F
	expect_fail 1 'live' zonecfg -z live delete -F
	check_eq state running "$(state_of live)"
	expect_ok zlogin live true
	expect_ok zoneadm -z live halt
	remove_zone live
}

test_uninstall_asks_or_refuses_without_a_terminal()
{
	make_zone ask
	expect_fail 1 '-F' zoneadm -z ask uninstall
	check_eq state installed "$(state_of ask)"
	remove_zone ask
}

test_the_global_zone_and_unknown_zones_are_refused()
{
	local sub

	for sub in boot halt reboot ready install 'uninstall -F'; do
		# shellcheck disable=SC2086 # options
		expect_fail 1 'global' zoneadm -z global $sub
		# shellcheck disable=SC2086
		expect_fail 1 'nozone' zoneadm -z nozone $sub
	done
}

test_usage_is_2()
{
	expect_fail 2 '.' zoneadm
	expect_fail 2 '.' zoneadm -z x nonsense
	expect_fail 2 '.' zoneadm boot
	expect_fail 2 '.' zoneadm list -Q
	expect_ok zoneadm help
	check_match help 'install' "$out"
}

test_a_link_that_does_not_exist_fails_the_boot()
{
	make_link missing0
	configure nolink 'add net' 'set physical=missing0' 'set allowed-address=10.4.0.2/24' end
	expect_ok zoneadm -z nolink install
	expect_ok dladm delete-vnic missing0
	expect_fail 1 'missing0' zoneadm -z nolink boot
	check_eq state installed "$(state_of nolink)"
	nothing_of nolink
	expect_fail 1 'missing0' zoneadm -z nolink ready
	expect_fail 1 'missing0' zoneadm -z nolink verify
	check_eq state installed "$(state_of nolink)"
	# It is found again as soon as it exists.
	expect_ok dladm create-vnic -l s_missing0 missing0
	expect_ok zoneadm -z nolink boot
	expect_ok zoneadm -z nolink halt
	remove_zone nolink
}

test_a_link_of_another_zone_fails_the_boot()
{
	make_linked_zone first
	make_zone second 'add net' 'set physical=first0' 'set allowed-address=10.9.0.3/24' end
	expect_ok zoneadm -z first boot
	expect_fail 1 'first0' zoneadm -z second boot
	check_eq state installed "$(state_of second)"
	nothing_of second
	expect_ok zlogin first ip -o addr show dev first0
	check_match 'the first zone keeps it' '10\.9\.0\.2/24' "$out"
	expect_ok zoneadm -z first halt
	expect_ok ip link show first0
	# Free again: now the second one may have it.
	expect_ok zoneadm -z second boot
	expect_ok zoneadm -z second halt
	remove_zone first
	remove_zone second
}

test_a_link_that_a_zone_uses_cannot_be_deleted()
{
	make_linked_zone user
	expect_ok zoneadm -z user boot
	expect_fail 1 'user0' dladm delete-vnic user0
	expect_fail 1 'users0' dladm delete-etherstub users0
	expect_ok zlogin user ip link show user0
	expect_ok zoneadm -z user halt
	remove_zone user
	ip addr flush dev userh0
	ip link set userh0 down
	expect_ok dladm delete-vnic user0
	expect_ok dladm delete-vnic userh0
	expect_ok dladm delete-etherstub users0
}

test_no_process_or_mount_shows_on_the_host()
{
	local mounts

	mounts=$(cat /proc/self/mounts)
	make_zone quiet
	expect_ok zoneadm -z quiet boot
	check_eq "the host's mount table" "$mounts" "$(cat /proc/self/mounts)"
	expect_ok zoneadm -z quiet halt
	check_eq "the host's mount table" "$mounts" "$(cat /proc/self/mounts)"
	remove_zone quiet
}

test_many_boots_leave_nothing()
{
	local i

	make_linked_zone loop
	for i in 1 2 3 4 5; do
		expect_ok zoneadm -z loop boot
		expect_ok zoneadm -z loop halt
		nothing_of loop
	done
	expect_ok dladm show-link loop0
	remove_zone loop
}

test_an_empty_console_says_where_the_way_in_is()
{
	make_zone quiet
	expect_ok zoneadm -z quiet boot
	wait_for 10 grep -q 'no login here: use zlogin' "$ZONES_ROOT/zones/quiet/logs/console.log"
	expect_ok zoneadm -z quiet halt
	remove_zone quiet
}

run_tests
