#!/bin/bash
# Runs every command line of docs/tutorial.md, in order, and looks whether what is said there is said.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

tutorial=$ZONES_TREE/docs/tutorial.md

setup()
{
	start_daemons
}

# Blanks and numbers are not compared: ids, times and sizes are of this run.
plain()
{
	sed -E 's/[0-9]+/N/g; s/[[:space:]]+/ /g; s/ $//'
}

# run COMMAND EXPECTED: the lines of EXPECTED are among those that it says.
run()
{
	local said line

	[ -n "$1" ] || return 0
	said=$(eval "$1" 2>&1 </dev/null) || [[ $2 = *'100% packet loss'* ]] || fail "'$1' failed: $said"
	printf '# %s\n%s\n' "$1" "$said"
	while IFS= read -r line; do
		[ -n "$line" ] || continue
		plain <<<"$said" | grep -qxF -- "$(plain <<<"$line")" ||
			fail "'$1' does not say '$line' but: $said"
	done <<<"$2"
	commands=$((commands + 1))
}

test_every_command_line_of_the_tutorial()
{
	local line command='' expected='' commands=0

	while IFS= read -r line; do
		case $line in
		'    # '*)
			run "$command" "$expected"
			command=${line#    # } expected=''
			;;
		'    > '*) command+=$'\n'${line#    > } ;;
		'    '*) expected+=${line#    }$'\n' ;;
		esac
	done <"$tutorial"
	run "$command" "$expected"
	[ "$commands" -ge 45 ] || fail "only $commands command lines"
}

# The five minutes of the README, with its conversation as a file, and without the parts that need a
# network or a terminal.
test_the_first_zone_of_the_readme()
{
	local text commands

	text=$(sed -n '/^## A first zone by hand/,/^## Installing/p' "$ZONES_TREE/README.md")
	expect_ok bash -ec "$(sed -n '/^    # A virtual switch/,/^    ip link set/s/^    //p' <<<"$text")"
	commands=$(sed -n '/^    zonecfg -z web$/,/^ *exit$/s/^        //p' <<<"$text")
	check_match 'it is there' 'set physical=web0' "$commands"
	expect_ok zonecfg -z web -f <(printf '%s\n' "$commands")
	expect_ok bash -ec "$(sed -n '/^    zoneadm -z web install/,/^    zoneadm list/s/^    //p' <<<"$text")"
	check_match booted 'web +running' "$out"
	expect_ok zlogin web true
	expect_ok ping -c 1 -W 10 10.0.0.2
	expect_ok zoneadm -z web halt
	remove_zone web
	expect_ok zonecfg -z deb "$(sed -n "s/^    zonecfg -z deb '\(.*\)'/\1/p" <<<"$text")"
	expect_ok zonecfg -z deb delete -F
	expect_ok ip addr flush dev host0
	expect_ok dladm delete-vnic host0
	expect_ok dladm delete-vnic web0
	expect_ok dladm delete-etherstub stub0
}

run_tests
