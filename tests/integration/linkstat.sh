#!/bin/bash
# What links count: dladm show-link -s and dlstat, at home, in a zone, and over changes of the device.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
}

# counter LINK FIELD
counter()
{
	dladm show-link -s -p -o "$2" "$1"
}

# counts_at_least LINK FIELD NUMBER
counts_at_least()
{
	[ "$(counter "$1" "$2")" -ge "$3" ]
}

test_frames_between_two_vnics_are_counted()
{
	make_link cnta0
	expect_ok dladm create-vnic -l s_cnta0 cntb0
	expect_ok dladm show-link -s -o all cnta0
	check_match header '^LINK +IPACKETS +RBYTES +IERRORS +OPACKETS +OBYTES +OERRORS' "$out"
	ip netns add cnt
	ip link set cntb0 netns cnt
	ip -n cnt addr add 10.5.0.2/24 dev cntb0
	ip -n cnt link set cntb0 up
	ip addr add 10.5.0.1/24 dev cnta0
	ip link set cnta0 up
	local before
	before=$(counter cnta0 opackets)
	expect_ok ping -c 3 -i 0.1 -W 5 10.5.0.2
	counts_at_least cnta0 opackets $((before + 3)) || fail "opackets $(counter cnta0 opackets)"
	counts_at_least cnta0 ipackets 3 || fail "ipackets $(counter cnta0 ipackets)"
	# The kernel's own counters are what is shown.
	local device
	device=$(cat /sys/class/net/cnta0/statistics/tx_bytes 2>/dev/null || ip -j -s link show cnta0 |
		sed 's/.*"tx":{"bytes":\([0-9]*\).*/\1/')
	counts_at_least cnta0 obytes "$device" || fail "obytes $(counter cnta0 obytes) of $device"
	ip link set cnta0 down
	ip addr flush dev cnta0
	ip netns del cnt
	expect_ok dladm delete-vnic cnta0
}

test_counters_of_a_link_never_go_back()
{
	local a b
	make_linked_zone mono
	a=$(counter mono0 rbytes)
	expect_ok zoneadm -z mono boot
	expect_ok ping -c 4 -i 0.1 -W 10 10.9.0.2
	b=$(counter mono0 rbytes)
	[ "$b" -ge $((a + 4 * 84)) ] || fail "in the zone: $a, then $b"
	# The zone sees the counters of its link and of no other.
	cp "$(command -v dladm)" "$ZONES_ROOT/zones/mono/root/root/dladm"
	expect_ok zlogin mono /root/dladm show-link -s -p -o link,rbytes
	[ "${out#mono0:}" -ge "$b" ] || fail "seen in the zone: $b, then $out"
	expect_fail 1 'not valid' zlogin mono /root/dladm show-link -s monoh0
	a=$(counter mono0 rbytes)
	kill_hard zoned
	touch "$ZONES_ROOT/run/zones/linkstat.4711.new"
	start zoned
	b=$(counter mono0 rbytes)
	[ "$b" -ge "$a" ] || fail "zoned was killed: $a, then $b"
	check_eq 'half written' '' "$(find "$ZONES_ROOT/run/zones" -name 'linkstat.*.new')"
	expect_ok zoneadm -z mono halt
	a=$(counter mono0 rbytes)
	[ "$a" -ge "$b" ] || fail "at home: $b, then $a"
	kill_hard zoned
	start zoned
	b=$(counter mono0 rbytes)
	[ "$b" -ge "$a" ] || fail "zoned was killed again: $a, then $b"
	expect_ok zoneadm -z mono boot
	expect_ok ping -c 4 -i 0.1 -W 10 10.9.0.2
	a=$(counter mono0 rbytes)
	[ "$a" -ge $((b + 4 * 84)) ] || fail "booted again: $b, then $a"
	remove_zone mono
	# A new link of the same name starts at nothing.
	ip link set monoh0 down
	ip addr flush dev monoh0
	expect_ok dladm delete-vnic mono0
	expect_ok dladm create-vnic -l monos0 mono0
	check_eq 'a new link' 0 "$(counter mono0 rbytes)"
}

test_intervals_show_what_came_in_between()
{
	make_link ival0
	expect_ok dladm show-link -s -i 1,2 -p -o link,ipackets ival0
	check_eq lines 2 "$(wc -l <<<"$out")"
	check_eq 'the second' 'ival0:0' "$(tail -n 1 <<<"$out")"
	expect_ok dladm show-vnic -s -i 1,2 -j -o link -l s_ival0
	check_eq json $'[{"link":"ival0"}]\n[{"link":"ival0"}]' "$out"
	expect_fail 1 'invalid interval' dladm show-link -s -i 0 ival0
	expect_fail 1 'invalid interval' dladm show-link -s -i 1,0 ival0
	expect_fail 1 'invalid interval' dladm show-link -s -i 1,2,3 ival0
	expect_fail 1 'invalid interval' dladm show-link -s -i x ival0
	expect_fail 1 'invalid interval' dladm show-link -s -i 99999999999999999999 ival0
	expect_fail 1 'only with -s' dladm show-link -i 1 ival0
	expect_fail 1 'exclude each other' dladm show-link -P -s ival0
	expect_ok dladm delete-vnic ival0
}

test_dlstat_shows_totals_and_directions()
{
	make_link stat0
	ip link set stat0 up
	expect_ok dlstat stat0
	check_match header '^LINK +IPKTS +RBYTES +OPKTS +OBYTES *$' "$out"
	expect_ok dlstat -p -o link,zone stat0
	check_eq zone 'stat0:global' "$out"
	expect_ok dlstat -a stat0
	check_match 'all columns' 'COLLISIONS +UNKNOWNS +MACSPOOFED +RESTRICTED +IPSPOOFED +DHCPSPOOFED +ZONE' "$out"
	expect_ok dlstat show-link -p -o link,type,id,index stat0
	check_eq lanes $'stat0:rx:sw:\nstat0:tx:sw:' "$out"
	expect_ok dlstat show-link -t -j -o link,type stat0
	check_eq json '[{"link":"stat0","type":"tx"}]' "$out"
	expect_fail 1 'not valid' dlstat show-phys stat0
	expect_ok dlstat -r stat0
	check_match header '^LINK +IPKTS +RBYTES +IERRORS' "$out"
	expect_ok dlstat -t -i 1,2 -p -o link,opkts,oerrors stat0
	check_match 'what came since' '^stat0:[0-9]+:0$' "$(tail -n 1 <<<"$out")"
	# The same numbers as dladm's.
	ip link set stat0 down
	check_eq 'same numbers' "$(dladm show-link -s -p -o obytes stat0)" "$(dlstat -p -o obytes stat0)"
	expect_ok dladm delete-vnic stat0
}

test_dlstat_refuses_what_does_not_go_together()
{
	expect_fail 1 'exclude each other' dlstat -r -t
	expect_fail 1 'exclude each other' dlstat -p -j -o link
	expect_fail 1 'must be specified' dlstat -p
	expect_fail 1 "'all' invalid" dlstat -p -o all
	expect_fail 1 'cannot be used with -p' dlstat -u K -p -o link
	expect_fail 1 'cannot be used with -p, -o' dlstat -a -i 1
	expect_fail 1 "invalid unit 'X'" dlstat -u X
	expect_fail 1 'invalid interval' dlstat -i 0
	expect_fail 1 'not valid: object not found' dlstat nolink0
	expect_fail 1 "invalid link name '../x'" dlstat ../x
	expect_fail 1 'unknown subcommand' dlstat show-nothing
	expect_fail 1 '^dlstat: there is no option -A$' dlstat -A
	expect_fail 1 '^dlstat: there is no option -h$' dlstat show-link -h
	expect_fail 1 '^dlstat: an argument is missing behind -u$' dlstat -u
	expect_fail 1 '^flowstat: there is no option -A$' flowstat -A
	expect_fail 1 'usage' dlstat a0 b0
}

test_rings_of_a_nic()
{
	ip netns add ring
	ip link add ringn0 numrxqueues 3 numtxqueues 1 type veth peer name ringp0
	ip link set ringp0 netns ring
	ip link set ringn0 up
	wait_for 10 dladm show-phys ringn0
	expect_ok dladm show-phys -H -p -o link,ringtype,rings,clients ringn0
	check_eq rings $'ringn0:RX:0-2:<default>\nringn0:TX:0:<default>' "$out"
	expect_fail 1 'exclude each other' dladm show-phys -H -m
	ip link del ringn0
	ip netns del ring
}

run_tests
