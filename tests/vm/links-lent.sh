#!/bin/bash
# Links of the kinds that not every kernel has, lent to a zone: they carry its traffic, are known whatever root in
# the zone does to them, and come home. Runs in a virtual machine of tests/vm/machines.
# shellcheck source=tests/lib/linkprop.sh
. "$ZONES_TREE/tests/lib/linkprop.sh"

# lent LINK: to the zone, and its device is not here.
lent()
{
	[ "$(prop_of "$1" zone)" = keeper ] && ! ip link show "$1" 2>/dev/null
}

# The other ends, in the namespace "peer": of a vlan, tunnels over both families, a geneve overlay.
make_far_ends()
{
	ip -n peer link add link nic0p name farv type vlan id 5
	ip -n peer link add far4 type sit mode any local 10.30.0.2 remote 10.30.0.1
	ip -n peer link add far6 type ip6tnl mode any local fd30::2 remote fd30::1
	ip -n peer link add farg type geneve id 8 remote 10.30.0.1
	for far in farv:1 far4:2 far6:3 farg:4; do
		ip -n peer addr add "10.4${far#*:}.0.2/24" dev "${far%:*}"
		ip -n peer link set "${far%:*}" up
	done
}

make_links()
{
	expect_ok dladm create-vlan -l nic0 -v 5 vlan5
	expect_ok dladm create-iptun -T ipv4 -a local=10.30.0.1,remote=10.30.0.2 tun0
	expect_ok dladm create-iptun -T ipv6 -a local=fd30::1,remote=fd30::2 tun6
	make_overlay
}

make_overlay()
{
	expect_ok dladm create-overlay -e geneve -s direct -v 8 -p direct/dest_ip=10.30.0.2 over0
}

delete_links()
{
	expect_ok dladm delete-vlan vlan5
	expect_ok dladm delete-iptun tun0
	expect_ok dladm delete-iptun tun6
	expect_ok dladm delete-overlay over0
	for far in farv far4 far6 farg; do
		ip -n peer link del "$far"
	done
}

# reach N...: from the zone the other ends with these numbers.
reach()
{
	local n

	for n; do
		wait_for 20 zlogin keeper ping -c 1 -W 5 "10.4$n.0.2"
	done
}

# The zone, with an address on each link.
boot_keeper()
{
	make_zone keeper \
		'add net' 'set physical=vlan5' 'set allowed-address=10.41.0.1/24' end \
		'add net' 'set physical=tun0' 'set allowed-address=10.42.0.1/24' end \
		'add net' 'set physical=tun6' 'set allowed-address=10.43.0.1/24' end \
		'add net' 'set physical=over0' 'set allowed-address=10.44.0.1/24' end
	expect_ok zoneadm -z keeper boot
}

all_are()
{
	local link

	for link in vlan5 tun0 tun6 over0; do
		"$@" "$link" || fail "$link: not $*"
	done
}

test_they_carry_the_traffic_of_a_zone()
{
	make_far_ends
	make_links
	boot_keeper
	all_are lent
	reach 1 2 3 4
	check_match vlan 'vlan .*id 5 ' "$(zlogin keeper ip -d link show vlan5)"
	expect_fail 1 'vlan5.*link busy' dladm delete-vlan vlan5
	expect_fail 1 'tun0.*link busy' dladm delete-iptun tun0
	restart_zoned
	all_are lent
	reach 1 2
}

# zoned's files are gone, the zone lives, and its root has given some of the links other names.
test_they_are_found_without_zoneds_files()
{
	zlogin keeper 'ip link set vlan5 down; ip link set vlan5 name evil5; ip link set evil5 up
		ip link set tun0 down; ip link set tun0 name evil0; ip link set evil0 up'
	# What looks like ours, and is the zone's own.
	zlogin keeper 'ip link add link evil5 name fake type vlan id 5; ip link add fake4 type sit local 10.42.0.1 remote 10.42.0.2'
	kill_hard zoned
	rm -r "$run/linkstate"
	start zoned
	wait_for 10 dladm_answers
	for link in vlan5 tun0 tun6; do
		lent "$link" || fail "$link is not lent"
	done
	# The kernel does not tell that a geneve in a zone came from the host, and what root there says is no reason.
	expect_fail 1 '^over0: ' dladm check
	check_eq 'disagreements' 1 "$(wc -l <<<"$out")"
	reach 3
}

test_they_come_home_as_they_were()
{
	zlogin keeper 'ip link set tun6 mtu 1300'
	zlogin keeper 'ip link del over0'
	expect_ok zoneadm -z keeper halt
	expect_ok dladm delete-overlay over0
	make_overlay
	all_are ip link show
	check_match vlan 'nic0.*vlan .*id 5 ' "$(ip -d link show vlan5 | tr '\n' ' ')"
	check_match tunnel 'remote 10.30.0.2 local 10.30.0.1' "$(ip -d link show tun0)"
	check_no_match mtu 'mtu 1300' "$(ip link show tun6)"
	check_eq 'no address' '' "$(ip -o -4 addr show dev vlan5; ip -o -4 addr show dev tun0)"
	expect_ok dladm check
	check_eq 'disagreements' '' "$out"
	expect_ok zoneadm -z keeper boot
	all_are lent
	reach 1 2 3 4
	remove_zone keeper
	delete_links
	check_no_match devices 'vlan5|tun0|tun6|over0|evil|fake' "$(ip -br link)"
}

# A zsched that dies takes the network namespace with it, and the devices that were in it.
test_they_are_made_again_when_the_zone_dies()
{
	make_far_ends
	make_links
	boot_keeper
	reach 1 2
	kill -KILL "$(zsched_of keeper)"
	wait_for 30 has_state keeper installed
	all_are wait_for 20 ip link show
	expect_ok zoneadm -z keeper boot
	all_are lent
	reach 1 2 3 4
	remove_zone keeper
	delete_links
}

run_tests
