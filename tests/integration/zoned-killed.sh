#!/bin/bash
# zoned by itself: what a new zoned finds when the one before it, or a zsched, was killed.
# shellcheck source=tests/lib/zoned.sh
. "$ZONES_TREE/tests/lib/zoned.sh"

faults=$ZONES_ROOT/faults
daemon_log=$ZONES_ROOT/var/log/zoned.out

# In each state: killed, started, and the zone is what it was.
test_killed_in_every_state()
{
	away
	local uniqid init

	make web
	ok get "$id" uniqid
	uniqid=$answer
	restart
	status_is "$id" "$ready" || fail 'not ready any more'
	ok boot "$id"
	ok get "$id" initpid
	init=$answer
	restart
	status_is "$id" "$running" || fail 'not running any more'
	ok get "$id" initpid
	check_eq init "$init" "$answer"
	ok get "$id" uniqid
	check_eq uniqid "$uniqid" "$answer"
	refused EBUSY overlaps create other "$roots/web"
	kill -KILL "$init"
	wait_for 5 status_is "$id" "$shutting_down"
	restart
	status_is "$id" "$shutting_down" || fail 'not shutting down any more'
	ok shutdown "$id"
	restart
	status_is "$id" "$down" || fail 'not down any more'
	ok destroy "$id"
	restart
	nothing_left
}

test_init_ends_while_zoned_is_dead()
{
	away
	boot web
	ok get "$id" initpid
	kill_hard zoned
	kill -KILL "$answer"
	wait_for 5 gone init
	expect_ok zoned
	# zsched may not have reaped it when zoned asks: then zoned hears of it.
	wait_for 5 status_is "$id" "$shutting_down"
	clean
}

test_init_is_watched_after_a_restart()
{
	away
	boot web
	ok get "$id" initpid
	restart
	kill -KILL "$answer"
	wait_for 5 status_is "$id" "$shutting_down"
	clean
}

# killed_during VERB ARGUMENT...: again and again, a little later each time.
killed_during()
{
	local ms=$1

	shift
	(zone-probe "$@" >/tmp/said 2>&1 || true) &
	sleep "0.00$ms"
	kill_hard zoned
	wait
	expect_ok zoned
}

test_killed_during_create()
{
	away
	local ms

	for ms in 0 1 2 3 4 5 6 7 8; do
		killed_during "$ms" create web "$roots/web"
		clean
		make web
		clean
	done
}

test_killed_during_boot()
{
	away
	local ms

	for ms in 0 1 2 3 4 5 6; do
		make web
		killed_during "$ms" boot "$id"
		zone-probe get "$id" status >/tmp/now
		check_match 'status' '^ok [245]$' "$(cat /tmp/now)"
		clean
	done
}

test_killed_during_the_end()
{
	away
	local ms

	for ms in 0 1 2 3; do
		boot web
		killed_during "$ms" shutdown "$id"
		ok shutdown "$id"
		killed_during "$ms" destroy "$id"
		clean
	done
}

test_zsched_killed()
{
	away
	boot web
	kill -KILL "$(zsched_of web)"
	wait_for 5 nothing_left_quietly
	refused EINVAL '' lookup web
	nothing_left
	boot web
	clean
}

nothing_left_quietly()
{
	[ "$(zone-probe list)" = 'ok 0' ]
}

test_zsched_killed_when_ready()
{
	away
	make web
	kill -KILL "$(zsched_of web)"
	wait_for 5 nothing_left_quietly
	nothing_left
}

# Wherever the zone is on its way down.
test_zsched_killed_on_the_way_down()
{
	local to

	for to in "$shutting_down" "$down"; do
		away
		boot web
		ok get "$id" initpid
		if [ "$to" = "$down" ]; then
			ok shutdown "$id"
		else
			kill -KILL "$answer"
		fi
		wait_for 5 status_is "$id" "$to"
		kill -KILL "$(zsched_of web)"
		wait_for 5 nothing_left_quietly
		nothing_left
	done
}

# Nobody is there to see it, and the zone was half down.
test_both_killed_on_the_way_down()
{
	away
	boot web
	ok get "$id" initpid
	kill -KILL "$answer"
	wait_for 5 status_is "$id" "$shutting_down"
	kill_hard zoned
	kill -KILL "$(zsched_of web)"
	expect_ok zoned
	nothing_left
}

test_both_killed()
{
	away
	boot web
	kill_hard zoned
	kill -KILL "$(zsched_of web)"
	expect_ok zoned
	nothing_left
	boot web
	clean
}

# with_faults COMMAND...: its zoned has the faults of the folder $faults.
with_faults()
{
	if ldd "$(command -v zoned)" | grep -q libasan; then
		skip 'its own functions take the place of those that the faults need'
	fi
	mkdir -p "$faults" "$ZONES_ROOT/var/log"
	LD_PRELOAD=$ZONES_STAGE/../tests/libzoned-fault.so ZONED_FAULT=$faults MALLOC_PERTURB_=165 "$@"
}

# An id and a uniqid are not those of a zone that was there a moment ago.
test_numbers_go_on()
{
	away
	local before uniqid

	make web
	before=$id
	ok get "$id" uniqid
	uniqid=$answer
	unmake "$id"
	restart
	make web
	check_eq id $((before + 1)) "$id"
	ok get "$id" uniqid
	[ "$answer" -gt "$uniqid" ] || fail "uniqid $answer after $uniqid"
	clean
}

# It has been found, and is still to be attached to.
test_zsched_killed_while_zoned_starts()
{
	away
	boot web
	kill_hard zoned
	mkdir -p "$faults"
	echo "$(zsched_of web) $run/web.dev" >"$faults/kill-zsched"
	with_faults start zoned
	wait_for 5 nothing_left_quietly
	nothing_left
	check_match 'found first' "zone=web Found, id $id, running\$" "$(cat "$daemon_log")"
	restart
}

# Somebody has used up all threads that there may be.
test_zsched_killed_without_threads()
{
	away
	kill_hard zoned
	with_faults start zoned
	boot web
	: >"$faults/no-thread"
	: >"$daemon_log"
	kill -KILL "$(zsched_of web)"
	wait_for 5 grep -q 'zone=web .* waits for a thread' "$daemon_log"
	rm "$faults/no-thread"
	wait_for 5 nothing_left_quietly
	nothing_left
	restart
}

test_init_ends_without_threads()
{
	away
	kill_hard zoned
	with_faults start zoned
	boot web
	ok get "$id" initpid
	: >"$faults/no-thread"
	: >"$daemon_log"
	kill -KILL "$answer"
	wait_for 5 grep -q 'zone=web .* waits for a thread' "$daemon_log"
	rm "$faults/no-thread"
	wait_for 5 status_is "$id" "$shutting_down"
	clean
	restart
}

# What it lacks is not the zone's fault: it does not start, or has the zone as it is.
test_started_without_descriptors()
{
	away
	local n init dev

	boot web
	ok get "$id" initpid
	init=$answer
	dev=$(stat -c %i "$run/web.dev")
	kill_hard zoned
	for ((n = 4; n < 100; n++)); do
		(ulimit -n "$n" && exec zoned) >/dev/null 2>&1 && break
		kill -0 "$init" || fail "with $n descriptors zoned ended the zone"
		# It is in the zone: with another one the zone has no door.
		check_eq "its doors, with $n descriptors" "$dev" "$(stat -c %i "$run/web.dev")"
		wait_for 5 gone zoned
	done
	wait_for 5 status_is "$id" "$running"
	restart
	status_is "$id" "$running" || fail 'not running any more'
	ok get "$id" initpid
	check_eq init "$init" "$answer"
	clean
}

# Late, when what zoned has of the zone is there.
test_started_without_room_in_the_kernel()
{
	away
	local init dev

	boot web
	ok get "$id" initpid
	init=$answer
	dev=$(stat -c %i "$run/web.dev")
	kill_hard zoned
	mkdir -p "$faults"
	: >"$faults/no-watch"
	with_faults expect_fail 1 "Cannot find zone 'web' again" zoned
	wait_for 5 gone zoned # it ends when it has said so
	rm "$faults/no-watch"
	kill -0 "$init" || fail 'zoned ended the zone'
	# It is in the zone: with another one the zone has no door.
	check_eq 'its doors' "$dev" "$(stat -c %i "$run/web.dev")"
	expect_ok zoned
	status_is "$id" "$running" || fail 'not running any more'
	clean
}

# Nor is it an answer that nobody sees anything.
test_a_caller_that_cannot_be_looked_at()
{
	away
	local i n said

	for ((n = 4; n < 40; n++)); do
		kill_hard zoned
		until (ulimit -n "$n" && exec zoned) >/dev/null 2>&1; do
			n=$((n + 1))
		done
		for i in 1 2 3 4; do
			said=$(zone-probe list) || check_match 'why not' '^(ESRCH|EMFILE|EAGAIN)' "$said"
			check_no_match "with $n descriptors" '^ok$' "$said"
		done
	done
	restart
	clean
}

test_record_of_another_version()
{
	local record

	away
	make web
	kill_hard zoned
	# the memory of its record says that a third one counts, of two
	record=$(find "/proc/$(zsched_of web)/fd" -lname '*zones-record*')
	printf '\3' 1<>"$record"
	expect_ok zoned
	nothing_left
}

run_tests
