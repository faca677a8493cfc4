#!/bin/bash
# Identity and rights at every door: who may ask what, and what a request that is not one gets.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

# Commands of the protocols (lib/zone/*.h, lib/dladm/dlmgmt-door.h).
ZONE_SHUTDOWN=5 ZONE_LIST=4 ZONE_ENTER=3
DLD_ETHERSTUB_CREATE=64
DLMGMT_CREATE_LINKID=128
ZSCHED_GETINFO=1 ZSCHED_GETFDS=4

EPERM=1 EACCES=13 EINVAL=22

probe=$ZONES_ROOT/door-probe

setup()
{
	cp "$ZONES_STAGE/../tests/door-probe" "$probe"
	start_daemons
	make_linked_zone web
	expect_ok zoneadm -z web boot
	make_zone db
	expect_ok zoneadm -z db boot
	# What processes of the zone may run, and users outside too.
	cp "$probe" "$ZONES_ROOT/zones/web/root/root/door-probe"
	chmod 0755 "$ZONES_ROOT" "$ZONES_ROOT/run" "$probe"
}

# sys CMD SIZE: what a door answers, see door-probe.
zone_door()
{
	"$probe" "$run/zone_door" "$@"
}

# refused TEXT: an answer without effect: an error, or no answer at all.
refused()
{
	case $1 in
	"err 0 "*) fail "was allowed: $1" ;;
	open:* | call:* | empty | "err "*) ;;
	*) fail "not an answer of the probe: $1" ;;
	esac
}

# A request that changes something, for each daemon: the rights are checked before the contents.
# every_door PREFIX...: runs the probe behind a prefix (unshare -r, …) against every door.
every_door()
{
	echo "zoned shutdown: $("$@" "$probe" "$run/zone_door" "$ZONE_SHUTDOWN" 8 2>&1)"
	echo "zoned enter: $("$@" "$probe" "$run/zone_door" "$ZONE_ENTER" 8 2>&1)"
	echo "zoned etherstub: $("$@" "$probe" "$run/zone_door" "$DLD_ETHERSTUB_CREATE" 8 2>&1)"
	echo "dlmgmtd create: $("$@" "$probe" "$ZONES_ROOT/run/dladm/dlmgmt_door" "$DLMGMT_CREATE_LINKID" 52 2>&1)"
	echo "zsched info: $("$@" "$probe" "$run/web.zsched_door" "$ZSCHED_GETINFO" 8 2>&1)"
	echo "zsched fds: $("$@" "$probe" "$run/web.zsched_door" "$ZSCHED_GETFDS" 8 2>&1)"
	echo "zoneadmd: $("$@" "$probe" "$run/web.zoneadmd_door" 0 1304 2>&1)"
}

# no_rights PREFIX...: every door refuses a caller behind this prefix.
no_rights()
{
	local answers line

	answers=$(every_door "$@")
	echo "$answers"
	while read -r line; do
		case ${line#*: } in
		"err $EPERM "* | "err $EACCES "* | "err -1 "* | open:* | call:*) ;;
		*) fail "'$*' at $line" ;;
		esac
	done <<<"$answers"
	expect_ok zlogin web true
	expect_ok zlogin db true
}

test_global_root_has_rights()
{
	check_match list '^err 0 ' "$(zone_door "$ZONE_LIST" 8)"
	check_match 'zsched info' '^err 0 ' "$("$probe" "$run/web.zsched_door" "$ZSCHED_GETINFO" 8)"
}

test_unknown_numbers_and_wrong_sizes_are_einval()
{
	local size

	check_match 'zoned unknown' "^err $EINVAL " "$(zone_door 9999 8)"
	for size in 0 1 3 4 5 7 9 63 4096 65000; do
		check_match "zoned, $size bytes" "^err $EINVAL |^call: (EINVAL|E2BIG)" \
			"$(zone_door "$ZONE_SHUTDOWN" "$size" || true)"
		check_match "dlmgmtd, $size bytes" "^err $EINVAL |^call: (EINVAL|E2BIG)" \
			"$("$probe" "$ZONES_ROOT/run/dladm/dlmgmt_door" "$DLMGMT_CREATE_LINKID" "$size" || true)"
		check_match "zsched, $size bytes" "^err $EINVAL |^call: (EINVAL|E2BIG)" \
			"$("$probe" "$run/web.zsched_door" "$ZSCHED_GETINFO" "$([ "$size" = 8 ] && echo 9 || echo "$size")" || true)"
		refused "$("$probe" "$run/web.zoneadmd_door" 4 "$size" || true)"
	done
	check_match 'dlmgmtd unknown' "^err $EINVAL " \
		"$("$probe" "$ZONES_ROOT/run/dladm/dlmgmt_door" 9999 8)"
	check_match 'zsched unknown' "^err $EINVAL " "$("$probe" "$run/web.zsched_door" 9999 8)"
	# They all still live.
	expect_ok zoneadm list
	expect_ok dladm show-link
	expect_ok zlogin web true
	check_eq state running "$(state_of web)"
}

test_more_than_the_limit_is_refused()
{
	check_match 'more than 64 KiB' '^call: ENOBUFS' "$(zone_door "$ZONE_LIST" 65537 || true)"
	expect_ok zoneadm list
}

test_an_ordinary_user()
{
	no_rights setpriv --reuid 1000 --regid 1000 --clear-groups
}

test_root_without_capabilities()
{
	no_rights setpriv --bounding-set=-all --inh-caps=-all
}

test_unshare_r_in_the_global_zone()
{
	no_rights unshare -r
	no_rights setpriv --reuid 1000 --regid 1000 --clear-groups unshare -r
}

test_a_nested_user_namespace()
{
	no_rights unshare -r unshare -r
	no_rights unshare -c unshare -r
}

test_nsenter_into_the_zone_from_outside()
{
	local init

	init=$(init_of web)
	# In the zone's namespaces but in the host's cgroup: root of nothing.
	no_rights nsenter -t "$init" -U --preserve-credentials
	no_rights nsenter -t "$init" -U -S 0 -G 0
}

test_a_process_moved_into_the_zones_cgroup()
{
	no_rights bash -c 'echo $$ >"$0" && exec "$@"' \
		"$v2/$ZONES_CGROUP/zones/web/zone/cgroup.procs"
	no_rights bash -c 'echo $$ >"$0" && exec unshare -r "$@"' \
		"$v2/$ZONES_CGROUP/zones/web/zone/cgroup.procs"
}

test_a_process_moved_into_zscheds_cgroup()
{
	# It is taken for nobody's kernel caller as long as it is not root.
	no_rights bash -c 'echo $$ >"$0" && exec unshare -r "$@"' \
		"$v2/$ZONES_CGROUP/zones/web/zsched/cgroup.procs"
}

# inside WORD SIZE [PREFIX]...: asks zoned from within web.
inside()
{
	in_zone web "$@" </dev/null 2>&1
}

test_a_zone_sees_itself_only()
{
	expect_ok inside /root/door-probe /dev/zones/zone_door "$ZONE_LIST" 8
	check_match list '^err 0 ' "$out"
	expect_ok zlogin web zonename
	check_eq zonename web "$out"
	local id
	id=$(zoneadm -z db list -p | cut -d: -f1)
	# Asking about the other zone (its id is in a structure the probe cannot fill): through the tools.
	if inside test -x /native/zoneadm; then
		check_no_match 'zones seen' 'db|global' "$(inside /native/zoneadm list)"
	fi
	[ -n "$id" ] || fail "db has no id"
}

test_root_in_a_zone_may_not_manage()
{
	check_match shutdown "^err ($EPERM|$EACCES|$EINVAL) " \
		"$(inside /root/door-probe /dev/zones/zone_door "$ZONE_SHUTDOWN" 8 || true)"
	check_match enter "^err ($EPERM|$EACCES|$EINVAL) " \
		"$(inside /root/door-probe /dev/zones/zone_door "$ZONE_ENTER" 8 || true)"
	expect_ok zlogin db true
	expect_ok zlogin web true
}

test_a_zone_has_no_other_doors()
{
	expect_ok inside sh -c 'ls /dev/zones'
	check_no_match doors 'zsched|zoneadmd' "$out"
	check_match 'outside path' '^open: ' \
		"$(inside /root/door-probe "$run/web.zsched_door" "$ZSCHED_GETINFO" 8 || true)"
}

test_unshare_r_in_a_zone()
{
	local answer

	answer=$(inside unshare -r /root/door-probe /dev/zones/zone_door "$DLD_ETHERSTUB_CREATE" 8 || true)
	check_match 'nested root' "^err ($EPERM|$EACCES) |^open: |^call: |unshare: " "$answer"
	answer=$(inside unshare -r unshare -r /root/door-probe /dev/zones/dlmgmt_door \
		"$DLMGMT_CREATE_LINKID" 52 || true)
	check_match 'twice nested root' "^err ($EPERM|$EACCES) |^open: |^call: |unshare: " "$answer"
}

test_an_ordinary_user_in_a_zone()
{
	check_match 'uid 1000 in the zone' "^err ($EPERM|$EACCES) |^open: |^call: " \
		"$(inside setpriv --reuid 1000 --regid 1000 --clear-groups /root/door-probe \
			/dev/zones/dlmgmt_door "$DLMGMT_CREATE_LINKID" 52 || true)"
}

test_doors_are_0600_except_the_public_ones()
{
	check_eq 'directory' 755 "$(stat -c %a "$run")"
	check_eq zsched 600 "$(stat -c %a "$run/web.zsched_door")"
	check_eq zoneadmd 600 "$(stat -c %a "$run/web.zoneadmd_door")"
	setpriv --reuid 1000 --regid 1000 --clear-groups "$probe" "$run/zone_door" "$ZONE_LIST" 8 ||
		fail "a user cannot list zones"
}

run_tests
