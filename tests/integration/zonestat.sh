#!/bin/bash
# What zones use, by zonestat: the lines for programs, the tables, the reports.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	make_zone web 'set max-lwps=100' 'set cpu-shares=30' 'add capped-cpu' 'set ncpus=0.5' end \
		'add capped-memory' 'set physical=64m' end
	make_zone db 'set cpu-shares=10'
	expect_ok zoneadm -z web boot
	expect_ok zoneadm -z db boot
}

test_summary_for_programs()
{
	expect_ok zonestat -p -T u 1 2
	check_eq 'two intervals' 2 "$(grep -c ':interval:header:since-last-interval:' <<<"$out")"
	check_eq 'two ends' 2 "$(grep -c ':interval:footer:' <<<"$out")"
	check_match 'a time' '^[0-9]{9,}:interval:header:since-last-interval:[0-9TZ]+:1:[1-9]' "$out"
	check_eq 'seconds since the start' '1 2' "$(awk -F: '$3 == "header" { print $NF }' <<<"$out" | xargs)"
	check_match 'the host' ':summary:\[resource\]:[0-9]+:[0-9]+:[0-9]+K:[0-9]+K$' "$out"
	check_match 'a zone' ':summary:web:[0-9.]+:[0-9.]+%:[0-9.]+%:[0-9.]+%:[0-9]+K:[0-9.]+%:[0-9.]+%:[0-9]+K:[0-9.]+%:-:[0-9]+$' "$out"
	check_match 'a zone without caps' ':summary:db:[0-9.]+:[0-9.]+%:-:[0-9.]+%:[0-9]+K:[0-9.]+%:-:[0-9]+K:[0-9.]+%:-:(-|[0-9]+)$' "$out"
	check_match total ':summary:\[total\]:[0-9.]+:[0-9.]+%:-:-:[0-9]+K:' "$out"
	check_match system ':summary:\[system\]:[0-9.]+:[0-9.]+%:-:-:[0-9]+K:' "$out"
}

test_resources()
{
	expect_ok zonestat -p -r all 1 1
	check_match memory '^interval:physical-memory:mem_default:web:[0-9]+K:[0-9.]+%:65536K:[0-9.]+%:[0-9]+$' "$out"
	check_match threads '^interval:lwps:system-limit:web:[1-9][0-9]*:[0-9.]+%:100:[0-9.]+%:(0|-)$' "$out"
	check_match processes '^interval:processes:system-limit:web:[1-9][0-9]*:[0-9.]+%:-:-:-$' "$out"
	check_match 'nobody counts it' '^interval:locked-memory:mem_default:web:-:-:-:-:-$' "$out"
	check_match shares '^interval:processor-set:default-pset:pset_default:web:[0-9.]+:[0-9.]+%:0.50:[0-9.]+%:30:75.00%:[0-9.]+%:[0-9]+:[0-9]+$' "$out"
	check_match shares '^interval:processor-set:default-pset:pset_default:db:.*:10:25.00%:' "$out"
	configure idle
	expect_ok zonestat -p -r lwps -P zones -z db -z idle 1 1
	check_match 'one line' '^interval:lwps:system-limit:db:' "$out"
	check_eq 'only that' 1 "$(wc -l <<<"$out")"
	expect_ok zonestat -p -r memory -n vm_default -P resource 1 1
	check_match 'one name' '^interval:virtual-memory:vm_default:\[resource\]:[0-9]+K$' "$out"
	check_eq 'only that' 1 "$(wc -l <<<"$out")"
}

test_many_names()
{
	expect_ok zonestat -p -r lwps -P zones -z "$(printf 'web,%.0s' {1..100})" -z db 1 1
	check_eq 'the zones' 'db web' "$(cut -d: -f4 <<<"$out" | sort | xargs)"
}

test_a_zone_that_nobody_configured_is_named()
{
	for how in '1 1' '-i' '-p 1 1'; do
		# shellcheck disable=SC2086
		expect_fail 1 "^zonestat: zone 'nope': no such zone$" zonestat -z web,nope $how
	done
}

test_json()
{
	expect_ok zonestat -j -r all -R high 1 1
	python3 - "$out" <<-'END' || fail "JSON: $out"
		import json, sys
		rows = [json.loads(line) for line in sys.argv[1].splitlines()]
		def row(report, resource, zone):
		    found = [r for r in rows if (r["report"], r["resource"], r["zone"]) == (report, resource, zone)]
		    assert len(found) == 1, (report, resource, zone, found)
		    return found[0]
		for report in "interval", "report-high":
		    memory = row(report, "physical-memory", "web")
		    assert memory["cap"] == 64 << 20 and memory["name"] == "mem_default", memory
		    assert memory["used"] > 4096 and memory["size"] > memory["used"], memory
		    assert memory["cap_percent"] == round(100 * memory["used"] / (64 << 20), 2), memory
		    assert memory["number"] == 1 and 0 < memory["seconds"], memory
		    assert 10**9 < memory["begin"] <= memory["end"], memory
		    cpu = row(report, "processor-sets", "web")
		    assert cpu["cap"] == 0.5 and cpu["shares"] == 30 and cpu["shares_percent"] == 75, cpu
		    assert row(report, "lwps", "web")["cap"] == 100
		    assert row(report, "lwps", "db")["cap"] is None
		    assert row(report, "locked-memory", "web")["used"] is None
		    assert row(report, "processes", "[total]")["used"] > 0
	END
	expect_ok zonestat -j -z db 1 1
	check_eq 'the summary' 'processor-sets physical-memory virtual-memory' \
		"$(python3 -c 'import json, sys
print(*[r["resource"] for r in map(json.loads, sys.stdin) if r["zone"] == "db"])' <<<"$out")"
	check_no_match 'only one zone' '"zone":"web"' "$out"
	expect_fail 2 '^zonestat: -j: it does not go with -p, -P and -T$' zonestat -j -p 1 1
	expect_fail 2 '^zonestat: -j: it does not go with -p, -P and -T$' zonestat -j -T u 1 1
	expect_fail 2 '^zonestat: -i: it does not go with -p, -j' zonestat -i -j
}

# used NAME REPORT FILE: the processors a zone has used.
used()
{
	awk -F: -v r="$2" -v z="$1" '$1 == r && $2 == "summary" && $3 == z { print $4 }' "$3"
}

# A zone that works: its intervals, and the reports over them.
test_reports()
{
	local pid

	zlogin web 'while :; do :; done' &
	pid=$!
	zonestat -p -R total,average,high 1 4 >/tmp/report
	kill -KILL "$pid"
	expect_ok zoneadm -z web reboot
	check_eq 'four intervals' 4 "$(used web interval /tmp/report | wc -l)"
	check_match 'the bracket' '^report-high:header:[0-9TZ]+:[0-9TZ]+:1:[0-9]+$' "$(cat /tmp/report)"
	awk -v h="$(used web report-high /tmp/report)" -v a="$(used web report-average /tmp/report)" \
		-v t="$(used web report-total /tmp/report)" -v all="$(used web interval /tmp/report | xargs)" \
		'BEGIN {
			n = split(all, v, " ")
			for (i = 1; i <= n; i++) { sum += v[i]; if (v[i] > max) max = v[i] }
			exit !(h == max && a - sum / n < 0.02 && sum / n - a < 0.02 && t == a && h > 0)
		}' || fail "reports do not fit: $(cat /tmp/report)"
	# A zone that did not run in every interval.
	zonestat -p -q -R total,average 1 5 >/tmp/report &
	pid=$!
	expect_ok zoneadm -z db halt
	wait "$pid"
	expect_ok zoneadm -z db boot
	check_match 'the total' '^report-total:summary:web:' "$(cat /tmp/report)"
	check_eq 'no intervals' '' "$(grep '^interval:' /tmp/report || true)"
}

# Forks that the kernel refused: in the interval in which they were, and not in the next.
test_what_was_refused()
{
	local pid counted

	counted=$(prctl -P -n zone.max-lwps -i zone web | awk '$2 == "refused" { print $3 }')
	[ "$counted" != - ] || skip 'the kernel does not tell'
	zonestat -p -P zones -z web -r lwps,summary -R total,high 1 6 >/tmp/report &
	pid=$!
	wait_for 20 grep -q '^interval:lwps' /tmp/report
	zlogin web 'for i in $(seq 200); do sleep 2 & done' >/dev/null 2>&1 || true
	wait "$pid"
	counted=$(($(prctl -P -n zone.max-lwps -i zone web | awk '$2 == "refused" { print $3 }') - counted))
	[ "$counted" -gt 0 ] || fail 'no fork was refused'
	check_eq 'of all intervals' "$counted" \
		"$(awk -F: '/^interval:lwps/ { n += $NF } END { print n + 0 }' /tmp/report)"
	check_eq 'in the report' "$counted" "$(sed -n 's/^report-total:lwps:.*://p' /tmp/report)"
	check_eq 'most in one' "$(sed -n 's/^interval:lwps:.*://p' /tmp/report | sort -n | tail -n 1)" \
		"$(sed -n 's/^report-high:lwps:.*://p' /tmp/report)"
	[ "$(sed -n 's/^report-total:summary:.*://p' /tmp/report)" -ge "$counted" ] ||
		fail "not in the summary: $(cat /tmp/report)"
	check_match 'the first interval' '^interval:lwps:.*:0$' "$(head -n 2 /tmp/report)"
}

test_interrupted()
{
	local pid signal

	for signal in INT TERM HUP; do
		zonestat -p -R high 1 inf >/tmp/report &
		pid=$!
		wait_for 20 grep -q '^interval:footer' /tmp/report
		kill "-$signal" "$pid"
		wait "$pid" || fail "$signal: it ended with $?"
		check_match "the report after $signal" '^report-high:footer:' "$(cat /tmp/report)"
	done
}

# What is shorter than an interval, or no multiple of it, ends with the interval in which it ends.
test_durations()
{
	expect_ok zonestat -p -P header 2 1s
	check_eq 'one interval' 1 "$(wc -l <<<"$out")"
	expect_ok zonestat -p -P header 2 3s
	check_eq 'two intervals' 2 "$(wc -l <<<"$out")"
}

test_tables()
{
	expect_ok zonestat -r summary,psets,memory 1 1
	check_match head '^Interval: 1, Duration: [0-9]+ seconds$' "$out"
	check_match columns '^ +ZONE +USED +%PART +%CAP +%SHRU +USED +PCT +%CAP +USED +PCT +%CAP +REFUSED$' "$out"
	check_match zone '^ +web +[0-9.]+ +[0-9.]+% +[0-9.]+% +[0-9.]+% +[0-9.]+[KM] ' "$out"
	check_match psets '^ +ZONE +USED +PCT +CAP +%CAP +REFUSED +SHRS +%SHR +%SHRU$' "$out"
	check_match memory '^physical-memory +SYSTEM-MEMORY [0-9.]+[MGT]$' "$out"
	expect_ok zonestat -S name 1 1
	check_eq sorted 'db web ' "$(awk '$1 == "web" || $1 == "db" { printf "%s ", $1 }' <<<"$out")"
	expect_ok zonestat -p -P zones -r lwps -S shr,name 1 1
	check_eq 'by two columns' 'web db' "$(cut -d: -f4 <<<"$out" | xargs)"
	expect_ok zonestat -p -P zones -r lofi -S cap -S name,used 1 1
	check_eq 'the first is equal' 'db web' "$(cut -d: -f4 <<<"$out" | xargs)"
	expect_ok zonestat -r psets -S shr 1 1
	check_eq sorted 'web db ' "$(awk '$1 == "web" || $1 == "db" { printf "%s ", $1 }' <<<"$out")"
}

# The columns stand below their titles also where a name is long.
test_a_long_name()
{
	local name

	name=$(printf 'z%.0s' {1..60})
	make_zone "$name"
	expect_ok zoneadm -z "$name" boot
	expect_ok zonestat -r summary,lwps 1 1
	check_eq 'one width' 2 "$(grep -E "^ *(ZONE|\[total\]|web|$name) " <<<"$out" | awk '{ print length }' | sort -u | wc -l)"
	remove_zone "$name"
}

test_bad_usage()
{
	expect_fail 2 usage zonestat
	expect_fail 2 'cannot be zero' zonestat 0
	expect_fail 2 'written \[nh\]' zonestat 5x
	expect_fail 2 'written \[nh\]' zonestat -- -5
	expect_fail 2 'no such resource' zonestat -r disk 1
	expect_fail 2 'total, average or high' zonestat -R most 1
	expect_fail 2 'needs reports' zonestat -q 1
	expect_fail 2 'needs reports' zonestat 1 5 2
	expect_fail 2 'needs -p' zonestat -P zones 1
	expect_fail 2 'a line is' zonestat -p -P lines 1
	expect_fail 2 'does not go with -p' zonestat -p -T d 1
	expect_fail 2 'sort by' zonestat -S used,age 1
	expect_fail 2 '^zonestat: psrset_1: a name is pset_default, ' zonestat -n mem_default,psrset_1 1 1
	expect_fail 2 'written \[nh\]' zonestat 5s5 1
	expect_fail 2 'written \[nh\]' zonestat 5s1h 1
	expect_fail 2 '^zonestat: 2000000000: it is too large$' zonestat 1 2000000000
	expect_fail 2 '^zonestat: 0: a number of intervals cannot be zero$' zonestat 1 0
	expect_fail 2 'it is empty' zonestat -z '' 1
	kill_hard zoned
	expect_fail 3 'zoned is not running' zonestat 1 1
	start zoned
}

# What was refused stands out, for as long as somebody goes on asking.
test_live_what_was_refused()
{
	local pid

	[ "$(prctl -P -n zone.max-lwps -i zone web | awk '$2 == "refused" { print $3 }')" != - ] ||
		skip 'the kernel does not tell'
	touch /tmp/refusing
	while [ -e /tmp/refusing ]; do
		zlogin web 'for i in $(seq 200); do sleep 2 & done' >/dev/null 2>&1 || true
	done &
	pid=$!
	expect_ok "$ZONES_TREE/tests/lib/live-screen" 'zonestat -i 1' '=web' '@24x130' '=Refused' \
		'<r' '=[Refused]' '~refused +[1-9]' '~(?m)^web .* [1-9][0-9]*$' '<q' '?0'
	rm /tmp/refusing
	wait "$pid"
}

# A person looks at it: keys, another size, and a terminal that is as before afterwards.
test_live()
{
	expect_ok "$ZONES_TREE/tests/lib/live-screen" 'zonestat -i 1' '=NAME' '=[Cpus]' '=web' '=db' '=q quit' \
		'<n' '=[NAME]' '<m' '=[Memory]' '<h' '=arrows scroll' '<+' '=every 2s' \
		'<-' '=every 1s' '<n' '@5x60' '=db' '!web' '<j' '=web' '@30x120' '=Threads' '<q' '?0'
	expect_ok "$ZONES_TREE/tests/lib/live-screen" 'zonestat -i -z db' '=every 2s' '=db' '!web' '<q' '?0'
}

# A long name is whole where there is room, also beside all columns, and else not more than half of the screen.
test_live_a_long_name()
{
	local name

	name=$(printf 'z%.0s' {1..60})
	make_zone "$name"
	expect_ok zoneadm -z "$name" boot
	expect_ok "$ZONES_TREE/tests/lib/live-screen" 'zonestat -i 1' '=web ' '@24x200' "~(?m)^$name +[0-9].*[0-9-]\$" \
		'~(?m)^web {58}' '=Refused' '@24x80' '~(?m)^z{40} +[0-9]' '~(?m)^web {38}' '=Cpus' '@24x30' '~(?m)^z{16} +[0-9]' \
		'@24x80' "<q" '?0'
	remove_zone "$name"
}

# Whatever ends it, the terminal is put back.
test_live_ended()
{
	local signal

	for signal in INT TERM HUP QUIT; do
		expect_ok "$ZONES_TREE/tests/lib/live-screen" 'zonestat -i 60' '=web' "-$signal" '?0'
	done
}

# It stays when zoned goes, says so, and goes on.
test_live_without_zoned()
{
	expect_ok "$ZONES_TREE/tests/lib/live-screen" 'zonestat -i 1' '=web' '$pkill -KILL -x zoned' \
		'=zoned is not running' '$setsid zoned -d </dev/null >/dev/null 2>&1 &' \
		'!zoned is not running' '=web' '<q' '?0'
}

test_live_needs_a_terminal()
{
	expect_ok zonestat -i 1 1
	check_match 'the plain table' '^Interval: 1' "$out"
	expect_fail 2 'does not go with' zonestat -i -p 1
	expect_ok "$ZONES_TREE/tests/lib/live-screen" 'env TERM=nonsense zonestat -i 1 1' '=Interval: 1' '?0'
}

test_a_zone_sees_itself()
{
	mkdir -p "$ZONES_ROOT/zones/web/root/probe"
	cp "$(type -P zonestat)" "$ZONES_ROOT/zones/web/root/probe"
	expect_ok in_zone web /probe/zonestat -p -P zones,system 1 1
	check_eq 'itself and the rest' '[system] web' \
		"$(cut -d: -f3 <<<"$out" | sort | xargs)"
	check_match 'what it cannot know' '^interval:summary:\[system\]:-:-:-:-:[0-9]+K:' "$out"
	# what it has cached of files is its own, and the total is no less
	expect_ok in_zone web sh -c 'head -c 20M /dev/zero >/root/big && /probe/zonestat -p -P total,zones 1 1'
	awk -F: '$3 == "[total]" { t = $8; v = $11 } $3 == "web" { z = $8; w = $11 }
		END { exit !(z + 0 >= 20480 && t + 0 >= z + 0 && v + 0 >= w + 0) }' <<<"$out" || fail "less than the zone: $out"
	expect_ok in_zone web rm /root/big
	expect_ok in_zone web /probe/zonestat -p -z web 1 1
	expect_fail 1 "^zonestat: zone 'db': no such zone" in_zone web /probe/zonestat -z db 1 1
	expect_ok "$ZONES_TREE/tests/lib/live-screen" 'zlogin web' '=web' $'<exec /probe/zonestat -i 1\n' \
		'=[Cpus]' '=web ' '!db ' '<q' '?0'
}

run_tests
