#!/bin/bash
# dladm itself killed at system calls of its own while it makes, renames, lends and deletes a link: what it
# leaves can be deleted or done again, and then tables, stores and devices agree.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"
# shellcheck source=tests/lib/kill-at.sh
. "$ZONES_TREE/tests/lib/kill-at.sh"

TEST_LIMIT=240

setup()
{
	start_daemons
	make_linked_zone kd
	expect_ok zoneadm -z kd boot
	expect_ok dladm create-etherstub kds1
}

agrees()
{
	expect_ok dladm check
}

each_call()
{
	local n=1

	while killed_at "$n" "$@"; do
		"after_$what" "$n"
		n=$((n + 5))
	done
	[ "$n" -gt 20 ] || fail "$* was over after $n calls"
	"after_$what" "$n"
}

after_create()
{
	# What is there can be deleted, whatever is missing of it.
	dladm delete-vnic victim0 >/dev/null 2>&1 || true
	check_eq "link after call $1" '' "$(dladm show-link -p -o link | grep victim || true)"
	check_eq "configured after call $1" '' "$(dladm show-link -P -p -o link | grep victim || true)"
	agrees
}

test_killed_while_it_makes_a_link()
{
	what=create
	each_call dladm create-vnic -l kds1 victim0
}

after_delete()
{
	dladm delete-vnic victim0 >/dev/null 2>&1 || true
	after_create "$1"
	expect_ok dladm create-vnic -l kds1 victim0
}

test_killed_while_it_deletes_a_link()
{
	what=delete
	expect_ok dladm create-vnic -l kds1 victim0
	each_call dladm delete-vnic victim0
	expect_ok dladm delete-vnic victim0
}

# It has the one name or the other, everywhere.
after_rename()
{
	local name

	agrees
	name=$(dladm show-link -p -o link | grep -x 'victim[01]')
	check_eq "configured after call $1" "$name" "$(dladm show-link -P -p -o link | grep -x 'victim[01]')"
	[ "$name" = victim0 ] || expect_ok dladm rename-link victim1 victim0
}

test_killed_while_it_renames_a_link()
{
	what=rename
	expect_ok dladm create-vnic -l kds1 victim0
	each_call dladm rename-link victim0 victim1
	expect_ok dladm delete-vnic victim0
}

after_lend()
{
	agrees
	expect_ok dladm reset-linkprop -t -p zone victim0
	agrees
}

test_killed_while_it_lends_a_link()
{
	what=lend
	expect_ok dladm create-vnic -l kds1 victim0
	each_call dladm set-linkprop -t -p zone=kd victim0
	expect_ok dladm delete-vnic victim0
}

run_tests
