#!/bin/bash
# What programs inherit from whoever starts them, and must not take for granted: each command works the same in
# surroundings that nobody expects (odd-start).
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	make_zone web
	make_zone db
	expect_ok zoneadm -z web boot
	zlogin db true 2>/dev/null || true
}

# odd COMMAND...: in the surroundings of the moment.
odd()
{
	timeout 40 odd-start "${oddities[@]}" -- "$@"
}

# says COMMAND...: what it says and how it ends, without what differs from time to time.
says()
{
	local code=0 said

	said=$(odd "$@" 2>&1 </dev/null) || code=$?
	sed -E 's/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}/ID/g' <<<"$* [$code]${said:+
$said}"
}

# Modes of what commands wrote; a zonepath is of the zone's root below.
modes()
{
	(cd "$ZONES_ROOT" && find etc run/zones zones -xdev \( -path 'zones/*/root/*' -o -name 'web*' -o -name dev \) -prune \
		-o -printf '%m %p\n' | sort -k 2)
}

# The main commands, one after the other, from a configuration to a copy of the zone and back.
main_commands()
{
	local exported=$ZONES_ROOT/exported

	says zonecfg -z copy 'create -t db; set zonepath=/zones/copy; add attr; set name=a; set type=string; set value=b; end'
	says zonecfg -z copy info attr
	says zoneadm -z copy clone db
	says zoneadm list -cip
	says zoneadm -z copy boot
	says zlogin copy 'echo here; exit 3'
	says zlogin -S copy /usr/bin/false
	says zoneadm -z copy reboot
	says zonestat -p -R total -r summary 1 1 | sed -E 's/:[0-9.:%-]+$//; s/[0-9.]+[KMG%]//g' | head -n 1
	modes
	says zoneadm -z copy halt
	says zoneadm -z copy export "$exported"
	says zoneadm -z copy uninstall -F
	says zonecfg -z copy delete -F
	says zoneadm -z copy import -p /zones/copy "$exported"
	says zoneadm -z copy uninstall -F
	says zonecfg -z copy delete -F
	rm -f "$exported"
	says zonename
	says dladm create-etherstub stub0
	says dladm show-etherstub
	says dladm delete-etherstub stub0
	says kstat -p zones:1:web:zonename
	says prctl -n zone.max-lwps -i zone nozone
	says rctladm zone.max-lwps
	says flowadm show-flow
	says dlstat
}

# all_as_usual [ODDITY...], one line of standard input after the other
all_as_usual()
{
	local line usual

	oddities=()
	usual=$(main_commands)
	echo "$usual"
	check_no_match 'the usual' '\[1[0-9]*\]$' "$(grep -v -e /usr/bin/false -e nozone <<<"$usual")"
	while read -r line; do
		read -ra oddities <<<"$line"
		diff <(echo "$usual") <(main_commands) || fail "with $line"
	done
	nothing_remains_of copy
}

test_commands_with_signals_of_the_caller()
{
	all_as_usual <<-END
		ignore=17
		ignore=all block
	END
}

test_commands_with_descriptors_of_the_caller()
{
	all_as_usual <<-END
		open=20
		open=1200
		close=0
	END
}

test_commands_with_a_mask_or_no_directory()
{
	all_as_usual <<-END
		umask=777
		umask=0 nowhere
	END
}

test_commands_in_environments()
{
	all_as_usual <<-END
		env=HOME= env=TERM=nonsense env=LANGUAGE=xx env=TMPDIR=/nowhere env=COLUMNS=-1 env=LINES=999999999
		env=POSIXLY_CORRECT=1 env=IFS=o env=PATH=/nowhere env=COLUMNS=1 env=LINES=1 env=TZ=nowhere
		name=
	END
}

test_a_session_on_a_terminal()
{
	local line said

	while read -r line; do
		said=$(timeout 40 "$ZONES_TREE/tests/lib/on-terminal" "odd-start $line -- zlogin web" \
			'stty size; echo "here $((6 * 7))"' exit | tr -d '\r')
		check_match "with $line: size" '33 101$' "$said"
		check_match "with $line: what was typed" '^here 42$' "$said"
		check_match "with $line: how it ends" '^exit 0' "$said"
	done <<-END
		ignore=all block open=1200 limit=7:2048
		env=TERM= nice=19 umask=777
		env=TERM=nonsense env=COLUMNS=-1 env=LANG=xx env=PATH= nowhere
	END
}

# Nobody can end with SIGTERM what his shell started with it blocked.
test_a_blocked_signal_ends_a_command()
{
	local command pid code

	for command in 'zoneadm monitor' 'kstat 9' 'dlstat -i 9'; do
		# shellcheck disable=SC2086 # words
		odd-start block -- $command >/dev/null 2>&1 &
		pid=$!
		wait_for 10 grep -q '^SigBlk:.*[0-3]...$' "/proc/$pid/status"
		kill -TERM "$pid"
		code=0
		wait "$pid" || code=$?
		check_eq "$command" 143 "$code"
	done
}

test_the_service_with_children_that_nobody_waits_for()
{
	zonecfg -z db 'set autoboot=true'
	oddities=(ignore=all block umask=777 nowhere open=20)
	expect_ok odd svc-zones start
	check_eq state running "$(state_of db)"
	expect_ok zoneadm -z db halt
	zonecfg -z db 'set autoboot=false'
}

run_tests
