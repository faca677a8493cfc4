#!/bin/bash
# The standard streams of a zone's init: zlogin -I, and the attribute zlog-mode.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"
# shellcheck source=tests/lib/session.sh
. "$ZONES_TREE/tests/lib/session.sh"

setup()
{
	start_daemons
	make_zone app
}

# An init that says what it is asked, and at the end of its input ends.
program()
{
	cat >"$ZONES_ROOT/zones/app/root/etc/program" <<-'END'
		#!/bin/sh
		if test -t 0; then echo "on a terminal"; else echo "on a pipe"; fi
		echo "error of init" >&2
		while read -r l; do
			case $l in
			quit) break ;;
			owner) echo again >/dev/stdout && echo wrote ;;
			size) stty size ;;
			*) echo "got:$l" ;;
			esac
		done
		echo "end of input"
	END
	chmod +x "$ZONES_ROOT/zones/app/root/etc/program"
}

# boots_with MODE [OPTION]...: with that zlog-mode, and the program as init.
boots_with()
{
	program
	zoneadm -z app halt 2>/dev/null || true
	zonecfg -z app 'remove -F attr' || true
	[ -z "$1" ] || expect_ok zonecfg -z app "add attr; set name=zlog-mode; set type=string; set value=\"$1\"; end"
	expect_ok zoneadm -z app boot -- -i /etc/program
}

log()
{
	cat "$ZONES_ROOT/zones/app/logs/console.log"
}

# logged REGEX
logged()
{
	log | grep -Eq -- "$1"
}

down()
{
	[ "$(zoneadm -z app list -p | cut -d: -f3)" = installed ]
}

# attached NAME [OPTION]...: zlogin -I with a pipe as its input, whose end is descriptor 7.
attached()
{
	local name=$1

	shift
	rm -f "/tmp/$name".*
	mkfifo "/tmp/$name.in"
	{
		status=0
		zlogin -I "$@" app <"/tmp/$name.in" >"/tmp/$name.out" 2>"/tmp/$name.err" || status=$?
		echo "$status" >"/tmp/$name.exit"
	} 7>&- &
	exec 7>"/tmp/$name.in"
	wait_for 20 grep -q 'Connected' "/tmp/$name.err"
}

test_input_output_and_end()
{
	boots_with g--
	wait_for 20 logged 'error of init'
	check_match log 'on a pipe' "$(log)"
	attached pipe
	printf 'one\nowner\n~.\ntwo' >&7
	wait_for 20 said pipe 'got:~\.'
	wait_for 20 said pipe '^wrote$'
	exec 7>&-
	wait_for 20 ended pipe
	check_eq exit 0 "$(cat /tmp/pipe.exit)"
	check_match 'all of it' 'got:one.*again.*wrote.*end of input' "$(tr '\n' ' ' </tmp/pipe.out)"
	check_no_match 'notices are not output' 'Connect|NOTICE' "$(cat /tmp/pipe.out)"
	check_match notice 'Zone halted' "$(cat /tmp/pipe.err)"
	wait_for 20 down
	wait_for 20 logged 'end of input'
}

test_no_byte_of_much_input_is_lost()
{
	boots_with g--
	# A shell that starts would read what is half written.
	expect_ok zoneadm -z app halt
	cat >"$ZONES_ROOT/zones/app/root/etc/program" <<-'END'
		#!/bin/sh
		sleep 1
		sha256sum
	END
	expect_ok zoneadm -z app boot -- -i /etc/program
	head -c 3000000 /dev/urandom >/tmp/much
	check_eq sum "$(sha256sum </tmp/much)" "$(timeout 100 zlogin -IQ app </tmp/much)"
}

test_no_end_with_N_and_the_signal()
{
	boots_with g--
	attached kept -N
	echo here >&7
	wait_for 20 said kept got:here
	exec 7>&-
	expect_fail 1 'in use by process' zlogin -I app
	kill -KILL "$(pgrep -x zlogin)"
	wait_for 20 ended kept
	attached more
	echo again >&7
	wait_for 20 said more got:again
	kill -USR1 "$(pgrep -x zlogin)"
	kill -USR1 "$(pgrep -x zlogin)"
	exec 7>&-
	wait_for 20 ended more
	check_match 'the end was passed' 'end of input' "$(cat /tmp/more.out)"
}

test_one_client_at_a_time()
{
	boots_with g--
	attached first
	expect_fail 1 "in use by process $(pgrep -x zlogin)" zlogin -I app
	expect_fail 1 'in use by process' zlogin -C app
	echo quit >&7
	wait_for 20 grep -q 'Zone halted' /tmp/first.err
	ended first && fail 'the client left while it had input'
	exec 7>&-
	wait_for 20 ended first
}

test_server_killed_under_the_client()
{
	boots_with g--
	attached killed
	echo before >&7
	wait_for 20 said killed got:before
	kill -KILL "$(zoneadmd_of app)"
	wait_for 20 grep -q 'connecting again' /tmp/killed.err
	wait_for 20 eval '[ "$(grep -c Connected /tmp/killed.err)" = 2 ]' || cat /tmp/killed.err
	echo after >&7
	wait_for 20 said killed got:after
	check_eq 'seen once' 1 "$(times_said killed got:before)"
	exec 7>&-
	wait_for 20 ended killed
	check_eq 'once in the log' 1 "$(log | grep -c got:after)"
}

test_reboot_keeps_the_client()
{
	boots_with g--
	attached kept
	expect_ok zoneadm -z app reboot -- -i /etc/program
	wait_for 20 said kept 'on a pipe'
	echo second >&7
	wait_for 20 said kept got:second
	exec 7>&-
	wait_for 20 ended kept
}

test_a_client_from_before_the_boot()
{
	boots_with g--
	expect_ok zoneadm -z app halt
	attached early
	echo waiting >&7
	expect_ok zoneadm -z app boot -- -i /etc/program
	wait_for 20 said early 'on a pipe'
	echo spoken >&7
	wait_for 20 said early got:spoken
	exec 7>&-
	wait_for 20 ended early
}

test_a_terminal()
{
	boots_with gt-
	session tty zlogin -I app
	wait_for 20 said tty 'Connected to zone .app. standard streams'
	type_on tty 'hello\r'
	wait_for 20 said tty got:hello
	type_on tty 'size\r'
	wait_for 20 said tty '33 101'
	type_on tty '~.'
	ends tty 0
	expect_ok timeout 60 zlogin -IQ app </dev/null
	check_match 'the end of input' 'end of input' "$out"
}

test_a_terminal_and_an_init_on_pipes()
{
	boots_with g--
	session cooked zlogin -I app
	wait_for 20 said cooked 'Connected'
	type_on cooked 'line\n'
	wait_for 20 said cooked got:line
	type_on cooked '\x04'
	wait_for 20 said cooked 'end of input'
	ends cooked 0
}

test_what_is_not_logged()
{
	boots_with ---
	attached silent
	echo secret-word >&7
	wait_for 20 said silent got:secret-word
	exec 7>&-
	wait_for 20 ended silent
	check_no_match log secret-word "$(log)"
}

test_refusals()
{
	boots_with ''
	expect_fail 1 "has no attribute zlog-mode" zlogin -I app
	expect_fail 2 'give -I too' zlogin -N app
	expect_fail 2 'excludes' zlogin -IC app
	expect_fail 2 'takes no utility' zlogin -I app true
	expect_fail 1 'does not exist' zlogin -I nozone
	zonecfg -z app 'add attr; set name=zlog-mode; set type=string; set value=g-n; end' >/tmp/bad.out 2>&1 &&
		fail 'a mode that is none was accepted'
	check_match 'a mode that is none' "zlog-mode: 'g-n' must be" "$(cat /tmp/bad.out)"
}

run_tests
