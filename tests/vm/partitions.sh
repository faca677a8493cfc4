#!/bin/bash
# Dedicated CPUs where the kernel has partitions of cgroup v2 (Linux 6.7): the host is kept off them too. Runs
# in a virtual machine of tests/vm/machines.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	make_zone web 'add dedicated-cpu' 'set ncpus=1' end
	make_zone other
}

# The CPUs that a process may run on.
cpus_of()
{
	sed -n 's/^Cpus_allowed_list:\t//p' "/proc/$1/status"
}

host_has()
{
	[ "$(cat "$v2/cpuset.cpus.effective")" = "$1" ]
}

partition_of()
{
	cat "$v2/$ZONES_CGROUP/zones/$1/cpuset.cpus.partition"
}

# A process of the host, outside of our groups.
outsider()
{
	sleep 1000 &
	host_pid=$!
	echo "$host_pid" >"$v2/cgroup.procs"
}

test_the_host_is_kept_off_too()
{
	local host_pid all

	all=$(cat "$v2/cpuset.cpus.effective")
	check_eq machine 0-1 "$all"
	outsider
	expect_ok zoneadm -z other boot
	expect_ok zoneadm -z web boot
	check_eq partition root "$(partition_of web)"
	check_eq host 0 "$(cpus_of "$host_pid")"
	expect_ok host_has 0
	check_eq other 0 "$(cpus_of "$(init_of other)")"
	check_eq web 1 "$(cpus_of "$(init_of web)")"
	check_eq nproc 1 "$(zlogin web nproc)"
	expect_fail 1 'Invalid argument' taskset -c -p 1 "$host_pid"
	# Another zoned leaves it as it is, and still knows which CPUs the host has.
	kill_hard zoned
	start zoned
	expect_ok zoneadm -z other reboot
	check_eq partition root "$(partition_of web)"
	check_eq other 0 "$(cpus_of "$(init_of other)")"
	printf 'second 1\n' >"$ZONES_ROOT/etc/zones/pools"
	expect_ok zoneadm -z other halt
	expect_ok zonecfg -z other set pool=second
	expect_fail 1 "CPUs of the pool of zone 'other' are dedicated" zoneadm -z other boot
	expect_ok zonecfg -z other clear pool
	expect_ok zoneadm -z other boot
	expect_ok zoneadm -z web halt
	check_eq 'host again' "$all" "$(cpus_of "$host_pid")"
	check_eq 'other again' "$all" "$(cpus_of "$(init_of other)")"
	check_eq offered '' "$(cat "$v2/$ZONES_CGROUP/zones/cpuset.cpus.exclusive")"
	expect_ok zoneadm -z other halt
	kill "$host_pid"
}

test_a_zone_that_dies_gives_them_back()
{
	local host_pid

	outsider
	expect_ok zoneadm -z web boot
	check_eq host 0 "$(cpus_of "$host_pid")"
	kill -KILL "$(zsched_of web)"
	wait_for 20 has_state web installed
	wait_for 10 host_has 0-1
	check_eq host 0-1 "$(cpus_of "$host_pid")"
	kill "$host_pid"
}

# Somebody else's partition has the CPU: the zone has it not alone, and that is said.
test_cpus_that_somebody_else_has()
{
	mkdir "$v2/theirs"
	echo 1 >"$v2/theirs/cpuset.cpus"
	echo root >"$v2/theirs/cpuset.cpus.partition"
	check_eq theirs root "$(cat "$v2/theirs/cpuset.cpus.partition")"
	expect_fail 1 "Zone 'web' cannot have 1 dedicated CPUs" zoneadm -z web boot
	rmdir "$v2/theirs"
	wait_for 10 host_has 0-1
	expect_ok zoneadm -z web boot
	check_eq partition root "$(partition_of web)"
	expect_ok zoneadm -z web halt
}

run_tests
