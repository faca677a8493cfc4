#!/bin/bash
# Images that are kept once and shared by zones. Needs: debian-root
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"
# shellcheck source=tests/lib/filesystem.sh
. "$ZONES_TREE/tests/lib/filesystem.sh"

archives=$ZONES_ROOT/archives
images=$archives/images
store=$ZONES_ROOT/var/lib/zones/images
TEST_LIMIT=240

setup()
{
	mkdir "$archives"
	"$ZONES_TREE/tests/lib/archives" "$archives"
	start_daemons
}

# whole NAME [ZONEPATH]: a configured zone of this brand.
whole()
{
	zonecfg -z "$1" "create -b; set brand=linux; set ip-type=exclusive; set zonepath=${2-/zones/$1}"
}

state()
{
	zoneadm -z "$1" list -p | cut -d: -f3
}

# of_record ZONE KEY: what image.json says.
of_record()
{
	python3 -c 'import json, sys; print(json.load(open(sys.argv[1])).get(sys.argv[2]))' \
		"$ZONES_ROOT/zones/$1/image.json" "$2"
}

# Everything in the store but the lock and who uses it.
picture()
{
	(cd "$store" && find . -path '*/users*' -prune -o -printf '%p %y %m %U %s %T@ %l\n' | sort)
}

digest_of()
{
	echo "sha256:$(sha256sum <"$1" | cut -d' ' -f1)"
}

test_two_zones_share_one_image()
{
	local before digest

	whole one
	whole two
	expect_ok zoneadm -z one install -s -a "$archives/tiny.tar.gz"
	digest=$(digest_of "$archives/tiny.tar.gz")
	check_eq 'image of the zone' "$digest" "$(of_record one image)"
	check_eq 'kept here' "${digest#sha256:}" "$(find "$store" -mindepth 1 -maxdepth 1 ! -name lock -printf '%f\n')"
	before=$(picture)
	expect_ok zoneadm -z two install -s -a "$archives/tiny.tar.gz"
	check_eq 'the store' "$before" "$(picture)"
	check_eq 'nothing is copied' '' "$(find "$ZONES_ROOT/zones/two" -name busybox)"
	expect_ok zoneadm -z one boot
	expect_ok zoneadm -z two boot
	wait_for 10 zlogin one test -e /run/here
	wait_for 10 zlogin two test -e /run/here
	check_eq 'host name' one "$(zlogin one cat /etc/hostname)"
	check_match 'its own index' '^one:' "$(zlogin one cat /etc/zones/index)"
	check_eq 'nothing below the mount point' '' "$(ls -A "$ZONES_ROOT/zones/one/root")"
	check_eq 'host name' two "$(zlogin two cat /etc/hostname)"
	check_eq 'owner of a file of the image' '0 0' "$(zlogin one "stat -c '%u %g' /bin/busybox")"
	zlogin one 'echo mine >/root/mine; rm /etc/group; echo x >>/etc/passwd; mkdir /root/d
		mv /var/log /var/moved'
	check_eq 'owner of a new file' '0 0' "$(zlogin one "stat -c '%u %g' /root/mine")"
	check_eq 'in the other one' 'no yes' \
		"$(zlogin two 'test -e /root/mine || echo -n no; test -e /etc/group && echo " yes"')"
	check_eq 'the store' "$before" "$(picture)"
	expect_ok zoneadm -z one shutdown
	expect_ok zoneadm -z one boot
	wait_for 10 zlogin one test -e /root/mine
	check_eq 'a file that went' no "$(zlogin one 'test -e /etc/group || echo no')"
	expect_ok zoneadm -z one halt
	expect_ok zoneadm -z two halt
	remove_zone one
	remove_zone two
}

# listed DIGEST: its line of list-images -p.
listed()
{
	zoneadm list-images -p | grep "^sha256\\\\:${1#sha256:}:" || true
}

test_an_image_in_use_cannot_be_removed()
{
	local digest archive=$archives/tiny.tar

	digest=$(digest_of "$archive")
	whole one
	whole two
	expect_ok zoneadm -z one install -s -a "$archive"
	expect_ok zoneadm -z two clone one
	check_match 'its users' ':/zones/one,/zones/two:' "$(listed "$digest")"
	expect_fail 1 "image $digest is in use: the zone at '/zones/one'" zoneadm vacuum "$digest"
	expect_ok zoneadm vacuum
	check_match 'still kept' . "$(listed "$digest")"
	expect_ok zoneadm -z one uninstall -F
	check_match 'its users' ':/zones/two:' "$(listed "$digest")"
	expect_ok zoneadm -z two move /zones/three
	check_match 'its users' ':/zones/three:' "$(listed "$digest")"
	expect_ok zoneadm -z two detach
	expect_fail 1 'is in use' zoneadm vacuum "$digest"
	expect_ok zoneadm -z two attach
	expect_ok zoneadm -z two boot
	wait_for 10 zlogin two test -e /run/here
	expect_ok zoneadm -z two halt
	expect_ok zoneadm -z two uninstall -F
	expect_ok zoneadm vacuum -d 1
	check_match 'used a moment ago' . "$(listed "$digest")"
	expect_ok zoneadm vacuum -n
	check_match 'would go' "unused: $digest" "$out"
	expect_ok zoneadm vacuum "$digest"
	check_eq 'went' '' "$(listed "$digest")"
	expect_fail 1 'no image .* is kept here' zoneadm vacuum "$digest"
	expect_fail 1 'no image .* is kept here' zoneadm -z one install -i "$digest"
	expect_fail 2 'is no digest' zoneadm vacuum tiny
	expect_fail 1 'no number of days' zoneadm vacuum -d x
	expect_fail 2 '^usage: zoneadm vacuum' zoneadm vacuum -d
	expect_fail 2 '^usage: zoneadm vacuum' zoneadm vacuum -x
	expect_ok zoneadm list-images -j
	zonecfg -z one delete -F
	zonecfg -z two delete -F
}

# An overlay whose image is not here is not attached, and not booted.
test_the_image_must_be_here()
{
	local digest

	digest=$(digest_of "$archives/tiny.tar")
	whole far
	expect_ok zoneadm -z far install -s -a "$archives/tiny.tar"
	mv "$store/${digest#sha256:}" "$ZONES_ROOT/elsewhere"
	expect_fail 1 "the image that its root is made of is not on this host: $digest" zoneadm -z far boot
	expect_fail 1 "the image that its root is made of is not on this host: $digest" zoneadm -z far verify
	expect_ok zoneadm -z far detach
	expect_fail 1 'is not kept on this host' zoneadm -z far attach
	mv "$ZONES_ROOT/elsewhere" "$store/${digest#sha256:}"
	expect_ok zoneadm -z far attach
	remove_zone far
	expect_ok zoneadm vacuum
}

test_an_oci_image_is_kept()
{
	local digest

	whole one
	whole two
	expect_ok zoneadm -z one install -i "$images/good:app"
	digest=$(of_record one image)
	# The layout is not needed any more.
	expect_ok zoneadm -z two install -i "$digest"
	for zone in one two; do
		expect_ok zoneadm -z "$zone" boot
		wait_for 10 zlogin "$zone" test -e /data/ready
		check_match 'it said' '^uid=1000.app. gid=1000' "$(zlogin "$zone" cat /data/said)"
	done
	check_match 'its users' ':/zones/one,/zones/two:' "$(listed "$digest")"
	remove_zone one
	remove_zone two
	expect_ok zoneadm vacuum
	check_match said "removed $digest" "$out"
}

test_on_btrfs_an_image_is_a_subvolume()
{
	mount_fs btrfs "$ZONES_ROOT/b"
	images_on "$ZONES_ROOT/b"
	for zone in one two; do
		whole "$zone" "/b/$zone"
		expect_ok zoneadm -z "$zone" install -s -a "$archives/tiny.tar"
		check_eq 'number of a subvolume' 256 "$(stat -c %i "$ZONES_ROOT/b/$zone/root")"
		check_match 'how it is shared' '"shared": "snapshot"' "$(cat "$ZONES_ROOT/b/$zone/image.json")"
	done
	expect_ok zoneadm -z two boot
	wait_for 10 zlogin two test -e /run/here
	expect_ok zoneadm -z two halt
	remove_zone one
	remove_zone two
	images_at_home
	check_match removed '^removed' "$out"
	unmount_fs "$ZONES_ROOT/b"
}

# Whether the two files are in the same place on the disk.
same_blocks()
{
	sync -f "$1"
	check_match "extents of $1" '(^| |,)shared' "$(filefrag -v "$1" | awk '$1 ~ /^[0-9]+:$/')"
	[ "$(filefrag -v "$1" | awk '$1 == "0:" { print $4 }')" = "$(filefrag -v "$2" | awk '$1 == "0:" { print $4 }')" ]
}

# What cannot be a snapshot, because there are no subvolumes, shares the blocks of its files.
test_on_xfs_an_image_shares_its_blocks()
{
	local here=$ZONES_ROOT/x zone image

	mount_fs xfs "$here" -m reflink=1
	images_on "$here"
	for zone in one two; do
		whole "$zone" "/x/$zone"
		expect_ok zoneadm -z "$zone" install -s -a "$archives/tiny.tar"
		check_match 'how it is shared' '"shared": "blocks"' "$(cat "$here/$zone/image.json")"
	done
	image=$(find "$store" -path '*/root/bin/busybox')
	same_blocks "$here/one/root/bin/busybox" "$image" || fail 'the blocks are copies'
	# What a zone writes is its own.
	expect_ok zoneadm -z two boot
	wait_for 10 zlogin two test -e /run/here
	expect_ok zoneadm -z two halt
	echo changed >>"$here/two/root/bin/busybox"
	cmp "$here/one/root/bin/busybox" "$image"
	check_eq own changed "$(tail -c 8 "$here/two/root/bin/busybox")"
	# A clone and a snapshot share too, a copy does not.
	whole three /x/three
	expect_ok zoneadm -z three clone two
	same_blocks "$here/three/root/bin/busybox" "$here/two/root/bin/busybox" || fail 'a clone is a copy'
	expect_ok zoneadm -z three uninstall -F
	expect_ok zoneadm -z three clone -m copy two
	same_blocks "$here/one/root/bin/busybox" "$here/three/root/bin/busybox" && fail 'a copy shares'
	cmp "$here/three/root/bin/busybox" "$here/two/root/bin/busybox"
	expect_ok zoneadm -z one snapshot before
	same_blocks "$here/one/root/bin/busybox" "$(find "$here/one/snapshots" -path '*/bin/busybox')" ||
		fail 'a snapshot is a copy'
	rm "$here/one/root/bin/busybox"
	expect_ok zoneadm -z one rollback before
	cmp "$here/one/root/bin/busybox" "$image"
	for zone in one two three; do
		remove_zone "$zone"
	done
	images_at_home
	check_match removed '^removed' "$out"
	unmount_fs "$here"
}

# signalled HOW WHERE OPTION...: an installation is ended at work, and leaves nothing anywhere.
signalled()
{
	local pid

	setsid env --default-signal=INT zoneadm -z stopped install "${@:3}" &
	pid=$!
	wait_for 20 eval "compgen -G '$2'"
	case $1 in
	INT) kill -INT -- "-$pid" ;; # as a terminal does: to the whole job
	TERM) kill -TERM "$pid" ;;
	program) kill -TERM "$(pgrep -o -x brand-linux-ins)" ;;
	esac
	wait_for 5 eval '! kill -0 "$pid" 2>/dev/null'
	wait "$pid" && fail 'it says that it installed'
	check_eq state configured "$(state stopped)"
	[ ! -e "$ZONES_ROOT/zones/stopped" ] || check_eq 'zonepath holds' '' "$(ls -A "$ZONES_ROOT/zones/stopped")"
	check_eq 'the store holds' '' "$(find "$store" -mindepth 1 ! -name lock)"
}

test_a_signal_leaves_nothing()
{
	rm -rf "$store"
	mkdir -p "$store"
	whole stopped
	signalled INT "$store/new.*/root/usr" -s -a "${ZONES_STAGE%/stage}/images/debian.tar"
	signalled TERM "$store/new.*/root/usr" -s -a "${ZONES_STAGE%/stage}/images/debian.tar"
	signalled program "$store/new.*/root/usr" -s -a "${ZONES_STAGE%/stage}/images/debian.tar"
	# An archive of a layout, before it is known whether it is one.
	signalled program "$ZONES_ROOT/zones/stopped/layout.new/usr" -i "${ZONES_STAGE%/stage}/images/debian.tar"
	remove_zone stopped
}

test_a_kill_leaves_what_the_next_one_removes()
{
	local pid

	whole stopped
	setsid env --default-signal=INT zoneadm -z stopped install -s -a "${ZONES_STAGE%/stage}/images/debian.tar" &
	pid=$!
	wait_for 20 eval "compgen -G '$store/new.*/root/usr'"
	kill -KILL -- "-$pid"
	wait "$pid" || true
	wait_for 10 gone brand-linux-ins
	check_eq state incomplete "$(state stopped)"
	expect_ok zoneadm -z stopped uninstall -F
	expect_ok zoneadm -z stopped install -s -a "$archives/tiny.tar"
	check_eq 'left of it' '' "$(find "$store" -name 'new.*')"
	remove_zone stopped
}

run_tests
