#!/bin/bash
# Properties of a NIC with a wire. Runs in the virtual machine of tests/vm/run, which has such a NIC in
# the network namespace of its descriptor 7.
# shellcheck source=tests/lib/linkprop.sh
. "$ZONES_TREE/tests/lib/linkprop.sh"

# The NIC of the machine comes, and goes back.
borrow_nic()
{
	local name
	name=$(nsenter --net=/proc/self/fd/7 ip -o link | sed -n 's/^[0-9]*: \(e[a-z0-9]*\): .*/\1/p')
	[ -n "$name" ] || fail 'the machine has no NIC'
	nsenter --net=/proc/self/fd/7 ip link set "$name" netns $$
	ip link set eth0 up
	wait_for 30 dladm show-phys eth0
}

return_nic()
{
	ip link set eth0 netns /proc/self/fd/7
	wait_for 10 gone_from_list eth0
}

advertised()
{
	ethtool eth0 | sed -n '/Advertised link modes/,/Advertised pause/p' | grep -o '[0-9]*baseT/[A-Z][a-z]*' |
		paste -sd ' '
}

test_a_nic_tells_the_other_end_what_it_may()
{
	borrow_nic
	expect_ok dladm show-linkprop -c -o property,perm,value,default eth0
	check_match autoneg '^adv_autoneg_cap:rw:1:1$' "$out"
	check_match gigabit '^en_1000fdx_cap:rw:1:1$' "$out"
	check_match adv '^adv_100hdx_cap:r-:1:1$' "$out"
	check_no_match 'not its own' '10gfdx|1000hdx|hoplimit' "$out"
	check_eq ethtool '10baseT/Half 10baseT/Full 100baseT/Half 100baseT/Full 1000baseT/Full' "$(advertised)"
	expect_ok dladm set-linkprop -p en_1000fdx_cap=0,en_10hdx_cap=0 eth0
	check_eq ethtool '10baseT/Full 100baseT/Half 100baseT/Full' "$(advertised)"
	check_eq values '0 0 1' "$(prop_of eth0 en_1000fdx_cap) $(prop_of eth0 adv_1000fdx_cap) $(
		prop_of eth0 en_1000fdx_cap default)"
	ethtool -s eth0 advertise 0x008 # 100baseT/Full, behind our back
	check_eq 'of the kernel' '0 1' "$(prop_of eth0 en_10fdx_cap) $(prop_of eth0 en_100fdx_cap)"
	expect_fail 1 "'en_100fdx_cap'.*the last speed of 'eth0'" \
		dladm set-linkprop -t -p en_100fdx_cap=0 eth0
	expect_fail 1 "has no en_10gfdx_cap" dladm set-linkprop -t -p en_10gfdx_cap=1 eth0
	expect_ok dladm reset-linkprop eth0
	check_match back '1000baseT/Full' "$(advertised)"
	return_nic
}

test_flow_control_of_a_nic()
{
	local was
	borrow_nic
	was=$(prop_of eth0 flowctrl)
	check_match value '^(no|tx|rx|bi|auto)$' "$was"
	expect_ok dladm set-linkprop -p flowctrl=rx eth0
	check_match ethtool 'Autonegotiate:.off RX:.on TX:.off' "$(ethtool -a eth0 | tr -s '\t\n ' ' ' | tr '\t' ' ')"
	check_eq value "rx:$was" "$(prop_of eth0 flowctrl value,default)"
	expect_ok dladm set-linkprop -t -p flowctrl=bi eth0
	check_eq value bi "$(prop_of eth0 flowctrl)"
	restart_zoned
	check_eq 'after zoned' "bi:$was" "$(prop_of eth0 flowctrl value,default)"
	expect_ok dladm reset-linkprop -p flowctrl eth0
	check_eq back "$was" "$(prop_of eth0 flowctrl)"
	return_nic
}

run_tests
