#!/bin/bash
# Zones booted, halted, rebooted, logged into and killed at random, with their daemons. From time to
# time all rest: then no zone is in a wrong state, and when all are halted nothing remains of any.
# `make soak-zones` does so for half an hour; here it is some seconds. SOAK_SEED repeats the order of
# what each worker does, though not its time.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

seconds=${SOAK_SECONDS-9}
zones=${SOAK_ZONES-6}
round=${SOAK_ROUND-3} # seconds between rests
workers=${SOAK_WORKERS-4}
seed=${SOAK_SEED-2027} # the same in each `make check`; `make soak-zones` takes another each time
patience=120 # seconds after which a command hangs
TEST_LIMIT=$((seconds * 3 + zones * 5 + 300))
exec 3>&1

setup()
{
	local n

	start_daemons
	mkdir "$ZONES_ROOT/soak"
	expect_ok dladm create-etherstub soak0
	for ((n = 1; n <= zones; n++)); do
		if ((n % 3 == 0)); then
			make_zone "z$n"
			continue
		fi
		expect_ok dladm create-vnic -l soak0 "z${n}v0"
		make_zone "z$n" 'add net' "set physical=z${n}v0" \
			"set allowed-address=10.8.$((n / 200)).$((n % 200 + 1))/16" end
	done
	# Each was up once: what a zone leaves on purpose is there.
	for_all boot
	for_all halt
}

# for_all SUBCOMMAND: of zoneadm, for all zones, eight at a time.
for_all()
{
	seq "$zones" | xargs -P 8 -I @@ sh -c "timeout $patience zoneadm -z z@@ $1 >'$ZONES_ROOT/soak/all.@@' 2>&1 ||
		echo \"zoneadm -z z@@ $1: exit \$?: \$(cat '$ZONES_ROOT/soak/all.@@')\"" >"$ZONES_ROOT/soak/all"
	[ ! -s "$ZONES_ROOT/soak/all" ] || fail "$(cat "$ZONES_ROOT/soak/all")"
}

# ---- what they do ----

# One thing that happens to a zone: whether it succeeds depends on what the others do.
happening()
{
	local zone=z$((RANDOM % zones + 1))

	case $((RANDOM % 14)) in
	0 | 1 | 2 | 3) set -- zoneadm -z "$zone" boot ;;
	4) set -- zoneadm -z "$zone" ready ;;
	5 | 6) set -- zoneadm -z "$zone" halt ;;
	7) set -- zoneadm -z "$zone" reboot ;;
	8) set -- zoneadm -z "$zone" shutdown ;;
	9) set -- zlogin "$zone" 'cat /proc/1/cmdline; sleep 0.1' ;;
	10) set -- zlogin "$zone" poweroff -f ;;
	11) set -- zlogin "$zone" reboot ;;
	12) set -- zlogin "$zone" 'setsid sleep 1000 >/dev/null 2>&1 & mkdir /sys/fs/cgroup/sub; mount -t tmpfs none /mnt' ;;
	13) set -- timeout -s KILL 0.0$((RANDOM % 9 + 1)) zoneadm -z "$zone" reboot ;;
	esac
	begin=$SECONDS
	code=0
	said=$(timeout -k 5 "$patience" "$@" 2>&1 </dev/null) || code=$?
	line=$(printf '%s happens: %s [%d] (%d s) %s' "${EPOCHREALTIME#????}" "$*" "$code" $((SECONDS - begin)) \
		"${said//$'\n'/ | }")
	echo "$line"
	[ $((SECONDS - begin)) -lt 15 ] || echo "      soak: slow: $line" >&3
	if [ "$code" = 124 ]; then
		echo "$* takes more than $patience seconds" >>"$ZONES_ROOT/soak/failed"
	fi
}

worker()
{
	local said code begin line

	RANDOM=$((seed + $1))
	until [ -e "$ZONES_ROOT/soak/rest" ]; do
		happening
	done >>"$ZONES_ROOT/soak/log.$BASHPID" 2>&1
}

# One that is killed; and started again a little later when it is a daemon of the host.
kill_one()
{
	local victims name

	case $((RANDOM % ($1 ? 8 : 4))) in
	0 | 1) name=zsched ;;
	2 | 3) name=zoneadmd ;;
	4 | 5 | 6) name=zoned ;;
	7) name=dlmgmtd ;;
	esac
	mapfile -t victims < <(pids_of "$name")
	[ ${#victims[@]} != 0 ] || return 0
	kill -KILL "${victims[RANDOM % ${#victims[@]}]}" || return 0
	echo "${EPOCHREALTIME#????} killed $name"
	kills=$((kills + 1))
	case $name in
	zoned | dlmgmtd)
		# Killed while it waits for the kernel, it ends when that has answered.
		wait_for 60 gone "$name"
		sleep "0.$((RANDOM % 5))"
		start "$name"
		;;
	esac
}

# killer NUMBER DAEMONS: until the rest.
killer()
{
	local kills

	RANDOM=$((seed + $1))
	kills=$(cat "$ZONES_ROOT/soak/kills")
	until [ -e "$ZONES_ROOT/soak/rest" ]; do
		sleep "0.$((RANDOM % 7 + 1))"
		kill_one "$2"
	done >>"$ZONES_ROOT/soak/log.killer" 2>&1
	echo "$kills" >"$ZONES_ROOT/soak/kills"
}

# ---- what must be true when they rest ----

# One of the states that a zone stays in, and it is what it seems to be.
is_right()
{
	case $(state_of "$1") in
	installed) nothing_remains_of "$1" ;;
	ready) [ -n "$(zsched_of "$1")" ] && [ -z "$(init_of "$1")" ] ;;
	running) timeout "$patience" zlogin "$1" true ;;
	*) false ;;
	esac
}

# A zone that ended while nobody was there to take it down waits for the next who is.
comes_right()
{
	local state

	state=$(state_of "$1")
	case $state in
	down | shutting_down) timeout "$patience" zoneadm -z "$1" halt && is_right "$1" ;;
	*) is_right "$1" ;;
	esac
}

# Everything that a zone may leave, a line each.
world()
{
	local p

	cut -d' ' -f5 /proc/self/mountinfo | sort | sed 's/^/mount /'
	ip -o link | sed 's/^[0-9]*: \([^:@]*\).*/netdev \1/' | sort
	find /sys/fs/cgroup/ -path "*/$ZONES_CGROUP/zones*" -type d 2>/dev/null | sort | sed 's/^/cgroup /'
	find "$ZONES_ROOT/run" "$ZONES_ROOT/zones" -maxdepth 2 | sort | sed 's/^/file /'
	for p in zsched zoneadmd init zones-init zoneadm zoneadm-config zlogin sleep; do
		pids_of "$p" | sed "s/.*/process $p/"
	done
	find /proc/[0-9]*/ns /proc/[0-9]*/fd -type l -printf '%l\n' 2>/dev/null |
		grep -E '^(mnt|net|ipc|uts|user|pid|cgroup):' | sort -u | wc -l | sed 's/^/namespaces /'
	ipcs -a | grep -c '^0x' | sed 's/^/ipc objects /'
}

# The kernel takes those of a network namespace away a little after it.
no_twins()
{
	! ip -o link | grep -q ' vz[0-9]*-[0-9]*[@:]'
}

as_before()
{
	world >"$ZONES_ROOT/soak/world"
	diff "$ZONES_ROOT/soak/world.base" "$ZONES_ROOT/soak/world" >"$ZONES_ROOT/soak/left"
}

# What a daemon has open, by kind.
descriptors_of()
{
	find "/proc/$(pids_of "$1")/fd" -type l -printf '%l\n' | sed 's,:\[[0-9]*\],,; s,^/memfd.*,memfd,' |
		sort | uniq -c
}

# What a server thread that was needed once keeps for a while are sockets and pidfds; and dlmgmtd has the
# name of its door in a zone whose zsched died until the zone boots again. Of all else there is no more
# than there was, but for one or two that come and go.
flat()
{
	descriptors_of "$1" >"$ZONES_ROOT/soak/$1.now"
	awk -v many=$((40 + zones)) '{ if (NR == FNR) { had[$2] = $1; next } }
		$1 > had[$2] + ($2 ~ /socket|pidfd/ ? many : 2) { print "of", $2, had[$2] + 0, "have become", $1 }' \
		"$ZONES_ROOT/soak/$1.base" "$ZONES_ROOT/soak/$1.now" >"$ZONES_ROOT/soak/$1.more"
	[ ! -s "$ZONES_ROOT/soak/$1.more" ]
}

all_rest()
{
	local n d

	[ ! -e "$ZONES_ROOT/soak/failed" ] || fail "$(cat "$ZONES_ROOT/soak/failed")"
	wait_for 10 zoned_answers
	wait_for 10 dladm_answers
	for ((n = 1; n <= zones; n++)); do
		wait_for 20 comes_right "z$n"
	done
	for_all halt
	for ((n = 1; n <= zones; n++)); do
		check_eq "state of z$n" installed "$(state_of "z$n")"
	done
	expect_ok dladm check
	check_eq 'disagreements about links' '' "$out"
	for d in 1 2 3 4 5 6 7 8 9 10; do
		as_before && break
		sleep 1
	done
	[ "$d" != 10 ] || fail "something is left: $(cat "$ZONES_ROOT/soak/left")
$(ps -eo pid,ppid,stat,wchan:20,args)"
	for d in zoned dlmgmtd; do
		flat "$d" || fail "descriptors of $d: $(cat "$ZONES_ROOT/soak/$d.more")"
	done
}

# ---- the soak ----

# one_round NUMBER DAEMONS: daemons of the host are killed too when DAEMONS is 1.
one_round()
{
	local n jobs=()

	rm -f "$ZONES_ROOT/soak/rest"
	for ((n = 1; n <= workers; n++)); do
		worker $(($1 * 100 + n)) &
		jobs+=($!)
	done
	killer $(($1 * 100)) "$2" &
	jobs+=($!)
	sleep "$round"
	touch "$ZONES_ROOT/soak/rest"
	wait "${jobs[@]}" || fail "a worker or the killer: $(tail -n 3 "$ZONES_ROOT"/soak/log.*)"
}

test_random_lives_and_deaths()
{
	local end=$((SECONDS + seconds)) rounds=0

	echo "      soak: $zones zones, $seconds s, SOAK_SEED=$seed" >&3
	for_all boot
	for_all halt
	wait_for 10 no_twins
	world >"$ZONES_ROOT/soak/world.base"
	descriptors_of zoned >"$ZONES_ROOT/soak/zoned.base"
	descriptors_of dlmgmtd >"$ZONES_ROOT/soak/dlmgmtd.base"
	echo 0 >"$ZONES_ROOT/soak/kills"
	# Rounds without deaths of zoned and dlmgmtd show what these do not let go.
	while ((SECONDS < end)); do
		one_round "$rounds" $((rounds % 2 == 0))
		all_rest
		rounds=$((rounds + 1))
		echo "# round $rounds is over"
		[ "$round" -lt 20 ] || echo "      soak: round $rounds, $((end - SECONDS)) s to go" >&3
	done
	echo "      soak: $rounds rounds, $(cat "$ZONES_ROOT"/soak/log.[0-9]* | grep -c ' happens: ') happenings," \
		"$(cat "$ZONES_ROOT/soak/kills") kills" >&3
}

run_tests
