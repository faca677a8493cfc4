#!/bin/bash
# maxbw: what a zone sends and gets is limited, whatever its root does to the device.
# Alone: measures rates.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

flow=$ZONES_TREE/tests/lib/net-flow.py
size=12000000 # bytes: 9.6 s at 10 Mbit/s, a moment without
patience=3    # seconds of a transfer that is limited

setup()
{
	start_daemons
	make_linked_zone slow
	zonecfg -z slow "add fs; set dir=/opt/probe; set special=$ZONES_TREE/tests/lib; set type=lofs; end"
	expect_ok zoneadm -z slow boot
}

serve()
{
	: >/tmp/flow.out
	"$flow" serve 10.9.0.1 5001 >>/tmp/flow.out 2>&1 </dev/null &
	server=$!
	wait_for 10 grep -q ready /tmp/flow.out
}

# rate push|pull: Mbit/s that the zone moves
rate()
{
	in_zone slow /opt/probe/net-flow.py "$1" 10.9.0.1 5001 "$size" "$patience"
}

# A queue that was empty lets a burst through: in 3 seconds far below twice the limit.
check_limited()
{
	awk -v r="$2" 'BEGIN { exit !(r > 0 && r < 20) }' || fail "$1: $2 Mbit/s at a limit of 10"
}

check_free()
{
	awk -v r="$2" 'BEGIN { exit !(r > 60) }' || fail "$1: $2 Mbit/s without a limit"
}

test_both_directions_are_limited()
{
	serve
	check_free push "$(rate push)"
	check_free pull "$(rate pull)"
	expect_ok dladm set-linkprop -p maxbw=10 slow0
	check_limited push "$(rate push)"
	check_limited pull "$(rate pull)"
	expect_ok dladm reset-linkprop -p maxbw slow0
	check_free push "$(rate push)"
	check_free pull "$(rate pull)"
	kill "$server"
}

test_root_of_the_zone_cannot_lift_it()
{
	serve
	expect_ok dladm set-linkprop -t -p maxbw=10 slow0
	expect_ok in_zone slow tc qdisc replace dev slow0 root tbf rate 10gbit burst 1m latency 50ms
	expect_ok in_zone slow tc qdisc add dev slow0 clsact
	check_limited push "$(rate push)"
	check_limited pull "$(rate pull)"
	expect_ok dladm reset-linkprop -t -p maxbw slow0
	kill "$server"
}

test_it_is_still_there_with_the_next_zoned_and_the_next_boot()
{
	expect_ok dladm set-linkprop -p maxbw=10 slow0
	kill_hard zoned
	start zoned
	serve
	check_limited push "$(rate push)"
	expect_ok zoneadm -z slow halt
	expect_ok zoneadm -z slow boot
	check_limited push "$(rate push)"
	check_limited pull "$(rate pull)"
	expect_ok dladm reset-linkprop -p maxbw slow0
	check_eq ifbs '' "$(ip -o link show type ifb)"
	kill "$server"
}

# What is led through the queue has been checked before.
test_protection_and_a_limit_go_together()
{
	expect_ok dladm set-linkprop -t -p maxbw=10,protection=restricted,dhcp-nospoof slow0
	expect_ok in_zone slow ping -c 1 -W 10 10.9.0.1
	expect_ok in_zone slow ip addr add 10.9.0.77/24 dev slow0
	expect_fail 1 '100% packet loss' in_zone slow ping -c 2 -i 0.2 -W 1 -I 10.9.0.77 10.9.0.1
	expect_ok dladm reset-linkprop -t -p maxbw,protection slow0
}

run_tests
