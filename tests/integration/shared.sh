#!/bin/bash
# Zones with ip-type shared: on the host's network stack, each with its own addresses and no others.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

# The host has 10.50.0.1 on up0; the outside is a network namespace behind it, 10.50.0.9.
setup()
{
	start_daemons
	ip netns add outside
	expect_ok ip link add up0 type veth peer name far0 netns outside
	expect_ok ip addr add 10.50.0.1/24 dev up0
	expect_ok ip addr add fd50::1/64 dev up0 nodad
	expect_ok ip link set up0 up
	expect_ok ip -n outside addr add 10.50.0.9/24 dev far0
	expect_ok ip -n outside addr add 10.60.0.9/24 dev far0
	expect_ok ip -n outside addr add fd50::9/64 dev far0 nodad
	expect_ok ip -n outside link set far0 up
	expect_ok ip -n outside link set lo up
	echo '0 2147483647' >/proc/sys/net/ipv4/ping_group_range
	make_shared web 10.50.0.5/24 fd50::5/64
	make_shared db 10.50.0.6/24
	expect_ok zoneadm -z web boot
	expect_ok zoneadm -z db boot
}

# make_shared NAME ADDRESS...: on up0.
make_shared()
{
	local name=$1 a lines=()

	shift
	for a; do
		lines+=('add net' 'set physical=up0' "set address=$a" end)
	done
	make_zone "$name" 'set ip-type=shared' "${lines[@]}"
	cp "$ZONES_TREE/tests/lib/stack-probe.py" "$ZONES_ROOT/zones/$name/root/root/probe"
}

# probe ZONE NAME [ARGUMENT]...: what it printed.
probe()
{
	local zone=$1

	shift
	zlogin "$zone" "python3 /root/probe ${*@Q}"
}

# served ZONE PROTOCOL ADDRESS PORT [COUNT]: a server in the zone (- is the host, + the outside), ready.
served()
{
	local where=$1 log=$ZONES_ROOT/served.$4

	shift
	case $where in
	-) python3 "$ZONES_TREE/tests/lib/stack-probe.py" serve "$@" >"$log" 2>&1 & ;;
	+) ip netns exec outside python3 "$ZONES_TREE/tests/lib/stack-probe.py" serve "$@" >"$log" 2>&1 & ;;
	*) probe "$where" serve "$@" >"$log" 2>&1 & ;;
	esac
	wait_for 10 grep -q ready "$log"
}

out_probe()
{
	ip netns exec outside python3 "$ZONES_TREE/tests/lib/stack-probe.py" "$@"
}

test_addresses_come_and_go_with_the_zone()
{
	check_match list '^[0-9]+:web:running:.*:shared:[0-9]+$' "$(zoneadm -z web list -p)"
	make_shared coming 10.50.0.7/24 fd50::7/64
	expect_ok zoneadm -z coming boot
	check_match address 10.50.0.7/24 "$(ip addr show dev up0)"
	check_match address fd50::7/64 "$(ip addr show dev up0)"
	expect_ok zoneadm -z coming reboot
	check_match address 10.50.0.7/24 "$(ip addr show dev up0)"
	expect_ok zoneadm -z coming halt
	check_no_match address '50(\.0\.|::)7' "$(ip addr show dev up0)"
	check_eq file '' "$(find "$run" -name coming.stack)"
	check_no_match rule 2047 "$(ip rule; ip -6 rule)"
	remove_zone coming
}

test_an_address_of_the_host_is_not_given_away()
{
	make_shared thief 10.50.0.1/24
	expect_fail 1 "'up0 10.50.0.1/24' is in use on this host" zoneadm -z thief boot
	check_match address 10.50.0.1/24 "$(ip addr show dev up0)"
	check_eq state installed "$(state_of thief)"
	remove_zone thief
	make_shared thief 10.50.0.5/24
	expect_fail 1 'is in use on this host' zoneadm -z thief boot
	check_match address 10.50.0.5/24 "$(ip addr show dev up0)"
	remove_zone thief
}

test_an_interface_that_is_not_there()
{
	make_zone nowhere 'set ip-type=shared' 'add net' 'set physical=gone0' 'set address=10.50.0.8/24' end
	expect_ok zoneadm -z nowhere verify
	check_match warning "warning: net: there is no interface 'gone0'" "$out"
	expect_fail 1 "no network interface 'gone0'" zoneadm -z nowhere boot
	remove_zone nowhere
}

test_binds_to_its_own_addresses_only()
{
	check_eq own 'ok 10.50.0.5' "$(probe web bind tcp 10.50.0.5 0)"
	check_eq own 'ok fd50::5' "$(probe web bind udp fd50::5 0)"
	for proto in tcp udp; do
		check_eq host EADDRNOTAVAIL "$(probe web bind "$proto" 10.50.0.1 0)"
		check_eq host6 EADDRNOTAVAIL "$(probe web bind "$proto" fd50::1 0)"
		check_eq other EADDRNOTAVAIL "$(probe web bind "$proto" 10.50.0.6 0)"
		check_eq mapped EADDRNOTAVAIL "$(probe web bind "$proto" ::ffff:10.50.0.6 0)"
		check_eq loopback6 EADDRNOTAVAIL "$(probe web bind "$proto" ::1 0)"
	done
	check_eq freebind EADDRNOTAVAIL "$(probe web freebind 10.50.0.1 7000)"
	check_eq raw_loopback 'ok 127.0.0.1' "$(probe web bind tcp 127.64.2.1 0)"
}

test_a_wildcard_is_its_own_address()
{
	check_eq wildcard 'ok 10.50.0.5' "$(probe web bind tcp 0.0.0.0 0)"
	check_eq wildcard6 'ok fd50::5' "$(probe web bind tcp :: 0)"
	check_eq 'of both' 'ok ::ffff:10.50.0.6' "$(probe db bind tcp :: 0)"
	# the same port, twice on this host
	served web tcp 0.0.0.0 7100
	served - tcp 10.50.0.1 7101
	check_eq port 'ok 10.50.0.6' "$(probe db bind tcp 0.0.0.0 7100)"
	check_match 'host address' ECONNREFUSED "$(out_probe connect 10.50.0.1 7100)"
	check_match own 'ok from 10.50.0.9' "$(out_probe connect 10.50.0.5 7100)"
	wait_for 10 grep -q 'from 10.50.0.9' "$ZONES_ROOT/served.7100"
}

test_what_it_sends_is_from_its_own_address()
{
	served + tcp 10.50.0.9 7200
	check_eq tcp 'ok from 10.50.0.5 to 10.50.0.9' "$(probe web connect 10.50.0.9 7200)"
	served + tcp fd50::9 7201
	check_eq tcp6 'ok from fd50::5 to fd50::9' "$(probe web connect fd50::9 7201)"
	served + udp 10.50.0.9 7202 2
	check_eq udp 'ok answer from 10.50.0.9' "$(probe web send 10.50.0.9 7202)"
	check_eq 'udp connected' 'ok answer from 10.50.0.9' "$(probe web send 10.50.0.9 7202 connected)"
	wait_for 10 eval '[ "$(grep -c from "$ZONES_ROOT/served.7202")" = 2 ]'
	check_eq senders $'ready 10.50.0.9\nfrom 10.50.0.5\nfrom 10.50.0.5' "$(cat "$ZONES_ROOT/served.7202")"
	served + udp fd50::9 7203
	check_eq udp6 'ok answer from fd50::9' "$(probe web send fd50::9 7203)"
	check_eq bound EADDRNOTAVAIL "$(probe web connect 10.50.0.9 7200 10.50.0.1)"
	check_match pktinfo 'EADDRNOTAVAIL|EPERM' "$(probe web pktinfo 10.50.0.9 7202 10.50.0.1)"
	check_eq 'no IPv6 address' ENETUNREACH "$(probe db connect fd50::9 7201)"
}

test_pings_without_raw_sockets()
{
	check_eq ping 'ok answer from 10.50.0.9' "$(probe web ping 10.50.0.9)"
	check_match 'from the host' 'EPERM|EADDRNOTAVAIL|ETIMEDOUT' "$(probe web ping 10.50.0.9 10.50.0.1)"
	check_eq raw EPERM "$(probe web socket 2 3 1)"
	check_eq raw6 EPERM "$(probe web socket 10 3 58)"
	check_eq packet EPERM "$(probe web socket 17 3 768)"
	check_eq sctp 'EPERM' "$(probe web socket 2 1 132 | sed s/EPROTONOSUPPORT/EPERM/)"
}

test_low_ports_are_for_root_of_the_zone()
{
	check_eq root 'ok 10.50.0.5' "$(probe web bind tcp 10.50.0.5 80)"
	check_eq root6 'ok fd50::5' "$(probe web bind udp fd50::5 53)"
	chmod 0755 "$ZONES_ROOT/zones/web/root/root"
	check_eq user EACCES "$(zlogin web 'setpriv --reuid 1000 --clear-groups python3 /root/probe bind tcp 10.50.0.5 80')"
}

test_a_loopback_of_its_own()
{
	served web tcp 127.0.0.1 7300 2
	check_match name 'ready 127.0.0.1' "$(cat "$ZONES_ROOT/served.7300")"
	check_eq own 'ok from 127.0.0.1 to 127.0.0.1' "$(probe web connect 127.0.0.1 7300)"
	check_eq 'own by ::1' 'ok from ::ffff:127.0.0.1 to ::ffff:127.0.0.1' "$(probe web connect ::1 7300)"
	wait_for 10 grep -q 'from 127.0.0.1' "$ZONES_ROOT/served.7300"
	check_eq other ECONNREFUSED "$(probe db connect 127.0.0.1 7300)"
	served - tcp 127.0.0.1 7301
	check_eq host ECONNREFUSED "$(probe web connect 127.0.0.1 7301)"
	served - tcp 0.0.0.0 7302
	check_eq 'host everywhere' ECONNREFUSED "$(probe web connect 127.0.0.1 7302)"
	# a wildcard server of the zone answers there too
	served web tcp 0.0.0.0 7303
	check_match wildcard 'ok from' "$(probe web connect 127.0.0.1 7303)"
	served web udp 127.0.0.1 7304
	check_eq udp 'ok answer from 127.0.0.1' "$(probe web send 127.0.0.1 7304)"
}

test_abstract_sockets_of_the_host_are_not_there()
{
	local pid

	python3 -c '
import socket, time
s = socket.socket(socket.AF_UNIX); s.bind("\0hosts"); s.listen()
d = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); d.bind("\0hosts-d"); time.sleep(300)' &
	pid=$!
	wait_for 5 grep -q '@hosts-d' /proc/net/unix
	check_eq stream ECONNREFUSED "$(probe web abstract hosts)"
	check_eq datagram ECONNREFUSED "$(probe web abstract hosts-d dgram)"
	check_eq sendto ECONNREFUSED "$(probe web abstract-send hosts-d)"
	check_eq path ok "$(probe web path /tmp/sock)"
	kill "$pid"
}

test_interfaces_and_routes_are_the_hosts()
{
	expect_fail 2 'Operation not permitted' zlogin web 'ip link set up0 down'
	expect_fail 2 'Operation not permitted' zlogin web 'ip addr add 10.50.0.77/24 dev up0'
	expect_fail 2 'Operation not permitted' zlogin web 'ip route add 10.99.0.0/16 dev up0'
	expect_fail 2 'Operation not permitted' zlogin web 'ip rule add pref 7 lookup main'
	expect_fail 1 '' zlogin web 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	check_eq 'CAP_NET_ADMIN, CAP_NET_RAW' 0 \
		$((0x$(zlogin web "awk '/CapBnd/ { print \$2 }' /proc/1/status") & 0x3000))
	check_match state 'up0.*UP' "$(ip -br link show up0)"
}

# Listens on no address at all: nothing comes in by an address of the host.
test_a_listener_that_did_not_bind()
{
	local port

	probe web unbound >"$ZONES_ROOT/unbound" 2>&1 &
	wait_for 10 grep -q ready "$ZONES_ROOT/unbound"
	port=$(cut -d' ' -f2 "$ZONES_ROOT/unbound")
	timeout 4 ip netns exec outside python3 "$ZONES_TREE/tests/lib/stack-probe.py" connect 10.50.0.1 "$port" || true
	wait_for 20 grep -q 'ETIMEDOUT' "$ZONES_ROOT/unbound"
}

test_a_router_of_its_own()
{
	make_zone routed 'set ip-type=shared' 'add net' 'set physical=up0' 'set address=10.50.0.8/24' \
		'set defrouter=10.50.0.9' end
	cp "$ZONES_TREE/tests/lib/stack-probe.py" "$ZONES_ROOT/zones/routed/root/root/probe"
	expect_ok zoneadm -z routed boot
	expect_ok ip -n outside addr add 192.0.2.7/32 dev lo
	served + tcp 192.0.2.7 7400
	check_eq routed 'ok from 10.50.0.8 to 192.0.2.7' "$(probe routed connect 192.0.2.7 7400)"
	check_eq 'not the host' ENETUNREACH "$(python3 "$ZONES_TREE/tests/lib/stack-probe.py" connect 192.0.2.7 7400)"
	check_eq 'not another zone' ENETUNREACH "$(probe web connect 192.0.2.7 7400)"
	remove_zone routed
	check_eq table '' "$(ip route show table all | grep 192.0.2 || true)"
}

test_a_killed_zoned_lets_go_of_nothing()
{
	local log=$ZONES_ROOT/waiting pid

	zlogin web 'echo ready; while ! [ -e /root/go ]; do sleep 0.1; done
		python3 /root/probe bind tcp 10.50.0.1 0' >"$log" 2>&1 &
	pid=$!
	wait_for 10 grep -q ready "$log"
	kill_hard zoned
	touch "$ZONES_ROOT/zones/web/root/root/go"
	wait "$pid" || true
	check_match 'without zoned' EADDRNOTAVAIL "$(cat "$log")"
	start zoned
	check_eq host EADDRNOTAVAIL "$(probe web bind tcp 10.50.0.1 0)"
	check_eq own 'ok 10.50.0.5' "$(probe web bind tcp 0.0.0.0 0)"
	check_match address 10.50.0.5/24 "$(ip addr show dev up0)"
	expect_ok zoneadm -z db halt
	check_no_match address 10.50.0.6 "$(ip addr show dev up0)"
	expect_ok zoneadm -z db boot
}

test_what_dead_daemons_leave_is_taken_away()
{
	kill_hard zoned
	kill -KILL "$(zsched_of db)"
	wait_for 5 eval '[ -z "$(zsched_of db)" ]'
	check_match 'still there' 10.50.0.6 "$(ip addr show dev up0)"
	start zoned
	check_no_match address 10.50.0.6 "$(ip addr show dev up0)"
	check_eq file '' "$(find "$run" -name db.stack)"
	expect_ok zoneadm -z db boot
}

# programs_of ZONE: the ids of those that hold it to its addresses. That for its devices (attach type 6,
# BPF_CGROUP_DEVICE) is the zone's own.
programs_of()
{
	awk '/^prog_id:/ { id = $2 } /^attach_type:/ && $2 != 6 { print id }' \
		"/proc/$(zsched_of "$1")"/fdinfo/* | sort -n | xargs
}

test_programs_are_loaded_once_for_all_zones()
{
	local web

	web=$(programs_of web)
	check_match 'held by' '^[0-9]+( [0-9]+){15,}$' "$web"
	expect_ok zoneadm -z db reboot
	check_match 'held by' '^[0-9]+( [0-9]+){15,}$' "$(programs_of db)"
	make_shared third 10.50.0.12/24
	expect_ok zoneadm -z third boot
	check_eq 'the same' "$(programs_of db)" "$(programs_of third)"
	# each knows its own zone
	check_eq own 'ok 10.50.0.12' "$(probe third bind tcp 10.50.0.12 0)"
	check_eq other EADDRNOTAVAIL "$(probe third bind tcp 10.50.0.6 0)"
	# another zoned has programs of its own, and takes none from who runs
	kill_hard zoned
	start zoned
	expect_ok zoneadm -z third reboot
	check_no_match 'loaded anew' "^$web\$" "$(programs_of third)"
	check_eq 'as before' "$web" "$(programs_of web)"
	expect_ok zoneadm -z db reboot
	check_eq 'the same' "$(programs_of third)" "$(programs_of db)"
	check_eq own 'ok 10.50.0.6' "$(probe db bind tcp 0.0.0.0 0)"
	check_eq other EADDRNOTAVAIL "$(probe db bind tcp 10.50.0.12 0)"
	remove_zone third
}

# As with a kernel before 6.7 without BPF among its security modules.
test_a_host_that_cannot_hold_it_says_so()
{
	ldd "$ZONES_STAGE/usr/sbin/zoned" | grep -q 'lib[at]san' && skip "nothing comes before a sanitizer"
	cc -shared -fPIC -o /tmp/old-kernel.so -xc - -ldl <<-'END'
		#define _GNU_SOURCE
		#include <dlfcn.h>
		#include <errno.h>
		#include <stdarg.h>
		#include <stdint.h>
		#include <string.h>
		#include <sys/syscall.h>

		long syscall(long nr, ...)
		{
			static long (*next)(long, ...);
			va_list ap;
			long a[6];
			uint32_t attach;

			va_start(ap, nr);
			for (int i = 0; i < 6; i++)
				a[i] = va_arg(ap, long);
			va_end(ap);
			if (!next)
				next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
			if (nr == SYS_bpf && a[0] == 5) {
				memcpy(&attach, (char *)a[1] + 68, sizeof(attach));
				if (attach == 49 || attach == 50 || attach == 43) {
					errno = EINVAL;
					return -1;
				}
			}
			return next(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
		}
	END
	make_shared old 10.50.0.11/24
	kill_hard zoned
	LD_PRELOAD=/tmp/old-kernel.so start zoned
	expect_fail 1 "ip-type shared: this host's kernel cannot keep a zone to its addresses" zoneadm -z old verify
	expect_fail 1 "ip-type shared: this host's kernel cannot keep a zone to its addresses" zoneadm -z old boot
	check_eq state installed "$(state_of old)"
	# what runs goes on
	check_eq host EADDRNOTAVAIL "$(probe web bind tcp 10.50.0.1 0)"
	kill_hard zoned
	start zoned
	expect_ok zoneadm -z old boot
	remove_zone old
}

sleeps()
{
	grep -q '^State:.*S' "/proc/$1/status"
}

# Nobody waits for the zsched of another zone.
test_a_zsched_that_does_not_answer()
{
	local id call zsched

	expect_ok zoneadm -z web halt
	expect_ok zoneadm -z web ready
	id=$(zoneadm -z web list -p | cut -d: -f1)
	zsched=$(zsched_of web)
	kill -STOP "$zsched"
	zone-probe net "$id" 0 4 'up0 10.50.0.77/24' >/tmp/net &
	call=$!
	wait_for 10 sleeps "$call"
	if ! timeout 20 zoneadm -z db halt; then
		kill -CONT "$zsched"
		fail 'the halt of db waited for it'
	fi
	kill -CONT "$zsched"
	wait "$call"
	check_match 'given in the end' '10\.50\.0\.77/24' "$(ip -o addr show up0)"
	expect_ok zoneadm -z web halt
	check_no_match 'taken away again' '10\.50\.0\.77/24' "$(ip -o addr show up0)"
	expect_ok zoneadm -z web boot
	expect_ok zoneadm -z db boot
}

test_the_host_goes_on_as_before()
{
	served - tcp 10.50.0.1 7500
	check_match host 'ok from 10.50.0.9' "$(out_probe connect 10.50.0.1 7500)"
	served + tcp 10.50.0.9 7501
	check_eq 'from the host' 'ok from 10.50.0.1 to 10.50.0.9' \
		"$(python3 "$ZONES_TREE/tests/lib/stack-probe.py" connect 10.50.0.9 7501)"
}

# Last of all. Before Linux 6.9 a pid namespace that is killed, as that of this host is, waits for ever for a zsched
# that lets go of a program of a security hook.
test_zones_end()
{
	expect_ok zoneadm -z web halt
	expect_ok zoneadm -z db halt
	check_no_match addresses '10.50.0.[56]' "$(ip addr show dev up0)"
}

run_tests
