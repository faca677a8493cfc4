# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the tests of zoned by itself share. The zones have no userland but a static init, and no links of
# dlmgmtd's; the calls are made by zone-probe.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

# shellcheck disable=SC2034 # the tests use them
door=$run/zone_door
roots=$ZONES_ROOT/roots
# shellcheck disable=SC2034
ready=2 running=4 shutting_down=5 down=7

setup()
{
	expect_ok zoned
	new_root web
	new_root db
}

new_root()
{
	mkdir -p "$roots/$1/sbin"
	cp "$(command -v probe-init)" "$roots/$1/sbin/init"
}

# ok COMMAND...: zone-probe does it; what it answered is in $answer.
ok()
{
	expect_ok zone-probe "$@"
	answer=${out#ok}
	answer=${answer# }
}

# refused ERRNO-NAME REGEX COMMAND...
refused()
{
	local name=$1 text=$2

	shift 2
	expect_fail 1 "^$name( |\$).*$text" zone-probe "$@"
}

# make NAME [RCTL]...: a ready zone whose root is built; $id.
make()
{
	local name=$1

	shift
	ok create "$name" "$roots/$name" "$@"
	id=$answer
	ok build "$name" "$roots/$name"
	ok set "$id" norestart 1 # init.sh has what comes without
}

boot()
{
	make "$@"
	ok boot "$id"
}

status_is()
{
	[ "$(zone-probe get "$1" status)" = "ok $2" ]
}

unmake()
{
	ok shutdown "$1"
	ok destroy "$1"
}

# Every zone away that a test before this one left, and a zoned that answers.
away()
{
	local i

	zone-probe list >/dev/null || zoned
	for i in $(zone-probe list | cut -d' ' -f3-); do
		zone-probe shutdown "$i" && zone-probe destroy "$i"
	done >/dev/null
}

clean()
{
	away
	nothing_left
}

nothing_left()
{
	check_eq zones 'ok 0' "$(zone-probe list)"
	check_eq 'control groups' '' "$(find /sys/fs/cgroup/ -mindepth 2 -type d \
		-path "*/$ZONES_CGROUP/zones/*" 2>/dev/null)"
	check_eq files '' "$(find "$run" -name '*.dev' -o -name '*.zsched_door')"
	wait_for 5 gone zsched
	wait_for 5 gone init
}

restart()
{
	kill_hard zoned
	expect_ok zoned
}
