#!/bin/bash
# The starter, the one process of which zscheds are made: what they have of it, and what happens without it.
# shellcheck source=tests/lib/zoned.sh
. "$ZONES_TREE/tests/lib/zoned.sh"

setup()
{
	expect_ok zoned
	new_root web
	new_root db
	new_root mail
}

# A zsched has its name as well, for a moment, but is in the group of its zone from the first.
starter()
{
	local p groups

	for p in $(pids_of zsched-start); do
		groups=$(cat "/proc/$p/cgroup" 2>/dev/null) || continue
		[[ $groups == *"/$ZONES_CGROUP/zones/"* ]] || echo "$p"
	done
}

parent_of()
{
	awk '/^PPid:/ { print $2 }' "/proc/$1/status"
}

# Its groups, one line for each hierarchy that zones use.
groups_of()
{
	sed -n -E 's/^[0-9]+:(|[^:]*\b(cpu|memory|pids)\b[^:]*):/\1:/p' "/proc/$1/cgroup"
}

# What a process has open that is not the same for all: PID -> "inode what".
own_descriptors()
{
	find "/proc/$1/fd" -type l -printf '%p %l\n' | while read -r path what; do
		case $what in
		/dev/null | anon_inode:*) ;;
		*) echo "$(stat -L -c %d:%i "$path") $what" ;;
		esac
	done | sort
}

kinds_in()
{
	sed -n -E '/ socket:/d; s/^[^ ]+ //; s/\[[0-9]+\]//p' "$1" | sort | xargs
}

three_zones()
{
	boot web
	boot db
	boot mail
}

test_one_starter_and_a_zsched_for_each_zone()
{
	local zone p

	away
	three_zones
	p=$(starter)
	check_match 'one starter' '^[0-9]+$' "$p"
	check_eq 'its arguments' 'zsched -s' "$(ps -o args= -p "$p" | sed 's/ *$//')"
	check_eq 'its parent' "$(pids_of zoned)" "$(parent_of "$p")"
	check_eq 'its groups' "$(groups_of "$(pids_of zoned)")" "$(groups_of "$p")"
	check_eq zscheds 3 "$(pids_of zsched | wc -l)"
	for zone in web db mail; do
		p=$(zsched_of "$zone")
		check_match "zsched of $zone" '^[0-9]+$' "$p"
		check_eq "parent of that of $zone" "$(pids_of zoned)" "$(parent_of "$p")"
		check_no_match "groups of that of $zone" "[^d]$" \
			"$(groups_of "$p" | grep -v "/$ZONES_CGROUP/zones/$zone/zsched$")"
		check_eq "session of that of $zone" "$p" "$(ps -o sid= -p "$p" | tr -d ' ')"
	done
	clean
}

test_nobody_has_a_descriptor_of_another()
{
	local zone who n

	away
	rm -f /tmp/open.*
	three_zones
	own_descriptors "$(starter)" >/tmp/open.starter
	check_match 'of the starter' '^[^ ]+ socket:\[[0-9]+\]$' "$(cat /tmp/open.starter)"
	check_eq 'all of the starter' '0 1 2 3' "$(find "/proc/$(starter)/fd" -type l -printf '%f\n' | sort | xargs)"
	for zone in web db mail; do
		own_descriptors "$(zsched_of "$zone")" >"/tmp/open.$zone"
		[ "$(grep -c ' user:' "/tmp/open.$zone")" = 1 ] || fail "$(cat "/tmp/open.$zone")"
	done
	n=$(sort -u /tmp/open.* | wc -l)
	check_eq 'no two have the same' "$n" "$(for who in starter web db mail; do
		sort -u "/tmp/open.$who"
	done | wc -l)"
	# But for the clients of its door just now.
	check_eq 'the last has what the first has' "$(kinds_in /tmp/open.web)" "$(kinds_in /tmp/open.mail)"
	rm -f /tmp/open.*
	clean
}

test_killed_between_two_zones()
{
	local was

	away
	boot web
	was=$(starter)
	kill_hard zsched-start
	status_is "$id" "$running" || fail 'the zone ended with the starter'
	boot db
	check_match 'another starter' '^[0-9]+$' "$(starter)"
	[ "$(starter)" != "$was" ] || fail 'it is not another'
	clean
}

# Before each of its system calls, and some of those of the zsched that it has made. The zone is made by the next starter.
test_killed_while_it_makes_one()
{
	local n tracer killed=yes points=0

	away
	for ((n = 1; ${#killed}; n += n < 12 ? 1 : 9)); do
		: >/tmp/kill-at
		kill-at "$(starter)" "$n" >/tmp/kill-at &
		tracer=$!
		wait_for 5 grep -q ready /tmp/kill-at
		zone-probe create web "$roots/web" >/tmp/said 2>&1 || fail "$(cat /tmp/said /tmp/kill-at)"
		answer=$(sed -n "s/^ok //p" /tmp/said)
		kill -TERM "$tracer" 2>/dev/null || true
		wait "$tracer" || true
		killed=$(sed -n 's/^killed before //p' /tmp/kill-at)
		check_eq "zscheds, $(tail -n 1 /tmp/kill-at)" 1 "$(pids_of zsched | wc -l)"
		unmake "$answer"
		nothing_left
		[ -n "$(starter)" ] || make_starter
		points=$((points + 1))
	done
	[ "$points" -gt 8 ] || fail "it was killed at $points points only"
	check_match 'the last' '^passed' "$(tail -n 1 /tmp/kill-at)"
}

# Killed over what it does after the zone was made: the next zone brings another.
make_starter()
{
	make db
	clean
	[ -n "$(starter)" ]
}

# Again and again, whatever it does: no zone that lives notices, a zone that does not come says why.
test_killed_at_random()
{
	local i killer

	away
	boot web
	(while sleep "0.0$((RANDOM % 9))"; do
		# shellcheck disable=SC2046 # none, or one
		kill -KILL $(starter) 2>/dev/null || true
	done) &
	killer=$!
	trap 'kill "$killer"' EXIT
	for ((i = 0; i < 40; i++)); do
		if zone-probe create db "$roots/db" >/tmp/said 2>&1; then
			unmake "$(sed -n 's/^ok //p' /tmp/said)"
		else
			check_match refused "zsched of zone 'db' ended without a word" "$(cat /tmp/said)"
		fi
	done
	trap - EXIT
	kill "$killer"
	wait "$killer" || true
	status_is "$id" "$running" || fail 'the zone ended with the starter'
	boot db
	clean
}

test_signals()
{
	local was sig

	away
	was=$(starter)
	[ -n "$was" ] || { make_starter && was=$(starter); }
	for sig in HUP INT QUIT TERM PIPE USR1 USR2 TSTP; do
		kill "-$sig" "$was"
	done
	boot web
	check_eq starter "$was" "$(starter)"
	clean
}

# One that hangs costs one zone its time, and does nothing late.
test_stopped()
{
	local was

	away
	boot web
	was=$(starter)
	kill -STOP "$was"
	expect_fail 1 "ETIMEDOUT.*zsched of zone 'db' does not start: the process that makes it does not answer" \
		zone-probe create db "$roots/db"
	boot db
	kill -CONT "$was"
	wait_for 5 only_one "$was"
	check_eq zscheds 2 "$(pids_of zsched | wc -l)"
	clean
}

# The kernel may take its time for it, as it does here by a freeze; the message says what it is about.
test_slow()
{
	local groups

	away
	boot web
	groups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)/$ZONES_CGROUP/zones
	echo 1 >"$groups/cgroup.freeze"
	(sleep 12 && echo 0 >"$groups/cgroup.freeze") &
	ok create db "$roots/db"
	unmake "$answer"
	wait $!
	clean
}

test_stuck()
{
	local groups

	away
	boot web
	groups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)/$ZONES_CGROUP/zones
	echo 1 >"$groups/cgroup.freeze"
	expect_fail 1 "ETIMEDOUT.*zsched of zone 'db' does not start: [0-9]+ \\([^)]+\\)" \
		zone-probe create db "$roots/db"
	echo 0 >"$groups/cgroup.freeze"
	boot db
	clean
}

only_one()
{
	[ ! -e "/proc/$1" ] && [ "$(starter | wc -l)" = 1 ]
}

test_it_ends_with_zoned()
{
	local i

	away
	boot web
	for i in 1 2 3; do
		kill_hard zoned
		wait_for 1 gone zsched-start
		expect_ok zoned
		status_is "$id" "$running" || fail "not running any more after $i"
		wait_for 5 pgrep -x zsched-start
		boot db
		ok shutdown "$id"
		ok destroy "$id"
		id=$(zone-probe lookup web | sed -n 's/^ok //p')
	done
	stop zoned
	wait_for 1 gone zsched-start
	expect_ok zoned
	clean
}

test_a_program_that_is_not_there()
{
	away
	stop zoned
	mkdir "$ZONES_ROOT/libexec"
	ln -s "$ZONES_LIBEXEC"/* "$ZONES_ROOT/libexec"
	rm "$ZONES_ROOT/libexec/zsched"
	expect_ok env ZONES_LIBEXEC="$ZONES_ROOT/libexec" zoned
	refused ENOENT 'Cannot start .*/libexec/zsched' create web "$roots/web"
	nothing_left
	# One that is none.
	ln -s "$(type -P true)" "$ZONES_ROOT/libexec/zsched"
	refused EIO "zsched of zone 'web' ended without a word" create web "$roots/web"
	nothing_left
	ln -sf "$ZONES_LIBEXEC/zsched" "$ZONES_ROOT/libexec/zsched"
	boot web
	clean
	restart
}

test_by_hand()
{
	expect_fail 2 '^zsched: started by zoned only' "$ZONES_LIBEXEC/zsched"
	expect_fail 2 '^zsched: started by zoned only' "$ZONES_LIBEXEC/zsched" -s room
	expect_fail 2 '^zsched: started by zoned only' "$ZONES_LIBEXEC/zsched" web 1 1 1342177280 3
}

run_tests
