#!/bin/bash
# zoneadm apply: a running zone is brought to its edited configuration.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"
# shellcheck source=tests/lib/edit.sh
. "$ZONES_TREE/tests/lib/edit.sh"

setup()
{
	start_daemons
	make_linked_zone web
	expect_ok dladm create-vnic -l webs0 web1
	expect_ok zoneadm -z web boot
}

# value RCTL: the privileged values that are in force, in one line.
value()
{
	prctl -P -n "$1" -i zone web | awk '$2 == "privileged" { printf "%s%s", s, $3; s = " " }'
}

addresses()
{
	in_zone web ip -o -4 addr show dev "$1" | awk '{ print $4 }' | sort | tr '\n' ' '
}

test_nothing_to_do()
{
	settled
	apply
	check_eq 'nothing said' '' "$out"
}

test_resource_controls()
{
	edit 'set max-lwps=300' 'set cpu-shares=7' 'add capped-cpu' 'set ncpus=1.5' end
	expect_ok zoneadm -z web apply -n
	check_match lwps '^rctl zone.max-lwps: set \(privileged,300,deny\)$' "$out"
	check_match shares '^rctl zone.cpu-shares: set \(privileged,7,none\)$' "$out"
	check_match cap '^rctl zone.cpu-cap: set \(privileged,150,deny\)$' "$out"
	check_eq 'none was set' '' "$(value zone.max-lwps)$(value zone.cpu-cap)"
	apply
	check_eq values '300 7 150' \
		"$(value zone.max-lwps) $(value zone.cpu-shares) $(value zone.cpu-cap)"
	settled
	# changed by hand, changed, and taken away
	expect_ok prctl -n zone.cpu-shares -r -v 90 -i zone web
	edit 'set max-lwps=200' 'remove capped-cpu'
	apply
	check_eq values '200 7 ' \
		"$(value zone.max-lwps) $(value zone.cpu-shares) $(value zone.cpu-cap)"
	settled
	# one holds only with the other: both up, both down, both away
	local n
	for n in 400 100; do
		edit "set max-lwps=$n" "set max-processes=$n"
		apply
		check_eq both "$n $n" "$(value zone.max-lwps) $(value zone.max-processes)"
	done
	edit 'clear max-lwps' 'clear max-processes' 'clear cpu-shares'
	apply
	check_eq 'none, and the one share of every zone' '  1' \
		"$(value zone.max-lwps) $(value zone.max-processes) $(value zone.cpu-shares)"
	settled
}

test_a_link_comes_and_goes()
{
	edit 'add net' 'set physical=web1' 'set allowed-address=10.9.0.3/24' end
	expect_ok zoneadm -z web apply -n
	check_eq 'what would be done' "net web1: give the link to the zone
net web1: address none -> 10.9.0.3/24" "$out"
	expect_ok ip link show web1
	apply
	check_eq 'its address' '10.9.0.3/24 ' "$(addresses web1)"
	expect_ok in_zone web ip link show up dev web1
	check_match up web1 "$out"
	settled
	# a new zoned knows it
	kill_hard zoned
	start zoned
	wait_for 10 zoned_answers
	settled
	# the zone's root has its own on it
	expect_ok in_zone web ip addr add 10.99.0.1/24 dev web1
	edit 'remove net physical=web1'
	expect_ok zoneadm -z web apply -n
	check_eq 'what would be done' 'net web1: take the link from the zone' "$out"
	apply
	expect_ok ip link show web1
	expect_fail 1 'does not exist' in_zone web ip link show web1
	settled
	expect_ok dladm check
}

test_addresses_and_router()
{
	edit 'add net' 'set physical=web0' 'set allowed-address=10.9.0.7/24' end
	expect_ok zoneadm -z web apply -n
	check_eq 'one link, one line' \
		'net web0: address 10.9.0.2/24 -> 10.9.0.2/24,10.9.0.7/24' "$out"
	apply
	check_eq two '10.9.0.2/24 10.9.0.7/24 ' "$(addresses web0)"
	edit 'remove net allowed-address=10.9.0.2/24' 'select net physical=web0' \
		'set defrouter=10.9.0.9' end
	expect_ok zoneadm -z web apply -n
	check_match router '^net web0: default router 10.9.0.1 -> 10.9.0.9$' "$out"
	apply
	check_eq one '10.9.0.7/24 ' "$(addresses web0)"
	expect_ok in_zone web ip route show default
	check_match router '^default via 10.9.0.9 ' "$out"
	check_eq 'one router' 1 "$(wc -l <<<"$out")"
	# traffic by the new address, and by no other one
	expect_ok in_zone web ping -c 1 -W 5 10.9.0.1
	expect_ok in_zone web ip addr add 10.9.0.66/24 dev web0
	expect_fail 1 '' in_zone web ping -c 1 -W 1 -I 10.9.0.66 10.9.0.1
	expect_ok in_zone web ip addr del 10.9.0.66/24 dev web0
	settled
	edit 'select net physical=web0' 'set allowed-address=10.9.0.2/24' 'set defrouter=10.9.0.1' end
	apply
	check_eq 'as it was' '10.9.0.2/24 ' "$(addresses web0)"
}

test_what_waits_for_a_boot()
{
	edit 'set bootargs="-m verbose"' 'set hostid=0badcafe' 'set autoboot=true'
	apply
	check_eq 'a line for each' "zoneadm: zone 'web': bootargs: takes effect at the next boot
zoneadm: zone 'web': hostid: takes effect at the next boot" "$out"
	apply
	check_match 'again' 'hostid: takes effect' "$out"
	expect_ok zoneadm -z web reboot
	settled
	edit 'set limitpriv=default,!sys_time' 'set fs-allowed=tmpfs' 'set scheduling-class=TS' \
		'add security-flags' 'set default=noexecstack' end
	apply
	check_eq 'one line each' 'fs-allowed limitpriv scheduling-class security-flags' \
		"$(sed -n "s/^zoneadm: zone 'web': \(.*\): takes effect at the next boot$/\1/p" <<<"$out" | sort | xargs)"
	edit 'clear limitpriv' 'clear fs-allowed' 'clear scheduling-class' 'remove security-flags'
	settled
	edit 'clear bootargs' 'clear hostid' 'set autoboot=false'
	apply
	expect_ok zoneadm -z web reboot
	settled
}

test_a_step_that_fails()
{
	make_zone db 'add net' 'set physical=web1' end
	expect_ok zoneadm -z db boot
	edit 'set max-lwps=150' 'add net' 'set physical=web1' end
	expect_fail 1 "net 'web1': the data link is in use by zone 'db'" zoneadm -z web apply
	check_eq 'the step before it is done' 150 "$(value zone.max-lwps)"
	expect_ok zoneadm -z db halt
	expect_ok zoneadm -z web apply -n
	check_eq 'what is left' 'net web1: give the link to the zone' "$out"
	apply
	expect_ok in_zone web ip link show up dev web1
	settled
	# something over it in the zone keeps it there, as it was
	expect_ok in_zone web ip link add over0 link web1 type macvlan
	edit 'remove net physical=web1' 'clear max-lwps'
	expect_fail 1 "net web1: .*devices over it" zoneadm -z web apply
	expect_ok in_zone web ip link show up dev web1
	check_match 'it is up again' web1 "$out"
	expect_ok in_zone web ip link del over0
	apply
	expect_ok ip link show web1
	settled
	remove_zone db
}

test_a_router_that_cannot_be_used()
{
	# a link that has just come goes home again
	edit 'add net' 'set physical=web1' 'set allowed-address=10.9.0.3/24' \
		'set defrouter=10.88.0.1' end
	expect_fail 1 "net web1: cannot use the default router 10.88.0.1" zoneadm -z web apply
	expect_ok ip link show web1
	expect_fail 1 'does not exist' in_zone web ip link show web1
	edit 'remove net physical=web1'
	settled
	# one that the zone had keeps the router it had
	edit 'select net physical=web0' 'set defrouter=10.88.0.1' end
	expect_fail 1 "net web0: cannot use the default router 10.88.0.1" zoneadm -z web apply
	expect_ok in_zone web ip route show default
	check_match router '^default via 10.9.0.1 ' "$out"
	edit 'select net physical=web0' 'set defrouter=10.9.0.1' end
	settled
}

# ended HOW: the zone ends by zoneadm, by zoned alone, or by itself.
ended()
{
	case $1 in
	halt) zoneadm -z web halt ;;
	zoned) zone-probe shutdown "$(zoneadm -z web list -p | cut -d: -f1)" ;;
	init) kill -KILL "$(init_of web)" ;;
	esac
}

# Whatever comes first, the zone that goes down does so, and nothing of what was to come stays: the link is at home,
# nothing is mounted, and the next boot has it all.
test_a_zone_that_ends_meanwhile()
{
	local how ms

	mkdir -p "$ZONES_ROOT/more"
	for how in halt zoned init; do
		for ms in 00 02 08; do
			expect_ok zoneadm -z web boot
			edit 'add net' 'set physical=web1' 'set allowed-address=10.9.0.9/24' end \
				"add fs; set dir=/more; set special=$ZONES_ROOT/more; set type=lofs; end" 'set max-lwps=500'
			zoneadm -z web apply >/tmp/applied 2>&1 &
			sleep "0.$ms"
			ended "$how" >/tmp/ended 2>&1 || true
			wait $! || check_match "apply, $how after $ms" "^zoneadm: zone 'web': " "$(cat /tmp/applied)"
			expect_ok zoneadm -z web halt
			check_eq "state, $how after $ms" installed "$(state_of web)"
			nothing_of web
			[ ! -e "$run/web.snapshot.new" ] || fail 'the new snapshot remains'
			expect_ok ip link show web1
			expect_ok zoneadm -z web boot
			expect_ok in_zone web sh -c 'ip -o -4 addr show dev web1 && test -d /more'
			expect_ok zoneadm -z web halt
			edit 'remove net physical=web1' 'remove fs dir=/more' 'clear max-lwps'
		done
	done
	expect_ok zoneadm -z web boot
}

test_what_is_refused()
{
	expect_fail 2 'usage: zoneadm -z zone apply \[-n\]' zoneadm -z web apply -x
	expect_fail 2 'usage' zoneadm -z web apply -n more
	# a link that there is not: nothing of the configuration is touched
	edit 'add net' 'set physical=nolink0' end
	expect_fail 1 "net 'nolink0': there is no such data link" zoneadm -z web apply
	edit 'remove net physical=nolink0'
	settled
	expect_ok zoneadm -z web halt
	expect_fail 1 "apply operation is invalid for zones in state 'installed'" zoneadm -z web apply
	expect_ok zoneadm -z web ready
	expect_fail 1 "apply operation is invalid for zones in state 'ready'" zoneadm -z web apply -n
	[ ! -e "$run/web.snapshot.new" ] || fail 'the new snapshot remains'
	expect_ok zoneadm -z web boot
}

run_tests
