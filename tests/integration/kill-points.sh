#!/bin/bash
# zoned, dlmgmtd and zsched killed at system calls of theirs during the operations that they take part
# in: before the first, some in between, and so on until the operation is over before it comes so far.
# `make kill-points` does so at every one; KILL_STEP and KILL_SEED say which are done here.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

step=${KILL_STEP-170}
seed=${KILL_SEED-29} # the same here each time; `make kill-points` takes every call
TEST_LIMIT=${KILL_LIMIT-240}
exec 3>&1

setup()
{
	start_daemons
	make_linked_zone kp
	expect_ok dladm create-vnic -l kps0 lend0
	expect_ok dladm create-vnic -l kps0 name0
	expect_ok dladm create-vnic -l kps0 keep0
}

# ---- what is done to the zone, and what it must be afterwards ----

id_of()
{
	zone-probe lookup kp 2>/dev/null | sed -n 's/^ok //p'
}

do_ready() { zoneadm -z kp ready; }
is_ready() { has_state kp ready; }

do_boot() { zoneadm -z kp boot; }
is_boot() { has_state kp running && zlogin kp test -e /sys/class/net/kp0; }

do_attr() { zone-probe set "$id" bootargs "n$n"; }
is_attr() { [ "$(zone-probe get "$id" bootargs)" = "ok n$n" ]; }

do_rctl() { prctl -n zone.max-lwps -r -v $((1000 + n)) -i zone kp; }
is_rctl() { prctl -P -n zone.max-lwps -i zone kp | grep -q " $((1000 + n)) "; }

do_lend() { dladm set-linkprop -t -p zone=kp lend0; }
is_lend() { [ "$(dladm show-linkprop -c -o value -p zone lend0)" = kp ]; }

do_return() { dladm reset-linkprop -t -p zone lend0; }
is_return() { [ -z "$(dladm show-linkprop -c -o value -p zone lend0)" ] && ip link show lend0; }

do_rename() { dladm rename-link "$from" "$to"; }
is_rename() { dladm show-link "$to" && ip link show "$to"; }

do_shutdown() { zone-probe shutdown "$id"; }
# zsched tells zoneadmd of the end of init, and that halts the zone, now or later.
is_shutdown() { [ "$(zone-probe get "$id" status)" = 'ok 7' ] || is_destroy; }

do_destroy() { zone-probe destroy "$id"; }
is_destroy() { [ -z "$(id_of)" ] && nothing_remains_of kp; }

do_halt() { zoneadm -z kp halt; }
is_halt() { has_state kp installed && nothing_remains_of kp && ip link show kp0; }

# ---- one kill ----

# What must not change for anybody, whoever dies: the zone with its id, and its init.
remember()
{
	id=$(id_of)
	uniqid=$([ -z "$id" ] || zone-probe get "$id" uniqid)
	init=$(init_of kp)
	zsched=$(zsched_of kp)
	position=$(zone-probe events 0 | sed -n '1s/^ok //p')
	links=$(dladm show-link -p -o link,class,over | sort)
}

# Where zoned died over a change dlmgmtd asks the next one.
agreed()
{
	[ -z "$(dladm check 2>&1)" ]
}

unchanged()
{
	local said now

	case $id:$1 in
	:* | *:shutdown | *:destroy | *:halt) ;;
	*)
		check_eq "id after $where" "$id" "$(id_of)"
		check_eq "uniqid after $where" "$uniqid" "$(zone-probe get "$id" uniqid)"
		[ -z "$init" ] || check_eq "init after $where" "$init" "$(init_of kp)"
		;;
	esac
	said=$(zone-probe events "$position")
	now=$(sed -n '1s/^ok //p' <<<"$said")
	[ "$now" -ge "$position" ] || fail "after $where events go back from $position to $now"
	awk -v at="$position" 'NR > 1 && $2 != ++at { exit 1 }' <<<"$said" ||
		fail "after $where there is a gap in the events after $position: $said"
	# While a zone goes down zoned has let go of it and dlmgmtd has not, or the other way round.
	[ "$1" = shutdown ] || [ "$1" = halt ] || wait_for 10 agreed
	now=$(dladm show-link -p -o link,class,over | sort)
	[ "$1" = rename ] || [ "$1" = lend ] || [ "$1" = return ] || check_eq "links after $where" "$links" "$now"
}

# zsched is the zone: without it there is none, and all that it had is free. Unless the operation
# made the zone again, with another.
no_zone_or()
{
	wait_for 10 made_again_or_none "$1"
	[ -z "$(zsched_of kp)" ] || return 0
	wait_for 10 has_state kp installed
	expect_ok zoneadm -z kp halt
	wait_for 10 ip link show kp0
	wait_for 10 is_return
}

made_again_or_none()
{
	if [ "$(zsched_of kp)" = "$zsched" ]; then
		[ -z "$zsched" ] && nothing_remains_of kp
	else
		"is_$1" || nothing_remains_of kp
	fi
}

start_again()
{
	wait_for 5 gone "$1"
	start "$1"
	[ "$1" != dlmgmtd ] || wait_for 10 dladm_answers
}

killed()
{
	grep -q '^killed' "$ZONES_ROOT/kill-at"
}

client_ended_or_killed()
{
	killed || ! kill -0 "$client"
}

victim_pid()
{
	if [ "$1" = zsched ]; then
		zsched_of kp
	else
		pids_of "$1"
	fi
}

# The operation, with the victim's death before its n-th system call. Fails when it is over before that.
# A daemon comes back at once or when the client has given up, in turns.
operate()
{
	local victim=$1 op=$2 tracer client back=no

	code=0
	: >"$ZONES_ROOT/kill-at"
	kill-at "$(victim_pid "$victim")" "$n" >"$ZONES_ROOT/kill-at" &
	tracer=$!
	wait_for 5 grep -q . "$ZONES_ROOT/kill-at"
	export id n from to
	timeout 50 bash -c "$(declare -f "do_$op"); do_$op" >"$ZONES_ROOT/client" 2>&1 </dev/null &
	client=$!
	if ((n % 2)) && [ "$victim" != zsched ]; then
		wait_for 30 client_ended_or_killed
		if killed; then
			start_again "$victim"
			back=yes
		fi
	fi
	wait "$client" || code=$?
	kill -TERM "$tracer" 2>/dev/null || true
	wait "$tracer" || true
	where="$victim killed at call $n of $op ($(tail -n 1 "$ZONES_ROOT/kill-at"))"
	echo "# $where: exit $code, $(tail -n 1 "$ZONES_ROOT/client")"
	if [ "$code" != 0 ] && { [ "$code" != 1 ] || [ ! -s "$ZONES_ROOT/client" ]; }; then
		fail "$where: the client exited $code and said '$(cat "$ZONES_ROOT/client")'"
	fi
	killed || return 1
	[ "$victim" = zsched ] || [ "$back" = yes ] || start_again "$victim"
}

# strike VICTIM OPERATION, from the state that it needs. Fails when there are no more such points.
strike()
{
	local victim=$1 op=$2 code

	remember
	if ! operate "$victim" "$op"; then
		wait_for 10 "is_$op"
		return 1
	fi
	points=$((points + 1))
	if [ "$victim" = zsched ]; then
		no_zone_or "$op"
		return 0
	fi
	unchanged "$op"
	# Whoever was told of an error makes a zone ready again, though it may look so.
	if ! "is_$op" >/dev/null 2>&1 || [ "$op:$code" = ready:1 ]; then
		expect_ok "do_$op"
	fi
	wait_for 10 "is_$op"
	wait_for 10 agreed
}

# ---- all of them ----

reach()
{
	local state

	state=$(state_of kp)
	case $1:$state in
	installed:installed | ready:ready | running:running) return 0 ;;
	down:*)
		[ -z "$(id_of)" ] || is_shutdown || expect_ok zone-probe shutdown "$(id_of)"
		return 0
		;;
	running:ready | running:installed) expect_ok zoneadm -z kp boot ;;
	ready:installed) expect_ok zoneadm -z kp ready ;;
	*)
		expect_ok zoneadm -z kp halt
		reach "$1"
		;;
	esac
}

needs()
{
	case $1 in
	ready) reach installed ;;
	attr | boot) reach ready ;;
	lend) reach running && { ! is_lend || expect_ok do_return; } ;;
	return) reach running && { is_lend || expect_ok do_lend; } ;;
	destroy) reach running && id=$(id_of) && { do_shutdown || true; } ;;
	rename)
		from=$(dladm show-link -p -o link | grep '^name')
		to=name$((1 - ${from#name}))
		;;
	*) reach running ;;
	esac
}

# at_every_point VICTIM OPERATION...: of each operation, until all are over before they come so far.
at_every_point()
{
	local victim=$1 ops op more points=0 from='' to=''

	shift
	ops=$*
	n=$((seed % (step < 40 ? step : 40) + 1))
	while [ -n "$ops" ]; do
		more=
		for op in $ops; do
			needs "$op"
			if strike "$victim" "$op"; then
				more="$more $op"
			else
				echo "      kill-points: $victim, $op: $n calls are all" >&3
			fi
		done
		ops=$more
		n=$((n + step))
	done
	reach installed
	echo "      kill-points: $victim: killed at $points points; KILL_SEED=$seed KILL_STEP=$step" >&3
}

test_zoned()
{
	at_every_point zoned ready attr boot rctl lend return rename shutdown destroy
}

test_zoned_and_a_halt()
{
	at_every_point zoned halt
}

test_dlmgmtd()
{
	at_every_point dlmgmtd ready lend return rename halt
}

test_zsched()
{
	at_every_point zsched attr boot shutdown
}

run_tests
