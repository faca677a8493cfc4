#!/bin/bash
# Two clients want what cannot both be: one gets it, the other is told why not, and dlmgmtd's table, its
# stores, zoned and the devices agree afterwards (`dladm check`). RACE_ROUNDS makes it longer.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

rounds=${RACE_ROUNDS-12}

setup()
{
	start_daemons
	make_zone pool
	expect_ok zoneadm -z pool ready
}

# race 'COMMAND' 'COMMAND': both at once. Leaves won (how many) and, in lost, what the others were told.
race()
{
	local i pids=()

	won=0
	for i in 1 2; do
		$1 >"$ZONES_ROOT/told$i" 2>&1 &
		pids+=($!)
		shift
	done
	for i in 1 2; do
		wait "${pids[i - 1]}" && won=$((won + 1)) && echo >"$ZONES_ROOT/told$i"
	done
	lost=$(cat "$ZONES_ROOT"/told[12] | grep . || true)
}

# one_wins WHAT PATTERN 'COMMAND' 'COMMAND': the loser's line, and it has one, is of the pattern.
one_wins()
{
	local what=$1 pattern=$2

	race "$3" "$4"
	check_eq "$what: how many had it ($lost)" 1 "$won"
	check_eq "$what: lines of the other" 1 "$(wc -l <<<"$lost")"
	check_match "$what: what the other is told" "$pattern" "$lost"
	agrees "$what"
}

# A name that was changed under a link that was just made comes to zoned in a moment.
agrees()
{
	wait_for 10 dladm check
	expect_ok dladm check
	check_eq "$1: disagreements" '' "$out"
}

has()
{
	dladm show-link -p -o link | grep -qx "$1"
}

test_two_delete_one()
{
	local i

	expect_ok dladm create-etherstub dst0
	for ((i = 0; i < rounds; i++)); do
		expect_ok dladm create-vnic -l dst0 del0
		one_wins active 'object not found' 'dladm delete-vnic del0' 'dladm delete-vnic del0'
		check_eq 'what is left' '' "$(dladm show-link -P -p -o link del0 2>/dev/null)"
		expect_ok dladm create-vnic -l dst0 del0
		expect_ok dladm delete-vnic -t del0
		one_wins configured 'object not found' \
			'dladm delete-vnic del0' 'dladm delete-vnic del0'
	done
	expect_ok dladm delete-etherstub dst0
}

test_two_make_one_name()
{
	local i

	for ((i = 0; i < rounds; i++)); do
		one_wins create 'object already exists' \
			'dladm create-etherstub mk0' 'dladm create-etherstub mk0'
		has mk0 || fail 'who had it has no link'
		expect_ok dladm delete-etherstub mk0
		one_wins 'create of two kinds' 'object already exists' \
			'dladm create-etherstub mk0' 'dladm create-simnet mk0'
		dladm delete-etherstub mk0 >/dev/null 2>&1 || expect_ok dladm delete-simnet mk0
	done
}

test_two_rename_to_one_name()
{
	local i

	expect_ok dladm create-etherstub ra0
	expect_ok dladm create-etherstub rb0
	for ((i = 0; i < rounds; i++)); do
		one_wins rename 'object already exists' \
			'dladm rename-link ra0 rc0' 'dladm rename-link rb0 rc0'
		dladm rename-link rc0 ra0 >/dev/null 2>&1 || expect_ok dladm rename-link rc0 rb0
	done
	expect_ok dladm delete-etherstub ra0
	expect_ok dladm delete-etherstub rb0
}

# A link that is not up is renamed at dlmgmtd alone; who brings it up meanwhile has one name of it everywhere.
test_rename_against_up()
{
	local i

	expect_ok dladm create-etherstub ust0
	expect_ok dladm create-vnic -l ust0 up0
	for ((i = 0; i < 3 * rounds; i++)); do
		expect_ok dladm delete-vnic -t up0
		race 'dladm rename-link up0 upped0' 'dladm up-vnic up0'
		[ "$won" -ge 1 ] || fail "neither: $lost"
		agrees 'rename against up'
		dladm up-vnic upped0 >/dev/null 2>&1 || dladm up-vnic up0 >/dev/null 2>&1 || true
		if has upped0; then
			expect_ok ip link show upped0
			expect_ok dladm rename-link upped0 up0
		fi
		expect_ok ip link show up0
	done
	expect_ok dladm delete-vnic up0
	expect_ok dladm delete-etherstub ust0
}

keep_up()
{
	local i

	for ((i = 0; i < 8; i++)); do
		dladm up-vnic "$1" || true
	done
}

# Who brings a link up between the two halves of its deletion does not keep it.
test_delete_against_up()
{
	local i

	expect_ok dladm create-etherstub dus0
	for ((i = 0; i < rounds; i++)); do
		expect_ok dladm create-vnic -l dus0 du0
		race 'dladm delete-vnic du0' 'keep_up du0'
		agrees 'delete and up'
		if grep -q . "$ZONES_ROOT/told1"; then
			expect_ok dladm delete-vnic du0
		fi
		! has du0 || fail "du0 was deleted in round $i, and is there ($lost)"
	done
	expect_ok dladm delete-etherstub dus0
}

test_lend_against_delete()
{
	local i

	expect_ok dladm create-etherstub lst0
	for ((i = 0; i < rounds; i++)); do
		expect_ok dladm create-vnic -l lst0 lend0
		one_wins lend 'link busy|object not found' \
			'dladm set-linkprop -t -p zone=pool lend0' 'dladm delete-vnic lend0'
		if has lend0; then
			expect_ok dladm reset-linkprop -t -p zone lend0
			expect_ok dladm delete-vnic lend0
		fi
	done
	expect_ok dladm delete-etherstub lst0
}

# Whoever comes first, the zone goes without it; a link that came from another zone may be there again.
test_lend_against_halt()
{
	local i from now

	make_zone going
	expect_ok dladm create-etherstub gst0
	expect_ok dladm create-vnic -l gst0 gone0
	for ((i = 0; i < rounds; i++)); do
		for from in global pool; do
			expect_ok dladm set-linkprop -t -p zone="$from" gone0
			expect_ok zoneadm -z going ready
			race 'dladm set-linkprop -t -p zone=going gone0' 'zoneadm -z going halt'
			has_state going installed || fail "round $i, from $from: $lost"
			now=$(dladm show-linkprop -c -o value -p zone gone0)
			[ -z "$now" ] || [ "$now" = "$from" ] || fail "it is in '$now', from $from ($lost)"
			agrees "from $from"
		done
	done
	expect_ok dladm set-linkprop -t -p zone=global gone0
	expect_ok ip link show gone0
	expect_ok dladm delete-vnic gone0
	expect_ok dladm delete-etherstub gst0
	remove_zone going
}

test_create_over_a_link_that_is_lent()
{
	local i

	expect_ok dladm create-simnet sim0
	for ((i = 0; i < rounds; i++)); do
		one_wins 'create over it' 'link busy' \
			'dladm set-linkprop -t -p zone=pool sim0' 'dladm create-vnic -l sim0 over0'
		if has over0; then
			expect_ok dladm delete-vnic over0
		else
			expect_ok dladm reset-linkprop -t -p zone sim0
		fi
	done
	expect_ok dladm delete-simnet sim0
}

test_create_over_a_link_that_is_deleted()
{
	local i

	for ((i = 0; i < rounds; i++)); do
		expect_ok dladm create-etherstub low0
		one_wins 'create over it' 'link busy|object not found|invalid|there is no link' \
			'dladm delete-etherstub low0' 'dladm create-vnic -l low0 upper0'
		if has upper0; then
			expect_ok dladm delete-vnic upper0
			expect_ok dladm delete-etherstub low0
		fi
	done
}

run_tests
