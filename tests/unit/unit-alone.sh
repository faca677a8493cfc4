#!/bin/bash
# What tests/lib/unit-alone says of tests that leave something: each test runs in it.
set -u
alone=$(realpath "$(dirname "$0")/../lib/unit-alone")
mkdir fast roomy
export UNIT_FAST=$PWD/fast UNIT_ROOMY=$PWD/roomy

# ends STATUS LEFT COMMAND: a test that does this, and what is said to be left; nothing is there afterwards.
ends()
{
	local said status=0

	said=$("$alone" /bin/sh -c "$3" 2>&1) || status=$?
	said=$(grep '^leaves ' <<<"$said") # the shell names the signal
	[ "$status $said" = "$1 $2" ] && rmdir fast && rmdir roomy && mkdir fast roomy && return
	echo "'$3' ends with $status and '$said', not with $1 and '$2'"
	exit 1
}

ends 0 '' 'true'
# shellcheck disable=SC2016 # for the inner shell
{
	ends 0 '' '[ "$(dirname "$TMPDIR")" = "$UNIT_FAST" ] && [ "$(dirname "$PWD")" = "$UNIT_ROOMY" ]'
	ends 0 '' 'touch "$TMPDIR/a" && rm "$TMPDIR/a"'
	ends 1 'leaves a' 'touch "$TMPDIR/a"'
	ends 1 'leaves d' 'mkdir d'
	ends 1 'leaves a' 'touch "$TMPDIR/a"; exit 77'
	ends 3 'leaves a' 'touch "$TMPDIR/a"; exit 3'
	ends 137 '' 'kill -KILL $$'
}
ends 77 '' 'exit 77'
rmdir fast roomy
