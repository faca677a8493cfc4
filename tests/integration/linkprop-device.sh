#!/bin/bash
# Link properties that the kernel's device has: read from it, set in it, kept for the next one.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	ip netns add wire
}

# prop_of LINK PROPERTY [FIELD]
prop_of()
{
	dladm show-linkprop -c -o "${3-value}" -p "$2" "$1"
}

# plug NAME: a NIC with up to four queues of a kind.
plug()
{
	expect_ok ip link add "$1" numrxqueues 4 numtxqueues 4 type veth peer name "$1p" \
		numrxqueues 4 numtxqueues 4 netns wire
	ip link set "$1" up
	ip -n wire link set "$1p" up
	wait_for 10 dladm show-phys "$1"
}

unplug()
{
	ip link del "$1"
	wait_for 10 gone_from_list "$1"
}

gone_from_list()
{
	! dladm show-link -p -o link | grep -qx "$1"
}

# queues DEVICE rx|tx: those that the kernel has now.
queues()
{
	local all=("/sys/class/net/$1/queues/$2"-*)
	echo "${#all[@]}"
}

has_rxrings()
{
	[ "$(prop_of "$1" rxrings),$(queues "$1" rx)" = "$2,$2" ]
}

# As after the host was started again, but for its NICs.
forget_this_boot()
{
	kill_hard dlmgmtd
	kill_hard zoned
	rm -rf "$ZONES_ROOT/run"
	mkdir -p "$ZONES_ROOT/run/zones" "$ZONES_ROOT/run/dladm"
	for device; do
		ip link del "$device" 2>/dev/null || true
	done
	start_daemons
}

test_queues_of_a_nic()
{
	local before
	plug nic0
	before=$(queues nic0 rx)
	check_eq value "$before:4" "$(prop_of nic0 rxrings,rxrings-available | paste -sd :)"
	check_eq row "nic0:rxrings:rw:$before:$before:1-4" \
		"$(prop_of nic0 rxrings link,property,perm,value,default,possible)"
	check_eq 'read only' r- "$(prop_of nic0 rxrings-available perm)"
	expect_ok dladm set-linkprop -p rxrings=3,txrings=2 nic0
	check_eq kernel '3 2' "$(queues nic0 rx) $(queues nic0 tx)"
	check_eq value '3 2' "$(prop_of nic0 rxrings) $(prop_of nic0 txrings)"
	check_eq default "$before" "$(prop_of nic0 rxrings default)"
	expect_fail 1 "^dladm: cannot set link property 'rxrings' on 'nic0': .*'nic0' has 4 of them" \
		dladm set-linkprop -t -p rxrings=5 nic0
	expect_fail 1 "'rxrings'.*invalid" dladm set-linkprop -t -p rxrings=0 nic0
	expect_fail 1 "'rxrings'.*: invalid value" dladm set-linkprop -t -p rxrings=many nic0
	expect_fail 1 'read-only' dladm set-linkprop -t -p rxrings-available=2 nic0
	expect_ok dladm set-linkprop -t -p rxrings=2 nic0
	check_eq kernel 2 "$(queues nic0 rx)"
	check_eq kept 3 "$(dladm show-linkprop -P -c -o value -p rxrings nic0)"
	kill_hard zoned
	start zoned
	check_eq 'after zoned' "2:$before" "$(prop_of nic0 rxrings value,default)"
	expect_ok dladm reset-linkprop -p rxrings,txrings nic0
	check_eq kernel "$before" "$(queues nic0 rx)"
	check_eq kept '' "$(dladm show-linkprop -P -c -o value -p rxrings nic0)"
	unplug nic0
}

test_show_ether_tells_what_a_nic_could_do()
{
	plug nic2
	expect_ok dladm show-ether -x -p -o ptype,auto,speed-duplex nic2
	check_eq rows 'current capable adv' "$(cut -d : -f 1 <<<"$out" | xargs)"
	expect_ok dladm show-ether -p -o ptype nic2
	check_eq 'without -x' current "$out"
	unplug nic2
}

test_a_nic_that_comes_has_what_was_set_for_good()
{
	plug nic1
	expect_ok dladm set-linkprop -p rxrings=2,maxbw=5,mtu=1400 nic1
	expect_ok dladm set-linkprop -t -p txrings=3 nic1
	unplug nic1
	plug nic1
	wait_for 10 has_rxrings nic1 2
	check_eq 'only of the one before' 4 "$(queues nic1 tx)"
	check_eq mtu 1400 "$(cat /sys/class/net/nic1/mtu)"
	check_eq maxbw 5 "$(prop_of nic1 maxbw)"
	check_match limit tbf "$(tc qdisc show dev nic1)"
	forget_this_boot nic1
	plug nic1
	wait_for 10 has_rxrings nic1 2
	check_eq 'after a reboot' '1400 5' "$(cat /sys/class/net/nic1/mtu) $(prop_of nic1 maxbw)"
	# The same, with a NIC that is there before the daemons.
	ip link set nic1 mtu 1500
	forget_this_boot
	wait_for 10 dladm show-phys nic1
	wait_for 10 grep -q 1400 /sys/class/net/nic1/mtu
	expect_ok dladm reset-linkprop nic1
	check_eq mtu 1500 "$(cat /sys/class/net/nic1/mtu)"
	unplug nic1
}

test_what_a_nic_lacks_is_refused_and_not_listed()
{
	plug nic2
	expect_ok dladm show-linkprop nic2
	check_no_match listed 'flowctrl|_cap|hoplimit' "$out"
	check_match listed '^nic2 +rxrings-available +r- ' "$out"
	check_eq 'asked for' 'flowctrl:' "$(prop_of nic2 flowctrl property,value)"
	expect_fail 1 "'flowctrl' on 'nic2': .*the device of 'nic2' has no flowctrl" \
		dladm set-linkprop -t -p flowctrl=bi nic2
	expect_fail 1 "'en_1000fdx_cap' on 'nic2': .*has no en_1000fdx_cap" \
		dladm set-linkprop -t -p en_1000fdx_cap=0 nic2
	expect_fail 1 'read-only' dladm set-linkprop -t -p adv_1000fdx_cap=0 nic2
	expect_fail 1 "'flowctrl'.*: invalid value \(possible: no,tx,rx,bi,auto\)$" \
		dladm set-linkprop -t -p flowctrl=both nic2
	expect_ok dladm reset-linkprop -t nic2
	unplug nic2
}

test_what_has_no_counterpart_is_refused_with_the_reason()
{
	make_link any0
	expect_fail 1 "^dladm: link property 'tagmode' is not supported: .*a VLAN only$" \
		dladm set-linkprop -p tagmode=normal any0
	expect_fail 1 "^dladm: link property 'stp_edge' is not supported: " dladm show-linkprop -p stp_edge
	expect_fail 1 "^dladm: link property 'pool' is not supported: there are no pools$" \
		dladm reset-linkprop -p pool any0
	expect_ok dladm delete-vnic any0
	expect_ok dladm delete-etherstub s_any0
	# subcommands too
	expect_fail 1 '^dladm: show-usage is not supported: .*zonemetrics' dladm show-usage -f /tmp/log
	expect_fail 1 '^dladm: scan-wifi is not supported: wireless' dladm scan-wifi
	expect_fail 1 '^dladm: create-secobj is not supported: ' dladm create-secobj -c wep key
	expect_fail 1 '^dladm: show-part is not supported: InfiniBand' dladm show-part
	expect_fail 1 '^dladm: init-phys is not supported: ' dladm init-phys
	expect_fail 1 "^dladm: unknown subcommand 'show-nothing'" dladm show-nothing
}

# What the kernel has of a port of a bridge.
port_has()
{
	check_match "$2" "(^| )$2( |$)" "$(bridge -d link show dev "$1" | tr '\n' ' ')"
}

test_ports_of_a_bridge()
{
	local link
	for link in sim0 sim1 sim2; do
		expect_ok dladm create-simnet "$link"
	done
	# Before it is in one, and when it is.
	expect_ok dladm set-linkprop -p stp_cost=77,stp_priority=64 sim0
	check_eq waits '64 77' "$(prop_of sim0 stp_cost,stp_priority | paste -sd ' ')"
	expect_ok dladm create-bridge -l sim0 -l sim1 -l sim2 tower
	port_has sim0 'priority 16'
	port_has sim0 'cost 77'
	port_has sim1 'priority 32'
	check_eq row sim1:stp_priority:rw:128:128:0-252 \
		"$(prop_of sim1 stp_priority link,property,perm,value,default,possible)"
	expect_ok dladm set-linkprop -t -p stp_cost=500,forward=0 sim1
	port_has sim1 'cost 500'
	port_has sim1 'locked on'
	port_has sim1 'flood off'
	port_has sim1 'bcast_flood off'
	expect_ok dladm show-bridge -l -p -o link,opercost tower
	check_match 'shown' '^sim1:500$' "$out"
	# Who changed it elsewhere is believed.
	bridge link set dev sim1 cost 600 priority 8
	check_eq 'of the kernel' '32 600' "$(prop_of sim1 stp_cost,stp_priority | paste -sd ' ')"
	kill_hard zoned
	start zoned
	check_eq 'after zoned' '0 600' "$(prop_of sim1 stp_cost,forward | paste -sd ' ')"
	expect_ok dladm reset-linkprop -t sim1
	check_eq default '1 128 auto' "$(prop_of sim1 stp_cost,forward,stp_priority | paste -sd ' ')"
	port_has sim1 'locked off'
	port_has sim1 'priority 32'
	expect_fail 1 "'stp_priority'.*: invalid value \(possible: 0-252\)$" \
		dladm set-linkprop -t -p stp_priority=30 sim2
	expect_fail 1 "'stp_cost'.*: invalid" dladm set-linkprop -t -p stp_cost=65536 sim2
	expect_fail 1 "'forward'.*: invalid value \(possible: 0,1\)$" \
		dladm set-linkprop -t -p forward=2 sim2
	expect_fail 1 "'forward' is not for 'tower0', which is of class bridge" \
		dladm set-linkprop -t -p forward=0 tower0
	# It leaves and comes again.
	expect_ok dladm remove-bridge -l sim0 tower
	expect_ok dladm add-bridge -l sim0 tower
	port_has sim0 'cost 77'
	expect_ok dladm remove-bridge -l sim0 -l sim1 -l sim2 tower
	expect_ok dladm delete-bridge tower
	for link in sim0 sim1 sim2; do
		expect_ok dladm delete-simnet "$link"
	done
}

# Two hosts behind a bridge, each at the other end of a port.
test_a_port_that_does_not_forward_passes_nothing()
{
	local n
	for n in 3 4; do
		plug "nic$n"
		ip netns add "host$n"
		ip -n wire link set "nic${n}p" netns "host$n"
		ip -n "host$n" addr add "10.50.0.$n/24" dev "nic${n}p"
		ip -n "host$n" link set "nic${n}p" up
	done
	expect_ok dladm create-bridge -h 1 -d 4 -m 6 -l nic3 -l nic4 hall
	# Spanning tree would take seconds to let a port forward.
	ip link set hall0 type bridge stp_state 0
	for n in 3 4; do
		ip link set "nic$n" down
		ip link set "nic$n" up
	done
	wait_for 40 ip netns exec host3 ping -c 1 -W 1 10.50.0.4
	expect_ok dladm set-linkprop -t -p forward=0 nic4
	expect_fail 1 '100% packet loss' ip netns exec host3 ping -c 2 -i 0.2 -W 1 10.50.0.4
	expect_fail 1 '100% packet loss' ip netns exec host4 ping -c 2 -i 0.2 -W 1 10.50.0.3
	expect_ok dladm reset-linkprop -t -p forward nic4
	wait_for 10 ip netns exec host3 ping -c 1 -W 1 10.50.0.4
	expect_ok dladm remove-bridge -l nic3 -l nic4 hall
	expect_ok dladm delete-bridge hall
	for n in 3 4; do
		unplug "nic$n"
		ip netns del "host$n"
	done
}

run_tests
