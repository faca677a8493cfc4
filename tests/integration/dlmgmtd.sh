#!/bin/bash
# dlmgmtd with live zones: what a zone sees of it, its death at any time, its own user.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

zone_root=$ZONES_ROOT/zones/web/root

setup()
{
	start_daemons
	make_linked_zone web
	cp "$(command -v dladm)" "$zone_root/root/dladm"
	chmod 755 "$zone_root/root/dladm"
	expect_ok zoneadm -z web boot
}

inside()
{
	in_zone web /root/dladm "$@"
}

zone_of_web0()
{
	dladm show-vnic -p -o zone web0
}

restart_dlmgmtd()
{
	start dlmgmtd
	wait_for 10 dladm_answers
}

# web0_is_in ZONE: by dlmgmtd, by zoned, and by the zone itself.
web0_is_in()
{
	check_eq "zone of web0" "$1" "$(zone_of_web0)"
	if [ -n "$1" ]; then
		expect_ok inside show-link -p -o link
		check_eq "links in the zone" web0 "$out"
		expect_ok dladm show-link -z web -p -o link
		check_eq "links of -z web" web0 "$out"
	else
		expect_ok ip link show web0
	fi
}

test_a_zone_sees_its_links_and_cannot_change_them()
{
	web0_is_in web
	expect_ok inside show-vnic -p -o over web0
	check_eq "the link below is not the zone's" '?' "$out"
	expect_ok inside show-linkmap -p -o link
	check_eq 'the map of links' web0 "$out"
	expect_fail 1 'webh0.*not found' inside show-linkmap webh0
	expect_fail 1 'webh0.*not found' inside show-link webh0
	expect_fail 1 'web0.*permission denied' inside delete-vnic web0
	expect_fail 1 'web0.*denied' inside set-linkprop -t -p zone=global web0
	web0_is_in web
}

test_a_lent_link_is_busy()
{
	expect_fail 1 'web0: link busy' dladm delete-vnic web0
	expect_fail 1 'webs0: link busy' dladm delete-etherstub webs0
	expect_fail 1 'web0.*link busy' dladm set-linkprop -t -p zone=global web0
	expect_fail 1 'web0: object already exists' dladm create-vnic -l webs0 web0
	web0_is_in web
}

test_it_dies_and_the_zone_keeps_door_and_link()
{
	kill_hard dlmgmtd
	expect_fail 1 'dlmgmtd is not running' dladm show-link
	expect_fail 1 'dlmgmtd is not running' inside show-link
	restart_dlmgmtd
	web0_is_in web
}

test_it_dies_with_zoned_and_comes_first_or_last()
{
	kill_hard dlmgmtd
	kill_hard zoned
	restart_dlmgmtd
	start zoned
	web0_is_in web
	kill_hard zoned
	kill_hard dlmgmtd
	start zoned
	restart_dlmgmtd
	web0_is_in web
}

# It has to ask zoned, which is away, and does so once a second; not with each command.
test_without_zoned_commands_do_not_wake_it()
{
	local look_up=$ZONES_STAGE/../tests/bench/dladm/bench-dladm pid before woken

	kill_hard zoned
	kill_hard dlmgmtd
	start dlmgmtd
	wait_for 10 "$look_up" lookup web 1 1
	pid=$(pids_of dlmgmtd)
	before=$(awk '/^voluntary/ { print $2 }' "/proc/$pid/status")
	expect_ok "$look_up" lookup web 1 1000
	woken=$(($(awk '/^voluntary/ { print $2 }' "/proc/$pid/status") - before))
	[ "$woken" -lt 100 ] || fail "2,000 commands woke the main thread $woken times"
	start zoned
	wait_for 10 dladm_answers
	web0_is_in web
}

test_a_halt_without_it_brings_the_link_home()
{
	kill_hard dlmgmtd
	expect_ok zoneadm -z web halt
	restart_dlmgmtd
	web0_is_home()
	{
		[ -z "$(zone_of_web0)" ]
	}
	wait_for 10 web0_is_home
	web0_is_in ''
	expect_ok zoneadm -z web boot
	web0_is_in web
}

test_it_runs_as_its_own_user()
{
	cp /etc/passwd "$ZONES_ROOT/passwd"
	echo 'dladm:x:4321:65534::/:/bin/false' >>"$ZONES_ROOT/passwd"
	stop dlmgmtd
	mount --bind "$ZONES_ROOT/passwd" /etc/passwd
	restart_dlmgmtd
	check_match uid '^Uid:\s4321\s4321\s4321\s4321$' "$(cat "/proc/$(pids_of dlmgmtd)/status")"
	check_match capabilities '^CapEff:\s0*81000$' "$(cat "/proc/$(pids_of dlmgmtd)/status")"
	check_eq owner 4321 "$(stat -c %u "$ZONES_ROOT/etc/dladm/datalink.db")"
	web0_is_in web
	expect_ok zoneadm -z web halt
	web0_is_in ''
	expect_ok dladm create-vnic -l webs0 own0
	expect_ok dladm delete-vnic own0
	expect_ok zoneadm -z web boot
	web0_is_in web
	stop dlmgmtd
	umount /etc/passwd
	restart_dlmgmtd
	web0_is_in web
}

# What is configured is made again, the same as it was, when the host was down.
test_configured_links_come_up_after_a_restart_of_the_host()
{
	local vnics

	expect_ok zoneadm -z web halt
	expect_ok dladm set-linkprop -p mtu=1300 web0
	vnics=$(dladm show-vnic -p -o link,over,macaddress)
	expect_ok dladm create-vnic -t -l webs0 temp0
	kill_hard dlmgmtd
	kill_hard zoned
	ip -br link | sed 's/[@ ].*//' | grep -v '^lo$' | while read -r device; do
		ip link del "$device" 2>/dev/null || true
	done
	rm -rf "$ZONES_ROOT/run"
	mkdir -p "$run"
	start_daemons
	expect_ok dladm show-link
	check_eq "links before" '' "$out"
	expect_ok dladm up-etherstub
	expect_ok dladm up-vnic
	check_eq vnics "$vnics" "$(dladm show-vnic -p -o link,over,macaddress)"
	expect_ok dladm show-linkprop -c -o value -p mtu web0
	check_eq mtu 1300 "$out"
	expect_ok zoneadm -z web boot
	web0_is_in web
}

run_tests
