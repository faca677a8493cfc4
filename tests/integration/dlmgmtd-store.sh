#!/bin/bash
# The stores of dlmgmtd on file systems that are read-only, full or lose what was written.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

etc=$ZONES_ROOT/etc/dladm
db=$etc/datalink.db

setup()
{
	mkdir "$ZONES_ROOT/mnt_full"
	start_daemons
	expect_ok dladm create-etherstub stub0
}

restart_dlmgmtd()
{
	start dlmgmtd
	wait_for 10 dladm_answers
}

configured()
{
	dladm show-link -P -p -o link | sort | paste -sd ' '
}

# What the file alone has: read in a copy, the daemon has the file to itself.
on_disk()
{
	rm -f "$ZONES_ROOT"/copy.db*
	cp "$db" "$ZONES_ROOT/copy.db"
	[ ! -e "$db-wal" ] || cp "$db-wal" "$ZONES_ROOT/copy.db-wal"
	sqlite3 "$ZONES_ROOT/copy.db" 'SELECT name FROM link ORDER BY name' | paste -sd ' '
}

# On what is left of this host: as after a power failure, with everything of the daemon gone.
host_restart()
{
	kill_hard dlmgmtd
	kill_hard zoned
	ip -br link | sed 's/[@ ].*//' | grep -v '^lo$' | while read -r device; do
		ip link del "$device" 2>/dev/null || true
	done
	rm -rf "$ZONES_ROOT/run"
	mkdir -p "$run"
	start_daemons
}

test_what_was_answered_is_on_disk()
{
	expect_ok dladm create-vnic -l stub0 web0
	check_eq 'on disk' "stub0 web0" "$(on_disk)"
	expect_ok dladm rename-link web0 shop0
	check_eq 'on disk' "shop0 stub0" "$(on_disk)"
	expect_ok dladm delete-vnic shop0
	check_eq 'on disk' stub0 "$(on_disk)"
}

test_read_only_at_start_queues()
{
	kill_hard dlmgmtd
	mount --bind "$etc" "$etc"
	mount -o remount,bind,ro "$etc"
	restart_dlmgmtd
	check_eq configured stub0 "$(configured)"
	expect_ok dladm create-etherstub queued0
	expect_ok dladm create-etherstub queued1
	expect_ok dladm delete-etherstub queued1
	check_eq configured "queued0 stub0" "$(configured)"
	check_eq 'on disk' stub0 "$(on_disk)"
	kill_hard dlmgmtd
	restart_dlmgmtd
	check_eq 'configured after a restart' "queued0 stub0" "$(configured)"
	umount "$etc"
	is_written()
	{
		[ "$(on_disk)" = "queued0 stub0" ]
	}
	wait_for 20 is_written
	expect_ok dladm delete-etherstub queued0
	check_eq 'on disk' stub0 "$(on_disk)"
}

test_read_only_from_the_hosts_start_is_read()
{
	mount --bind "$etc" "$etc"
	mount -o remount,bind,ro "$etc" 2>/dev/null || {
		kill_hard dlmgmtd
		mount -o remount,bind,ro "$etc"
		restart_dlmgmtd
	}
	host_restart
	check_eq configured stub0 "$(configured)"
	expect_ok dladm up-etherstub
	umount "$etc"
	kill_hard dlmgmtd
	restart_dlmgmtd
	check_eq configured stub0 "$(configured)"
	check_eq active stub0 "$(dladm show-link -p -o link)"
}

test_a_full_disk_refuses_and_loses_nothing()
{
	local i=0

	kill_hard dlmgmtd
	mount -t tmpfs -o size=120k tmpfs "$ZONES_ROOT/mnt_full"
	cp "$db" "$ZONES_ROOT/mnt_full/"
	mount --bind "$ZONES_ROOT/mnt_full" "$etc"
	restart_dlmgmtd
	while dladm create-etherstub "full$i" 2>"$ZONES_ROOT/said"; do
		i=$((i + 1))
		[ "$i" -lt 200 ] || fail "the disk does not get full"
	done
	check_match said "full$i: I/O error" "$(cat "$ZONES_ROOT/said")"
	check_match log 'datalink.db: database or disk is full' "$(cat "$ZONES_ROOT/var/log/dlmgmtd.out")"
	check_eq 'links left of the failure' '' "$(dladm show-link -p -o link | grep -x "full$i" || true)"
	expect_fail 1 'does not exist' ip link show "full$i"
	check_eq 'configured and on disk' "$(on_disk)" "$(configured)"
	kill_hard dlmgmtd
	restart_dlmgmtd
	check_eq 'configured and on disk' "$(on_disk)" "$(configured)"
	expect_ok mount -o remount,size=1m "$ZONES_ROOT/mnt_full"
	while [ "$i" -gt 0 ]; do
		i=$((i - 1))
		expect_ok dladm delete-etherstub "full$i"
	done
	check_eq configured stub0 "$(configured)"
	kill_hard dlmgmtd
	umount "$etc"
	umount "$ZONES_ROOT/mnt_full"
	restart_dlmgmtd
	check_eq configured stub0 "$(configured)"
}

test_a_damaged_database_is_made_again()
{
	kill_hard dlmgmtd
	head -c 2000 /dev/urandom >"$db"
	rm -f "$db-wal"
	restart_dlmgmtd
	check_eq configured stub0 "$(configured)"
	check_eq 'on disk' stub0 "$(on_disk)"
	check_eq 'size of what was kept' 2000 "$(stat -c %s "$db.damaged")"
	expect_ok dladm create-etherstub more0
	expect_ok dladm delete-etherstub more0
}

test_a_damaged_database_is_refused_when_nothing_else_knows()
{
	cp "$db" "$ZONES_ROOT/good.db"
	kill_hard dlmgmtd
	rm -f "$db-wal" "$ZONES_ROOT/run/dladm/active.db"*
	: >"$db"
	expect_fail 1 "^dlmgmtd: .*datalink.db: is empty: restore it or move it away$" dlmgmtd -d
	head -c 9000 /dev/zero >"$db"
	expect_fail 1 "^dlmgmtd: .*datalink.db: file is not a database" dlmgmtd -d
	rm "$db"
	ln -s /etc/passwd "$db"
	expect_fail 1 "^dlmgmtd: Cannot open .*datalink.db" dlmgmtd -d
	rm "$db"
	cp "$ZONES_ROOT/good.db" "$db"
	restart_dlmgmtd
}

run_tests
