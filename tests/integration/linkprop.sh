#!/bin/bash
# Link properties: shown, set, reset, kept; who may set them.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
}

# prop_of LINK PROPERTY [FIELD]
prop_of()
{
	dladm show-linkprop -c -o "${3-value}" -p "$2" "$1"
}

remove_link_over()
{
	expect_ok dladm delete-vnic "$1"
	expect_ok dladm delete-etherstub "$2"
}

remove_link()
{
	remove_link_over "$1" "s_$1"
}

test_every_property_of_a_vnic_is_shown()
{
	make_link show0
	expect_ok dladm show-linkprop show0
	check_match header '^LINK +PROPERTY +PERM +VALUE +DEFAULT +POSSIBLE' "$out"
	check_match zone '^show0 +zone +rw +-- +-- +--' "$out"
	check_match state '^show0 +state +r- +[a-z]+ +up +up,down,unknown' "$out"
	check_match maxbw '^show0 +maxbw +rw +-- +-- +--' "$out"
	check_match priority '^show0 +priority +rw +high +high +low,medium,high' "$out"
	check_match protection '^show0 +protection +rw +-- +-- +mac-nospoof,restricted,' "$out"
	check_match filtered '^show0 +promisc-filtered +rw +on +on +off,on' "$out"
	check_no_match phys 'duplex' "$out"
	remove_link show0
}

test_output_for_programs_has_fields_and_escapes()
{
	make_link esc0
	expect_ok dladm set-linkprop -p allowed-ips=fd00::1,10.0.0.1 esc0
	expect_ok dladm show-linkprop -c -o link,property,value -p allowed-ips esc0
	check_eq escaped 'esc0:allowed-ips:fd00\:\:1,10.0.0.1' "$out"
	check_eq plain 'fd00::1,10.0.0.1' "$(prop_of esc0 allowed-ips)"
	expect_ok dladm show-linkprop -c -o property -p maxbw,priority esc0
	check_eq two $'maxbw\npriority' "$out"
	expect_fail 1 '^dladm: ' dladm show-linkprop -c esc0
	expect_fail 1 '^dladm: .*nofield' dladm show-linkprop -o nofield esc0
	remove_link esc0
}

test_values_are_set_in_canonical_form_and_reset()
{
	make_link set0
	expect_ok dladm set-linkprop -p maxbw=2.5G,protection=restricted,mac-nospoof,priority=low set0
	check_eq maxbw 2500 "$(prop_of set0 maxbw)"
	check_eq protection restricted,mac-nospoof "$(prop_of set0 protection)"
	check_eq priority low "$(prop_of set0 priority)"
	expect_ok dladm reset-linkprop -p protection,maxbw set0
	check_eq maxbw '' "$(prop_of set0 maxbw)"
	check_eq protection '' "$(prop_of set0 protection)"
	check_eq priority low "$(prop_of set0 priority)"
	expect_ok dladm reset-linkprop set0
	check_eq priority high "$(prop_of set0 priority)"
	remove_link set0
}

test_wrong_values_are_refused_in_one_line_and_change_nothing()
{
	make_link bad0
	expect_ok dladm set-linkprop -p maxbw=5 bad0
	expect_fail 1 "^dladm: cannot set link property 'maxbw' on 'bad0': minimum value for maxbw is 1200K$" \
		dladm set-linkprop -p maxbw=1 bad0
	expect_fail 1 "^dladm: .*'maxbw'.*: invalid value \(a number with K, M or G, as 10M\)$" \
		dladm set-linkprop -p maxbw=10Q bad0
	expect_fail 1 "^dladm: .*'maxbw'.*: invalid number of values$" dladm set-linkprop -p maxbw=5,6 bad0
	expect_fail 1 "^dladm: .*'secondary-macs'.*: invalid MAC address$" \
		dladm set-linkprop -p secondary-macs=1:2:3:4:5:6 bad0
	expect_fail 1 "^dladm: .*'state'.*: read-only property$" dladm set-linkprop -p state=up bad0
	expect_fail 1 "^dladm: invalid link property 'colour'$" dladm set-linkprop -p colour=red bad0
	expect_fail 1 "^dladm: invalid link property 'colour'$" dladm show-linkprop -p colour bad0
	expect_fail 1 "^dladm: invalid link property 'colour'$" dladm reset-linkprop -p colour bad0
	expect_fail 1 "^dladm: link property 'duplex' is not for 'bad0', which is of class vnic$" \
		dladm set-linkprop -p duplex=full bad0
	expect_fail 1 "^dladm: link property 'secondary-macs' is not for 's_bad0'" \
		dladm set-linkprop -p secondary-macs=2:2:3:4:5:6 s_bad0
	expect_fail 1 "^dladm: link property 'maxbw' is given twice$" \
		dladm set-linkprop -p maxbw=5,maxbw=6 bad0
	expect_fail 1 "^dladm: link property 'maxbw' has no value" dladm set-linkprop -p maxbw bad0
	expect_fail 1 "change cannot be persistent" dladm set-linkprop -p zone=global bad0
	expect_fail 1 'Usage|usage' dladm set-linkprop bad0
	check_eq maxbw 5 "$(prop_of bad0 maxbw)"
	remove_link bad0
}

test_temporary_values_are_in_force_but_not_kept()
{
	make_link temp0
	expect_ok dladm set-linkprop -p maxbw=5 temp0
	expect_ok dladm set-linkprop -t -p maxbw=7,priority=low temp0
	check_eq 'in force' 7 "$(prop_of temp0 maxbw)"
	expect_ok dladm show-linkprop -P -c -o property,value -p maxbw,priority temp0
	check_eq kept $'maxbw:5\npriority:' "$out"
	remove_link temp0
}

test_a_link_that_is_temporary_keeps_nothing()
{
	expect_ok dladm create-etherstub -t s_tl0
	expect_ok dladm create-vnic -t -l s_tl0 tl0
	expect_fail 1 'change cannot be persistent' dladm set-linkprop -p maxbw=5 tl0
	expect_ok dladm set-linkprop -t -p maxbw=5 tl0
	check_eq maxbw 5 "$(prop_of tl0 maxbw)"
	expect_ok dladm delete-vnic tl0
	expect_ok dladm delete-etherstub s_tl0
}

test_properties_come_with_a_new_vnic()
{
	expect_ok dladm create-etherstub s_new0
	expect_ok dladm create-vnic -l s_new0 -p maxbw=20,protection=mac-nospoof,restricted,mtu=1400 new0
	check_eq maxbw 20 "$(prop_of new0 maxbw)"
	check_eq protection mac-nospoof,restricted "$(prop_of new0 protection)"
	check_eq mtu 1400 "$(prop_of new0 mtu)"
	expect_fail 1 "new1.*protection" dladm create-vnic -l s_new0 -p protection=none new1
	expect_fail 1 'new1' dladm show-link new1
	expect_ok dladm delete-vnic new0
	expect_ok dladm delete-etherstub s_new0
}

test_what_was_set_survives_both_daemons()
{
	make_link keep0
	expect_ok dladm set-linkprop -p maxbw=5 keep0
	expect_ok dladm set-linkprop -t -p priority=low keep0
	kill_hard zoned
	start zoned
	kill_hard dlmgmtd
	start dlmgmtd
	wait_for 10 dladm show-link keep0
	check_eq maxbw 5 "$(prop_of keep0 maxbw)"
	check_eq priority low "$(prop_of keep0 priority)"
	expect_ok tc qdisc show dev vi"$(link_id keep0)"
	check_match limit 'tbf .*rate 5Mbit' "$out"
	remove_link keep0
}

# The number that a link's devices have in their names.
link_id()
{
	local port
	port=$(ip -o link show dev "$1" | sed -n 's/^[0-9]*: [^@]*@\(vp\([0-9]*\)\):.*/\2/p')
	echo "$port"
}

# As after a reboot of the host: the devices are gone, the configuration is not.
test_persistent_values_come_back_when_the_link_is_made_again()
{
	make_link boot0
	expect_ok dladm set-linkprop -p maxbw=5,protection=mac-nospoof,mtu=1300 boot0
	expect_ok dladm set-linkprop -t -p priority=low boot0
	expect_ok dladm delete-vnic -t boot0
	expect_ok dladm up-vnic boot0
	check_eq maxbw 5 "$(prop_of boot0 maxbw)"
	check_eq protection mac-nospoof "$(prop_of boot0 protection)"
	check_eq mtu 1300 "$(prop_of boot0 mtu)"
	check_eq priority high "$(prop_of boot0 priority)"
	remove_link boot0
}

test_nothing_is_left_of_a_deleted_link()
{
	make_link gone0
	expect_ok dladm set-linkprop -p maxbw=5,protection=mac-nospoof gone0
	remove_link gone0
	check_eq ifbs '' "$(ip -o link show type ifb)"
	check_no_match file 'maxbw|protection' "$(cat "$run/linkprops")"
	make_link gone0
	check_eq maxbw '' "$(prop_of gone0 maxbw)"
	remove_link gone0
}

test_only_those_with_the_right_may_set()
{
	make_link right0
	expect_ok setpriv --bounding-set=-net_admin --inh-caps=-all dladm show-linkprop right0
	expect_fail 1 'permission denied' \
		setpriv --bounding-set=-net_admin --inh-caps=-all dladm set-linkprop -t -p maxbw=5 right0
	expect_fail 1 'permission denied' unshare -U -r dladm set-linkprop -t -p maxbw=5 right0
	expect_fail 1 'permission denied' \
		setpriv --reuid=65534 --clear-groups dladm set-linkprop -t -p maxbw=5 right0
	check_eq maxbw '' "$(prop_of right0 maxbw)"
	remove_link right0
}

test_a_zone_reads_what_holds_it_and_cannot_change_it()
{
	local in=/opt/stage/dladm

	expect_ok dladm create-etherstub cages0
	expect_ok dladm create-vnic -l cages0 cage0
	expect_ok dladm create-vnic -l cages0 cageh0
	make_zone cage 'add net' 'set physical=cage0' 'set allowed-address=10.9.0.2/24' end \
		'add fs' 'set dir=/opt/stage' "set special=$(dirname "$(command -v dladm)")" 'set type=lofs' end
	expect_ok dladm set-linkprop -p protection=restricted,maxbw=50 cage0
	expect_ok zoneadm -z cage boot
	expect_ok in_zone cage "$in" show-linkprop -c -o value -p protection,allowed-ips,maxbw cage0
	check_eq seen $'50\nrestricted,mac-nospoof,ip-nospoof\n10.9.0.2' "$out"
	expect_fail 1 'permission denied' in_zone cage "$in" set-linkprop -t -p maxbw=5000 cage0
	expect_fail 1 'permission denied' in_zone cage "$in" reset-linkprop -t -p protection cage0
	expect_fail 1 'not found' in_zone cage "$in" set-linkprop -t -p maxbw=5 cageh0
	check_eq maxbw 50 "$(prop_of cage0 maxbw)"
	expect_ok zoneadm -z cage halt
	check_eq 'at home' restricted "$(prop_of cage0 protection)"
	check_eq 'at home' '' "$(prop_of cage0 allowed-ips)"
	remove_zone cage
	expect_ok dladm delete-vnic cageh0
	remove_link_over cage0 cages0
}

test_a_nic_tells_speed_and_duplex_and_cannot_be_told_them()
{
	ip netns add wire
	ip link add nic5 type veth peer name wire0 netns wire
	ip link set nic5 up
	ip -n wire link set wire0 up
	wait_for 10 dladm show-phys nic5
	check_eq speed "$(dladm show-phys -p -o speed nic5)" "$(prop_of nic5 speed)"
	check_eq duplex "$(dladm show-phys -p -o duplex nic5)" "$(prop_of nic5 duplex)"
	expect_fail 1 'read-only property' dladm set-linkprop -t -p speed=10 nic5
	ip link del nic5
	ip netns del wire
}

run_tests
