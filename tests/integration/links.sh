#!/bin/bash
# Data links: etherstub, vnic, physical; names, uses, zones.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
}

test_etherstub_and_vnic_are_made_and_shown()
{
	expect_ok dladm create-etherstub stub0
	expect_ok dladm create-vnic -l stub0 vnic0
	expect_ok dladm show-etherstub
	check_match etherstubs '^stub0$' "$out"
	expect_ok dladm show-link
	check_match header '^LINK +CLASS +MTU +STATE +BRIDGE +OVER' "$out"
	check_match stub '^stub0 +etherstub +[0-9]+ ' "$out"
	check_match vnic '^vnic0 +vnic +1500 .* stub0 *$' "$out"
	expect_ok dladm show-vnic
	check_match header '^LINK +OVER +SPEED +MACADDRESS +MACADDRTYPE +VID +ZONE' "$out"
	check_match vnic '^vnic0 +stub0 +[0-9]+ +2:8:20:' "$out"
	# A link of a vnic is a device of that name that the host can use.
	expect_ok ip link show vnic0
	expect_ok dladm delete-vnic vnic0
	expect_ok dladm delete-etherstub stub0
	expect_ok dladm show-link -p -o link
	check_no_match links 'stub0|vnic0' "$out"
	expect_fail 1 'vnic0|does not exist' ip link show vnic0
}

test_vnics_of_one_etherstub_reach_each_other()
{
	expect_ok dladm create-etherstub hub0
	expect_ok dladm create-vnic -l hub0 wire0
	expect_ok dladm create-vnic -l hub0 wire1
	ip netns add far
	ip link set wire1 netns far
	ip addr add 10.1.0.1/24 dev wire0
	ip link set wire0 up
	ip -n far addr add 10.1.0.2/24 dev wire1
	ip -n far link set wire1 up
	expect_ok ping -c 1 -W 3 10.1.0.2
	ip -n far link set wire1 netns 1
	ip netns del far
}

test_phys_is_found_and_carries_a_vnic()
{
	ip netns add peer
	ip link add nic0 type veth peer name nic0p
	ip link set nic0p netns peer
	ip link set nic0 up
	ip -n peer link set nic0p up
	wait_for 5 dladm show-phys nic0
	expect_ok dladm show-phys
	check_match header '^LINK +MEDIA +STATE +SPEED +DUPLEX +DEVICE' "$out"
	check_match phys '^nic0 +Ethernet .* nic0 *$' "$out"
	expect_ok dladm create-vnic -l nic0 pv0
	expect_ok dladm show-vnic -p -o over pv0
	check_eq over nic0 "$out"
	ip addr add 10.2.0.1/24 dev pv0
	ip link set pv0 up
	ip -n peer addr add 10.2.0.2/24 dev nic0p
	expect_ok ping -c 1 -W 3 10.2.0.2
	expect_ok ip addr flush dev pv0
	expect_ok ip link set pv0 down
	expect_ok dladm delete-vnic pv0
	ip link del nic0
	ip netns del peer
}

test_listings_are_tables_fields_or_json()
{
	make_link form0
	expect_ok dladm show-vnic -j form0
	check_match json '^\[\{"link":"form0","over":"s_form0","speed":[0-9]+,"macaddress":"2:8:20:[0-9a-f:]+","macaddrtype":"[a-z]+","vid":0,"zone":null\}\]$' "$out"
	expect_ok dladm show-link -P -j -o link,over form0
	check_eq 'some fields' '[{"link":"form0","over":"s_form0"}]' "$out"
	expect_ok dladm show-etherstub -j s_form0
	check_eq etherstubs '[{"link":"s_form0"}]' "$out"
	expect_ok dladm show-etherstub -p -o link s_form0
	check_eq parsable s_form0 "$out"
	# As one field the address is bare, among others it is escaped.
	expect_ok dladm show-vnic -p -o macaddress form0
	local mac=$out
	expect_ok dladm show-vnic -p -o macaddress,link form0
	check_eq escaped "${mac//:/\\:}:form0" "$out"
	expect_ok dladm show-linkprop -j -o link,property,value -p mtu form0
	check_eq properties '[{"link":"form0","property":"mtu","value":"1500"}]' "$out"
	expect_fail 1 '-c and -j exclude each other' dladm show-linkprop -c -j -o value form0
	expect_fail 1 '^dladm: the options -j and -p exclude' dladm show-vnic -j -p -o link
	expect_fail 1 "^dladm: unknown output field 'nope'" dladm show-vnic -j -o nope
	expect_ok dladm delete-vnic form0
	expect_ok dladm delete-etherstub s_form0
	expect_ok dladm show-vnic -j -l s_form0
	check_eq 'an empty listing' '[]' "$out"
}

test_show_phys_tells_nics_that_are_gone()
{
	ip netns add farp
	ip link add nicp0 type veth peer name nicp0p
	ip link set nicp0p netns farp
	ip link set nicp0 up
	wait_for 5 dladm show-phys nicp0
	expect_ok dladm show-phys -P -p -o link,device,media,flags nicp0
	check_eq 'while it is there' 'nicp0:nicp0:Ethernet:-----' "$out"
	expect_ok dladm show-phys -j -o link,device nicp0
	check_eq json '[{"link":"nicp0","device":"nicp0"}]' "$out"
	expect_fail 1 'exclude each other' dladm show-phys -P -m
	ip link del nicp0
	ip netns del farp
	phys_is_gone() { [ "$(dladm show-phys -P -p -o flags nicp0)" = r---- ]; }
	wait_for 10 phys_is_gone
	expect_fail 1 'nicp0' dladm show-phys nicp0
}

test_name_of_31_characters_works_and_32_is_refused()
{
	local name=abcdefghijklmnopqrstuvwxyz_abc1

	expect_ok dladm create-etherstub "$name"
	expect_ok dladm show-link -p -o link "$name"
	check_eq name "$name" "$out"
	expect_ok dladm delete-etherstub "$name"
	expect_fail 1 '^dladm: .*' dladm create-etherstub "${name}2"
	expect_ok dladm show-link -p -o link
	check_no_match links abcdef "$out"
}

test_bad_names_are_refused()
{
	local name

	for name in '' 'stub' '0stub0' 'st/ub0' 'st ub0' 'stub:0' '../stub0' 'stub00000000000000000000x'; do
		expect_fail 1 '^dladm: ' dladm create-etherstub "$name"
	done
	expect_ok dladm show-etherstub
	check_no_match etherstubs 'stub' "$out"
}

test_same_name_twice_is_refused()
{
	expect_ok dladm create-etherstub twice0
	expect_fail 1 'twice0' dladm create-etherstub twice0
	expect_ok dladm delete-etherstub twice0
}

test_vnic_over_what_is_not_there_is_refused()
{
	expect_fail 1 'nolink0' dladm create-vnic -l nolink0 lost0
	expect_ok dladm show-link -p -o link
	check_no_match links lost0 "$out"
}

test_etherstub_with_a_vnic_is_busy()
{
	expect_ok dladm create-etherstub used0
	expect_ok dladm create-vnic -l used0 user0
	expect_fail 1 'used0' dladm delete-etherstub used0
	expect_fail 1 "link busy .'used0' has links over it" dladm delete-etherstub -t used0
	expect_ok dladm show-link used0
	expect_ok dladm delete-vnic user0
	expect_ok dladm delete-etherstub used0
}

test_vnic_with_an_address_is_busy()
{
	make_link addr0
	ip addr add 10.3.0.1/24 dev addr0
	expect_fail 1 'addr0' dladm delete-vnic addr0
	ip addr del 10.3.0.1/24 dev addr0
	expect_ok dladm delete-vnic addr0
	expect_ok dladm delete-etherstub s_addr0
}

test_delete_of_what_is_not_there_is_refused()
{
	expect_fail 1 'gone0' dladm delete-vnic gone0
	expect_fail 1 'gone0' dladm delete-etherstub gone0
}

test_delete_of_the_wrong_class_is_refused()
{
	make_link class0
	expect_fail 1 'class0' dladm delete-etherstub class0
	expect_fail 1 's_class0' dladm delete-vnic s_class0
	expect_ok dladm delete-vnic class0
	expect_ok dladm delete-etherstub s_class0
}

test_mtu_is_set_and_bounded()
{
	make_link mtu0
	expect_ok dladm set-linkprop -p mtu=1400 mtu0
	expect_ok dladm show-linkprop -c -o value -p mtu mtu0
	check_eq mtu 1400 "$out"
	check_match device 'mtu 1400' "$(ip link show mtu0)"
	expect_fail 1 'mtu' dladm set-linkprop -p mtu=10 mtu0
	expect_fail 1 'mtu' dladm set-linkprop -p mtu=abc mtu0
	check_match device 'mtu 1400' "$(ip link show mtu0)"
	expect_ok dladm delete-vnic mtu0
	expect_ok dladm delete-etherstub s_mtu0
}

test_the_address_of_a_vrrp_router()
{
	expect_ok dladm create-etherstub s_vrrp0
	expect_ok dladm create-vnic -l s_vrrp0 -m vrrp -V 7 -A inet vrrp0
	expect_ok dladm create-vnic -t -l s_vrrp0 -m vrrp -V 255 -A inet6 vrrp6
	check_eq inet 0:0:5e:0:1:7,vrrp "$(dladm show-vnic -p -o macaddress,macaddrtype vrrp0 |
		sed 's/\\//g; s/:vrrp/,vrrp/')"
	check_eq inet6 0:0:5e:0:2:ff "$(dladm show-vnic -p -o macaddress vrrp6)"
	expect_fail 1 'MAC address is already in use' \
		dladm create-vnic -l s_vrrp0 -m vrrp -V 7 -A inet vrrp1
	expect_fail 1 '-m vrrp needs -V' dladm create-vnic -l s_vrrp0 -m vrrp -A inet vrrp1
	expect_fail 1 "invalid VRRP id '256'" dladm create-vnic -l s_vrrp0 -m vrrp -V 256 -A inet vrrp1
	expect_fail 1 "address family 'ip'" dladm create-vnic -l s_vrrp0 -m vrrp -V 1 -A ip vrrp1
	expect_fail 1 'only with -m vrrp' dladm create-vnic -l s_vrrp0 -V 1 -A inet vrrp1
	expect_fail 1 'factory MAC address slots' dladm create-vnic -l s_vrrp0 -m factory -n 1 vrrp1
	expect_ok dladm show-vnic -P -p -o macaddrtype vrrp0
	check_eq kept vrrp "$out"
	expect_ok dladm delete-vnic -t vrrp0
	expect_ok dladm up-vnic vrrp0
	check_eq again 0:0:5e:0:1:7 "$(dladm show-vnic -p -o macaddress vrrp0)"
	expect_ok dladm delete-vnic vrrp0
	expect_ok dladm delete-vnic vrrp6
	expect_ok dladm delete-etherstub s_vrrp0
}

test_the_map_of_links_by_id()
{
	expect_ok dladm create-etherstub map0
	expect_ok dladm create-etherstub -t map1
	expect_ok dladm show-linkmap -p -o link,class,media,flags
	check_match persistent '^map0:etherstub:Ethernet:ap-$' "$out"
	check_match temporary '^map1:etherstub:Ethernet:a--$' "$out"
	check_match json '"linkid": *[0-9]+[,}]' "$(dladm show-linkmap -j -o linkid map0)"
	# -R is the instance, whose daemons are asked.
	check_eq root map0 "$(env -u ZONES_ROOT dladm show-link -R "$ZONES_ROOT" -p -o link map0)"
	expect_fail 1 "root '/nothing'" dladm show-link -R /nothing
	expect_ok dladm delete-etherstub map0
	expect_ok dladm delete-etherstub map1
}

test_unknown_commands_and_options_are_usage_errors()
{
	# Usage errors of dladm are 1, unlike the zone commands.
	expect_fail 1 '[Uu]sage|unknown' dladm
	expect_fail 1 '[Uu]sage|unknown' dladm no-such-command
	expect_fail 1 '[Uu]sage|option' dladm show-link -Z
}

test_links_survive_both_daemons()
{
	make_link keep0
	expect_ok dladm show-link -p -o link,class,mtu,over keep0
	local before=$out
	kill_hard zoned
	for which in '' keep0; do
		# shellcheck disable=SC2086
		expect_ok dladm show-link $which
		check_eq 'why there is no state' 1 "$(grep -c '^dladm: zoned is not running; start it with' <<<"$out")"
		check_match 'what is known' '^keep0 +vnic +\? +\? ' "$out"
	done
	start zoned
	expect_ok dladm show-link -p -o link,class,mtu,over keep0
	check_eq 'after zoned' "$before" "$out"
	kill_hard dlmgmtd
	start dlmgmtd
	wait_for 10 dladm show-link keep0
	expect_ok dladm show-link -p -o link,class,mtu,over keep0
	check_eq 'after dlmgmtd' "$before" "$out"
	expect_ok dladm delete-vnic keep0
	expect_ok dladm delete-etherstub s_keep0
}

run_tests
