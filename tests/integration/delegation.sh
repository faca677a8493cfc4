#!/bin/bash
# Ordinary users with rights over zones (the admin resource): what each right lets them do, and
# that nothing else works. The users are some of every host's; they have no rights by themselves.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"
# shellcheck source=tests/lib/session.sh
. "$ZONES_TREE/tests/lib/session.sh"

# as USER COMMAND...
as()
{
	local user=$1

	shift
	setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups --inh-caps=-all "$@"
}

# The same, for a process of its own whose number is known.
exec_as()
{
	local user=$1

	shift
	exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups "$@"
}

setup()
{
	chmod 0755 "$ZONES_ROOT" "$ZONES_ROOT/run" "$run"
	start_daemons
	# games manages web and new, may clone from gold; mail may log in to web; news has nothing.
	make_zone gold 'add admin' 'set user=games' 'set auths=clonefrom' end
	make_zone web 'add admin' 'set user=games' 'set auths=login,manage' end \
		'add admin' 'set user=mail' 'set auths=login' end
	configure new 'add admin' 'set user=games' 'set auths=manage' end
	expect_ok zoneadm -z web boot
	make_zone db
	expect_ok zoneadm -z db boot
}

test_manage_takes_the_zone_through_its_states()
{
	expect_ok zoneadm -z web halt
	expect_ok as games zoneadm -z web verify
	expect_ok as games zoneadm -z web ready
	expect_ok as games zoneadm -z web boot -- -m verbose
	check_eq state running "$(state_of web)"
	expect_ok as games zoneadm -z web reboot
	expect_ok as games zoneadm -z web freeze
	expect_ok as games zoneadm -z web thaw
	expect_ok as games zoneadm -z web apply -n
	expect_ok as games zoneadm -z web shutdown
	check_eq state installed "$(state_of web)"
	expect_ok as games zoneadm -z web boot
	expect_ok as games zoneadm -z web halt
	expect_ok as games zoneadm -z web halt
	check_match 'the words of zoneadm' "^zoneadm: zone 'web': zone is already halted$" "$out"
	expect_ok zoneadm -z web boot
}

test_manage_enters_the_zone()
{
	expect_ok as games zlogin web id -u
	check_eq 'root of the zone' 0 "$out"
	expect_ok as games zlogin -S web pwd
	expect_fail 42 '' as games zlogin web 'exit 42'
	# Streams stay apart, and are carried whatever they are.
	echo from-a-file >/tmp/in
	as games zlogin web 'cat; echo to-err >&2' </tmp/in >/tmp/o 2>/tmp/e
	check_eq stdout from-a-file "$(cat /tmp/o)"
	check_eq stderr to-err "$(cat /tmp/e)"
	check_eq pipes 300000 "$(head -c 300000 /dev/zero | as games zlogin web cat | wc -c)"
	expect_ok as games zlogin web env
	check_no_match 'nothing of the host' 'ZONES_|SUDO|HOME=/usr' "$out"
}

test_a_terminal_of_a_manager()
{
	session man setpriv --reuid=games --regid=60 --clear-groups zlogin web
	wait_for 10 said man 'root@web'
	type_on man 'tty; stty size\r'
	wait_for 10 said man '/dev/pts/'
	wait_for 10 said man '33 101'
	type_on man 'RESIZE 44 88\n'
	# The change goes through three processes; who asks at once may hear the old size.
	wait_for 10 eval 'type_on man "stty size\r"; sleep 0.2; said man "44 88"'
	type_on man 'exit\r'
	ends man 0
}

test_a_manager_has_the_console()
{
	session con setpriv --reuid=games --regid=60 --clear-groups zlogin -C web
	wait_for 10 said con "Connected to zone 'web' console"
	type_on con '~.'
	ends con 0
}

test_login_asks_for_the_password()
{
	local not_more='may only log in, with a terminal and a password'

	expect_fail 1 "^zlogin: zone 'web': user mail $not_more" as mail zlogin web id
	expect_fail 1 "$not_more" as mail zlogin -S web
	expect_fail 1 "$not_more" as mail zlogin -C web
	expect_fail 1 "$not_more" as mail zlogin -I web
	expect_fail 1 'has no attribute zlog-mode' as games zlogin -I web
	expect_fail 1 "$not_more" as mail zlogin -i web id
	expect_fail 1 'a login with a password needs a terminal' as mail zlogin web
	expect_ok zlogin web 'echo root:secret | chpasswd'
	session log setpriv --reuid=mail --regid=8 --clear-groups zlogin web
	wait_for 10 said log 'Password:'
	type_on log 'wrong\r'
	wait_for 20 said log 'Login incorrect'
	! said log 'root@web' || fail 'no password was asked'
	type_on log '~.'
	wait_for 20 ended log
	session log2 setpriv --reuid=mail --regid=8 --clear-groups zlogin web
	wait_for 10 said log2 'Password:'
	type_on log2 'secret\r'
	wait_for 20 said log2 'root@web'
	type_on log2 'exit\r'
	ends log2 0
	expect_fail 1 'user mail may not halt it: that needs the right manage' \
		as mail zoneadm -z web halt
	check_eq state running "$(state_of web)"
}

test_clonefrom_is_needed_of_the_source()
{
	expect_fail 1 "user games may not clone zone 'db': that needs the right clonefrom" \
		as games zoneadm -z new clone db
	expect_fail 1 "may not clone zone '../gold'" as games zoneadm -z new clone ../gold
	expect_fail 1 "zone 'gold': it has no snapshot 'x'" as games zoneadm -z new clone -s x gold
	expect_fail 1 "it has no snapshot '../root'" as games zoneadm -z new clone -s ../root gold
	expect_fail 1 "with '-a': only root may name that" as games zoneadm -z new clone -s x -a f gold
	expect_fail 1 "with '-s': only root may name that" as games zoneadm -z new clone -s -a gold
	expect_fail 1 "with '-m': only root may name that" as games zoneadm -z new clone -m move gold
	check_eq state configured "$(state_of new)"
	expect_ok as games zoneadm -z new clone -m copy gold
	check_eq state installed "$(state_of new)"
	expect_ok as games zoneadm -z new uninstall -F
	expect_fail 1 "user games may not boot it: that needs the right manage" \
		as games zoneadm -z gold boot
	expect_fail 1 'user games may not enter it' as games zlogin gold id
}

# Who manages a zone keeps its root and brings it back.
test_a_manager_keeps_and_brings_back()
{
	expect_ok as games zoneadm -z new clone gold
	expect_ok as games zoneadm -z new snapshot one
	expect_ok as games zoneadm -z new snapshot -p
	check_match list '^one:' "$out"
	expect_fail 1 "'../x' is no name for a snapshot" as games zoneadm -z new snapshot ../x
	touch "$ZONES_ROOT/zones/new/root/later"
	expect_ok as games zoneadm -z new rollback one
	[ ! -e "$ZONES_ROOT/zones/new/root/later" ] || fail 'it was not brought back'
	expect_ok as games zoneadm -z new snapshot -d one
	expect_fail 1 'user mail may not snapshot it' as mail zoneadm -z new snapshot two
	expect_fail 1 'user mail may not rollback it' as mail zoneadm -z new rollback one
	expect_fail 1 'only root can export' as games zoneadm -z new export /tmp/x
	expect_ok as games zoneadm -z new uninstall -F
}

# %group: everybody who is in it, by its first group or another one, while he is.
test_a_group_has_a_right()
{
	sed '/^zoneops:/d' /etc/group >/tmp/group
	echo 'zoneops:x:4242:news' >>/tmp/group
	mount --bind /tmp/group /etc/group
	expect_fail 1 '%nobodys' zonecfg -z db \
		'add admin; set user=%nobodys; set auths=manage; end'
	expect_fail 1 'user' zonecfg -z db 'add admin; set user=%; set auths=manage; end'
	expect_ok zonecfg -z db 'add admin; set user=%zoneops; set auths=manage; end
		add admin; set user=%mail; set auths=login; end'
	expect_ok zonecfg -z db export
	check_match exported '^set user=%zoneops$' "$out"
	expect_ok as news zlogin db id -u
	check_eq 'in the zone' 0 "$out"
	expect_ok as news zoneadm -z db reboot
	expect_fail 1 'user mail may only log in' as mail zlogin db id
	expect_fail 1 'user games may not enter it' as games zlogin db id
	# To say so does not put anybody into a group.
	expect_fail 1 'user games may not enter it' \
		setpriv --reuid=games --regid=4242 --groups=4242 zlogin db id
	# in place: the file is mounted
	grep -v '^zoneops:' /etc/group >/tmp/without
	{ cat /tmp/without && echo 'zoneops:x:4242:'; } >/tmp/group
	expect_fail 1 'user news may not enter it' as news zlogin db id
	umount /etc/group
	expect_fail 1 'user news may not enter it' as news zlogin db id
	expect_ok zonecfg -z db 'remove -F admin'
}

test_nothing_else()
{
	local sub

	for sub in verify ready boot reboot halt shutdown freeze thaw install 'uninstall -F' \
		'mark -F configured' 'move /zones/x' detach attach apply; do
		# shellcheck disable=SC2086 # words
		expect_fail 1 "^zoneadm: zone 'db': (user games may not|only root can)" \
			as games zoneadm -z db $sub
		check_eq "lines for $sub" 1 "$(wc -l <<<"$out")"
	done
	expect_fail 1 'user news may not enter it: that needs the right login or manage' \
		as news zlogin db id
	expect_fail 1 'may not boot it' as news zoneadm -z web boot
	# What names files of the host is root's, in a zone of his own too.
	expect_fail 1 'only root can move' as games zoneadm -z web move /zones/other
	expect_fail 1 "with '-a': only root may name that" as games zoneadm -z new install -a /etc/shadow
	expect_fail 1 'only root can mark' as games zoneadm -z new mark -F installed
	expect_fail 1 "with '-F'" as games zoneadm -z new attach -F
	check_eq state running "$(state_of db)"
	expect_ok as news zoneadm list -c
}

# zoned's other commands, the doors and sockets of a zone: nothing of it opens for a manager.
test_the_daemons_have_not_become_softer()
{
	local probe=$ZONES_ROOT/door-probe

	cp "$ZONES_STAGE/../tests/door-probe" "$probe"
	chmod 0755 "$probe"
	check_match 'shutdown' '^err 1 ' "$(as games "$probe" "$run/zone_door" 5 8)"
	check_match 'enter' '^err 1 ' "$(as games "$probe" "$run/zone_door" 3 8)"
	check_match 'zoneadmd' '^open:' "$(as games "$probe" "$run/web.zoneadmd_door" 0 1304 2>&1)"
	# In a zone there is nobody who works for one.
	cp "$probe" "$ZONES_ROOT/zones/web/root/door-probe"
	check_match 'a user of a zone' '^err 1 ' \
		"$(zlogin web 'setpriv --reuid=5 /door-probe /dev/zones/zone_door 46 4')"
	check_match 'root of a zone' '^err 1 ' "$(zlogin web /door-probe /dev/zones/zone_door 46 4)"
}

# The rights are those of the configuration at that moment.
test_a_right_that_is_taken_away_is_gone()
{
	expect_ok zonecfg -z new 'remove admin user=games'
	expect_fail 1 'may not install it' as games zoneadm -z new install
	expect_ok zonecfg -z new 'add admin; set user=games; set auths=manage; end'
	expect_ok as games zoneadm -z new install
	expect_ok as games zoneadm -z new uninstall -F
}

test_signals_and_a_hang_up_reach_it()
{
	local pid

	exec_as games zlogin web 'trap "exit 7" TERM; sleep 7171 & wait' &
	pid=$!
	wait_for 10 pgrep -f '^sleep 7171'
	kill -TERM "$pid"
	wait "$pid" || check_eq code 7 $?
	wait_for 10 eval 'zlogin web "pkill -f 7171" || true; ! pgrep -f "^sleep 7171"'
	exec_as games zlogin web 'sleep 7272' &
	pid=$!
	wait_for 10 pgrep -f '^sleep 7272'
	kill -KILL "$pid"
	wait_for 10 eval '! pgrep -f "^sleep 7272"'
	wait_for 10 gone zone-delegate
}

# What a hostile client sends: no request, half ones, other descriptors, words that lie.
test_requests_that_make_no_sense()
{
	cp "$ZONES_STAGE/../tests/delegate-probe" "$ZONES_ROOT/delegate-probe"
	expect_ok as games "$ZONES_ROOT/delegate-probe"
	expect_ok as games zlogin web true
	wait_for 20 gone zone-delegate
}

test_it_is_not_for_hands()
{
	expect_fail 2 'it is zoned that starts this program' "$ZONES_LIBEXEC/zone-delegate" 0
	expect_fail 2 'it is zoned that starts this program' as games "$ZONES_LIBEXEC/zone-delegate" 0
}

run_tests
