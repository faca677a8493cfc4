#!/bin/bash
# Programs written from the descriptions of the illumos manual, one for each call, attribute and
# error, built as others build theirs. Each prints "ok" or what was wrong.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"
# shellcheck source=tests/lib/compile.sh
. "$ZONES_TREE/tests/lib/compile.sh"

work=$ZONES_ROOT/doors-manual

setup()
{
	mkdir -p "$ZONES_ROOT/run"
}

# program NAME: that of this name is right.
program()
{
	compile "$1"
	expect_ok timeout 50 "$work/$1" "$work/door-$1"
	check_eq said ok "$out"
}

test_again() { program again; }
test_cancel() { program cancel; }
test_cred() { program cred; }
test_errors() { program errors; }
test_exec() { program exec; }
test_fattach() { program fattach; }
test_fork() { program fork; }
test_info() { program info; }
test_killed_server() { program killed-server; }
test_large() { program large; }
test_nested() { program nested; }
test_overflow() { program overflow; }
test_params() { program params; }
test_pass() { program pass; }
test_private() { program private; }
test_refuse_desc() { program refuse-desc; }
test_release() { program release; }
test_revoke() { program revoke; }
test_server_create() { program server-create; }
test_signal() { program signal; }
test_stack() { program stack; }
test_unref() { program unref; }
test_unref_multi() { program unref-multi; }
test_xcreate() { program xcreate; }

# None was forgotten here; enter.sh has that of zone_enter(3).
test_all_programs_are_run()
{
	local missing

	missing=$(find "$ZONES_TREE/tests/manual" -name '*.c' ! -name 'hello-*' ! -name enter.c -printf '%f\n' |
		sed 's/\.c$//; s/-/_/g' | while read -r p; do
			grep -q "^test_$p() " "$0" || echo "$p"
		done)
	check_eq 'not run' '' "$missing"
}

run_tests
