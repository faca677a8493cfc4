#!/bin/bash
# zoneadm move: to another zonepath, on the same file system and on another one.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	make_zone mov
	mkdir "$ZONES_ROOT/disk"
	mount -t tmpfs -o mode=0755,size=256m disk "$ZONES_ROOT/disk"
}

# Everything of a zone apart from its log: names, modes, owners, sizes, links, times.
picture()
{
	(cd "$ZONES_ROOT$1/root" && find . -printf '%p %m %U %G %y %n %l %T@ ' \
		\( -type f -printf '%s\n' -o -printf '\n' \) | sort)
}

is_at()
{
	check_eq 'index' "$1" "$(zoneadm -z mov list -p | cut -d: -f4)"
	expect_ok zonecfg -z mov info zonepath
	check_match 'configuration' "zonepath: $1\$" "$out"
	check_eq state installed "$(state_of mov)"
	check_eq mode '700 0' "$(stat -c '%a %u' "$ZONES_ROOT$1")"
}

test_on_the_same_file_system()
{
	local before inode

	before=$(picture /zones/mov)
	inode=$(stat -c %i "$ZONES_ROOT/zones/mov/root")
	expect_ok zoneadm -z mov move /zones/deep/er/mov
	is_at /zones/deep/er/mov
	check_eq 'it was renamed' "$inode" "$(stat -c %i "$ZONES_ROOT/zones/deep/er/mov/root")"
	check_eq files "$before" "$(picture /zones/deep/er/mov)"
	[ ! -e "$ZONES_ROOT/zones/mov" ] || fail "the old zonepath remains"
	expect_ok zoneadm -z mov boot
	expect_ok zlogin mov zonename
	expect_ok zoneadm -z mov halt
	mkdir -m 0700 "$ZONES_ROOT/zones/mov"
	expect_ok zoneadm -z mov move /zones/mov
	is_at /zones/mov
}

test_to_another_file_system_and_back()
{
	local before

	mkdir -p "$ZONES_ROOT/zones/mov/root/var/t"
	echo 1 >"$ZONES_ROOT/zones/mov/root/var/t/a"
	ln "$ZONES_ROOT/zones/mov/root/var/t/a" "$ZONES_ROOT/zones/mov/root/var/t/b"
	ln -s / "$ZONES_ROOT/zones/mov/root/var/t/out"
	chown 7:8 "$ZONES_ROOT/zones/mov/root/var/t/a"
	chmod 4755 "$ZONES_ROOT/zones/mov/root/var/t/a"
	mkfifo "$ZONES_ROOT/zones/mov/root/var/t/fifo"
	before=$(picture /zones/mov)
	expect_ok zoneadm -z mov move /disk/mov
	check_match said 'copying zonepath /zones/mov' "$out"
	is_at /disk/mov
	check_eq files "$before" "$(picture /disk/mov)"
	[ ! -e "$ZONES_ROOT/zones/mov" ] || fail "the old zonepath remains"
	expect_ok zoneadm -z mov boot
	expect_ok zoneadm -z mov halt
	before=$(picture /disk/mov)
	expect_ok zoneadm -z mov move /zones/mov
	is_at /zones/mov
	check_eq files "$before" "$(picture /zones/mov)"
	check_eq 'the other file system is empty' '' "$(ls "$ZONES_ROOT/disk")"
}

test_a_full_file_system_takes_it_back()
{
	local before

	mkdir "$ZONES_ROOT/small"
	mount -t tmpfs -o mode=0755,size=1m disk "$ZONES_ROOT/small"
	head -c 2000000 /dev/zero | tr '\0' x >"$ZONES_ROOT/zones/mov/root/var/big"
	before=$(picture /zones/mov)
	expect_fail 1 'not moved: .*No space left' zoneadm -z mov move /small/mov
	is_at /zones/mov
	check_eq files "$before" "$(picture /zones/mov)"
	check_eq 'nothing stays there' '' "$(ls -A "$ZONES_ROOT/small")"
	rm "$ZONES_ROOT/zones/mov/root/var/big"
	umount "$ZONES_ROOT/small"
	rmdir "$ZONES_ROOT/small"
}

test_an_interrupt_takes_it_back()
{
	local i pid code

	mkdir "$ZONES_ROOT/zones/mov/root/var/many"
	(cd "$ZONES_ROOT/zones/mov/root/var/many" && seq 20000 | xargs touch)
	zoneadm -z mov move /disk/mov >/tmp/mov.out 2>&1 &
	pid=$!
	for ((i = 0; i < 500; i++)); do
		[ -e "$ZONES_ROOT/disk/mov/root/var/many" ] && break
		sleep 0.01
	done
	# of SIGINT a job of this shell does not hear
	kill -TERM "$pid"
	code=0
	wait "$pid" || code=$?
	check_eq "exit, and: $(cat /tmp/mov.out)" 1 "$code"
	check_match said 'interrupted' "$(cat /tmp/mov.out)"
	is_at /zones/mov
	check_eq 'nothing stays there' '' "$(ls -A "$ZONES_ROOT/disk")"
	rm -r "$ZONES_ROOT/zones/mov/root/var/many"
}

test_a_configuration_that_cannot_be_written_takes_it_back()
{
	local dir=$ZONES_ROOT/etc/zones

	mount --bind "$dir" "$dir"
	mount -o remount,bind,ro "$dir"
	expect_fail 1 'cannot change its configuration' zoneadm -z mov move /zones/other
	expect_fail 1 'cannot change its configuration' zoneadm -z mov move /disk/other
	umount "$dir"
	is_at /zones/mov
	[ ! -e "$ZONES_ROOT/zones/other" ] || fail "something stays"
	check_eq 'nothing stays there' '' "$(ls -A "$ZONES_ROOT/disk")"
	expect_ok zoneadm -z mov boot
	expect_ok zoneadm -z mov halt
}

test_paths_that_are_refused()
{
	make_zone neighbour
	expect_fail 1 'is not a valid zonepath' zoneadm -z mov move zones/x
	expect_fail 1 'is not a valid zonepath' zoneadm -z mov move /zones/../x
	expect_fail 1 'overlaps the old one' zoneadm -z mov move /zones/mov
	expect_fail 1 'overlaps the old one' zoneadm -z mov move /zones/mov/sub
	expect_fail 1 "zone 'neighbour'" zoneadm -z mov move /zones/neighbour
	mkdir "$ZONES_ROOT/zones/full" "$ZONES_ROOT/open"
	touch "$ZONES_ROOT/zones/full/x"
	chmod 0777 "$ZONES_ROOT/open"
	ln -s /tmp "$ZONES_ROOT/zones/link"
	expect_fail 1 'is not empty' zoneadm -z mov move /zones/full
	expect_fail 1 'group and others must not write' zoneadm -z mov move /open/mov
	expect_fail 1 'symbolic link' zoneadm -z mov move /zones/link/mov
	rm -r "$ZONES_ROOT/zones/full" "$ZONES_ROOT/open" "$ZONES_ROOT/zones/link"
	expect_fail 2 usage zoneadm -z mov move
	expect_fail 2 usage zoneadm -z mov move /a /b
	is_at /zones/mov
	remove_zone neighbour
}

test_states_in_which_it_is_refused()
{
	expect_ok zoneadm -z mov boot
	expect_fail 1 "move operation is invalid for zones in state 'running'; halt it first" \
		zoneadm -z mov move /zones/x
	expect_ok zoneadm -z mov halt
	mkdir "$ZONES_ROOT/zones/mov/root/mnt/m"
	mount -t tmpfs none "$ZONES_ROOT/zones/mov/root/mnt/m"
	expect_fail 1 'something is mounted' zoneadm -z mov move /zones/x
	umount "$ZONES_ROOT/zones/mov/root/mnt/m"
	expect_ok zoneadm -z mov detach
	expect_fail 1 "invalid for zones in state 'configured'" zoneadm -z mov move /zones/x
	expect_ok zoneadm -z mov attach
	[ ! -e "$ZONES_ROOT/zones/x" ] || fail "something was made"
}

run_tests
