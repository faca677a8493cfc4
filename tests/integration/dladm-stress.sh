#!/bin/bash
# Eight clients change the same few links in conflicting ways; afterwards dlmgmtd's table, its
# stores, zoned and the devices agree, as `dladm check` tells. STRESS_CHANGES, for each client, makes it longer.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

changes=${STRESS_CHANGES-50}
TEST_LIMIT=$((changes + 60))

setup()
{
	start_daemons
}

# One change of links whose names everybody else uses too. Most fail, and all may.
change()
{
	local stub=st$((RANDOM % 3)) vnic=vn$((RANDOM % 5)) other=vn$((RANDOM % 5))

	case $((RANDOM % 9)) in
	0) dladm create-etherstub "$stub" ;;
	1) dladm delete-etherstub "$stub" ;;
	2) dladm rename-link "$stub" "st$((RANDOM % 3))" ;;
	3 | 4) dladm create-vnic -l "$stub" "$vnic" ;;
	5) dladm delete-vnic "$vnic" ;;
	6) dladm rename-link "$vnic" "$other" ;;
	7) dladm set-linkprop -p "mtu=$((1300 + RANDOM % 100))" "$vnic" ;;
	8) dladm create-vnic -t -l "$stub" "$vnic" ;;
	esac >/dev/null 2>&1
}

client()
{
	local i made=0

	RANDOM=$1
	for ((i = 0; i < changes; i++)); do
		if change; then
			made=$((made + 1))
		fi
	done
	echo "$made" >"$ZONES_ROOT/client$1"
}

test_conflicting_changes_leave_no_disagreement()
{
	local i

	for i in 1 2 3 4 5 6 7 8; do
		client "$i" &
	done
	wait
	for i in 1 2 3 4 5 6 7 8; do
		echo "# client $i: $(cat "$ZONES_ROOT/client$i") of $changes changes"
	done
	expect_ok dladm check
	check_eq 'disagreements' '' "$out"
}

# One change of what is lent to a zone, by name, while others do the same.
lending_change()
{
	local vnic=ln$((RANDOM % 4))

	case $((RANDOM % 8)) in
	0 | 1) dladm create-vnic -l lstub0 "$vnic" ;;
	2) dladm delete-vnic "$vnic" ;;
	3) dladm rename-link "$vnic" "ln$((RANDOM % 4))" ;;
	4 | 5) dladm set-linkprop -t -p zone=pool "$vnic" ;;
	6) dladm reset-linkprop -t -p zone "$vnic" ;;
	7) dladm up-vnic "$vnic" ;;
	esac >/dev/null 2>&1
}

lender()
{
	local i made=0

	RANDOM=$1
	for ((i = 0; i < changes; i++)); do
		if lending_change; then
			made=$((made + 1))
		fi
	done
	echo "$made" >"$ZONES_ROOT/lender$1"
}

# What is deleted, renamed, brought up and lent at once is one or the other.
test_lending_and_deleting_at_once()
{
	local i total=0

	expect_ok dladm create-etherstub lstub0
	make_zone pool
	expect_ok zoneadm -z pool ready
	for i in 1 2 3 4; do
		lender "$i" &
	done
	wait
	for i in 1 2 3 4; do
		total=$((total + $(cat "$ZONES_ROOT/lender$i")))
	done
	echo "# $total of $((4 * changes)) changes"
	[ "$total" -gt 0 ] || fail 'nothing was changed'
	expect_ok dladm check
	check_eq 'disagreements' '' "$out"
	expect_ok zoneadm -z pool halt
	expect_ok dladm check
	check_eq 'disagreements after the halt' '' "$out"
	for i in $(dladm show-vnic -P -p -o link | grep '^ln'); do
		dladm up-vnic "$i" >/dev/null 2>&1 || true
		expect_ok dladm delete-vnic "$i"
	done
	check_eq 'vnics' '' "$(dladm show-link -p -o link | grep '^ln' || true)"
	expect_ok dladm delete-etherstub lstub0
	remove_zone pool
}

deleter()
{
	while [ ! -e "$ZONES_ROOT/over" ]; do
		dladm delete-vnic made0 || true
	done >/dev/null 2>&1
}

# Its id is there before zoned has it, and must not go while zoned makes it.
test_a_link_that_is_being_made_stays_known()
{
	local i made=0

	dladm show-link st0 >/dev/null 2>&1 || expect_ok dladm create-etherstub st0
	deleter &
	deleter &
	for ((i = 0; i < 4 * changes; i++)); do
		if dladm create-vnic -t -l st0 made0 >/dev/null 2>&1; then
			made=$((made + 1))
		fi
	done
	touch "$ZONES_ROOT/over"
	wait
	echo "# $made of $((4 * changes)) made"
	[ "$made" -gt 0 ] || fail 'no vnic was made'
	expect_ok dladm check
	check_eq 'disagreements' '' "$out"
}

test_a_restart_finds_the_same()
{
	local before

	before=$(dladm show-link -p -o link,class,over)
	[ -n "$before" ] || expect_ok dladm create-etherstub st0
	before=$(dladm show-link -p -o link,class,over)
	kill_hard dlmgmtd
	kill_hard zoned
	start dlmgmtd
	start zoned
	wait_for 10 dladm_answers
	check_eq links "$before" "$(dladm show-link -p -o link,class,over)"
	expect_ok dladm check
	check_eq 'disagreements' '' "$out"
}

test_disagreements_are_told()
{
	expect_ok dladm create-etherstub lost0
	kill_hard zoned
	ip link del lost0
	rm -r "$run/linkstate"
	start zoned
	wait_for 10 dladm_answers
	expect_fail 1 '^lost0: is active, and zoned has no such link$' dladm check
	expect_ok dladm delete-etherstub lost0
	expect_ok dladm check
	expect_fail 1 'permission denied' unshare --user --map-root-user dladm check
	expect_fail 1 usage dladm check all
}

run_tests
