# shellcheck shell=bash
# Commands on a terminal, in the background of a test: session, type_on, said, ends.

# session NAME COMMAND...: begins; what comes is in /tmp/NAME.out (terminal-session says more).
session()
{
	local name=$1

	shift
	python3 "$ZONES_TREE/tests/lib/terminal-session" "/tmp/$name" "$@" &
	disown
	wait_for 10 test -e "/tmp/$name.out"
}

said()
{
	grep -aEq -- "$2" "/tmp/$1.out"
}

# How often it was said.
times_said()
{
	grep -aEc -- "$2" "/tmp/$1.out" || true
}

type_on()
{
	printf '%b' "$2" >"/tmp/$1.in"
}

ended()
{
	test -e "/tmp/$1.exit"
}

# ends NAME STATUS: the session ends so, with the terminal as it was.
ends()
{
	wait_for 20 ended "$1"
	check_eq "end of $1" "$2 kept" "$(cat "/tmp/$1.exit")"
}
