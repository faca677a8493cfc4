#!/bin/bash
# zoneadm snapshot and rollback, on each kind of root: plain directories, btrfs, overlays of an image.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"
# shellcheck source=tests/lib/filesystem.sh
. "$ZONES_TREE/tests/lib/filesystem.sh"
# shellcheck source=tests/lib/kill-at.sh
. "$ZONES_TREE/tests/lib/kill-at.sh"

archives=$ZONES_ROOT/archives
kills=${KILLS-6} # of each command; with many, KILL_LIMIT is the time for all
TEST_LIMIT=${KILL_LIMIT-600}

setup()
{
	mkdir "$archives"
	"$ZONES_TREE/tests/lib/archives" "$archives"
	start_daemons
}

# whole NAME ZONEPATH INSTALL-OPTION...: an installed zone of brand linux.
whole()
{
	zonecfg -z "$1" "create -b; set brand=linux; set ip-type=exclusive; set zonepath=$2"
	expect_ok zoneadm -z "$1" install "${@:3}"
}

in_it()
{
	zlogin "$zone" "$1"
}

boot()
{
	expect_ok zoneadm -z "$zone" boot
	wait_for 10 in_it 'test -e /run/here'
}

# there_and_back KIND: the zone $zone is changed in every way, and becomes again what it was.
there_and_back()
{
	boot
	in_it 'echo old >/root/file; mkdir /root/dir; echo x >/root/dir/leaf; ln /root/file /root/same
		ln -s file /root/link; chmod 4755 /root/dir/leaf; rm /etc/group'
	if [ "$1" != subvolume ]; then
		expect_fail 1 "in state 'running' needs a root that is a btrfs" zoneadm -z "$zone" snapshot live
		expect_ok zoneadm -z "$zone" halt
	fi
	expect_ok zoneadm -z "$zone" snapshot first
	expect_fail 1 "has a snapshot 'first' already" zoneadm -z "$zone" snapshot first
	expect_ok zoneadm -z "$zone" snapshot -p
	check_match 'for programs' "^first:[-0-9T\\\\:]*Z:$1\$" "$out"
	[ "$1" = subvolume ] || boot
	expect_fail 1 'halt it first' zoneadm -z "$zone" rollback first
	in_it 'echo new >/root/file; rm -r /root/dir; echo more >/root/more; mv /bin/cat /bin/dog; echo x >/etc/group'
	expect_ok zoneadm -z "$zone" halt
	expect_ok zoneadm -z "$zone" rollback first
	boot
	check_eq 'a file' old "$(in_it 'cat /root/same')"
	check_eq 'its names' 2 "$(in_it 'stat -c %h /root/file')"
	check_eq mode 4755 "$(in_it 'stat -c %a /root/dir/leaf')"
	check_eq 'what came later' '' "$(in_it 'ls /root/more /bin/dog /etc/group 2>/dev/null' || true)"
	expect_ok zoneadm -z "$zone" halt
	# The snapshot is what it was, however often it is used.
	expect_ok zoneadm -z "$zone" rollback first
	expect_ok zoneadm -z "$zone" snapshot second
	check_eq 'names in JSON' 'first second' "$(zoneadm -z "$zone" snapshot -j |
		python3 -c 'import json, sys; print(*(s["name"] for s in json.load(sys.stdin)))')"
	check_match columns 'NAME +CREATED +KIND' "$(zoneadm -z "$zone" snapshot)"
	expect_ok zoneadm -z "$zone" snapshot -d first
	expect_fail 1 "no snapshot 'first'" zoneadm -z "$zone" rollback first
	expect_fail 1 "no snapshot 'first'" zoneadm -z "$zone" snapshot -d first
	check_eq left second "$(zoneadm -z "$zone" snapshot -p | cut -d: -f1)"
}

test_a_plain_directory()
{
	zone=plain
	whole plain /zones/plain -a "$archives/tiny.tar"
	there_and_back files
	remove_zone plain
}

test_an_overlay()
{
	zone=over
	whole over /zones/over -s -a "$archives/tiny.tar"
	there_and_back overlay
	remove_zone over
}

test_btrfs()
{
	zone=sub
	mount_fs btrfs "$ZONES_ROOT/zones/b"
	whole sub /zones/b/sub -a "$archives/tiny.tar"
	there_and_back subvolume
	check_eq 'number of a subvolume' 256 "$(stat -c %i "$ZONES_ROOT/zones/b/sub/root")"
	remove_zone sub
	check_eq 'what is left' '' "$(ls -A "$ZONES_ROOT/zones/b")"
	unmount_fs "$ZONES_ROOT/zones/b"
}

# A zone's root may make subvolumes, and each of them read-only: that of the root too. None is in the host's way.
test_read_only_subvolumes()
{
	local path=$ZONES_ROOT/zones/b/ro

	zone=ro
	mount_fs btrfs "$ZONES_ROOT/zones/b"
	whole ro /zones/b/ro -a "$archives/tiny.tar"
	expect_ok zoneadm -z ro snapshot lone
	btrfs property set "$path/root" ro true
	expect_ok zoneadm -z ro rollback lone
	btrfs property set "$path/root" ro true
	mkdir -m 700 "$ZONES_ROOT/zones/far"
	expect_ok zoneadm -z ro move /zones/far/ro
	check_eq 'what is left' '' "$(ls -A "$ZONES_ROOT/zones/b")"
	expect_ok zoneadm -z ro move /zones/b/ro
	remove_zone ro
	whole ro /zones/b/ro -a "$archives/tiny.tar"
	btrfs -q subvolume create "$path/root/inner"
	echo data >"$path/root/inner/file"
	btrfs -q subvolume snapshot -r "$path/root/inner" "$path/root/inner/kept" >/dev/null
	expect_ok zoneadm -z ro snapshot s
	btrfs property set "$path/root/inner" ro true
	expect_ok zoneadm -z ro rollback s
	check_eq 'zonepath holds' 'image.json root snapshots' "$(cd "$path" && echo *)"
	check_eq 'files' 'data data' "$(cat "$path/root/inner/file" "$path/root/inner/kept/file" | paste -sd ' ')"
	remove_zone ro
	whole ro /zones/b/ro -a "$archives/tiny.tar"
	btrfs -q subvolume create "$path/root/other"
	btrfs property set "$path/root" ro true
	remove_zone ro
	check_eq 'what is left' '' "$(ls -A "$ZONES_ROOT/zones/b")"
	unmount_fs "$ZONES_ROOT/zones/b"
}

# A root that is no subvolume: its files share their blocks with those of the snapshot.
test_shared_blocks()
{
	local before after

	zone=blocks
	mount_fs btrfs "$ZONES_ROOT/zones/b"
	whole blocks /zones/b/blocks -a "$archives/tiny.tar"
	cp -a "$ZONES_ROOT/zones/b/blocks/root" "$ZONES_ROOT/zones/b/blocks/plain"
	btrfs -q subvolume delete "$ZONES_ROOT/zones/b/blocks/root"
	mv "$ZONES_ROOT/zones/b/blocks/plain" "$ZONES_ROOT/zones/b/blocks/root"
	dd if=/dev/urandom of="$ZONES_ROOT/zones/b/blocks/root/large" bs=1M count=64 status=none
	sync -f "$ZONES_ROOT/zones/b"
	before=$(df --output=used -BM "$ZONES_ROOT/zones/b" | tail -1 | tr -dc 0-9)
	expect_ok zoneadm -z blocks snapshot s
	sync -f "$ZONES_ROOT/zones/b"
	after=$(df --output=used -BM "$ZONES_ROOT/zones/b" | tail -1 | tr -dc 0-9)
	[ $((after - before)) -lt 32 ] || fail "a snapshot takes $((after - before)) MiB"
	echo changed >"$ZONES_ROOT/zones/b/blocks/root/large"
	expect_ok zoneadm -z blocks rollback s
	check_eq 'size of a file' 67108864 "$(stat -c %s "$ZONES_ROOT/zones/b/blocks/root/large")"
	remove_zone blocks
	unmount_fs "$ZONES_ROOT/zones/b"
}

test_clone_of_a_snapshot()
{
	for kind in '' -s; do
		zone=src
		# shellcheck disable=SC2086 # one word or none
		whole src /zones/src $kind -a "$archives/tiny.tar"
		boot
		in_it 'echo then >/root/file'
		expect_ok zoneadm -z src halt
		expect_ok zoneadm -z src snapshot s
		boot
		in_it 'echo now >/root/file'
		zonecfg -z dup "create -b; set brand=linux; set ip-type=exclusive; set zonepath=/zones/dup"
		expect_fail 1 "zone 'src': it has no snapshot 'none'" zoneadm -z dup clone -s none src
		expect_fail 1 "zone 'src': cannot be cloned in state 'running'; halt it first" zoneadm -z dup clone src
		check_eq state configured "$(state_of dup)"
		expect_ok zoneadm -z dup clone -s s src
		check_eq 'the source lives on' now "$(in_it 'cat /root/file')"
		expect_ok zoneadm -z src halt
		zone=dup
		boot
		check_eq "as it was" "then" "$(in_it 'cat /root/file')"
		remove_zone dup
		remove_zone src
	done
}

test_names_and_usage()
{
	whole names /zones/names -a "$archives/tiny.tar"
	for name in ../up a/b .hidden "$(printf 'n%.0s' {1..64})" 'two words'; do
		expect_fail 1 'is no name for a snapshot' zoneadm -z names snapshot "$name"
		expect_fail 1 'no snapshot' zoneadm -z names rollback "$name"
	done
	expect_fail 2 usage zoneadm -z names snapshot -x
	expect_fail 2 usage zoneadm -z names snapshot -d
	expect_fail 2 usage zoneadm -z names snapshot a b
	expect_fail 2 usage zoneadm -z names rollback
	expect_ok zoneadm -z names snapshot -p
	check_eq 'there is none' '' "$out"
	expect_ok zoneadm -z names snapshot -j
	check_eq 'there is none' '[]' "$out"
	expect_ok zoneadm -z names uninstall -F
	expect_fail 1 "invalid for zones in state 'configured'" zoneadm -z names snapshot s
	expect_ok zonecfg -z names delete -F
}

# kill_points COMMAND...: numbers of system calls, from when it begins its work to its end. Runs it once.
kill_points()
{
	local total i

	killed_at 99999 "$@" && fail "'$*' makes too many system calls"
	total=$(sed -n 's/^passed //p' "$ZONES_ROOT/kill-at")
	for ((i = 0; i < kills; i++)); do
		echo $((total * (2 * kills + 3 * i) / (5 * kills)))
	done
}

# What the root is, and that the next command finds nothing half done.
root_is()
{
	local dir=$1

	diff -r --no-dereference "$dir/etc" "$ZONES_ROOT/$2/etc" >/dev/null &&
		[ "$(find "$dir" | wc -l)" = "$(find "$ZONES_ROOT/$2" | wc -l)" ]
}

# crash_everywhere PART: rollback and snapshot killed at call after call.
crash_everywhere()
{
	local n kinds='' part=$1

	expect_ok zoneadm -z crash snapshot s
	cp -a "$part" "$ZONES_ROOT/was"
	mkdir -p "$part/etc"
	echo changed >"$part/etc/changed"
	cp -a "$part" "$ZONES_ROOT/is"
	for n in $(kill_points zoneadm -z crash rollback s); do
		echo changed >"$part/etc/changed"
		killed_at "$n" zoneadm -z crash rollback s || continue
		if root_is "$part" is; then
			kinds+=i
		else
			root_is "$part" was || fail "killed at call $n the root is neither"
			kinds+=w
		fi
	done
	echo "# rollback: $kinds"
	check_match 'the root was whole, one or the other' '^i[iw]*$' "$kinds"
	expect_ok zoneadm -z crash rollback s
	root_is "$part" was || fail 'rolled back it is not what it was'
	for n in $(kill_points zoneadm -z crash snapshot u); do
		killed_at "$n" zoneadm -z crash snapshot t || true
		expect_ok zoneadm -z crash snapshot -p
		case $(cut -d: -f1 <<<"$out" | sort | xargs) in
		's u') ;;
		's t u') expect_ok zoneadm -z crash snapshot -d t ;;
		*) fail "killed at call $n there are: $out" ;;
		esac
	done
	zoneadm -z crash snapshot -d t || true
	expect_ok zoneadm -z crash snapshot t
	for n in $(kill_points zoneadm -z crash snapshot -d u); do
		killed_at "$n" zoneadm -z crash snapshot -d t || true
		if [ "$(zoneadm -z crash snapshot -p | grep -c '^t:')" = 0 ]; then
			expect_ok zoneadm -z crash snapshot t
		fi
	done
	zoneadm -z crash snapshot -d t || true
	expect_ok zoneadm -z crash snapshot t
	expect_ok zoneadm -z crash rollback t
	check_eq 'left in the zonepath' '' \
		"$(find "$ZONES_ROOT/zones/crash" -name '*.new' -o -name .old)"
	rm -r "$ZONES_ROOT/was" "$ZONES_ROOT/is"
	remove_zone crash
}

test_killed_anywhere_on_a_plain_directory()
{
	whole crash /zones/crash -a "$archives/tiny.tar"
	crash_everywhere "$ZONES_ROOT/zones/crash/root"
}

test_killed_anywhere_on_an_overlay()
{
	whole crash /zones/crash -s -a "$archives/tiny.tar"
	crash_everywhere "$ZONES_ROOT/zones/crash/overlay/upper"
}

run_tests
