#!/bin/bash
# The table of zoneadmd, to the cell: each command in each state of a real zone, its answer, and the
# state afterwards. A zone is shutting down for a moment only: that row, which is the same as that of a
# zone that is down, is in the unit test of the table. Each cell is a test of its own, made from the table below.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

commands=(ready boot forceboot reboot halt note_uninstalling mount forcemount unmount shutdown apply
	apply_show)

# What a cell says: the state afterwards, "!" in front of it when the command is refused, and after
# a "/" what the answer says. "!" alone: invalid in this state, and nothing changes.
#	   ready boot forceboot reboot halt note_uninstalling mount forcemount unmount shutdown apply apply_show
table()
{
	cat <<-'END'
	configured    - - - - - - - - - - - -
	incomplete    ! ! running ! ! ! ! mounted ! ! ! !
	installed     ready running running ! installed/already_halted installed mounted mounted installed/already_unmounted installed/already_halted ! !
	ready         ready/already_ready running running ! installed ! ! ! ! ! ! !
	running       ready running/already_booted running/already_booted running installed ! ! ! ! installed running running
	down          ready running running running installed ! ! ! ! installed ! !
	mounted       ! ! ! ! ! ! ! ! installed ! ! !
	END
}

# What is only passed through is where a zoneadmd that dies at the stage leaves the zone.
use_fault_build zoneadmd

setup()
{
	start_daemons
	make_zone web
}

cell_of()
{
	local column=0 word

	for word in "${commands[@]}"; do
		[ "$word" = "$2" ] && break
		column=$((column + 1))
	done
	table | awk -v state="$1" -v column=$((column + 2)) '$1 == state { print $column }'
}

number_of()
{
	local i

	for i in "${!commands[@]}"; do
		[ "${commands[i]}" = "$1" ] && echo "$i"
	done
}

# A zoneadmd of an earlier cell must not answer with the environment of that one.
no_zoneadmd()
{
	local pid

	for pid in $(pids_of zoneadmd); do
		kill -KILL "$pid" 2>/dev/null || true
	done
	wait_for 10 gone zoneadmd
}

# Takes the zone to a state.
bring_to()
{
	zoneadm -z web unmount >/dev/null 2>&1 || true
	zoneadm -z web halt >/dev/null 2>&1 || true
	no_zoneadmd
	zoneadm -z web mark -F installed >/dev/null 2>&1 || true
	case $1 in
	configured | incomplete) zoneadm -z web mark -F "$1" ;;
	installed) ;;
	ready | mounted) zoneadm -z web "${1/mounted/mount}" ;;
	running) zoneadm -z web boot ;;
	down)
		zoneadm -z web boot
		no_zoneadmd
		ZONEADMD_CRASH_AT=down-processes zoneadm -z web halt || true
		wait_for 10 gone zoneadmd
		;;
	esac
}

cell()
{
	local state=$1 command=$2 want after said code=0 text=

	want=$(cell_of "$state" "$command")
	if [ "$want" = - ]; then
		expect_ok bring_to "$state"
		expect_fail 2 "cannot manage a zone in state 'configured'" \
			"$ZONES_STAGE/../tests/zoneadmd-ask" web "$(number_of "$command")"
		return
	fi
	bring_to "$state"
	check_eq 'the state before' "$state" "$(state_of web)"
	said=$("$ZONES_STAGE/../tests/zoneadmd-ask" web "$(number_of "$command")" 2>&1) || code=$?
	echo "# $command in $state [$code]: $said"
	case $want in
	'!')
		check_eq code 1 "$code"
		check_eq answer "${command%_show} operation is invalid for zones in state '$state'" "$(tail -n 1 <<<"$said")"
		check_eq 'the state after' "$state" "$(state_of web)"
		return
		;;
	*/*) text=${want#*/} text=${text//_/ } ;;
	esac
	after=${want%%/*}
	check_eq code 0 "$code"
	[ -z "$text" ] || check_match answer "zone is $text" "$said"
	wait_for 10 has_state web "$after"
	[ "$after" != running ] || expect_ok zlogin web true
}

# One function for each cell.
for state in incomplete installed ready running down mounted configured; do
	for command in "${commands[@]}"; do
		eval "test_${command}_in_$state() { cell $state $command; }"
	done
done

tests_of_file()
{
	declare -F | awk '$3 ~ /^test_/ { print $3 }'
}

run_tests
