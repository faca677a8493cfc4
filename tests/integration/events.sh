#!/bin/bash
# Events of zones: zoneadm monitor and zoneadm wait.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

roots=$ZONES_ROOT/zones

setup()
{
	start_daemons
	make_zone web
	make_zone db
	mkdir "$roots/web/root/probe"
	cp "$(type -P zone-probe)" "$roots/web/root/probe"
}

# monitor_to FILE [OPTION]...: a subscriber in the background, which has subscribed when this
# returns; its process is $monitor.
monitor_to()
{
	local file=$1 before

	shift
	before=$(subscribers)
	zoneadm "${global[@]}" monitor "$@" >"$file" 2>"$file.err" &
	monitor=$!
	wait_for 10 more_subscribers_than "$before"
}
global=()

# Ends of pipes that zoned writes to without waiting: one for each subscriber.
subscribers()
{
	cat /proc/"$(pids_of zoned)"/fdinfo/* 2>/dev/null | grep -c '^flags:.*02004001$' || true
}

more_subscribers_than()
{
	[ "$(subscribers)" -gt "$1" ]
}

has_subscribers()
{
	[ "$(subscribers)" = "$1" ]
}

# waiting_for OPTION...: "zoneadm wait" with these, subscribed; its pid is $waiter.
waiting_for()
{
	local before

	before=$(subscribers)
	zoneadm "$@" &
	waiter=$!
	wait_for 10 more_subscribers_than "$before"
}

end_monitor()
{
	kill "$1" 2>/dev/null
	wait "$1" 2>/dev/null || true
}

# Changes of a zone, one "old new" for each line.
changes()
{
	sed -n "s/.* zone $2 ([0-9]*): \([a-z_]*\) -> \([a-z_]*\)$/\1 \2/p" "$1"
}

says()
{
	grep -q "$2" "$1"
}

life='uninitialized initialized
initialized ready
ready running
running shutting_down
shutting_down uninitialized
uninitialized free'

test_a_whole_life()
{
	local a b

	wait_for 10 has_subscribers 0
	monitor_to /tmp/a
	a=$monitor
	global=(-z web)
	monitor_to /tmp/b
	b=$monitor
	expect_ok zoneadm -z web boot
	expect_ok zoneadm -z db boot
	expect_ok zoneadm -z web halt
	expect_ok zoneadm -z db halt
	wait_for 10 says /tmp/a 'db.*-> free'
	wait_for 10 says /tmp/b 'web.*-> free'
	end_monitor "$a"
	end_monitor "$b"
	check_eq 'web as all see it' "$life" "$(changes /tmp/a web)"
	check_eq 'db as all see it' "$life" "$(changes /tmp/a db)"
	check_eq 'web alone' "$life" "$(changes /tmp/b web)"
	check_eq 'nothing of db' '' "$(changes /tmp/b db)"
	check_eq 'numbers grow by one' '' "$(awk 'NR > 1 && $2 != last + 1 { print } { last = $2 }' /tmp/a)"
}

test_json()
{
	local a

	wait_for 10 has_subscribers 0
	monitor_to /tmp/a -j
	a=$monitor
	expect_ok zoneadm -z web boot
	wait_for 10 says /tmp/a '"newstate":"running"'
	end_monitor "$a"
	python3 - /tmp/a <<-'END' || fail "not the JSON that was expected: $(cat /tmp/a)"
		import json, sys, time
		events = [json.loads(line) for line in open(sys.argv[1])]
		events = [e for e in events if e["zoneid"] > 0] # not of the zones that were just made
		assert [e["newstate"] for e in events] == ["initialized", "ready", "running"]
		assert all(e["class"] == "status" and e["subclass"] == "change" for e in events)
		assert all(e["zonename"] == "web" and e["zoneid"] > 0 for e in events)
		assert abs(events[-1]["when"] / 1e9 - time.time()) < 3600
		assert events[-1]["seq"] == events[0]["seq"] + 2
	END
	expect_ok zoneadm -z web halt
}

# on_disk FILE ZONE: what the index said, one after the other.
on_disk()
{
	sed -n "s/.* zone $2: [a-z]* -> \([a-z]*\)$/\1/p" "$1" | xargs
}

# From its configuration to its end by one subscription, also what happened while there was no zoned, or by hand.
test_states_on_disk()
{
	local a

	wait_for 10 has_subscribers 0
	monitor_to /tmp/a
	a=$monitor
	configure disk
	wait_for 10 says /tmp/a 'zone disk: none -> configured$'
	expect_ok zoneadm -z disk install
	wait_for 10 says /tmp/a 'zone disk: .* -> installed$'
	expect_ok zoneadm -z disk boot
	expect_ok zoneadm -z disk halt
	expect_ok zoneadm -z disk mark incomplete
	wait_for 10 says /tmp/a 'zone disk: installed -> incomplete$'
	sed -i '/^disk:/s/:incomplete:/:installed:/' "$ZONES_ROOT/etc/zones/index"
	wait_for 10 says /tmp/a 'zone disk: incomplete -> installed$'
	kill_hard zoned
	sed -i '/^disk:/s/:installed:/:incomplete:/' "$ZONES_ROOT/etc/zones/index"
	start zoned
	wait_for 10 says /tmp/a 'zone disk: installed -> incomplete$'
	expect_ok zoneadm -z disk uninstall -F
	wait_for 10 says /tmp/a 'zone disk: incomplete -> configured$'
	expect_ok zonecfg -z disk 'set zonename=disk2'
	wait_for 10 says /tmp/a 'zone disk2: none -> configured$'
	wait_for 10 says /tmp/a 'zone disk: configured -> none$'
	expect_ok zonecfg -z disk2 delete -F
	wait_for 10 says /tmp/a 'zone disk2: configured -> none$'
	end_monitor "$a"
	check_match 'each once' '^configured (incomplete )?installed incomplete installed incomplete configured none$' "$(on_disk /tmp/a disk)"
	check_eq 'the new name' 'configured none' "$(on_disk /tmp/a disk2)"
	check_eq 'and alive' "$life" "$(changes /tmp/a disk)"
	check_eq 'the others stayed as they are' '' "$(on_disk /tmp/a web)$(on_disk /tmp/a db)"
	check_eq 'numbers grow by one' '' "$(awk 'NR > 1 && $2 != last + 1 { print } { last = $2 }' /tmp/a)"
	monitor_to /tmp/json -j -s 0
	a=$monitor
	wait_for 10 says /tmp/json '"disk2".*"newstate":""'
	end_monitor "$a"
	check_eq 'as JSON' '["disk2",-1,"","configured"]' \
		"$(jq -c 'select(.zonename == "disk2") | [.zonename, .zoneid, .oldstate, .newstate]' /tmp/json | head -n 1)"
}

# A subscriber goes on behind the last event that it had, over the end of zoned.
test_zoned_killed()
{
	local a

	wait_for 10 has_subscribers 0
	expect_ok zoneadm -z web boot
	monitor_to /tmp/a
	a=$monitor
	expect_ok zoneadm -z db boot
	wait_for 10 says /tmp/a 'db.*-> running'
	kill_hard zoned
	wait_for 10 says /tmp/a.err 'zoned is not running'
	# What happens while there is no zoned is told when there is one: a zone that halts itself.
	kill -KILL "$(init_of web)"
	start zoned
	expect_ok zoneadm -z db halt
	wait_for 20 says /tmp/a 'db.*-> free'
	wait_for 20 says /tmp/a 'web.*running -> shutting_down'
	end_monitor "$a"
	check_eq 'db over both' "$life" "$(changes /tmp/a db)"
	check_no_match 'nothing was lost' 'not known' "$(cat /tmp/a)"
	wait_for 20 has_state web installed
}

no_zsched()
{
	[ -z "$(zsched_of "$1")" ]
}

# zsched and zoned die together: nobody is left to tell of the zone but the ring.
test_zone_lost_without_zoned()
{
	local a last

	wait_for 10 has_subscribers 0
	expect_ok zoneadm -z web boot
	monitor_to /tmp/a -s 0
	a=$monitor
	wait_for 10 says /tmp/a 'web.*-> running'
	kill_hard zoned
	kill -KILL "$(zsched_of web)"
	wait_for 10 no_zsched web
	start zoned
	wait_for 20 says /tmp/a 'web (.*running -> free'
	end_monitor "$a"
	expect_ok zoneadm -z web halt
	last=$(tail -n 1 /tmp/a | cut -d' ' -f2)
	[ "$last" -gt 3 ] || fail "the last number is $last"
}

# Who reads goes away, and nothing happens afterwards.
test_a_reader_that_ends()
{
	local pid as out

	wait_for 10 has_subscribers 0
	expect_ok zoneadm -z web boot
	for as in '' -j; do
		# shellcheck disable=SC2086 # one word or none
		expect_ok timeout 30 sh -c "zoneadm monitor $as -s 0 | head -n 2 >/tmp/two"
		check_eq 'lines' 2 "$(wc -l </tmp/two)"
	done
	# A file, a terminal and nothing at all are no readers that can go.
	for out in /tmp/file /dev/null; do
		zoneadm monitor -s 0 >"$out" &
		pid=$!
		wait_for 10 has_subscribers 1
		sleep 0.5
		check_match "ticks of the CPU for $out" '^[0-5]$' "$(cut -d' ' -f14 "/proc/$pid/stat")"
		end_monitor "$pid"
		wait_for 10 has_subscribers 0
	done
	expect_fail 1 'cannot go on printing' timeout 30 sh -c 'zoneadm monitor -s 0 >&-'
	expect_ok zoneadm -z web halt
}

test_resume_from_a_number()
{
	local a last

	wait_for 10 has_subscribers 0
	expect_ok zoneadm -z web boot
	monitor_to /tmp/a -s 0
	a=$monitor
	wait_for 10 says /tmp/a 'web.*-> running'
	end_monitor "$a"
	wait_for 10 has_subscribers 0
	last=$(tail -n 1 /tmp/a | cut -d' ' -f2)
	expect_ok zoneadm -z web halt
	monitor_to /tmp/b -s "$last"
	a=$monitor
	wait_for 10 says /tmp/b 'web.*-> free'
	end_monitor "$a"
	wait_for 10 has_subscribers 0
	check_eq first $((last + 1)) "$(head -n 1 /tmp/b | cut -d' ' -f2)"
	# A number of a ring that is gone.
	monitor_to /tmp/b -s 1000000
	a=$monitor
	wait_for 10 says /tmp/b 'not known any more; the numbers start again'
	end_monitor "$a"
}

# Subscribers that never read: zoned and the others go on, and end with them.
test_stalled_subscribers()
{
	local a b

	wait_for 10 has_subscribers 0
	monitor_to /tmp/a
	a=$monitor
	kill -STOP "$a"
	monitor_to /tmp/b
	b=$monitor
	expect_ok zoneadm -z web boot
	expect_ok zoneadm -z web halt
	wait_for 10 says /tmp/b 'web.*-> free'
	check_eq 'the stalled one said' '' "$(cat /tmp/a)"
	kill -CONT "$a"
	wait_for 10 says /tmp/a 'web.*-> free'
	check_eq 'both have the same' "$(cat /tmp/b)" "$(cat /tmp/a)"
	end_monitor "$a"
	end_monitor "$b"
	wait_for 10 has_subscribers 0
}

# ---- wait ----

test_wait()
{
	local w

	wait_for 10 has_subscribers 0
	expect_ok zoneadm -z web wait -s installed
	expect_fail 1 "zone 'web': is not running within the time given" \
		zoneadm -z web wait -s running -t 0
	zoneadm -z web wait -s running -t 50 &
	w=$!
	expect_ok zoneadm -z web boot
	wait "$w" || fail 'the waiter did not see the boot'
	expect_ok zoneadm -z web wait -s running -t 0
	zoneadm -z web wait -s installed -t 50 &
	w=$!
	expect_ok zoneadm -z web halt
	wait "$w" || fail 'the waiter did not see the halt'
}

# A zone that is mounted for repair is no zone that runs.
test_wait_for_a_mounted_zone()
{
	local mounted running

	wait_for 10 has_subscribers 0
	waiting_for -z web wait -s mounted -t 50
	mounted=$waiter
	waiting_for -z web wait -s running -t 50
	running=$waiter
	expect_ok zoneadm -z web mount
	wait "$mounted" || fail 'the waiter did not see the mount'
	kill -0 "$running" || fail 'a mounted zone was taken for one that runs'
	expect_ok zoneadm -z web wait -s mounted -t 0
	expect_ok zoneadm -z web unmount
	expect_ok zoneadm -z web boot
	wait "$running" || fail 'the waiter did not see the boot'
	expect_ok zoneadm -z web halt
}

# A state that it only passed through counts, also when the waiter could not look then.
test_wait_for_a_state_that_passed()
{
	wait_for 10 has_subscribers 0
	waiting_for -z web wait -s running -t 50
	kill -STOP "$waiter"
	expect_ok zoneadm -z web boot
	expect_ok zoneadm -z web halt
	kill -CONT "$waiter"
	wait "$waiter" || fail 'a state that passed was missed'
}

test_wait_over_the_end_of_zoned()
{
	wait_for 10 has_subscribers 0
	waiting_for -z web wait -s running -t 50
	kill_hard zoned
	start zoned
	expect_ok zoneadm -z web boot
	wait "$waiter" || fail 'the waiter was lost with zoned'
	expect_ok zoneadm -z web halt
}

# States on disk come from the index, whether zoned runs or not.
test_wait_for_states_on_disk()
{
	wait_for 10 has_subscribers 0
	configure new
	waiting_for -z new wait -s installed -t 50
	expect_ok zoneadm -z new install
	wait "$waiter" || fail 'the waiter did not see the install'
	wait_for 10 has_subscribers 0
	waiting_for -z new wait -s running >/tmp/said 2>&1
	expect_ok zoneadm -z new uninstall -F
	expect_ok zonecfg -z new delete -F
	if wait "$waiter"; then
		fail 'a zone that was deleted ran'
	fi
	check_match said "zone 'new': No such zone" "$(cat /tmp/said)"
}

test_bad_options()
{
	wait_for 10 has_subscribers 0
	expect_fail 2 'usage: zoneadm -z zone wait' zoneadm -z web wait
	expect_fail 2 "'flying' is not a state to wait for" zoneadm -z web wait -s flying
	expect_fail 2 "'down' is not a state to wait for" zoneadm -z web wait -s down
	expect_fail 2 "'1x' is not a number of seconds" zoneadm -z web wait -s running -t 1x
	expect_fail 2 "'-1' is not a number of seconds" zoneadm -z web wait -s running -t -1
	expect_fail 2 usage zoneadm -z web wait -s running now
	expect_fail 1 'No such zone' zoneadm -z nobody wait -s running
	expect_fail 2 'needs a zone' zoneadm wait -s running
	expect_fail 1 "'x' is not the number" zoneadm monitor -s x
	expect_fail 1 "'-5' is not the number" zoneadm monitor -s -5
	expect_fail 2 'unknown or incomplete' zoneadm monitor -q
	expect_fail 2 "no argument 'web'" zoneadm monitor web
	kill_hard zoned
	expect_fail 1 'zoned is not running' zoneadm monitor
	start zoned
}

# ---- in a zone ----

# events_in ZONE [AFTER]: numbers and zone ids of the events that a process of the zone gets.
events_in()
{
	in_zone "$1" /probe/zone-probe events "${2-0}"
}

test_a_zone_sees_its_own()
{
	local id

	wait_for 10 has_subscribers 0
	expect_ok zoneadm -z web boot
	expect_ok zoneadm -z db boot
	id=$(zoneadm -z web list -p | cut -d: -f1)
	expect_ok events_in web
	check_match 'its own life' '^ok [0-9]+$' "$(head -n 1 <<<"$out")"
	check_eq 'only its own' "$id" "$(sed -n 's/^\([0-9]*\) .* web .*/\1/p' <<<"$out" | sort -u)"
	check_eq 'nothing else' '' "$(sed 1d <<<"$out" | grep -v ' web ' || true)"
	check_match 'it ran' "^$id [0-9]+ web 2 3$" "$out"
	check_match 'the host is told of the disk' '^-1 [0-9]+ db ' "$(zone-probe events 0)"
	check_no_match 'the zone is not' '^-1 ' "$out"
	expect_ok zoneadm -z web halt
	expect_ok zoneadm -z db halt
}

# No zone can take all subscriptions, and nobody's go away with it.
test_too_many_subscribers()
{
	local a

	wait_for 10 has_subscribers 0
	expect_ok zoneadm -z web boot
	expect_fail 1 '^EMFILE There are too many subscribers' in_zone web \
		/probe/zone-probe subscribe 65
	expect_ok in_zone web /probe/zone-probe subscribe 64
	expect_ok zone-probe subscribe 200
	# Those that ended are counted as long as zoned has not seen it.
	wait_for 10 has_subscribers 0
	monitor_to /tmp/a
	a=$monitor
	expect_ok zoneadm -z web halt
	wait_for 10 says /tmp/a 'web.*-> free'
	end_monitor "$a"
	wait_for 10 has_subscribers 0
}

run_tests
