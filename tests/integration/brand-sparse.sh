#!/bin/bash
# Brand sparse by itself: what its install hook makes, and its init as process 1 of a namespace.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

hook=$ZONES_BRANDS/sparse/install
native=$ZONES_BRANDS/sparse/native

# fresh NAME: an empty zonepath; prints it.
fresh()
{
	mkdir -m 0700 "$ZONES_ROOT/zones/$1"
	echo "$ZONES_ROOT/zones/$1"
}

test_the_hook_makes_a_root()
{
	local z

	z=$(fresh a)
	expect_ok "$hook" a "$z"
	check_eq output '' "$out"
	check_eq 'zonepath holds' root "$(ls -A "$z")"
	check_eq 'mode of root' '755 0 0' "$(stat -c '%a %u %g' "$z/root")"
	check_eq 'mode of tmp' 1777 "$(stat -c %a "$z/root/tmp")"
	check_eq 'mode of home of root' 700 "$(stat -c %a "$z/root/root")"
	check_eq 'usr is empty' '' "$(ls -A "$z/root/usr")"
	check_eq hostname a "$(cat "$z/root/etc/hostname")"
	for link in bin sbin lib; do
		check_eq "$link" "usr/$link" "$(readlink "$z/root/$link")"
	done
	check_eq 'others than root own' '' \
		"$(find "$z/root" ! -user 0 -o ! -group 0 ! -group 42 ! -group 8)"
	check_eq 'others can write' '' "$(find "$z/root" ! -type l -perm -0002 ! -path '*/tmp')"
	rm -rf "$z"
}

test_nothing_secret_is_copied()
{
	local z

	z=$(fresh b)
	echo 'hosts-own-secret' >/tmp/secret
	expect_ok "$hook" b "$z"
	check_eq 'passwords' '' "$(cut -d: -f2 "$z/root/etc/shadow" | grep -vx '\*')"
	check_eq 'mode of shadow' 640 "$(stat -c %a "$z/root/etc/shadow")"
	for file in machine-id ssh sudoers gshadow- shadow- ssl/private krb5.keytab fstab crypttab; do
		[ ! -e "$z/root/etc/$file" ] || fail "/etc/$file was copied"
	done
	check_eq 'keys' '' "$(grep -rlE 'PRIVATE KEY' "$z/root/etc")"
	check_eq resolv.conf '' "$(cat "$z/root/etc/resolv.conf")"
	rm -rf "$z"
}

test_again_over_an_older_root()
{
	local z

	z=$(fresh c)
	mkdir -p "$z/root/old" "$z/root.new/half"
	expect_ok "$hook" c "$z"
	check_eq 'zonepath holds' root "$(ls -A "$z")"
	[ ! -e "$z/root/old" ] || fail "the older root is still there"
	rm -rf "$z"
}

test_arguments()
{
	expect_fail 253 usage "$hook"
	expect_fail 253 usage "$hook" one
	expect_fail 254 'cannot make' "$hook" d "$ZONES_ROOT/zones/missing"
}

test_interrupted_it_leaves_nothing()
{
	local z pid code delay

	z=$(fresh e)
	for delay in 0.005 0.01 0.02 0.03; do
		"$hook" e "$z" >/dev/null 2>&1 &
		pid=$!
		sleep "$delay"
		kill -TERM "$pid" 2>/dev/null || true
		code=0
		wait "$pid" 2>/dev/null || code=$?
		# It was done already, or before it could say anything, or it cleaned up.
		case $code in
		0) rm -rf "$z/root" ;;
		143) rm -rf "$z/root.new" ;;
		254) check_eq 'after an interrupt' '' "$(ls -A "$z")" ;;
		*) fail "exit $code" ;;
		esac
	done
	rm -rf "$z"
}

# run_init ZONEPATH: the zone's init in namespaces of its own, until it ends. Prints how.
run_init()
{
	local status=0

	# shellcheck disable=SC2016 # for the inner shell
	setsid unshare --mount --pid --net --uts --fork --kill-child --propagation private bash -c '
		cd "$1/root" && mount --bind /usr usr && mount --bind "$2" native &&
			mount -t proc proc proc && mount -t tmpfs -o mode=0755 tmpfs run &&
			mount -t tmpfs tmpfs dev && mknod -m 666 dev/null c 1 3 &&
			: >dev/console && exec chroot . /native/zones-init' - "$1" "$native" &
	wait $! || status=$?
	echo "$status"
}

rc_zone()
{
	printf '#!/bin/sh\n%s\n' "$2" >"$1/root/etc/rc.zone"
	chmod 755 "$1/root/etc/rc.zone"
}

# reboot(2) ends process 1 of a namespace with SIGINT (power off, halt) or SIGHUP (restart).
test_init_runs_rc_and_obeys_the_commands()
{
	local z command

	z=$(fresh f)
	expect_ok "$hook" f "$z"
	for command in poweroff halt 'shutdown -h now' 'kill -TERM 1' 'kill -PWR 1' 'poweroff -f'; do
		rc_zone "$z" "PATH=/native/bin:\$PATH; id -u >/was-here; $command"
		check_eq "$command" 130 "$(run_init "$z")"
	done
	check_eq 'rc.zone ran as' 0 "$(cat "$z/root/was-here")"
	for command in reboot 'shutdown -r now' 'kill -INT 1' 'reboot -f'; do
		rc_zone "$z" "PATH=/native/bin:\$PATH; $command"
		check_eq "$command" 129 "$(run_init "$z")"
	done
	rm -rf "$z"
}

test_init_brings_loopback_up_and_reaps()
{
	local z

	z=$(fresh g)
	expect_ok "$hook" g "$z"
	rc_zone "$z" 'ip -o link show lo >/lo
		# An orphan that ends at once must not stay a zombie.
		(sh -c "exit 0" & exec sleep 0) & sleep 0.5
		ps -eo stat= | grep -c Z >/zombies
		/native/bin/poweroff'
	check_eq ended 130 "$(run_init "$z")"
	check_match lo 'UP' "$(cat "$z/root/lo")"
	check_eq zombies 0 "$(cat "$z/root/zombies")"
	rm -rf "$z"
}

test_init_ends_stubborn_processes()
{
	local z start=$SECONDS

	z=$(fresh h)
	expect_ok "$hook" h "$z"
	rc_zone "$z" '(trap "" TERM; while :; do sleep 0.1; done) &
		(trap "echo polite >/polite; exit 0" TERM; while :; do sleep 0.1; done) &
		sleep 0.2; /native/bin/poweroff'
	check_eq ended 130 "$(run_init "$z")"
	check_eq 'the polite one' polite "$(cat "$z/root/polite")"
	[ $((SECONDS - start)) -lt 15 ] || fail "took $((SECONDS - start)) seconds"
	rm -rf "$z"
}

# What a zone of any brand finds in /native/bin; here it is the host's, which the zone sees in its /usr.
test_every_brand_has_the_same_commands()
{
	local command path

	for command in dladm dlstat kstat zoneadm zonestat; do
		path=$(sed -n 's/^exec \([^ ]*\) "$@"$/\1/p' "$native/bin/$command")
		check_match "place of $command" "^/usr/s?bin/$command\$" "$path"
		[ -x "$ZONES_STAGE/${path#/}" ] || fail "$path is not installed"
		[ -x "$native/bin/$command" ] || fail "$command cannot be executed"
	done
	[ -e "$ZONES_BRANDS/linux/native/bin" ] || return 0 # with a sanitizer
	check_eq 'of brand linux alone' '' "$(comm -13 <(ls "$native/bin") <(ls "$ZONES_BRANDS/linux/native/bin"))"
	check_eq 'of brand sparse alone' 'halt poweroff reboot shutdown' \
		"$(comm -23 <(ls "$native/bin") <(ls "$ZONES_BRANDS/linux/native/bin") | paste -sd " ")"
}

test_commands_by_hand()
{
	expect_fail 1 'first process' "$native/zones-init"
	expect_fail 2 usage "$native/bin/shutdown" tomorrow
	expect_fail 2 usage "$native/bin/reboot" now
}

run_tests
