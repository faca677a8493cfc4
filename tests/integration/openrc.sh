#!/bin/bash
# Brand linux with sysvinit and OpenRC. Needs: openrc-root
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

TEST_LIMIT=300

setup()
{
	start_daemons
	zonecfg -z rc "create -b; set brand=linux; set ip-type=exclusive; set zonepath=/zones/rc"
	expect_ok zoneadm -z rc install -a "${ZONES_STAGE%/stage}/images/openrc.tar"
}

# The default runlevel is reached, and by this boot.
up()
{
	[ "$(zlogin rc rc-status -r 2>/dev/null)" = default ] && zlogin rc test ! -e /run/mark
}

boot()
{
	expect_ok zoneadm -z rc boot
	wait_for 60 up
}

# goes COMMAND...: typed in the zone, it halts it.
goes()
{
	zlogin rc touch /run/mark
	zlogin rc "$@" || true
	wait_for 60 has_state rc installed
}

test_it_reaches_its_runlevel()
{
	boot
	check_match 'process 1' '^init' "$(zlogin rc cat /proc/1/cmdline | tr '\0' ' ')"
	check_eq 'services that failed' '' "$(zlogin rc rc-status --crashed 2>&1 | grep -v '^Dynamic\|^$' || true)"
	check_eq 'host name' rc "$(zlogin rc hostname)"
	expect_ok zoneadm -z rc shutdown
	check_eq 'after shutdown' installed "$(state_of rc)"
}

test_poweroff_and_halt_halt_the_zone()
{
	boot
	goes poweroff
	boot
	goes halt
	boot
	goes shutdown -h now
}

test_reboot_boots_it_again()
{
	for command in reboot 'shutdown -r now'; do
		boot
		zlogin rc touch /run/mark
		# shellcheck disable=SC2086 # words
		zlogin rc $command || true
		wait_for 60 up
		check_eq state running "$(state_of rc)"
		expect_ok zoneadm -z rc shutdown
	done
}

test_its_console_asks_for_a_name()
{
	boot
	wait_for 60 grep -q 'rc login:' "$ZONES_ROOT/zones/rc/logs/console.log"
	expect_ok zoneadm -z rc shutdown
}

run_tests
