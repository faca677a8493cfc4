#!/bin/bash
# The console of a zone: zlogin -C, its server zoneadmd, and zsched, which keeps it.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"
# shellcheck source=tests/lib/session.sh
. "$ZONES_TREE/tests/lib/session.sh"

setup()
{
	start_daemons
	make_zone con
	expect_ok zoneadm -z con boot
}

# ---- sessions: on_console NAME [option]... ZONE ----

on_console()
{
	local name=$1

	shift
	pkill -x zlogin || true # of a test that failed
	session "$name" zlogin -C "$@"
	wait_for 10 said "$name" '\[Connected to zone|\[Mit der Konsole der Zone|in use'
}

# Says a line on the zone's console.
con_echo()
{
	zlogin con "(echo $1) >/dev/console"
}

# reads_console NAME: something in the zone reads lines of the console and answers on it.
reads_console()
{
	zlogin con 'while read -r l; do echo "got:$l:$(stty size)" ; done <>/dev/console >&0 2>&1 &
		echo $! >/run/reader'
}

no_reader()
{
	zlogin con 'kill $(cat /run/reader)'
}

no_zoneadmd()
{
	[ -z "$(zoneadmd_of "$1")" ]
}

log_of()
{
	cat "$ZONES_ROOT/zones/$1/logs/console.log.0" "$ZONES_ROOT/zones/$1/logs/console.log" 2>/dev/null
}

test_a_session_in_both_directions_with_its_window()
{
	reads_console
	on_console both con
	type_on both 'hello\r'
	wait_for 10 said both 'got:hello:33 101'
	type_on both 'RESIZE 44 88\n'
	type_on both 'larger\r'
	wait_for 10 said both 'got:larger:44 88'
	type_on both '~.'
	ends both 0
	check_match closed "\[Connection to zone 'con' console closed\]" "$(cat /tmp/both.out)"
	no_reader
}

# The path of its socket is longer than an address of a socket.
test_the_longest_name_has_a_console()
{
	local name

	name=$(printf 'n%.0s' {1..63})
	make_zone "$name"
	expect_ok zoneadm -z "$name" boot
	check_eq 'a long path' yes "$([ "$(wc -c <<<"$ZONES_ROOT/run/zones/$name.console_sock")" -gt 108 ] && echo yes)"
	on_console longest "$name"
	zlogin "$name" '(echo from-far) >/dev/console'
	wait_for 10 said longest from-far
	type_on longest '~.'
	ends longest 0
	expect_ok zoneadm -z "$name" halt
	expect_ok zoneadm -z "$name" uninstall -F
	remove_zone "$name"
}

test_escapes_and_quiet()
{
	on_console other -e '%' con
	type_on other '~.\r'
	type_on other '%.'
	ends other 0
	session quiet zlogin -CQ con
	con_echo for-the-quiet
	wait_for 10 said quiet for-the-quiet
	type_on quiet '~.'
	ends quiet 0
	check_no_match quiet 'Connect' "$(cat /tmp/quiet.out)"
	on_console none -E con
	type_on none '~.\r'
	con_echo still-there
	wait_for 10 said none still-there
	kill -TERM "$(cat /tmp/none.pid)"
	ends none 1
}

test_one_client_at_a_time()
{
	on_console first con
	expect_fail 1 "console is in use by process $(cat /tmp/first.pid)" zlogin -C con
	con_echo to-the-first
	wait_for 10 said first to-the-first
	kill -KILL "$(cat /tmp/first.pid)"
	wait_for 10 ended first
	wait_for 10 free_console
}

free_console()
{
	timeout 1 zlogin -C con </dev/null
	[ $? = 124 ]
}

test_last_lines_are_shown_and_logged()
{
	con_echo 'line-before; echo after-it'
	wait_for 10 eval 'log_of con | grep -q after-it'
	on_console last con
	wait_for 10 said last '^line-before'
	check_no_match 'carriage returns' $'\r' "$(log_of con)"
	type_on last '~.'
	ends last 0
}

test_a_hung_up_console_goes_on()
{
	# The exit of a session leader hangs its terminal up, for zsched too.
	expect_ok zlogin con "setsid -c sh -c 'echo before-hangup' <>/dev/console >&0 2>&1; true"
	con_echo after-hangup
	wait_for 10 eval 'log_of con | grep -q after-hangup'
}

test_flood_holds_nobody_up()
{
	local lines=40000

	on_console flood con
	kill -STOP "$(cat /tmp/flood.pid)"
	expect_ok timeout 50 zlogin con "i=0; while [ \$i -lt $lines ]; do
		echo \"flood \$i with some more text that makes the line longer, and longer still\"
		i=\$((i + 1)); done >/dev/console; echo written"
	kill -CONT "$(cat /tmp/flood.pid)"
	wait_for 20 said flood "flood $((lines - 1)) "
	wait_for 20 eval "log_of con | grep -q 'flood $((lines - 1)) '"
	check_match 'what is missing is told' 'bytes are missing here' "$(cat /tmp/flood.out)"
	type_on flood '~.'
	ends flood 0
	check_eq 'nothing missing in the log' 0 "$(log_of con | grep -ac 'output were lost')"
	[ "$(stat -c %s "$ZONES_ROOT/zones/con/logs/console.log")" -le 1100000 ] || fail 'a large log'
	test -s "$ZONES_ROOT/zones/con/logs/console.log.0" || fail 'no rotation'
}

test_flood_without_a_server()
{
	kill_hard zoneadmd
	expect_ok timeout 30 zlogin con 'i=0; while [ $i -lt 3000 ]; do
		echo "unserved $i with some more text that makes the line longer"; i=$((i + 1))
		done >/dev/console'
	on_console late con
	wait_for 10 said late 'unserved 2999 '
	check_match 'what nobody took is told' 'bytes of the console.s output were lost' "$(log_of con)"
	type_on late '~.'
	ends late 0
}

test_server_killed_under_the_client()
{
	con_echo before-the-kill
	on_console killed con
	wait_for 10 said killed before-the-kill
	kill -KILL "$(zoneadmd_of con)"
	con_echo after-the-kill
	wait_for 10 said killed 'connecting again'
	wait_for 10 said killed after-the-kill
	check_eq 'seen once' 1 "$(times_said killed after-the-kill)"
	check_eq 'seen once' 1 "$(times_said killed before-the-kill)"
	type_on killed '~.'
	ends killed 0
	check_eq 'once in the log' 1 "$(log_of con | grep -c after-the-kill)"
}

test_through_reboot_halt_and_boot()
{
	on_console through con
	expect_ok zlogin con 'echo "echo hello from the boot \$*" >>/etc/rc.zone; chmod +x /etc/rc.zone'
	expect_ok zoneadm -z con reboot
	wait_for 10 said through '\[NOTICE: Zone rebooting\]'
	wait_for 10 said through 'hello from the boot'
	expect_ok zoneadm -z con halt
	wait_for 10 said through '\[NOTICE: Zone halted\]'
	expect_ok zoneadm -z con ready
	wait_for 10 said through '\[NOTICE: Zone readied\]'
	expect_ok zoneadm -z con boot -- -v
	wait_for 10 said through '\[NOTICE: Zone booting up with arguments: -v\]'
	expect_ok zlogin con true
	con_echo new-console
	wait_for 10 said through new-console
	type_on through '~.'
	ends through 0
}

test_ends_with_the_zone()
{
	on_console ending -d con
	expect_ok zlogin con 'echo last-words >/dev/console'
	expect_ok zoneadm -z con halt
	ends ending 0
	check_match notice 'last-words.*\[NOTICE: Zone halted.  Disconnecting...\]' "$(tr -d '\r\n' </tmp/ending.out)"
	wait_for 10 no_zoneadmd con
	test ! -e "$run/con.console_sock" || fail 'the socket remains'
}

test_a_zone_that_is_down_has_a_console()
{
	on_console down con
	expect_ok zoneadm -z con boot
	wait_for 10 said down 'Zone booting up'
	expect_ok zoneadm -z con halt
	wait_for 10 said down 'Zone halted'
	sleep 0.3
	[ -n "$(zoneadmd_of con)" ] || fail 'the server left its client'
	type_on down '~.'
	ends down 0
	wait_for 10 no_zoneadmd con
}

test_boot_failure_is_told()
{
	on_console bad -d con
	expect_fail 1 'nonexistent' zoneadm -z con boot -- -i /nonexistent
	wait_for 10 said bad 'Zone boot failed.  Disconnecting'
	ends bad 0
}

test_notices_in_the_clients_language()
{
	LC_ALL=C.UTF-8 LANGUAGE=de on_console german con
	expect_ok zoneadm -z con boot
	wait_for 10 said german 'HINWEIS: Die Zone startet'
	expect_ok zoneadm -z con halt
	wait_for 10 said german 'HINWEIS: Die Zone wurde angehalten'
	type_on german '~.'
	ends german 0
}

test_log_is_reopened_on_request()
{
	expect_ok zoneadm -z con boot
	con_echo to-the-old
	wait_for 10 eval 'log_of con | grep -q to-the-old'
	mv "$ZONES_ROOT/zones/con/logs/console.log" /tmp/moved.log
	kill -HUP "$(zoneadmd_of con)"
	wait_for 10 test -e "$ZONES_ROOT/zones/con/logs/console.log"
	con_echo to-the-new
	wait_for 10 eval 'log_of con | grep -q to-the-new'
	check_no_match old to-the-new "$(cat /tmp/moved.log)"
}

test_refusals()
{
	expect_fail 1 'does not exist' zlogin -C nozone
	configure raw
	expect_fail 1 "its state is 'configured'" zlogin -C raw
	expect_fail 2 'give -C too' zlogin -d con
	expect_fail 2 'excludes' zlogin -C -l joe con
	expect_fail 2 'takes no utility' zlogin -C con true
	expect_fail 1 'global' zlogin -C global
	setpriv --reuid 1000 --clear-groups zlogin -C con >/tmp/user.out 2>&1 && fail 'a user has the console'
	check_match 'an ordinary user' 'may not enter it' "$(cat /tmp/user.out)"
	setpriv --reuid 1000 --clear-groups python3 -c "
import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
try:
    s.connect('$run/con.console_sock')
    print('connected')
except PermissionError:
    print('refused')" >/tmp/user.out
	check_eq 'an ordinary user' refused "$(cat /tmp/user.out)"
	remove_zone raw
}

# What a client may say that is none of ours.
test_hostile_messages()
{
	python3 - "$run/con.console_sock" <<-'EOF'
		import socket, sys
		def dial():
		    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		    s.connect(sys.argv[1])
		    s.settimeout(10)
		    return s
		silent = [dial() for _ in range(8)]
		for bad in (b"", b"X", b"I", b"I" * 3, b"I" * 5, b"D" * 4, b"\0" * 9000):
		    s = dial()
		    s.send(bad)
		    assert s.recv(100) == b"", bad
		s = dial()
		s.send(b"I\0\0\0")
		assert s.recv(100)[:1] == b"O"
		for bad in (b"D", b"S", b"S" * 100, b"T", b"I\0\0\0", b"N" * 2000, b"D" * 20000):
		    s.send(bad)
		s.close()
	EOF
	con_echo still-fine
	wait_for 10 eval 'log_of con | grep -q still-fine'
}

test_uninstall_ends_it()
{
	expect_ok zoneadm -z con halt
	on_console gone con
	expect_ok zoneadm -z con uninstall -F
	wait_for 10 said gone 'Zone is being uninstalled.  Disconnecting...'
	ends gone 0
	wait_for 10 no_zoneadmd con
}

run_tests
