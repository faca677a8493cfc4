#!/bin/bash
# dladm rename-link: device, configuration and what refers to it follow; what is in use does not.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	unshare --net sleep infinity &
	echo $! >"$ZONES_ROOT/elsewhere"
	disown
	wait_for 5 other_namespace
}

# Process id of the other end's namespace.
elsewhere()
{
	cat "$ZONES_ROOT/elsewhere"
}

other_namespace()
{
	[ "$(readlink "/proc/$(elsewhere)/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

# A NIC, as a container sees one: its other end is in another namespace.
plug()
{
	expect_ok ip link add "$1" type veth peer name peer0 netns "$(elsewhere)"
	wait_for 10 has_device "$1"
}

has_device()
{
	dladm show-phys -p -o device | grep -qx "$1"
}

unplug()
{
	expect_ok ip link del "$1"
	wait_for 10 has_no_device "$1"
}

has_no_device()
{
	! has_device "$1"
}

names()
{
	dladm show-link -p -o link | paste -sd ' '
}

restart_both()
{
	kill_hard zoned
	kill_hard dlmgmtd
	start dlmgmtd
	start zoned
	wait_for 10 dladm_answers
}

test_name_device_and_references_follow()
{
	expect_ok dladm create-etherstub old0
	expect_ok dladm create-vnic -l old0 web0
	expect_fail 1 'old0 to core0.*link busy.*links over it' dladm rename-link old0 core0
	expect_ok dladm rename-link web0 shop0
	expect_ok ip link show shop0
	expect_fail 1 'does not exist' ip link show web0
	check_eq names "old0 shop0" "$(names)"
	check_eq over old0 "$(dladm show-vnic -p -o over shop0)"

	expect_ok dladm delete-vnic -t shop0
	expect_ok dladm rename-link old0 core0
	check_eq 'over of the vnic that is down' core0 "$(dladm show-link -P -p -o over shop0)"
	expect_ok ip link show core0
	expect_ok dladm up-vnic shop0
	check_eq over core0 "$(dladm show-vnic -p -o over shop0)"
	restart_both
	check_eq names "core0 shop0" "$(names)"
	check_eq over core0 "$(dladm show-vnic -p -o over shop0)"
	expect_ok dladm delete-vnic shop0
	expect_ok dladm delete-etherstub core0
}

test_names_longer_than_a_device()
{
	expect_ok dladm create-etherstub stub0
	expect_ok dladm rename-link stub0 a_name_of_24_characters_0
	expect_ok ip link show a_name_of_24_characters_0
	expect_ok dladm rename-link a_name_of_24_characters_0 stub1
	expect_ok ip link show stub1
	expect_fail 1 'does not exist' ip link show a_name_of_24_characters_0
	expect_ok dladm delete-etherstub stub1
}

test_what_is_in_use_keeps_its_name()
{
	expect_ok dladm create-etherstub stub0
	expect_ok dladm create-vnic -l stub0 web0
	expect_ok ip addr add 10.7.0.1/24 dev web0
	expect_fail 1 'web0 to web1.*link busy' dladm rename-link web0 web1
	expect_ok ip addr del 10.7.0.1/24 dev web0
	expect_fail 1 'object already exists' dladm rename-link web0 stub0
	expect_fail 1 'object already exists' dladm rename-link web0 web0
	expect_fail 1 'object not found' dladm rename-link none0 web1
	expect_fail 1 'invalid link name' dladm rename-link web0 web
	expect_fail 1 'usage' dladm rename-link web0
	check_eq names "stub0 web0" "$(names)"
	expect_ok dladm delete-vnic web0
	expect_ok dladm delete-etherstub stub0
}

test_without_dlmgmtd_nothing_is_renamed()
{
	expect_ok dladm create-etherstub stub0
	kill_hard zoned
	expect_fail 1 'stub0 to stub1 failed' dladm rename-link stub0 stub1
	start zoned
	wait_for 10 dladm_answers
	check_eq names stub0 "$(names)"
	expect_ok dladm delete-etherstub stub0
}

test_a_nic_keeps_its_device()
{
	plug eth5
	expect_ok dladm rename-link eth5 net0
	check_eq device eth5 "$(dladm show-phys -p -o device net0)"
	check_match 'alternative name' 'altname net0' "$(ip link show eth5)"
	unplug eth5
	plug eth5
	check_eq names net0 "$(names)"
	expect_ok dladm rename-link net0 eth5
	check_no_match 'alternative name' altname "$(ip link show eth5)"
	unplug eth5
	expect_ok dladm rename-link eth5 gone0
	check_eq 'renamed without a device' gone0 "$(dladm show-link -P -p -o link)"
}

# Programs are told of NICs, once, also of those that came while zoned was away.
test_a_nic_that_comes_is_an_event()
{
	links_told()
	{
		timeout 3 zoneadm monitor -s 0 -j | grep '"EC_DATALINK"' |
			sed -n 's/.*"link":"\([^"]*\)".*"reconfigured":\([a-z]*\).*/\1:\2/p' | xargs
	}
	plug told0
	check_match new '(^| )told0:false$' "$(links_told)"
	unplug told0
	plug told0
	check_match again 'told0:false told0:true$' "$(links_told)"
	kill_hard zoned
	start zoned
	wait_for 10 has_device told0
	check_match 'not for a restart' 'told0:false told0:true$' "$(links_told)"
	kill_hard zoned
	expect_ok ip link add told1 type veth peer name peer1 netns "$(elsewhere)"
	start zoned
	wait_for 10 has_device told1
	check_match 'while it was away' 'told0:true told1:false$' "$(links_told)"
	check_match text 'link told1: a new NIC$' "$(timeout 3 zoneadm monitor -s 0)"
	unplug told1
	unplug told0
	expect_ok dladm delete-phys told0
	expect_ok dladm delete-phys told1
}

# A name that no link can have: the link gets a free one, and the same one when the NIC comes again.
test_a_nic_without_a_links_name_gets_one()
{
	expect_ok dladm create-etherstub net0
	plug up-link
	check_eq names 'net0 net1' "$(names)"
	check_eq device up-link "$(dladm show-phys -p -o device net1)"
	check_eq ether net1:current:up "$(dladm show-ether -p -o link,ptype,state net1 |
		sed 's/unknown/up/')"
	expect_fail 1 "cannot delete 'net1': link busy .its device is there" dladm delete-phys net1
	unplug up-link
	check_eq 'ether of one that is gone' '' "$(dladm show-ether -p -o link)"
	expect_ok dladm delete-etherstub net0
	plug up-link
	check_eq again net1 "$(names)"
	expect_ok dladm create-vnic -l net1 web0
	expect_ok dladm delete-vnic -t web0
	unplug up-link
	expect_fail 1 "cannot delete 'net1': link busy .other links" dladm delete-phys net1
	expect_ok dladm delete-vnic web0
	expect_ok dladm delete-phys net1
	check_no_match forgotten '^net1$' "$(dladm show-phys -P -p -o link)"
	expect_fail 1 'object not found' dladm delete-phys net1
	plug up-link
	check_eq 'a new one' net0 "$(names)"
	unplug up-link
	expect_ok dladm delete-phys net0
}

test_a_nic_takes_over_the_link_of_a_removed_one()
{
	plug eth6
	expect_ok dladm rename-link eth6 main0
	expect_ok dladm create-vnic -l main0 web0
	expect_ok dladm delete-vnic -t web0
	unplug eth6
	plug eth7
	expect_ok dladm rename-link eth7 main0
	check_eq names main0 "$(names)"
	check_eq device eth7 "$(dladm show-phys -p -o device main0)"
	check_match 'alternative name' 'altname main0' "$(ip link show eth7)"
	expect_ok dladm up-vnic web0
	check_eq over main0 "$(dladm show-vnic -p -o over web0)"
	restart_both
	wait_for 10 has_device eth7
	check_eq names "main0 web0" "$(names | tr ' ' '\n' | sort | paste -sd ' ')"
	expect_ok dladm delete-vnic web0
	unplug eth7
}

# What was configured for the link is in force at the device that takes it over, and nothing of what that had.
test_a_nic_that_takes_over_has_the_links_properties()
{
	local rules

	plug eth4
	expect_ok dladm rename-link eth4 main4
	expect_ok dladm set-linkprop -p mtu=1400 main4
	expect_ok dladm set-linkprop -p maxbw=100M main4
	expect_ok flowadm add-flow -l main4 -a transport=tcp flow4
	unplug eth4
	plug eth3
	expect_ok dladm set-linkprop -t -p protection=mac-nospoof eth3
	expect_ok dladm set-linkprop -p priority=low eth3
	expect_ok dladm set-linkprop -p mtu=1300 eth3
	check_match 'rules before' 'counter name .*mac-nospoof' "$(nft list ruleset)"
	expect_ok dladm rename-link eth3 main4
	check_eq mtu 1400 "$(dladm show-linkprop -c -o value -p mtu main4)"
	check_match 'mtu of the device' 'mtu 1400' "$(ip link show eth3)"
	check_match maxbw '^ *100$' "$(dladm show-linkprop -c -o value -p maxbw main4)"
	check_eq protection '' "$(dladm show-linkprop -c -o value -p protection main4)"
	check_eq priority high "$(dladm show-linkprop -c -o value -p priority main4)"
	rules=$(nft list ruleset)
	check_no_match 'rules of what it was' 'counter name .*mac-nospoof' "$rules"
	check_match flow 'flow4' "$(flowadm show-flow -p -o flow)"
	unplug eth3
	expect_ok flowadm remove-flow flow4
	expect_ok dladm delete-phys main4
}

test_a_device_that_is_to_come_takes_over()
{
	expect_ok dladm rename-link eth8 main0
	plug eth8
	check_eq device eth8 "$(dladm show-phys -p -o device main0)"
	expect_fail 1 'object not found' dladm rename-link eth9 main0
	unplug eth8
}

test_only_the_global_root_renames()
{
	expect_ok dladm create-etherstub stub0
	expect_fail 1 'permission denied' setpriv --bounding-set -net_admin --inh-caps -net_admin \
		dladm rename-link stub0 stub1
	expect_fail 1 'permission denied' unshare --user --map-root-user dladm rename-link stub0 stub1
	check_eq names stub0 "$(names)"
	expect_ok dladm delete-etherstub stub0
}

names_in()
{
	in_zone "$1" ip -o link show | sed 's/^[0-9]*: \([^:@]*\).*/\1/' | grep -v '^lo$' | sort | paste -sd ' '
}

# What a zone was given, while it is ready: in the zone, in the configuration, and at home again.
test_a_link_that_a_ready_zone_has()
{
	expect_ok dladm create-etherstub core0
	expect_ok dladm create-vnic -l core0 named0
	expect_ok dladm create-vnic -l core0 given0
	expect_ok dladm create-vnic -t -l core0 given1
	expect_ok dladm create-vnic -l core0 home0
	make_zone ren 'add net' 'set physical=named0' end
	expect_fail 1 "zone 'ren': no such zone is ready or running" dladm rename-link -z ren given0 net0
	expect_ok zoneadm -z ren ready
	expect_ok dladm set-linkprop -t -p zone=ren given0
	expect_ok dladm set-linkprop -t -p zone=ren given1
	expect_fail 1 "given0 to net0 failed: link busy .*'given0' is lent to a zone" dladm rename-link given0 net0
	expect_fail 1 'link home0 is not valid: object not found' dladm rename-link -z ren home0 net0
	expect_fail 1 '-z is for links that a zone was lent' dladm rename-link -z global given0 net0
	expect_fail 1 "named0 to net9 failed: a net resource of zone 'ren' names it" dladm rename-link -z ren named0 net9
	expect_fail 1 "there is a link 'named0'" dladm rename-link -z ren given0 named0
	expect_fail 1 "there is a link 'home0'" dladm rename-link -z ren given0 home0
	expect_fail 1 'invalid link name' dladm rename-link -z ren given0 net
	expect_ok dladm rename-link -z ren given0 net0
	expect_ok dladm rename-link -z ren given1 net1
	check_eq 'in the zone' 'named0 net0 net1' "$(dladm show-link -z ren -p -o link | sort | paste -sd ' ')"
	kill_hard zoned
	start zoned
	expect_ok zoneadm -z ren boot
	check_eq 'devices' 'named0 net0 net1' "$(names_in ren)"
	expect_fail 1 "net0 to net2 failed: link busy .*while its zone is ready" dladm rename-link -z ren net0 net2
	expect_ok zoneadm -z ren halt
	check_eq 'at home' 'core0 home0 named0 net0 net1' "$(names | tr ' ' '\n' | sort | paste -sd ' ')"
	expect_ok ip link show net0
	expect_ok ip link show net1
	expect_fail 1 'does not exist' ip link show given0
	expect_ok dladm delete-vnic -t net0
	expect_ok dladm up-vnic net0
	check_eq 'configured' core0 "$(dladm show-link -P -p -o over net0)"
	expect_ok dladm delete-vnic net0
	expect_ok dladm delete-vnic net1
	expect_ok dladm delete-vnic home0
	remove_zone ren
	expect_ok dladm delete-vnic named0
	expect_ok dladm delete-etherstub core0
}

test_a_nic_that_a_ready_zone_has()
{
	plug eth12
	expect_ok dladm create-vnic -l eth12 over12
	make_zone nicren
	expect_ok zoneadm -z nicren ready
	expect_ok dladm set-linkprop -t -p zone=nicren over12
	expect_ok dladm rename-link -z nicren over12 net12
	expect_ok zoneadm -z nicren boot
	check_eq 'devices' 'net12' "$(names_in nicren)"
	expect_ok zoneadm -z nicren halt
	expect_ok ip link show net12
	expect_ok dladm delete-vnic net12

	expect_ok zoneadm -z nicren ready
	expect_ok dladm set-linkprop -t -p zone=nicren eth12
	expect_ok dladm rename-link -z nicren eth12 net12
	expect_ok zoneadm -z nicren boot
	check_eq 'the NIC itself' 'net12' "$(names_in nicren)"
	expect_ok zoneadm -z nicren halt
	check_match 'at home' 'altname net12' "$(ip link show eth12)"
	check_eq 'device' eth12 "$(dladm show-phys -p -o device net12)"
	remove_zone nicren
	unplug eth12
	expect_ok dladm delete-phys net12
}

run_tests
