#!/bin/bash
# What a net resource asks of its link: properties, which the link has while the zone has it, and
# vnics that are made for it.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

TEST_LIMIT=${KILL_LIMIT-240}

setup()
{
	start_daemons
	expect_ok dladm create-etherstub stub0
	expect_ok dladm create-vnic -l stub0 host0
	expect_ok ip addr add 10.9.0.1/24 dev host0
	expect_ok ip link set host0 up
}

# edit ZONE COMMAND...
edit()
{
	local zone=$1

	shift
	printf '%s\n' "$@" >"$ZONES_ROOT/edit"
	expect_ok zonecfg -z "$zone" -f "$ZONES_ROOT/edit"
}

# value LINK PROPERTY: what is in force; -z ZONE may stand before.
value()
{
	dladm show-linkprop -c -o value -p "$2" "$1"
}

# settled ZONE: nothing is left to apply.
settled()
{
	expect_ok zoneadm -z "$1" apply -n
	check_eq 'no difference is left' '' "$out"
}

test_properties_are_the_links_while_the_zone_has_it()
{
	expect_ok dladm create-vnic -l stub0 web0
	expect_ok dladm set-linkprop -p maxbw=300M web0
	make_zone web 'add net' 'set physical=web0' 'set allowed-address=10.9.0.2/24' \
		'add property (name=maxbw,value=100M)' 'add property (name=priority,value=low)' \
		'add property (name=mtu,value=1400)' \
		'add property (name=protection,value="dhcp-nospoof,restricted")' end
	expect_ok zonecfg -z web export
	check_match export 'add property \(name=maxbw,value=100M\)' "$out"
	expect_ok zonecfg -z web info net
	check_match info 'property: \(name=maxbw,value=100M\)' "$out"
	before=$(for p in maxbw priority mtu protection; do value web0 "$p"; done)
	expect_ok zoneadm -z web boot
	check_eq maxbw 100 "$(value web0 maxbw | tr -d ' M')"
	check_eq priority low "$(value web0 priority)"
	check_eq mtu 1400 "$(value web0 mtu)"
	check_eq 'mtu inside' 1400 "$(in_zone web cat /sys/class/net/web0/mtu)"
	check_match protection 'dhcp-nospoof' "$(value web0 protection)"
	check_match 'and that of the address' 'ip-nospoof' "$(value web0 protection)"
	settled web
	# a zoned that was killed knows what to put back
	kill_hard zoned
	start zoned
	wait_for 20 zoned_answers
	check_eq 'maxbw still' 100 "$(value web0 maxbw | tr -d ' M')"
	settled web
	expect_ok zoneadm -z web halt
	check_eq 'as it was' "$before" "$(for p in maxbw priority mtu protection; do value web0 "$p"; done)"
	# what an administrator sets meanwhile stays
	expect_ok zoneadm -z web boot
	expect_ok dladm set-linkprop -p maxbw=50M web0
	expect_ok zoneadm -z web apply -n
	check_eq 'his is told' 'net web0: property maxbw 50 -> 100M' "$out"
	expect_ok zoneadm -z web halt
	check_eq 'his stays' 50 "$(value web0 maxbw | tr -d ' M')"
	remove_zone web
	expect_ok dladm delete-vnic web0
}

test_apply_changes_properties()
{
	expect_ok dladm create-vnic -l stub0 web0
	make_zone web 'add net' 'set physical=web0' 'add property (name=maxbw,value=100M)' end
	expect_ok zoneadm -z web boot
	edit web 'select net physical=web0' 'remove property (name=maxbw,value=100M)' \
		'add property (name=priority,value=low)' end
	expect_ok zoneadm -z web apply -n
	check_eq 'what would be done' 'net web0: property maxbw 100M -> none
net web0: property priority none -> low' "$out"
	check_eq 'and is not' 100 "$(value web0 maxbw | tr -d ' M')"
	expect_ok zoneadm -z web apply
	check_eq 'maxbw is gone' '' "$(value web0 maxbw | tr -d ' -')"
	check_eq priority low "$(value web0 priority)"
	settled web
	# changed by hand: said, and put right
	expect_ok dladm set-linkprop -t -p priority=medium web0
	expect_ok zoneadm -z web apply
	check_eq priority low "$(value web0 priority)"
	settled web
	expect_ok zoneadm -z web halt
	check_eq 'what was there before' medium "$(value web0 priority)"
	remove_zone web
	expect_ok dladm delete-vnic web0
}

test_what_is_wrong_is_said_in_one_line()
{
	local text
	expect_ok dladm create-vnic -l stub0 bad0
	configure bad 'add net' 'set physical=bad0' end
	while IFS='|' read -r text said; do
		printf '%s\n' 'select net physical=bad0' 'clear property' "add property ($text)" end \
			commit >"$ZONES_ROOT/edit"
		expect_fail 1 "$said" zonecfg -z bad -f "$ZONES_ROOT/edit"
	done <<-'EOF'
	name=maxbw,value=fast|net physical=bad0: 'fast' is not a valid value of property maxbw
	name=priority,value=no|'no' is not a valid value of property priority; possible are low,medium,high
	name=speed,value=10|property speed cannot be set
	name=zone,value=x|property zone cannot be set
	name=mtu,value=big|'big' is not a valid value of property mtu
	EOF
	# twice on one link
	printf '%s\n' 'select net physical=bad0' 'set allowed-address=10.9.0.3/24' \
		'add property (name=maxbw,value=10M)' end 'add net' 'set physical=bad0' \
		'set allowed-address=10.9.0.4/24' 'add property (name=maxbw,value=20M)' end commit \
		>"$ZONES_ROOT/edit"
	expect_fail 1 'property maxbw is given more than once' zonecfg -z bad -f "$ZONES_ROOT/edit"
	# another system's is kept, named, and refused by name
	edit bad 'select net physical=bad0' 'add property (name=primary,value=true)' \
		'add property (name=cpus,value=1)' end
	check_match warned 'property primary \(no link has one of that name\): this release cannot' "$out"
	expect_fail 1 'property cpus .*cannot apply' zoneadm -z bad verify
	edit bad 'select net physical=bad0' 'clear property' \
		'add property (name=hoplimit,value=5)' end
	expect_fail 1 "'bad0' is a vnic, which has no property hoplimit" zoneadm -z bad verify
	# a value that only the device refuses: the boot fails, and nothing stays changed
	edit bad 'select net physical=bad0' 'clear property' \
		'add property (name=maxbw,value=50M)' 'add property (name=mtu,value=70000)' end
	expect_ok zoneadm -z bad install
	expect_fail 1 "net 'bad0': cannot set property mtu: mtu of 'bad0' has to be between" \
		zoneadm -z bad boot
	check_eq 'nothing stays' '' "$(value bad0 maxbw | tr -d ' -')"
	expect_ok ip link show bad0
	remove_zone bad
	expect_ok dladm delete-vnic bad0
}

test_a_vnic_is_made_for_each_zone()
{
	local z
	for z in one two; do
		make_zone "$z" 'add net' 'set physical=net0' 'set global-nic=stub0' end
	done
	edit one 'select net physical=net0' 'set allowed-address=10.9.0.11/24' \
		'set mac-addr=2:8:20:a:b:c' end
	edit two 'select net physical=net0' 'set allowed-address=10.9.0.12/24' \
		'add property (name=maxbw,value=200M)' end
	for z in one two; do
		expect_ok zoneadm -z "$z" verify
		expect_ok zoneadm -z "$z" boot
		expect_ok in_zone "$z" ip -o addr show dev net0
		expect_ok in_zone "$z" ping -c 1 -W 10 10.9.0.1
	done
	expect_ok in_zone one ping -c 1 -W 10 10.9.0.12
	expect_ok in_zone one cat /sys/class/net/net0/address
	check_eq 'its address' 02:08:20:0a:0b:0c "$out"
	mac=$(in_zone two cat /sys/class/net/net0/address)
	expect_ok dladm show-vnic -p -o link,over,zone
	check_match one 'net0:stub0:one' "$out"
	check_match two 'net0:stub0:two' "$out"
	expect_fail 1 'not found' dladm show-link net0
	expect_ok dladm check
	# held to its address from outside
	expect_ok in_zone one ip addr add 10.9.0.66/24 dev net0
	expect_fail 1 '' in_zone one ping -c 1 -W 1 -I 10.9.0.66 10.9.0.1
	# it stays when the daemons are killed
	kill_hard zoned
	start zoned
	wait_for 20 zoned_answers
	kill_hard dlmgmtd
	start dlmgmtd
	wait_for 20 dladm_answers
	expect_ok dladm check
	settled one
	settled two
	expect_ok zoneadm -z two reboot
	check_eq 'the same address at each boot' "$mac" "$(in_zone two cat /sys/class/net/net0/address)"
	for z in one two; do
		expect_ok zoneadm -z "$z" halt
	done
	check_eq 'no vnic is left' 'host0' "$(dladm show-vnic -p -o link)"
	expect_ok dladm check
	for z in one two; do remove_zone "$z"; done
}

test_apply_makes_and_removes_vnics()
{
	make_zone dyn
	expect_ok zoneadm -z dyn boot
	edit dyn 'add net' 'set physical=net0' 'set global-nic=stub0' \
		'set allowed-address=10.9.0.21/24' 'add property (name=maxbw,value=200M)' end
	expect_ok zoneadm -z dyn apply -n
	check_eq 'what would be done' 'net net0: make the link for the zone
net net0: property maxbw none -> 200M
net net0: address none -> 10.9.0.21/24' "$out"
	expect_ok zoneadm -z dyn apply
	expect_ok in_zone dyn ping -c 1 -W 10 10.9.0.1
	settled dyn
	edit dyn 'select net physical=net0' 'set mac-addr=2:8:20:1:2:3' end
	expect_ok zoneadm -z dyn apply
	expect_ok in_zone dyn cat /sys/class/net/net0/address
	check_eq 'a new one' 02:08:20:01:02:03 "$out"
	expect_ok in_zone dyn ping -c 1 -W 10 10.9.0.1
	settled dyn
	edit dyn 'remove net physical=net0'
	expect_ok zoneadm -z dyn apply
	check_eq 'no vnic is left' 'host0' "$(dladm show-vnic -p -o link)"
	settled dyn
	remove_zone dyn
	expect_ok dladm check
}

test_auto_follows_the_routes_of_the_host()
{
	# host0 is a vnic over stub0: what leads over it is over stub0
	make_zone auto 'add net' 'set physical=net0' 'set global-nic=auto' \
		'set allowed-address=10.9.0.31/24' end
	expect_ok zoneadm -z auto boot
	expect_ok dladm show-vnic -z auto -p -o over net0
	check_eq over stub0 "$out"
	expect_ok in_zone auto ping -c 1 -W 10 10.9.0.1
	expect_ok zoneadm -z auto halt
	edit auto 'select net physical=net0' 'set allowed-address=10.77.0.31/24' end
	expect_fail 1 "net 'net0': global-nic=auto: the host has no route to 10.77.0.31" \
		zoneadm -z auto boot
	edit auto 'select net physical=net0' 'set allowed-address=127.0.0.9/8' end
	expect_fail 1 "the route leads over 'lo', which is no link" zoneadm -z auto boot
	edit auto 'select net physical=net0' 'set allowed-address=10.9.0.31/24' \
		'set global-nic=nothere0' end
	expect_fail 1 "data link 'nothere0' does not exist" zoneadm -z auto verify
	expect_fail 1 "there is no data link 'nothere0' .global-nic.; " zoneadm -z auto boot
	edit auto 'select net physical=net0' 'set global-nic=host0' end
	expect_fail 1 "no vnic can be over 'host0' .global-nic., a vnic" zoneadm -z auto verify
	expect_fail 1 "cannot make the vnic over 'host0'" zoneadm -z auto boot
	edit auto 'select net physical=net0' 'clear global-nic' 'set vlan-id=5' end
	check_match warned 'vlan-id without global-nic' "$out"
	check_eq 'no vnic is left' 'host0' "$(dladm show-vnic -p -o link)"
	remove_zone auto
}

# The VLAN comes to the vnic: the switch without a wire has none, and says so.
test_a_vlan_id_is_the_vnics()
{
	make_zone tag 'add net' 'set physical=net0' 'set global-nic=stub0' 'set vlan-id=5' end
	expect_fail 1 "net 'net0': cannot make the vnic over 'stub0': .*VLAN" zoneadm -z tag boot
	check_eq 'no vnic is left' 'host0' "$(dladm show-vnic -p -o link)"
	check_eq 'nor an id' '' "$(dladm check)"
	remove_zone tag
}

# What its first program sees, without anybody in the zone who sets it.
test_all_is_there_before_init_runs()
{
	make_zone early 'add net' 'set physical=net0' 'set global-nic=stub0' \
		'set allowed-address=10.9.0.41/24' 'set defrouter=10.9.0.1' end \
		'add net' 'set physical=net0' \
		'set allowed-address=fd00:9::41/64' 'set defrouter=fd00:9::1' end \
		'add net' 'set physical=net1' 'set global-nic=stub0' \
		'set allowed-address=10.10.0.41/24' end \
		'add attr' 'set name=resolvers' 'set type=string' \
		'set value="10.9.0.1,fd00:9::1"' end \
		'add attr' 'set name=dns-domain' 'set type=string' 'set value=example.org' end
	# somebody's link that would lead out of the root
	ln -sf ../../../../etc/passwd "$ZONES_ROOT/zones/early/root/etc/resolv.conf"
	cat >"$ZONES_ROOT/zones/early/root/etc/rc.zone" <<-'END'
		#!/bin/sh
		{
			ip -o addr show scope global
			ip route
			ip -6 route show default
			cat /etc/resolv.conf
		} >/root/seen.new 2>&1
		mv /root/seen.new /root/seen
	END
	chmod 755 "$ZONES_ROOT/zones/early/root/etc/rc.zone"
	expect_ok zoneadm -z early verify
	expect_ok zoneadm -z early boot
	wait_for 30 test -e "$ZONES_ROOT/zones/early/root/root/seen"
	out=$(cat "$ZONES_ROOT/zones/early/root/root/seen")
	check_match net0 'net0 +inet 10.9.0.41/24' "$out"
	check_match 'net0, IPv6' 'net0 +inet6 fd00:9::41/64' "$out"
	check_match net1 'net1 +inet 10.10.0.41/24' "$out"
	check_match route 'default via 10.9.0.1 dev net0' "$out"
	check_match 'route, IPv6' 'default via fd00:9::1 dev net0' "$out"
	check_match resolv.conf $'search example.org\nnameserver 10.9.0.1\nnameserver fd00:9::1$' "$out"
	check_eq 'a file, no link' 'regular file' "$(stat -c %F "$ZONES_ROOT/zones/early/root/etc/resolv.conf")"
	# both routers follow the configuration
	edit early 'select net allowed-address=fd00:9::41/64' 'set defrouter=fd00:9::2' end \
		'select attr name=dns-domain' 'set value=example.net' end
	expect_ok zoneadm -z early apply -n
	check_match routers 'net net0: default router 10.9.0.1,fd00:9::1 -> 10.9.0.1,fd00:9::2' "$out"
	check_match later 'dns-domain: takes effect at the next boot' "$out"
	expect_ok zoneadm -z early apply
	expect_ok in_zone early ip -6 route show default
	check_match new 'via fd00:9::2' "$out"
	check_no_match old 'via fd00:9::1 ' "$out"
	expect_ok in_zone early ip route show default
	check_match kept 'via 10.9.0.1' "$out"
	remove_zone early
	printf '%s\n' 'create -b' 'set brand=sparse' 'set zonepath=/zones/wrong' 'add attr' \
		'set name=resolvers' 'set type=string' 'set value="10.9.0.1,ns.example"' end commit \
		>"$ZONES_ROOT/edit"
	expect_fail 1 "attr resolvers: '10.9.0.1,ns.example' is not a list of addresses" \
		zonecfg -z wrong -f "$ZONES_ROOT/edit"
}

# ---- killed meanwhile ----

# The link that is lent has the property, and the zone its own vnic.
is_up()
{
	[ "$(value keep0 maxbw | tr -d ' M')" = 100 ] && in_zone kill ping -c 1 -W 2 10.9.0.1
}

# All as it was before the zone.
is_away()
{
	[ "$(value keep0 maxbw | tr -d ' M')" = 300 ] &&
		[ "$(dladm show-vnic -p -o link | sort | tr '\n' ' ')" = 'host0 keep0 ' ] &&
		[ -z "$(dladm check)" ]
}

# What is in the way is shown.
must_be_away()
{
	local end=$((SECONDS + 100))

	until is_away; do
		if [ "$SECONDS" -gt "$end" ]; then
			dladm show-vnic -o all || true
			dladm check || true
			fail "not all is as it was: maxbw $(value keep0 maxbw)"
		fi
		sleep 0.1
	done
}

was_killed()
{
	grep -q '^killed' "$ZONES_ROOT/kill-at"
}

# strike DAEMON N COMMAND...: kills it before its n-th system call meanwhile. False: it was over before.
strike()
{
	local daemon=$1 n=$2 tracer

	shift 2
	: >"$ZONES_ROOT/kill-at"
	kill-at "$(pids_of "$daemon")" "$n" >"$ZONES_ROOT/kill-at" &
	tracer=$!
	wait_for 10 grep -q . "$ZONES_ROOT/kill-at"
	timeout 100 "$@" >/dev/null 2>&1 </dev/null || true
	kill -TERM "$tracer" 2>/dev/null || true
	wait "$tracer" || true
	was_killed || return 1
	wait_for 10 gone "$daemon"
	start "$daemon"
	[ "$daemon" != dlmgmtd ] || wait_for 20 dladm_answers
}

make_kill_zone()
{
	expect_ok dladm create-vnic -l stub0 keep0
	expect_ok dladm set-linkprop -p maxbw=300M keep0
	make_zone kill 'add net' 'set physical=net0' 'set global-nic=stub0' \
		'set allowed-address=10.9.0.51/24' end \
		'add net' 'set physical=keep0' 'add property (name=maxbw,value=100M)' end
}

test_nothing_is_lost_when_a_daemon_dies()
{
	local daemon n step=${KILL_STEP-330} more
	make_kill_zone
	for daemon in zoned dlmgmtd; do
		more=yes
		for ((n = 35; n < 4000 && ${#more}; n += step)); do
			more=
			echo "# $daemon at $n"
			if strike "$daemon" "$n" zoneadm -z kill boot; then more=yes; fi
			has_state kill running || expect_ok zoneadm -z kill boot
			wait_for 20 is_up
			if strike "$daemon" "$n" zoneadm -z kill halt; then more=yes; fi
			expect_ok zoneadm -z kill halt
			must_be_away
		done
	done
	remove_zone kill
	expect_ok dladm delete-vnic keep0
}

test_nothing_is_lost_when_zoneadmd_dies()
{
	local stage
	use_fault_build zoneadmd
	make_kill_zone
	for stage in linkdb links resolver; do
		ZONEADMD_CRASH_AT=$stage timeout 100 zoneadm -z kill boot &&
			fail "boot though zoneadmd died after $stage"
		expect_ok zoneadm -z kill boot
		wait_for 20 is_up
		ZONEADMD_CRASH_AT=down-$stage timeout 100 zoneadm -z kill halt || true
		expect_ok zoneadm -z kill halt
		must_be_away
	done
	remove_zone kill
	expect_ok dladm delete-vnic keep0
}

run_tests
