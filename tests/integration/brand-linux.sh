#!/bin/bash
# Brand linux: whole systems from archives, directories and a mirror. Needs: debian-root
TEST_LIMIT=${TEST_LIMIT-240}
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"
# shellcheck source=tests/lib/filesystem.sh
. "$ZONES_TREE/tests/lib/filesystem.sh"
# shellcheck source=tests/lib/session.sh
. "$ZONES_TREE/tests/lib/session.sh"

archives=$ZONES_ROOT/archives
images=$archives/images
debian=${ZONES_STAGE%/stage}/images/debian.tar

setup()
{
	mkdir "$archives"
	"$ZONES_TREE/tests/lib/archives" "$archives"
	start_daemons
}

# whole NAME: a configured zone of this brand.
whole()
{
	zonecfg -z "$1" "create -b; set brand=linux; set ip-type=exclusive; set zonepath=/zones/$1"
}

# state ZONE
state()
{
	zoneadm -z "$1" list -p | cut -d: -f3
}

# nothing_installed ZONE: the zone is configured and its zonepath holds nothing.
nothing_installed()
{
	check_eq state configured "$(state "$1")"
	[ ! -e "$ZONES_ROOT/zones/$1" ] || check_eq 'zonepath holds' '' "$(ls -A "$ZONES_ROOT/zones/$1")"
}

# native_says ZONE: what it is told of itself by programs of ours; not there with a sanitizer.
native_says()
{
	local id n=/native/bin

	[ -e "$ZONES_BRANDS/linux/native/bin/zonename" ] || return 0
	id=$(zoneadm -z "$1" list -p | cut -d: -f1)
	check_eq 'zonename says' "$1" "$(zlogin "$1" "$n"/zonename)"
	check_match 'zoneadm lists' "^$id:$1:running:.*:linux:excl:\$" "$(zlogin "$1" "$n"/zoneadm list -p)"
	check_eq 'and nothing else' 1 "$(zlogin "$1" "$n"/zoneadm list -ic | wc -l)"
	expect_fail 1 "'halt' works in the global zone only; here, use halt" zlogin "$1" "$n"/zoneadm -z "$1" halt
	check_eq 'dladm shows' own0 "$(zlogin "$1" "$n/dladm create-etherstub own0 && $n/dladm show-link -p -o link")"
	check_match 'dlstat shows' '^ *own0 ' "$(zlogin "$1" "$n"/dlstat)"
	check_match 'kstat shows' "zones:$id:" "$(zlogin "$1" "$n"/kstat -p -m zones)"
	check_match 'zonestat shows' "$1" "$(zlogin "$1" "$n"/zonestat 1 1)"
	expect_ok zlogin "$1" "$n"/dladm delete-etherstub own0
}

# is_the_tree ZONE: its root is that of the archives, but for what is the zone's own.
is_the_tree()
{
	check_eq "root of $1" '' "$(diff -r --no-dereference -x hostname -x machine-id -x inittab \
		"$archives/tiny" "$ZONES_ROOT/zones/$1/root" | grep -Ev ': (dev|native|proc|run|sys|tmp)$')"
}

test_every_compression()
{
	local file

	whole packed
	for file in "$archives"/tiny.*; do
		expect_ok zoneadm -z packed install -a "$file"
		check_eq says "$(sha256sum <"$file" | cut -d' ' -f1)" "$(expr "$out" : 'sha256:\([0-9a-f]*\)  ')"
		is_the_tree packed
		check_eq hostname packed "$(cat "$ZONES_ROOT/zones/packed/root/etc/hostname")"
		check_eq 'machine id' '' "$(cat "$ZONES_ROOT/zones/packed/root/etc/machine-id")"
		check_eq 'recorded digest' "sha256:$(sha256sum <"$file" | cut -d' ' -f1)" \
			"$(python3 -c 'import json, sys; print(json.load(sys.stdin)["digest"])' \
				<"$ZONES_ROOT/zones/packed/image.json")"
		expect_ok zoneadm -z packed uninstall -F
	done
	remove_zone packed
}

# A name of any bytes; what says where the root came from is JSON, which is UTF-8.
test_a_name_of_any_bytes()
{
	local file=$archives/$'ti\377 \303\251ny.tar'

	whole named
	cp "$archives/tiny.tar" "$file"
	expect_ok zoneadm -z named install -a "$file"
	check_eq 'it is recorded' "$archives/ti\\xff \\xc3\\xa9ny.tar" \
		"$(python3 -c 'import json, sys; print(json.load(sys.stdin)["name"])' <"$ZONES_ROOT/zones/named/image.json")"
	rm "$file"
	remove_zone named
}

test_a_directory()
{
	whole folder
	expect_ok zoneadm -z folder install -d "$archives/tiny"
	is_the_tree folder
	expect_ok zoneadm -z folder uninstall -F
	expect_fail 1 'holds the zonepath itself' zoneadm -z folder install -d "$ZONES_ROOT"
	expect_fail 1 'cannot open the directory' zoneadm -z folder install -d "$archives/tiny.tar"
	nothing_installed folder
	remove_zone folder
}

test_a_small_system_lives()
{
	local command

	whole small
	expect_ok zoneadm -z small install -a "$archives/tiny.tar.gz"
	expect_ok zoneadm -z small boot
	wait_for 60 zlogin small test -e /run/here
	check_match 'process 1' '^(/sbin/)?init$' "$(zlogin small cat /proc/1/cmdline | tr -d '\0')"
	native_says small
	check_eq 'who asks for a name' 'console::respawn:/bin/busybox getty 38400 console
#tty2::respawn:/bin/busybox getty 38400 tty2' "$(zlogin small grep getty /etc/inittab)"
	wait_for 30 grep -q 'small login:' "$ZONES_ROOT/zones/small/logs/console.log"
	expect_ok zoneadm -z small shutdown
	check_eq 'after shutdown' installed "$(state small)"
	for command in poweroff halt 'halt -f' 'kill -USR1 1'; do
		expect_ok zoneadm -z small boot
		wait_for 60 zlogin small test -e /run/here
		# It takes who asked for it down too, maybe before they could say so.
		zlogin small "$command" || true
		wait_for 60 eval '[ "$(state small)" = installed ]'
	done
	expect_ok zoneadm -z small boot
	wait_for 60 zlogin small rm /run/here
	zlogin small reboot || true
	wait_for 60 zlogin small test -e /run/here
	remove_zone small
}

# no_boot ZONE REGEX: the boot fails, says why in a line and leaves the zone installed.
no_boot()
{
	expect_fail 1 "$2" zoneadm -z "$1" boot
	check_eq 'lines of the boot' 1 "$(wc -l <<<"$out")"
	check_eq 'after the boot' installed "$(state "$1")"
}

test_an_init_that_cannot_run()
{
	local root=$ZONES_ROOT/zones/small/root

	whole small
	expect_ok zoneadm -z small install -a "$archives/tiny.tar.gz"
	mv "$root/sbin/init" "$root/sbin/was"
	no_boot small "Cannot execute '/sbin/init': No such file or directory"
	mkdir "$root/sbin/init"
	no_boot small "Cannot execute '/sbin/init': Permission denied"
	rmdir "$root/sbin/init"
	printf 'no program' >"$root/sbin/init"
	no_boot small "Cannot execute '/sbin/init': Permission denied"
	chmod 0755 "$root/sbin/init"
	no_boot small "Cannot execute '/sbin/init': Exec format error"
	mv "$root/sbin/was" "$root/sbin/init"
	# It is printed, whatever it is.
	printf 'arg /no\tne\033[2J\nuser 0 0\n' >"$root/etc/zone-program"
	no_boot small "Cannot execute '/no.ne.\\[2J': No such file or directory"
	rm "$root/etc/zone-program"
	expect_ok zoneadm -z small boot
	wait_for 60 zlogin small test -e /run/here
	# The one that is init has not got what its launcher spoke into.
	check_no_match 'descriptors of init' socket "$(readlink "/proc/$(init_of small)/fd"/*)"
	remove_zone small
}

test_the_digest_must_be_the_one_asked_for()
{
	local right wrong

	right=sha256:$(sha256sum <"$archives/tiny.tar" | cut -d' ' -f1)
	wrong=sha256:$(printf '0%.0s' {1..64})
	whole digest
	expect_fail 1 "has the digest $right, not $wrong" \
		zoneadm -z digest install -a "$archives/tiny.tar" -x "$wrong"
	nothing_installed digest
	expect_fail 2 'takes sha256: and 64' zoneadm -z digest install -a "$archives/tiny.tar" -x "$right"0
	nothing_installed digest
	expect_ok zoneadm -z digest install -a "$archives/tiny.tar" -x "$right"
	remove_zone digest
}

# The brand tells what it takes; nothing is checked or made for that, not even the zonepath.
test_help_does_nothing()
{
	local ask

	whole helped
	for ask in '-?' -h --help; do
		expect_ok zoneadm -z helped install "$ask"
		check_match "$ask: what the brand takes" '^ *(usage: )?zoneadm -z zone install -d directory' "$out"
		check_no_match 'nothing was undone' 'not installed' "$out"
		check_eq 'complaints' '' "$(zoneadm -z helped install "$ask" 2>&1 >/dev/null)"
	done
	[ ! -e "$ZONES_ROOT/zones/helped" ] || fail 'the zonepath was made'
	check_eq state configured "$(zoneadm -z helped list -p | cut -d: -f3)"
	expect_ok zonecfg -z plainhelp 'create -b; set brand=sparse; set zonepath=/zones/plainhelp; set ip-type=exclusive'
	expect_fail 2 "brand 'sparse' takes no install option '-[?]'" zoneadm -z plainhelp install '-?'
	expect_ok zonecfg -z plainhelp delete -F
	expect_ok zonecfg -z helped delete -F
}

test_wrong_options_are_named()
{
	whole options
	expect_fail 2 'what is to be installed' zoneadm -z options install
	expect_fail 2 'needs a value: -a' zoneadm -z options install -a
	expect_fail 2 'only one of' zoneadm -z options install -a x -d y
	expect_fail 2 'one word too many: more' zoneadm -z options install -a x more
	expect_fail 2 '-m goes with -b' zoneadm -z options install -a x -m y
	expect_fail 2 "takes no install option '-q'" zoneadm -z options install -q
	(cd "$archives" && expect_fail 1 "'tiny.tar' is not an absolute path" zoneadm -z options install -a tiny.tar)
	expect_fail 1 "'tiny' is not an absolute path" zoneadm -z options install -d tiny
	expect_fail 1 "cannot open '/missing'" zoneadm -z options install -a /missing
	expect_fail 1 "there is no 'docker.io/alpine'; -i takes an OCI image layout" \
		zoneadm -z options install -i docker.io/alpine
	expect_fail 1 'given with -d' zoneadm -z options install -a "$archives"
	nothing_installed options
	remove_zone options
}

# refused NAME REGEX: the archive is refused in one line and leaves nothing.
refused()
{
	expect_fail 1 "$2" zoneadm -z hostile install -a "$archives/hostile/$1"
	check_eq "lines about $1" 1 "$(grep -c '^brand linux: ' <<<"$out")"
	nothing_installed hostile
}

# contained NAME: the archive installs, and is taken away again by the next one.
contained()
{
	zoneadm -z hostile uninstall -F 2>/dev/null || true
	expect_ok zoneadm -z hostile install -a "$archives/hostile/$1.tar"
}

test_hostile_archives_are_refused()
{
	whole hostile
	refused dotdot.tar "'etc/../../dotdot-was-here' leads out of the root"
	refused hardlink-out.tar stolen
	refused hardlink-up.tar stolen
	refused owner.tar "'etc/mine' belongs to 100000:0"
	refused group.tar "'etc/mine' belongs to 0:4294967294"
	refused proc-link.tar '/proc of the new root is not a directory'
	refused dev-file.tar '/dev of the new root is not a directory'
	refused no-init.tar 'there is no program /sbin/init'
	refused cut.tar 'damaged or cut off'
	refused empty.tar 'nothing in it'
	refused nothing.tar 'nothing in it|not an archive'
	refused garbage.tar 'not a'
	check_eq 'files outside' '' "$(find /tmp /etc "$ZONES_ROOT" -xdev \
		-name '*-was-here' -o -name stolen)"
	remove_zone hostile
}

test_hostile_archives_are_contained()
{
	local root=$ZONES_ROOT/zones/hostile/root links

	echo untouched >/tmp/victim
	links=$(stat -c %h /etc/shadow)
	whole hostile
	contained absolute
	[ -f "$root/absolute-was-here" ] || fail 'the absolute name is not below the root'
	for name in symlink-out symlink-up symlink-proc; do
		zoneadm -z hostile uninstall -F || true
		zoneadm -z hostile install -a "$archives/hostile/$name.tar" || true
		check_eq "$name: files in the host's /tmp" victim "$(ls /tmp)"
	done
	contained device
	check_eq 'device nodes' '' "$(find "$root" -type b -o -type c)"
	contained set-id
	check_eq 'who reaches a set-id file' '700 0' "$(stat -c '%a %u' "$ZONES_ROOT/zones/hostile")"
	contained fifo
	[ -p "$root/pipe" ] || fail 'a named pipe is none'
	# What is settled in a root is not waited for.
	contained pipes
	check_eq 'host name' hostile "$(cat "$root/etc/hostname")"
	contained hostname-link
	check_eq 'host name' hostile "$(cat "$root/etc/hostname")"
	contained trusted
	check_eq attributes user.kept "$(python3 -c 'import os, sys; print(*os.listxattr(sys.argv[1]))' \
		"$root/etc/marked")"
	check_eq 'the file outside' untouched "$(cat /tmp/victim)"
	check_eq "names of the host's shadow" "$links" "$(stat -c %h /etc/shadow)"
	rm /tmp/victim
	remove_zone hostile
}

# What takes little room in an archive, and much where it is not expected.
test_holes_and_depths()
{
	local root=$ZONES_ROOT/zones/hostile/root

	whole hostile
	whole again
	contained sparse
	check_eq 'size and use of a hole' "$((1 << 40)) small" "$(stat -c '%s %b' "$root/hole" |
		awk '{ print $1, $2 < 1000 ? "small" : $2 }')"
	expect_ok timeout 60 zoneadm -z again clone -m copy hostile
	expect_ok zoneadm -z again uninstall -F
	expect_ok timeout 60 zoneadm -z hostile snapshot s
	expect_ok timeout 60 zoneadm -z hostile rollback s
	contained deep
	expect_fail 1 'nested deeper than|longer than' zoneadm -z again clone -m copy hostile
	nothing_installed again
	expect_ok zoneadm -z hostile uninstall -F
	nothing_installed hostile
	remove_zone again
	remove_zone hostile
}

# An image that is shared is the lower layer of an overlay: nothing in it is a mark of one.
test_an_image_cannot_mark_the_overlay()
{
	local root

	whole marks
	expect_ok zoneadm -z marks install -i "$images/marks"
	expect_ok zoneadm -z marks boot
	wait_for 60 zlogin marks test -e /run/here
	check_eq 'what is in it' 'low' "$(zlogin marks ls /d)"
	expect_fail 1 '' zlogin marks test -e /disk
	check_eq 'set-id inside' 6755 "$(zlogin marks stat -c %a /set-id)"
	expect_ok zoneadm -z marks halt
	root=$(find "$ZONES_ROOT/var/lib/zones/images" -mindepth 2 -maxdepth 2 -name root)
	check_eq 'device nodes' '' "$(find "$root" -type b -o -type c)"
	check_eq 'who reaches it' '700 0' "$(stat -c '%a %u' "$ZONES_ROOT/var/lib/zones/images")"
	remove_zone marks
	expect_ok zoneadm vacuum
}

# attributes ROOT: what is to be kept of the files below ROOT/kept.
attributes()
{
	python3 - "$1/kept" <<-'END'
		import os, sys
		for name in (".", "list", "able", "noted"):
		    path = os.path.join(sys.argv[1], name)
		    st = os.stat(path)
		    print(name, oct(st.st_mode), st.st_uid, st.st_gid, st.st_mtime_ns)
		    for key in sorted(os.listxattr(path)):
		        print(" ", key, os.getxattr(path, key).hex())
	END
}

# A copy is another machine, whatever its root is made of; in what it was is nothing changed.
test_a_clone_is_another_machine()
{
	local how source copy id=0123456789abcdef0123456789abcdef

	whole machine
	whole twin
	source=$ZONES_ROOT/zones/machine copy=$ZONES_ROOT/zones/twin
	for how in '' -s; do
		# shellcheck disable=SC2086 # an option or none
		expect_ok zoneadm -z machine install -a "$archives/tiny.tar" $how
		expect_ok zoneadm -z machine boot
		wait_for 60 zlogin machine test -e /run/here
		expect_ok zlogin machine "echo $id >/etc/machine-id; mkdir -p /var/lib/systemd
			echo s >/var/lib/systemd/random-seed; echo c >/var/lib/systemd/credential.secret
			echo o >/var/lib/systemd/other"
		expect_ok zoneadm -z machine halt
		expect_ok zoneadm -z twin clone machine
		expect_ok zoneadm -z twin boot
		wait_for 60 zlogin twin test -e /run/here
		check_eq "name of a clone $how" twin "$(zlogin twin cat /etc/hostname)"
		check_eq "machine id of a clone $how" '' "$(zlogin twin cat /etc/machine-id)"
		check_eq "what else it has $how" other "$(zlogin twin ls /var/lib/systemd)"
		expect_ok zoneadm -z twin halt
		expect_ok zoneadm -z machine boot
		wait_for 60 zlogin machine test -e /run/here
		check_eq "the source $how" "machine $id 3" \
			"$(zlogin machine 'cd /var/lib/systemd; set -- *; echo $(cat /etc/hostname /etc/machine-id) $#')"
		expect_ok zoneadm -z machine halt
		expect_ok zoneadm -z twin uninstall -F
		[ -n "$how" ] || expect_ok zoneadm -z machine uninstall -F
	done
	expect_ok zoneadm -z machine uninstall -F
	# A name of its own stays, and what the zone has made a link leads nowhere outside.
	expect_ok zoneadm -z machine install -a "$archives/tiny.tar"
	echo www.example.com >"$source/root/etc/hostname"
	echo outside >"$ZONES_ROOT/outside"
	ln -sf "$ZONES_ROOT/outside" "$source/root/etc/machine-id"
	expect_ok zoneadm -z twin clone machine
	check_eq 'a name of its own' www.example.com "$(cat "$copy/root/etc/hostname")"
	check_eq 'the file outside' outside "$(cat "$ZONES_ROOT/outside")"
	remove_zone twin
	remove_zone machine
}

test_access_lists_and_capabilities_are_kept()
{
	local before

	whole kept
	expect_ok zoneadm -z kept install -a "$archives/kept.tar"
	before=$(attributes "$ZONES_ROOT/zones/kept/root")
	check_eq 'owner of a file' '5 6' "$(stat -c '%u %g' "$ZONES_ROOT/zones/kept/root/kept/list")"
	check_match 'access list' 'system.posix_acl_access 0200000001000600' "$before"
	check_match 'its user' '020004001b000000' "$before"
	check_match 'default list' 'system.posix_acl_default' "$before"
	check_match capability 'security.capability 010000020020' "$before"
	check_match attribute 'user.colour 726564' "$before"
	whole again
	expect_ok zoneadm -z again clone kept
	check_eq 'of a clone' '' "$(diff <(echo "$before") <(attributes "$ZONES_ROOT/zones/again/root"))"
	expect_ok zoneadm -z again snapshot s
	rm -r "$ZONES_ROOT/zones/again/root/kept"
	expect_ok zoneadm -z again rollback s
	check_eq 'rolled back' '' "$(diff <(echo "$before") <(attributes "$ZONES_ROOT/zones/again/root"))"
	expect_ok zoneadm -z again uninstall -F
	expect_ok zoneadm -z again install -d "$ZONES_ROOT/zones/kept/root"
	check_eq 'of a directory' '' "$(diff <(echo "$before") <(attributes "$ZONES_ROOT/zones/again/root"))"
	expect_ok zoneadm -z kept export "$ZONES_ROOT/export"
	remove_zone again
	expect_ok zoneadm -z again import -p /zones/again "$ZONES_ROOT/export"
	check_eq imported '' "$(diff <(echo "$before") <(attributes "$ZONES_ROOT/zones/again/root"))"
	# They mean something inside.
	expect_ok zoneadm -z kept boot
	wait_for 60 zlogin kept test -e /run/here
	check_eq 'the user of the list' x "$(
		python3 - "$(init_of kept)" <<-'END'
			import os, sys
			pid = sys.argv[1]
			base = int(open(f"/proc/{pid}/uid_map").read().split()[1])
			root = os.open(f"/proc/{pid}/root", os.O_RDONLY)
			os.setgroups([])
			os.setresgid(base + 99, base + 99, base + 99)
			os.setresuid(base + 27, base + 27, base + 27)
			print(open(os.open("kept/list", os.O_RDONLY, dir_fd=root)).read())
		END
	)"
	expect_ok zoneadm -z kept halt
	rm "$ZONES_ROOT/export"
	remove_zone kept
	remove_zone again
}

test_on_btrfs_a_clone_is_a_snapshot()
{
	mount_fs btrfs "$ZONES_ROOT/zones/b"
	for zone in from to; do
		zonecfg -z "$zone" "create -b; set brand=linux; set ip-type=exclusive; set zonepath=/zones/b/$zone"
	done
	expect_ok zoneadm -z from install -a "$archives/tiny.tar"
	check_eq 'number of a subvolume' 256 "$(stat -c %i "$ZONES_ROOT/zones/b/from/root")"
	echo mine >"$ZONES_ROOT/zones/b/from/root/etc/mine"
	expect_ok zoneadm -z to clone from
	check_eq 'number of a subvolume' 256 "$(stat -c %i "$ZONES_ROOT/zones/b/to/root")"
	check_eq 'a file of it' mine "$(cat "$ZONES_ROOT/zones/b/to/root/etc/mine")"
	expect_ok zoneadm -z to boot
	wait_for 60 zlogin to test -e /run/here
	expect_ok zoneadm -z to halt
	expect_ok zoneadm -z to uninstall -F
	# One below it would be missing from a snapshot, so that files are copied then.
	btrfs -q subvolume create "$ZONES_ROOT/zones/b/from/root/mnt/inner"
	echo inside >"$ZONES_ROOT/zones/b/from/root/mnt/inner/file"
	expect_ok zoneadm -z to clone from
	check_eq 'a file in the inner one' inside "$(cat "$ZONES_ROOT/zones/b/to/root/mnt/inner/file")"
	expect_ok zoneadm -z from uninstall -F
	expect_ok zoneadm -z to uninstall -F
	check_eq 'what is left' '' "$(ls -A "$ZONES_ROOT/zones/b")"
	remove_zone from
	remove_zone to
	unmount_fs "$ZONES_ROOT/zones/b"
}

test_a_bomb_does_not_fill_the_disk()
{
	mount -t tmpfs -o size=20m,mode=0755 tmpfs "$ZONES_ROOT/zones"
	whole bomb
	expect_fail 1 'unpacks to more than 1[0-9] MiB' \
		zoneadm -z bomb install -a "$archives/hostile/bomb.tar.gz"
	nothing_installed bomb
	expect_fail 1 'unpacks to more than' zoneadm -z bomb install -c -i "$images/layer-bomb"
	nothing_installed bomb
	umount "$ZONES_ROOT/zones"
	mount -t tmpfs -o nr_inodes=2k,mode=0755 tmpfs "$ZONES_ROOT/zones"
	expect_fail 1 'more than [0-9]+ files' zoneadm -z bomb install -a "$archives/many.tar"
	nothing_installed bomb
	remove_zone bomb
	umount "$ZONES_ROOT/zones"
}

# What one layer links to, another one reaches in the new root only.
test_layers_are_contained()
{
	local links

	links=$(stat -c %h /etc/shadow)
	mkdir /tmp/d
	echo untouched >/tmp/victim
	echo untouched >/tmp/d/victim
	whole layers
	for image in escape escape-less; do
		zoneadm -z layers install -c -i "$images/$image" || true
		check_eq "$image: files in the host's /tmp" 'd victim' "$(cd /tmp && echo *)"
		check_eq "$image: a file in there" untouched "$(cat /tmp/d/victim)"
		check_eq "names of the host's shadow" "$links" "$(stat -c %h /etc/shadow)"
		zoneadm -z layers uninstall -F || true
	done
	rm -r /tmp/d /tmp/victim
	remove_zone layers
}

test_an_interrupt_leaves_nothing()
{
	local pid

	whole stopped
	setsid env --default-signal=INT zoneadm -z stopped install -a "$debian" &
	pid=$!
	wait_for 10 test -d "$ZONES_ROOT/zones/stopped/root.new/usr"
	# As a terminal does: to the whole job.
	kill -INT -- "-$pid"
	wait "$pid" && fail 'it says that it installed'
	nothing_installed stopped
	remove_zone stopped
}

# A mirror that takes connections and says nothing; touches FILE.up when it is there, FILE when asked.
silent_mirror()
{
	python3 - "$1" <<-'END'
		import socket, sys
		server = socket.create_server(("127.0.0.1", 8080))
		open(sys.argv[1] + ".up", "w").close()
		kept = []
		while True:
		    kept.append(server.accept())
		    open(sys.argv[1], "w").close()
	END
}

test_a_mirror_that_is_none()
{
	local how pid server at=$ZONES_ROOT/asked

	command -v debootstrap >/dev/null || skip 'no debootstrap here'
	whole far
	expect_fail 1 "debootstrap could not make 'bookworm'" zoneadm -z far install -b bookworm -m file:///nothing
	nothing_installed far
	expect_fail 1 "debootstrap could not make 'no-such-suite'" zoneadm -z far install -b no-such-suite
	nothing_installed far
	expect_fail 2 "a suite does not begin with '-'" zoneadm -z far install -b --help
	mount -t tmpfs none /usr/share/keyrings
	expect_fail 1 'check was requested' zoneadm -z far install -b bookworm -m http://127.0.0.1:8080/
	umount /usr/share/keyrings
	nothing_installed far
	ip link set lo up
	silent_mirror "$at" &
	server=$!
	wait_for 10 test -e "$at.up"
	for how in INT TERM; do
		rm -f "$at"
		setsid env --default-signal=INT zoneadm -z far install -b bookworm -m http://127.0.0.1:8080/ &
		pid=$!
		wait_for 20 test -e "$at"
		# As a terminal does, to the job; as another program does, to the one.
		[ "$how" = INT ] && kill -INT -- "-$pid" || kill -TERM "$pid"
		wait_for 20 eval '! kill -0 "$pid" 2>/dev/null'
		wait "$pid" && fail 'it says that it installed'
		nothing_installed far
		check_eq "what still asks after $how" '' "$(pgrep -af 'debootstrap|wget')"
	done
	kill "$server"
	wait "$server" || true
	remove_zone far
}

test_a_bar_on_a_terminal()
{
	local name
	local -A from=([archive]="-a $debian" [folder]="-d $ZONES_ROOT/folder" [image]="-c -i $ZONES_ROOT/one-layer" [packed]="-c -i $ZONES_ROOT/one-layer.tar")

	whole bar
	one_layer "$debian" "$ZONES_ROOT/one-layer"
	tar -C "$ZONES_ROOT/one-layer" -cf "$ZONES_ROOT/one-layer.tar" .
	mkdir "$ZONES_ROOT/folder"
	tar -C "$ZONES_ROOT/folder" -xpf "$debian"
	for name in archive image packed folder; do
		# shellcheck disable=SC2086 # words
		session "$name" zoneadm -z bar install ${from[$name]}
		wait_for 60 ended "$name"
		check_eq "end of $name" '0 kept' "$(cat "/tmp/$name.exit")"
		# Not only when all is done.
		check_match "bar of $name" '(Unpacking|Copying) \[#+ +\] +[1-9][0-9]?% [0-9]+ MiB, [0-9]+ MiB/s' "$(tr '\r' '\n' <"/tmp/$name.out")"
		check_no_match "whole widths of $name" '[1-9][0-9]{2}%' "$(tr '\r' '\n' <"/tmp/$name.out" | grep -v ' 100%')"
		expect_ok zoneadm -z bar uninstall -F
	done
	# An archive of an image is read before its layers are.
	check_match 'bar of reading' 'Reading \[#* +\] +[0-9]+% [0-9]+ MiB, [0-9]+ MiB/s' "$(tr '\r' '\n' <"/tmp/packed.out")"
	rm -r "$ZONES_ROOT/folder"
	# So is an export written.
	expect_ok zoneadm -z bar install -a "$debian"
	session writing zoneadm -z bar export "$ZONES_ROOT/bar.tar"
	wait_for 60 ended writing
	check_match 'bar of an export' 'Writing \[#+ +\] +[1-9][0-9]?% [0-9]+ MiB, [0-9]+ MiB/s' "$(tr '\r' '\n' </tmp/writing.out)"
	rm "$ZONES_ROOT/bar.tar"
	expect_ok zoneadm -z bar uninstall -F
	expect_ok zoneadm -z bar install -a "$archives/tiny.tar"
	check_no_match 'where there is none' Unpacking "$out"
	rm -r "$ZONES_ROOT/one-layer" "$ZONES_ROOT/one-layer.tar"
	remove_zone bar
}

# one_layer ARCHIVE FOLDER: an image layout of that.
one_layer()
{
	python3 - "$1" "$2" <<-'END'
		import hashlib, json, os, shutil, sys
		blobs = sys.argv[2] + "/blobs/sha256/"
		os.makedirs(blobs)
		arch = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
		def put(data, kind):
		    name = hashlib.sha256(data).hexdigest()
		    open(blobs + name, "wb").write(data)
		    return {"mediaType": "application/vnd.oci.image." + kind, "digest": "sha256:" + name, "size": len(data)}
		def text(value, kind):
		    return put(json.dumps(value).encode(), kind)
		layer = put(open(sys.argv[1], "rb").read(), "layer.v1.tar")
		config = text({"architecture": arch, "os": "linux", "config": {},
		               "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]}}, "config.v1+json")
		manifest = text({"schemaVersion": 2, "config": config, "layers": [layer]}, "manifest.v1+json")
		with open(sys.argv[2] + "/index.json", "w") as f:
		    json.dump({"schemaVersion": 2, "manifests": [manifest]}, f)
		with open(sys.argv[2] + "/oci-layout", "w") as f:
		    f.write('{"imageLayoutVersion": "1.0.0"}')
	END
}

test_debian_lives()
{
	whole deb
	expect_ok zoneadm -z deb install -a "$debian"
	expect_ok zoneadm -z deb boot
	wait_for 30 eval '[ "$(zlogin deb systemctl is-system-running)" = running ]'
	check_eq 'failed units' '' "$(zlogin deb systemctl --failed --no-legend --plain)"
	check_eq 'host name' deb "$(zlogin deb hostname)"
	native_says deb
	check_match 'machine id' '^[0-9a-f]{32}$' "$(zlogin deb cat /etc/machine-id)"
	check_match 'its own control groups' '/system.slice/' \
		"$(zlogin deb systemd-run --wait --pipe -q cat /proc/self/cgroup)"
	check_match journal 'Reached target' "$(zlogin deb journalctl -b --no-pager)"
	expect_ok zoneadm -z deb shutdown
	check_eq 'after shutdown' installed "$(state deb)"
	expect_ok zoneadm -z deb boot
	wait_for 30 eval '[ "$(zlogin deb systemctl is-system-running)" = running ]'
	zlogin deb touch /run/here
	zlogin deb systemctl reboot || true
	wait_for 30 eval '! zlogin deb test -e /run/here && [ "$(zlogin deb systemctl is-system-running)" = running ]'
	zlogin deb systemctl poweroff || true
	wait_for 30 eval '[ "$(state deb)" = installed ]'
	remove_zone deb
}

# image_refused NAME REGEX
image_refused()
{
	expect_fail 1 "$2" zoneadm -z image install -i "$images/$1"
	check_eq "lines about $1" 1 "$(grep -c '^brand linux: ' <<<"$out")"
	nothing_installed image
}

test_an_image_that_is_a_system()
{
	whole image
	expect_ok zoneadm -z image install -c -i "$images/good:system"
	[ ! -e "$ZONES_ROOT/zones/image/root/etc/zone-program" ] || fail 'a system has a program file'
	expect_ok zoneadm -z image boot
	wait_for 60 zlogin image test -e /run/here
	expect_ok zoneadm -z image shutdown
	expect_ok zoneadm -z image uninstall -F
	expect_ok zoneadm -z image install -c -i "$images/good.tar:system"
	check_eq 'zonepath holds' 'image.json root' "$(cd "$ZONES_ROOT/zones/image" && echo *)"
	remove_zone image
}

test_an_application_is_process_1()
{
	local root=$ZONES_ROOT/zones/app/root

	whole app
	expect_ok zoneadm -z app install -c -i "$images/good:app"
	expect_ok zoneadm -z app boot
	wait_for 60 test -e "$root/data/ready"
	check_eq 'it said' "$(printf '%s\n' 'uid=1000(app) gid=1000(app) groups=27(extra),1000(app)' /app \
		hello world 'one word')" "$(cat "$root/data/said")"
	check_match 'process 1' /app/program "$(zlogin app cat /proc/1/cmdline | tr '\0' ' ')"
	expect_ok zoneadm -z app shutdown
	check_eq 'its stop signal came' stopped "$(cat "$root/data/stopped")"
	remove_zone app
}

# The zone's root may edit what its application is; nothing that it leaves there holds up a boot.
test_an_application_that_is_a_trap()
{
	local etc=$ZONES_ROOT/zones/app/root/etc trap

	whole app
	expect_ok zoneadm -z app install -c -i "$images/bare"
	for trap in mkfifo 'ln -s /dev/zero' 'truncate -s 1T'; do
		rm "$etc/zone-program"
		$trap "$etc/zone-program"
		expect_fail 1 "Cannot read '/etc/zone-program': (Invalid argument|File too large)" \
			timeout 30 zoneadm -z app boot
		check_eq state installed "$(state app)"
	done
	remove_zone app
}

# What images rely on without saying so: the directory is made, HOME is the user's, /dev/stdout can be opened.
test_what_an_application_has()
{
	local root=$ZONES_ROOT/zones/app/root

	whole app
	expect_ok zoneadm -z app install -c -i "$images/bare"
	check_eq 'its directory' '755 0' "$(stat -c '%a %u' "$root/not/there")"
	expect_ok zoneadm -z app boot
	wait_for 30 grep -q 'log of an error' "$ZONES_ROOT/zones/app/logs/console.log"
	check_match 'it said' '^1000 /home/app /not/there.?$' "$(cat "$ZONES_ROOT/zones/app/logs/console.log")"
	check_match 'its log' '^log of access.?$' "$(cat "$ZONES_ROOT/zones/app/logs/console.log")"
	expect_ok zoneadm -z app halt
	remove_zone app
}

test_an_application_on_standard_streams()
{
	whole app
	zonecfg -z app 'add attr; set name=zlog-mode; set type=string; set value=g--; end'
	expect_ok zoneadm -z app install -c -i "$images/good:app"
	cat >"$ZONES_ROOT/zones/app/root/app/program" <<-'END'
		#!/bin/sh
		while read -r l; do echo "$(id -u):$l"; echo "opened again" >/dev/stdout; done
	END
	expect_ok zoneadm -z app boot
	check_eq output "$(printf '%s\n' 1000:hello 'opened again')" "$(echo hello | timeout 100 zlogin -IQ app)"
	wait_for 30 grep -q 'opened again' "$ZONES_ROOT/zones/app/logs/console.log"
	remove_zone app
}

test_layers_take_away()
{
	local root=$ZONES_ROOT/zones/layers/root

	whole layers
	expect_ok zoneadm -z layers install -c -i "$images/whiteouts"
	check_eq d high "$(ls "$root/d")"
	check_eq opaque high "$(ls "$root/opaque")"
	[ ! -e "$root/gone" ] || fail 'a file was not taken away'
	[ ! -e "$root/tree" ] || fail 'a tree was not taken away'
	[ -f "$root/was-dir" ] || fail 'a file did not replace a directory'
	[ -f "$root/was-file/leaf" ] || fail 'a directory did not replace a file'
	check_eq 'names that only take away' '' "$(find "$root" -name '.wh.*')"
	expect_ok zoneadm -z layers uninstall -F
	expect_ok zoneadm -z layers install -c -i "$images/tail"
	remove_zone layers
}

test_images_that_lie_are_refused()
{
	whole image
	image_refused good 'several images; name one of: system app other'
	image_refused good:none "has no image 'none'"
	image_refused good:other "has no image 'other' for"
	image_refused missing "there is no '.*/missing'; -i takes an OCI image layout"
	image_refused layer-size 'and the image says'
	image_refused layer-digest "has no 'blobs/sha256/0{64}'"
	image_refused digest-path 'is not a sha256 one'
	image_refused layer-type "layer 1 is of type 'application/x-secret'"
	image_refused layers-more 'the manifest has 2 layers, the configuration 1'
	image_refused layers-none 'has 0 layers'
	image_refused config-none 'has no digest or no size'
	image_refused config-size 'larger than'
	image_refused diff-other "'layer 2 of 2': without compression it has the digest .*, not its diff_id"
	image_refused diff-packed "'layer 1 of 2': without compression"
	image_refused diff-tail "'layer 1 of 1': without compression"
	image_refused diff-none "diff_id '' of layer 2 is not a sha256 one"
	image_refused diff-kind "diff_id 'sha512:0*' of layer 2"
	image_refused user "runs as 'nobody-here'"
	image_refused passwd-pipe "runs as 'app', and has no such user"
	image_refused group "runs in group 'none'"
	image_refused uid "runs as '70000'"
	image_refused stop "'SIGNOT' is no signal"
	image_refused env 'Env is not a list of strings'
	image_refused workdir "'app' is not absolute"
	image_refused workdir-file "cannot make the program's directory '/etc/passwd/x': Not a directory"
	image_refused layer-dots 'leads out of the root'
	image_refused layer-owner 'belongs to 100000:0'
	image_refused whiteout-dots "'etc/.wh...' is no name"
	image_refused blob-changed 'has the digest sha256:'
	image_refused blob-link "has no 'blobs/sha256"
	image_refused index-loop 'do not end'
	image_refused not-json 'oci-layout is not JSON'
	image_refused ../tiny "no file 'oci-layout'"
	image_refused ../hostile/garbage.tar 'not a'
	remove_zone image
}

run_tests
