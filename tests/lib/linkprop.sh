# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the tests of link properties in the virtual machine share: a wire between the host and a namespace
# "peer", and questions about properties.
# shellcheck disable=SC2034 # the harness uses it
TEST_LIMIT=${TEST_LIMIT-150} # an emulated machine, where a command takes a second
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	ip netns add peer
	ip link add nic0 type veth peer name nic0p netns peer
	ip link set nic0 up
	ip -n peer link set nic0p up
	ip addr add 10.30.0.1/24 dev nic0
	ip -n peer addr add 10.30.0.2/24 dev nic0p
	ip addr add fd30::1/64 dev nic0 nodad
	ip -n peer addr add fd30::2/64 dev nic0p nodad
	wait_for 10 dladm show-phys nic0
}

# prop_of LINK PROPERTY [FIELD]
prop_of()
{
	dladm show-linkprop -c -o "${3-value}" -p "$2" "$1"
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
