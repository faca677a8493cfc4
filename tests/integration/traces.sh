#!/bin/bash
# What outlives a halt: processes of the host that hold a namespace of the zone are named.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	make_linked_zone web
}

id_of()
{
	zoneadm -z "$1" list -p | cut -d: -f1
}

# hold COMMAND...: in the background; $holder. What it says to stdout tells that it is there.
hold()
{
	coproc HOLD { exec "$@" 2>&1; }
	# shellcheck disable=SC2034 # only to wait for it
	read -r line <&"${HOLD[0]}"
	holder=$HOLD_PID
}

let_go()
{
	kill "$holder"
	wait "$holder" 2>/dev/null || true
}

# halt_names REGEX: the halt succeeds and says who holds on; the link is at home, the zone is gone.
halt_names()
{
	local start=$SECONDS

	expect_ok zoneadm -z web halt
	[ "$have_handles" = no ] ||
		check_match named "zone 'web': WARNING: Namespaces of zone 'web' outlive it: .*$1" "$out"
	[ $((SECONDS - start)) -lt 30 ] || fail 'it took 30 seconds'
	check_eq state installed "$(state_of web)"
	nothing_of web
	expect_ok dladm show-link web0
	expect_ok ip link show web0
}

# Kernels before 6.18 have no file handles of namespaces, and nobody is named there.
have_handles=$(python3 -c '
import ctypes, os
b = (ctypes.c_uint32 * 40)(128)
r = ctypes.CDLL(None).name_to_handle_at(os.open("/proc/self/ns/net", os.O_RDONLY), b"", b,
                                        ctypes.byref(ctypes.c_int()), 0x1000)
print("no" if r else "yes")')

test_a_halt_that_leaves_nothing_says_nothing()
{
	local i

	for i in 1 2 3; do
		expect_ok zoneadm -z web boot
		zlogin web sleep 60 &
		wait_for 5 in_zone web pgrep -x sleep
		expect_ok zoneadm -z web halt
		check_eq 'nothing said' '' "$out"
		wait || true
	done
}

test_a_process_of_the_host_in_its_mounts()
{
	expect_ok zoneadm -z web boot
	hold nsenter -t "$(init_of web)" -m sh -c 'echo in; exec sleep 100'
	halt_names "process $holder \(sleep\) is in its mount namespace"
	let_go
}

test_an_open_namespace()
{
	expect_ok zoneadm -z web boot
	hold python3 -c "f = open('/proc/$(init_of web)/ns/net'); print('in', flush=True)
import time; time.sleep(100)"
	halt_names "process $holder \(python3\) has open its network namespace"
	let_go
}

test_a_socket_on_its_link()
{
	local id first

	expect_ok zoneadm -z web boot
	first=$(id_of web)
	# A packet socket, as tcpdump has it, of a process that has gone home again.
	hold python3 -c "
import os, socket, time, ctypes
home = os.open('/proc/self/ns/net', os.O_RDONLY)
there = os.open('/proc/$(init_of web)/ns/net', os.O_RDONLY)
libc = ctypes.CDLL(None)
assert libc.setns(there, 0) == 0
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(('web0', 0))
assert libc.setns(home, 0) == 0
os.close(there)
print('in', flush=True)
time.sleep(100)"
	halt_names "process $holder \(python3\) has a socket in its network namespace"
	# The zone boots all the same, with another id.
	expect_ok zoneadm -z web boot
	id=$(id_of web)
	[ "$id" != "$first" ] || fail "id $id again"
	expect_ok in_zone web ip link show web0
	expect_ok zoneadm -z web halt
	let_go
}

test_an_id_rests_over_a_new_zoned()
{
	local first

	[ "$have_handles" = yes ] || skip 'no file handles of namespaces'
	expect_ok zoneadm -z web boot
	first=$(id_of web)
	hold nsenter -t "$(init_of web)" -n sh -c 'echo in; exec sleep 100'
	halt_names "process $holder \(sleep\) is in its network namespace"
	kill_hard zoned
	start zoned
	expect_ok zoneadm -z web boot
	[ "$(id_of web)" != "$first" ] || fail "id $first again"
	expect_ok zoneadm -z web halt
	let_go
}

dead_are()
{
	[ "$(kstat -p deathrow:::zonename 2>/dev/null | cut -f2 | sort | paste -sd' ')" = "$1" ]
}

# Zones that are gone and held on are listed, also by the next zoned, until they are let go.
test_deathrow()
{
	local first

	[ "$have_handles" = yes ] || skip 'no file handles of namespaces'
	wait_for 10 dead_are ''
	expect_ok zoneadm -z web boot
	first=$(id_of web)
	hold nsenter -t "$(init_of web)" -n sh -c 'echo in; exec sleep 100'
	dead_are '' || fail 'it lives'
	halt_names "process $holder"
	dead_are web || fail "not listed: $(kstat -p deathrow:::)"
	check_eq kstat "deathrow:$first:web:cred_ref	1 deathrow:$first:web:namespaces	1" \
		"$(kstat -p deathrow::web:'/cred_ref|namespaces/' | paste -sd' ')"
	check_match 'how long' '^1?[0-9]$' \
		$(($(date +%s) - $(kstat -p deathrow:::destroyed | cut -f2)))
	# The zone lives again, another one; the dead one is listed still, and seen from the host only.
	expect_ok zoneadm -z web boot
	dead_are web || fail 'not any more'
	check_eq 'in a zone' '' "$(zlogin web kstat -p deathrow::: 2>/dev/null || true)"
	kill_hard zoned
	start zoned
	dead_are web || fail 'not by the next zoned'
	check_eq id "$first" "$(kstat -p deathrow:::zonename | cut -d: -f2)"
	expect_ok zoneadm -z web halt
	let_go
	wait_for 10 dead_are ''
}

# What zoned knew of the zone it has, though nobody was there to ask when it ended.
test_an_id_rests_when_zsched_was_killed()
{
	local first

	[ "$have_handles" = yes ] || skip 'no file handles of namespaces'
	expect_ok zoneadm -z web boot
	first=$(id_of web)
	hold nsenter -t "$(init_of web)" -n sh -c 'echo in; exec sleep 100'
	kill_hard zoned
	kill_hard zsched
	start zoned
	expect_ok zoneadm -z web boot
	[ "$(id_of web)" != "$first" ] || fail "id $first again"
	expect_ok zoneadm -z web halt
	let_go
}

run_tests
