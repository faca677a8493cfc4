#!/bin/bash
# What a hostile root in a zone can send and see on a link that he was given: the frames are
# written byte by byte by tests/lib/net-probe.py, inside the zone, and looked for on the host.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

probe=$ZONES_TREE/tests/lib/net-probe.py
other_mac=02:08:20:00:00:99

setup()
{
	start_daemons
}

# make_cage NAME [link property]...: a running zone NAME with the vnic NAME0, and NAMEh0 at home.
make_cage()
{
	local name=$1 p

	shift
	expect_ok dladm create-etherstub "${name}s0"
	expect_ok dladm create-vnic -l "${name}s0" "${name}0"
	expect_ok dladm create-vnic -l "${name}s0" "${name}h0"
	ip link set "${name}h0" up
	make_zone "$name" 'add net' "set physical=${name}0" ${cage_address:+"$cage_address"} end \
		"${cage_more[@]}" \
		'add fs' 'set dir=/opt/probe' "set special=$ZONES_TREE/tests/lib" 'set type=lofs' end
	for p in "$@"; do
		expect_ok dladm set-linkprop -p "$p" "${name}0"
	done
	expect_ok zoneadm -z "$name" boot
}

remove_cage()
{
	remove_zone "$1"
	ip link set "${1}h0" down # what the zone's router advertisements did to the host goes
	expect_ok dladm delete-vnic "${1}0"
	expect_ok dladm delete-vnic "${1}h0"
	expect_ok dladm delete-etherstub "${1}s0"
}

mac_of()
{
	dladm show-vnic -p -o macaddress "$1"
}

# listen FILE COMMAND...: runs it until it has seen the last frame; back when it listens.
listen()
{
	local file=$1

	shift
	: >"$file" # what the one before said is not to be taken for this one's
	"$@" >>"$file" 2>&1 </dev/null &
	listener=$!
	wait_for 20 grep -q ready "$file"
}

# frames_from ZONE [MAC]: sends all of them from inside, leaves in $seen what came out.
frames_from()
{
	listen /tmp/seen "$probe" listen "${1}h0"
	expect_ok in_zone "$1" /opt/probe/net-probe.py send "${1}0" "${2-$(mac_of "${1}0")}" \
		10.9.0.2 fd00:9::2 "$other_mac" 10.9.0.77 fd00:9::77
	wait "$listener" || fail "the listener: $(cat /tmp/seen)"
	seen=$(grep -v -e ready -e last /tmp/seen)
}

# kinds_seen: the first words of the names.
kinds_seen()
{
	cut -d- -f1 <<<"$seen" | sort -u | tr '\n' ' '
}

all_ok='ok-arp ok-arp-probe ok-ip4 ok-dhcp-ask ok-ip6 ok-local6 ok-solicit ok-advertise ok-duplicate'

check_all_ok_seen()
{
	local name

	for name in $all_ok; do
		grep -qx "$name" <<<"$seen" || fail "$name did not pass: $seen"
	done
}

both='set allowed-address=10.9.0.2/24'
more6=('add net' 'set physical=@0' 'set allowed-address=fd00:9::2/64' end)

# with_both NAME: the zone has an address of each family.
with_both()
{
	cage_address=$both
	cage_more=("${more6[@]//@/$1}")
}

test_a_link_without_protection_passes_everything()
{
	cage_address='' cage_more=()
	make_cage free
	frames_from free
	# The host's own link hears the advertisements of routers; the switch is none of the host's.
	check_eq 'routes of the host over the etherstub' '' "$(ip -6 route show dev frees0)"
	check_eq 'addresses' '' "$(ip -o addr show dev frees0)"
	check_match 'no answers' NOARP "$(ip -o link show dev frees0)"
	check_all_ok_seen
	check_eq kinds 'dhcp ip mac ok type ' "$(kinds_seen)"
	remove_cage free
}

test_an_allowed_address_is_all_that_a_zone_can_use()
{
	with_both addr
	make_cage addr
	frames_from addr
	check_all_ok_seen
	check_eq kinds 'dhcp ok type ' "$(kinds_seen)"
	remove_cage addr
}

# dropped ZONE REASON: frames of its link, counted since it was made.
dropped()
{
	kstat -p "link::${1}0:$2" | cut -f 2
}

test_each_protection_stops_its_own()
{
	cage_address='' cage_more=()
	make_cage each
	expect_ok dladm set-linkprop -t -p protection=mac-nospoof each0
	frames_from each
	check_eq mac-nospoof 'dhcp ip ok type ' "$(kinds_seen)"
	expect_ok dladm set-linkprop -t -p protection=restricted each0
	frames_from each
	check_no_match restricted 'type|vlan|qinq' "$seen"
	check_match restricted 'mac-ip4' "$seen"
	expect_ok dladm set-linkprop -t -p protection=dhcp-nospoof each0
	frames_from each
	check_all_ok_seen
	check_eq dhcp-nospoof 'ip mac ok type ' "$(kinds_seen)"
	expect_ok dladm set-linkprop -t -p protection=ip-nospoof,allowed-ips=10.9.0.0/28,fd00:9::/122 each0
	frames_from each
	check_all_ok_seen
	check_no_match ip-nospoof '^ip-' "$seen"
	expect_ok dladm set-linkprop -t -p allowed-ips=10.9.0.0/24,fd00:9::/64 each0
	frames_from each
	check_match 'a wider net' '^ip-source$' "$seen"
	check_match 'a wider net' '^ip-source6$' "$seen"
	check_no_match 'a wider net' '^ip-(local6|arp-hardware|vlan)' "$seen"
	for kind in macspoofed restricted dhcpspoofed ipspoofed; do
		[ "$(dropped each "$kind")" -gt 0 ] || fail "no $kind frame was counted"
	done
	expect_ok dlstat -p -o link,macspoofed,restricted,ipspoofed,dhcpspoofed each0
	check_eq 'the same in dlstat' "each0:$(dropped each macspoofed):$(dropped each restricted):$(
		dropped each ipspoofed):$(dropped each dhcpspoofed)" "$out"
	expect_ok dladm reset-linkprop -t -p protection each0
	before=$(dropped each macspoofed)
	frames_from each
	check_eq 'nothing more is dropped' "$before" "$(dropped each macspoofed)"
	check_eq none 'dhcp ip mac ok type ' "$(kinds_seen)"
	remove_cage each
}

# requests_from ZONE: sends all requests of DHCP from inside, leaves in $seen what came out.
requests_from()
{
	listen /tmp/seen "$probe" listen "${1}h0"
	expect_ok in_zone "$1" /opt/probe/net-probe.py ask "${1}0" "$(mac_of "${1}0")"
	wait "$listener" || fail "the listener: $(cat /tmp/seen)"
	seen=$(grep -v -e ready -e last /tmp/seen)
}

requests_of()
{
	grep -o "(\"$1-[^\"]*" "$probe" | tr -d '("' | sort
}

# check_asked WHAT KIND...: all requests of these kinds came out, and no others.
check_asked()
{
	local what=$1 kind
	shift
	check_eq "$what" "$(for kind; do
		requests_of "$kind"
		[ "$kind" != bad ] || echo bad-segments
	done | sort)" "$(sort <<<"$seen")"
}

test_client_ids_are_those_of_the_list()
{
	local before list
	cage_address='' cage_more=()
	make_cage cids
	expect_ok dladm set-linkprop -t -p mtu=3000 cidss0
	expect_ok dladm set-linkprop -t -p mtu=3000 cids0
	expect_ok dladm set-linkprop -t -p mtu=3000 cidsh0
	requests_from cids
	check_asked 'without protection' own list other bad
	expect_ok dladm set-linkprop -t -p allowed-dhcp-cids=zone-7 cids0
	requests_from cids
	check_asked 'a list alone asks for nothing' own list other bad

	expect_ok dladm reset-linkprop -t -p allowed-dhcp-cids cids0
	expect_ok dladm set-linkprop -t -p protection=dhcp-nospoof cids0
	before=$(dropped cids dhcpspoofed)
	requests_from cids
	check_asked 'no list' own
	check_eq 'all others are counted' $(($(requests_of list | wc -l) + $(requests_of other | wc -l) + \
		$(requests_of bad | wc -l) + 1)) $(($(dropped cids dhcpspoofed) - before))

	list=zone-7,2.9.0CC0,3.1.2:8:20:0:0:99,$(printf 'L%.0s' {1..255})
	expect_ok dladm set-linkprop -t -p allowed-dhcp-cids="$list" cids0
	check_eq 'shown' "${list/0CC0/0cc0}" "$(dladm show-linkprop -c -o value -p allowed-dhcp-cids cids0)"
	requests_from cids
	check_asked 'with a list' own list

	expect_ok dladm set-linkprop -t -p allow-all-dhcp-cids=true cids0
	requests_from cids
	check_asked 'all, if they can be read' own list other
	expect_ok dladm reset-linkprop -t -p allow-all-dhcp-cids cids0
	requests_from cids
	check_asked 'the list again' own list
	expect_ok dladm reset-linkprop -t -p allowed-dhcp-cids cids0
	requests_from cids
	check_asked 'no list again' own
	before=$(dropped cids dhcpspoofed)
	expect_ok dladm reset-linkprop -t -p protection cids0
	requests_from cids
	check_asked 'no protection again' own list other bad
	check_eq 'nothing more is dropped' "$before" "$(dropped cids dhcpspoofed)"
	remove_cage cids
}

test_root_of_the_zone_cannot_undo_it()
{
	with_both root
	make_cage root protection=restricted,dhcp-nospoof
	frames_from root
	check_all_ok_seen
	check_eq before 'ok ' "$(kinds_seen)"
	local mac
	mac=$(mac_of root0)
	# His own device, in every way that changes how it sends.
	expect_ok in_zone root ip link set root0 down
	expect_ok in_zone root ip link set root0 address "$other_mac"
	expect_ok in_zone root ip addr add 10.9.0.77/24 dev root0
	expect_ok in_zone root ip link set root0 promisc on up
	expect_ok in_zone root tc qdisc add dev root0 clsact
	expect_ok in_zone root tc qdisc del dev root0 clsact
	expect_ok in_zone root tc qdisc replace dev root0 root tbf rate 1gbit burst 64k latency 50ms
	expect_ok in_zone root tc qdisc del dev root0 root
	frames_from root "$mac"
	check_eq after 'ok ' "$(kinds_seen)"
	check_all_ok_seen
	# Another device over it, another namespace under him.
	expect_ok in_zone root ip link add link root0 name mv0 type macvlan mode bridge
	expect_ok in_zone root ip link set mv0 up
	listen /tmp/seen "$probe" listen rooth0
	expect_ok in_zone root /opt/probe/net-probe.py send mv0 "$other_mac" \
		10.9.0.77 fd00:9::77 "$other_mac" 10.9.0.2 fd00:9::2
	expect_ok in_zone root /opt/probe/net-probe.py send root0 "$mac" \
		10.9.0.2 fd00:9::2 "$other_mac" 10.9.0.77 fd00:9::77
	wait "$listener"
	seen=$(grep -v -e ready -e last /tmp/seen)
	check_eq nested 'ok ' "$(kinds_seen)"
	check_eq 'each once' "$(wc -w <<<"$all_ok")" "$(wc -l <<<"$seen")"
	remove_cage root
}

test_it_holds_while_and_after_zoned_dies()
{
	with_both kill
	make_cage kill protection=restricted,dhcp-nospoof
	dead_mac=$(mac_of kill0)
	kill_hard zoned
	frames_from_dead kill
	check_eq 'without zoned' 'ok ' "$(kinds_seen)"
	start zoned
	frames_from kill
	check_all_ok_seen
	check_eq 'with the next' 'ok ' "$(kinds_seen)"
	remove_cage kill
}

# As frames_from, without zlogin: the zone's network is entered from the host.
frames_from_dead()
{
	local init

	init=$(init_of "$1" | head -n 1)
	listen /tmp/seen "$probe" listen "${1}h0"
	expect_ok nsenter -t "$init" -n "$probe" send "${1}0" "$dead_mac" \
		10.9.0.2 fd00:9::2 "$other_mac" 10.9.0.77 fd00:9::77
	wait "$listener"
	seen=$(grep -v -e ready -e last /tmp/seen)
}

test_the_zone_gets_what_is_meant_for_it()
{
	cage_address='' cage_more=()
	make_cage ears
	local mac
	mac=$(mac_of ears0)
	hear()
	{
		listen /tmp/heard in_zone ears /opt/probe/net-probe.py listen ears0 promiscuous
		expect_ok "$probe" to earsh0 "$mac" mine ff:ff:ff:ff:ff:ff all "$other_mac" others \
			33:33:00:00:00:01 group "$mac" last
		wait "$listener" || fail "the listener: $(cat /tmp/heard)"
		heard=$(grep -v -e ready -e last /tmp/heard | sort | tr '\n' ' ')
	}
	hear
	check_eq filtered 'all group mine ' "$heard"
	expect_ok dladm set-linkprop -t -p promisc-filtered=off ears0
	hear
	check_eq 'not filtered' 'all group mine others ' "$heard"
	expect_ok dladm reset-linkprop -t -p promisc-filtered ears0
	expect_ok dladm set-linkprop -t -p secondary-macs="$other_mac" ears0
	hear
	check_eq 'an address of its own' 'all group mine others ' "$heard"
	remove_cage ears
}

# Over a NIC: its other end is in a namespace of its own, as a switch would be.
test_over_a_nic_it_is_the_same()
{
	with_both nic
	make_nic_cage nic protection=restricted,dhcp-nospoof
	frames_from nic # a neighbour over the same NIC
	check_all_ok_seen
	check_eq neighbour 'ok ' "$(kinds_seen)"
	wire_from nic
	check_all_ok_seen
	check_eq wire 'ok ' "$(kinds_seen)"
	kill_hard zoned
	start zoned
	expect_ok in_zone nic ip link set nic0 address "$other_mac"
	wire_from nic
	check_eq 'another address' 'ok ' "$(kinds_seen)"
	expect_ok in_zone nic ip link set nic0 address "$(mac_at_home nic0)"
	# and what is meant for it arrives, of every sort
	ip -n wire addr add 10.9.0.1/24 dev wire0
	ip -n wire addr add fd00:9::1/64 dev wire0 nodad
	expect_ok in_zone nic ping -c 1 -W 10 10.9.0.1
	expect_ok in_zone nic ping -c 1 -W 10 fd00:9::1
	expect_ok zoneadm -z nic halt
	expect_ok ip link set nic0 up
	expect_ok ip link set nic0 down
	remove_nic_cage nic
}

has_no_nic()
{
	! ip link show hold0 >/dev/null 2>&1
}

# A NIC itself: it stays at home, and the zone has a port of it, which is held as a vnic's.
test_a_nic_that_is_given_itself_is_held()
{
	local mac

	with_both hold
	ip netns add wire
	ip link add hold0 type veth peer name wire0 netns wire
	ip -n wire link set wire0 up
	wait_for 10 dladm show-phys hold0
	mac=$(cat /sys/class/net/hold0/address)
	expect_ok dladm set-linkprop -p protection=restricted,dhcp-nospoof hold0
	expect_ok dladm set-linkprop -p maxbw=200M hold0
	expect_ok dladm set-linkprop -p mtu=1400 hold0
	make_zone hold 'add net' 'set physical=hold0' "$cage_address" end "${cage_more[@]}" \
		'add fs' 'set dir=/opt/probe' "set special=$ZONES_TREE/tests/lib" 'set type=lofs' end
	expect_ok zoneadm -z hold boot
	check_eq 'address in the zone' "$mac" "$(in_zone hold cat /sys/class/net/hold0/address)"
	check_eq 'mtu in the zone' 1400 "$(in_zone hold cat /sys/class/net/hold0/mtu)"
	check_eq 'where it is' hold "$(dladm show-linkprop -c -o value -p zone hold0)"
	wire_from hold "$mac"
	check_all_ok_seen
	check_eq wire 'ok ' "$(kinds_seen)"
	expect_ok in_zone hold ip link set hold0 address "$other_mac"
	wire_from hold "$mac"
	check_eq 'another address' 'ok ' "$(kinds_seen)"
	expect_ok in_zone hold ip link set hold0 address "$mac"
	expect_fail 1 'link busy' dladm create-vnic -l hold0 over0
	kill_hard zoned
	start zoned
	check_eq 'where it is for the next' hold "$(dladm show-linkprop -c -o value -p zone hold0)"
	wire_from hold "$mac"
	check_all_ok_seen
	check_eq 'with the next' 'ok ' "$(kinds_seen)"
	ip -n wire addr add 10.9.0.1/24 dev wire0
	ip -n wire addr add fd00:9::1/64 dev wire0 nodad
	expect_ok in_zone hold ping -c 1 -W 10 10.9.0.1
	expect_ok in_zone hold ping -c 1 -W 10 fd00:9::1
	expect_ok zoneadm -z hold halt
	check_eq 'at home' '' "$(dladm show-linkprop -c -o value -p zone hold0)"
	check_no_match 'as it was' 'UP|ALLMULTI' "$(ip link show hold0 | head -n 1)"
	check_match 'mtu at home' 'mtu 1400' "$(ip link show hold0)"
	expect_ok dladm check
	# Pulled out while the zone has it, it is the zone's end that is left, until the halt.
	expect_ok zoneadm -z hold boot
	ip link del hold0
	wait_for 10 has_no_nic
	expect_ok zoneadm -z hold halt
	wait_for 10 dladm check
	ip link add hold0 type veth peer name wire0 netns wire
	ip -n wire link set wire0 up
	wait_for 10 dladm show-phys hold0
	expect_ok zoneadm -z hold boot
	wire_from hold "$(in_zone hold cat /sys/class/net/hold0/address)"
	check_all_ok_seen
	check_eq 'plugged in again' 'ok ' "$(kinds_seen)"
	expect_ok zoneadm -z hold halt
	# Without anything to be held to it goes as a whole, and then cannot be held.
	expect_ok dladm reset-linkprop -p protection hold0
	expect_ok dladm reset-linkprop -p maxbw hold0
	expect_ok zoneadm -z hold ready
	expect_fail 1 'does not exist' ip link show hold0
	expect_fail 1 'in a zone as a whole' dladm set-linkprop -t -p protection=restricted hold0
	remove_zone hold
	ip link del hold0
	ip netns del wire
}

# make_nic_cage NAME [link property]...: as make_cage, over a NIC.
make_nic_cage()
{
	local name=$1 p

	shift
	cage_nic=nic_cage0
	ip netns add wire
	ip link add "$cage_nic" mtu 3000 type veth peer name wire0 mtu 3000 netns wire
	ip link set "$cage_nic" up
	ip -n wire link set wire0 up
	wait_for 10 dladm show-phys "$cage_nic"
	expect_ok dladm create-vnic -l "$cage_nic" "${name}0"
	expect_ok dladm create-vnic -l "$cage_nic" "${name}h0"
	ip link set "${name}h0" up
	make_zone "$name" 'add net' "set physical=${name}0" ${cage_address:+"$cage_address"} end \
		"${cage_more[@]}" \
		'add fs' 'set dir=/opt/probe' "set special=$ZONES_TREE/tests/lib" 'set type=lofs' end
	for p in "$@"; do
		expect_ok dladm set-linkprop -p "$p" "${name}0"
	done
	expect_ok zoneadm -z "$name" boot
}

remove_nic_cage()
{
	remove_zone "$1"
	ip link set "${1}h0" down
	expect_ok dladm delete-vnic "${1}0"
	expect_ok dladm delete-vnic "${1}h0"
	ip link del "$cage_nic"
	ip netns del wire
}

programs_at_home()
{
	local dev

	for dev in $(ip -o link show | sed 's/^[0-9]*: \([^:@]*\).*/\1/'); do
		tc filter show dev "$dev" ingress
		tc filter show dev "$dev" egress
	done 2>/dev/null | grep -c cids_check
}

# Set before the link is lent, over a zoned that is killed, taken away while it is lent.
test_client_ids_hold_over_a_restart_and_end_with_the_property()
{
	local mac before
	cage_address='' cage_more=()
	make_nic_cage cids protection=dhcp-nospoof allowed-dhcp-cids=zone-7
	mac=$(mac_of cids0)
	check_eq 'programs' 1 "$(programs_at_home)"
	before=$(dropped cids dhcpspoofed)
	ask_dead()
	{
		listen /tmp/seen "$probe" listen cidsh0
		expect_ok nsenter -t "$(init_of cids | head -n 1)" -n "$probe" ask cids0 "$mac"
		wait "$listener"
		check_match "$1" list-text "$(cat /tmp/seen)"
		check_no_match "$1" 'bad-|other-[a-oq-z]|list-en' "$(cat /tmp/seen)"
	}
	ask_dead before
	before=$(($(dropped cids dhcpspoofed) - before))
	[ "$before" -gt 20 ] || fail "only $before counted"
	kill_hard zoned
	ask_dead 'without zoned'
	start zoned
	ask_dead 'with the next'
	check_eq 'all counted' $((3 * before)) "$(dropped cids dhcpspoofed)"
	check_eq 'still one' 1 "$(programs_at_home)"

	kill_hard zoned
	start zoned
	expect_ok dladm set-linkprop -t -p protection=restricted cids0
	check_eq 'none any more' 0 "$(programs_at_home)"
	requests_from cids
	check_match 'passes' 'other-text' "$seen"
	expect_ok dladm reset-linkprop -t -p protection cids0
	expect_ok zoneadm -z cids halt
	check_eq 'none at home' 0 "$(programs_at_home)"
	expect_ok dladm set-linkprop -t -p protection=dhcp-nospoof cids0
	check_eq 'at home' 1 "$(programs_at_home)"
	remove_nic_cage cids
}

# wire_from ZONE [MAC]: as frames_from, seen at the other end of the NIC.
wire_from()
{
	local own=${2-$(mac_at_home "${1}0")}

	listen /tmp/seen ip netns exec wire "$probe" listen wire0
	expect_ok in_zone "$1" /opt/probe/net-probe.py send "${1}0" "$own" \
		10.9.0.2 fd00:9::2 "$other_mac" 10.9.0.77 fd00:9::77
	wait "$listener" || fail "the listener: $(cat /tmp/seen)"
	seen=$(grep -v -e ready -e last /tmp/seen)
}

# The address that the link has by its configuration.
mac_at_home()
{
	dladm show-vnic -P -p -o macaddress "$1"
}

test_a_kernel_that_cannot_look_at_client_ids_is_told_of()
{
	ldd "$ZONES_STAGE/usr/sbin/zoned" | grep -q 'lib[at]san' && skip "nothing comes before a sanitizer"
	cc -shared -fPIC -o /tmp/old-kernel.so -xc - -ldl <<-'END'
		#define _GNU_SOURCE
		#include <dlfcn.h>
		#include <errno.h>
		#include <stdarg.h>
		#include <stdint.h>
		#include <sys/syscall.h>

		long syscall(long nr, ...)
		{
			static long (*next)(long, ...);
			va_list ap;
			long a[6];

			va_start(ap, nr);
			for (int i = 0; i < 6; i++)
				a[i] = va_arg(ap, long);
			va_end(ap);
			if (!next)
				next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
			if (nr == SYS_bpf && a[0] == 5 && *(uint32_t *)a[1] == 3) { /* a classifier */
				errno = EINVAL;
				return -1;
			}
			return next(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
		}
	END
	expect_ok dladm create-etherstub olds0
	expect_ok dladm create-vnic -l olds0 old0
	kill_hard zoned
	LD_PRELOAD=/tmp/old-kernel.so start zoned
	expect_fail 1 "'protection' on 'old0': .*dhcp-nospoof: this host's kernel does not look at the client ids" \
		dladm set-linkprop -p protection=mac-nospoof,dhcp-nospoof old0
	check_eq 'not set' '' "$(dladm show-linkprop -c -o value -p protection old0)"
	expect_ok dladm set-linkprop -p protection=mac-nospoof old0
	kill_hard zoned
	start zoned
	expect_ok dladm set-linkprop -p protection=mac-nospoof,dhcp-nospoof old0
	expect_ok dladm delete-vnic old0
	expect_ok dladm delete-etherstub olds0
}

# A zone that sends with its neighbour's address does not get the neighbour's traffic.
test_a_neighbours_address_cannot_be_taken_over()
{
	cage_address='' cage_more=()
	make_cage thief
	expect_ok dladm create-vnic -l thiefs0 victim0
	ip link set victim0 up
	local mac
	mac=$(mac_of victim0)
	listen /tmp/stolen in_zone thief /opt/probe/net-probe.py listen thief0 promiscuous
	expect_ok in_zone thief ip link set thief0 address "$(ip -o link show victim0 | sed 's/.*ether \([^ ]*\).*/\1/')"
	expect_ok in_zone thief /opt/probe/net-probe.py to thief0 ff:ff:ff:ff:ff:ff spoofed
	expect_ok "$probe" to thiefh0 "$mac" secret ff:ff:ff:ff:ff:ff last
	wait "$listener"
	check_no_match stolen secret "$(cat /tmp/stolen)"
	expect_ok dladm delete-vnic victim0
	remove_cage thief
}

run_tests
