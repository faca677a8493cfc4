#!/bin/bash
# Addresses that a zone gets from its network, with ip-nospoof: what was given to it passes, for as
# long as it was given, and nothing else.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

given=10.9.0.50
given6=fd00:9::50

setup()
{
	start_daemons
	expect_ok dladm create-etherstub stub0
	expect_ok dladm create-vnic -l stub0 host0
	expect_ok ip addr add 10.9.0.1/24 dev host0
	expect_ok ip addr add fd00:9::1/64 dev host0 nodad
	expect_ok ip link set host0 up
}

# serve SECONDS: gives addresses for so long.
serve()
{
	: >/tmp/dhcp.out
	"$ZONES_TREE/tests/lib/net-dhcp.py" serve host0 "$given" "$given6" fd00:9:: "$1" \
		>/tmp/dhcp.out 2>&1 </dev/null &
	server=$!
	wait_for 20 grep -q ready /tmp/dhcp.out
}

unserve()
{
	kill "$server"
	wait "$server" || true
}

# make_client NAME METHODS: a running zone that may learn addresses by these.
make_client()
{
	make_zone "$1" 'add net' 'set physical=net0' 'set global-nic=stub0' \
		'add property (name=protection,value="ip-nospoof,mac-nospoof")' \
		${2:+"add property (name=dynamic-methods,value=\"$2\")"} end \
		'add fs' 'set dir=/opt/probe' "set special=$ZONES_TREE/tests/lib" 'set type=lofs' end
	expect_ok zoneadm -z "$1" boot
}

learned()
{
	dladm show-linkprop -z "$1" -c -o value -p learned-ips net0
}

ask()
{
	expect_ok in_zone "$1" busybox udhcpc -f -q -n -t 20 -T 2 -i net0 -s /opt/probe/dhcp-lease
}

passes()
{
	in_zone "$1" ping -c 1 -W 2 -I "$2" "$3" >/dev/null 2>&1
}

stopped()
{
	! passes "$@"
}

# own_address ZONE: what its kernel made of an advertisement.
own_address()
{
	in_zone "$1" ip -o -6 addr show dev net0 scope global dynamic |
		awk '{ sub("/.*", "", $4); print $4; n++; exit } END { exit !n }'
}

test_a_lease_lets_its_address_pass()
{
	make_client lease dhcpv4
	serve 25
	expect_ok in_zone lease ip addr add "$given/24" dev net0
	stopped lease "$given" 10.9.0.1 || fail 'an address passes that nobody gave'
	expect_ok in_zone lease ip addr flush dev net0
	ask lease
	wait_for 20 passes lease "$given" 10.9.0.1
	check_eq learned "$given" "$(learned lease)"
	expect_ok in_zone lease ip addr add 10.9.0.51/24 dev net0
	stopped lease 10.9.0.51 10.9.0.1 || fail 'another one passes'
	# the next zoned still hears what is given
	kill_hard zoned
	start zoned
	wait_for 20 zoned_answers
	check_eq 'still known' "$given" "$(learned lease)"
	ask lease
	wait_for 20 passes lease "$given" 10.9.0.1
	# it ends with the lease, whatever the zone's root does with the address
	unserve
	wait_for 90 stopped lease "$given" 10.9.0.1
	check_eq 'nothing is known' '' "$(learned lease | tr -d -)"
	remove_zone lease
}

test_who_may_not_learn_has_nothing_of_it()
{
	make_client deaf ''
	serve 600
	ask deaf
	grep -q "gave $given" /tmp/dhcp.out || fail 'the server gave nothing'
	stopped deaf "$given" 10.9.0.1 || fail 'a lease counts that should not'
	remove_zone deaf
	make_client v6only dhcpv6,slaac
	ask v6only
	stopped v6only "$given" 10.9.0.1 || fail 'a lease counts that should not'
	unserve
	remove_zone v6only
}

test_dhcpv6_and_routers()
{
	local own
	make_client six dhcpv6,slaac
	serve 600
	# the kernel of the zone asks for a router when the link comes up
	expect_ok in_zone six sh -c 'echo 2 >/proc/sys/net/ipv6/conf/net0/accept_ra
		ip link set net0 down; ip link set net0 up'
	wait_for 60 sh -c "grep -q 'gave fd00:9::$' /tmp/dhcp.out"
	wait_for 20 own_address six
	own=$(own_address six)
	check_match 'made of the prefix' '^fd00:9::' "$own"
	wait_for 20 passes six "$own" fd00:9::1
	expect_ok in_zone six ip addr add fd00:9::77/64 dev net0 nodad
	stopped six fd00:9::77 fd00:9::1 || fail 'another one of the prefix passes'
	expect_ok in_zone six /opt/probe/net-dhcp.py ask6 net0
	check_eq given "$given6" "$out"
	expect_ok in_zone six ip addr add "$given6/64" dev net0 nodad
	wait_for 20 passes six "$given6" fd00:9::1
	check_match both "$given6" "$(learned six)"
	# who may not learn any more has nothing of what he learned
	expect_ok dladm reset-linkprop -z six -t -p dynamic-methods net0
	stopped six "$given6" fd00:9::1 || fail 'what was learned still passes'
	unserve
	remove_zone six
}

run_tests
