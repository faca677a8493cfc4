#!/bin/bash
# What a zone sees of the machine is its own: processors, memory, load, uptime.
# Alone: measures load and time.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

views='cpuinfo loadavg meminfo stat swaps uptime'

setup()
{
	[ -c /dev/fuse ] || skip 'this host has no /dev/fuse'
	start_daemons
	make_zone web 'add capped-cpu' 'set ncpus=1' end 'add capped-memory' 'set physical=128m' \
		'set swap=128m' end
	expect_ok zoneadm -z web boot
	make_zone idle
	expect_ok zoneadm -z idle boot
}

log_of()
{
	cat "$ZONES_ROOT/zones/$1/logs/platform.log"
}

# zoneview_of: the process that serves, once its door is there.
serves()
{
	[ -n "$(pids_of zoneview)" ] && in_zone web cat /proc/uptime
}

# refused COMMAND...: it fails, however.
refused()
{
	! "$@" >/dev/null 2>&1 </dev/null || fail "'$*' was not refused"
}

# Which files of a zone are zoneview's.
mounted_in()
{
	in_zone "$1" cat /proc/self/mountinfo | awk '$0 ~ / - fuse zoneview / { print $5 }' | sort -u
}

test_all_files_are_the_zones_own()
{
	local file

	expect_ok mounted_in web
	for file in $views; do
		check_match mounts "^/proc/$file\$" "$out"
	done
	check_match mounts '^/sys/devices/system/cpu/online$' "$out"
}

test_processors_are_as_many_as_the_cap_is_worth()
{
	check_eq cpuinfo 1 "$(in_zone web grep -c '^processor' /proc/cpuinfo)"
	check_eq stat 1 "$(in_zone web grep -c '^cpu[0-9]' /proc/stat)"
	check_eq online 0 "$(in_zone web cat /sys/devices/system/cpu/online)"
	check_eq uncapped "$(grep -c '^processor' /proc/cpuinfo)" \
		"$(in_zone idle grep -c '^processor' /proc/cpuinfo)"
	check_eq 'online, uncapped' "$(cat /sys/devices/system/cpu/online)" \
		"$(in_zone idle cat /sys/devices/system/cpu/online)"
}

test_a_new_cap_shows_at_once()
{
	[ "$(grep -c '^processor' /proc/cpuinfo)" -gt 1 ] || skip 'one CPU'
	expect_ok prctl -n zone.cpu-cap -r -v 150 -i zone web
	check_eq 'processors at 150 %' 2 "$(in_zone web grep -c '^processor' /proc/cpuinfo)"
	expect_ok prctl -n zone.cpu-cap -r -v 100 -i zone web
	check_eq 'processors at 100 %' 1 "$(in_zone web grep -c '^processor' /proc/cpuinfo)"
}

# kib ZONE FIELD: of meminfo.
kib()
{
	in_zone "$1" awk "/^$2:/ { print \$2 }" /proc/meminfo
}

test_memory_is_what_the_cap_leaves()
{
	local total free

	total=$(kib web MemTotal)
	free=$(kib web MemFree)
	check_eq MemTotal $((128 * 1024)) "$total"
	[ "$free" -le "$total" ] || fail "$free kB of $total are free"
	[ "$(kib web MemAvailable)" -le "$total" ] || fail 'more available than there is'
	[ "$(kib idle MemTotal)" = "$(awk '/^MemTotal/ { print $2 }' /proc/meminfo)" ] ||
		fail 'a zone without a cap has not the memory of the host'
}

test_memory_that_is_used_is_not_free()
{
	local before after

	before=$(kib web MemFree)
	in_zone web dd if=/dev/zero of=/dev/shm/full bs=1M count=40
	after=$(kib web MemFree)
	in_zone web rm /dev/shm/full
	[ $((before - after)) -ge 30000 ] || fail "of $before kB, $after are free after 40 MiB"
}

test_free_says_the_same()
{
	expect_ok in_zone web free -k
	check_match free "^Mem: +$((128 * 1024)) " "$out"
}

test_uptime_and_start_times_begin_with_the_zone()
{
	local up btime started

	up=$(in_zone web cut -d. -f1 /proc/uptime)
	[ "$up" -le "$SECONDS" ] || fail "the zone is up for $up seconds, this test for $SECONDS"
	btime=$(in_zone web awk '/^btime/ { print $2 }' /proc/stat)
	[ $(($(date +%s) - btime - up)) -le 2 ] || fail "up $up s, since $btime, now $(date +%s)"
	# Of init, in hundredths of a second since the zone's boot.
	started=$(in_zone web awk '{ print $22 }' /proc/1/stat)
	[ "$started" -le 100 ] || fail "init was started $started ticks after the zone"
	# sysinfo(2) and clock_gettime(2)
	up=$(in_zone web python3 -c 'import time; print(int(time.clock_gettime(time.CLOCK_BOOTTIME)))')
	[ "$up" -le "$SECONDS" ] || fail "the clock since boot says $up"
}

# make_restarting_zone NAME: of a brand of that name, whose init is started again in place.
make_restarting_zone()
{
	local dir=$ZONES_ROOT/usr/lib/brand/$1

	mkdir -p "$ZONES_ROOT/usr/lib/brand"
	cp -r "$ZONES_BRANDS/sparse" "$dir"
	sed -i -e "s/brand name=\"sparse\"/brand name=\"$1\"/" \
		-e "s|<restartinit>.*</restartinit>|<restartinit>true</restartinit>|" "$dir/config.xml"
	sed -i "s/name=\"sparse\"/name=\"$1\"/" "$dir/platform.xml"
	configure "$1" "set brand=$1"
	expect_ok zoneadm -z "$1" install
}

test_time_goes_on_when_init_is_started_again()
{
	local before after pid

	make_restarting_zone again
	expect_ok zoneadm -z again boot
	wait_for 5 in_zone again true
	sleep 1.2
	before=$(in_zone again cut -d. -f1 /proc/uptime)
	pid=$(init_of again)
	kill -KILL "$pid"
	wait_for 10 in_zone again test -r /proc/uptime
	after=$(in_zone again cut -d. -f1 /proc/uptime)
	[ "$after" -ge "$before" ] || fail "up $after s after $before s"
	check_match mounts '^/proc/meminfo$' "$(mounted_in again)"
	[ "$(in_zone again awk '{ print $22 }' /proc/1/stat)" -ge 100 ] ||
		fail 'the new init is as old as the zone'
	remove_zone again
}

has_load()
{
	! grep -q '^0.00 ' <<<"$(in_zone web cat /proc/loadavg)"
}

test_load_is_that_of_the_zone()
{
	local busy

	check_match 'idle load' '^0\.[0-9]{2} 0\.[0-9]{2} 0\.[0-9]{2} 1/[0-9]+ [0-9]+$' \
		"$(in_zone idle cat /proc/loadavg)"
	in_zone web sh -c 'while :; do :; done' &
	busy=$!
	wait_for 60 has_load
	check_match 'idle load' '^0\.0' "$(in_zone idle cat /proc/loadavg)"
	wait_for 10 kstat_says_the_same
	kill "$busy" || true
	in_zone web pkill -f 'while :' || true
}

# In 256ths of a task there, rounded down.
kstat_says_the_same()
{
	local counted shown

	counted=$(kstat -p 'zones:*:web:avenrun_1min' | cut -f2)
	shown=$(in_zone web cut -d' ' -f1 /proc/loadavg)
	awk -v c="$counted" -v s="$shown" 'BEGIN { d = c / 256 - s; exit !(d < 0.02 && d > -0.02) }'
}

test_time_used_is_counted()
{
	local user

	in_zone web sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done'
	user=$(in_zone web awk '/^cpu / { print $2 + $4 }' /proc/stat)
	[ "$user" -gt 0 ] || fail 'no time was used'
	[ "$user" -lt $((SECONDS * 100 + 100)) ] || fail "$user ticks in $SECONDS seconds"
}

test_readers_notice_nothing_of_a_killed_zoneview()
{
	local before

	before=$(pids_of zoneview)
	in_zone web sh -c 'i=0; while [ $i -lt 2000 ]; do
		read -r a </proc/uptime || exit 1
		cat /proc/meminfo /proc/stat >/dev/null || exit 2
		i=$((i + 1)); [ ! -e /tmp/enough ] || exit 0; done' &
	for _ in 1 2 3 4; do
		wait_for 10 serves
		kill_hard_if zoneview
		sleep 0.3
	done
	wait_for 10 serves
	in_zone web touch /tmp/enough
	wait $! || fail "a reader failed: $?"
	[ "$(pids_of zoneview)" != "$before" ] || fail 'it was never killed'
	check_eq zoneviews 1 "$(pids_of zoneview | wc -l)"
	in_zone web rm /tmp/enough
}

# As kill_hard, but another may have come when we look.
kill_hard_if()
{
	local pids

	pids=$(pids_of "$1")
	# shellcheck disable=SC2086 # several
	[ -z "$pids" ] || kill -KILL $pids
}

# Also what it has read and not answered is answered by the next one (from Linux 6.9 on).
test_no_request_is_lost_at_whichever_call_it_is_killed()
{
	local n kept

	[ "$(printf '6.9\n%s\n' "$(uname -r)" | sort -V | head -n 1)" = 6.9 ] ||
		skip 'a request that was being answered fails before Linux 6.9'
	for n in 1 2 3 4 6 9 14 20 30; do
		wait_for 10 serves
		: >"$ZONES_ROOT/kill-at"
		kill-at "$(pids_of zoneview)" "$n" >"$ZONES_ROOT/kill-at" &
		wait_for 5 grep -q . "$ZONES_ROOT/kill-at"
		kept=$(in_zone web sh -c 'cat /proc/meminfo /proc/uptime && echo whole') ||
			fail "a reader failed when zoneview was killed at call $n"
		check_match "what was read at call $n" '^MemTotal:' "$kept"
		check_match "what was read at call $n" '^whole$' "$kept"
		kill -TERM $! 2>/dev/null || true
		wait $! || true
		check_match 'killed' '^(ready|killed before|passed)' "$(tail -n 1 "$ZONES_ROOT/kill-at")"
	done
	grep -q '^killed' "$ZONES_ROOT/kill-at" || wait_for 10 serves
}

test_an_open_file_is_read_on_by_the_next_zoneview()
{
	in_zone web sh -c 'exec 3</proc/cpuinfo; head -c 10 <&3 >/dev/null; touch /tmp/open
		while [ ! -e /tmp/go ]; do sleep 0.1; done; cat <&3 >/dev/null && touch /tmp/done' &
	wait_for 5 in_zone web test -e /tmp/open
	kill_hard_if zoneview
	wait_for 10 serves
	in_zone web touch /tmp/go
	wait_for 10 in_zone web test -e /tmp/done
	wait $! || fail 'the reader failed'
	in_zone web rm /tmp/open /tmp/go /tmp/done
}

other_zoneview()
{
	local now

	now=$(pids_of zoneview)
	[ -n "$now" ] && [ "$now" != "$1" ] && [ "$(wc -l <<<"$now")" = 1 ]
}

test_a_new_zoned_brings_a_new_zoneview()
{
	local before

	before=$(pids_of zoneview)
	kill_hard zoned
	check_eq 'without zoned' 1 "$(in_zone_directly web grep -c '^processor' /proc/cpuinfo)"
	check_eq 'the old zoneview stays' "$before" "$(pids_of zoneview)"
	start zoned
	wait_for 10 other_zoneview "$before"
	wait_for 10 serves
}

# in_zone_directly ZONE COMMAND...: zlogin needs zoned.
in_zone_directly()
{
	local init

	init=$(init_of "$1")
	shift
	nsenter -t "$init" -m -p -- "$@"
}

test_a_zone_boots_while_zoneview_is_killed()
{
	local i

	make_zone late
	for i in 1 2 3; do
		kill_hard_if zoneview
		expect_ok zoneadm -z late boot
		check_match "mounts of boot $i" '^/proc/meminfo$' "$(mounted_in late)"
		expect_ok zoneadm -z late halt
	done
	remove_zone late
}

test_a_zone_halts_while_zoneview_hangs_and_dies()
{
	make_zone stuck
	expect_ok zoneadm -z stuck boot
	wait_for 10 serves
	pkill -STOP -x zoneview
	in_zone stuck cat /proc/meminfo &
	in_zone stuck cat /proc/uptime &
	sleep 0.3
	expect_ok zoneadm -z stuck halt
	pkill -KILL -x zoneview
	wait || true
	nothing_of stuck
	wait_for 10 serves
	remove_zone stuck
}

test_a_halt_leaves_nothing()
{
	local view before

	wait_for 10 serves
	view=$(pids_of zoneview)
	before=$(find "/proc/$view/fd" -lname '*fuse*' | wc -l)
	make_zone gone
	expect_ok zoneadm -z gone boot
	check_eq 'connections with the zone' $((before + 1)) \
		"$(find "/proc/$view/fd" -lname '*fuse*' | wc -l)"
	expect_ok zoneadm -z gone halt
	wait_for 10 connections_are "$view" "$before"
	check_no_match 'mounts of the host' zoneview "$(cat /proc/self/mountinfo)"
	nothing_of gone
	remove_zone gone
}

connections_are()
{
	[ "$(find "/proc/$1/fd" -lname '*fuse*' | wc -l)" = "$2" ]
}

test_root_of_the_zone_uncovers_nothing()
{
	local file

	for file in $views; do
		refused in_zone web umount "/proc/$file"
		refused in_zone web umount -l "/proc/$file"
		refused in_zone web mount --move "/proc/$file" /mnt
		refused in_zone web mount -o remount,bind,rw "/proc/$file"
		refused in_zone web sh -c "echo 1 >/proc/$file"
		refused in_zone web chmod 666 "/proc/$file"
	done
	refused in_zone web umount /sys/devices/system/cpu/online
	# In a mount namespace of its own, and in a user namespace of its own.
	refused in_zone web unshare -m umount /proc/meminfo
	refused in_zone web unshare -Urm umount /proc/meminfo
	# With /proc taken away there is what zoneview serves, and not the host's.
	in_zone web unshare -m sh -c 'umount -l /proc 2>/dev/null; cat /proc/meminfo' |
		grep -q "MemTotal: *$((128 * 1024)) kB" || fail 'the memory of the host is seen'
	check_eq MemTotal $((128 * 1024)) "$(kib web MemTotal)"
}

test_strange_reads_are_answered()
{
	in_zone web python3 - <<-'EOF' || fail 'a strange read was answered strangely'
		import os
		fd = os.open('/proc/meminfo', os.O_RDONLY)
		whole = os.read(fd, 1 << 20)
		assert whole.endswith(b'kB\n'), whole
		for offset in (len(whole), 1 << 31, 1 << 40, (1 << 62)):
		    assert os.pread(fd, 4096, offset) == b'', offset
		assert os.pread(fd, 5, 3) == whole[3:8]
		os.lseek(fd, 0, 0)
		text = b''
		while True:
		    part = os.read(fd, 7)
		    if not part:
		        break
		    text += part
		assert text.startswith(b'MemTotal:') and text.endswith(b'kB\n'), text
		fds = [os.open('/proc/stat', os.O_RDONLY) for i in range(500)]
		for fd in fds:
		    assert os.read(fd, 10).startswith(b'cpu ')
		for fd in fds:
		    os.read(fd, 10)
		for flags in (os.O_WRONLY, os.O_RDWR, os.O_RDONLY | os.O_TRUNC):
		    try:
		        os.open('/proc/uptime', flags)
		        raise SystemExit('it can be written')
		    except OSError:
		        pass
	EOF
}

# memory_of PID: in KiB, its own.
memory_of()
{
	awk '/^Private_Dirty/ { sum += $2 } END { print sum }' "/proc/$1/smaps_rollup"
}

# ticks_of PID
ticks_of()
{
	awk '{ print $14 + $15 }' "/proc/$1/stat"
}

# What a hundred reads of two files cost this build here, in ticks; a second reader pays for a part of them.
reads_cost()
{
	local ticks

	ticks=$(ticks_of "$1")
	in_zone web sh -c 'i=0; while [ $((i += 1)) -le 100 ]; do cat /proc/meminfo /proc/stat; done >/dev/null'
	echo $(($(ticks_of "$1") - ticks + 1))
}

test_a_zone_that_reads_all_the_time_holds_up_nobody()
{
	local view begin ticks wall cost most

	wait_for 10 serves
	view=$(pids_of zoneview)
	cost=$(reads_cost "$view")
	# Not with a program for each read: that would be no hurry.
	in_zone idle python3 -c '
import os, threading
def read_all():
    while not os.path.exists("/tmp/enough"):
        for _ in range(20):
            fd = os.open("/proc/stat", os.O_RDONLY)
            os.read(fd, 65536)
            os.close(fd)
for _ in range(4):
    threading.Thread(target=read_all).start()' &
	sleep 1
	begin=$(date +%s%N)
	ticks=$(ticks_of "$view")
	for _ in $(seq 20); do
		in_zone web cat /proc/meminfo >/dev/null
		sleep 0.1
	done
	ticks=$(($(ticks_of "$view") - ticks))
	wall=$((($(date +%s%N) - begin) / 10000000))
	in_zone idle touch /tmp/enough
	wait $! || true
	in_zone idle rm /tmp/enough
	# A tenth of a CPU; in each tenth of a second the request with which that is over; the other zone's; and a
	# third of that for what is not accounted to a request, and for the grain of the clock.
	most=$((4 * (wall / 10 + wall * cost / 1000 + cost / 5) / 3 + 5))
	[ "$ticks" -lt "$most" ] || fail "$ticks ticks of zoneview in $wall, at most $most; $cost for a hundred reads"
	grep -q libasan "/proc/$view/maps" || [ "$(memory_of "$view")" -lt 4096 ] || fail "$(memory_of "$view") KiB"
}

test_only_root_of_the_host_has_the_door()
{
	check_eq mode 600 "$(stat -c %a "$run/zoneview_door")"
	refused in_zone web ls /dev/zones/zoneview_door
	expect_fail 2 'usage: zoneview' "$ZONES_LIBEXEC/zoneview" -x
	expect_fail 2 'usage: zoneview' "$ZONES_LIBEXEC/zoneview" extra
	expect_fail 1 'only root can run it' setpriv --reuid 1000 --regid 1000 --clear-groups \
		"$ZONES_LIBEXEC/zoneview"
}

test_without_fuse_a_zone_boots_and_says_so()
{
	make_zone plain
	cp -a /dev/fuse /tmp/fuse.kept 2>/dev/null || true
	mount --bind /dev/null /dev/fuse
	chmod_fails=$(zoneadm -z plain boot 2>&1) || fail "it does not boot: $chmod_fails"
	umount /dev/fuse
	check_match platform.log 'the zone sees the machine as the host does: ' "$(log_of plain)"
	check_eq lines 1 "$(log_of plain | grep -c 'sees the machine as the host')"
	check_eq 'view' '' "$(mounted_in plain)"
	check_eq MemTotal "$(awk '/^MemTotal/ { print $2 }' /proc/meminfo)" "$(kib plain MemTotal)"
	remove_zone plain
}

test_zoneview_ends_with_zoned_and_the_zones()
{
	local z

	for z in web idle; do
		expect_ok zoneadm -z "$z" halt
	done
	wait_for 10 eval '[ -n "$(pids_of zoneview)" ]'
	stop zoned
	wait_for 10 gone zoneview
	[ ! -e "$run/zoneview_door" ] || fail 'its door is left'
}

run_tests
