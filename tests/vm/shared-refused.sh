#!/bin/bash
# ip-type shared on a kernel before 6.7 without BPF among its security modules: it cannot keep a zone from the
# host's abstract sockets, and says so. Runs in a virtual machine of tests/vm/machines.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	ip link add up0 type veth peer name up0p
	ip addr add 10.50.0.1/24 dev up0
	ip link set up0 up
}

test_it_is_refused_by_name()
{
	grep -qw bpf /sys/kernel/security/lsm && fail "this machine's kernel has BPF as a security module"
	make_zone web
	expect_ok zonecfg -z web 'set ip-type=shared; add net; set physical=up0; set address=10.50.0.5/24; end'
	expect_fail 1 "ip-type shared: this host's kernel cannot keep a zone to its addresses" zoneadm -z web verify
	expect_fail 1 'abstract sockets .*with Linux before 6.7, BPF as a security module' zoneadm -z web boot
	check_eq state installed "$(state_of web)"
	nothing_of web
	check_no_match address 10.50.0.5 "$(ip addr show dev up0)"
	expect_ok zoneadm -z web uninstall -F
	expect_fail 1 "ip-type shared: this host's kernel cannot keep a zone to its addresses" zoneadm -z web install
	check_eq state configured "$(state_of web)"
	# the same zone with a stack of its own
	expect_ok zonecfg -z web 'remove -F net; set ip-type=exclusive'
	expect_ok zoneadm -z web install
	expect_ok zoneadm -z web boot
	remove_zone web
}

run_tests
