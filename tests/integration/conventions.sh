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
	dladm create-vnic -l stub0 off0
	dladm delete-vnic -t off0
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

test_what_does_not_go_together_is_said()
{
	local pattern line

	while IFS='|' read -r pattern line; do
		# shellcheck disable=SC2086 # words
		expect_fail 1 "$pattern" $line
		check_eq 'lines about it' 1 "$(grep -vc '^ *\(usage:\|dlstat\|flowstat\) ' <<<"$out")"
	done <<-'END'
	^dladm: the option -r can be used only with -m random$|dladm create-vnic -l stub0 -r 2:8:20 v0
	^dladm: the options -V and -A can be used only with -m vrrp$|dladm create-vnic -l stub0 -V 1 v0
	^dladm: the options -l and -f are for one bridge|dladm show-bridge -l
	^dladm: the options -l and -f exclude each other$|dladm show-bridge -l -f br
	^dladm: an argument is missing behind -R$|dladm show-link -R
	^dladm: modify-overlay needs one of the options -d, -f and -s$|dladm modify-overlay ov0
	^dladm: modify-overlay needs one overlay$|dladm modify-overlay -f
	^dladm: the options -f and -t exclude each other$|dladm show-overlay -f -t
	^dladm: the options -P, -L, -x and -s exclude each other$|dladm show-aggr -L -x
	^dladm: cannot modify 'aggr0': one of -P, -L and -T is needed$|dladm modify-aggr aggr0
	^dladm: up-vnic: these are not its arguments$|dladm up-vnic a b
	^dladm: down-iptun: these are not its arguments$|dladm down-iptun a b
	^flowadm: remove-flow needs one flow, or -l and a link$|flowadm remove-flow
	^dlstat: 'b0' is too much$|dlstat a0 b0
	^dlstat: the options -r and -t are not for show-aggr$|dlstat show-aggr -r
	^flowstat: 'b0' is too much$|flowstat a0 b0
	END
}

# What programs read: fields that were named, never all that a newer version may have.
test_output_for_programs_has_named_fields()
{
	local command

	while read -r command; do
		# shellcheck disable=SC2086 # words
		expect_fail 1 '^[a-z]+: output fields must be specified in parsable mode$' $command
		# shellcheck disable=SC2086
		expect_fail 1 "^[a-z]+: output field 'all' invalid in parsable mode\$" $command -o all
		# shellcheck disable=SC2086
		expect_fail 1 "^[a-z]+: unknown output field 'nope'\$" $command -o nope
	done <<-'END'
	dladm show-link -p
	dladm show-link -s -p
	dladm show-phys -p
	dladm show-phys -P -p
	dladm show-phys -m -p
	dladm show-vnic -p
	dladm show-vnic -P -p
	dladm show-vlan -p
	dladm show-etherstub -p
	dladm show-aggr -p
	dladm show-aggr -x -p
	dladm show-bridge -p
	dladm show-iptun -p
	dladm show-overlay -p
	dladm show-simnet -p
	dladm show-ether -p
	dladm show-linkmap -p
	dladm show-linkprop -c
	dlstat -p
	dlstat show-phys -p
	dlstat show-link -p
	dlstat show-aggr -p
	flowadm show-flow -p
	flowadm show-flowprop -c
	flowstat -p
	END
}

# The texts of illumos by which a script tells what went wrong.
test_errors_of_dladm_end_with_the_status()
{
	local pattern line

	while IFS='|' read -r pattern line; do
		# shellcheck disable=SC2086 # words
		expect_fail 1 "^dladm: .*: $pattern" $line
		check_eq lines 1 "$(wc -l <<<"$out")"
	done <<-'END'
	IP tunnel type required$|dladm create-iptun tun0
	invalid IP tunnel type$|dladm create-iptun -T ipv5 tun0
	invalid local IP tunnel address \('fe80::1' is not an IPv4 address\)$|dladm create-iptun -T ipv4 -a local=fe80::1 tun0
	invalid remote IP tunnel address \(|dladm create-iptun -T ipv6 -a remote=10.0.0.1 tun0
	invalid remote IP tunnel address \(a 6to4 tunnel has none\)$|dladm create-iptun -T 6to4 -a remote=10.0.0.1 tun0
	invalid argument \(priority is a multiple of 4096|dladm create-bridge -p 5 br
	invalid argument \(property direct/dest_ip is required\)$|dladm create-overlay -e vxlan -s direct -v 1 ov0
	invalid VLAN identifier$|dladm create-vnic -l stub0 -v 4095 v0
	invalid VLAN identifier$|dladm create-vlan -l stub0 -v 0 v0
	invalid MAC address$|dladm create-vnic -l stub0 -m 1:2:3:4:5:6 v0
	invalid MAC address$|dladm create-vnic -l stub0 -m 0:0:0:0:0:0 v0
	object not found \(the link is configured and not active\)$|dladm set-linkprop -t -p maxbw=20M off0
	object not found \(the link is configured and not active\)$|dladm reset-linkprop -t off0
	invalid MAC prefix value$|dladm create-vnic -l stub0 -m random -r 1:2:3 v0
	invalid MAC prefix length$|dladm create-vnic -l stub0 -m random -r 2:8:20:1:2:3 v0
	invalid link$|dladm create-vnic -l web0 v0
	object not found$|dladm create-vnic -l nosuch0 v0
	object already exists$|dladm create-etherstub stub0
	link busy$|dladm delete-etherstub stub0
	minimum value for maxbw is 1200K$|dladm set-linkprop -p maxbw=1 web0
	read-only property$|dladm set-linkprop -p state=up web0
	change cannot be persistent$|dladm set-linkprop -p zone=web web0
	invalid number of values$|dladm set-linkprop -t -p zone=a,b web0
	MTU outside the device's range|dladm set-linkprop -p mtu=67 web0
	END
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
