#!/bin/bash
# Links of the kinds that not every kernel has: vlan, aggr, iptun, geneve overlays. Runs in the
# virtual machine of tests/vm/run; where a kernel has all of them it runs as it is.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	ip netns add peer
	ip -n peer link set lo up
	make_nic nic0
	make_nic nic1
	ip addr add 10.30.0.1/24 dev nic0
	ip -n peer addr add 10.30.0.2/24 dev nic0p
	ip addr add fd30::1/64 dev nic0 nodad
	ip -n peer addr add fd30::2/64 dev nic0p nodad
}

# make_nic NAME: the host's end of a veth, whose other end NAMEp is in the namespace "peer".
make_nic()
{
	ip link add "$1" type veth peer name "$1p"
	ip link set "$1p" netns peer
	ip link set "$1" up
	ip -n peer link set "$1p" up
	wait_for 5 dladm show-phys "$1"
}

gone_from_list()
{
	! dladm show-link -p -o link | grep -qx "$1"
}

restart_zoned()
{
	kill_hard zoned
	start zoned
}

# The host is started again, but for its NICs.
reboot_host()
{
	local device

	kill_hard dlmgmtd
	kill_hard zoned
	for device; do
		ip link del "$device" 2>/dev/null || true
	done
	rm -rf "$ZONES_ROOT/run"
	mkdir -p "$ZONES_ROOT/run/zones" "$ZONES_ROOT/run/dladm"
	start_daemons
	wait_for 5 dladm show-phys nic1
}

test_vlan_carries_tagged_traffic()
{
	ip -n peer link add link nic0p name far type vlan id 5
	ip -n peer addr add 10.31.0.2/24 dev far
	ip -n peer link set far up
	expect_ok dladm create-vlan -l nic0 -v 5 vlan5
	expect_ok dladm show-vlan
	check_match header '^LINK +VID +OVER +FLAGS' "$out"
	check_match vlan '^vlan5 +5 +nic0 +-----$' "$out"
	expect_ok dladm show-vlan -P -p -o link,vid,over
	check_eq configured vlan5:5:nic0 "$out"
	expect_ok dladm show-link -p -o class,over vlan5
	check_eq class vlan:nic0 "$out"
	ip addr add 10.31.0.1/24 dev vlan5
	ip link set vlan5 up
	expect_ok ping -c 1 -W 5 10.31.0.2
	expect_fail 1 'vlan5.*link busy.*address' dladm delete-vlan vlan5
	expect_fail 1 "does not go over 'vlan5'|not valid|vlan5" dladm create-vnic -l vlan5 no0
	ip addr flush dev vlan5
	restart_zoned
	expect_ok dladm show-vlan -p -o link,vid,over
	check_eq 'after zoned' vlan5:5:nic0 "$out"
	kill_hard zoned
	rm -r "$ZONES_ROOT/run/zones/linkstate"
	start zoned
	expect_ok dladm show-vlan -p -o link,vid,over
	check_eq 'without its file' vlan5:5:nic0 "$out"
	expect_ok dladm delete-vlan vlan5
	check_eq 'device' '' "$(ip -br link show type vlan)"
	ip -n peer link del far
}

test_vlan_names_and_refusals()
{
	expect_ok dladm create-vlan -l nic1 -v 7
	expect_ok dladm show-vlan -p -o vid nic7001
	expect_fail 1 "cannot create 'same0'" dladm create-vlan -l nic1 -v 7 same0
	expect_fail 1 'invalid VLAN identifier' dladm create-vlan -l nic1 -v 0 bad0
	expect_fail 1 'invalid VLAN identifier' dladm create-vlan -l nic1 -v 4095 bad0
	expect_fail 1 '[Uu]sage' dladm create-vlan -l nic1 bad0
	ip link del nic7001
	wait_for 5 gone_from_list nic7001
	expect_ok dladm up-vlan
	expect_ok dladm show-link nic7001
	reboot_host nic7001
	check_eq 'not up' '' "$(dladm show-vlan -p -o link)"
	expect_ok dladm up-vlan
	check_eq 'up' nic7001:7 "$(dladm show-vlan -p -o link,vid)"
	expect_ok dladm delete-vlan nic7001
	expect_ok dladm show-link -P -p -o link
	check_no_match configured 'nic7001|same0|bad0' "$out"
}

test_vlan_in_a_stub_reaches_its_vnics()
{
	expect_ok dladm create-etherstub trunk0
	expect_ok dladm create-vlan -t -l trunk0 -v 9 tag9
	expect_fail 1 'link busy' dladm delete-etherstub trunk0
	expect_ok dladm delete-vlan tag9
	expect_ok dladm delete-etherstub trunk0
}

hidden_vlans()
{
	ip -br link show type vlan | grep -c '^vv' || true
}

test_vnics_in_a_vlan()
{
	ip -n peer link add link nic0p name far type vlan id 6
	ip -n peer addr add 10.36.0.9/24 dev far
	ip -n peer link set far up
	expect_ok dladm create-vnic -l nic0 -v 6 tag0
	expect_ok dladm create-vnic -l nic0 -v 6 tag1
	expect_fail 1 'invalid VLAN identifier' dladm create-vnic -l nic0 -v 4095 tag2
	check_eq 'one for both' 1 "$(hidden_vlans)"
	check_eq vid nic0:6:auto "$(dladm show-vnic -p -o over,vid,macaddrtype tag0)"
	check_eq configured 6 "$(dladm show-vnic -P -p -o vid tag0)"
	ip addr add 10.36.0.1/24 dev tag0
	ip link set tag0 up
	expect_ok ping -c 1 -W 5 10.36.0.9
	ip addr flush dev tag0
	restart_zoned
	check_eq 'after zoned' nic0:6 "$(dladm show-vnic -p -o over,vid tag1)"
	kill_hard zoned
	rm -r "$ZONES_ROOT/run/zones/linkstate"
	start zoned
	check_eq 'without its file' nic0:6 "$(dladm show-vnic -p -o over,vid tag1)"
	expect_ok dladm delete-vnic tag0
	check_eq 'still used' 1 "$(hidden_vlans)"
	reboot_host tag1
	expect_ok dladm up-vnic
	check_eq 'after a reboot' nic0:6 "$(dladm show-vnic -p -o over,vid tag1)"
	expect_ok dladm delete-vnic tag1
	check_eq 'not used' 0 "$(hidden_vlans)"
	ip -n peer link del far
}

# Two links to the peer, in a bond there of the mode that is given.
make_trunk()
{
	local n

	ip -n peer link add far type bond miimon 100 "$@"
	for n in 2 3; do
		make_nic "nic$n"
		ip -n peer link set "nic${n}p" down
		ip -n peer link set "nic${n}p" master far
	done
	ip -n peer addr add 10.32.0.2/24 dev far
	ip -n peer link set far up
}

remove_trunk()
{
	ip -n peer link del far
	ip link del nic2
	ip link del nic3
	wait_for 5 gone_from_list nic2
	wait_for 5 gone_from_list nic3
}

test_aggr_spreads_over_its_links()
{
	make_trunk mode balance-xor
	expect_ok dladm create-aggr -P L2,L3 -l nic2 -l nic3 aggr0
	expect_ok dladm show-aggr
	check_match header '^LINK +POLICY +ADDRPOLICY +LACPACTIVITY +LACPTIMER +FLAGS' "$out"
	check_match aggr '^aggr0 +L3 +auto +off +' "$out"
	expect_ok dladm show-aggr -x -p -o port,state aggr0
	check_match ports '^nic2:up$' "$out"
	check_match ports '^nic3:up$' "$out"
	# A vnic over it is the host's way out.
	expect_ok dladm show-aggr -s
	check_match header '^LINK +PORT +IPACKETS +RBYTES +OPACKETS +OBYTES +IPKTDIST +OPKTDIST' "$out"
	expect_ok dladm show-aggr -s -i 1,2 -p -o link,port aggr0
	check_eq 'two rounds' 'aggr0: aggr0:nic2 aggr0:nic3 aggr0: aggr0:nic2 aggr0:nic3' "$(xargs <<<"$out")"
	check_eq shares 1 "$(dladm show-aggr -s -p -o ipktdist aggr0 |
		awk '{ sum += $1 } END { print sum == 0 || (sum > 99 && sum < 101) }')"
	expect_fail 1 'exclude each other' dladm show-aggr -s -x
	expect_fail 1 'only with -s' dladm show-aggr -i 1
	expect_ok dlstat show-aggr -p -o link,port
	check_eq dlstat 'aggr0: aggr0:nic2 aggr0:nic3' "$(xargs <<<"$out")"
	expect_fail 1 'nic2' dlstat show-aggr nic2
	expect_ok dladm create-vnic -l aggr0 out0
	ip addr add 10.32.0.1/24 dev out0
	ip link set out0 up
	wait_for 10 ping -c 1 -W 1 10.32.0.2
	expect_fail 1 'aggr0.*link busy' dladm delete-aggr aggr0
	expect_fail 1 "nic2.*port" dladm create-vnic -l nic2 no0
	expect_fail 1 "nic2" dladm create-aggr -l nic2 aggr1
	# One link less, and none that is not there.
	expect_fail 1 nic1 dladm remove-aggr -l nic2 -l nic1 aggr0
	check_eq ports 'nic2 nic3' "$(dladm show-aggr -x -p -o port aggr0 | xargs)"
	expect_ok dladm remove-aggr -l nic3 aggr0
	wait_for 10 ping -c 1 -W 1 10.32.0.2
	expect_ok dladm add-aggr -l nic3 aggr0
	check_eq ports 'nic2 nic3' "$(dladm show-aggr -x -p -o port aggr0 | xargs)"
	expect_ok dladm modify-aggr -P L4 aggr0
	check_eq policy L4:off "$(dladm show-aggr -p -o policy,lacpactivity aggr0)"
	ip addr flush dev out0
	restart_zoned
	check_eq 'after zoned' 'nic2 nic3' "$(dladm show-aggr -x -p -o port aggr0 | xargs)"
	expect_ok dladm delete-vnic out0
	reboot_host aggr0
	expect_ok dladm up-aggr
	check_eq 'after a reboot' 'nic2 nic3' "$(dladm show-aggr -x -p -o port aggr0 | xargs)"
	check_eq policy L4:off "$(dladm show-aggr -p -o policy,lacpactivity aggr0)"
	expect_ok dladm delete-aggr aggr0
	check_no_match 'free' master "$(ip link show nic2)"
	remove_trunk
}

in_sync()
{
	[ "$(dladm show-aggr -L -p -o sync,coll,dist aggr2 | sort -u)" = yes:yes:yes ]
}

test_aggr_speaks_lacp()
{
	make_trunk mode 802.3ad lacp_rate fast
	expect_ok dladm create-aggr -L active -T short -u 2:8:20:aa:bb:cc -l nic2 -l nic3 aggr2
	wait_for 30 in_sync
	expect_ok dladm show-aggr -L aggr2
	check_match header '^LINK +PORT +AGGREGATABLE SYNC COLL DIST DEFAULTED +EXPIRED' "$out"
	expect_ok dladm show-aggr -p -o addrpolicy,lacpactivity,lacptimer aggr2
	check_eq lacp 'fixed (2\:8\:20\:aa\:bb\:cc):active:short' "$out"
	check_match address '02:08:20:aa:bb:cc' "$(ip link show aggr2)"
	# The mode changes with the links in it.
	expect_ok dladm modify-aggr -L off aggr2
	check_eq off off "$(dladm show-aggr -p -o lacpactivity aggr2)"
	check_eq ports 'nic2 nic3' "$(dladm show-aggr -x -p -o port aggr2 | xargs)"
	expect_ok dladm modify-aggr -L passive -T long aggr2
	check_eq passive passive:long "$(dladm show-aggr -p -o lacpactivity,lacptimer aggr2)"
	expect_fail 1 'LACP mode' dladm modify-aggr -L maybe aggr2
	expect_fail 1 'policy' dladm modify-aggr -P L5 aggr2
	expect_fail 1 'zone' dladm set-linkprop -t -p zone=nozone aggr2
	expect_ok dladm delete-aggr aggr2
	remove_trunk
}

test_iptun_carries_both_families()
{
	ip -n peer link add far type sit mode any local 10.30.0.2 remote 10.30.0.1
	ip -n peer addr add 10.33.0.2/24 dev far
	ip -n peer addr add fd33::2/64 dev far nodad
	ip -n peer link set far up
	expect_ok dladm create-iptun -T ipv4 -a local=10.30.0.1,remote=10.30.0.2 tun0
	expect_ok dladm show-iptun
	check_match header '^LINK +TYPE +FLAGS +LOCAL +REMOTE' "$out"
	check_match tunnel '^tun0 +ipv4 +-- +10.30.0.1 +10.30.0.2 *$' "$out"
	expect_ok dladm show-link -p -o class,state tun0
	check_eq class iptun:up "$out"
	ip addr add 10.33.0.1/24 dev tun0
	ip addr add fd33::1/64 dev tun0 nodad
	ip link set tun0 up
	expect_ok ping -c 1 -W 5 10.33.0.2
	expect_ok ping -6 -c 1 -W 5 fd33::2
	expect_fail 1 'tun0.*link busy' dladm delete-iptun tun0
	ip addr flush dev tun0
	restart_zoned
	check_eq 'after zoned' ipv4:10.30.0.1:10.30.0.2 "$(
		dladm show-iptun -p -o type,local,remote tun0)"
	expect_ok dladm delete-iptun tun0
	ip -n peer link del far
}

test_iptun_over_ipv6_and_6to4()
{
	ip -n peer link add far type ip6tnl mode any local fd30::2 remote fd30::1
	ip -n peer addr add 10.34.0.2/24 dev far
	ip -n peer link set far up
	expect_ok dladm create-iptun -T ipv6 -a local=fd30::1,remote=fd30::2 tun6
	ip addr add 10.34.0.1/24 dev tun6
	ip link set tun6 up
	expect_ok ping -c 1 -W 5 10.34.0.2
	expect_ok dladm show-iptun -p -o type,local,remote tun6
	check_eq tunnel 'ipv6:fd30\:\:1:fd30\:\:2' "$out"
	ip addr flush dev tun6
	expect_ok dladm delete-iptun tun6
	ip -n peer link del far
	expect_ok dladm create-iptun -T 6to4 -a local=10.30.0.1 tun4
	expect_ok dladm show-iptun -p -o type,local,remote tun4
	check_eq 6to4 '6to4:10.30.0.1:' "$out"
	expect_fail 1 'invalid remote IP tunnel address' dladm modify-iptun -a remote=10.30.0.9 tun4
	expect_ok dladm delete-iptun tun4
}

test_iptun_gets_and_changes_its_ends()
{
	expect_ok dladm create-iptun -T ipv4 later0
	expect_ok dladm create-iptun -T ipv4 later1
	expect_ok dladm create-iptun -T ipv6 later2
	expect_ok dladm show-iptun -p -o link,type,local,remote
	check_match none '^later0:ipv4::$' "$out"
	check_match none '^later2:ipv6::$' "$out"
	expect_ok dladm show-link -p -o state later0
	check_eq state down "$out"
	expect_ok dladm modify-iptun -a local=10.30.0.1,remote=10.30.0.3 later0
	expect_ok dladm modify-iptun -t -a remote=10.30.0.4 later0
	check_eq now 10.30.0.1:10.30.0.4 "$(dladm show-iptun -p -o local,remote later0)"
	check_eq stays 10.30.0.1:10.30.0.3 "$(dladm show-iptun -P -p -o local,remote later0)"
	expect_fail 1 "cannot modify 'later1'" dladm modify-iptun \
		-a local=10.30.0.1,remote=10.30.0.4 later1
	expect_ok dladm down-iptun later0
	wait_for 5 gone_from_list later0
	expect_ok dladm up-iptun later0
	check_eq up 10.30.0.1:10.30.0.3 "$(dladm show-iptun -p -o local,remote later0)"
	expect_fail 1 'type' dladm create-iptun bad0
	expect_fail 1 "'ipv5'" dladm create-iptun -T ipv5 bad0
	expect_fail 1 'local' dladm create-iptun -T ipv4 -a local=fd00::1 bad0
	expect_fail 1 'unicast' dladm create-iptun -T ipv4 -a local=10.0.0.1,remote=224.0.0.1 bad0
	expect_fail 1 'same' dladm create-iptun -T ipv4 -a local=10.0.0.1,remote=10.0.0.1 bad0
	for link in later0 later1 later2; do
		expect_ok dladm delete-iptun "$link"
	done
	expect_ok dladm show-link -P -p -o link
	check_no_match left 'later|bad' "$out"
}

# Tunnels that the kernel does not count as over the device that they are bound to.
test_link_below_a_tunnel_by_hand_stays()
{
	local kind

	expect_ok dladm create-etherstub hands0
	expect_ok dladm create-vnic -l hands0 hand0
	for kind in sit ipip gre gretap vti; do
		ip link add by0 type "$kind" local 10.30.0.1 remote 10.30.0.7 dev hand0
		expect_fail 1 "hand0.*link busy.*'hand0' has devices over it" dladm delete-vnic hand0
		ip link del by0
	done
	for kind in ip6tnl ip6gre ip6gretap vti6; do
		ip link add by0 type "$kind" local fd30::1 remote fd30::7 dev hand0
		expect_fail 1 "hand0.*link busy.*'hand0' has devices over it" dladm delete-vnic hand0
		ip link del by0
	done
	ip link add by0 type xfrm dev hand0 if_id 7
	expect_fail 1 "hand0.*link busy.*'hand0' has devices over it" dladm delete-vnic hand0
	ip link del by0
	# One that is bound to another link, or to none.
	ip link add by0 type sit local 10.30.0.1 remote 10.30.0.7 dev nic1
	ip link add by1 type ipip local 10.30.0.1 remote 10.30.0.8
	expect_ok dladm delete-vnic hand0
	expect_ok dladm delete-etherstub hands0
	ip link del by0
	ip link del by1
}

test_geneve_overlay_carries_traffic()
{
	ip -n peer link add far type geneve id 8 remote 10.30.0.1
	ip -n peer addr add 10.35.0.2/24 dev far
	ip -n peer link set far up
	expect_ok dladm create-overlay -e geneve -s direct -v 8 -p direct/dest_ip=10.30.0.2 over0
	expect_ok dladm create-vnic -l over0 ov0
	ip addr add 10.35.0.1/24 dev ov0
	ip link set ov0 up
	expect_ok ping -c 1 -W 5 10.35.0.2
	expect_fail 1 'no vxlan' dladm modify-overlay -s 2:8:20:1:2:3=10.30.0.2 over0
	ip addr flush dev ov0
	expect_ok dladm delete-vnic ov0
	expect_ok dladm delete-overlay over0
	ip -n peer link del far
}

run_tests
