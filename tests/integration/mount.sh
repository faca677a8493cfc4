#!/bin/bash
# zoneadm mount and unmount: a place to repair a halted zone in.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"
# shellcheck source=tests/lib/session.sh
. "$ZONES_TREE/tests/lib/session.sh"

setup()
{
	start_daemons
	make_linked_zone web
	expect_ok zonecfg -z web 'add fs; set dir=/srv; set special=/tmp; set type=lofs; end'
}

test_a_mounted_zone_is_seen_and_entered()
{
	local root=$ZONES_ROOT/zones/web/root

	expect_ok zoneadm -z web mount
	check_eq state mounted "$(state_of web)"
	expect_ok zoneadm list -v
	check_match 'in the list' ' web +mounted ' "$out"
	expect_ok zoneadm list -cj
	check_match 'as JSON' '"mounted"' "$out"
	expect_ok zlogin -S web 'ls'
	check_match 'its root is below /a' '(^|[^a-z])a([^a-z]|$)' "$(tr '\n' ' ' <<<"$out")"
	expect_ok zlogin -S web readlink /a/etc/os-release
	expect_ok zlogin -S web touch /a/root/repaired
	test -e "$root/root/repaired" || fail 'the file is not in the zone'
	check_eq 'of its root' 0:0 "$(stat -c %u:%g "$root/root/repaired")"
	# Nothing of the zone: no file systems, no links, no programs.
	expect_fail 1 '' zlogin -S web test -e /srv
	expect_ok zlogin -S web cat /proc/net/dev
	check_no_match 'links' 'web0' "$out"
	dladm show-link web0 >/dev/null || fail 'the link is not at home'
	session rep zlogin -S web
	wait_for 10 said rep 'Connected'
	type_on rep 'echo in-$((40+2))\r'
	wait_for 10 said rep 'in-42'
	type_on rep '~.'
	ends rep 0
	expect_fail 1 "is mounted for repair, nothing of it runs; enter it with -S" zlogin web id
	expect_ok zoneadm -z web unmount
	check_eq state installed "$(state_of web)"
	nothing_of web
	test ! -e "$ZONES_ROOT/zones/web/lu" || fail 'lu is left'
}

test_what_holds_a_zone_holds_it()
{
	expect_ok zoneadm -z web mount
	expect_fail 1 '.' zlogin -S web touch /usr/x
	expect_ok zlogin -S web cat /proc/self/uid_map
	check_no_match 'ids' '^ *0 +0 ' "$out"
	expect_fail 32 '.' zlogin -S web umount /usr
	expect_ok zlogin -S web cat /proc/self/cgroup
	check_match cgroup '^0::/zlogin$' "$(tail -n 1 <<<"$out")"
	expect_ok zoneadm -z web unmount
}

test_only_unmount_is_possible()
{
	local sub

	expect_ok zoneadm -z web mount
	for sub in ready boot halt mount; do
		expect_fail 1 "$sub operation is invalid for zones in state 'mounted'" zoneadm -z web "$sub"
	done
	expect_fail 1 'invalid for zones in state' zoneadm -z web reboot
	expect_fail 1 'only a running zone' zoneadm -z web shutdown
	expect_fail 1 "invalid for zones in state 'mounted'; unmount it first" zoneadm -z web detach
	expect_fail 1 "mounted" zoneadm -z web uninstall -F
	expect_fail 1 "invalid for zones in state 'mounted'; unmount it first" zoneadm -z web move /zones/y
	check_eq state mounted "$(state_of web)"
	expect_ok zoneadm -z web unmount
	expect_ok zoneadm -z web unmount
	check_match 'twice' "zone 'web': zone is already unmounted" "$out"
	expect_ok zoneadm -z web boot
	expect_fail 1 "mount operation is invalid for zones in state 'running'" zoneadm -z web mount
	expect_fail 1 "unmount operation is invalid for zones in state 'running'" zoneadm -z web unmount
	expect_ok zoneadm -z web halt
}

test_states_below_installed()
{
	configure low
	expect_fail 1 "mount operation is invalid for zones in state 'configured'; install it first" \
		zoneadm -z low mount
	expect_fail 1 "nothing to unmount" zoneadm -z low unmount
	expect_ok zoneadm -z low install
	expect_ok zoneadm -z low mark incomplete
	expect_fail 1 "in state 'incomplete'" zoneadm -z low mount
	expect_ok zoneadm -z low mount -f
	check_eq state mounted "$(state_of low)"
	expect_ok zoneadm -z low unmount
	check_eq state incomplete "$(state_of low)"
	expect_fail 2 'usage' zoneadm -z low mount -x
	expect_fail 2 '.' zoneadm -z low unmount now
	remove_zone low
}

# That is what it is for.
test_a_zone_that_is_damaged_can_be_mounted()
{
	make_zone hurt
	mv "$ZONES_ROOT/zones/hurt/root/bin" "$ZONES_ROOT/zones/hurt/root/bin.lost"
	expect_fail 1 '.' zlogin -S hurt true
	expect_ok zoneadm -z hurt mount
	expect_ok zlogin -S hurt mv /a/bin.lost /a/bin
	expect_ok zoneadm -z hurt unmount
	expect_ok zoneadm -z hurt boot
	expect_ok zlogin hurt true
	remove_zone hurt
}

test_daemons_may_be_killed()
{
	expect_ok zoneadm -z web mount
	kill_hard zoneadmd
	kill_hard zoned
	start zoned
	check_eq state mounted "$(state_of web)"
	expect_ok zlogin -S web true
	expect_ok zoneadm -z web unmount
	nothing_of web
	test ! -e "$ZONES_ROOT/zones/web/lu" || fail 'lu is left'
}

# The end of its process 1 takes it down, as a halt from inside does with a running zone.
test_poweroff_inside_unmounts()
{
	expect_ok zoneadm -z web mount
	zlogin -S web /native/bin/poweroff || true
	wait_for 20 has_state web installed
	wait_for 10 nothing_remains_of web
}

run_tests
