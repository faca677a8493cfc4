#!/bin/bash
# zoneadmd: killed at every stage, alone, restarted, with hooks, and gone when it is not needed.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

# zoneadmd-fault kills itself at the stage that ZONEADMD_CRASH_AT names; else it is zoneadmd.
use_fault_build zoneadmd

setup()
{
	start_daemons
	make_linked_zone crash
}

# nothing_left: a halted zone has no processes, groups, mounts, files in the run directory.
nothing_left()
{
	nothing_of "$1"
	wait_for 5 no_zoneadmd "$1"
	[ ! -e "$run/$1.snapshot" ] || fail "the snapshot of $1 remains"
	[ ! -e "$run/$1.zoneadmd_door" ] || fail "the door of $1 remains"
}

no_zoneadmd()
{
	[ -z "$(zoneadmd_of "$1")" ]
}

link_is_home()
{
	expect_ok ip link show crash0
	expect_ok dladm show-link crash0
}

test_killed_at_every_stage_of_a_boot()
{
	local stage

	for stage in snapshot create attributes mounts linkdb links inner-index resolver finish processes; do
		echo "## $stage"
		ZONEADMD_CRASH_AT=$stage timeout 20 zoneadm -z crash boot && [ "$stage" != processes ] &&
			fail "booted although zoneadmd died after $stage"
		expect_ok zoneadm -z crash boot
		check_eq "state after $stage" running "$(state_of crash)"
		expect_ok zlogin crash ip -o addr show dev crash0
		check_match "address after $stage" '10\.9\.0\.2/24' "$out"
		expect_ok zoneadm -z crash halt
		nothing_left crash
		link_is_home
	done
}

# However often a zone is booted, and whatever its brand prints.
test_platform_log_does_not_grow_without_end()
{
	local logs=$ZONES_ROOT/zones/crash/logs

	expect_ok zoneadm -z crash boot
	expect_ok zoneadm -z crash halt
	head -c 1100000 /dev/zero | tr '\0' '\n' >>"$logs/platform.log"
	expect_ok zoneadm -z crash boot
	[ "$(stat -c %s "$logs/platform.log.0")" -ge 1100000 ] || fail 'the old log is gone'
	[ "$(stat -c %s "$logs/platform.log")" -le 100000 ] || fail 'the log was not begun anew'
	check_match 'goes on' 'stage=processes: done' "$(cat "$logs/platform.log")"
	expect_ok zoneadm -z crash halt
	rm "$logs/platform.log.0"
}

test_killed_at_every_stage_of_a_ready_then_halted()
{
	local stage

	for stage in snapshot create attributes mounts linkdb links inner-index resolver finish; do
		echo "## $stage"
		ZONEADMD_CRASH_AT=$stage timeout 20 zoneadm -z crash ready && fail "ready after $stage"
		expect_ok zoneadm -z crash halt
		check_eq "state after $stage" installed "$(state_of crash)"
		nothing_of crash
		link_is_home
	done
}

test_killed_at_every_stage_of_a_halt()
{
	local stage

	for stage in processes links linkdb create snapshot; do
		echo "## $stage"
		expect_ok zoneadm -z crash boot
		kill_hard zoneadmd
		ZONEADMD_CRASH_AT=down-$stage timeout 20 zoneadm -z crash halt || true
		expect_ok zoneadm -z crash halt
		check_eq "state after $stage" installed "$(state_of crash)"
		nothing_of crash
		link_is_home
	done
}

# halts: in whatever half state the zone is, as often as it is asked, within 30 seconds.
halts()
{
	local start=$SECONDS

	expect_ok zoneadm -z crash halt
	[ $((SECONDS - start)) -lt 30 ] || fail "$1: it took $((SECONDS - start)) seconds"
	check_eq "state after $1" installed "$(state_of crash)"
	nothing_of crash
	link_is_home
}

test_killed_at_every_stage_of_a_reboot_then_halted()
{
	local stage

	for stage in down-processes down-links down-create create mounts links finish processes; do
		echo "## $stage"
		expect_ok zoneadm -z crash boot
		kill_hard zoneadmd
		ZONEADMD_CRASH_AT=$stage timeout 20 zoneadm -z crash reboot || true
		halts "a reboot killed at $stage"
	done
}

# A halt that is killed, and the one after it, too, a stage further; the daemons below die with it.
test_halts_that_are_killed_one_after_the_other()
{
	local stage

	expect_ok zoneadm -z crash boot
	for stage in processes links linkdb create; do
		echo "## $stage"
		no_zoneadmd crash || kill_hard zoneadmd
		ZONEADMD_CRASH_AT=down-$stage timeout 20 zoneadm -z crash halt || true
		kill_hard zoned
		kill_hard dlmgmtd
		start zoned
		start dlmgmtd
		wait_for 10 dladm show-link -p -o link crash0
	done
	halts 'four halts'
}

# zoned takes down what is its own; a halt does the rest.
test_a_halt_after_zsched_died()
{
	expect_ok zoneadm -z crash boot
	kill -KILL "$(zsched_of crash)"
	wait_for 10 has_state crash installed
	wait_for 10 nothing_remains_of crash
	expect_ok zoneadm -z crash halt
	check_match said 'already halted' "$out"
	[ ! -e "$run/crash.snapshot" ] || fail 'the snapshot stays'
	link_is_home
	nothing_left crash
}

test_it_goes_when_the_zone_is_halted()
{
	expect_ok zoneadm -z crash boot
	check_eq 'one zoneadmd' 1 "$(zoneadmd_of crash | wc -w)"
	expect_ok zoneadm -z crash halt
	nothing_left crash
}

one_zoneadmd()
{
	[ "$(zoneadmd_of "$1" | wc -w)" = 1 ]
}

test_it_is_alone()
{
	local i pids

	expect_ok zoneadm -z crash boot
	pids=$(zoneadmd_of crash)
	for i in 1 2 3 4; do
		zoneadmd -z crash &
	done
	wait
	expect_ok zoneadmd -z crash
	check_eq 'the first one serves' "$pids" "$(zoneadmd_of crash)"
	kill_hard zoneadmd
	for i in 1 2 3 4; do
		zoneadmd -z crash 2>/dev/null &
	done
	wait
	# the children of those that lost may still be on their way out
	wait_for 5 one_zoneadmd crash
	expect_ok zoneadm -z crash halt
	nothing_left crash
}

test_a_restart_is_told()
{
	expect_ok zoneadm -z crash boot
	kill_hard zoneadmd
	expect_ok zoneadmd -z crash
	check_match told "zone 'crash': WARNING: the zone is in state 'running'" "$out"
	expect_ok zoneadm -z crash reboot
	expect_ok zoneadm -z crash halt
}

# In whatever state: the zone stays as it is, the next one says so, and goes on from there.
test_killed_in_every_state()
{
	local state

	for state in ready running mounted down; do
		case $state in
		ready | mounted) expect_ok zoneadm -z crash "${state/mounted/mount}" ;;
		running) expect_ok zoneadm -z crash boot ;;
		down)
			expect_ok zoneadm -z crash boot
			kill_hard zoneadmd
			ZONEADMD_CRASH_AT=down-processes timeout 20 zoneadm -z crash halt || true
			;;
		esac
		if [ "$state" = down ]; then
			wait_for 10 no_zoneadmd crash
		else
			kill_hard zoneadmd
		fi
		check_eq "the state of one that was $state" "$state" "$(state_of crash)"
		expect_ok zoneadmd -z crash
		check_match "told of $state" \
			"^zoneadmd: zone 'crash': WARNING: the zone is in state '$state'" "$out"
		kill_hard zoneadmd
		case $state in
		mounted) expect_ok zoneadm -z crash unmount ;;
		running) expect_ok zoneadm -z crash reboot ;;
		*) expect_ok zoneadm -z crash boot ;;
		esac
		if [ "$state" != mounted ]; then
			check_eq 'and on' running "$(state_of crash)"
			expect_ok zlogin crash true
			expect_ok zoneadm -z crash halt
		fi
		check_eq 'at last' installed "$(state_of crash)"
		nothing_left crash
	done
	# Nothing is amiss with a zone that is down.
	expect_ok zoneadmd -z crash
	check_eq 'nothing is told' '' "$out"
	kill_hard zoneadmd
	expect_ok zoneadm -z crash halt
	check_match halted 'already halted' "$out"
}

test_what_it_refuses_to_serve()
{
	expect_fail 1 "zoneadmd: zone 'global': cannot manage the global zone" zoneadmd -z global
	expect_fail 1 "zoneadmd: zone 'nozone': No such zone configured" zoneadmd -z nozone
	configure young
	expect_fail 1 "cannot manage a zone in state 'configured'" zoneadmd -z young
	expect_ok zonecfg -z young delete -F
	expect_fail 2 usage zoneadmd
	expect_fail 2 usage zoneadmd -z crash more
}

test_the_door_is_for_root()
{
	expect_ok zoneadm -z crash ready
	check_eq mode 600 "$(stat -c %a "$run/crash.zoneadmd_door")"
	expect_fail 1 '^open: EACCES' setpriv --reuid 65534 --clear-groups \
		door-probe "$run/crash.zoneadmd_door" 0 4
	expect_ok door-probe "$run/crash.zoneadmd_door" 0 4
	check_match 'a request that is too short' '^err -1 ' "$out"
	expect_ok door-probe "$run/crash.zoneadmd_door" 0 1303
	check_match 'one byte less' '^err -1 ' "$out"
	expect_ok door-probe "$run/crash.zoneadmd_door" 0 1305
	check_match 'one byte more' '^err -1 ' "$out"
	check_eq 'still ready' ready "$(state_of crash)"
	expect_ok zoneadm -z crash halt
}

test_the_log_names_every_stage()
{
	local log=$ZONES_ROOT/zones/crash/logs/platform.log stage

	rm -f "$log"
	expect_ok zoneadm -z crash boot
	expect_ok zoneadm -z crash halt
	for stage in snapshot create attributes mounts linkdb links inner-index resolver finish processes; do
		grep -q "stage=$stage: done" "$log" || fail "no stage $stage in $(cat "$log")"
	done
	check_eq 'mode of the log' 600 "$(stat -c %a "$log")"
}

# says REGEX: the log of the zone has such a line.
says()
{
	grep -Eq -- "$1" "$ZONES_ROOT/zones/crash/logs/platform.log"
}

test_the_log_says_how_init_ended()
{
	local log=$ZONES_ROOT/zones/crash/logs/platform.log

	rm -f "$log"
	expect_ok zoneadm -z crash boot
	zlogin crash /native/bin/poweroff || true
	wait_for 10 has_state crash installed
	says 'the zone halted itself' || fail "$(cat "$log")"
	expect_ok zoneadm -z crash boot
	zlogin crash /native/bin/reboot || true
	wait_for 10 says 'the zone rebooted itself'
	wait_for 10 says 'stage=reboot'
	wait_for 10 has_state crash running
	kill -KILL "$(init_of crash)"
	wait_for 10 says 'init was killed by signal 9 \(Killed\)'
	wait_for 10 has_state crash installed
	zoneadm -z crash boot -- -i /bin/false || true
	wait_for 10 says 'init exited with status 1'
	wait_for 10 has_state crash installed
	wait_for 10 nothing_remains_of crash
	nothing_left crash
}

test_the_log_may_be_renamed_at_any_time()
{
	local log=$ZONES_ROOT/zones/crash/logs/platform.log

	expect_ok zoneadm -z crash boot
	mv "$log" "$log.0"
	kill -HUP "$(zoneadmd_of crash)"
	expect_ok zoneadm -z crash halt
	check_match 'the new one' 'stage=halt' "$(cat "$log")"
	check_no_match 'the old one' 'stage=halt: running' "$(tail -n 3 "$log.0")"
	rm "$log.0"
}

test_nobody_who_needs_it()
{
	# nobody calls at all
	expect_ok zoneadmd -z crash
	check_eq 'it waits for who started it' 1 "$(zoneadmd_of crash | wc -w)"
	wait_for 8 no_zoneadmd crash
	[ ! -e "$run/crash.zoneadmd_door" ] || fail "the door remains"
	# somebody looks and goes away
	expect_ok zoneadmd -z crash
	expect_ok door-probe "$run/crash.zoneadmd_door" 0 4
	wait_for 8 no_zoneadmd crash
	[ ! -e "$run/crash.zoneadmd_door" ] || fail "the door remains"
	# a zone that is live keeps it
	expect_ok zoneadm -z crash ready
	sleep 6
	check_eq 'one that is needed' 1 "$(zoneadmd_of crash | wc -w)"
	expect_ok zoneadm -z crash halt
	nothing_left crash
}

# Without zoned it goes, too, unless there may be a zone to serve.
test_nobody_to_ask()
{
	kill_hard zoned
	expect_ok zoneadmd -z crash
	wait_for 8 no_zoneadmd crash
	start zoned
	expect_ok zoneadm -z crash ready
	kill -KILL "$(zoneadmd_of crash)"
	wait_for 5 no_zoneadmd crash
	kill_hard zoned
	expect_ok zoneadmd -z crash
	sleep 6
	check_eq 'of a zone that is there' 1 "$(zoneadmd_of crash | wc -w)"
	start zoned
	expect_ok zoneadm -z crash boot
	expect_ok zoneadm -z crash halt
	nothing_left crash
}

# The way in which zoneadm starts it: no process between, and the outcome comes by a descriptor.
test_told_by_a_descriptor()
{
	expect_fail 2 usage zoneadmd -z crash -r 77
	expect_fail 2 usage zoneadmd -z crash -r 2
	expect_fail 2 usage zoneadmd -z crash -r x
	expect_fail 2 usage zoneadmd -z crash -d -r 9 9>/dev/null
	# one that is there already is good enough: told, and the exit status is 0
	expect_ok zoneadmd -z crash
	expect_ok zoneadmd -z crash -r 9 9>"$ZONES_ROOT/outcome"
	[ -s "$ZONES_ROOT/outcome" ] || fail 'nothing was told'
	check_eq 'the one that serves' 1 "$(zoneadmd_of crash | wc -w)"
	wait_for 8 no_zoneadmd crash
	# what is wrong before is said, and told is nothing
	expect_fail 1 "zone 'nozone': No such zone configured" zoneadmd -z nozone -r 9 9>"$ZONES_ROOT/outcome"
	[ ! -s "$ZONES_ROOT/outcome" ] || fail 'something was told'
	# one that dies is an error of who started it
	mkdir -p "$ZONES_ROOT/dies"
	printf '#!/bin/sh\nkill -9 $$\n' >"$ZONES_ROOT/dies/zoneadmd"
	chmod +x "$ZONES_ROOT/dies/zoneadmd"
	expect_fail 1 'zoneadmd ended unexpectedly' env ZONES_LIBEXEC="$ZONES_ROOT/dies" zoneadm -z crash boot
	check_match 'and so' 'zoneadmd did not start' "$out"
	nothing_left crash
}

# A brand of its own for hooks: sparse with two lines more.
make_hook_brand()
{
	local dir=$ZONES_ROOT/usr/lib/brand/hooky

	mkdir -p "$ZONES_ROOT/usr/lib/brand"
	cp -r "$ZONES_BRANDS/sparse" "$dir"
	sed -i -e 's/brand name="sparse"/brand name="hooky"/' \
		-e "s|</brand>|<prestatechange>$1</prestatechange>\n<poststatechange>$2</poststatechange>\n</brand>|" \
		"$dir/config.xml"
	sed -i 's/name="sparse"/name="hooky"/' "$dir/platform.xml"
}

test_hooks()
{
	local said=$ZONES_ROOT/hooks

	make_hook_brand "echo pre %z \\&gt;\\&gt;$said" "echo post %z \\&gt;\\&gt;$said"
	cat "$ZONES_ROOT/usr/lib/brand/hooky/config.xml"
	printf '%s\n' 'create -b' 'set brand=hooky' 'set zonepath=/zones/hk' 'set ip-type=exclusive' \
		verify commit >/tmp/hk.cfg
	expect_ok zonecfg -z hk -f /tmp/hk.cfg
	expect_ok zoneadm -z hk install
	expect_ok zoneadm -z hk boot
	# >>file takes the words behind it as words of echo: state, command and root
	check_eq 'hooks of a boot' 'pre hk 2 0,post hk 2 0,pre hk 2 1,post hk 2 1' \
		"$(sed "s| $ZONES_ROOT$||" "$said" | paste -sd,)"
	: >"$said"
	expect_ok zoneadm -z hk halt
	check_eq 'hooks of a halt' 'pre hk 4 4,post hk 4 4' \
		"$(sed "s| $ZONES_ROOT$||" "$said" | paste -sd,)"
	sed -i 's/<prestatechange>.*</<prestatechange>echo no such luck; false</' \
		"$ZONES_ROOT/usr/lib/brand/hooky/config.xml"
	expect_fail 1 'no such luck' zoneadm -z hk boot
	check_match 'the hook is named' 'prestatechange hook failed' "$out"
	check_eq state installed "$(state_of hk)"
	nothing_left hk
	remove_zone hk
}

test_file_systems()
{
	mkdir "$ZONES_ROOT/data"
	echo content >"$ZONES_ROOT/data/file"
	make_zone fsy 'add fs' 'set dir=/mnt/data' "set special=$ZONES_ROOT/data" 'set type=lofs' \
		'add options ro' 'add options nosuid' end \
		'add fs' 'set dir=/scratch' 'set special=swap' 'set type=tmpfs' 'add options size=1m' end
	expect_ok zoneadm -z fsy boot
	expect_ok zlogin fsy cat /mnt/data/file
	check_eq 'what the host wrote' content "$out"
	expect_ok zlogin fsy stat -c %u /mnt/data/file
	check_eq 'owner inside' 0 "$out"
	expect_fail 2 'Read-only' in_zone fsy sh -c 'echo x >/mnt/data/file'
	expect_ok in_zone fsy sh -c 'echo x >/scratch/file && stat -c %u /scratch'
	check_eq 'owner of the tmpfs' 0 "$out"
	expect_ok zoneadm -z fsy halt
	nothing_left fsy
	remove_zone fsy
}

test_a_file_system_that_is_not_there_fails_the_boot()
{
	local dir=$ZONES_ROOT/goes

	mkdir "$dir"
	make_zone nofs 'add fs' 'set dir=/mnt' "set special=$dir" 'set type=lofs' end
	rmdir "$dir"
	expect_fail 1 "zone 'nofs': fs '/mnt': .*'$dir'.*: No such file" zoneadm -z nofs boot
	check_eq state installed "$(state_of nofs)"
	nothing_left nofs
	remove_zone nofs
}

test_boot_arguments()
{
	expect_ok zoneadm -z crash boot -- -s foo
	check_match warned "unused or invalid boot arguments 'foo'" "$out"
	expect_ok zoneadm -z crash halt
	expect_fail 1 'absolute path' zoneadm -z crash boot -- -i init
	check_eq state installed "$(state_of crash)"
	nothing_left crash
	expect_fail 1 '/no/such/init' zoneadm -z crash boot -- -i /no/such/init
	check_eq state installed "$(state_of crash)"
	nothing_left crash
	link_is_home
}

run_tests
