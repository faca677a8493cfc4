#!/bin/bash
# What a zone has of the host's storage and devices: images on loop devices, delegated subvolumes, devices.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"
# shellcheck source=tests/lib/filesystem.sh
. "$ZONES_TREE/tests/lib/filesystem.sh"

setup()
{
	start_daemons
}

# An image of a file system with the file "in" on it.
make_image()
{
	local from=$ZONES_ROOT/from

	mkdir -p "$from"
	echo content >"$from/in"
	truncate -s 32M "$1"
	mkfs.ext4 -q -d "$from" "$1" || skip "no mkfs.ext4"
}

test_an_image_file()
{
	local image=$ZONES_ROOT/image

	make_image "$image"
	make_zone img 'add fs' 'set dir=/data' "set special=$image" 'set type=ext4' 'add options [noatime]' end
	expect_ok zoneadm -z img boot
	check_eq read content "$(zlogin img cat /data/in)"
	check_eq owner 0:0 "$(zlogin img stat -c %u:%g /data/in)"
	expect_ok zlogin img 'echo more >>/data/in && sync && grep " /data " /proc/self/mounts'
	check_match type '/data ext4 rw,nodev,noatime' "$out"
	expect_ok zlogin img 'echo x >/data/theirs && chown 27:5 /data/theirs'
	expect_ok zoneadm -z img halt
	wait_for 10 no_loop_of "$image"
	check_match written more "$(debugfs -R 'cat in' "$image" 2>/dev/null)"
	check_match 'owner in the image' 'User: +27 +Group: +5 ' "$(debugfs -R 'stat theirs' "$image" 2>/dev/null)"
	expect_ok zonecfg -z img 'select fs dir=/data; set options=ro; end'
	expect_ok zoneadm -z img boot
	check_match 'read-only' 'Read-only' "$(zlogin img 'echo x >/data/in' 2>&1 || true)"
	remove_zone img
	wait_for 10 no_loop_of "$image"
}

# The ids of files are those of the zone, on both sides; what the options say holds for its root.
test_a_directory_of_the_host()
{
	local lent=$ZONES_ROOT/lent word

	mkdir "$lent"
	echo root >"$lent/root"
	echo of >"$lent/user"
	chown 27:5 "$lent/user"
	echo far >"$lent/far"
	chown 100000:100000 "$lent/far"
	printf '#!/bin/sh\nid -u\n' >"$lent/run"
	cp /usr/bin/id "$lent/id"
	chmod 4755 "$lent/id" "$lent/run"
	make_zone lent 'add fs' 'set dir=/plain' "set special=$lent" 'set type=lofs' end \
		'add fs' 'set dir=/held' "set special=$lent" 'set type=lofs' \
		'add options [ro,nosuid,noexec,nodev]' end
	expect_ok zoneadm -z lent boot
	check_eq 'owners inside' '0:0 27:5 65534:65534' \
		"$(zlogin lent 'cd /plain && stat -c %u:%g root user far' | xargs)"
	expect_ok zlogin lent 'echo x >/plain/made && chown 1000:1000 /plain/made && echo y >/plain/own'
	check_eq 'owners on the host' '1000:1000 0:0' "$(cd "$lent" && stat -c %u:%g made own | xargs)"
	# Whose id it does not have is out of its reach.
	expect_fail 1 'Permission denied|not permitted|too large' zlogin lent 'chown 0:0 /plain/far'
	check_eq 'owner on the host' 100000 "$(stat -c %u "$lent/far")"
	expect_ok zlogin lent /plain/run
	expect_fail 126 'Permission denied' zlogin lent /held/run
	expect_fail 1 'Read-only' zlogin lent 'rm /held/made'
	for word in rw suid exec dev; do
		expect_fail 32 '' zlogin lent "mount -o remount,bind,$word /held"
	done
	check_match 'what holds' 'ro,nosuid,nodev,noexec' "$(zlogin lent 'grep " /held " /proc/self/mounts')"
	remove_zone lent
	rm -r "$lent"
}

# Root of the zone was there first: nothing of it is followed, opened or waited for.
test_what_a_zone_has_put_where_a_file_goes()
{
	local one=$ZONES_ROOT/one place

	echo content >"$one"
	make_zone put 'add fs' 'set dir=/root/one' "set special=$one" 'set type=lofs' 'add options [ro]' end \
		'set hostid=12345678'
	place=$ZONES_ROOT/zones/put/root/root/one
	mkfifo "$place" "$ZONES_ROOT/zones/put/root/etc/hostid"
	expect_ok timeout 30 zoneadm -z put boot
	check_eq 'over a FIFO' content "$(zlogin put cat /root/one)"
	check_eq 'host id' 12345678 "$(zlogin put hostid)"
	check_match 'read-only' 'Read-only' "$(zlogin put 'echo x >/root/one' 2>&1 || true)"
	expect_ok zoneadm -z put halt
	rm "$place"
	mkdir "$place"
	expect_fail 1 'Cannot mount /root/one in the zone: only one of .* is a directory' zoneadm -z put boot
	rmdir "$place"
	ln -s /etc/passwd "$place"
	expect_fail 1 '/root/one in the zone has a symbolic link in it' zoneadm -z put boot
	rm "$place"
	expect_ok zoneadm -z put boot
	check_eq 'where nothing was' content "$(zlogin put cat /root/one)"
	expect_ok zoneadm -z put halt
	check_eq 'a mount point' '0 regular empty file' "$(stat -c '%s %F' "$place")"
	expect_ok zonecfg -z put "select fs dir=/root/one; set dir=/etc/passwd; set special=$ZONES_ROOT/zones; end"
	expect_fail 1 'Cannot mount /etc/passwd in the zone: only one of .* is a directory' zoneadm -z put boot
	check_eq state installed "$(state_of put)"
	remove_zone put
	rm "$one"
}

no_loop_of()
{
	[ -z "$(losetup -j "$1")" ]
}

test_what_is_wrong_with_an_image()
{
	local image=$ZONES_ROOT/wrong

	truncate -s 4M "$image"
	make_zone bad
	expect_ok zonecfg -z bad "add fs; set dir=/data; set special=$image; set type=ext4; end"
	expect_fail 1 "fs '/data': special '$image': it holds no file system of type 'ext4', nor anything" \
		zoneadm -z bad boot
	check_eq state installed "$(state_of bad)"
	wait_for 10 no_loop_of "$image"
	mkfs.ext4 -q "$image"
	expect_ok zonecfg -z bad 'select fs dir=/data; set options=nonsense=1; end'
	expect_fail 1 "special '$image': cannot" zoneadm -z bad boot
	mv "$image" "$image.real"
	ln -s "$image.real" "$image"
	expect_fail 1 "fs '/data': special '$image' has a symbolic link in it" zoneadm -z bad verify
	expect_fail 1 'has a symbolic link in it' zoneadm -z bad boot
	expect_ok zonecfg -z bad 'select fs dir=/data; set special=image; end'
	expect_fail 1 "fs '/data': special 'image' is not an absolute path" zoneadm -z bad verify
	expect_ok zonecfg -z bad "select fs dir=/data; set special=$image; end"
	rm "$image"
	mkdir "$image"
	expect_fail 1 'neither a block device nor an image file' zoneadm -z bad verify
	expect_fail 1 'neither a block device nor an image file' zoneadm -z bad boot
	remove_zone bad
}

# says MESSAGE: at verification, and by who mounts it, where nobody has looked before.
says()
{
	expect_fail 1 "fs '/data': special '.*': $1" zoneadm -z other verify
	expect_fail 1 "fs '/data': special '.*': $1" zoneadm -z other boot
	check_eq state installed "$(state_of other)"
}

test_another_file_system_than_was_said()
{
	local image=$ZONES_ROOT/other

	truncate -s 4M "$image"
	mkfs.ext4 -q "$image"
	make_zone other
	expect_ok zonecfg -z other "add fs; set dir=/data; set special=$image; set type=xfs; end"
	says "it holds a file system of type 'ext4', not 'xfs' .set type=ext4."
	mkfs.ext2 -Fq "$image"
	says "it holds a file system of type 'ext2', not 'xfs' .set type=ext2."
	expect_ok zonecfg -z other 'select fs dir=/data; set type=ext4; end'
	expect_ok zoneadm -z other boot
	expect_ok zoneadm -z other halt
	truncate -s 0 "$image"
	truncate -s 4M "$image"
	mkswap "$image" >/dev/null
	says "it holds 'swap', not a file system"
	truncate -s 0 "$image"
	truncate -s 4M "$image"
	printf '\125\252' | dd of="$image" bs=1 seek=510 conv=notrunc 2>/dev/null
	says 'it holds a table of partitions; special is one of them'
	# A file system that the kernel must not be asked for wins over what its device holds.
	expect_ok zonecfg -z other 'select fs dir=/data; set type=ramfs; end'
	expect_fail 1 "'/data': a file system of type 'ramfs' is not on a device" zoneadm -z other verify
	expect_ok zonecfg -z other 'select fs dir=/data; set type=nosuchfs; end'
	expect_fail 1 "'/data': this host's kernel has no file system type 'nosuchfs', and no module for it" \
		zoneadm -z other verify
	remove_zone other
	rm "$image"
}

# What comes to a live zone is mounted by zoneadmd as well.
test_another_file_system_for_a_live_zone()
{
	local image=$ZONES_ROOT/late

	truncate -s 4M "$image"
	mkfs.ext4 -q "$image"
	make_zone late
	expect_ok zoneadm -z late boot
	expect_ok zonecfg -z late "add fs; set dir=/data; set special=$image; set type=squashfs; end"
	expect_fail 1 "it holds a file system of type 'ext4', not 'squashfs'" zoneadm -z late apply
	expect_ok zonecfg -z late "select fs dir=/data; set type=ext4; end"
	expect_ok zoneadm -z late apply
	expect_ok zlogin late test -d /data/lost+found
	remove_zone late
	rm "$image"
}

# Options that the boot would refuse are refused as they are written.
test_options_that_nobody_knows()
{
	local zone="select fs dir=/scratch;" why

	make_zone opts 'add fs' 'set dir=/scratch' 'set special=swap' 'set type=tmpfs' end
	for why in 'huge does not know' 'uid=0 does not know' 'siz=1m does not know' 'size does not know' \
		'size=lots does not take' 'size=1q does not take' 'mode=999 does not take' 'nr_inodes=5% does not take'; do
		expect_fail 1 "fs dir=/scratch: tmpfs ${why#* } the (option|value of) '${why%% *}'" \
			zonecfg -z opts "$zone add options ${why%% *}; end; verify"
		expect_fail 1 "fs dir=/scratch: tmpfs ${why#* }" zonecfg -z opts "$zone add options ${why%% *}; end; commit"
	done
	for why in size=50% size=0x100000 nr_blocks=100 mode=01777 nosuid ro; do
		expect_ok zonecfg -z opts "$zone add options $why; end"
		expect_ok zoneadm -z opts boot
		expect_ok zoneadm -z opts halt
		expect_ok zonecfg -z opts "$zone remove options $why; end"
	done
	expect_ok zonecfg -z opts "$zone set type=lofs; set special=$ZONES_ROOT/zones; add options [ro,nodevices]; end"
	expect_fail 1 "fs dir=/scratch: lofs does not know the option 'size=1m'" \
		zonecfg -z opts "$zone add options size=1m; end; commit"
	# One that came into the file in another way.
	sed -i 's/nodevices/nodevces/' "$ZONES_ROOT/etc/zones/opts.xml"
	expect_fail 1 "lofs does not know the option 'nodevces'" zoneadm -z opts verify
	expect_fail 1 "lofs does not know the option 'nodevces'" zoneadm -z opts boot
	sed -i 's/nodevces/nodevices/' "$ZONES_ROOT/etc/zones/opts.xml"
	remove_zone opts
}

test_tmpfs_has_the_size_that_was_asked_for()
{
	make_zone tmp 'add fs' 'set dir=/scratch' 'set special=swap' 'set type=tmpfs' \
		'add options [size=1m,nr_inodes=20,mode=0700]' end
	expect_ok zoneadm -z tmp boot
	check_match size '1\.0M' "$(zlogin tmp df -h /scratch)"
	check_eq mode '700 0:0' "$(in_zone tmp stat -c '%a %u:%g' /scratch)"
	check_match full 'No space' "$(zlogin tmp 'dd if=/dev/zero of=/scratch/big bs=1M count=3' 2>&1 || true)"
	check_match inodes 'No space' "$(zlogin tmp 'rm /scratch/big; for i in $(seq 30); do : >/scratch/$i || exit; done' 2>&1 || true)"
	remove_zone tmp
}

test_a_dataset_is_a_delegated_subvolume()
{
	mount_fs btrfs "$ZONES_ROOT/tank"
	btrfs -q subvolume create "$ZONES_ROOT/tank/data"
	echo host >"$ZONES_ROOT/tank/outside"
	mkdir "$ZONES_ROOT/tank/plain"
	make_zone ds 'add dataset' 'set name=tank/data' end
	expect_ok zoneadm -z ds boot
	check_eq owner 0:0 "$(zlogin ds stat -c %u:%g /tank/data)"
	expect_ok zlogin ds 'echo mine >/tank/data/file && btrfs subvolume create /tank/data/sub &&
		echo one >/tank/data/sub/file && btrfs subvolume snapshot /tank/data/sub /tank/data/snap &&
		echo two >/tank/data/sub/file && cat /tank/data/snap/file'
	check_match snapshot '^one$' "$out"
	check_eq 'on the host' mine "$(cat "$ZONES_ROOT/tank/data/file")"
	expect_fail 1 '' zlogin ds 'cat /tank/outside'
	expect_ok zlogin ds 'rmdir /tank/data/snap 2>/dev/null || { rm /tank/data/snap/file && rmdir /tank/data/snap; }'
	expect_ok zoneadm -z ds halt
	expect_ok zonecfg -z ds 'remove dataset; add dataset; set name=tank/plain; end'
	expect_fail 1 'is not a subvolume of btrfs' zoneadm -z ds boot
	expect_ok zonecfg -z ds 'remove dataset; add dataset; set name=tank/gone; end'
	expect_fail 1 "dataset 'tank/gone': there is no subvolume '/tank/gone'" zoneadm -z ds boot
	remove_zone ds
	unmount_fs "$ZONES_ROOT/tank"
}

# The zone that is installed has it; nobody else gets it, what is above it, or what is in it.
test_a_dataset_of_another_zone_is_refused()
{
	local name

	make_zone first 'add dataset' 'set name=tank/data' end
	make_zone second
	for name in tank/data tank/data/sub tank; do
		expect_ok zonecfg -z second "add dataset; set name=$name; end"
		expect_fail 1 "dataset '$name': zone 'first' has 'tank/data' already" zoneadm -z second verify
		expect_fail 1 "dataset '$name': zone 'first' has" zoneadm -z second boot
		check_eq state installed "$(state_of second)"
		expect_ok zonecfg -z second 'remove dataset'
	done
	expect_ok zonecfg -z second 'add dataset; set name=tank/data2; end'
	expect_ok zoneadm -z second verify
	check_match 'a warning' "warning: dataset 'tank/data2': there is no subvolume" "$out"
	expect_ok zoneadm -z first verify
	remove_zone second
	remove_zone first
}

test_devices_by_pattern()
{
	make_zone dev 'add device' 'set match=/dev/loop[01]' end 'add device' 'set match=/dev/net/*' end \
		'add device' 'set match=/dev/null' end
	[ -b /dev/loop0 ] || skip "no /dev/loop0"
	expect_ok zoneadm -z dev boot
	check_eq block "$(stat -c '%t:%T block special file' /dev/loop0)" "$(in_zone dev stat -c '%t:%T %F' /dev/loop0)"
	check_eq owner 0:0 "$(zlogin dev stat -c %u:%g /dev/loop0)"
	check_eq mode "$(stat -c %a /dev/loop1)" "$(zlogin dev stat -c %a /dev/loop1)"
	check_eq others '/dev/loop0 /dev/loop1 ' "$(zlogin dev 'ls /dev/loop*' | tr '\n' ' ')"
	if [ -c /dev/net/tun ]; then
		expect_ok zlogin dev 'exec 3<>/dev/net/tun'
	fi
	check_match 'no more of them' 'Operation not permitted' "$(zlogin dev 'mknod /dev/more b 7 2' 2>&1 || true)"
	check_match 'not on disk' 'Operation not permitted' "$(zlogin dev 'mknod /root/more b 7 2' 2>&1 || true)"
	expect_ok zoneadm -z dev halt
	mknod "$ZONES_ROOT/zones/dev/root/root/left" b 7 0
	expect_ok zonecfg -z dev 'remove -F device; add device; set match=/dev/nothing-like-it*; end'
	expect_ok zoneadm -z dev boot
	check_match warned 'WARNING: device match=/dev/nothing-like-it\*: this host has none' "$out"
	check_match nodev 'Permission denied' "$(zlogin dev 'head -c 1 /root/left' 2>&1 || true)"
	check_eq none '' "$(zlogin dev 'ls /dev/loop* 2>/dev/null' || true)"
	remove_zone dev
}

test_a_console_is_each_zones_own()
{
	[ -c /dev/console ] || skip "no /dev/console"
	make_zone con 'add device' 'set match=/dev/consol?' end
	expect_ok zoneadm -z con boot
	check_no_match said WARNING "$out"
	check_match 'its own' '^88' "$(zlogin con stat -c %t /dev/console)"
	remove_zone con
}

# A node that no masking keeps away, as if there were a way to one: the host puts it in the zone's /dev.
put_node()
{
	mknod -m 0666 "/proc/$(init_of "$1")/root/dev/$2" "${@:3}"
}

test_devices_are_held_by_number_too()
{
	local zone

	make_zone held 'add device' 'set match=/dev/zero' end
	make_zone all 'add device' 'set match=/dev/kmsg' end
	for zone in held all; do
		expect_ok zoneadm -z "$zone" boot
		check_no_match held WARNING "$out"
		put_node "$zone" put c 1 11
		put_node "$zone" putzero c 1 5
	done
	# the node is there, the file system lets it be used, and so does its mode
	check_eq node 1:b:666 "$(zlogin held 'stat -c %t:%T:%a /dev/put')"
	expect_fail 1 'Operation not permitted' zlogin held 'exec 3<>/dev/put'
	expect_ok zlogin all 'exec 3>/dev/put'
	expect_ok zlogin held 'head -c 1 /dev/putzero >/dev/null'
	# what a zone has goes on, also of those that are open by number only
	expect_ok zlogin held 'for d in null zero full random urandom; do exec 3</dev/$d || exit 1; done'
	expect_ok zlogin held 'python3 -c "import os, pty; os.close(pty.openpty()[0])"'
	# also for who comes in later, with a daemon that knows nothing of it, and in groups below
	kill_hard zoned
	start zoned
	expect_fail 1 'Operation not permitted' zlogin held 'exec 3<>/dev/put'
	expect_fail 1 'Operation not permitted' zlogin held 'mkdir /sys/fs/cgroup/below &&
		echo $$ >/sys/fs/cgroup/below/cgroup.procs && exec 3<>/dev/put'
	expect_ok zoneadm -z held reboot
	put_node held put c 1 11
	expect_fail 1 'Operation not permitted' zlogin held 'exec 3<>/dev/put'
	remove_zone held
	remove_zone all
}

# As with a kernel without programs for control groups.
test_a_host_that_does_not_hold_devices_says_so()
{
	ldd "$ZONES_LIBEXEC/zoneadmd" | grep -q 'lib[at]san' && skip "nothing comes before a sanitizer"
	cc -shared -fPIC -o /tmp/no-devices.so -xc - -ldl <<-'END'
		#define _GNU_SOURCE
		#include <dlfcn.h>
		#include <errno.h>
		#include <stdarg.h>
		#include <sys/syscall.h>

		long syscall(long nr, ...)
		{
			static long (*next)(long, ...);
			va_list ap;
			long a[6];

			va_start(ap, nr);
			for (int i = 0; i < 6; i++)
				a[i] = va_arg(ap, long);
			va_end(ap);
			if (!next)
				next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
			if (nr == SYS_bpf) {
				errno = EINVAL;
				return -1;
			}
			return next(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
		}
	END
	make_zone free
	out=$(LD_PRELOAD=/tmp/no-devices.so zoneadm -z free boot 2>&1)
	check_eq said 1 "$(grep -c "WARNING: this host's kernel does not hold the zone to its devices by number: Invalid argument" <<<"$out")"
	put_node free put c 1 11
	expect_ok zlogin free 'exec 3>/dev/put'
	remove_zone free
}

run_tests
