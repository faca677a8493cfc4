#!/bin/bash
# A vnic with a VLAN that is made for a net resource. Runs in the machine of tests/vm/run, whose kernel
# has 8021q.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

TEST_LIMIT=600

setup()
{
	# another machine at the other end of the wire, in two VLANs and in none
	unshare --net sleep infinity &
	echo $! >"$ZONES_ROOT/peer.pid"
	disown
	ip link add nic0 type veth peer name far0
	wait_for 30 ip link set far0 netns "$(cat "$ZONES_ROOT/peer.pid")"
	zones_disk "$ZONES_ROOT/zones"
	start_daemons
	wait_for 60 dladm show-link nic0
	ip link set nic0 up
	peer ip link set far0 up
	peer ip addr add 10.30.0.1/24 dev far0
	peer ip link add link far0 name v5 type vlan id 5
	peer ip addr add 10.30.5.1/24 dev v5
	peer ip link set v5 up
}

peer()
{
	nsenter "--net=/proc/$(cat "$ZONES_ROOT/peer.pid")/ns/net" "$@"
}

test_a_vnic_is_made_in_its_vlan()
{
	make_zone tag 'add net' 'set physical=net0' 'set global-nic=nic0' 'set vlan-id=5' \
		'set allowed-address=10.30.5.2/24' end \
		'add net' 'set physical=net1' 'set global-nic=nic0' \
		'set allowed-address=10.30.0.2/24' end
	expect_ok zoneadm -z tag verify
	expect_ok zoneadm -z tag boot
	expect_ok dladm show-vnic -z tag -p -o link,over,vid
	check_match tagged 'net0:nic0:5' "$out"
	check_match untagged 'net1:nic0:(0|--)?$' "$out"
	wait_for 60 in_zone tag ping -c 1 -W 5 10.30.5.1
	wait_for 60 in_zone tag ping -c 1 -W 5 10.30.0.1
	# held to its address in the VLAN as well
	expect_ok in_zone tag ip addr add 10.30.5.9/24 dev net0
	expect_fail 1 '' in_zone tag ping -c 1 -W 2 -I 10.30.5.9 10.30.5.1
	expect_ok zoneadm -z tag halt
	check_eq 'no vnic is left' '' "$(dladm show-vnic -p -o link)"
	check_eq 'no VLAN is left' '' "$(ip -br link show type vlan)"
	remove_zone tag
}

run_tests
