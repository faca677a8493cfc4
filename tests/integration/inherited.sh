#!/bin/bash
# What programs inherit from whoever starts them, and must not take for granted: each command works the same in
# surroundings that nobody expects (odd-start), and nothing of these stays in a daemon or comes into a zone.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

# A sanitizer takes more than there is.
memory='limit=2:1000000000 limit=9:2000000000'
! ldd "$(command -v zoneadm)" | grep -q 'lib[at]san' || memory=

setup()
{
	start_daemons
	make_zone web
	make_zone db
	expect_ok zoneadm -z web boot
	oddities=()
	main_commands >/dev/null # what a first time leaves, locks for one, is there then
	main_commands >"$ZONES_ROOT/usual"
	check_no_match 'what is usual' '\[1[0-9]*\]$' "$(grep -v -e /usr/bin/false -e nozone "$ZONES_ROOT/usual")"
}

# odd COMMAND...: in the surroundings of the moment.
odd()
{
	timeout 40 odd-start "${oddities[@]}" -- "$@"
}

# says COMMAND...: what it says and how it ends, without what differs from time to time.
says()
{
	local code=0 said

	said=$(odd "$@" 2>&1 </dev/null) || code=$?
	sed -E 's/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}/ID/g' <<<"$* [$code]${said:+
$said}"
}

# Modes of what commands wrote.
modes()
{
	(cd "$ZONES_ROOT" && find etc run/zones zones -xdev \( -path 'zones/*/root/*' -o -name 'web*' -o -name 'db*' -o -name dev \) -prune \
		-o -printf '%m %p\n' | sort -k 2)
}

# The main commands, one after the other, from a configuration to a copy of the zone and back.
main_commands()
{
	local exported=$ZONES_ROOT/exported

	says zonecfg -z copy 'create -t db; set zonepath=/zones/copy; add attr; set name=a; set type=string; set value=b; end'
	says zonecfg -z copy info attr
	says zoneadm -z copy clone db
	says zoneadm list -cip
	says zoneadm -z copy boot
	says zlogin copy 'echo here; exit 3'
	says zlogin -S copy /usr/bin/false
	says zoneadm -z copy reboot
	says zonestat -p -R total -r summary 1 1 | sed -E 's/:[0-9.:%-]+$//; s/[0-9.]+[KMG%]//g' | head -n 1
	modes
	says zoneadm -z copy halt
	says zoneadm -z copy export "$exported"
	says zoneadm -z copy uninstall -F
	says zonecfg -z copy delete -F
	says zoneadm -z copy import -p /zones/copy "$exported"
	says zoneadm -z copy uninstall -F
	says zonecfg -z copy delete -F
	rm -f "$exported"
	says zonename
	says dladm create-etherstub stub0
	says dladm show-etherstub
	says dladm delete-etherstub stub0
	says kstat -p zones:1:web:zonename
	says prctl -n zone.max-lwps -i zone nozone
	says rctladm zone.max-lwps
	says flowadm show-flow
	says dlstat
}

# all_as_usual: in the oddities of each line of standard input.
all_as_usual()
{
	local line usual

	usual=$(cat "$ZONES_ROOT/usual")
	while read -r line; do
		read -ra oddities <<<"$line"
		diff <(echo "$usual") <(main_commands) || fail "with $line"
	done
	nothing_remains_of copy
}

test_commands_with_signals_of_the_caller()
{
	all_as_usual <<-END
		ignore=17
		ignore=all block
	END
}

test_commands_with_descriptors_of_the_caller()
{
	all_as_usual <<-END
		open=20
		open=1200
		close=0
	END
}

# Bytes, but for limit 7, which is descriptors, and 6, processes.
test_commands_with_small_limits()
{
	all_as_usual <<-END
		limit=7:64:64 limit=6:1 limit=8:0:0 limit=11:0:0 limit=12:0:0 limit=10:4
		limit=3:65536 limit=4:-1
		limit=3:-1 $memory
	END
}

# zoneadmd, which is started by a command, writes what is longer.
test_a_small_limit_of_files_is_not_that_of_zones()
{
	oddities=(limit=1:4096)
	expect_ok odd zoneadm -z db boot
	expect_ok odd zlogin db 'dd if=/dev/zero of=/root/large bs=1k count=16 status=none'
	expect_ok odd zoneadm -z db halt
	# what they write themselves is whole or not there
	expect_fail 1 'File too large' odd zoneadm -z db export "$ZONES_ROOT/exported"
	check_eq 'left of it' '' "$(find "$ZONES_ROOT" -maxdepth 1 -name "exported*")"
}

test_commands_with_a_mask_or_no_directory()
{
	all_as_usual <<-END
		umask=777
		umask=0 nowhere
	END
}

test_commands_in_environments()
{
	all_as_usual <<-END
		env=HOME= env=TERM=nonsense env=LANGUAGE=xx env=TMPDIR=/nowhere env=COLUMNS=-1 env=LINES=999999999
		env=POSIXLY_CORRECT=1 env=IFS=o env=PATH=/nowhere env=COLUMNS=1 env=LINES=1 env=TZ=nowhere
		name=
	END
}

test_commands_with_priorities()
{
	all_as_usual <<-END
		nice=19 sched=5 cpu ioprio oom=500 slack=100000000
		sched=1 personality=40000 login=1000 keyring session ambient nonewprivs
	END
}

test_a_session_on_a_terminal()
{
	local line said

	while read -r line; do
		said=$(timeout 40 "$ZONES_TREE/tests/lib/on-terminal" "odd-start $line -- zlogin web" \
			'stty size; echo "here $((6 * 7))"' exit | tr -d '\r')
		check_match "with $line: size" '33 101$' "$said"
		check_match "with $line: what was typed" '^here 42$' "$said"
		check_match "with $line: how it ends" '^exit 0' "$said"
	done <<-END
		ignore=all block open=1200 limit=7:2048
		env=TERM= nice=19 sched=1 limit=3:65536 umask=777
		env=TERM=nonsense env=COLUMNS=-1 env=LANG=xx env=PATH= nowhere
	END
}

# Nobody can end with SIGTERM what his shell started with it blocked.
test_a_blocked_signal_ends_a_command()
{
	local command pid code

	for command in 'zoneadm monitor' 'kstat 9' 'dlstat -i 9'; do
		# shellcheck disable=SC2086 # words
		odd-start block -- $command >/dev/null 2>&1 &
		pid=$!
		wait_for 10 grep -q '^SigBlk:.*[0-3]...$' "/proc/$pid/status"
		kill -TERM "$pid"
		code=0
		wait "$pid" || code=$?
		check_eq "$command" 143 "$code"
	done
}

test_the_service_with_children_that_nobody_waits_for()
{
	zonecfg -z db 'set autoboot=true'
	oddities=(ignore=all block limit=1:4096 umask=777 nowhere open=20)
	expect_ok odd svc-zones start
	check_eq state running "$(state_of db)"
	expect_ok zoneadm -z db halt
	zonecfg -z db 'set autoboot=false'
}

# ---- what outlives its caller ----

# surroundings PID: everything that a process inherits, but for its environment.
surroundings()
{
	local p=/proc/$1 stat

	grep -E '^(Umask|SigBlk|SigIgn|CapInh|CapAmb|NoNewPrivs|Cpus_allowed_list)' "$p/status"
	stat=$(cat "$p/stat")
	# shellcheck disable=SC2086 # words
	set -- "$1" ${stat##*) }
	echo "nice ${18} realtime ${39} policy ${40}"
	(cd "$p" && grep '' oom_score_adj timerslack_ns personality loginuid limits)
	ionice -p "$1"
	readlink "$p/cwd"
	find "$p/fd" -name '[012]' -printf '%f %l\n' | sed 's|/pts/.*||' | sort
	echo "of the caller: $(find "$p/fd" -lname / | wc -l)"
	sed -n 's/^0::.*\(zsched\|zoneadmd\|zoneview\|host\|init\)/\1/p' "$p/cgroup"
}

long_lived()
{
	local name

	for name in zoned dlmgmtd zoneview zsched-start; do
		echo "-- $name"
		surroundings "$(pids_of "$name")"
	done
	echo '-- zsched'
	surroundings "$(zsched_of web)"
	echo '-- zoneadmd'
	surroundings "$(zoneadmd_of web)"
	echo '-- init'
	surroundings "$(init_of web)"
	echo '-- zlogin'
	# shellcheck disable=SC2016 # for the zone
	odd zlogin web 'grep -E "^(Umask|Sig|Cap|NoNew|Cpus_allowed_list)" /proc/self/status; cat /proc/self/limits
		cd /proc/self && cat oom_score_adj timerslack_ns personality; set -- $(cat stat); echo "${19} ${40} ${41}"
		ls -l /proc/self/fd | sed "s/.* -> //; s/:.*//; s,/[0-9]*/fd,/fd,"' 2>&1 </dev/null
}

start_oddly()
{
	stop zoned
	stop dlmgmtd
	wait_for 10 gone zoneview
	odd odd-start close=012 -- dlmgmtd
	odd odd-start close=012 -- zoned
	wait_for 10 zoned_answers
	wait_for 10 pids_of zoneview
	odd odd-start close=012 -- zoneadm -z web boot
}

test_nothing_of_the_caller_stays()
{
	local usual line

	expect_ok zoneadm -z web halt
	oddities=()
	start_oddly
	usual=$(long_lived)
	echo "$usual"
	check_match 'zoneadmd is where it belongs' '^zoneadmd$' "$usual"
	while read -r line; do
		expect_ok zoneadm -z web halt
		read -ra oddities <<<"$line"
		start_oddly
		diff <(echo "$usual") <(long_lived) || fail "with $line"
	done <<-END
		ignore=all block umask=777 nowhere open=300 login=1000 keyring ambient
		limit=0:1000 limit=1:100000 limit=3:131072 limit=4:-1 limit=6:3000 limit=7:256 limit=8:0 $memory
		nice=19 sched=3 cpu ioprio oom=500 slack=9000000 personality=40000
		sched=1 personality=8 limit=3:-1 session
	END
}

# A host's / is shared with whom it likes; what a zone mounts is its own, and what is mounted here is not the zone's.
test_mounts_of_a_zone_are_its_own_however_the_host_shares()
{
	local how before

	for how in shared slave private; do
		mount "--make-r$how" /
		before=$(cut -d' ' -f5 /proc/self/mountinfo | sort)
		expect_ok zoneadm -z db boot
		check_eq "mounts of the host, $how" "$before" "$(cut -d' ' -f5 /proc/self/mountinfo | sort)"
		check_match 'its mounts' ' / ' "$(in_zone db cat /proc/mounts)"
		expect_ok in_zone db mount -t tmpfs tmpfs /mnt
		mount -t tmpfs tmpfs "$ZONES_ROOT/zones/db/root/root"
		check_eq "of the host in the zone, $how" '' "$(in_zone db grep ' /root ' /proc/mounts || true)"
		umount "$ZONES_ROOT/zones/db/root/root"
		check_eq "mounts of the zone, $how" "$before" "$(cut -d' ' -f5 /proc/self/mountinfo | sort)"
		expect_ok zoneadm -z db halt
	done
}

# ---- rights that are gone ----

test_who_lacks_a_right_says_which()
{
	local n

	for n in securebits=1 without=12 without=21; do
		oddities=("$n")
		expect_fail 1 "^zoneadmd: zone 'db': it needs the capability CAP_.*, which it was started without" odd zoneadm -z db boot
		# nothing stays that others would meet
		check_eq 'zoneadmd' '' "$(zoneadmd_of db)"
	done
	expect_ok zoneadm -z db boot
	expect_fail 1 "^zoneadm: zone 'db': insufficient privileges" odd zoneadm -z db halt
	expect_ok zoneadm -z db halt
	expect_fail 1 '^zoned: it needs the capability CAP_SYS_ADMIN, which' odd zoned
	expect_fail 1 '^dlmgmtd: it needs the capability CAP_NET_ADMIN, which' odd-start without=12 -- dlmgmtd
}

test_in_a_chroot()
{
	local new=/tmp/root dir

	stop zoned
	mkdir "$new"
	mount -t tmpfs tmpfs "$new"
	for dir in /*; do
		[ -d "$dir" ] && [ ! -L "$dir" ] && [ "$dir" != /tmp ] || continue
		mkdir "$new$dir"
		mount --rbind "$dir" "$new$dir"
	done
	cp -P /bin /lib /lib64 "$new" 2>/dev/null || true
	expect_ok chroot "$new" "$(command -v zoned)"
	expect_fail 1 'zoned runs in a chroot, where' chroot "$new" "$(command -v zoneadm)" -z db boot
	stop zoned
	umount -R -l "$new"
	start zoned
}

# ---- signals ----

# brand HOOK COMMAND: the brand odd is sparse with this hook.
brand()
{
	local dir=$ZONES_ROOT/usr/lib/brand/odd

	rm -rf "$dir"
	mkdir -p "${dir%/*}"
	cp -r "$ZONES_BRANDS/sparse" "$dir"
	sed -i 's/name="sparse"/name="odd"/' "$dir"/*.xml
	sed -i "s|</brand>|<$1>$2</$1>\n</brand>|" "$dir/config.xml"
}

# nohup(1), and jobs of a shell in the background: what is ignored is not heard, by hooks neither.
test_what_the_caller_ignores_stays_ignored()
{
	local code=0 pid sig

	brand postinstall "touch $ZONES_ROOT/begun; while [ ! -e $ZONES_ROOT/go ]; do sleep 0.05; done; true"
	configure slow 'set brand=odd'
	odd-start ignore=1 ignore=2 ignore=3 -- zoneadm -z slow install >/tmp/slow.out 2>&1 &
	pid=$!
	wait_for 10 test -e "$ZONES_ROOT/begun"
	for sig in HUP INT QUIT; do
		# shellcheck disable=SC2046 # several
		kill "-$sig" "$pid" $(pgrep -P "$pid")
	done
	touch "$ZONES_ROOT/go"
	wait "$pid" || code=$?
	check_eq "exit, and: $(cat /tmp/slow.out)" 0 "$code"
	expect_ok zoneadm -z slow uninstall -F
	expect_ok zonecfg -z slow delete -F
}

test_hooks_of_a_running_zone_have_their_own_environment()
{
	local said=$ZONES_ROOT/environment

	brand boot "env >$said"
	make_zone hooked 'set brand=odd'
	oddities=(env=TMPDIR=/gone env=BASH_ENV=/gone env=SECRET=1 env=TZ=UTC env=LC_MESSAGES=C)
	expect_ok odd zoneadm -z hooked boot
	check_eq 'of the caller' '' "$(grep -E '^(TMPDIR|BASH_ENV|SECRET|HOME)=' "$said")"
	check_eq 'what passes' 4 "$(grep -cE '^(TZ=UTC|LC_MESSAGES=C|PATH=.*|ZONES_ROOT=.*)$' "$said")"
	remove_zone hooked
}

run_tests
