#!/bin/bash
# zoneadm apply: file systems of a running zone, also of one whose root does what it can against it.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"
# shellcheck source=tests/lib/edit.sh
. "$ZONES_TREE/tests/lib/edit.sh"

# zoneadmd-fault kills itself where ZONEADMD_CRASH_AT says; else it is zoneadmd.
use_fault_build zoneadmd

setup()
{
	start_daemons
	make_zone web
	expect_ok zoneadm -z web boot
}

# fs DIR SPECIAL [TYPE [OPTION...]]: the commands of zonecfg that add it.
fs()
{
	local dir=$1 special=$2 type=${3:-lofs}

	shift 2
	[ $# = 0 ] || shift
	printf 'add fs\nset dir=%s\nset special=%s\nset type=%s\n' "$dir" "$special" "$type"
	[ $# = 0 ] || printf 'add options %s\n' "$@"
	printf 'end'
}

test_file_systems_come_and_go()
{
	mkdir -p "$ZONES_ROOT/data/sub" "$ZONES_ROOT/more"
	echo hello >"$ZONES_ROOT/data/file"
	echo more >"$ZONES_ROOT/more/file"
	edit "$(fs /data "$ZONES_ROOT/data")" "$(fs /srv/scratch swap tmpfs size=1m)" \
		"$(fs /data/sub "$ZONES_ROOT/more" lofs ro)" "$(fs /etc/one "$ZONES_ROOT/data/file")"
	expect_ok in_zone web mkdir -p /srv
	expect_ok zoneadm -z web apply -n
	check_eq 'what would be done, parents first' "fs /data: mount $ZONES_ROOT/data
fs /data/sub: mount $ZONES_ROOT/more
fs /etc/one: mount $ZONES_ROOT/data/file
fs /srv/scratch: mount a tmpfs" "$out"
	expect_fail 1 '' in_zone web test -e /data
	apply
	check_eq 'nothing said' '' "$out"
	expect_ok in_zone web cat /data/file /data/sub/file /etc/one
	check_eq contents $'hello\nmore\nhello' "$out"
	expect_ok in_zone web sh -c 'echo new >/data/new && echo x >/srv/scratch/x'
	check_eq 'arrives on the host' new "$(cat "$ZONES_ROOT/data/new")"
	expect_fail 1 'Read-only' in_zone web touch /data/sub/x
	settled
	# its root cannot make it writable: not it, and not a copy of it
	expect_fail 32 '' in_zone web mount -o remount,bind,rw /data/sub
	expect_ok in_zone web mount --bind /data/sub /mnt
	expect_fail 32 '' in_zone web mount -o remount,bind,rw /mnt
	expect_fail 1 'Read-only' in_zone web touch /mnt/x
	expect_ok in_zone web umount /mnt
	# they are there after a boot as well, and go from what a boot made
	expect_ok zoneadm -z web reboot
	settled
	expect_ok in_zone web cat /data/sub/file
	edit 'remove fs dir=/data' 'remove fs dir=/data/sub'
	expect_ok zoneadm -z web apply -n
	check_eq 'children first' $'fs /data/sub: unmount\nfs /data: unmount' "$out"
	apply
	expect_ok in_zone web sh -c 'ls /data; grep -c " /data" /proc/self/mountinfo; true'
	check_eq 'nothing is left' 0 "$out"
	settled
	expect_ok in_zone web cat /etc/one
	edit 'remove -F fs'
	apply
	settled
	[ ! -e "$ZONES_ROOT/more/x" ] || fail 'the zone wrote what is read-only'
}

test_a_file_system_that_changes()
{
	mkdir -p "$ZONES_ROOT/data/sub" "$ZONES_ROOT/more" "$ZONES_ROOT/third"
	echo third >"$ZONES_ROOT/third/file"
	echo more >"$ZONES_ROOT/more/file"
	edit "$(fs /data "$ZONES_ROOT/data")" "$(fs /data/sub "$ZONES_ROOT/more")"
	apply
	edit 'select fs dir=/data/sub' 'set options=[ro,noexec]' end
	expect_ok zoneadm -z web apply -n
	check_eq 'it goes and comes' "fs /data/sub: unmount
fs /data/sub: mount $ZONES_ROOT/more" "$out"
	apply
	expect_fail 1 '' in_zone web touch /data/sub/x
	settled
	# what lies below goes and comes with it
	mkdir "$ZONES_ROOT/third/sub"
	edit 'select fs dir=/data' "set special=$ZONES_ROOT/third" end
	apply
	expect_ok in_zone web cat /data/file /data/sub/file
	check_eq both $'third\nmore' "$out"
	settled
	# what cannot be made takes nothing away
	edit 'select fs dir=/data' "set special=$ZONES_ROOT/nothing" end
	expect_fail 1 'fs .*/data.*No such file' zoneadm -z web apply
	expect_ok in_zone web cat /data/file /data/sub/file
	edit 'remove -F fs'
	apply
	settled
}

test_what_is_gone_on_the_host()
{
	mkdir -p "$ZONES_ROOT/data" "$ZONES_ROOT/more"
	edit "$(fs /data "$ZONES_ROOT/data")" "$(fs /more "$ZONES_ROOT/more")"
	apply
	rm -r "$ZONES_ROOT/data" "$ZONES_ROOT/more"
	mkdir "$ZONES_ROOT/more"
	edit 'remove -F fs'
	apply
	check_eq 'nothing said' '' "$out"
	expect_fail 1 '' in_zone web grep -E ' /(data|more) ' /proc/self/mountinfo
	settled
}

test_a_file_system_in_use()
{
	mkdir -p "$ZONES_ROOT/data"
	edit "$(fs /data "$ZONES_ROOT/data")" 'set max-lwps=600'
	apply
	in_zone web sh -c 'cd /data && exec sleep 1000' &
	wait_for 20 in_use /data
	edit 'remove fs dir=/data' 'set max-lwps=700'
	expect_fail 1 'fs /data: it is in use by pid [0-9]+ \(sleep\)' zoneadm -z web apply
	expect_ok in_zone web test -d /data/.
	expect_ok prctl -P -n zone.max-lwps -i zone web
	check_match 'the step before it is done' ' privileged 700 ' "$out"
	expect_ok zoneadm -z web apply -n
	check_eq 'what is left' 'fs /data: unmount' "$out"
	expect_ok in_zone web pkill sleep
	wait
	apply
	settled
	edit 'clear max-lwps'
	apply
}

# in_use DIR: a process of the zone has it as its directory.
in_use()
{
	in_zone web sh -c "readlink /proc/[0-9]*/cwd" | grep -qx "$1"
}

# The zone's root puts traps where the path leads.
test_a_hostile_zone()
{
	mkdir -p "$ZONES_ROOT/data" "$ZONES_ROOT/outside"
	echo mine >"$ZONES_ROOT/data/file"
	# a link to the host's folder, or to its own /etc: not followed
	expect_ok in_zone web ln -s "$ZONES_ROOT/outside" /trap
	expect_ok in_zone web ln -s /etc /trap2
	edit "$(fs /trap/x "$ZONES_ROOT/data")"
	expect_fail 1 'fs /trap/x: .*(symbolic link|Too many levels)' zoneadm -z web apply
	[ ! -e "$ZONES_ROOT/outside/x" ] || fail 'made outside'
	edit 'select fs dir=/trap/x' 'set dir=/trap2' end
	expect_fail 1 'fs /trap2: ' zoneadm -z web apply
	edit 'remove -F fs'
	settled
	# a link that is swapped in and out all the time
	expect_ok in_zone web mkdir -p /race/a
	in_zone web sh -c 'while :; do mv /race/a /race/b; ln -s /etc /race/a; rm /race/a
		mv /race/b /race/a; done' 2>/dev/null &
	local i racer=$!
	edit "$(fs /race/a/x "$ZONES_ROOT/data")"
	for ((i = 0; i < 20; i++)); do
		zoneadm -z web apply >/dev/null 2>&1 || true
		expect_fail 1 '' in_zone web test -e /etc/x/file
	done
	expect_ok in_zone web pkill -f 'while :'
	wait "$racer" || true
	edit 'remove -F fs'
	apply
	settled
	expect_ok zoneadm -z web reboot
	expect_ok in_zone web rm -rf /race
	# the directory is moved away under the mount: what is mounted there is not somebody else's
	edit "$(fs /keep/a "$ZONES_ROOT/data")" "$(fs /keep2/a swap tmpfs)"
	expect_ok in_zone web mkdir /keep /keep2
	apply
	expect_ok in_zone web sh -c 'mv /keep /keep3 && mv /keep2 /keep'
	edit 'remove fs dir=/keep/a'
	apply
	expect_ok in_zone web sh -c 'grep -c " /keep/a " /proc/self/mountinfo'
	check_eq 'the other one stays' 1 "$out"
	edit 'remove -F fs'
	apply
	settled
	expect_ok zoneadm -z web reboot
	expect_ok in_zone web rm -rf /trap /trap2 /keep /keep2 /keep3
}

# zoneadmd dies between a change and its record: the next one finds everything as it is.
test_killed_in_between()
{
	mkdir -p "$ZONES_ROOT/data" "$ZONES_ROOT/more"
	edit "$(fs /data "$ZONES_ROOT/data")" "$(fs /more "$ZONES_ROOT/more")" "$(fs /scratch swap tmpfs)"
	kill_hard zoneadmd
	ZONEADMD_CRASH_AT=apply-mount timeout 60 zoneadm -z web apply && fail 'it lived'
	expect_ok in_zone web test -d /data
	apply
	settled
	expect_ok in_zone web grep -cE ' /(data|more|scratch) ' /proc/self/mountinfo
	check_eq 'each once' 3 "$out"
	edit 'remove -F fs'
	kill_hard zoneadmd
	ZONEADMD_CRASH_AT=apply-unmount timeout 60 zoneadm -z web apply && fail 'it lived'
	apply
	settled
	expect_fail 1 '' in_zone web grep -E ' /(data|more|scratch) ' /proc/self/mountinfo
}

# What root of the zone keeps of what is taken away is told.
test_what_the_zone_holds_on_to()
{
	mkdir -p "$ZONES_ROOT/data"
	edit "$(fs /data "$ZONES_ROOT/data")"
	apply
	expect_ok in_zone web mount --bind /data /mnt
	edit 'remove fs dir=/data'
	apply
	check_match copied 'fs /data: removed: the zone has moved or copied it' "$out"
	settled
	expect_ok in_zone web umount /mnt
	edit "$(fs /data "$ZONES_ROOT/data")"
	apply
	expect_ok in_zone web umount /data
	edit 'remove fs dir=/data'
	apply
	check_match moved 'fs /data: removed: the zone has moved or copied it' "$out"
	settled
}

test_a_zone_whose_mounts_are_private()
{
	mkdir -p "$ZONES_ROOT/data"
	expect_ok in_zone web mount --make-rprivate /
	edit "$(fs /data "$ZONES_ROOT/data")"
	apply
	check_match told 'fs /data: added: the zone has made its mounts private; takes effect at the next boot' "$out"
	apply
	check_match 'told again' 'fs /data: added' "$out"
	expect_ok zoneadm -z web reboot
	expect_ok in_zone web test -d /data/.
	settled
	edit 'remove -F fs'
	apply
	settled
}

run_tests
