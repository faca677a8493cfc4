#!/bin/bash
# Brand linux with systemd: what it manages in the zone, and its ways to end. Needs: debian-root
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

TEST_LIMIT=240
group=$v2/$ZONES_CGROUP/zones/deb/zone

setup()
{
	start_daemons
	expect_ok dladm create-etherstub debs0
	expect_ok dladm create-vnic -l debs0 deb0
	expect_ok dladm create-vnic -l debs0 debh0
	expect_ok ip addr add 10.9.0.1/24 dev debh0
	expect_ok ip link set debh0 up
	zonecfg -z deb "create -b; set brand=linux; set ip-type=exclusive; set zonepath=/zones/deb;
		add net; set physical=deb0; end"
	expect_ok zoneadm -z deb install -a "${ZONES_STAGE%/stage}/images/debian.tar"
	expect_ok zoneadm -z deb boot
	wait_for 60 up
}

# By this boot, since no test has left its mark.
up()
{
	# A systemd that goes down lets systemctl wait for an answer for 25 seconds.
	zlogin deb test ! -e /run/mark && [ "$(zlogin deb timeout 5 systemctl is-system-running)" = running ]
}

test_networkd_sets_up_its_link()
{
	printf '%s\n' '[Match]' Name=deb0 '[Network]' Address=10.9.0.2/24 Gateway=10.9.0.1 IPv6AcceptRA=no \
		>"$ZONES_ROOT/zones/deb/root/etc/systemd/network/10-deb.network"
	expect_ok zlogin deb systemctl start systemd-networkd
	wait_for 20 eval 'zlogin deb networkctl --no-pager status deb0 | grep -q "routable (configured)"'
	check_match route 'default via 10.9.0.1 dev deb0' "$(zlogin deb ip route)"
	expect_ok ping -c 1 -W 5 10.9.0.2
	check_eq 'failed units' '' "$(zlogin deb systemctl --failed --no-legend --plain)"
}

# open_session: a login on a terminal, which stays until something is written to the FIFO.
open_session()
{
	python3 "$ZONES_TREE/tests/lib/terminal-session" /tmp/deb zlogin deb &
	wait_for 10 test -p /tmp/deb.in
	exec 7>/tmp/deb.in
	wait_for 30 eval '[ "$(zlogin deb loginctl --no-legend | wc -l)" = 1 ]'
}

test_a_login_is_a_session_of_logind()
{
	local session

	check_eq 'before it' '' "$(zlogin deb loginctl --no-legend)"
	open_session
	session=$(zlogin deb loginctl --no-legend | awk '{ print $1 }')
	check_match session 'root +pts/' "$(zlogin deb loginctl --no-legend)"
	wait_for 10 zlogin deb systemctl is-active "session-$session.scope"
	wait_for 10 grep -q . "$group/user.slice/user-0.slice/session-$session.scope/cgroup.procs"
	echo exit >&7
	exec 7>&-
	wait_for 30 eval '[ -z "$(zlogin deb loginctl --no-legend)" ]'
	rm -f /tmp/deb.*
}

# The groups below the zone's are the zone's, what is above and its own limits are the host's.
test_its_control_groups_are_its_own()
{
	check_eq 'owner of a slice' 0 "$(zlogin deb stat -c %u /sys/fs/cgroup/system.slice)"
	[ "$(stat -c %u "$group/system.slice")" -ge 65536 ] || fail 'a slice of the zone is of a user of the host'
	check_eq 'owner of what limits the zone' 0 "$(stat -c %u "$group/../cgroup.procs")"
	expect_ok zlogin deb 'systemd-run -q --wait --pipe -p Delegate=yes sh -c "
		cd /sys/fs/cgroup\$(sed -n s/^0:://p /proc/self/cgroup) && mkdir mine && echo 0 >mine/cgroup.procs &&
		cat /proc/self/cgroup | tail -n 1"'
	check_match 'a group in a service' '0::/system.slice/run-.*/mine$' "$out"
	expect_ok zlogin deb 'systemd-run -q --unit=long sleep 1000'
	wait_for 10 grep -q . "$group/system.slice/long.service/cgroup.procs"
	expect_ok zlogin deb 'systemctl kill -s KILL long; systemctl reset-failed long'
	expect_fail 1 'Permission denied' zlogin deb 'echo 1 >/sys/fs/cgroup/cgroup.max.depth'
}

test_its_journal_is_its_own()
{
	expect_ok zlogin deb 'logger -t written here'
	wait_for 20 eval 'zlogin deb journalctl -b --no-pager -t written | grep -q here'
	check_match boot 'Reached target' "$(zlogin deb journalctl -b --no-pager)"
	check_no_match kernel 'Linux version' "$(zlogin deb journalctl -b -k --no-pager 2>&1)"
}

# another_boot ID: the zone runs again. Nobody enters it before: systemd waits for strangers when it ends.
another_boot()
{
	has_state deb running && [ "$(zoneadm -z deb list -p | cut -d: -f1)" != "$1" ]
}

test_what_halts_it()
{
	local command

	for command in poweroff halt 'shutdown -h now' 'init 0'; do
		zlogin deb touch /run/mark
		# It takes who asked for it down too, maybe before they could say so.
		zlogin deb "$command" || true
		wait_for 60 has_state deb installed
		expect_ok zoneadm -z deb boot
		wait_for 60 up
	done
}

test_what_reboots_it()
{
	local command id

	for command in reboot 'shutdown -r now' 'init 6'; do
		id=$(zoneadm -z deb list -p | cut -d: -f1)
		zlogin deb touch /run/mark
		zlogin deb "$command" || true
		wait_for 60 another_boot "$id"
		wait_for 60 up
	done
}

test_shutdown_from_outside()
{
	expect_ok zoneadm -z deb shutdown
	check_eq 'after shutdown' installed "$(state_of deb)"
	expect_ok zoneadm -z deb boot
	wait_for 60 up
	zlogin deb touch /run/mark
	expect_ok zoneadm -z deb shutdown -r
	wait_for 60 up
	remove_zone deb
}

run_tests
