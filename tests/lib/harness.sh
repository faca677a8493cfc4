# shellcheck shell=bash
# What integration tests are written with. A test file is a bash script that runs in a throwaway
# host: it sources this file, defines functions test_*, and ends with run_tests. Each function is
# one test; it runs in a subshell under set -eu, has 60 seconds (TEST_LIMIT), and fails by any
# command that fails or by the check functions below. `skip REASON` ends a test that this kernel
# or host cannot run. A function setup, if there is one, runs once before the first test.

set -u

# shellcheck disable=SC2034 # for the test files
run=$ZONES_ROOT/run/zones
v2=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
v2=${v2:-$run/cgroup} # where zoned mounts it
TEST_LIMIT=${TEST_LIMIT-60}

# ---- ending a test ----

fail()
{
	echo "FAILED: $*" >&2
	local i
	for ((i = 1; i < ${#FUNCNAME[@]}; i++)); do
		case ${FUNCNAME[i]} in
		test_* | setup) echo "  at line ${BASH_LINENO[i - 1]} of ${FUNCNAME[i]}" >&2 ;;
		esac
	done
	exit 1
}

skip()
{
	echo "SKIPPED: $*"
	exit 77
}

# ---- checks ----

# check_eq WHAT EXPECTED ACTUAL
check_eq()
{
	[ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"
}

# check_match WHAT REGEX TEXT
check_match()
{
	grep -Eq -- "$2" <<<"$3" || fail "$1: expected something like '$2', got '$3'"
}

# check_no_match WHAT REGEX TEXT
check_no_match()
{
	! grep -Eq -- "$2" <<<"$3" || fail "$1: '$2' must not be in '$3'"
}

# expect_ok COMMAND...: it exits 0. Leaves stdout and stderr together in $out.
expect_ok()
{
	local code=0

	out=$("$@" 2>&1 </dev/null) || code=$?
	echo "# $* [$code]${out:+
$out}"
	[ "$code" = 0 ] || fail "'$*' exited $code: $out"
}

# expect_fail CODE REGEX COMMAND...: it exits with CODE and says REGEX. Leaves what it said in $out.
expect_fail()
{
	local want=$1 pattern=$2 code=0

	shift 2
	out=$("$@" 2>&1 </dev/null) || code=$?
	echo "# $* [$code]${out:+
$out}"
	[ "$code" = "$want" ] || fail "'$*' exited $code instead of $want: $out"
	grep -Eq -- "$pattern" <<<"$out" || fail "'$*' did not say '$pattern' but: $out"
}

# wait_for SECONDS COMMAND...: until the command succeeds. SECONDS are those of an idle machine; it
# gives up after five times as many, since other work may have the CPUs.
wait_for()
{
	local end=$((SECONDS + $1 * 5 + 1))

	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || fail "waited in vain for: $*"
		sleep 0.05
	done
}

# ---- daemons ----

# use_fault_build DAEMON: from now on DAEMON-fault of the build folder is started for DAEMON.
use_fault_build()
{
	mkdir "$ZONES_ROOT/libexec"
	ln -s "$ZONES_LIBEXEC"/* "$ZONES_ROOT/libexec"
	ln -sf "$ZONES_STAGE/../daemon/$1/$1-fault" "$ZONES_ROOT/libexec/$1"
	export ZONES_LIBEXEC=$ZONES_ROOT/libexec
	export PATH=$ZONES_LIBEXEC:$PATH
}

# Process ids of a program of ours in this host.
pids_of()
{
	pgrep -x -- "$1" || true
}

# True when nothing of that name runs.
gone()
{
	[ -z "$(pids_of "$1")" ]
}

dladm_answers()
{
	dladm show-link
}

zoned_answers()
{
	door-probe "$run/zone_door" 4 8 # ZONE_LIST
}

# start DAEMON: in the foreground of a session of its own, so that what it logs can be shown.
start()
{
	setsid "$1" -d </dev/null >>"$ZONES_ROOT/var/log/$1.out" 2>&1 &
	disown
	case $1 in
	zoned) wait_for 10 zoned_answers ;;
	dlmgmtd) wait_for 10 test -e "$ZONES_ROOT/run/dladm/dlmgmt_door" ;;
	esac
}

start_daemons()
{
	start dlmgmtd
	start zoned
	wait_for 10 dladm_answers
}

# Ends a daemon at once, as a crash would, and waits until it is gone.
kill_hard()
{
	local pids

	pids=$(pids_of "$1")
	[ -n "$pids" ] || fail "$1 does not run"
	# shellcheck disable=SC2086 # several
	kill -KILL $pids
	wait_for 5 gone "$1"
}

# Asks a daemon to end and waits.
stop()
{
	local pids

	pids=$(pids_of "$1")
	[ -n "$pids" ] || fail "$1 does not run"
	# shellcheck disable=SC2086
	kill -TERM $pids
	wait_for 10 gone "$1"
}

# The process id of one zone's zsched, zoneadmd or init (as this host sees it), or nothing.
zsched_of()
{
	pgrep -x -f "(.*/)?zsched $1 .*" || true
}

zoneadmd_of()
{
	pgrep -f "zoneadmd.* -z $1( |\$)" || true
}

init_of()
{
	local p

	while read -r p; do
		[ "$(awk '/^NSpid:/ { print $NF }' "/proc/$p/status" 2>/dev/null)" = 1 ] && echo "$p"
	done < <(cat "$v2/$ZONES_CGROUP/zones/$1/zone/cgroup.procs" 2>/dev/null)
	return 0
}

# in_zone ZONE COMMAND...: as zlogin, which joins its words for a shell, but keeps the words apart.
in_zone()
{
	local zone=$1

	shift
	zlogin "$zone" "${*@Q}"
}

# ---- zones and links ----

# State of a zone as zoneadm tells it; "none" when it is not configured.
state_of()
{
	local line errors=/tmp/state_of.$BASHPID

	if line=$(zoneadm -z "$1" list -p 2>"$errors"); then
		cut -d: -f3 <<<"$line"
	elif grep -q 'No such zone' "$errors"; then
		echo none
	else
		cat "$errors"
	fi
	rm -f "$errors"
}

has_state()
{
	[ "$(state_of "$1")" = "$2" ]
}

# configure NAME [zonecfg line]...: a sparse zone with no links unless the lines say so.
configure()
{
	local name=$1

	shift
	{
		printf '%s\n' 'create -b' 'set brand=sparse' "set zonepath=/zones/$name" \
			'set ip-type=exclusive'
		printf '%s\n' "$@"
		printf '%s\n' verify commit
	} >"/tmp/$name.cfg"
	expect_ok zonecfg -z "$name" -f "/tmp/$name.cfg"
}

# make_zone NAME [zonecfg line]...: configured and installed.
make_zone()
{
	configure "$@"
	expect_ok zoneadm -z "$1" install
}

# make_link NAME: a vnic over its own etherstub s_NAME; NAME ends in a number.
make_link()
{
	expect_ok dladm create-etherstub "s_$1"
	expect_ok dladm create-vnic -l "s_$1" "$1"
}

# make_linked_zone NAME: with the vnic NAME0, address 10.9.0.2/24, and host side NAMEh0 10.9.0.1/24.
make_linked_zone()
{
	expect_ok dladm create-etherstub "${1}s0"
	expect_ok dladm create-vnic -l "${1}s0" "${1}0"
	expect_ok dladm create-vnic -l "${1}s0" "${1}h0"
	expect_ok ip addr add 10.9.0.1/24 dev "${1}h0"
	expect_ok ip link set "${1}h0" up
	make_zone "$1" 'add net' "set physical=${1}0" 'set allowed-address=10.9.0.2/24' \
		'set defrouter=10.9.0.1' end
}

# Takes a zone away whatever its state.
remove_zone()
{
	zoneadm -z "$1" halt || true
	zoneadm -z "$1" uninstall -F || true
	zonecfg -z "$1" delete -F || true
}

# remains_of ZONE: what is left on this host of a zone that is down.
remains_of()
{
	find "$v2/$ZONES_CGROUP/zones/$1" -type d 2>/dev/null | sed 's/^/cgroup /'
	zsched_of "$1" | sed 's/^/zsched /'
	grep -F "/zones/$1/" /proc/self/mounts | sed 's/^/mount /'
}

# nothing_of ZONE: fails unless nothing remains of it.
nothing_of()
{
	local left

	left=$(remains_of "$1")
	[ -z "$left" ] || fail "of zone $1 remains: $left"
}

nothing_remains_of()
{
	[ -z "$(remains_of "$1")" ]
}

# ---- running ----

# The functions test_* of the file in the order they are written.
tests_of_file()
{
	sed -n 's/^\(test_[a-zA-Z0-9_]*\)().*/\1/p' "$0"
}

# Kills the process group of a test that takes too long.
watch_test()
{
	sleep "$TEST_LIMIT"
	echo "FAILED: took more than $TEST_LIMIT seconds"
	kill -KILL -- "-$1"
}

# Prints one result line, and for a failure what the test said.
report()
{
	local what=$1 name=$2 time=$3 log=$4

	case $what in
	ok) printf 'ok    %s (%s s)\n' "$name" "$time" ;;
	skip) printf 'skip  %s: %s\n' "$name" "$(sed -n 's/^SKIPPED: //p' "$log" | tail -n 1)" ;;
	FAIL) printf 'FAIL  %s (%s s)\n%s\n' "$name" "$time" "$(tail -n 60 "$log" | sed 's/^/      | /')" ;;
	esac
}

# Runs one command as a bounded job of its own group: status in $job_status.
run_bounded()
{
	local pid watch

	set -m
	(
		set -Eeu
		trap 'echo "FAILED: $BASH_COMMAND, line $LINENO of ${FUNCNAME[0]-}" >&2' ERR
		"$1"
	) </dev/null >"$2" 2>&1 &
	pid=$!
	watch_test "$pid" >>"$2" 2>&1 &
	watch=$!
	set +m
	job_status=0
	wait "$pid" 2>/dev/null || job_status=$?
	kill -KILL -- "-$watch" 2>/dev/null
	wait "$watch" 2>/dev/null
}

run_tests()
{
	local file t log begin time what failed=0

	file=$(basename "$0" .sh)
	log=$ZONES_ROOT/test.log
	if declare -F setup >/dev/null; then
		run_bounded setup "$log"
		if [ "$job_status" != 0 ]; then
			what=FAIL
			[ "$job_status" = 77 ] && what=skip
			report $what "$file: setup" 0 "$log"
			[ $what = skip ]
			exit
		fi
	fi
	for t in $(tests_of_file); do
		[ -n "${ONLY-}" ] && [[ $t != *$ONLY* ]] && continue
		begin=$(date +%s%N)
		run_bounded "$t" "$log"
		time=$((($(date +%s%N) - begin) / 10000000))
		time=$(printf '%d.%02d' $((time / 100)) $((time % 100)))
		case $job_status in
		0) what=ok ;;
		77) what=skip ;;
		*) what=FAIL failed=1 ;;
		esac
		report $what "$file: ${t#test_}" "$time" "$log"
	done
	cat "$ZONES_ROOT"/var/log/sanitizer.* >"$log" 2>/dev/null
	if [ -s "$log" ]; then
		failed=1
		report FAIL "$file: sanitizer" 0 "$log"
	fi
	if [ $failed = 1 ]; then
		for log in "$ZONES_ROOT"/var/log/*.out; do
			[ -s "$log" ] && printf '      | %s: %s\n' "$(basename "$log")" \
				"$(tail -n 20 "$log" | sed '2,$s/^/      |   /')"
		done
	fi
	exit $failed
}
