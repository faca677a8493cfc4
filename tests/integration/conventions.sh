#!/bin/bash
# What all commands do alike: --help, --version, a full disk behind standard output, daemons that are away.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

commands='dladm dlstat doorstat flowadm flowstat kstat prctl rctladm zlogin zoneadm zonecfg zonename zonestat'

setup()
{
	start_daemons
	dladm create-etherstub stub0
	dladm create-vnic -l stub0 web0
}

test_help_and_version()
{
	local c

	for c in $commands; do
		check_match "help of $c" "^(usage: | *)$c " "$("$c" --help 2>/dev/null)"
		expect_fail 1 "^$c: cannot write to standard output" sh -c "$c --help >/dev/full"
		expect_ok "$c" --version
		check_match version "^$c \(Zones for Linux\) [0-9]" "$out"
	done
}

test_what_cannot_be_written_is_an_error()
{
	local c

	for c in 'dladm show-link' dlstat doorstat 'zonestat 1 1' 'zonestat -q -R total 1 1' rctladm zonename \
		'zoneadm list' 'zoneadm help' 'zonecfg -z global info' 'zonecfg help'; do
		expect_fail 1 '^[a-z]+: cannot write.*: No space left' sh -c "$c >/dev/full"
	done
	expect_fail 3 '^kstat: cannot write to standard output' sh -c 'kstat >/dev/full'
	flowadm add-flow -l web0 -a transport=tcp tcp0
	expect_fail 1 '^flowadm: cannot write' sh -c 'flowadm show-flow >/dev/full'
	expect_fail 1 '^flowstat: cannot write' sh -c 'flowstat >/dev/full'
}

test_what_is_missing_or_too_much_is_said()
{
	expect_fail 1 "^dladm: create-vnic: '-l link' is missing" dladm create-vnic web1
	expect_fail 1 "^dladm: create-vnic: 'vnic-link' is missing" dladm create-vnic -l stub0
	expect_fail 1 "^dladm: create-vnic: 'b0' is too much" dladm create-vnic -l stub0 a0 b0
	expect_fail 1 '^dladm: create-vnic: there is no option -q' dladm create-vnic -q
	expect_fail 1 '^dladm: set-linkprop: an argument is missing behind -p' dladm set-linkprop -p
	expect_fail 1 "^dladm: set-linkprop: '-p prop=value\[,...\]' is missing" dladm set-linkprop mtu=9 web0
	expect_fail 1 '^dladm: create-simnet: these are not' dladm create-simnet
	expect_fail 1 "^flowadm: add-flow: '-a attr=value\[,...\]' is missing" flowadm add-flow -l web0 f0
	expect_fail 1 "^dladm: unknown subcommand 'make-link'; 'dladm --help'" dladm make-link
	check_eq 'lines about it' 1 "$(wc -l <<<"$out")"
	expect_fail 2 "^zoneadm: unknown subcommand 'start'; 'zoneadm help'" zoneadm -z web start
	check_eq 'lines about it' 1 "$(wc -l <<<"$out")"
}

nothing_behind()
{
	[ "$(readlink "/proc/$1/fd/$2")" = /dev/null ]
}

# A file that is opened in place of a closed stream would get what is meant for a person.
test_a_closed_stream_is_no_file_of_ours()
{
	local c pid fd

	for c in 'zoneadm monitor' 'zonestat 9' 'zonestat -j 9' 'kstat 9' 'dlstat -i 9' 'doorstat 9' 'flowstat -i 9'; do
		# shellcheck disable=SC2086 # words
		$c 0<&- 2>&- >/dev/null &
		pid=$!
		for fd in 0 2; do
			wait_for 10 nothing_behind "$pid" "$fd"
		done
		kill "$pid"
		wait "$pid" || true
	done
	expect_fail 1 '^[a-z]+: cannot write.*: Bad file descriptor' sh -c 'dladm show-link >&-'
	expect_fail 1 '^zonename: cannot write.*: Bad file descriptor' sh -c 'zonename 0<&- >&-'
}

# Leaves the host without daemons.
test_without_daemons_each_says_how_to_start_them()
{
	local c

	kill_hard zoned
	for c in 'flowadm show-flow' dlstat flowstat 'prctl -i zone web' rctladm zonename; do
		# shellcheck disable=SC2086 # words
		expect_fail 1 "^${c%% *}: zoned is not running; start it with 'systemctl start zoned'" $c
	done
	for c in kstat 'zonestat 1 1'; do
		# shellcheck disable=SC2086 # words
		expect_fail 3 "^${c%% *}: zoned is not running; start it with 'systemctl start zoned'" $c
	done
	kill_hard dlmgmtd
	for c in 'dladm show-link' dlstat; do
		# shellcheck disable=SC2086 # words
		expect_fail 1 "^${c%% *}: dlmgmtd is not running; start it with 'systemctl start dlmgmtd'" $c
	done
}

run_tests
