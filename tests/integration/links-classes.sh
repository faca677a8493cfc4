#!/bin/bash
# Classes of links that every kernel with bridge, veth and vxlan has: overlay, simnet, bridge; and what
# is said when the kernel lacks a kind. The others are tested in a virtual machine (tests/vm).
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
}

# make_nic NAME: the host's end of a veth, whose other end NAMEp is in the namespace "peer".
make_nic()
{
	[ -e /run/netns/peer ] || ip netns add peer
	ip link add "$1" type veth peer name "$1p"
	ip link set "$1p" netns peer
	ip link set "$1" up
	ip -n peer link set "$1p" up
	wait_for 5 dladm show-phys "$1"
}

remove_nic()
{
	ip link del "$1"
	wait_for 5 gone_from_list "$1"
}

# Neither named by dladm nor there as a device.
gone_from_list()
{
	! dladm show-link -p -o link | grep -qx "$1"
}

listed_as()
{
	[ "$(dladm show-link -p -o "$2" "$1")" = "$3" ]
}

make_overlay()
{
	expect_ok dladm create-overlay -e vxlan -s direct -v "$2" \
		-p "vxlan/listen_ip=10.20.0.1,direct/dest_ip=10.20.0.2" "$1"
}

# The host is started again: no daemon, no device, nothing in /run.
reboot_host()
{
	kill_hard dlmgmtd
	kill_hard zoned
	ip -br link | sed 's/[@ ].*//' | grep -v '^lo$' | while read -r device; do
		ip link del "$device" 2>/dev/null || true
	done
	rm -rf "$ZONES_ROOT/run"
	mkdir -p "$ZONES_ROOT/run/zones" "$ZONES_ROOT/run/dladm"
	start_daemons
}

# kernel_has KIND: asks the kernel itself, in a namespace of its own.
kernel_has()
{
	unshare -n sh -c "ip link add a0 type veth peer name a1 && ip link add ${2-} k0 type $1" \
		>/dev/null 2>&1
}

# lacks MODULE NAME COMMAND...: refused with that one line, and nothing is left of it.
lacks()
{
	local module=$1 name=$2

	shift 2
	expect_fail 1 "^dladm: cannot create '$name': operation not supported \\(the kernel has no $module\\)\$" "$@"
	check_eq 'lines' 1 "$(wc -l <<<"$out")"
	expect_ok dladm show-link -p -o link
	check_no_match links "$name" "$out"
	expect_ok dladm show-link -P -p -o link
	check_no_match configured "$name" "$out"
}

test_what_the_kernel_lacks_is_said_in_one_line()
{
	make_nic nic0
	kernel_has 'vlan id 5' 'link a0' || lacks 8021q vlan5 dladm create-vlan -l nic0 -v 5 vlan5
	if ! kernel_has 'vlan id 5' 'link a0'; then
		expect_fail 1 'vnic creation over nic0 failed: tag5: .*the kernel has no 8021q' \
			dladm create-vnic -l nic0 -v 5 tag5
		gone_from_list tag5 || fail 'tag5 is there'
	fi
	kernel_has bond || lacks bonding aggr5 dladm create-aggr -l nic0 aggr5
	kernel_has sit || lacks 'IPv4 tunnels' tun4 dladm create-iptun -T ipv4 tun4
	kernel_has ip6tnl || lacks 'IPv6 tunnels' tun6 dladm create-iptun -T ipv6 tun6
	kernel_has 'geneve id 5 remote 10.0.0.1' ||
		lacks geneve over5 dladm create-overlay -e geneve -s direct -v 5 \
			-p direct/dest_ip=10.0.0.1 over5
	remove_nic nic0
}

test_vnics_of_an_etherstub_are_in_no_vlan()
{
	expect_ok dladm create-etherstub plain0
	expect_fail 1 "in9: .*'plain0' is an etherstub" dladm create-vnic -l plain0 -v 8 in9
	gone_from_list in9 || fail 'in9 is there'
	expect_fail 1 'invalid VLAN identifier' dladm create-vnic -l plain0 -v 0 in9
	expect_ok dladm delete-etherstub plain0
}

test_overlay_carries_traffic_of_its_vnics()
{
	make_nic nic1
	ip addr add 10.20.0.1/24 dev nic1
	ip -n peer addr add 10.20.0.2/24 dev nic1p
	ip -n peer link add far type vxlan id 7 dstport 4789 remote 10.20.0.1 local 10.20.0.2
	ip -n peer addr add 10.21.0.2/24 dev far
	ip -n peer link set far up
	make_overlay over0 7
	expect_ok dladm create-vnic -l over0 ov0
	ip addr add 10.21.0.1/24 dev ov0
	ip link set ov0 up
	expect_ok ping -c 1 -W 5 10.21.0.2
	expect_ok dladm show-vnic -p -o over ov0
	check_eq over over0 "$out"
	expect_fail 1 'over0.*link busy' dladm delete-overlay over0
	expect_fail 1 'over0.*link busy' dladm delete-overlay -t over0
	ip addr flush dev ov0
	expect_ok dladm delete-vnic ov0
	expect_ok dladm delete-overlay over0
	check_eq 'configured' '' "$(dladm show-link -P -p -o link over0 2>/dev/null)"
	expect_fail 1 . ip link show over0
	remove_nic nic1
}

test_overlay_shows_properties_state_and_targets()
{
	make_overlay over1 16777215
	expect_ok dladm show-overlay over1
	check_match header '^LINK +PROPERTY +PERM REQ VALUE +DEFAULT +POSSIBLE' "$out"
	check_match vnetid '^over1 +vnetid +r- +y +16777215 ' "$out"
	check_match listen '^over1 +vxlan/listen_ip +r- +- +10.20.0.1' "$out"
	check_match dest '^over1 +direct/dest_ip +r- +y +10.20.0.2' "$out"
	expect_ok dladm show-overlay -f -p -o link,status
	check_eq state over1:ONLINE "$out"
	expect_ok dladm modify-overlay -s 2:8:20:1:2:3=10.20.0.9:4790 over1
	expect_ok dladm show-overlay -t -p -o target,destination over1
	check_match one '^2\\:8\\:20\\:1\\:2\\:3:10.20.0.9\\:4790$' "$out"
	check_match default '^\*\\:\*\\:\*\\:\*\\:\*\\:\*:10.20.0.2$' "$out"
	expect_ok dladm modify-overlay -d 2:8:20:1:2:3 over1
	expect_fail 1 'over1' dladm modify-overlay -d 2:8:20:1:2:3 over1
	expect_ok dladm modify-overlay -s 2:8:20:1:2:4=10.20.0.8 over1
	expect_ok dladm modify-overlay -f over1
	expect_ok dladm show-overlay -t -p -o target over1
	check_eq flushed '*:*:*:*:*:*' "$out"
	expect_fail 1 'not an address' dladm modify-overlay -s 2:8:20:1:2:3=abc over1
	expect_fail 1 'family' dladm modify-overlay -s '2:8:20:1:2:3=[fd00::1]:4789' over1
	expect_ok dladm delete-overlay over1
}

# The other host answers no ARP and no neighbour discovery: what is told of it is in the file.
test_overlay_has_its_table_from_a_file()
{
	local table=/tmp/table.json far=2:8:20:0:0:77
	make_nic nic1
	ip addr add 10.20.0.1/24 dev nic1
	ip -n peer addr add 10.20.0.2/24 dev nic1p
	ip -n peer link add far2 address 02:08:20:00:00:77 type vxlan id 7 dstport 4790 remote 10.20.0.1 local 10.20.0.2
	ip -n peer link set far2 arp off up
	ip -n peer addr add 10.22.0.2/24 dev far2
	ip -n peer addr add fd22::2/64 dev far2 nodad
	table_is()
	{
		printf '{"2:8:20:0:0:66": {"ip": "10.20.0.9", "port": 4789}%s}\n' "$1" >"$table"
	}
	table_is ", \"$far\": {\"ip\": \"10.20.0.2\", \"port\": 4790, \"arp\": \"10.22.0.2\", \"ndp\": \"fd22::2\"}"
	expect_ok dladm create-overlay -e vxlan -s files -v 7 \
		-p vxlan/listen_ip=10.20.0.1,vxlan/listen_port=4790,files/config="$table" over0
	expect_ok dladm show-overlay -t -p -o target,destination over0
	# shellcheck disable=SC2001 # at the end of each line
	check_eq table '2\:8\:20\:0\:0\:66:10.20.0.9\:4789 2\:8\:20\:0\:0\:77:10.20.0.2\:4790' \
		"$(sed 's/0.2$/&\\:4790/' <<<"$out" | sort | paste -sd ' ')"
	expect_ok dladm show-overlay -p -o property,value over0
	check_match search '^search:files$' "$out"
	check_match file "^files/config:$table\$" "$out"
	check_no_match direct '^direct/' "$out"
	expect_ok dladm create-vnic -l over0 ov0
	ip addr add 10.22.0.1/24 dev ov0
	ip addr add fd22::1/64 dev ov0 nodad
	ip link set ov0 up
	ip -n peer neigh replace 10.22.0.1 lladdr "$(cat /sys/class/net/ov0/address)" dev far2 nud permanent
	ip -n peer neigh replace fd22::1 lladdr "$(cat /sys/class/net/ov0/address)" dev far2 nud permanent
	reaches()
	{
		ip neigh flush dev ov0
		ping -c 1 -W 5 10.22.0.2 >/dev/null && ping -c 1 -W 5 fd22::2 >/dev/null
	}
	reaches || fail 'by what the file says'

	# another table, and one that cannot be read
	table_is ', "2:8:20:0:0:78": {"ip": "10.20.0.2", "port": 4790, "arp": "10.22.0.2"}'
	expect_ok dladm modify-overlay -f over0
	ip neigh flush dev ov0
	expect_fail 1 . ping -c 1 -W 1 10.22.0.2
	expect_fail 1 . ping -c 1 -W 1 fd22::2
	check_match 'told as the file says' 'lladdr 02:08:20:00:00:78' "$(ip neigh show dev ov0)"
	echo '{' >"$table"
	expect_fail 1 "cannot modify 'over0': invalid argument \\($table:2: " dladm modify-overlay -f over0
	check_match degraded "^over0:DEGRADED:$table\\\\:2\\\\: " "$(dladm show-overlay -f -p -o link,status,details)"
	check_eq 'as it was' 2 "$(dladm show-overlay -t -p -o target over0 | wc -l)"
	expect_fail 1 'its table is the file' dladm modify-overlay -d 2:8:20:0:0:66 over0
	expect_fail 1 'its table is the file' dladm modify-overlay -s 2:8:20:0:0:66=10.20.0.2 over0

	# from the configuration, and over a zoned that is killed
	table_is ", \"$far\": {\"ip\": \"10.20.0.2\", \"port\": 4790, \"arp\": \"10.22.0.2\", \"ndp\": \"fd22::2\"}"
	ip addr flush dev ov0
	expect_ok dladm delete-vnic -t ov0
	ip link del over0
	wait_for 10 gone_from_list over0
	expect_ok dladm up-overlay over0
	expect_ok dladm up-vnic ov0
	ip addr add 10.22.0.1/24 dev ov0
	ip addr add fd22::1/64 dev ov0 nodad
	ip link set ov0 up
	kill_hard zoned
	start zoned
	reaches || fail 'by what the file says, again'
	ip addr flush dev ov0
	expect_ok dladm delete-vnic ov0
	expect_ok dladm delete-overlay over0
	remove_nic nic1
}

test_overlay_refuses_files_that_say_nothing()
{
	local table=/tmp/table.json
	refused()
	{
		printf '%s' "$2" >"$table"
		expect_fail 1 "^dladm: cannot create 'over2': .*\\($1" dladm create-overlay -e vxlan -s files -v 1 \
			-p files/config="$table" over2
	}
	expect_fail 1 'files/config is required' dladm create-overlay -e vxlan -s files -v 1 over2
	expect_fail 1 'direct/dest_ip is for search plugin direct' dladm create-overlay -e vxlan -s files -v 1 \
		-p files/config="$table",direct/dest_ip=10.0.0.1 over2
	expect_fail 1 'files/config is for search plugin files' dladm create-overlay -e vxlan -s direct -v 1 \
		-p files/config="$table",direct/dest_ip=10.0.0.1 over2
	expect_fail 1 'for vxlan only' dladm create-overlay -e geneve -s files -v 1 -p files/config="$table" over2
	rm -f "$table"
	expect_fail 1 "$table" dladm create-overlay -e vxlan -s files -v 1 -p files/config="$table" over2
	expect_fail 1 'absolute path' dladm create-overlay -e vxlan -s files -v 1 -p files/config=table.json over2
	refused "$table:1: " '{"2:8:20:0:0:1": '
	refused "$table: it is not an object" '[]'
	refused "$table: '2:8': it is not the address" '{"2:8": {"ip": "10.0.0.1", "port": 1}}'
	refused "$table: '1:0:0:0:0:1': it is not the address" '{"1:0:0:0:0:1": {"ip": "10.0.0.1", "port": 1}}'
	refused "$table: '2:8:20:0:0:1': it is not an object" '{"2:8:20:0:0:1": 7}'
	refused "$table: '2:8:20:0:0:1': it needs ip and port" '{"2:8:20:0:0:1": {"ip": "10.0.0.1"}}'
	refused "$table: '2:8:20:0:0:1': ip has to be" '{"2:8:20:0:0:1": {"ip": "10.0.0", "port": 1}}'
	refused "$table: '2:8:20:0:0:1': ip has to be an IPv4" '{"2:8:20:0:0:1": {"ip": "fd00::1", "port": 1}}'
	refused "$table: '2:8:20:0:0:1': port has" '{"2:8:20:0:0:1": {"ip": "10.0.0.1", "port": 65536}}'
	refused "$table: '2:8:20:0:0:1': port has" '{"2:8:20:0:0:1": {"ip": "10.0.0.1", "port": "1"}}'
	refused "$table: '2:8:20:0:0:1': arp has" '{"2:8:20:0:0:1": {"ip": "10.0.0.1", "port": 1, "arp": "::1"}}'
	refused "$table: '2:8:20:0:0:1': ndp has" '{"2:8:20:0:0:1": {"ip": "10.0.0.1", "port": 1, "ndp": "10.0.0.1"}}'
	refused "$table: '2:8:20:0:0:1': dhcp-proxy is not supported" \
		'{"2:8:20:0:0:1": {"ip": "10.0.0.1", "port": 1, "dhcp-proxy": "2:8:20:0:0:2"}}'
	refused "$table: '2:8:20:0:0:1': it has a member" '{"2:8:20:0:0:1": {"ip": "10.0.0.1", "port": 1, "arpp": 1}}'
	refused "$table:1: " '{"2:8:20:0:0:1": {"ip": "10.0.0.1", "port": 1}, "2:8:20:0:0:1": {}}'
	refused "$table: '02:8:20:0:0:1': the address is there twice" \
		'{"2:8:20:0:0:1": {"ip": "10.0.0.1", "port": 1}, "02:8:20:0:0:1": {"ip": "10.0.0.1", "port": 1}}'
	gone_from_list over2 || fail 'over2 is there'
	echo '{}' >"$table"
	expect_ok dladm create-overlay -t -e vxlan -s files -v 1 -p files/config="$table" over2
	check_eq 'temporary' 'files/config:?' "$(dladm show-overlay -p -o property,value over2 | grep config)"
	expect_fail 1 'it is temporary' dladm modify-overlay -f over2
	make_zone tabled
	expect_ok zoneadm -z tabled ready
	expect_fail 1 "the table of 'over2' stays here" dladm set-linkprop -t -p zone=tabled over2
	remove_zone tabled
	expect_ok dladm delete-overlay over2
}

test_overlay_refuses_what_cannot_be()
{
	local make=(dladm create-overlay)

	expect_fail 1 '[Uu]sage' "${make[@]}" -e vxlan -s direct over2
	expect_fail 1 "encapsulation 'gre'" "${make[@]}" -e gre -s direct -v 1 over2
	expect_fail 1 "search plugin 'svp' is not supported: there is no client" "${make[@]}" -e vxlan -s svp -v 1 over2
	expect_fail 1 'vnetid' "${make[@]}" -e vxlan -s direct -v 16777216 over2
	expect_fail 1 'vnetid' "${make[@]}" -e vxlan -s direct -v x over2
	expect_fail 1 'direct/dest_ip is required' "${make[@]}" -e vxlan -s direct -v 1 over2
	expect_fail 1 'not an address' "${make[@]}" -e vxlan -s direct -v 1 -p direct/dest_ip=10.0.0 over2
	expect_fail 1 'two families' "${make[@]}" -e vxlan -s direct -v 1 \
		-p direct/dest_ip=10.0.0.1,vxlan/listen_ip=fd00::1 over2
	expect_fail 1 'are one' "${make[@]}" -e vxlan -s direct -v 1 \
		-p direct/dest_ip=10.0.0.1,vxlan/listen_port=1,direct/dest_port=2 over2
	expect_fail 1 "property 'no/such'" "${make[@]}" -e vxlan -s direct -v 1 -p no/such=1 over2
	expect_fail 1 'invalid link name' "${make[@]}" -e vxlan -s direct -v 1 -p direct/dest_ip=10.0.0.1 over
	# The kernel has one for each network and port.
	make_overlay over3 9
	expect_fail 1 "cannot create 'over4'" "${make[@]}" -e vxlan -s direct -v 9 \
		-p direct/dest_ip=10.20.0.2,vxlan/listen_ip=10.20.0.1 over4
	expect_ok dladm show-link -p -o link
	check_no_match links 'over[24]' "$out"
	expect_ok dladm delete-overlay over3
}

peer_of()
{
	dladm show-simnet -p -o otherlink "$1"
}

test_simnets_are_connected_and_parted()
{
	expect_ok dladm create-simnet sim0
	expect_ok dladm create-simnet -t sim1
	expect_ok dladm show-simnet
	check_match header '^LINK +MEDIA +MACADDRESS +OTHERLINK' "$out"
	check_match alone '^sim0 +Ethernet +2:8:20:[0-9a-f:]+ +-- *$' "$out"
	listed_as sim0 state down || fail 'without a peer it is down'
	expect_fail 1 'temporary' dladm modify-simnet -p sim1 sim0
	expect_ok dladm modify-simnet -t -p sim1 sim0
	check_eq peer sim0 "$(peer_of sim1)"
	listed_as sim0 state up || fail 'with a peer it is up'
	ip netns add far
	ip link set sim1 netns far
	ip addr add 10.22.0.1/24 dev sim0
	ip link set sim0 up
	ip -n far addr add 10.22.0.2/24 dev sim1
	ip -n far link set sim1 up
	expect_ok ping -c 1 -W 5 10.22.0.2
	expect_ok dladm modify-simnet -t -p none sim0
	expect_fail 1 '' ping -c 1 -W 1 10.22.0.2
	check_eq 'parted' '' "$(peer_of sim0)$(peer_of sim1)"
	ip -n far link set sim1 netns 1
	ip netns del far
	ip addr flush dev sim0
	wait_for 5 dladm delete-simnet sim1
	expect_ok dladm delete-simnet sim0
	check_eq 'devices' '' "$(ip -br link | grep -E '^(sim|vp|vsim)')"
}

test_a_simnet_has_one_peer()
{
	local n

	for n in 0 1 2; do
		expect_ok dladm create-simnet "one$n"
	done
	expect_ok dladm modify-simnet -p one1 one0
	expect_ok dladm modify-simnet -p one2 one0
	check_eq peers "one2::one0" "$(peer_of one0):$(peer_of one1):$(peer_of one2)"
	check_eq 'configured' 'one2::one0' "$(dladm show-simnet -P -p -o otherlink one0):$(
		dladm show-simnet -P -p -o otherlink one1):$(dladm show-simnet -P -p -o otherlink one2)"
	check_eq switches 1 "$(ip -br link | grep -c '^vsim')"
	expect_fail 1 'own peer' dladm modify-simnet -p one0 one0
	expect_ok dladm delete-simnet one0
	check_eq 'left alone' '' "$(peer_of one2)"
	check_eq switches 0 "$(ip -br link | grep -c '^vsim')"
	expect_ok dladm delete-simnet one1
	expect_ok dladm delete-simnet one2
}

port_state()
{
	dladm show-bridge -l -p -o link,state tower
}

forwards()
{
	[ "$(port_state | grep -c ':forwarding$')" = 2 ]
}

# The sums are those of the links, which go on meanwhile.
check_totals()
{
	local before sum after

	before=$(dladm show-bridge -l -s -p -o recv tower | paste -sd + | bc)
	sum=$(dladm show-bridge -s -p -o recv tower)
	after=$(dladm show-bridge -l -s -p -o recv tower | paste -sd + | bc)
	[ "$before" -le "$sum" ] && [ "$sum" -le "$after" ] || fail "sum $sum is not in $before..$after"
}

other_is_root()
{
	[ "$(dladm show-bridge -p -o rootport vassal)" != 0 ]
}

# Another bridge is the root: what was set here waits, what is in use is the other's.
test_bridge_has_the_times_of_its_root()
{
	make_nic nic6
	expect_ok dladm create-bridge -d 4 -m 6 -h 1 -p 32768 -l nic6 vassal
	ip -n peer link add lord type bridge stp_state 1 priority 4096 max_age 1200 hello_time 200 forward_delay 1500
	ip -n peer link set nic6p master lord up
	ip -n peer link set lord up
	wait_for 30 other_is_root
	check_eq 'set and in use' 6:1:4:12:2:15:1 "$(dladm show-bridge -p \
		-o bmaxage,bhellotime,bfwddelay,maxage,hellotime,fwddelay,holdtime vassal)"
	ip -n peer link del lord
	expect_ok dladm remove-bridge -l nic6 vassal
	expect_ok dladm delete-bridge vassal
	remove_nic nic6
}

test_bridge_forwards_between_its_links()
{
	make_nic nic2
	make_nic nic3
	ip netns add other
	ip -n peer link set nic3p netns other
	ip -n other link set nic3p up
	expect_ok dladm create-bridge -d 4 -m 6 -h 1 -p 4096 -l nic2 -l nic3 tower
	expect_ok dladm show-bridge
	check_match header '^BRIDGE +ADDRESS +PRIORITY +DESROOT' "$out"
	check_match bridge '^tower +2:8:20:[0-9a-f:]+ +4096 +4096/2:8:20:' "$out"
	expect_ok dladm show-link -p -o link,bridge,over
	check_match 'port' '(^|\n)nic2:tower:(\n|$)' "$out"
	check_match 'bridge' '(^|\n)tower0::nic2 nic3(\n|$)' "$out"
	check_eq 'one alone' tower "$(dladm show-link -p -o bridge nic3)"
	check_eq 'configured' tower "$(dladm show-link -P -p -o bridge nic3)"
	expect_ok dladm show-bridge -p -o bmaxage,bhellotime,bfwddelay,protect tower
	check_eq times 6:1:4:stp "$out"
	expect_ok dladm show-link -p -o class tower0
	check_eq class bridge "$out"
	ip -n peer addr add 10.23.0.1/24 dev nic2p
	ip -n other addr add 10.23.0.2/24 dev nic3p
	wait_for 20 forwards
	expect_ok ip netns exec peer ping -c 1 -W 5 10.23.0.2
	expect_ok dladm show-bridge -l -s tower
	check_match header '^LINK +DROPS +RECV +XMIT' "$out"
	check_match carried '^nic2 +[0-9]+ +[1-9][0-9]* +[1-9][0-9]*$' "$out"
	expect_ok dladm show-bridge -l -s -i 1,2 -p -o link,xmit tower
	check_eq rounds 4 "$(wc -l <<<"$out")"
	expect_ok dladm show-bridge -s tower
	check_match header '^BRIDGE +DROPS +RECV +SENT' "$out"
	check_match sums '^tower +[0-9]+ +[1-9][0-9]* +[1-9][0-9]*( |$)' "$out"
	check_totals
	expect_ok dladm show-bridge -s -i 1,2 -p -o bridge,sent
	check_eq rounds 2 "$(grep -c '^tower:' <<<"$out")"
	expect_fail 1 'exclude each other' dladm show-bridge -s -f tower
	expect_fail 1 'only with -s' dladm show-bridge -l -i 1 tower
	expect_ok dladm show-bridge -f tower
	check_match header '^DEST +AGE +FLAGS +OUTPUT' "$out"
	check_match learned ' [0-9]+\.[0-9]+s +-- +nic[23]$' "$out"
	expect_ok dladm modify-bridge -p 8192 tower
	expect_ok dladm show-bridge -p -o priority,bmaxage tower
	check_eq modified 8192:6 "$out"
	# In use: neither it nor its links can go.
	expect_fail 1 "cannot delete 'tower': link busy" dladm delete-bridge tower
	expect_fail 1 'nic2.*port' dladm create-vnic -l nic2 over9
	expect_ok dladm remove-bridge -l nic2 -l nic3 tower
	check_eq 'links' '' "$(port_state)"
	expect_ok dladm delete-bridge tower
	ip netns del other
	wait_for 5 gone_from_list nic3
	remove_nic nic2
}

test_bridge_takes_all_links_or_none()
{
	make_nic nic4
	make_nic nic5
	ip addr add 10.24.0.1/24 dev nic5
	expect_fail 1 "nic5.*address" dladm create-bridge -l nic4 -l nic5 hall
	check_eq 'no bridge' '' "$(dladm show-bridge -p -o bridge)"
	check_no_match 'no port' master "$(ip link show nic4)"
	expect_ok dladm create-bridge hall
	expect_fail 1 "nic5.*address" dladm add-bridge -l nic4 -l nic5 hall
	check_no_match 'no port' master "$(ip link show nic4)"
	ip addr flush dev nic5
	ip link set nic5 mtu 1400
	expect_fail 1 "mtu of 'nic5' is 1400" dladm add-bridge -l nic4 -l nic5 hall
	ip link set nic5 mtu 1500
	expect_ok dladm add-bridge -l nic4 -l nic5 hall
	expect_fail 1 nic6 dladm remove-bridge -l nic4 -l nic6 hall
	check_match 'still in' 'master hall0' "$(ip link show nic4)"
	expect_fail 1 'link busy' dladm create-bridge -l nic4 hall2x
	expect_ok dladm remove-bridge -l nic4 hall
	expect_fail 1 "nic4.*not in" dladm remove-bridge -l nic4 hall
	expect_ok dladm remove-bridge -l nic5 hall
	expect_ok dladm delete-bridge hall
	remove_nic nic4
	remove_nic nic5
}

test_bridge_refuses_what_cannot_be()
{
	local name

	for name in '' 9tower tower9 default SUNWx 'to wer' aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; do
		expect_fail 1 'invalid bridge name' dladm create-bridge "$name"
	done
	expect_fail 1 'trill' dladm create-bridge -P trill bad
	expect_fail 1 'force-protocol' dladm create-bridge -f 3 bad
	expect_fail 1 'priority' dladm create-bridge -p 4097 bad
	expect_fail 1 'forward delay' dladm create-bridge -d 31 bad
	expect_fail 1 'maximum age' dladm create-bridge -m 41 bad
	expect_fail 1 'hello time' dladm create-bridge -h 11 bad
	expect_fail 1 '2 \* \(forward delay - 1\)' dladm create-bridge -d 4 -m 20 bad
	expect_fail 1 '2 \* \(hello time \+ 1\)' dladm create-bridge -m 6 -h 3 bad
	expect_ok dladm create-etherstub nobr0
	expect_fail 1 'etherstub cannot be in a bridge' dladm create-bridge -l nobr0 bad
	expect_ok dladm delete-etherstub nobr0
	check_eq 'none' '' "$(dladm show-bridge -p -o bridge)"
}

test_devices_removed_or_renamed_by_hand_are_noticed()
{
	make_overlay hand0 11
	expect_ok dladm create-simnet hand1
	expect_ok dladm create-bridge handb
	ip link set hand0 down
	ip link set hand0 name moved0
	expect_ok dladm show-link hand0
	expect_ok dladm set-linkprop -t -p mtu=1400 hand0
	check_match device 'mtu 1400' "$(ip link show moved0)"
	ip link del moved0
	wait_for 5 gone_from_list hand0
	ip link del hand1
	wait_for 5 gone_from_list hand1
	ip link del hand0 2>/dev/null || true
	# What is configured stays so, and can be brought up again.
	expect_ok dladm up-overlay hand0
	expect_ok dladm up-simnet hand1
	expect_ok dladm delete-overlay hand0
	expect_ok dladm delete-simnet hand1
	expect_ok dladm delete-bridge handb
}

# Index, name, master and address of each; not its state, which the kernel may still work out.
devices()
{
	ip -o link | sed -E 's/<[^>]*>//; s/ state [A-Z]+//' | sort
}

test_links_of_every_class_survive_zoned()
{
	local before

	make_overlay stay0 12
	expect_ok dladm create-vnic -l stay0 stayv0
	expect_ok dladm create-simnet stays0
	expect_ok dladm create-simnet stays1
	expect_ok dladm modify-simnet -p stays1 stays0
	expect_ok dladm create-simnet stays2
	expect_ok dladm create-bridge -l stays2 stayb
	before=$(dladm show-link -p -o link,class,mtu,over
		dladm show-simnet -p -o link,otherlink; dladm show-bridge -l -p -o link stayb
		devices)
	kill_hard zoned
	start zoned
	check_eq 'after zoned' "$before" "$(dladm show-link -p -o link,class,mtu,over
		dladm show-simnet -p -o link,otherlink; dladm show-bridge -l -p -o link stayb
		devices)"
	# Without its file it knows them by their devices.
	kill_hard zoned
	rm -r "$ZONES_ROOT/run/zones/linkstate"
	start zoned
	for link in stay0 stayv0 stay0 stays2; do
		expect_ok dladm show-link "$link"
	done
	expect_fail 1 'link busy' dladm delete-overlay -t stay0
	expect_ok dladm remove-bridge -l stays2 stayb
	expect_ok dladm delete-bridge stayb
	for link in stays0 stays1 stays2; do
		expect_ok dladm delete-simnet "$link"
	done
	expect_ok dladm delete-vnic stayv0
	expect_ok dladm delete-overlay stay0
	check_eq 'devices' '' "$(ip -br link | grep -E '^(stay|vp|vsim)')"
}

# zoned's files and the devices are gone; dlmgmtd takes the links for active.
test_lost_links_are_brought_up_again()
{
	make_overlay lost0 14
	expect_ok dladm create-vnic -l lost0 lostv0
	kill_hard zoned
	rm -r "$run/linkstate"
	ip link del lostv0
	ip link del lost0
	start zoned
	wait_for 10 dladm_answers
	expect_fail 1 '^lost0: is active, and zoned has no such link' dladm check
	# The vnic brings up what it is over.
	expect_ok dladm up-vnic lostv0
	expect_ok dladm check
	expect_ok ip link show lost0
	# What cannot be made is said, each time.
	expect_ok dladm delete-vnic lostv0
	kill_hard zoned
	rm -r "$run/linkstate"
	ip link del lost0
	ip link add other0 type vxlan id 14 remote 10.0.0.2 dstport 4789
	start zoned
	wait_for 10 dladm_answers
	for _ in 1 2; do
		expect_fail 1 '^dladm: cannot bring up lost0: ' dladm up-overlay lost0
		check_eq lines 1 "$(wc -l <<<"$out")"
	done
	ip link del other0
	expect_ok dladm up-overlay
	expect_ok dladm check
	expect_ok dladm delete-overlay lost0
}

test_configured_links_come_up_at_boot_in_order()
{
	local mac before

	make_overlay boot0 13
	expect_ok dladm create-vnic -l boot0 bootv0
	expect_ok dladm create-simnet boots0
	expect_ok dladm create-simnet boots1
	expect_ok dladm modify-simnet -p boots1 boots0
	expect_ok dladm create-simnet boots2
	expect_ok dladm create-simnet -t boott0
	expect_ok dladm create-bridge -p 12288 -l boots2 bootb
	expect_ok dladm set-linkprop -p mtu=1400 boots0
	mac=$(dladm show-vnic -p -o macaddress,macaddrtype bootv0)
	check_match auto ':auto$' "$mac"
	before=$(dladm show-overlay -p -o property,value boot0 | grep -v state
		dladm show-simnet -p -o link,macaddress,otherlink | grep -v boott0)
	reboot_host
	check_eq 'links before' '' "$(dladm show-link -p -o link)"
	# The vnic brings up what it is over, the bridge its link.
	expect_ok dladm up-vnic
	expect_ok dladm up-bridge
	expect_ok dladm up-overlay
	expect_ok dladm up-simnet
	check_eq 'after' "$before" "$(dladm show-overlay -p -o property,value boot0
		dladm show-simnet -p -o link,macaddress,otherlink)"
	check_eq mac "$mac" "$(dladm show-vnic -p -o macaddress,macaddrtype bootv0)"
	check_eq port boots2 "$(dladm show-bridge -l -p -o link bootb)"
	check_eq priority 12288 "$(dladm show-bridge -p -o priority bootb)"
	listed_as boots0 mtu 1400 || fail "mtu of boots0"
	expect_ok dladm remove-bridge -l boots2 bootb
	expect_ok dladm delete-bridge bootb
	expect_ok dladm delete-vnic bootv0
	expect_ok dladm delete-overlay boot0
	for link in boots0 boots1 boots2; do
		expect_ok dladm delete-simnet "$link"
	done
}

# in_zone ZONE LINK: the link is lent to it, and its device is not here.
in_zone()
{
	[ "$(dladm show-linkprop -c -o value -p zone "$2")" = "$1" ] && ! ip link show "$2" 2>/dev/null
}

test_lent_links_come_home_as_they_were()
{
	make_overlay lent0 14
	expect_ok dladm create-simnet lents0
	expect_ok dladm create-simnet lents1
	expect_ok dladm modify-simnet -p lents1 lents0
	make_zone borrower 'add net' 'set physical=lent0' end 'add net' 'set physical=lents0' end
	expect_ok zoneadm -z borrower boot
	in_zone borrower lent0 || fail 'lent0 is not in the zone'
	in_zone borrower lents0 || fail 'lents0 is not in the zone'
	expect_fail 1 'link busy' dladm delete-overlay lent0
	expect_fail 1 'link busy' dladm modify-simnet -p none lents0
	# Root in there changes one and removes the other.
	expect_ok zlogin borrower ip link set lent0 down
	expect_ok zlogin borrower ip link set lent0 mtu 1300 name evil0 address 2:8:20:6:6:6
	expect_ok zlogin borrower ip link del lents0
	expect_ok zoneadm -z borrower halt
	check_match home 'mtu 1500' "$(ip link show lent0)"
	check_no_match address '02:08:20:06:06:06' "$(ip link show lent0)"
	expect_ok ip link show lents0
	check_eq peer lents1 "$(peer_of lents0)"
	listed_as lents0 state up || fail 'lents0 is connected again'
	expect_ok zoneadm -z borrower boot
	in_zone borrower lents0 || fail 'lents0 is not in the zone again'
	# A zoned that knows nothing of it leaves it there.
	kill_hard zoned
	start zoned
	in_zone borrower lent0 || fail 'lent0 is not in the zone after zoned'
	expect_ok zlogin borrower ip link show lent0
	remove_zone borrower
	expect_ok dladm delete-overlay lent0
	expect_ok dladm delete-simnet lents0
	expect_ok dladm delete-simnet lents1
}

test_link_below_an_overlay_by_hand_stays()
{
	expect_ok dladm create-etherstub hands0
	expect_ok dladm create-vnic -l hands0 hand0
	make_zone taker
	expect_ok zoneadm -z taker boot
	ip link add by0 type vxlan id 15 dstport 4789 remote 10.20.0.2 dev hand0
	expect_fail 1 "hand0.*link busy.*'hand0' has devices over it" dladm delete-vnic hand0
	expect_fail 1 "hand0.*link busy.*'hand0' has devices over it" dladm set-linkprop -t -p zone=taker hand0
	expect_ok ip link show hand0
	ip link del by0
	wait_for 5 gone_from_list by0
	expect_ok dladm set-linkprop -t -p zone=taker hand0
	in_zone taker hand0 || fail 'hand0 is not in the zone'
	remove_zone taker
	expect_ok dladm delete-vnic hand0
	expect_ok dladm delete-etherstub hands0
}

# zoned's files are gone, the zone lives, and its root has given one of the two overlays another name.
test_lent_links_are_found_without_zoneds_files()
{
	local link

	make_overlay lost0 15
	make_overlay lost1 16
	expect_ok dladm create-simnet losts0
	expect_ok dladm create-simnet losts1
	expect_ok dladm modify-simnet -p losts1 losts0
	make_zone keeper 'add net' 'set physical=lost0' end 'add net' 'set physical=lost1' end \
		'add net' 'set physical=losts0' end
	expect_ok zoneadm -z keeper boot
	expect_ok zlogin keeper ip link set lost0 down
	expect_ok zlogin keeper ip link set lost0 name evil0
	expect_ok zlogin keeper ip link add fake0 type vxlan id 99 dev lo remote 127.0.0.1 dstport 4790
	kill_hard zoned
	rm -r "$run/linkstate"
	start zoned
	wait_for 10 dladm_answers
	for link in lost0 lost1 losts0; do
		in_zone keeper "$link" || fail "$link is not in the zone"
		expect_fail 1 'does not exist' ip link show "$link"
	done
	expect_ok dladm check
	check_eq 'disagreements' '' "$out"
	expect_ok zoneadm -z keeper halt
	for link in lost0 lost1 losts0; do
		expect_ok ip link show "$link"
	done
	check_match vni 'vxlan.* id 15 ' "$(ip -d link show lost0)"
	check_match vni 'vxlan.* id 16 ' "$(ip -d link show lost1)"
	check_eq peer losts1 "$(peer_of losts0)"
	expect_ok dladm check
	check_eq 'disagreements' '' "$out"
	remove_zone keeper
	for link in lost0 lost1; do
		expect_ok dladm delete-overlay "$link"
	done
	for link in losts0 losts1; do
		expect_ok dladm delete-simnet "$link"
	done
}

test_bridges_stay_at_home()
{
	expect_ok dladm create-bridge home
	make_zone noway
	expect_ok zoneadm -z noway ready
	expect_fail 1 'a bridge cannot be given to a zone' \
		dladm set-linkprop -t -p zone=noway home0
	remove_zone noway
	expect_ok dladm delete-bridge home
}

# Where the kernel has tunnels the zone boots with it.
test_a_zone_that_asks_for_an_implicit_tunnel()
{
	make_zone imp 'add net' 'set physical=ip.tun0' end
	expect_ok zoneadm -z imp verify
	if kernel_has 'sit mode any local 127.0.0.2'; then
		expect_ok zoneadm -z imp boot
		check_eq flags -i "$(dladm show-iptun -p -o flags ip.tun0)"
		expect_ok zoneadm -z imp halt
	else
		expect_fail 1 "net 'ip.tun0': cannot make the tunnel: the kernel has no IPv4 tunnels" \
			zoneadm -z imp boot
		expect_fail 1 "cannot make ip6.tun0.*the kernel has no IPv6 tunnels" \
			dladm set-linkprop -t -p hoplimit=3 ip6.tun0
	fi
	wait_for 10 gone_from_list ip.tun0
	expect_fail 1 'not valid' dladm show-link ip.tun0
	expect_fail 1 'not valid' dladm set-linkprop -t -p hoplimit=3 ipx.tun0
	remove_zone imp
}

# Its ports name the bridge, not its link.
test_a_bridge_that_is_renamed_keeps_its_ports()
{
	expect_ok dladm create-simnet port0
	expect_ok dladm create-bridge -l port0 old
	expect_fail 1 "old0.*link busy" dladm rename-link old0 new0
	reboot_host
	expect_fail 1 "rename of old0 to new1 failed: .*ends with a letter, and a 0" \
		dladm rename-link old0 new1
	expect_ok dladm rename-link old0 new0
	expect_ok dladm up-simnet
	expect_ok dladm up-bridge
	check_eq ports port0 "$(dladm show-bridge -l -p -o link new)"
	expect_ok dladm remove-bridge -l port0 new
	expect_ok dladm delete-bridge new
	expect_ok dladm delete-simnet port0
}

run_tests
