#!/bin/bash
# Resource controls of live zones: prctl, what the kernel gets, and what survives zoned.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	make_zone web 'set max-lwps=100' 'set cpu-shares=20'
	make_zone db
	expect_ok zoneadm -z web boot
	expect_ok zoneadm -z db boot
}

# limit CONTROLLER V2FILE V1FILE: what the kernel has for web.
limit()
{
	local v1

	if [ -e "$v2/$ZONES_CGROUP/zones/web/$2" ]; then
		cat "$v2/$ZONES_CGROUP/zones/web/$2"
		return
	fi
	v1=$(awk -v c="$1" '$3 == "cgroup" && $4 ~ "(^|,)" c "(,|$)" { print $2; exit }' /proc/self/mounts)
	[ -n "$v1" ] || skip "no $1 controller"
	cat "$v1/$ZONES_CGROUP/zones/web/$3"
}

# value NAME LEVEL: of web, exactly.
value()
{
	prctl -P -n "$1" -i zone web | awk -v l="$2" '$2 == l { print $3 }'
}

test_what_is_shown()
{
	expect_ok prctl -i zone web
	check_match title '^zone: [0-9]+: web$' "$out"
	check_eq 'all twelve' 12 "$(grep -c '^zone\.' <<<"$out")"
	check_match usage '^        usage +[0-9]' "$out"
	check_match limit '^        privileged +100 +- +deny +-$' "$out"
	check_match system '^        system +2.15G +max +deny +-$' "$out"
	expect_ok prctl -P -n zone.cpu-shares -i zone web
	check_match 'its values' '^zone.cpu-shares privileged 20 - none -$' "$out"
	check_match 'the system value' '^zone.cpu-shares system 65535 max none -$' "$out"
	check_match 'what it has' '^zone.cpu-shares usage 20 - - -$' "$out"
	check_eq 'by default one, which nobody has set' 'usage 1,privileged 1 none,system 65535 none' \
		"$(prctl -P -n zone.cpu-shares -i zone db | awk 'NR > 1 && $2 != "refused" {
			printf "%s%s", sep, $2 " " $3 ($5 == "-" ? "" : " " $5); sep = "," }')"
	check_eq 'the same as JSON' '[{"privilege":"privileged","value":1,"action":"none"}]' \
		"$(prctl -j -t privileged -n zone.cpu-shares -i zone db | jq -c '.[].controls[].values')"
	expect_ok prctl -P -t privileged -n zone.max-lwps -i zone web
	check_eq 'one level' 'zone.max-lwps privileged 100 - deny -' "$(sed 1d <<<"$out")"
	check_eq 'as the kernel counts' "$(value zone.max-lwps usage)" \
		"$(limit pids pids.current pids.current)"
	# By number, two at once, by a process.
	local id
	id=$(zoneadm -z web list -p | cut -d: -f1)
	expect_ok prctl -P -n zone.max-lwps -i zoneid "$id" db
	check_eq 'two zones' 2 "$(grep -c '^zone: ' <<<"$out")"
	expect_ok prctl -P -n zone.max-lwps "$(init_of web)"
	check_match 'of a process' "^process: [0-9]+: zone: $id: web\$" "$out"
}

# Percent of one CPU, while a program spins.
test_what_of_a_cpu_is_used()
{
	cpu_is_used()
	{
		[ "$(value zone.cpu-cap usage)" -gt 5 ]
	}

	in_zone web sh -c 'while :; do :; done' &
	wait_for 40 cpu_is_used
	kill -KILL $!
	expect_ok zoneadm -z web reboot
}

test_change_at_once()
{
	expect_ok prctl -n zone.max-lwps -r -v 60 -i zone web
	check_eq pids 60 "$(limit pids pids.max pids.max)"
	check_eq value 60 "$(value zone.max-lwps privileged)"
	expect_ok prctl -n zone.cpu-shares -r -v 80 -i zone web
	check_match shares '^(80|320)$' "$(limit cpu cpu.weight cpu.shares)"
	expect_ok prctl -n zone.cpu-cap -s -v 50 -i zone web
	check_match cap '^50000( 100000)?$' "$(limit cpu cpu.max cpu.cfs_quota_us)"
	expect_ok prctl -n zone.cpu-cap -x -i zone web
	check_match 'no cap' '^(-1|max 100000)$' "$(limit cpu cpu.max cpu.cfs_quota_us)"
	check_eq 'no value' '' "$(value zone.cpu-cap privileged)"
	# The smallest of two counts; the action none takes one out.
	expect_ok prctl -n zone.max-lwps -s -v 90 -i zone web
	check_eq 'the smaller' 60 "$(limit pids pids.max pids.max)"
	expect_ok prctl -n zone.max-lwps -d all -v 60 -i zone web
	check_eq 'the other' 90 "$(limit pids pids.max pids.max)"
	expect_ok prctl -n zone.max-lwps -e deny -v 60 -i zone web
	check_eq 'the smaller again' 60 "$(limit pids pids.max pids.max)"
	expect_ok prctl -n zone.max-lwps -x -v 60 -i zone web
	check_eq 'only the other' 90 "$(value zone.max-lwps privileged)"
	expect_ok prctl -n zone.max-lwps -r -v 100 -i zone web
}

# One that is the largest is no cap, and no smaller one comes to bound for it.
test_a_cap_without_an_end()
{
	expect_ok prctl -n zone.cpu-cap -s -v 4294967295 -i zone web
	check_match 'no cap' '^(-1|max 100000)$' "$(limit cpu cpu.max cpu.cfs_quota_us)"
	check_match shown '^zone.cpu-cap privileged 4294967295 inf deny -$' "$(prctl -P -n zone.cpu-cap -i zone web)"
	check_match system '^zone.cpu-cap system 4294967295 inf deny -$' "$(prctl -P -n zone.cpu-cap -i zone web)"
	expect_fail 1 'from 1 to 4294967295' prctl -n zone.cpu-cap -s -v 4294967296 -i zone web
	expect_ok prctl -n zone.cpu-cap -s -v 50 -i zone web
	check_match cap '^50000( 100000)?$' "$(limit cpu cpu.max cpu.cfs_quota_us)"
	expect_ok prctl -n zone.cpu-cap -x -v 50 -i zone web
	expect_ok prctl -n zone.cpu-cap -x -i zone web
}

test_memory()
{
	local high max

	high=$(limit memory memory.high memory.limit_in_bytes)
	expect_ok prctl -n zone.max-physical-memory -s -v 64m -i zone web
	check_eq physical $((64 << 20)) "$(limit memory memory.high memory.limit_in_bytes)"
	expect_ok prctl -n zone.max-swap -s -v 0.125G -i zone web
	max=$(limit memory memory.max memory.memsw.limit_in_bytes)
	check_eq swap $((128 << 20)) "$max"
	expect_ok prctl -n zone.max-physical-memory -r -v 200m -i zone web
	expect_ok prctl -n zone.max-swap -r -v 100m -i zone web
	expect_ok prctl -n zone.max-swap -r -v 1g -i zone web
	check_eq 'grown' $((200 << 20)) "$(limit memory memory.high memory.limit_in_bytes)"
	expect_ok prctl -n zone.max-swap -x -i zone web
	expect_ok prctl -n zone.max-physical-memory -x -i zone web
	check_eq 'as before' "$high" "$(limit memory memory.high memory.limit_in_bytes)"
	check_eq 'text' '64.0MB' "$(prctl -n zone.max-physical-memory -s -v 64m -i zone web &&
		prctl -n zone.max-physical-memory -t privileged -i zone web | awk '/privileged/ { print $2 }')"
	expect_ok prctl -n zone.max-physical-memory -x -i zone web
}

# What is refused is counted where the kernel tells.
test_a_limit_that_is_hit()
{
	local before

	before=$(value zone.max-lwps refused)
	expect_ok prctl -n zone.max-lwps -r -v 20 -i zone web
	expect_fail 2 fork in_zone web sh -c '
		i=0
		while [ $i -lt 60 ]; do sleep 900 >/dev/null 2>&1 & i=$((i + 1)); done'
	[ "$before" = - ] || [ "$(value zone.max-lwps refused)" -gt "$before" ] ||
		fail "refused stays $before"
	# A value below what is used is taken.
	expect_ok prctl -n zone.max-lwps -r -v 2 -i zone web
	check_eq pids 2 "$(limit pids pids.max pids.max)"
	expect_ok prctl -n zone.max-lwps -r -v 100 -i zone web
	wait_for 10 zlogin web true
}

# Before Linux 6.11 v2 counts a fork that failed in the group of the process: groups that a zone makes come and go.
test_a_zone_that_shares_controllers()
{
	local group=$v2/$ZONES_CGROUP/zones/web

	grep -q pids "$group/zone/cgroup.controllers" || skip 'cgroup v2 has no pids controller here'
	expect_ok zlogin web 'mkdir /sys/fs/cgroup/init.scope
		for p in $(cat /sys/fs/cgroup/cgroup.procs); do
			echo $p >/sys/fs/cgroup/init.scope/cgroup.procs
		done
		echo +pids >/sys/fs/cgroup/cgroup.subtree_control'
	if [ -e "$group/pids.events.local" ]; then
		check_match counted '^[0-9]+$' "$(value zone.max-lwps refused)"
	else
		check_eq 'nobody tells' - "$(value zone.max-lwps refused)"
	fi
	expect_ok zoneadm -z web reboot
}

test_kept_over_zoned()
{
	expect_ok prctl -n zone.max-lwps -r -v 77 -i zone web
	expect_ok prctl -n zone.cpu-cap -s -v 150 -i zone web
	kill_hard zoned
	start zoned
	check_eq lwps 77 "$(value zone.max-lwps privileged)"
	check_eq cap 150 "$(value zone.cpu-cap privileged)"
	check_eq pids 77 "$(limit pids pids.max pids.max)"
	# A limit that was applied and not stored is taken back.
	expect_ok prctl -n zone.cpu-cap -x -i zone web
	expect_ok prctl -n zone.max-lwps -r -v 100 -i zone web
	# Not in the configuration: a boot brings that back.
	expect_ok prctl -n zone.max-lwps -r -v 66 -i zone web
	expect_ok zoneadm -z web reboot
	check_eq lwps 100 "$(value zone.max-lwps privileged)"
	check_eq pids 100 "$(limit pids pids.max pids.max)"
}

test_refusals()
{
	local shares=(prctl -n zone.cpu-shares)

	expect_fail 1 "'zone.cpu-shares': the limit must be from 1 to 65535" \
		"${shares[@]}" -r -v 0 -i zone web
	expect_fail 1 'the limit must be from' "${shares[@]}" -r -v 65536 -i zone web
	expect_fail 1 'the action must be none' "${shares[@]}" -e deny -i zone web
	expect_fail 1 'the action must be none' "${shares[@]}" -s -v 3 -e deny -i zone web
	expect_fail 1 'the action must be deny' prctl -n zone.cpu-cap -s -v 3 -d all -i zone web
	expect_fail 1 'the privilege must be privileged' \
		prctl -n zone.max-lwps -s -v 3 -t basic -i zone web
	expect_fail 1 'the system value cannot be changed' \
		prctl -n zone.max-lwps -r -v 3 -t system -i zone web
	expect_fail 1 'sends no signals' prctl -n zone.max-lwps -s -v 3 -e signal=TERM -i zone web
	expect_fail 1 'no such value is set' prctl -n zone.cpu-cap -x -i zone web
	expect_fail 1 'no such value is set' prctl -n zone.max-lwps -x -v 3 -i zone web
	expect_fail 1 "'3Q' is not a value" prctl -n zone.max-lwps -r -v 3Q -i zone web
	expect_fail 1 "no resource control 'zone.max-fun'" prctl -n zone.max-fun -i zone web
	expect_fail 1 "'nobody': no such zone" prctl -i zone nobody
	expect_fail 1 'no such process' prctl 999999999
	expect_fail 1 'global zone has no' prctl -n zone.max-lwps -r -v 3 -i zone global
	expect_fail 1 'the global zone has no resource controls' prctl -n zone.max-lwps -i zone global
	expect_fail 2 'there are no projects here' prctl -i project 3
	expect_fail 2 usage prctl
	expect_fail 2 usage prctl -n zone.max-lwps -r -i zone web
	expect_fail 2 usage prctl -r -v 3 -i zone web
	expect_fail 2 usage prctl -n zone.max-lwps -r -s -v 3 -i zone web
	expect_fail 2 "'often' is not an action" prctl -n zone.max-lwps -e often -i zone web
	check_eq 'nothing changed' 100 "$(value zone.max-lwps privileged)"
	check_eq 'nothing changed' 20 "$(value zone.cpu-shares privileged)"
}

# What the kernel does not count is taken where another control keeps it, and nowhere else.
test_kept_by_another()
{
	expect_fail 1 "'zone.max-processes' cannot be enforced on this host: the kernel counts threads" \
		prctl -n zone.max-processes -s -v 50 -i zone web
	expect_ok prctl -n zone.max-processes -s -v 100 -i zone web
	expect_fail 1 "'zone.max-processes' cannot be enforced" \
		prctl -n zone.max-lwps -r -v 101 -i zone web
	expect_fail 1 "'zone.max-processes' cannot be enforced" prctl -n zone.max-lwps -x -i zone web
	check_eq 'nothing changed' 100 "$(limit pids pids.max pids.max)"
	expect_ok prctl -n zone.max-lwps -r -v 90 -i zone web
	expect_ok prctl -n zone.max-lwps -r -v 100 -i zone web
	expect_ok prctl -n zone.max-processes -x -i zone web
	# One that only tells needs no keeper.
	expect_ok prctl -n zone.max-processes -s -v 3 -e none -i zone web
	expect_ok prctl -n zone.max-processes -x -i zone web
	expect_fail 1 "'zone.max-locked-memory' cannot be enforced on this host: the kernel counts" \
		prctl -n zone.max-locked-memory -s -v 64m -i zone web
	expect_ok prctl -n zone.max-swap -s -v 64m -i zone web
	expect_ok prctl -n zone.max-locked-memory -s -v 64m -i zone web
	expect_fail 1 "'zone.max-locked-memory' cannot be enforced" \
		prctl -n zone.max-swap -x -i zone web
	expect_ok prctl -n zone.max-locked-memory -x -i zone web
	expect_ok prctl -n zone.max-swap -x -i zone web
}

test_loop_devices()
{
	expect_ok prctl -n zone.max-lofi -s -v 3 -i zone web
	check_eq value 3 "$(value zone.max-lofi privileged)"
	check_eq usage 0 "$(value zone.max-lofi usage)"
	# None can be had, so that any limit holds.
	in_zone web losetup --find >/tmp/lofi 2>&1 && fail "a loop device: $(cat /tmp/lofi)"
	expect_fail 1 'Operation not permitted' in_zone web mknod /root/loop b 7 0
	expect_ok prctl -n zone.max-lofi -x -i zone web
}

test_rights()
{
	expect_fail 1 'only root of the global zone' setpriv --reuid=65534 --regid=65534 \
		--clear-groups "$(type -P prctl)" -n zone.max-lwps -r -v 3 -i zone web
	expect_ok setpriv --reuid=65534 --regid=65534 --clear-groups "$(type -P prctl)" -i zone web
	# Root of a zone looks at its own and changes nothing.
	mkdir -p "$ZONES_ROOT/zones/web/root/probe"
	cp "$(type -P prctl)" "$ZONES_ROOT/zones/web/root/probe"
	expect_ok in_zone web /probe/prctl -P -n zone.max-lwps -i zone web
	check_match 'its own' 'zone.max-lwps privileged 100 ' "$out"
	expect_ok in_zone web /probe/prctl -P -n zone.max-lwps 1
	expect_fail 1 'only root of the global zone' \
		in_zone web /probe/prctl -n zone.max-lwps -r -v 3000 -i zone web
	expect_fail 1 'no such zone' in_zone web /probe/prctl -i zone db
	kill_hard zoned
	expect_fail 1 'zoned is not running' prctl -i zone web
	start zoned
}

run_tests
