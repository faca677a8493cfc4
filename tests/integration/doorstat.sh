#!/bin/bash
# doorstat: the doors of this host, counted, and what hostile processes show it.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"
# shellcheck source=tests/lib/compile.sh
. "$ZONES_TREE/tests/lib/compile.sh"

work=$ZONES_ROOT/doorstat-test

setup()
{
	mkdir -p "$ZONES_ROOT/run"
	compile hello-server hello-client
	"$work/hello-server" "$work/door" >"$work/said" &
	echo $! >"$work/pid"
	disown
	wait_for 5 grep -q serving "$work/said"
}

# stat_of FIELDS [OPTION]...: of the server.
stat_of()
{
	local fields=$1

	shift
	doorstat -p -o "$fields" -P "$server" "$@"
}

server()
{
	server=$(cat "$work/pid")
}

idle()
{
	[ "$(stat_of busy)" = 0 ]
}

has_threads()
{
	[ "$(stat_of thr)" -ge 1 ]
}

test_a_server_is_listed()
{
	server
	expect_ok doorstat
	check_match header '^PID +PROGRAM +ZONE +THR +BUSY +CALLS +ERRORS +TIME +MAX +DOOR$' "$out"
	check_match row "^$server +hello-server +global +[0-9]+ .* $work/door$" "$out"
	check_eq names "hello-server:global:$work/door:unref" "$(stat_of program,zone,door,attr)"
	wait_for 5 has_threads
}

test_calls_are_counted()
{
	local before

	server
	before=$(stat_of calls)
	expect_ok "$work/hello-client" "$work/door"
	check_eq calls $((before + 6)) "$(stat_of calls)"
	# The last answer comes before its call has ended.
	wait_for 5 idle
	check_eq 'none failed' 0:0:0 "$(stat_of errors,refused,unanswered)"
	check_match time '^[0-9]+\.[0-9]{2}:[0-9]+\.[0-9]{2}$' "$(stat_of time,max)"
}

test_what_the_daemons_serve()
{
	start_daemons
	expect_ok doorstat -p -o program,zone,door
	check_match zoned "^zoned:global:$run/zone_door" "$out"
	check_match dlmgmtd '^dlmgmtd:global:.*dlmgmt_door' "$out"
	stop zoned
	stop dlmgmtd
}

test_selected_by_path()
{
	server
	expect_ok doorstat -p -o pid "$work/door"
	check_eq pid "$server" "$out"
	expect_fail 1 "^doorstat: $work/said: nobody serves a door there$" doorstat "$work/said"
	expect_fail 1 "^doorstat: $work/none: No such file" doorstat "$work/none"
	expect_fail 1 '^doorstat: /dev/null: not a door$' doorstat /dev/null
	expect_ok doorstat -z nowhere
	check_eq 'of no such zone' '' "$out"
}

test_rates_over_an_interval()
{
	local lines

	server
	doorstat -p -o pid,calls -P "$server" 1 3 >"$work/rates" &
	lines=$!
	while kill -0 "$lines" 2>/dev/null; do
		"$work/hello-client" "$work/door" >/dev/null
	done
	wait "$lines"
	check_eq reports 3 "$(wc -l <"$work/rates")"
	check_match 'calls each second' "^$server:[1-9][0-9]*\.[0-9]$" "$(cat "$work/rates")"
}

test_json()
{
	server
	wait_for 5 idle
	expect_ok doorstat -j -P "$server"
	python3 -c '
import json, sys
rows = json.loads(sys.argv[1])
assert [r["pid"] for r in rows] == [int(sys.argv[2])], rows
assert rows[0]["door"] == sys.argv[3] and rows[0]["busy"] == 0, rows
assert len(rows[0]["id"]) == 16, rows' "$out" "$server" "$work/door"
	expect_ok doorstat -j -P $$
	check_eq 'nothing as JSON' '[]' "$out"
}

test_wrong_usage()
{
	expect_fail 2 '^doorstat: the options -j and -p exclude each other' doorstat -j -p
	expect_fail 2 "^doorstat: invalid interval '0'" doorstat 0
	expect_fail 2 "^doorstat: invalid count 'x'" doorstat 1 x
	expect_fail 2 "^doorstat: it takes no argument '3'" doorstat 1 2 3
	expect_fail 2 "^doorstat: invalid process '-1'" doorstat -P -1
	expect_fail 1 'unknown output field' doorstat -o nothing
	expect_fail 1 'must be specified' doorstat -p
	expect_fail 1 '^doorstat: process 4194303: No such process$' doorstat -P 4194303
}

# Root sees all; a user its own, and of others nothing.
test_users_see_their_own()
{
	local own

	server
	expect_fail 1 'Permission denied' setpriv --reuid 65534 --regid 65534 --clear-groups \
		doorstat -P "$server"
	mkdir -m 0777 "$work/other"
	: >"$work/other/door"
	chown 65534 "$work/other/door"
	XDG_RUNTIME_DIR=$work/other setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$work/hello-server" "$work/other/door" >"$work/other/said" 2>&1 &
	own=$!
	wait_for 5 grep -q 'serving\|fattach' "$work/other/said"
	expect_ok setpriv --reuid 65534 --regid 65534 --clear-groups doorstat -p -o pid
	kill "$own"
	wait "$own" || true
	check_eq 'doors of nobody' "$own" "$out"
}

# liar HOW: a process that shows what it likes, until its input ends.
liar()
{
	python3 - "$1" <<-'END'
		import mmap, os, struct, sys, time
		how = sys.argv[1]
		size = 256 * 257
		fd = os.memfd_create("libdoor-stat")
		if how != "short":
		    os.ftruncate(fd, size)
		magic = 0 if how == "magic" else 0x746174732d726f64
		version = 99 if how == "version" else 1
		pid = 1 if how == "pid" else os.getpid()
		page = struct.pack("<QII", magic, version, pid) + b"\xff" * (size - 16)
		os.pwrite(fd, page if how != "short" else page[:100], 0)
		if how == "grow":
		    os.ftruncate(fd, 1 << 40)
		if how == "shrink":
		    os.ftruncate(fd, 256)
		if how != "unmapped":
		    m = mmap.mmap(fd, 100 if how == "short" else 256)
		if how == "many":
		    for i in range(900):
		        os.dup(fd)
		open(sys.argv[1] + ".ready", "w").close()
		time.sleep(60)
	END
}

test_pages_that_lie()
{
	local how pid n

	cd "$work"
	for how in nonsense short shrink grow magic version pid unmapped many; do
		liar "$how" &
		pid=$!
		wait_for 10 test -e "$how.ready"
		out=$(doorstat -o all -P "$(pgrep -P "$pid" -x python3 || echo "$pid")")
		n=$(wc -l <<<"$out")
		case $how in
		nonsense | grow | many) check_eq "doors of $how" 257 "$n" ;;
		*) check_eq "said of $how" '' "$out" ;;
		esac
		check_no_match 'bytes of others' '[^ -~]' "$out"
		pkill -KILL -P "$pid" || true
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	# And everybody else is still seen.
	server
	check_eq server "$server" "$(doorstat -p -o pid "$work/door")"
}

shows_a_page()
{
	[ "$(readlink "/proc/$1/fd/9")" = '/memfd:libdoor-stat (deleted)' ]
}

# What is called like that but is no memfd (it could be a file of FUSE, or a fifo) is not opened.
test_a_file_that_is_called_like_a_page()
{
	local pid

	mkdir "$work/root"
	mkfifo "$work/root/memfd:libdoor-stat (deleted)"
	unshare --mount sh -c "mount --bind $work/root $work/root
		exec 9<>'$work/root/memfd:libdoor-stat (deleted)'
		umount -l $work/root
		exec sleep 60" &
	pid=$!
	wait_for 5 shows_a_page "$pid"
	expect_ok doorstat -P "$pid"
	check_eq said '' "$out"
	kill "$pid"
	wait "$pid" || true
}

test_a_zone_sees_its_own_doors()
{
	local root inside

	start_daemons
	make_zone web
	expect_ok zoneadm -z web boot
	root=$ZONES_ROOT/zones/web/root
	cp "$ZONES_STAGE/usr/sbin/doorstat" "$work/hello-server" "$LD_LIBRARY_PATH/libdoor.so.0" \
		"$root/root"
	in_zone web sh -c 'cd /root && mkdir -p /run/doors &&
		LD_LIBRARY_PATH=/root setsid ./hello-server /root/door >said 2>&1 &
		until grep -q serving /root/said; do sleep 0.05; done' </dev/null
	expect_ok in_zone web /root/doorstat -p -o program,zone,door
	check_eq inside 'hello-server:web:/root/door' "$out"
	expect_ok doorstat -z web -p -o program,zone,door
	check_match outside '^hello-server:web:.*/root/door$' "$out"
	expect_ok doorstat -p -o program,zone
	check_match 'the zone daemons' '^zsched:global$' "$out"
	inside=$(doorstat -z web -p -o pid)
	expect_ok doorstat -P "$inside" -p -o zone
	check_eq zone web "$out"
	remove_zone web
	stop zoned
	stop dlmgmtd
}

run_tests
