#!/bin/bash
# Doors as a library for others: programs written from the illumos manual, compiled with the
# installed headers as pkg-config tells, and a client that opens a path.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"
. "$ZONES_TREE/tests/lib/compile.sh"

work=$ZONES_ROOT/doors-test

setup()
{
	mkdir -p "$ZONES_ROOT/run"
	compile hello-server hello-client
}

start_server()
{
	rm -f "$work/said" # what the one before it said
	"$work/hello-server" "$work/door" >"$work/said" &
	server=$!
	wait_for 5 grep -q serving "$work/said"
}

stop_server()
{
	kill "$server"
	wait "$server" || true
}

test_a_client_opens_a_path()
{
	start_server
	expect_ok "$work/hello-client" "$work/door"
	check_match "info" "^server $server, unref 1, max 1$" "$out"
	check_match "call" '^world: 12 bytes, 0 descriptors, own buffer: hello world$' "$out"
	check_match "credentials" '^who: .*: ([0-9]+) 0 \1 0$' "$out"
	check_match "cookie" '^info: .*: cookie$' "$out"
	check_match "descriptor" '^read: .*: hello-client' "$out"
	check_match "large result" '^large: 50000 bytes, 0 descriptors, new mapping: LLLL' "$out"
	check_match "descriptor back" '^open: 0 bytes, 1 descriptors, ' "$out"
	check_match "revoke" '^revoke: Operation not permitted$' "$out"
	stop_server
}

# client COMMAND...: the client, run by a command that puts it into namespaces of its own.
client()
{
	expect_ok "$@" "$work/hello-client" "$work/door"
	check_match "call by $*" '^world: 12 bytes, 0 descriptors, own buffer: hello world$' "$out"
	check_match "descriptor by $*" '^read: .*: hello-client' "$out"
	check_match "descriptor back by $*" '^open: 0 bytes, 1 descriptors, ' "$out"
	check_match "zone of $*" '^who: .*: [0-9]+ 0 [0-9]+ 0$' "$out"
}

test_a_client_in_other_namespaces()
{
	start_server
	client unshare --net
	client unshare --mount --propagation private
	client unshare --ipc --uts
	client unshare --pid --fork --mount-proc
	client unshare --user --map-root-user
	client unshare --net --mount --ipc --uts --pid --fork --mount-proc
	stop_server
}

# The folder of the door is all that the zone has of the host; its root is no root here.
test_a_client_in_a_zone()
{
	local id

	start_daemons
	start_server
	cp -L "$LD_LIBRARY_PATH"/libdoor.so* "$work/"
	configure caller 'add fs; set type=bind; set special='"$work"'; set dir=/mnt; end' \
		'add fs; set type=bind; set special='"$ZONES_ROOT/run/doors"'; set dir=/run/doors; end'
	expect_ok zoneadm -z caller install
	expect_ok zoneadm -z caller boot
	id=$(zoneadm -z caller list -p | cut -d: -f1)
	expect_ok zlogin caller env LD_LIBRARY_PATH=/mnt /mnt/hello-client /mnt/door
	check_match "call" '^world: 12 bytes, 0 descriptors, own buffer: hello world$' "$out"
	check_match "zone" "^who: .*: [0-9]+ [0-9]+ [0-9]+ $id$" "$out"
	check_match "descriptor back" '^open: 0 bytes, 1 descriptors, ' "$out"
	remove_zone caller
	stop_server
}

test_the_server_is_gone()
{
	start_server
	stop_server
	expect_fail 1 'Bad file descriptor' "$work/hello-client" "$work/door"
	# The next one finds its file as if nothing had been.
	start_server
	expect_ok "$work/hello-client" "$work/door"
	stop_server
}

test_only_declared_names_are_exported()
{
	local names

	check_match "names" ' door_call@' "$(nm -D --defined-only "$LD_LIBRARY_PATH/libdoor.so")"
	names=$(nm -D --defined-only "$LD_LIBRARY_PATH/libdoor.so" | awk '{ print $3 }' |
		grep -Ev '^(door_|ucred_|fattach|fdetach|LIBDOOR)' || true)
	check_eq "other names" "" "$names"
}

# The probes of docs/doors.md, each with its number of arguments.
test_the_library_has_probes()
{
	local notes

	echo '#include <sys/sdt.h>' | cc -E - >/dev/null 2>&1 || skip "no sys/sdt.h"
	notes=$(readelf -n "$LD_LIBRARY_PATH/libdoor.so" | awk '
		$1 == "Provider:" { provider = $2 }
		$1 == "Name:" { name = $2 }
		$1 == "Arguments:" { print provider, name, NF - 1 }' | sort -u)
	check_eq probes 'libdoor answer 3
libdoor call_entry 3
libdoor call_return 3
libdoor dispatch 4' "$notes"
}

run_tests
