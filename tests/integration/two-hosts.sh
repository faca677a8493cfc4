#!/bin/bash
# An overlay between two hosts: two network namespaces with a wire between them, in each the daemons
# of an instance of its own, with zones that only know the overlay.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

base=$ZONES_ROOT group=$ZONES_CGROUP

# host_of NAME: a process in its network namespace.
host_of()
{
	cat "$base/$1.pid"
}

# on HOST COMMAND...: as on that host.
on()
{
	local name=$1

	shift
	ZONES_ROOT=$base/$name ZONES_CGROUP=$group/$name \
		nsenter "--net=/proc/$(host_of "$name")/ns/net" "$@"
}

answers()
{
	on "$1" dladm show-link
}

is_elsewhere()
{
	[ "$(readlink "/proc/$(host_of "$1")/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

# make_host NAME ADDRESS
make_host()
{
	local name=$1 daemon

	unshare --net sleep infinity &
	echo $! >"$base/$name.pid"
	disown
	wait_for 20 is_elsewhere "$name"
	mkdir -p "$base/$name"/{etc/zones,etc/dladm,run/zones,run/dladm,var/log,zones}
	ip link set "eth_$name" netns "$(host_of "$name")" name eth0
	on "$name" ip link set lo up
	on "$name" ip addr add "$2/24" dev eth0
	on "$name" ip link set eth0 up
	for daemon in dlmgmtd zoned; do
		on "$name" setsid "$daemon" -d </dev/null >>"$base/$name/var/log/$daemon.out" 2>&1 &
		disown
	done
	wait_for 30 answers "$name"
	wait_for 30 on "$name" door-probe "$base/$name/run/zones/zone_door" 4 8
}

setup()
{
	expect_ok ip link add eth_a type veth peer name eth_b
	make_host a 10.20.0.1
	make_host b 10.20.0.2
}

# make_member HOST ZONE OVERLAY ADDRESS: a running zone with a vnic over the overlay.
make_member()
{
	printf '%s\n' 'create -b' 'set brand=sparse' "set zonepath=/zones/$2" 'set ip-type=exclusive' \
		'add net' 'set physical=net0' "set global-nic=$3" "set allowed-address=$4/24" end \
		commit >"/tmp/$2.cfg"
	expect_ok on "$1" zonecfg -z "$2" -f "/tmp/$2.cfg"
	expect_ok on "$1" zoneadm -z "$2" install
	expect_ok on "$1" zoneadm -z "$2" boot
}

# inside HOST ZONE COMMAND...
inside()
{
	on "$1" zlogin -S "$2" "${@:3}"
}

end_member()
{
	expect_ok on "$1" zoneadm -z "$2" halt
	expect_ok on "$1" zoneadm -z "$2" uninstall -F
	expect_ok on "$1" zonecfg -z "$2" delete -F
}

reaches()
{
	inside "$1" "$2" ping -c 1 -W 2 "$3"
}

# an_overlay ENCAPSULATION: zones on both sides talk, and those of another one do not.
an_overlay()
{
	local side other end props id

	for side in a:10.20.0.1:10.20.0.2 b:10.20.0.2:10.20.0.1; do
		IFS=: read -r side end other <<<"$side"
		props=direct/dest_ip=$other
		[ "$1" != vxlan ] || props=$props,vxlan/listen_ip=$end
		for id in 77 78; do
			expect_ok on "$side" dladm create-overlay -e "$1" -s direct -v "$id" \
				-p "$props" "over$((id - 77))"
		done
	done
	make_member a left over0 192.168.77.1
	make_member b right over0 192.168.77.2
	make_member b foreign over1 192.168.77.3
	wait_for 30 reaches a left 192.168.77.2
	wait_for 30 reaches b right 192.168.77.1
	# a frame as large as the link says goes through whole
	expect_ok inside a left cat /sys/class/net/net0/mtu
	expect_ok inside a left ping -c 1 -W 10 -M "do" -s "$((out - 28))" 192.168.77.2
	# who has another number is on another network, with the same addresses
	expect_fail 1 '' inside a left ping -c 1 -W 1 192.168.77.3
	# held to its address on the other host as well
	expect_ok inside b right ip addr add 192.168.77.9/24 dev net0
	expect_fail 1 '' inside b right ping -c 1 -W 1 -I 192.168.77.9 192.168.77.1
	# and again after a reboot of the zone
	expect_ok on b zoneadm -z right reboot
	wait_for 30 reaches a left 192.168.77.2
	end_member a left
	end_member b right
	end_member b foreign
	for side in a b; do
		expect_ok on "$side" dladm delete-overlay over0
		expect_ok on "$side" dladm delete-overlay over1
		expect_ok on "$side" dladm check
	done
}

test_zones_of_two_hosts_talk_over_vxlan()
{
	an_overlay vxlan
}

test_zones_of_two_hosts_talk_over_geneve()
{
	on a ip link add probe0 type geneve id 5 remote 10.20.0.2 2>/dev/null ||
		skip 'this kernel has no geneve'
	expect_ok on a ip link del probe0
	an_overlay geneve
}

run_tests
