#!/bin/bash
# Statistics of zones: kstat, what it selects and how it prints, and who sees what.
# Alone: measures CPU time and load.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	make_zone web 'set max-lwps=100' 'add capped-cpu' 'set ncpus=0.5' end \
		'add capped-memory' 'set physical=64m' end
	make_zone db
	make_link web0
	expect_ok zonecfg -z web 'add net; set physical=web0; set allowed-address=10.9.0.2/24; end; commit'
	expect_ok zoneadm -z web boot
	expect_ok zoneadm -z db boot
}

# The id of web, as $id.
find_id()
{
	id=$(zoneadm -z web list -p | cut -d: -f1)
}

# stat OF: the value of one statistic.
stat()
{
	kstat -p "$1" | cut -f2
}

test_selections()
{
	find_id
	expect_ok kstat -p zones::web:zonename
	check_eq 'one' "zones:$id:web:zonename	web" "$out"
	expect_ok kstat -p -m zones -n web -s zonename
	check_eq 'the same by options' "zones:$id:web:zonename	web" "$out"
	expect_ok kstat -C -m zones -n web -s zonename
	check_eq 'with colons' "zones:$id:web:zonename:web" "$out"
	expect_ok kstat -l "zones:$id:w?b:init_p*"
	check_eq 'a shell pattern' "zones:$id:web:init_pid" "$out"
	expect_ok kstat -p '/^zones$/::/^(web|db)$/:zonename'
	check_eq 'a regular expression' 2 "$(wc -l <<<"$out")"
	expect_ok kstat -p zones::web:zonename zones::db:zonename
	check_eq 'two operands' 2 "$(wc -l <<<"$out")"
	expect_ok kstat -l link::s_web0:ifspeed zones:0::boot_time
	check_eq 'of two modules' "link:0:s_web0:ifspeed
zones:0:global:boot_time" "$(sort <<<"$out")"
	expect_ok kstat -l -c zone_caps -i "$id" -s value
	check_eq 'a class' "caps:$id:cpucaps_zone_$id:value
caps:$id:lockedmem_zone_$id:value
caps:$id:lofi_zone_$id:value
caps:$id:msgids_zone_$id:value
caps:$id:nlwps_zone_$id:value
caps:$id:nprocs_zone_$id:value
caps:$id:physicalmem_zone_$id:value
caps:$id:semids_zone_$id:value
caps:$id:shmids_zone_$id:value
caps:$id:shmmem_zone_$id:value
caps:$id:swapresv_zone_$id:value" "$(sort <<<"$out")"
	expect_fail 1 '^$' kstat -p zones::nobody
	expect_fail 1 '^$' kstat -q zones::nobody
	expect_ok kstat -q zones::web
	check_eq quiet '' "$out"

}

test_values()
{
	find_id
	check_eq init "$(init_of web)" "$(stat zones::web:init_pid)"
	check_eq 'the cap' 50 "$(stat "caps:$id:cpucaps_zone_$id:value")"
	check_eq 'the limit' 100 "$(stat "caps:$id:nlwps_zone_$id:value")"
	check_eq 'physical memory' $((64 << 20)) "$(stat memory_cap::web:physcap)"
	check_match 'threads' '^[1-9][0-9]*$' "$(stat "caps:$id:nlwps_zone_$id:usage")"
	check_match 'memory' '^[1-9][0-9]*$' "$(stat memory_cap::web:rss)"
	check_eq 'not counted' - "$(stat "caps:$id:lockedmem_zone_$id:usage")"
	check_eq 'no limit' 18446744073709551615 "$(stat memory_cap::web:swapcap)"
	check_eq 'no cap of db' '' "$(kstat -p 'caps::cpucaps*:value' | grep -v "_$id:" || true)"
	local boot now
	boot=$(stat zones::web:boot_time)
	now=$(date +%s)
	[ "$boot" -le $((now + 1)) ] && [ "$boot" -gt $((now - 300)) ] || fail "booted at $boot, now $now"
	[ "$(stat zones::web:crtime | cut -d. -f1)" -le "$(stat zones::web:snaptime | cut -d. -f1)" ]
}

# Every kstat of a zone with its class, its statistics in their order, and what they are: one string, numbers
# else, or nothing where this host does not count. Of a name that is longer only 30 characters are the kstat's.
test_the_whole_table()
{
	local long=web-of-a-customer-with-a-name-that-has-40-of

	find_id
	kstat -j -i "$id" >/tmp/kstats
	python3 - "$id" /tmp/kstats <<-'END' >/tmp/table || fail "$(cat /tmp/table)"
		import json, sys
		for k in json.load(open(sys.argv[2])):
		    data = [s for s in k["data"] if s not in ("crtime", "snaptime")]
		    assert data[0] == "zonename" and k["data"]["zonename"] == "web", k
		    assert k["instance"] == int(sys.argv[1]) and k["data"]["crtime"] <= k["data"]["snaptime"], k
		    for s in data[1:]:
		        v = k["data"][s]
		        assert v is None or type(v) is int or (s, v) in (("value", "unlimited"), ("swapcap", "unlimited")), (k, s)
		    print(k["module"], k["class"], k["name"].replace("_" + sys.argv[1], "_N") + ":", *data[1:])
	END
	check_eq table "$(cat <<-'END'
		caps zone_caps cpucaps_zone_N: above_sec below_sec maxusage nwait usage value refused
		caps zone_caps lockedmem_zone_N: usage value refused
		caps zone_caps lofi_zone_N: usage value refused
		caps zone_caps msgids_zone_N: usage value refused
		caps zone_caps nlwps_zone_N: usage value refused
		caps zone_caps nprocs_zone_N: usage value refused
		caps zone_caps physicalmem_zone_N: usage value refused
		caps zone_caps semids_zone_N: usage value refused
		caps zone_caps shmids_zone_N: usage value refused
		caps zone_caps shmmem_zone_N: usage value refused
		caps zone_caps swapresv_zone_N: usage value refused
		link net web0: ifspeed link_state link_duplex ipackets64 opackets64 rbytes64 obytes64 ierrors oerrors multircv norcvbuf noxmtbuf collisions unknowns macspoofed restricted ipspoofed dhcpspoofed brdcstrcv
		memory_cap zone_memory_cap web: rss physcap swap swapcap nover pagedout pgpgin anonpgin execpgin fspgin anon_alloc_fail
		zone_vfs zone_vfs web: nread reads nwritten writes rtime rlentime rcnt wtime wlentime wcnt 10ms_ops 100ms_ops 1s_ops 10s_ops delay_cnt delay_time
		zones zone_misc web: nsec_user nsec_sys nsec_waitrq avenrun_1min avenrun_5min avenrun_15min forkfail_cap forkfail_noproc forkfail_nomem forkfail_misc mapfail_seglim nested_interp init_pid init_restarts boot_time
	END
	)" "$(LC_ALL=C sort /tmp/table)"
	make_zone "$long"
	expect_ok zoneadm -z "$long" ready
	expect_ok kstat -p "zones::${long:0:30}:zonename"
	check_eq 'in full' "$long" "$(cut -f2 <<<"$out")"
	expect_ok zoneadm -z "$long" halt
	remove_zone "$long"
}

# When a kstat was made does not change from one look to the next, nor with another zoned.
test_crtime_stays()
{
	local crtime

	crtime=$(stat zones::web:crtime)
	check_eq 'one time for all' "$crtime" "$(kstat -p -s crtime -i "$(zoneadm -z web list -p | cut -d: -f1)" | cut -f2 | sort -u)"
	kill_hard zoned
	start zoned
	check_eq 'another zoned' "$crtime" "$(stat zones::web:crtime)"
	expect_ok zoneadm -z web reboot
	[ "$(stat zones::web:crtime)" != "$crtime" ] || fail 'another zone has that time'
}

# Memory that is new was not paged in, and what is freed not paged out.
test_what_is_paged()
{
	local before

	before=$(stat memory_cap::web:pgpgin)
	expect_ok in_zone web dd if=/dev/zero of=/dev/null bs=20M count=2
	[ $(($(stat memory_cap::web:pgpgin) - before)) -lt 2000 ] ||
		fail "from $before to $(stat memory_cap::web:pgpgin)"
	check_match 'paged out' '^(-|[0-9]{1,3})$' "$(stat memory_cap::web:pagedout)"
	check_match 'from swap' '^(-|[0-9]{1,3})$' "$(stat memory_cap::web:anonpgin)"
}

spent()
{
	[ "$(stat zones::web:nsec_user)" -gt "$1" ]
}

# The kstats of a link are those of the zone that has it; counters go on over its way home.
test_links()
{
	local before

	find_id
	expect_ok kstat -p "link:$id:web0:zonename"
	check_eq 'whose it is' "link:$id:web0:zonename	web" "$out"
	expect_ok kstat -p -c net -n web0 -s link_duplex
	check_eq 'once' 1 "$(wc -l <<<"$out")"
	expect_ok zlogin web 'ping -c 2 -i 0.2 -W 1 10.9.0.77 || true'
	before=$(stat link::web0:opackets64)
	[ "$before" -gt 0 ] || fail "no packet was counted: $before"
	check_eq 'broadcasts are not counted' - "$(stat link::web0:brdcstrcv)"
	expect_ok zoneadm -z web halt
	expect_ok kstat -p link::web0:opackets64
	check_match 'at home' "^link:0:web0:opackets64" "$out"
	[ "$(cut -f2 <<<"$out")" -ge "$before" ] || fail "it counted $before before: $out"
	expect_ok zoneadm -z web boot
	expect_ok dladm create-etherstub spare0
	expect_ok kstat -q link:0:spare0
	expect_ok dladm rename-link spare0 other0
	expect_ok kstat -q link:0:other0
	expect_fail 1 '^$' kstat -q link:0:spare0
	expect_ok dladm delete-etherstub other0
	expect_fail 1 '^$' kstat -q link:0:other0
}

# What the host did without its zones, and what is not counted here.
test_the_host()
{
	local booted

	booted=$(awk '$1 == "btime" { print $2 }' /proc/stat)
	[ $(($(stat zones:0:global:boot_time) - booted)) -le 1 ] || fail 'another start of the host'
	[ "$(stat zones:0:global:nsec_user)" -gt 0 ] || fail 'the host used no time'
	check_match load '^[0-9]+$' "$(stat zones:0:global:avenrun_1min)"
	check_eq zonename global "$(stat zones:0:global:zonename)"
	check_eq 'no other kind' zones "$(kstat -l -i 0 -n global | cut -d: -f1 | sort -u)"
	check_match 'files of a zone' '^([0-9]+|-)$' "$(stat zone_vfs::web:nread)"
	check_eq 'not counted' - "$(stat zone_vfs::web:10ms_ops)"
}

has_load()
{
	[ "$(stat zones::web:avenrun_1min)" -gt 0 ] &&
		[ "$(stat "caps:$id:cpucaps_zone_$id:maxusage")" -gt 0 ]
}

# A loop in the zone is seen: time, load, the cap; and nothing of it in the other zone.
test_a_busy_zone()
{
	local before other pid

	find_id
	before=$(stat zones::web:nsec_user)
	other=$(stat zones::db:avenrun_1min)
	zlogin web 'while :; do :; done' &
	pid=$!
	wait_for 20 spent $((before + 100000000))
	wait_for 40 has_load
	kill -KILL "$pid"
	check_eq 'the load of the other' "$other" "$(stat zones::db:avenrun_1min)"
	expect_ok zoneadm -z web reboot
}

test_forms()
{
	expect_ok kstat zones::web
	check_match head "^module: zones +instance: [0-9]+ *$" "$(sed -n 1p <<<"$out")"
	check_match head '^name:   web +class:    zone_misc$' "$(sed -n 2p <<<"$out")"
	check_match time '^	crtime +[0-9]+\.[0-9]{9}$' "$out"
	check_match time '^	snaptime +[0-9]+\.[0-9]{9}$' "$out"
	kstat -j | python3 -c '
import json, sys
all = json.load(sys.stdin)
web = [k for k in all if k["module"] == "zones" and k["name"] == "web"]
assert len(web) == 1 and web[0]["class"] == "zone_misc", web
data = web[0]["data"]
assert data["zonename"] == "web" and data["nested_interp"] is None
assert data["init_pid"] > 0 and data["snaptime"] > data["crtime"]
cap = [k for k in all if k["name"].startswith("swapresv")]
assert cap[0]["data"]["value"] == "unlimited", cap' || fail 'not the JSON that was expected'
	expect_ok kstat -p -T u zones::web:zonename 1 2
	check_eq 'two rounds' 4 "$(wc -l <<<"$out")"
	check_match 'with times' '^[0-9]{9,}$' "$(sed -n 1p <<<"$out")"
}

test_bad_usage()
{
	expect_fail 2 usage kstat -x
	expect_fail 2 'more than four parts' kstat a:b:c:d:e
	expect_fail 2 '/\(/' kstat '/(/'
	expect_fail 2 'u or d' kstat -T x
	for how in -C -l -p '-T u'; do
		# shellcheck disable=SC2086
		expect_fail 2 '^kstat: -j: it does not go with -C, -l, -p and -T$' kstat -j $how zones
	done
	expect_fail 2 'numbers from 1' kstat zones 0
	expect_fail 2 usage kstat -m zones zones::web
	kill_hard zoned
	expect_fail 3 'zoned is not running' kstat
	start zoned
}

test_a_zone_sees_its_own()
{
	mkdir -p "$ZONES_ROOT/zones/web/root/probe"
	cp "$(type -P kstat)" "$ZONES_ROOT/zones/web/root/probe"
	expect_ok in_zone web /probe/kstat -p -s zonename
	check_eq 'only its own' web "$(cut -f2 <<<"$out" | sort -u)"
	expect_ok in_zone web /probe/kstat -p link:::zonename
	check_match 'its link' '^link:[0-9]+:web0:zonename	web$' "$out"
	check_eq 'no other link' 1 "$(wc -l <<<"$out")"
	expect_fail 1 '^$' in_zone web /probe/kstat -n db
}

# More than one reply can hold; each zone once.
test_many_zones()
{
	local i ids

	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		mkdir -p "$ZONES_ROOT/many/$i/sbin"
		ids+=" $(zone-probe create "m$i" "$ZONES_ROOT/many/$i" | cut -d' ' -f2)"
	done
	expect_ok kstat -p zones:::zonename
	for i in $ids; do
		zone-probe shutdown "$i"
		zone-probe destroy "$i"
	done >/dev/null
	check_eq 'each once' 15 "$(cut -f2 <<<"$out" | sort -u | wc -l)"
	check_eq 'none twice' 15 "$(wc -l <<<"$out")"
}

run_tests
