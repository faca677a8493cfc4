#!/bin/bash
# The hooks of a brand that zoneadmd runs: when, with which words, in which surroundings, and what their
# end means. Those of zoneadm (install, clone, attach and so on) are in the tests of those.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

READY=0 BOOT=1 HALT=4
INSTALLED=2 STATE_READY=3 RUNNING=4

dir=$ZONES_ROOT/usr/lib/brand/hooky
said=$ZONES_ROOT/said

# hooks NAME=COMMAND...: the brand has these; each that is not named says that it was run.
hooks()
{
	local hook command given

	rm -rf "$dir"
	mkdir -p "${dir%/*}"
	cp -r "$ZONES_BRANDS/sparse" "$dir"
	sed -i 's/name="sparse"/name="hooky"/' "$dir/config.xml" "$dir/platform.xml"
	for hook in prestatechange poststatechange boot halt; do
		command="$ZONES_ROOT/hook $hook %z"
		for given; do
			[ "${given%%=*}" != "$hook" ] || command=${given#*=}
		done
		sed -i "s|</brand>|<$hook>$command</$hook>\n</brand>|" "$dir/config.xml"
	done
	: >"$said"
}

setup()
{
	start_daemons
	cat >"$ZONES_ROOT/hook" <<-END
	#!/bin/sh
	echo "\$*" >>$said
	END
	chmod 0755 "$ZONES_ROOT/hook"
	hooks
	configure hk 'set brand=hooky'
	expect_ok zoneadm -z hk install
}

# ran WORDS...: the hooks that ran, in order, since the last look.
ran()
{
	check_eq 'hooks' "$(printf '%s\n' "$@")" "$(cat "$said")"
	: >"$said"
}

test_boot_and_halt()
{
	expect_ok zoneadm -z hk boot
	ran "prestatechange hk $INSTALLED $READY" "poststatechange hk $INSTALLED $READY" \
		"prestatechange hk $INSTALLED $BOOT" 'boot hk' "poststatechange hk $INSTALLED $BOOT"
	expect_ok zoneadm -z hk halt
	ran "prestatechange hk $RUNNING $HALT" 'halt hk' "poststatechange hk $RUNNING $HALT"
}

test_ready_first()
{
	expect_ok zoneadm -z hk ready
	ran "prestatechange hk $INSTALLED $READY" "poststatechange hk $INSTALLED $READY"
	expect_ok zoneadm -z hk boot
	ran "prestatechange hk $STATE_READY $BOOT" 'boot hk' "poststatechange hk $STATE_READY $BOOT"
	expect_ok zoneadm -z hk reboot
	ran "prestatechange hk $RUNNING $HALT" 'halt hk' "poststatechange hk $RUNNING $HALT" \
		"prestatechange hk $RUNNING $READY" "poststatechange hk $RUNNING $READY" \
		"prestatechange hk $RUNNING $BOOT" 'boot hk' "poststatechange hk $RUNNING $BOOT"
	expect_ok zoneadm -z hk halt
}

test_surroundings()
{
	: >"$ZONES_ROOT/env"
	hooks "boot=(readlink /proc/self/fd/0; pwd; env; echo to the caller) >$ZONES_ROOT/env 2>\\&amp;1; echo heard"
	sed -i 's/) >/) \&gt;/; s/2>&amp;1/2\&gt;\&amp;1/' "$dir/config.xml"
	expect_ok zoneadm -z hk boot
	check_match 'what it prints is for the caller' "zone 'hk': heard" "$out"
	check_match stdin '^/dev/null$' "$(cat "$ZONES_ROOT/env")"
	check_match directory '^/$' "$(cat "$ZONES_ROOT/env")"
	check_match instance "^ZONES_ROOT=$ZONES_ROOT\$" "$(cat "$ZONES_ROOT/env")"
	check_match 'and in the log' 'heard' "$(cat "$ZONES_ROOT/zones/hk/logs/platform.log")"
	expect_ok zoneadm -z hk halt
}

# Whatever its number, an end that is not 0 stops the boot, and the zone is halted again.
test_failures_of_a_boot()
{
	local hook code

	for hook in prestatechange poststatechange boot; do
		for code in 1 254; do
			hooks "$hook=exit $code; :"
			expect_fail 1 "the brand's $hook hook failed" zoneadm -z hk boot
			hooks
			expect_ok zoneadm -z hk halt
			check_eq "state after $hook" installed "$(state_of hk)"
			nothing_of hk
		done
	done
	hooks 'boot=kill -KILL $$'
	expect_fail 1 'was ended by signal 9' zoneadm -z hk boot
	hooks
	expect_ok zoneadm -z hk halt
}

# A halt whose hook fails is not complete, and is done again.
test_failures_of_a_halt()
{
	hooks
	expect_ok zoneadm -z hk boot
	hooks
	: >"$said"
	sed -i 's|^halt=.*|halt=false|' "$run/hk.snapshot"
	expect_fail 1 "the brand's halt hook failed" zoneadm -z hk halt
	sed -i 's|^halt=.*|halt=true|' "$run/hk.snapshot"
	expect_ok zoneadm -z hk halt
	check_eq state installed "$(state_of hk)"
	nothing_of hk
}

run_tests
