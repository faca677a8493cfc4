#!/bin/bash
# System V IPC of zones: each limit is hit from inside, and a namespace inside is no way out.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	make_zone web 'set max-shm-ids=2' 'set max-sem-ids=2' 'set max-msg-ids=2' \
		'set max-shm-memory=1m'
	make_zone db
	expect_ok zoneadm -z web boot
	expect_ok zoneadm -z db boot
}

# value NAME LEVEL: of web.
value()
{
	prctl -P -n "$1" -i zone web | awk -v l="$2" '$2 == l { print $3 }'
}

# Every object of the zone away.
clear_ipc()
{
	expect_ok in_zone web ipcrm -a
}

# fills WHAT OPTION...: two fit, the third is refused.
fills()
{
	local rctl=$1

	shift
	clear_ipc
	expect_ok in_zone web ipcmk "$@"
	expect_ok in_zone web ipcmk "$@"
	check_eq "$rctl used" 2 "$(value "$rctl" usage)"
	expect_fail 1 'No space left' in_zone web ipcmk "$@"
	check_eq "$rctl used" 2 "$(value "$rctl" usage)"
}

test_numbers_of_ids()
{
	fills zone.max-shm-ids -M 4096
	fills zone.max-sem-ids -S 1
	fills zone.max-msg-ids -Q
	clear_ipc
	# Another zone is not concerned.
	expect_ok in_zone db sh -c 'for i in 1 2 3 4 5; do ipcmk -S 1 && ipcmk -Q; done'
	expect_ok in_zone db ipcrm -a
}

# Everything that exists is counted, for the zone and for the host, where somebody asks for it.
test_usage_is_told()
{
	local out host

	clear_ipc
	host=$(ipcs -s | grep -c '^0x' || true)
	expect_ok in_zone web ipcmk -M 8192
	expect_ok in_zone web ipcmk -S 1
	expect_ok in_zone web ipcmk -S 1
	expect_ok in_zone db ipcmk -Q
	expect_ok zonestat -p -r sysv -r lofi 1 1
	for line in 'shm-memory:system-limit:web:8K:[^:]*:1024K:0.78%' 'shm-ids:system-limit:web:1:[^:]*:2:50.00%' \
		'sem-ids:system-limit:web:2:[^:]*:2:100.00%' 'msg-ids:system-limit:web:0:[^:]*:2:0.00%' \
		'msg-ids:system-limit:db:1:[^:]*:-:-' 'lofi:system-limit:web:0:[^:]*:-:-' \
		"sem-ids:system-limit:\[system\]:$host:.*" "sem-ids:system-limit:\[total\]:$((host + 2)):.*"; do
		check_match "$line" "interval:$line" "$out"
	done
	id=$(zoneadm -z web list -p | cut -d: -f1)
	check_eq kstat "caps:$id:semids_zone_$id:usage	2 caps:$id:semids_zone_$id:value	2" \
		"$(kstat -p "caps:$id:semids*:/usage|value/" | paste -sd' ')"
	expect_ok in_zone db ipcrm -a
	clear_ipc
	check_eq 'all gone' "caps:$id:shmmem_zone_$id:usage	0" "$(kstat -p "caps:$id:shmmem*:usage")"
}

test_shared_memory()
{
	clear_ipc
	expect_ok in_zone web ipcmk -M $((600 << 10))
	check_eq 'bytes used' $((600 << 10)) "$(value zone.max-shm-memory usage)"
	expect_fail 1 'No space left' in_zone web ipcmk -M $((600 << 10))
	expect_ok in_zone web ipcmk -M $((300 << 10))
	clear_ipc
	check_eq 'bytes used' 0 "$(value zone.max-shm-memory usage)"
}

test_no_way_around()
{
	expect_fail 1 'No space left' in_zone web unshare -i true
	expect_fail 1 'No space left' in_zone web unshare -Ui true
	expect_fail 1 'No space left|not permitted' in_zone web unshare -Uri unshare -i true
	expect_ok in_zone db unshare -i true
	expect_fail 1 'Read-only|denied|not permitted' in_zone web sh -c 'echo 100 >/proc/sys/kernel/shmmni || exit 1'
	expect_fail 1 'Read-only|denied|not permitted' in_zone web sh -c 'echo 100 >/proc/sys/user/max_ipc_namespaces || exit 1'
	check_eq 'the limit' 2 "$(in_zone web cat /proc/sys/kernel/shmmni)"
}

test_live()
{
	clear_ipc
	expect_ok prctl -n zone.max-sem-ids -r -v 4 -i zone web
	expect_ok in_zone web sh -c 'ipcmk -S 1 && ipcmk -S 1 && ipcmk -S 1'
	# Below what there is: only what is new is refused.
	expect_ok prctl -n zone.max-sem-ids -r -v 1 -i zone web
	expect_fail 1 'No space left' in_zone web ipcmk -S 1
	check_eq used 3 "$(value zone.max-sem-ids usage)"
	clear_ipc
	expect_ok in_zone web ipcmk -S 1
	clear_ipc
	expect_ok prctl -n zone.max-sem-ids -r -v 2 -i zone web
	# A zone that had none gets one, and gets rid of it.
	expect_ok prctl -n zone.max-msg-ids -s -v 0 -i zone db
	expect_fail 1 'No space left' in_zone db ipcmk -Q
	expect_fail 1 'No space left' in_zone db unshare -i true
	kill_hard zoned
	start zoned
	expect_fail 1 'No space left' in_zone db ipcmk -Q
	expect_ok prctl -n zone.max-msg-ids -x -i zone db
	expect_ok in_zone db ipcmk -Q
	expect_ok in_zone db unshare -i true
	expect_ok in_zone db ipcrm -a
}

test_over_a_reboot()
{
	expect_ok zoneadm -z web reboot
	fills zone.max-sem-ids -S 1
	clear_ipc
}

run_tests
