#!/bin/bash
# zlogin: commands in a zone, exit codes, streams, a terminal.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"
# shellcheck source=tests/lib/session.sh
. "$ZONES_TREE/tests/lib/session.sh"

setup()
{
	start_daemons
	make_zone web
	expect_ok zoneadm -z web boot
}

test_options_behind_the_zone_are_refused()
{
	expect_fail 2 "'-l' is no utility; options stand before the zone" zlogin web -l nobody id
}

test_exit_code_is_the_commands()
{
	expect_ok zlogin web true
	expect_fail 1 '' zlogin web false
	expect_fail 42 '' zlogin web 'exit 42'
	expect_fail 127 '.' zlogin web no-such-command
}

test_stdout_and_stderr_stay_apart()
{
	zlogin web 'echo to-out; echo to-err >&2' >/tmp/o 2>/tmp/e </dev/null
	check_eq stdout to-out "$(cat /tmp/o)"
	check_eq stderr to-err "$(cat /tmp/e)"
}

test_stdin_reaches_the_command()
{
	check_eq stdin hello "$(echo hello | zlogin web cat)"
	check_eq size 300000 "$(head -c 300000 /dev/zero | zlogin web wc -c | tr -d ' ')"
	check_eq 'with -n' 0 "$(echo hello | zlogin -n web wc -c | tr -d ' ')"
}

test_the_zone_is_its_own_world()
{
	expect_ok zlogin web zonename
	check_eq zonename web "$out"
	expect_ok zlogin web hostname
	check_eq hostname web "$out"
	expect_ok zlogin web id -u
	check_eq id 0 "$out"
	expect_ok zlogin web cat /proc/self/uid_map
	check_no_match 'uid map' '^ *0 +0 ' "$out"
	expect_ok zlogin web 'ls -d /proc/[0-9]* | wc -l'
	[ "$out" -lt 20 ] || fail "$out processes are seen"
	expect_ok zlogin web cat /proc/1/comm
	check_match init 'init' "$out"
	check_eq zonename global "$(zonename)"
}

test_the_environment_is_clean()
{
	export SECRET_OF_HOST=1
	expect_ok zlogin web env
	check_no_match env 'SECRET_OF_HOST|ZONES_ROOT|ZONES_CGROUP' "$out"
	check_match path '^PATH=' "$out"
}

test_no_descriptor_of_the_host_is_open()
{
	exec 7</
	expect_ok zlogin web 'ls -l /proc/self/fd'
	exec 7<&-
	check_no_match descriptors ' [3-9] -> /($|etc|work)|namespace|mnt:|cgroup' "$out"
}

test_a_terminal()
{
	python3 "$ZONES_TREE/tests/lib/on-terminal" "zlogin web" 'tty; zonename; stty size; exit 5' >/tmp/tty.out ||
		fail "on-terminal: $(cat /tmp/tty.out)"
	check_match 'a tty of its own' '/dev/(pts/[0-9]+|console)' "$(cat /tmp/tty.out)"
	check_match zonename '^web' "$(cat /tmp/tty.out)"
	check_match size '33 101' "$(cat /tmp/tty.out)"
	check_match greeting "\[Connected to zone 'web'" "$(cat /tmp/tty.out)"
}

test_a_killed_zlogin_leaves_no_process()
{
	local pid

	zlogin web sleep 4321 &
	pid=$!
	wait_for 5 pgrep -f 'sleep 4321'
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || true
	expect_ok zlogin web true
}

test_refusals()
{
	expect_fail 1 'global' zlogin global true
	expect_fail 1 'nozone' zlogin nozone true
	configure off
	expect_fail 1 'off' zlogin off true
	expect_ok zoneadm -z off install
	expect_fail 1 'off' zlogin off true
	expect_fail 2 '.' zlogin
	remove_zone off
}

# What the zone's root left where the users are: it is no list of users, and is neither waited for nor read for ever.
test_traps_where_the_users_are()
{
	local etc=$ZONES_ROOT/zones/web/root/etc trap

	mv "$etc/passwd" "$etc/passwd.kept"
	for trap in 'mkfifo passwd' 'ln -s /dev/zero passwd' 'ln -s /dev/console passwd' 'truncate -s 1T passwd' \
		'ln -s passwd passwd' 'mkdir passwd' \
		'/usr/bin/python3 -c "import socket; socket.socket(socket.AF_UNIX).bind(\"passwd\")"'; do
		expect_ok timeout 20 zlogin -S web /bin/sh -c "cd /etc; $trap"
		expect_ok timeout 20 zlogin web 'echo "$HOME" "$SHELL" here'
		check_eq "$trap: says" '/ /bin/sh here' "$out"
		check_match "$trap: a program" '^here' "$(timeout 20 zlogin -i web /bin/echo here)"
		rm -r "$etc/passwd"
	done
	mv "$etc/passwd.kept" "$etc/passwd"
	expect_ok zlogin web 'echo "$HOME"'
	check_eq HOME /root "$out"
}

test_a_zone_that_halts_ends_the_login()
{
	local pid

	zlogin web sleep 300 &
	pid=$!
	wait_for 10 pgrep -f 'sleep 300'
	expect_ok zoneadm -z web halt
	wait_for 20 eval "! kill -0 $pid"
	nothing_of web
	expect_ok zoneadm -z web boot
}

test_window_signals_and_the_terminal_afterwards()
{
	session win zlogin -S web
	wait_for 10 said win 'Connected'
	type_on win 'stty size\r'
	wait_for 10 said win '33 101'
	type_on win 'RESIZE 44 88\n'
	# zlogin hears of it by a signal; who asks at once may hear the old size.
	wait_for 10 eval 'type_on win "stty size\r"; sleep 0.2; said win "44 88"'
	# The interrupt character is for the zone, a signal for zlogin.
	type_on win '(trap "echo interr""upted; exit" INT; sleep 6161)\r'
	wait_for 10 pgrep -f '^sleep 6161'
	type_on win '\003'
	wait_for 10 said win 'interrupted'
	kill -TERM "$(cat /tmp/win.pid)"
	ends win 1
	session win2 zlogin web
	# login and the shell throw away what was typed before they ask.
	wait_for 10 said win2 'root@web'
	type_on win2 'exit 3\r'
	ends win2 0
	session win3 zlogin -i web sh -c 'tty; exit 3'
	ends win3 0
	check_match 'a terminal inside' '/dev/pts/' "$(cat /tmp/win3.out)"
}

test_a_login_is_on_record()
{
	expect_ok zlogin web 'touch /run/utmp'
	session rec zlogin web
	wait_for 10 said rec 'Connected'
	wait_for 10 eval 'zlogin web who | grep -q "^root *pts/"'
	type_on rec '~.'
	ends rec 0
	wait_for 10 eval '! zlogin web who | grep -q .'
}

# Who is inside has no way to the operator's terminal, by name or by descriptor.
test_the_outer_terminal_is_out_of_reach()
{
	local outer

	session out zlogin -S web
	wait_for 10 said out 'Connected'
	outer=$(readlink "/proc/$(cat /tmp/out.pid)/fd/0")
	expect_ok zlogin web "
		for fd in /proc/[0-9]*/fd/*; do readlink \$fd; done | sort -u"
	check_no_match 'descriptors' "^$outer\$" "$(grep -v '^/dev/pts/[0-9]*$' <<<"$out")"
	# Names of terminals are those of the zone's own devpts, another file system.
	[ "$(stat -c %d "$outer")" != "$(zlogin web stat -c %d /dev/pts/0)" ] || fail 'the same devpts'
	type_on out '~.'
	ends out 0
}

# Beside init's group, so that an init which shares controllers can be visited.
test_it_has_a_group_of_its_own()
{
	local group=$v2/$ZONES_CGROUP/zones/web/zone

	expect_ok zlogin web 'tail -n 1 /proc/self/cgroup; tail -n 1 /proc/1/cgroup'
	check_eq groups '0::/zlogin 0::/' "$(tr '\n' ' ' <<<"$out" | sed 's/ $//')"
	check_eq owner "$(stat -c %u:%g "$group")" "$(stat -c %u:%g "$group/zlogin")"
	# The zone may take it away, or make it one that nobody can join: it is entered all the same.
	expect_ok zlogin web 'mkdir /sys/fs/cgroup/x'
	wait_for 10 zlogin web 'echo 0 >/sys/fs/cgroup/x/cgroup.procs; rmdir /sys/fs/cgroup/zlogin'
	test ! -e "$group/zlogin" || fail 'zlogin is still there'
	expect_ok zlogin web true
	wait_for 10 zlogin web 'cd /sys/fs/cgroup; echo 0 >cgroup.procs; echo threaded >x/cgroup.type'
	expect_ok zlogin web tail -n 1 /proc/self/cgroup
	check_eq 'the group of the zone' 0::/ "$out"
	expect_ok zoneadm -z web reboot
}

# As systemd does: then the zone's own group may have no processes.
test_an_init_that_shares_controllers()
{
	local group=$v2/$ZONES_CGROUP/zones/web/zone

	grep -q pids "$group/cgroup.controllers" || skip 'cgroup v2 has no controllers here'
	expect_ok zlogin web 'mkdir /sys/fs/cgroup/init.scope
		for p in $(cat /sys/fs/cgroup/cgroup.procs); do
			echo $p >/sys/fs/cgroup/init.scope/cgroup.procs
		done
		echo +pids >/sys/fs/cgroup/cgroup.subtree_control'
	check_match shared pids "$(cat "$group/cgroup.subtree_control")"
	expect_ok zlogin web tail -n 1 /proc/self/cgroup
	check_eq group 0::/zlogin "$out"
	expect_ok zoneadm -z web reboot
}

test_many_at_once()
{
	local i

	for i in 1 2 3 4 5 6 7 8; do
		zlogin web "echo $i; sleep 0.3" >"/tmp/many.$i" 2>&1 &
	done
	wait
	for i in 1 2 3 4 5 6 7 8; do
		check_eq "login $i" "$i" "$(cat "/tmp/many.$i")"
	done
}

run_tests
