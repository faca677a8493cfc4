#!/bin/bash
# Flows: flowadm makes, changes and shows them; the packet filter counts and limits them.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

conf=$ZONES_ROOT/etc/dladm/flowadm.conf

setup()
{
	start_daemons
	# A vnic of the host and one of a namespace on the same etherstub.
	expect_ok dladm create-etherstub fs0
	expect_ok dladm create-vnic -l fs0 here0
	expect_ok dladm create-vnic -l fs0 there0
	ip netns add there
	ip link set there0 netns there
	ip -n there addr add 10.6.0.2/16 dev there0
	ip -n there addr add 10.6.1.2/16 dev there0
	ip -n there link set there0 up
	ip addr add 10.6.0.1/16 dev here0
	ip link set here0 up
	skip_without_filter
}

# What the kernel lacks, the command says.
skip_without_filter()
{
	dladm show-link -p -o link here0 >/dev/null
	if ! out=$(flowadm add-flow -l here0 -a transport=icmp probe 2>&1); then
		case $out in *nftables*) skip "$out" ;; *) fail "$out" ;; esac
	fi
	flowadm remove-flow probe
}

# count FLOW FIELD
count()
{
	flowadm show-flow -s -p -o "$2" "$1"
}

no_flows()
{
	check_eq 'no flows' '' "$(flowadm show-flow)"
}

test_a_flow_is_made_shown_and_removed()
{
	expect_ok flowadm add-flow -l here0 -a transport=tcp,local_port=80 -p maxbw=10M http
	expect_ok flowadm show-flow http
	check_match header '^FLOW +LINK +IPADDR +PROTO +LPORT +RPORT +DSFLD' "$out"
	check_match flow '^http +here0 +-- +tcp +80 +-- +--' "$out"
	expect_ok flowadm show-flow -j -o flow,lport,ipaddr
	check_eq json '[{"flow":"http","lport":80,"ipaddr":null}]' "$out"
	check_eq configuration $'http\there0\ttransport=tcp;local_port=80;maxbw=10M;' "$(cat "$conf")"
	expect_ok flowadm show-flow -P -p -o flow,link http
	check_eq 'as configured' http:here0 "$out"
	expect_ok flowadm show-flowprop -c -o property,value http
	check_eq properties $'maxbw:10M\npriority:' "$out"
	expect_ok flowadm set-flowprop -p priority=high,maxbw=1500K http
	expect_ok flowadm show-flowprop -c -o property,value http
	check_eq properties $'maxbw:1500K\npriority:high' "$out"
	expect_ok flowadm set-flowprop -t -p maxbw=2G http
	expect_ok flowadm show-flowprop -c -o value -p maxbw http
	check_eq temporary 2000M "$out"
	expect_ok flowadm show-flowprop -P -c -o value -p maxbw http
	check_eq configured 1500K "$out"
	expect_ok flowadm reset-flowprop -p maxbw http
	check_eq configuration $'http\there0\ttransport=tcp;local_port=80;priority=high;' "$(cat "$conf")"
	expect_ok flowadm reset-flowprop http
	expect_ok flowadm show-flowprop -j -o property,value http
	check_eq reset '[{"property":"maxbw","value":null},{"property":"priority","value":null}]' "$out"
	expect_ok flowadm remove-flow http
	check_eq configuration '' "$(cat "$conf")"
	no_flows
}

test_a_temporary_flow_is_not_configured()
{
	expect_ok flowadm add-flow -t -l here0 -a dsfield=0x20:0xe0 tmp1
	expect_ok flowadm show-flow -P
	check_eq configured '' "$out"
	expect_ok flowadm show-flow -p -o dsfld tmp1
	check_eq dsfield 0x20:0xe0 "$out"
	expect_ok flowadm remove-flow tmp1
	# And one that is configured may be taken away for now.
	expect_ok flowadm add-flow -l here0 -a transport=sctp kept
	expect_ok flowadm remove-flow -t kept
	no_flows
	expect_ok flowadm show-flow -P -p -o flow
	check_eq configured kept "$out"
	expect_fail 1 'persistent flow of that name' flowadm add-flow -l here0 -a transport=tcp kept
	expect_ok flowadm remove-flow kept
	expect_fail 1 "cannot remove flow 'kept': object not found" flowadm remove-flow kept
}

test_bad_flows_are_refused()
{
	local attr
	for attr in '' local_ip local_ip= local_ip=10.0.0.1/33 local_ip=10.0.0 local_ip=fd00::1/129 \
		local_ip=10.0.0.1/0 transport=ip local_port=80 transport=tcp,local_port=0 \
		transport=tcp,local_port=65536 transport=tcp,local_port=8x transport=icmp,local_port=8 \
		transport=tcp,transport=tcp local_ip=10.0.0.1,remote_ip=fd00::1 dsfield=0x100 \
		dsfield=1:0 dsfield=zz dsfield=1:2:3 transport=tcp,dsfield=1 color=red \
		local_ip=10.0.0.1,transport=icmpv6; do
		expect_fail 1 '^flowadm: ' flowadm add-flow -l here0 -a "$attr" bad
	done
	expect_fail 1 'minimum value for maxbw is 1200K' \
		flowadm add-flow -l here0 -a transport=tcp -p maxbw=1199K bad
	expect_fail 1 'invalid value' flowadm add-flow -l here0 -a transport=tcp -p maxbw=1T bad
	expect_fail 1 'invalid value' flowadm add-flow -l here0 -a transport=tcp -p priority=highest bad
	expect_fail 1 'invalid flow property' flowadm add-flow -l here0 -a transport=tcp -p mtu=9000 bad
	expect_fail 1 'invalid flow name' flowadm add-flow -l here0 -a transport=tcp 0bad
	expect_fail 1 'invalid flow name' flowadm add-flow -l here0 -a transport=tcp 'a/b'
	expect_fail 1 "link 'nolink0' is not valid" flowadm add-flow -l nolink0 -a transport=tcp bad
	expect_fail 1 'an etherstub has no flows' flowadm add-flow -l fs0 -a transport=tcp bad
	expect_fail 1 'usage' flowadm add-flow -l here0 bad
	expect_fail 1 'needs one flow' flowadm remove-flow
	expect_fail 1 'unknown subcommand' flowadm frobnicate
	expect_fail 1 "flow 'none' is not valid" flowadm show-flow none
	expect_fail 1 'must be specified' flowadm show-flow -p
	expect_fail 1 'exclude each other' flowadm show-flow -P -s
	expect_fail 1 'object not found' flowadm set-flowprop -p maxbw=5M none
	no_flows
	check_eq configuration '' "$(cat "$conf" 2>/dev/null)"
}

test_flows_of_one_link_are_alike_and_differ()
{
	expect_ok flowadm add-flow -l here0 -a remote_ip=10.6.0.0/16 wide
	expect_fail 1 "flow 'wide' has identical attributes" \
		flowadm add-flow -l here0 -a remote_ip=10.6.77.0/16 same
	expect_fail 1 "incompatible with those of flow 'wide'" \
		flowadm add-flow -l here0 -a transport=tcp other
	expect_fail 1 'there is a flow of that name' flowadm add-flow -l here0 -a remote_ip=10.7.0.0/16 wide
	expect_ok flowadm add-flow -l here0 -a remote_ip=10.6.0.2 close
	# A packet belongs to the closest.
	expect_ok ping -c 3 -i 0.1 -W 5 10.6.0.2
	expect_ok ping -c 2 -i 0.1 -W 5 10.6.1.2
	check_eq close '3:3' "$(count close ipackets,opackets)"
	check_eq wide '2:2' "$(count wide ipackets,opackets)"
	check_eq bytes "$((3 * 98)):$((3 * 98))" "$(count close rbytes,obytes)"
	expect_ok flowadm remove-flow -l here0
	no_flows
	expect_fail 1 "link 'here0' has no flows" flowadm remove-flow -l here0
}

test_dsfield_and_ipv6_are_told()
{
	ip addr add fd06::1/64 dev here0 nodad
	ip -n there addr add fd06::2/64 dev there0 nodad
	expect_ok flowadm add-flow -l here0 -a dsfield=0x40:0xe0 gold
	expect_ok ping -c 2 -i 0.1 -W 5 -Q 0x48 10.6.0.2
	expect_ok ping -c 3 -i 0.1 -W 5 -Q 0x40 fd06::2
	expect_ok ping -c 1 -W 5 10.6.0.2
	check_eq gold 5 "$(count gold opackets)"
	expect_ok flowadm remove-flow gold
	expect_ok flowadm add-flow -l here0 -a local_ip=fd06::1/128,transport=icmpv6 six
	expect_ok ping -c 2 -i 0.1 -W 5 fd06::2
	[ "$(count six ipackets)" -ge 2 ] || fail "ipackets $(count six ipackets)" # neighbours count, too
	expect_ok flowadm remove-flow six
	ip addr del fd06::1/64 dev here0
}

# send_udp PORT: 2,800,000 bytes in 2,000 datagrams; that nobody wants them does not matter.
send_udp()
{
	local data i
	printf -v data '%01400d' 0
	exec 9>"/dev/udp/10.6.0.2/$1"
	for ((i = 0; i < 2000; i++)); do
		printf '%s' "$data" >&9 2>/dev/null || true
	done
	exec 9>&-
}

test_flowstat_shows_what_flows_count()
{
	expect_ok flowadm add-flow -l here0 -a transport=icmp pings
	expect_ok flowadm add-flow -l here0 -a transport=udp datagrams
	expect_ok ping -c 3 -i 0.1 -W 10 10.6.0.2
	expect_ok flowstat
	check_match header '^FLOW +IPKTS +RBYTES +IERRS +OPKTS +OBYTES +OERRS' "$out"
	check_match flow '^pings +3 ' "$out"
	expect_ok flowstat -p -o flow,ipkts,opkts,link pings
	check_eq both pings:3:3:here0 "$out"
	check_eq received 'pings:3' "$(flowstat -r -p -o flow,ipkts pings)"
	check_eq sent 'pings:3' "$(flowstat -t -p -o flow,opkts pings)"
	check_eq 'of a link' $'datagrams\npings' "$(flowstat -l here0 -p -o flow)"
	check_eq 'of another' '' "$(flowstat -l fs0 -p -o flow)"
	check_eq unit '0.00K' "$(flowstat -u K pings | awk 'NR == 2 { print $2 }')"
	check_eq intervals $'3\n0' "$(flowstat -i 1,2 -p -o ipkts pings)"
	check_match json '"ipkts": *3[,}]' "$(flowstat -j pings)"
	expect_fail 1 "flow 'nothing' is not valid: object not found" flowstat nothing
	expect_fail 1 'link nothing0 is not valid' flowstat -l nothing0
	expect_fail 1 '-r and -t' flowstat -r -t
	expect_fail 1 '-u cannot' flowstat -u K -p -o flow
	expect_fail 1 'usage: flowstat' flowstat a b
	expect_ok flowadm remove-flow -l here0
}

test_maxbw_limits_what_matches_and_nothing_else()
{
	local start end spent limited

	expect_ok flowadm add-flow -l here0 -a transport=udp,remote_port=5001 -p maxbw=1200K slow
	expect_ok flowadm add-flow -l here0 -a transport=udp,remote_port=5002 free
	start=${EPOCHREALTIME/./}
	more_than_the_limit()
	{
		send_udp 5001
		[ "$(count slow oerrors)" -gt 0 ]
	}
	wait_for 30 more_than_the_limit
	end=${EPOCHREALTIME/./}
	# 150,000 bytes each second and as much at the start; one second for the clocks.
	spent=$(((end - start) / 1000))
	limited=$(count slow obytes)
	[ "$limited" -le $((150 * (spent + 2000) + 2000)) ] || fail "$limited bytes in $spent ms"
	[ "$limited" -ge 100000 ] || fail "$limited bytes are less than may pass at once"
	limited=$(count slow opackets,oerrors)
	more_than_a_megabyte()
	{
		send_udp 5002
		[ "$(count free obytes)" -gt 1000000 ]
	}
	wait_for 30 more_than_a_megabyte
	check_eq 'of the free flow' 0 "$(count free oerrors)"
	check_eq 'of the limited flow' "$limited" "$(count slow opackets,oerrors)"
	# Without the limit the same traffic passes.
	expect_ok flowadm reset-flowprop -p maxbw slow
	limited=$(count slow oerrors)
	send_udp 5001
	check_eq 'not limited' "$limited" "$(count slow oerrors)"
	expect_ok flowadm remove-flow -l here0
}

test_a_link_with_flows_is_busy()
{
	expect_ok dladm create-vnic -l fs0 busy0
	expect_ok flowadm add-flow -l busy0 -a transport=tcp busyf
	expect_fail 1 "link busy.*still has flows" dladm delete-vnic busy0
	expect_ok ip link show busy0
	expect_ok dladm show-link busy0
	expect_fail 1 'busy' dladm rename-link busy0 idle0
	expect_ok flowadm show-flow busyf
	# What is configured names the link, too.
	expect_ok flowadm remove-flow -t busyf
	expect_fail 1 "link busy .'busy0' has flows" dladm rename-link busy0 idle0
	expect_ok dladm delete-vnic -t busy0
	expect_fail 1 "link busy .'busy0' has flows" dladm rename-link busy0 idle0
	expect_ok dladm up-vnic busy0
	expect_ok flowadm remove-flow busyf
	expect_ok dladm rename-link busy0 idle0
	expect_ok dladm delete-vnic idle0
}

test_configured_flows_come_up_with_their_link()
{
	printf '# kept\nearly\tlate0\ttransport=udp;maxbw=5M;\nnonsense\n' >"$conf"
	expect_ok flowadm show-flow
	check_eq 'before the link' '' "$out"
	expect_ok flowadm show-flow -P
	check_match configured '^early +late0 ' "$out"
	check_match 'a bad line' 'flowadm.conf, line 3: not a name' "$out"
	expect_ok dladm create-vnic -l fs0 late0
	expect_ok flowadm show-flow -p -o flow,link early
	check_eq 'with the link' early:late0 "$out"
	expect_ok flowadm show-flowprop -c -o value -p maxbw early
	check_eq maxbw 5M "$out"
	expect_ok flowadm remove-flow early
	check_eq 'other lines stay' $'# kept\nnonsense' "$(cat "$conf")"
	expect_ok dladm delete-vnic late0
	rm "$conf"
}

test_flows_survive_zoned()
{
	local before
	expect_ok flowadm add-flow -l here0 -a remote_ip=10.6.0.2 -p maxbw=100M persistent
	expect_ok flowadm add-flow -t -l here0 -a remote_ip=10.6.1.2 temporary
	expect_ok ping -c 2 -i 0.1 -W 5 10.6.0.2
	before=$(flowadm show-flow -s -j -o flow,ipackets,opackets)
	check_match counted '"persistent","ipackets":2,"opackets":2' "$before"
	kill_hard zoned
	# They count while nobody is there.
	ping -c 2 -i 0.1 -W 5 10.6.1.2
	start zoned
	check_eq persistent 2:2 "$(count persistent ipackets,opackets)"
	check_eq temporary 2:2 "$(count temporary ipackets,opackets)"
	expect_ok flowadm show-flowprop -c -o value -p maxbw persistent
	check_eq maxbw 100M "$out"
	expect_ok flowadm remove-flow -l here0
	check_eq configuration '' "$(cat "$conf")"
}

test_a_configuration_that_cannot_be_written_changes_nothing()
{
	mkdir "$conf.new"
	expect_fail 1 'cannot write /etc/dladm/flowadm.conf' \
		flowadm add-flow -l here0 -a transport=tcp unwritten
	no_flows
	expect_ok flowadm add-flow -t -l here0 -a transport=tcp unwritten
	expect_ok flowadm remove-flow -t unwritten
	rmdir "$conf.new"
}

test_flows_of_a_link_in_a_zone()
{
	local a
	make_linked_zone fz
	expect_ok flowadm add-flow -l fz0 -a remote_ip=10.9.0.1 fzf
	expect_ok zoneadm -z fz boot
	expect_ok ping -c 3 -i 0.1 -W 10 10.9.0.2
	a=$(count fzf opackets)
	[ "$a" -ge 3 ] || fail "opackets $a"
	expect_ok flowadm add-flow -t -z fz -l fz0 -a remote_ip=10.9.0.77 fzg
	cp "$(command -v flowadm)" "$ZONES_ROOT/zones/fz/root/root/flowadm"
	expect_ok zlogin fz /root/flowadm show-flow -p -o flow
	check_eq 'seen in the zone' $'fzf\nfzg' "$out"
	cp "$(command -v flowstat)" "$ZONES_ROOT/zones/fz/root/root/flowstat"
	expect_ok zlogin fz /root/flowstat -p -o flow,link
	check_eq 'counted in the zone' $'fzf:fz0\nfzg:fz0' "$out"
	expect_ok flowadm add-flow -l fzh0 -a transport=udp fzh
	expect_ok zlogin fz /root/flowadm show-flow -p -o flow
	check_eq 'not those of other links' $'fzf\nfzg' "$out"
	expect_fail 1 'only the global zone' zlogin fz /root/flowadm remove-flow fzf
	expect_fail 1 'only the global zone' zlogin fz /root/flowadm set-flowprop -p maxbw=5M fzf
	expect_fail 1 'only the global zone' \
		zlogin fz /root/flowadm add-flow -l fz0 -a remote_ip=10.9.0.3 mine
	a=$(count fzf opackets)
	kill_hard zoned
	start zoned
	expect_ok zoneadm -z fz halt
	[ "$(count fzf opackets)" -ge "$a" ] || fail "$a, then $(count fzf opackets)"
	a=$(count fzf opackets)
	expect_ok zoneadm -z fz boot
	expect_ok ping -c 3 -i 0.1 -W 10 10.9.0.2
	[ "$(count fzf opackets)" -ge $((a + 3)) ] || fail "$a, then $(count fzf opackets)"
	expect_ok flowadm remove-flow -l fz0
	expect_ok flowadm remove-flow -l fzh0
	remove_zone fz
}

test_flows_of_a_nic_and_of_a_vnic_over_it()
{
	ip netns add wire
	ip link add fnic0 type veth peer name fnicp0
	ip link set fnicp0 netns wire
	ip -n wire addr add 10.8.0.1/24 dev fnicp0
	ip -n wire link set fnicp0 up
	ip link set fnic0 up
	wait_for 10 dladm show-phys fnic0
	expect_ok flowadm add-flow -l fnic0 -a remote_ip=10.8.0.1 nicf
	ip addr add 10.8.0.2/24 dev fnic0
	expect_ok ping -c 2 -i 0.1 -W 5 10.8.0.1
	check_eq 'of the NIC' 2:2 "$(count nicf ipackets,opackets)"
	check_eq bytes $((2 * 98)) "$(count nicf rbytes)"
	ip addr flush dev fnic0
	expect_ok dladm create-vnic -l fnic0 fmac0
	expect_ok flowadm add-flow -l fmac0 -a remote_ip=10.8.0.1 macf
	make_zone mac 'add net' 'set physical=fmac0' end
	expect_ok zoneadm -z mac boot
	expect_ok zlogin mac ip addr add 10.8.0.3/24 dev fmac0
	wait_for 10 ip netns exec wire ping -c 1 -W 2 10.8.0.3
	[ "$(count macf opackets)" -ge 1 ] || fail "opackets $(count macf opackets)"
	[ "$(count macf ipackets)" -ge 1 ] || fail "ipackets $(count macf ipackets)"
	remove_zone mac
	expect_ok flowadm remove-flow macf
	expect_ok dladm delete-vnic fmac0
	# A NIC goes into a zone as a whole: not while it has flows.
	make_zone whole
	expect_ok zoneadm -z whole ready
	expect_fail 1 'busy.*has flows' dladm set-linkprop -t -p zone=whole fnic0
	expect_ok flowadm remove-flow nicf
	expect_ok dladm set-linkprop -t -p zone=whole fnic0
	expect_fail 1 'nothing outside can count' flowadm add-flow -l fnic0 -a transport=tcp late
	expect_ok dladm reset-linkprop -t -p zone fnic0
	remove_zone whole
	ip link del fnic0
	ip netns del wire
}

# Two vnics over one NIC talk to each other without the wire: what a zone sends and gets passes its own end
# at home all the same.
test_flows_of_neighbours_over_one_nic()
{
	local i
	ip netns add wire
	ip link add near0 type veth peer name far0 netns wire
	ip link set near0 up
	ip -n wire link set far0 up
	wait_for 10 dladm show-phys near0
	for i in 1 2; do
		expect_ok dladm create-vnic -l near0 "next$i"
		make_zone "next$i" 'add net' "set physical=next$i" "set allowed-address=10.8.0.$i/24" end
		expect_ok zoneadm -z "next$i" boot
		expect_ok flowadm add-flow -l "next$i" -a transport=icmp "pings$i"
		expect_ok flowadm add-flow -l "next$i" -a transport=udp -p maxbw=1200K "slow$i"
	done
	expect_ok in_zone next1 ping -c 3 -i 0.2 -W 10 10.8.0.2
	check_eq 'of who asks' 3,3 "$(count pings1 opackets),$(count pings1 ipackets)"
	check_eq 'of who answers' 3,3 "$(count pings2 opackets),$(count pings2 ipackets)"
	dropped_between_neighbours()
	{
		nsenter -t "$(init_of next1 | head -n 1)" -n bash -c '
			exec 9>/dev/udp/10.8.0.2/5001; printf -v data "%01400d" 0
			for ((i = 0; i < 2000; i++)); do printf %s "$data" >&9 2>/dev/null || true; done'
		[ "$(count slow1 oerrors)" -gt 0 ]
	}
	wait_for 30 dropped_between_neighbours
	for i in 1 2; do
		expect_ok flowadm remove-flow -l "next$i"
		remove_zone "next$i"
		expect_ok dladm delete-vnic "next$i"
	done
	ip link del near0
	ip netns del wire
}

run_tests
