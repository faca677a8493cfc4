#!/bin/bash
# rctladm: what is logged when zones hit their resource controls, and what is kept of it.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

conf=$ZONES_ROOT/etc/rctladm.conf
daemon_log=$ZONES_ROOT/var/log/zoned.out

setup()
{
	start_daemons
	make_zone web 'set max-lwps=100'
	expect_ok zoneadm -z web boot
}

# hit: more threads than 20 in web. The shell ends when it cannot fork.
hit()
{
	expect_ok prctl -n zone.max-lwps -r -v 20 -i zone web
	in_zone web sh -c 'i=0; while [ $i -lt 40 ]; do sleep 1 >/dev/null 2>&1 & i=$((i + 1)); done' || true
	expect_ok prctl -n zone.max-lwps -r -v 100 -i zone web
}

counted()
{
	[ "$(prctl -P -n zone.max-lwps -i zone web | awk '$2 == "refused" { print $3 }')" != - ]
}

logged()
{
	grep -c "zone=web .*$1" "$daemon_log" || true
}

is_logged()
{
	[ "$(logged "$1")" -ge "$2" ]
}

test_listing()
{
	expect_ok rctladm
	check_eq 'all twelve' 12 "$(grep -c '^zone\.' <<<"$out")"
	check_match 'off' '^zone.max-lwps +syslog=off +\[ no-basic no-signal count \]$' "$out"
	check_match 'not for shares' \
		'^zone.cpu-shares +syslog=n/a +\[ no-basic no-deny no-signal no-syslog count \]$' "$out"
	check_match inf '^zone.cpu-cap +syslog=off +\[ no-basic deny no-signal inf count \]$' "$out"
	check_match bytes '^zone.max-swap +syslog=off +\[ no-basic deny no-signal bytes \]$' "$out"
	expect_ok rctladm -l zone.max-lwps
	check_eq 'one' 1 "$(wc -l <<<"$out")"
}

test_a_hit_is_logged()
{
	counted || skip 'this kernel does not count refused forks'
	hit
	expect_ok rctladm -l -e syslog=warning zone.max-lwps
	check_match set '^zone.max-lwps +syslog=warning ' "$out"
	sleep 1.5 # one look: what was before is not told
	check_eq 'nothing yet' 0 "$(logged zone.max-lwps)"
	hit
	wait_for 5 is_logged "privileged rctl zone.max-lwps .*exceeded: [0-9]* more refused" 1
	expect_ok rctladm -d all zone.max-lwps
	expect_ok rctladm zone.max-lwps
	check_match off 'syslog=off' "$out"
}

test_a_value_that_only_tells()
{
	expect_ok rctladm -e syslog zone.max-processes
	expect_ok prctl -n zone.max-processes -s -v 3 -e none -i zone web
	in_zone web sh -c 'for i in 1 2 3 4 5; do sleep 50 & done; wait' &
	wait_for 10 is_logged 'privileged rctl zone.max-processes (value 3) exceeded$' 1
	sleep 1.5
	check_eq 'once' 1 "$(logged zone.max-processes)"
	pkill -x -f 'sleep 50'
	wait || true
	expect_ok prctl -n zone.max-processes -x -i zone web
	expect_ok rctladm -d syslog zone.max-processes
}

test_it_is_kept()
{
	expect_ok rctladm -e syslog=debug zone.max-swap zone.cpu-cap
	check_eq 'the file' 'zone.max-swap=syslog=debug' "$(grep max-swap "$conf")"
	kill_hard zoned
	start zoned
	expect_ok rctladm zone.cpu-cap
	check_match kept 'syslog=debug' "$out"
	# By hand, and read again.
	sed -i 's/^zone.cpu-cap=.*/zone.cpu-cap=none/' "$conf"
	expect_ok rctladm -u
	expect_ok rctladm zone.cpu-cap zone.max-swap
	check_eq 'read again' 'off debug' "$(grep -o 'syslog=[a-z]*' <<<"$out" | cut -d= -f2 | paste -sd' ')"
	# However long what somebody wrote beside it is.
	printf '# %s\n' "$(head -c 300 /dev/zero | tr '\0' x)" >>"$conf"
	expect_ok rctladm -u
	# A file that cannot be read changes nothing.
	echo 'zone.max-swap=loud' >>"$conf"
	expect_fail 1 "rctladm.conf, line [0-9]+: not 'control=syslog=level'" rctladm -u
	expect_ok rctladm zone.max-swap
	check_match 'as before' 'syslog=debug' "$out"
	expect_ok rctladm -d all zone.max-swap
}

test_refusals()
{
	expect_fail 1 "'zone.max-shm-ids': the kernel does not tell when it is hit" \
		rctladm -e syslog zone.max-shm-ids
	expect_fail 1 "'zone.cpu-shares': the kernel does not tell" rctladm -e syslog zone.cpu-shares
	expect_fail 1 "no resource control 'zone.max-fun'" rctladm zone.max-fun
	expect_fail 2 "'deny' is not an action to enable" rctladm -e deny zone.max-lwps
	expect_fail 2 "'syslog=loud' is not an action" rctladm -e syslog=loud zone.max-lwps
	expect_fail 2 usage rctladm -e syslog
	expect_fail 2 usage rctladm -u -e syslog zone.max-lwps
	expect_fail 2 usage rctladm -x
	expect_fail 1 'only root of the global zone' setpriv --reuid=65534 --regid=65534 \
		--clear-groups "$(type -P rctladm)" -e syslog zone.max-lwps
	expect_ok setpriv --reuid=65534 --regid=65534 --clear-groups "$(type -P rctladm)" zone.max-lwps
	check_match 'nothing changed' 'syslog=off' "$out"
	kill_hard zoned
	expect_fail 1 'zoned is not running' rctladm
	start zoned
}

run_tests
