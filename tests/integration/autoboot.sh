#!/bin/bash
# svc-zones: zones that boot by themselves, in order; and all of them shut down.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

# attr NAME VALUE: the lines of an attribute.
attr()
{
	printf '%s\n' 'add attr' "set name=$1" 'set type=string' "set value=$2" end
}

# make_auto NAME LINE...: a zone that boots by itself.
make_auto()
{
	local name=$1

	shift
	make_zone "$name" 'set autoboot=true' "$@"
}

# attrs NAME VALUE [NAME VALUE]...: as arguments for make_auto, in $lines.
attrs()
{
	lines=()
	while [ $# -gt 0 ]; do
		mapfile -t -O ${#lines[@]} lines < <(attr "$1" "$2")
		shift 2
	done
}

setup()
{
	start_daemons
	attrs ready-file /run/up ready-timeout 60
	make_auto db "${lines[@]}"
	attrs depends db
	make_auto web "${lines[@]}"
	make_zone manual
	# What says that db is up comes a while after it has booted.
	cat >"$ZONES_ROOT/zones/db/root/etc/rc.zone" <<-'END'
		#!/bin/sh
		(sleep 1; date +%s%N >/run/up) &
	END
	chmod 755 "$ZONES_ROOT/zones/db/root/etc/rc.zone"
}

running()
{
	zoneadm list | grep -v '^global$' | sort | paste -sd' '
}

# started ZONE: when its init began, in clock ticks since the host's boot.
started()
{
	cut -d' ' -f22 "/proc/$(init_of "$1")/stat"
}

test_start_in_order()
{
	expect_ok svc-zones start
	check_eq 'those that boot by themselves' 'db web' "$(running)"
	expect_ok zlogin -S db test -e /run/up
	# The second began after the file of the first was there: a second later than its init.
	check_eq 'web came after db was ready' yes \
		"$([ $(($(started web) - $(started db))) -ge "$(getconf CLK_TCK)" ] && echo yes)"
}

test_start_again_changes_nothing()
{
	local before

	before=$(started db)
	expect_ok svc-zones start
	check_eq 'running' 'db web' "$(running)"
	check_eq 'the same init' "$before" "$(started db)"
}

test_stop_takes_all()
{
	expect_ok zoneadm -z manual boot
	expect_ok svc-zones stop
	check_eq 'running' '' "$(running)"
	nothing_of db
	nothing_of web
	nothing_of manual
	expect_ok svc-zones stop
}

test_a_zone_that_does_not_shut_down_is_halted()
{
	expect_ok zoneadm -z manual boot
	# Its shutdown never ends.
	expect_ok zlogin -S manual sh -c 'mount -t tmpfs none /tmp && cp /bin/sleep /tmp/poweroff'
	kill -STOP "$(init_of manual)"
	expect_ok svc-zones -t 4 stop
	check_eq 'running' '' "$(running)"
	nothing_of manual
}

test_no_zone_boots_while_the_host_goes_down()
{
	expect_ok zoneadm -z manual boot
	expect_ok svc-zones -d stop
	check_eq 'running' '' "$(running)"
	check_eq 'the global zone' 'ok 5' "$(zone-probe get 0 status)"
	expect_fail 1 "Zone 'manual' cannot be booted: the host is going down" zoneadm -z manual boot
	check_eq state installed "$(state_of manual)"
	nothing_of manual
	expect_ok zoneadm -z manual ready
	expect_ok zoneadm -z manual halt
	# The next zoned is that of a host that has come up.
	kill_hard zoned
	start zoned
	expect_ok zoneadm -z manual boot
	expect_ok zoneadm -z manual halt
}

test_an_init_that_ends_while_the_host_goes_down()
{
	expect_ok zoneadm -z manual boot
	expect_ok zone-probe host-down
	# It would be started again; the zone goes on until it is shut down, and ends with its init.
	expect_ok zlogin manual true
	kill -KILL "$(init_of manual)"
	wait_for 20 sh -c '[ "$(zoneadm -z manual list -p | cut -d: -f3)" = installed ]'
	nothing_of manual
	kill_hard zoned
	start zoned
}

test_what_fails_is_named()
{
	attrs depends nobody
	make_auto lost "${lines[@]}"
	attrs depends lost boot-priority soon
	make_auto late "${lines[@]}"
	attrs ready-file /run/never ready-timeout 1
	make_auto slow "${lines[@]}"
	expect_fail 1 "zone 'lost': depends on zone 'nobody', which does not boot by itself" svc-zones start
	check_match 'a bad word' "zone 'late': attr boot-priority is 'soon', not high, default or low" "$out"
	check_match 'what depends on it' "zone 'late': not booted: .* 'lost', which is not up" "$out"
	check_match 'never ready' "zone 'slow': /run/never is not there after 1 seconds" "$out"
	check_eq 'the others run' 'db slow web' "$(running)"
	remove_zone lost
	remove_zone late
	remove_zone slow
	expect_ok svc-zones stop
}

test_a_broken_configuration_keeps_nobody_else()
{
	make_auto broken
	echo '<zone' >"$ZONES_ROOT/etc/zones/broken.xml"
	expect_fail 1 "zone 'broken': cannot read its configuration" svc-zones start
	check_eq 'the others run' 'db web' "$(running)"
	expect_ok svc-zones stop
	rm "$ZONES_ROOT/etc/zones/broken.xml"
	sed -i '/^broken:/d' "$ZONES_ROOT/etc/zones/index"
}

test_without_zoned()
{
	kill_hard zoned
	expect_fail 1 'zoned' svc-zones stop
	start zoned
}

test_the_script_for_hosts_without_systemd()
{
	local script=$ZONES_STAGE/etc/init.d/zones before after

	command -v start-stop-daemon >/dev/null || skip 'no start-stop-daemon'
	stop zoned
	stop dlmgmtd
	expect_fail 3 '' "$script" status
	expect_ok "$script" start
	check_eq 'running' 'db web' "$(running)"
	expect_ok "$script" status
	expect_ok "$script" start
	expect_ok zoneadm -z db halt
	before=$(pids_of zoned):$(pids_of dlmgmtd):$(pids_of zsched)
	expect_ok "$script" force-reload
	expect_ok "$script" status
	check_eq 'neither ended nor booted' web "$(running)"
	after=$(pids_of zoned):$(pids_of dlmgmtd):$(pids_of zsched)
	check_eq 'the zone is the same' "${before##*:}" "${after##*:}"
	[ "${before%%:*}" != "${after%%:*}" ] || fail 'the same zoned'
	before=${before%:*} after=${after%:*}
	[ "${before#*:}" != "${after#*:}" ] || fail 'the same dlmgmtd'
	expect_ok "$script" stop
	gone zoned || fail 'zoned runs'
	gone dlmgmtd || fail 'dlmgmtd runs'
	nothing_of db
	nothing_of web
	expect_fail 2 usage "$script" begin
	start_daemons
}

test_units_are_valid()
{
	local unit

	command -v systemd-analyze >/dev/null || skip 'no systemd'
	mkdir "$ZONES_ROOT/units"
	# The programs of the units are not installed here.
	for unit in dlmgmtd zoned datalinks zones zonemetrics; do
		sed "s|=/usr/|=$ZONES_STAGE/usr/|" "$ZONES_STAGE/usr/lib/systemd/system/$unit.service" \
			>"$ZONES_ROOT/units/$unit.service"
	done
	expect_ok systemd-analyze verify --man=no "$ZONES_ROOT"/units/*.service
	check_no_match 'complaints' 'zone|dlmgmtd|datalinks' "$out"
}

test_usage()
{
	expect_fail 2 usage svc-zones
	expect_fail 2 usage svc-zones restart
	expect_fail 2 usage svc-zones start now
	expect_fail 2 'not a number of seconds' svc-zones -t 0 stop
	expect_fail 1 "cannot use the root '/no/such'" svc-zones -R /no/such start
}

run_tests
