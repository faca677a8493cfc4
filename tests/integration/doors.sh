#!/bin/bash
# Doors as a library for others: programs written from the illumos manual, compiled with the
# installed headers as pkg-config tells, and a client that opens a path.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

work=$ZONES_ROOT/doors-test
LD_LIBRARY_PATH=$(dirname "$(find "$ZONES_STAGE" -name libdoor.so)")
export LD_LIBRARY_PATH

# compile PROGRAM: with nothing but what is installed.
compile()
{
	local flags dir

	dir=$(dirname "$(find "$ZONES_STAGE" -name libdoor.pc)")
	flags=$(PKG_CONFIG_PATH=$dir PKG_CONFIG_SYSROOT_DIR=$ZONES_STAGE \
		pkg-config --cflags --libs libdoor)
	# A sanitized library needs a program with the same runtime.
	if ldd "$LD_LIBRARY_PATH/libdoor.so" | grep -q libasan; then
		flags+=' -fsanitize=address,undefined'
	fi
	# shellcheck disable=SC2086 # flags are words
	"${CC:-cc}" -std=gnu17 -D_GNU_SOURCE -Wall -Werror -o "$work/$1" \
		"$ZONES_TREE/tests/manual/$1.c" $flags -lpthread
}

setup()
{
	mkdir -p "$work" "$ZONES_ROOT/run"
	command -v "${CC:-cc}" pkg-config >/dev/null || skip "no compiler or no pkg-config"
	compile hello-server
	compile hello-client
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

run_tests
