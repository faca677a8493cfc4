# shellcheck shell=bash
# File systems of their own for a test, each in a file beside the directory on which it is mounted. A
# test file sources this after harness.sh.

# mount_fs KIND DIRECTORY [MKFS-OPTION...]: 512 MiB of that kind, in DIRECTORY.img.
mount_fs()
{
	command -v "mkfs.$1" >/dev/null || skip "no mkfs.$1 here"
	mkdir -p "$2"
	truncate -s 512M "$2.img"
	"mkfs.$1" -q "${@:3}" "$2.img"
	mount -o loop "$2.img" "$2" || skip "this kernel has no $1"
}

unmount_fs()
{
	umount "$1"
	rm "$1.img"
}

# images_on DIRECTORY: the store of images is there from now on.
images_on()
{
	mkdir -p "$ZONES_ROOT/var/lib/zones/images"
	mkdir -m 700 "$1/images"
	mount --bind "$1/images" "$ZONES_ROOT/var/lib/zones/images"
}

images_at_home()
{
	expect_ok zoneadm vacuum
	umount "$ZONES_ROOT/var/lib/zones/images"
}
