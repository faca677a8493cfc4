#!/bin/bash
# Daemons die and come back; the zone and its connections never notice.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	make_linked_zone web
	expect_ok zoneadm -z web boot
	# busybox of the host serves the zone's /root.
	expect_ok in_zone web sh -c 'mkdir -p /root/www; head -c 3000000 /dev/zero >/root/www/big; echo hello >/root/www/index.html'
	in_zone web busybox httpd -h /root/www -p 80
	wait_for 5 fetch
}

fetch()
{
	[ "$(curl -s -m 3 http://10.9.0.2/)" = hello ]
}

# slow_download: reads the big file slowly in the background; $slow is its process.
slow_download()
{
	python3 - >/tmp/slow.size <<-'END' &
		import socket, time
		s = socket.create_connection(("10.9.0.2", 80), 5)
		s.settimeout(10)
		s.sendall(b"GET /big HTTP/1.0\r\n\r\n")
		size = 0
		while True:
		    data = s.recv(65536)
		    if not data:
		        break
		    size += len(data)
		    time.sleep(0.03)
		print(size)
	END
	slow=$!
}

# zoneadmd runs: any command that needs it starts it.
zoneadmd_there()
{
	expect_ok zoneadm -z web boot
	check_match said 'already booted' "$out"
	[ -n "$(zoneadmd_of web)" ] || fail "no zoneadmd"
}

# survives DAEMON...: the daemons are killed during a download, which completes; zone processes
# stay; each daemon is started again and answers as before.
survives()
{
	local init links list vnics d

	zoneadmd_there
	init=$(init_of web)
	expect_ok zlogin web true
	list=$(zoneadm list -cv)
	links=$(dladm show-link)
	vnics=$(dladm show-vnic)
	slow_download
	for d; do
		kill_hard "$d"
	done
	fetch || fail "no connection while $* is dead"
	check_eq 'init while dead' "$init" "$(init_of web)"
	for d; do
		if [ "$d" = zoneadmd ]; then
			zoneadmd_there
		else
			start "$d"
		fi
	done
	wait_for 10 zoneadm list
	wait_for 10 dladm show-link
	check_eq "zoneadm list -cv after $*" "$list" "$(zoneadm list -cv)"
	check_eq "dladm show-link after $*" "$links" "$(dladm show-link)"
	check_eq "dladm show-vnic after $*" "$vnics" "$(dladm show-vnic)"
	expect_ok zlogin web zonename
	check_eq zonename web "$out"
	wait "$slow"
	[ "$(cat /tmp/slow.size)" -gt 3000000 ] || fail "the download was cut: $(cat /tmp/slow.size)"
	check_eq 'init at last' "$init" "$(init_of web)"
}

test_zoneadmd()
{
	survives zoneadmd
}

test_zoned()
{
	survives zoned
}

test_dlmgmtd()
{
	survives dlmgmtd
}

test_all_three()
{
	survives dlmgmtd zoned zoneadmd
}

test_reboot_and_halt_work_after_all_died()
{
	zoneadmd_there
	kill_hard zoneadmd
	kill_hard zoned
	kill_hard dlmgmtd
	start dlmgmtd
	start zoned
	wait_for 10 has_state web running
	expect_ok zoneadm -z web reboot
	expect_ok zlogin web true
	kill_hard zoneadmd
	expect_ok zoneadm -z web halt
	nothing_of web
	expect_ok dladm show-link -p -o link web0
	expect_ok ip link show web0
	expect_ok zoneadm -z web boot
}

test_a_zone_that_halts_itself_while_nobody_listens()
{
	zoneadmd_there
	kill_hard zoneadmd
	kill_hard zoned
	zlogin web true && fail "zlogin without zoned" || true
	kill -KILL "$(init_of web)"
	sleep 0.3
	start zoned
	# zsched keeps telling until a zoneadmd answers; zoneadm starts one.
	zoneadm -z web halt || true
	wait_for 20 has_state web installed
	wait_for 10 nothing_remains_of web
	expect_ok ip link show web0
	expect_ok zoneadm -z web boot
}

test_boot_without_dlmgmtd_fails_whole()
{
	expect_ok zoneadm -z web halt
	stop dlmgmtd
	expect_fail 1 '.' zoneadm -z web boot
	check_eq state installed "$(state_of web)"
	nothing_of web
	start dlmgmtd
	expect_ok zoneadm -z web boot
	expect_ok zlogin web ip link show web0
}

test_commands_without_zoned_say_so()
{
	kill_hard zoned
	expect_fail 1 'zoned' zoneadm -z web boot
	expect_fail 1 'zoned' zlogin web true
	start zoned
	wait_for 10 has_state web running
}

test_a_second_zoned_or_dlmgmtd_is_refused()
{
	local first

	first=$(pids_of zoned)
	timeout 5 zoned && fail "a second zoned ran" || true
	timeout 5 dlmgmtd && fail "a second dlmgmtd ran" || true
	check_eq zoned "$first" "$(pids_of zoned)"
	expect_ok zoneadm list
	expect_ok dladm show-link
}

run_tests
