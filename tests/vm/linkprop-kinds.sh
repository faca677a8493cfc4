#!/bin/bash
# Properties of links of the kinds that not every kernel has. Runs in the virtual machine of
# tests/vm/run.
# shellcheck source=tests/lib/linkprop.sh
. "$ZONES_TREE/tests/lib/linkprop.sh"

# As after the host was started again; the devices that are named are gone.
forget_this_boot()
{
	kill_hard dlmgmtd
	kill_hard zoned
	for device; do
		ip link del "$device" 2>/dev/null || true
	done
	rm -rf "$ZONES_ROOT/run"
	mkdir -p "$ZONES_ROOT/run/zones" "$ZONES_ROOT/run/dladm"
	start_daemons
	wait_for 10 dladm show-phys nic0
}

test_limits_of_tunnels()
{
	expect_ok dladm create-iptun -T ipv4 -a local=10.30.0.1,remote=10.30.0.2 tun0
	expect_ok dladm create-iptun -T ipv6 -a local=fd30::1,remote=fd30::2 tun6
	check_eq row tun0:hoplimit:rw:64:64:1-255 \
		"$(prop_of tun0 hoplimit link,property,perm,value,default,possible)"
	check_eq ipv6 '64 4' "$(prop_of tun6 hoplimit,encaplimit | paste -sd ' ')"
	check_eq 'ipv4 has none' '' "$(prop_of tun0 encaplimit)"
	expect_ok dladm set-linkprop -p hoplimit=7 tun0
	expect_ok dladm set-linkprop -p hoplimit=9,encaplimit=0 tun6
	check_match kernel 'ttl 7 ' "$(ip -d link show tun0)"
	check_match kernel 'hoplimit 9 encaplimit none ' "$(ip -d link show tun6)"
	expect_fail 1 'over IPv4, which has no encapsulation limit|has no encaplimit' \
		dladm set-linkprop -p encaplimit=1 tun0
	expect_fail 1 "'hoplimit'.*: invalid value \(possible: 1-255\)$" \
		dladm set-linkprop -p hoplimit=0 tun0
	# An address that changes leaves them alone, so does somebody else's kernel.
	expect_ok dladm modify-iptun -t -a remote=10.30.0.9 tun0
	check_eq 'still' 7 "$(prop_of tun0 hoplimit)"
	ip link set tun0 type sit ttl 33
	check_eq 'of the kernel' 33 "$(prop_of tun0 hoplimit)"
	restart_zoned
	check_eq 'after zoned' '9 0' "$(prop_of tun6 hoplimit,encaplimit | paste -sd ' ')"
	forget_this_boot tun0 tun6
	expect_ok dladm up-iptun
	check_eq 'after a reboot' '7 9 0' "$(prop_of tun0 hoplimit) $(
		prop_of tun6 hoplimit,encaplimit | paste -sd ' ')"
	check_match kernel 'hoplimit 9 encaplimit none ' "$(ip -d link show tun6)"
	expect_ok dladm reset-linkprop tun6
	check_match kernel 'hoplimit 64 encaplimit 4 ' "$(ip -d link show tun6)"
	expect_ok dladm delete-iptun tun0
	expect_ok dladm delete-iptun tun6
}

test_a_vlan_is_held_to_its_properties()
{
	expect_ok dladm create-vlan -l nic0 -v 5 vlan5
	expect_ok dladm set-linkprop -p mtu=1400,maxbw=8,protection=ip-nospoof,allowed-ips=10.31.0.1 vlan5
	check_eq mtu 1400 "$(cat /sys/class/net/vlan5/mtu)"
	check_match maxbw 'tbf .*rate 8Mbit' "$(tc qdisc show dev vlan5)"
	ip -n peer link add link nic0p name far type vlan id 5
	ip -n peer addr add 10.31.0.2/24 dev far
	ip -n peer link set far up
	ip addr add 10.31.0.1/24 dev vlan5
	ip addr add 10.31.0.3/24 dev vlan5
	ip link set vlan5 up
	expect_ok ping -c 1 -W 5 -I 10.31.0.1 10.31.0.2
	expect_fail 1 '100% packet loss' ping -c 1 -W 1 -I 10.31.0.3 10.31.0.2
	ip addr flush dev vlan5
	expect_fail 1 "'forward' is not for 'vlan5', which is of class vlan" \
		dladm set-linkprop -t -p forward=0 vlan5
	forget_this_boot vlan5
	expect_ok dladm up-vlan
	check_eq 'after a reboot' '1400 8 10.31.0.1 ip-nospoof' "$(cat /sys/class/net/vlan5/mtu) $(
		prop_of vlan5 maxbw) $(prop_of vlan5 allowed-ips) $(prop_of vlan5 protection)"
	expect_ok dladm delete-vlan vlan5
	ip -n peer link del far
}

test_an_aggr_in_a_bridge_has_what_was_set()
{
	ip link add nic2 type veth peer name nic2p netns peer
	wait_for 10 dladm show-phys nic2
	expect_ok dladm create-aggr -l nic2 aggr0
	expect_ok dladm set-linkprop -p stp_priority=32,stp_cost=44,mtu=1300 aggr0
	expect_ok dladm create-bridge -l aggr0 hall
	check_match kernel 'priority 8 cost 44' "$(bridge link show dev aggr0)"
	check_eq 'its ports' 1300 "$(cat /sys/class/net/nic2/mtu)"
	expect_ok dladm remove-bridge -l aggr0 hall
	expect_ok dladm delete-bridge hall
	expect_ok dladm delete-aggr aggr0
	ip link del nic2
	wait_for 10 gone_from_list nic2
}

test_an_implicit_tunnel_goes_with_who_held_its_name()
{
	expect_ok dladm set-linkprop -t -p hoplimit=3 ip.tun9
	wait_for 20 gone_from_list ip.tun9
	expect_ok dladm set-linkprop -t -p encaplimit=2 ip6.tun9
	wait_for 20 gone_from_list ip6.tun9
	check_no_match devices 'tun9' "$(ip -br link)"
	expect_fail 1 'not valid' dladm show-link ip.tun9
}

run_tests
