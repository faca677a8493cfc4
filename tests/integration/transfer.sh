#!/bin/bash
# zoneadm export and import: a zone as one file, from each kind of root, to another host.
# shellcheck disable=SC2031 # what a subshell does to ZONES_ROOT is for it alone
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"
# shellcheck source=tests/lib/filesystem.sh
. "$ZONES_TREE/tests/lib/filesystem.sh"

archives=$ZONES_ROOT/archives
exports=$ZONES_ROOT/exports
TEST_LIMIT=240

setup()
{
	mkdir "$archives" "$exports"
	"$ZONES_TREE/tests/lib/archives" "$archives"
	start_daemons
	zonecfg -z good "create -b; set brand=linux; set ip-type=exclusive; set zonepath=/zones/good;
		set hostid=cafe; add attr; set name=comment; set type=string; set value=carried; end"
	expect_ok zoneadm -z good install -a "$archives/tiny.tar"
	expect_ok zoneadm -z good export "$exports/good"
}

# whole NAME INSTALL-OPTION...: an installed zone of brand linux with all kinds of files in it.
whole()
{
	zonecfg -z "$1" "create -b; set brand=linux; set ip-type=exclusive; set zonepath=/zones/$1"
	expect_ok zoneadm -z "$1" install "${@:2}"
	expect_ok zoneadm -z "$1" boot
	wait_for 60 zlogin "$1" test -e /run/here
	zlogin "$1" 'mkdir /t; echo data >/t/a; ln /t/a /t/b; ln -s /etc/passwd /t/link; chmod 4711 /t/a
		mkdir /t/empty; chmod 1777 /t/empty; rm /etc/group; busybox mkfifo /t/pipe
		busybox chown 1000:27 /t/a; chmod 4711 /t/a; busybox dd if=/dev/zero of=/t/large bs=1M count=3 2>/dev/null'
	expect_ok zoneadm -z "$1" halt
}

# picture ZONE: all that its root has, as the zone sees it.
picture()
{
	zoneadm -z "$1" boot >&2
	wait_for 60 zlogin "$1" test -e /run/here
	zlogin "$1" 'cd / && busybox find . -xdev -not -path "./etc/hostname" -not -path "./etc/zones/*" -not -path "./native/*" |
		busybox sort | while read -r f; do stat -c "%n %F %a %u %g %s %h" "$f"; done' |
		grep -v ' directory \|^./run'
	zlogin "$1" 'cat /t/a; busybox readlink /t/link; stat -c "%a %u" /t/empty' || true
	zoneadm -z "$1" halt >&2
}

# of_export FILE: the digest of the image that it is.
of_export()
{
	tar -xOf "$1" index.json | python3 -c 'import json, sys; print(json.load(sys.stdin)["manifests"][0]["digest"])'
}

there_and_back()
{
	local before

	whole from "$@"
	before=$(picture from)
	expect_ok zoneadm -z from export "$exports/from"
	expect_ok zoneadm -z to import -p /zones/to "$exports/from"
	check_eq says "$(of_export "$exports/from")  $exports/from" "$out"
	check_eq 'it is recorded' "export $exports/from $(of_export "$exports/from") $(stat -c %s "$exports/from")" \
		"$(python3 -c 'import json, sys; o = json.load(open(sys.argv[1]))
print(*(o[k] for k in ("source", "name", "digest", "size")))' "$ZONES_ROOT/zones/to/image.json")"
	check_eq state installed "$(state_of to)"
	check_match 'a uuid' '[0-9a-f-]{36}' "$(zoneadm -z to list -p | cut -d: -f5)"
	[ "$(zoneadm -z to list -p | cut -d: -f5)" != "$(zoneadm -z from list -p | cut -d: -f5)" ] ||
		fail 'it has the uuid of the other one'
	check_eq 'files' '' "$(diff <(echo "$before") <(picture to))"
	check_eq 'zonepath holds' 'image.json logs root' "$(cd "$ZONES_ROOT/zones/to" && echo *)"
	check_eq 'host name' to "$(cat "$ZONES_ROOT/zones/to/root/etc/hostname")"
	rm "$exports/from"
	remove_zone from
	remove_zone to
}

test_a_plain_directory() { there_and_back -a "$archives/tiny.tar"; }

test_an_overlay() { there_and_back -s -a "$archives/tiny.tar"; }

# a_live_one INSTALL-OPTION...: what a snapshot has, while the zone runs and writes.
a_live_one()
{
	whole from "$@"
	expect_ok zoneadm -z from snapshot before
	expect_ok zoneadm -z from boot
	wait_for 60 zlogin from test -e /run/here
	zlogin from 'echo later >/t/a'
	expect_fail 1 'halt it first' zoneadm -z from export "$exports/from"
	expect_ok zoneadm -z from export -s before "$exports/from"
	expect_ok zoneadm -z from halt
	expect_ok zoneadm -z to import -p /zones/to "$exports/from"
	check_eq 'as it was' data "$(cat "$ZONES_ROOT/zones/to/root/t/a")"
	rm "$exports/from"
	remove_zone from
	remove_zone to
}

test_a_snapshot_of_a_live_zone()
{
	a_live_one -a "$archives/tiny.tar"
	a_live_one -s -a "$archives/tiny.tar"
}

# on_its_own KIND MKFS-OPTION...: zones and images are on such a file system, in a file, from now on.
on_its_own()
{
	mount_fs "$1" "$ZONES_ROOT/zones" "${@:2}"
	images_on "$ZONES_ROOT/zones"
}

on_the_first_again()
{
	images_at_home
	unmount_fs "$ZONES_ROOT/zones"
}

test_subvolumes()
{
	on_its_own btrfs
	there_and_back -a "$archives/tiny.tar"
	there_and_back -s -a "$archives/tiny.tar"
	a_live_one -a "$archives/tiny.tar"
	a_live_one -s -a "$archives/tiny.tar"
	# What is imported is one too, of which the next clone is a snapshot.
	expect_ok zoneadm -z new import -p /zones/new "$exports/good"
	check_eq 'number of a subvolume' 256 "$(stat -c %i "$ZONES_ROOT/zones/new/root")"
	remove_zone new
	on_the_first_again
}

test_files_that_share_their_blocks()
{
	on_its_own xfs -m reflink=1
	there_and_back -s -a "$archives/tiny.tar"
	a_live_one -s -a "$archives/tiny.tar"
	on_the_first_again
}

# stretches FILE: where its data are, as "begin end", in bytes.
stretches()
{
	python3 - "$1" <<-'END'
		import os, sys
		fd = os.open(sys.argv[1], os.O_RDONLY)
		end = 0
		while True:
		    try:
		        data = os.lseek(fd, end, os.SEEK_DATA)
		    except OSError:
		        break
		    end = os.lseek(fd, data, os.SEEK_HOLE)
		    print(data, end, os.pread(fd, 9, data))
		print(os.fstat(fd).st_size)
	END
}

# sparse_there_and_back: files with holes of a terabyte, in the file system at zones.
sparse_there_and_back()
{
	local root=$ZONES_ROOT/zones/from/root name

	whole from -a "$archives/tiny.tar"
	for name in middle begin only small; do
		truncate -s 1T "$root/t/$name"
	done
	truncate -s 300000 "$root/t/small"
	printf beginning | dd of="$root/t/middle" conv=notrunc status=none
	printf something | dd of="$root/t/middle" conv=notrunc seek=$((500 << 30)) oflag=seek_bytes status=none
	printf something | dd of="$root/t/begin" conv=notrunc seek=$((1 << 40)) oflag=seek_bytes status=none
	printf something | dd of="$root/t/small" conv=notrunc seek=200000 oflag=seek_bytes status=none
	ln "$root/t/middle" "$root/t/other-name"
	expect_ok timeout 120 zoneadm -z from export "$exports/sparse"
	expect_ok timeout 120 zoneadm -z to import -p /zones/to "$exports/sparse"
	for name in middle begin only; do
		check_eq "where data are in $name" "$(stretches "$root/t/$name")" \
			"$(stretches "$ZONES_ROOT/zones/to/root/t/$name")"
	done
	cmp "$root/t/small" "$ZONES_ROOT/zones/to/root/t/small"
	check_eq 'names of middle' 2 "$(stat -c %h "$ZONES_ROOT/zones/to/root/t/middle")"
	# Other tools find them, and what has few holes is a plain file to all.
	mkdir "$ZONES_ROOT/layout"
	tar -C "$ZONES_ROOT/layout" -xf "$exports/sparse"
	name=$(find "$ZONES_ROOT/layout/blobs" -size +1000)
	check_match 'as tar lists it' ' 1099511627776 .* \.?/?t/only$' "$(tar -tvf "$name")"
	check_no_match 'small is plain' 'GNUSparseFile.*/small' "$(strings "$name")"
	rm -r "$ZONES_ROOT/layout" "$exports/sparse"
	expect_ok zoneadm -z to uninstall -F
	# Nor do holes count for what may be unpacked, in whichever form an archive has them.
	for name in gnu pax; do
		tar --format="$name" -S -C "$root" -cf "$exports/sparse" .
		expect_ok timeout 120 zoneadm -z to install -a "$exports/sparse"
		check_eq "where data are in middle, $name" "$(stretches "$root/t/middle")" \
			"$(stretches "$ZONES_ROOT/zones/to/root/t/middle")"
		expect_ok zoneadm -z to uninstall -F
	done
	rm "$exports/sparse"
	remove_zone to
	remove_zone from
}

test_holes_stay_holes()
{
	sparse_there_and_back
	on_its_own btrfs
	sparse_there_and_back
	on_the_first_again
	on_its_own ext4
	sparse_there_and_back
	on_the_first_again
	mount -t tmpfs -o size=512M,mode=755 tmpfs "$ZONES_ROOT/zones"
	sparse_there_and_back
	umount "$ZONES_ROOT/zones"
}

test_a_host_name_of_its_own_stays()
{
	local etc=$ZONES_ROOT/zones/from/root/etc

	whole from -a "$archives/tiny.tar"
	echo from.example.com >"$etc/hostname"
	expect_ok zoneadm -z from export "$exports/own"
	expect_ok zoneadm -z to import -p /zones/to "$exports/own"
	check_eq 'host name' from.example.com "$(cat "$ZONES_ROOT/zones/to/root/etc/hostname")"
	remove_zone to
	# Nor is anything written through a link.
	echo from >"$etc/other"
	ln -sf other "$etc/hostname"
	expect_ok zoneadm -z from export "$exports/link"
	expect_ok zoneadm -z to import -p /zones/to "$exports/link"
	check_eq 'where it leads' other "$(readlink "$ZONES_ROOT/zones/to/root/etc/hostname")"
	check_eq 'what is there' from "$(cat "$ZONES_ROOT/zones/to/root/etc/other")"
	rm "$exports/own" "$exports/link"
	remove_zone from
	remove_zone to
}

test_the_configuration_goes_along()
{
	expect_ok zoneadm -z good uninstall -F
	expect_ok zonecfg -z good export
	local before=$out

	expect_ok zonecfg -z good delete -F
	expect_ok zoneadm -z good import "$exports/good"
	expect_ok zonecfg -z good export
	check_eq configuration "$before" "$out"
}

uuid_of()
{
	zoneadm -z "$1" list -p | cut -d: -f5
}

# What is exported and gone from here was moved or is put back; of what is here it is a copy.
test_a_copy_is_another_machine()
{
	local id=0123456789abcdef0123456789abcdef uuid root=$ZONES_ROOT/zones/from/root

	whole from -a "$archives/tiny.tar"
	echo "$id" >"$root/etc/machine-id"
	mkdir -p "$root/var/lib/systemd"
	echo secret >"$root/var/lib/systemd/random-seed"
	printf '127.0.0.1\tlocalhost\n127.0.1.1\tfrom\n' >"$root/etc/hosts"
	uuid=$(uuid_of from)
	expect_ok zoneadm -z from export "$exports/from"
	expect_ok zoneadm -z to import -p /zones/to "$exports/from"
	check_eq 'machine id of a copy' '' "$(cat "$ZONES_ROOT/zones/to/root/etc/machine-id")"
	check_eq 'secrets of a copy' '' "$(ls "$ZONES_ROOT/zones/to/root/var/lib/systemd")"
	check_match 'its own name' '^127.0.1.1.to$' "$(cat "$ZONES_ROOT/zones/to/root/etc/hosts")"
	[ "$(uuid_of to)" != "$uuid" ] || fail 'a copy has the uuid'
	remove_zone to
	expect_ok zoneadm -z from uninstall -F
	expect_ok zoneadm -z to import -p /zones/to "$exports/from"
	check_eq 'of one that is not installed' '' "$(cat "$ZONES_ROOT/zones/to/root/etc/machine-id")"
	remove_zone to
	remove_zone from
	expect_ok zoneadm -z to import -p /zones/to "$exports/from"
	check_eq 'machine id of what was gone' "$id" "$(cat "$ZONES_ROOT/zones/to/root/etc/machine-id")"
	check_eq secrets secret "$(cat "$ZONES_ROOT/zones/to/root/var/lib/systemd/random-seed")"
	check_eq uuid "$uuid" "$(uuid_of to)"
	# Now it is here again.
	expect_ok zoneadm -z copy import -p /zones/copy "$exports/from"
	check_eq 'machine id of a second one' '' "$(cat "$ZONES_ROOT/zones/copy/root/etc/machine-id")"
	[ "$(uuid_of copy)" != "$uuid" ] || fail 'two have the uuid'
	remove_zone copy
	remove_zone to
	# An archive that does not say, or says what is none.
	for said in 'del m["annotations"]["zones.uuid"]' 'm["annotations"]["zones.uuid"] = "../../x\n"' \
		'm["annotations"]["zones.uuid"] = "0" * 36'; do
		lying said "$said"
		expect_ok zoneadm -z to import -p /zones/to "$exports/said"
		check_match 'a uuid' '^[0-9a-f]{8}-[0-9a-f-]{27}$' "$(uuid_of to)"
		remove_zone to
	done
	rm "$exports/said" "$exports/from"
}

# Another instance, with a root and daemons of its own.
test_another_host()
{
	local there=$ZONES_ROOT/there uuid

	uuid=$(tar -xOf "$exports/good" | grep -ao '"zones.uuid": *"[^"]*"' | cut -d'"' -f4)
	mkdir -p "$there/run" "$there/var/log" "$there/etc"
	cp "$exports/good" "$there/archive"
	# shellcheck disable=SC2030,SC2031 # there alone
	(
		export ZONES_ROOT=$there
		zoned -d </dev/null >"$there/var/log/zoned.out" 2>&1 &
		wait_for 10 test -e "$there/run/zones/zone_door"
		expect_ok zoneadm -z new import -p /zones/new "$there/archive"
		check_eq state installed "$(zoneadm -z new list -p | cut -d: -f3)"
		check_eq 'it was moved' "$uuid" "$(uuid_of new)"
		check_eq 'its configuration' carried "$(zonecfg -z new export | sed -n 's/^set value="*\([a-z]*\)"*$/\1/p')"
		expect_ok zoneadm -z new uninstall -F
		kill %1
		wait || true
	)
	rm -r "$there"
}

# Every tool that knows images can read it: our own too.
test_it_is_an_image()
{
	zonecfg -z image "create -b; set brand=linux; set ip-type=exclusive; set zonepath=/zones/image"
	expect_ok zoneadm -z image install -c -i "$exports/good:good"
	remove_zone image
	mkdir "$ZONES_ROOT/layout"
	tar -C "$ZONES_ROOT/layout" -xf "$exports/good"
	(cd "$ZONES_ROOT/layout/blobs/sha256" && for f in *; do echo "$f  $f"; done | sha256sum -c --quiet)
	rm -r "$ZONES_ROOT/layout"
	xz -1 -k "$exports/good"
	expect_ok zoneadm -z other import -p /zones/other "$exports/good.xz"
	rm "$exports/good.xz"
	remove_zone other
}

# refused NAME REGEX [OPTION...]: one line, and nothing stays.
refused()
{
	expect_fail 1 "$2" zoneadm -z bad import -p /zones/bad "${@:3}" "$exports/$1"
	expect_fail 1 'No such zone|no such zone' zoneadm -z bad list
	[ ! -e "$ZONES_ROOT/zones/bad" ] || fail 'a zonepath stays'
	[ ! -e "$ZONES_ROOT/etc/zones/bad.xml" ] || fail 'a configuration stays'
	check_eq 'left in the store' '' "$(find "$ZONES_ROOT/var/lib/zones/images" -name 'new.*')"
}

# lying NAME PYTHON: an export that is changed by hand: m is the manifest, c the text of the zone's
# configuration, config what the image says of itself, layer the layer's bytes; digests are made right
# again unless "wrong" is set.
lying()
{
	python3 - "$exports/good" "$exports/$1" "$2" <<'E2'
import hashlib, io, json, sys, tarfile
files = {}
with tarfile.open(sys.argv[1]) as tar:
    for entry in tar:
        files[entry.name] = tar.extractfile(entry).read()
index = json.loads(files["index.json"])
blob = lambda d: "blobs/sha256/" + d["digest"][7:]
m = json.loads(files[blob(index["manifests"][0])])
c = m["annotations"]["zones.config"]
layer = files[blob(m["layers"][0])]
config = json.loads(files[blob(m["config"])])
wrong = False
space = {"m": m, "c": c, "layer": layer, "wrong": False, "config": config, "tarfile": tarfile,
         "io": io}
exec(sys.argv[3], space)
if space["c"] is not None:
    m["annotations"]["zones.config"] = space["c"]
else:
    del m["annotations"]["zones.config"]
if not space["wrong"]:
    digest = "sha256:" + hashlib.sha256(space["layer"]).hexdigest()
    m["layers"][0].update(digest=digest, size=len(space["layer"]))
    config["rootfs"]["diff_ids"] = [digest]
out = {blob(m["layers"][0]): space["layer"]}
def put(value):
    data = json.dumps(value).encode()
    d = {"digest": "sha256:" + hashlib.sha256(data).hexdigest(), "size": len(data)}
    out[blob(d)] = data
    return d
m["config"].update(put(config))
index["manifests"][0].update(put(m))
out["index.json"] = json.dumps(index).encode()
out["oci-layout"] = files["oci-layout"]
with tarfile.open(sys.argv[2], "w") as tar:
    for name, data in out.items():
        info = tarfile.TarInfo(name)
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
E2
}

test_hostile_exports_are_refused()
{
	# Of a layer with one file: its name, whose it is.
	one_file()
	{
		local program=${add/NAME/\"$1\"}

		echo "${program/UID/$2}"
	}
	local add='b = io.BytesIO(); t = tarfile.open(fileobj=b, mode="w")
i = tarfile.TarInfo(NAME); i.size = 1; i.uid = UID
t.addfile(i, io.BytesIO(b"x")); t.close(); layer = b.getvalue()'

	lying changed 'layer = layer[:-5000] + b"x" + layer[-4999:]; wrong = True'
	refused changed 'has the digest'
	lying size 'm["layers"][0]["size"] += 1; wrong = True'
	refused size 'and the image says'
	lying diff 'config["rootfs"]["diff_ids"] = ["sha256:" + "0" * 64]; wrong = True'
	refused diff 'not its diff_id'
	lying none 'c = None'
	refused none 'no exported zone'
	lying xml 'c = "<zone"'
	refused xml 'its configuration'
	lying other 'c = "<other/>"'
	refused other 'its configuration'
	lying brand 'c = c.replace("linux", "../../etc")'
	refused brand brand
	lying fs 'c = c.replace("</zone>", "<filesystem special=\"/etc\" directory=\"/mnt\" type=\"lofs\"/></zone>")'
	refused fs "asks for the host's '/etc' as fs '/mnt'"
	expect_ok zoneadm -z bad import -F -p /zones/bad "$exports/fs"
	remove_zone bad
	lying device 'c = c.replace("</zone>", "<device match=\"sda\"/></zone>")'
	refused device "asks for the host's devices|cannot apply it"
	lying priv 'c = c.replace("<zone ", "<zone limitpriv=\"default,sys_mount\" ")'
	refused priv 'asks for the privileges'
	lying time 'c = c.replace("<zone ", "<zone limitpriv=\"default,sys_time\" ")'
	refused time 'limitpriv sys_time: this release cannot apply it'
	lying class 'c = c.replace("<zone ", "<zone scheduling-class=\"RT\" ")'
	refused class 'asks for a class that goes before all else of the host, RT'
	lying shared 'c = c.replace("ip-type=\"exclusive\"", "ip-type=\"shared\"").replace("</zone>", "<network physical=\"lo\" address=\"10.0.0.1\"/></zone>")'
	refused shared "asks for the address '10.0.0.1' on the host's 'lo'"
	lying dots "$(one_file a/../../b 0)"
	refused dots 'leads out of the root'
	lying owner "$(one_file a 100000)"
	refused owner 'belongs to 100000'
	cp "$archives/tiny.tar" "$exports/plain"
	refused plain 'no exported zone, or a damaged one: .* no OCI image layout'
	head -c 20000 "$exports/good" >"$exports/cut"
	refused cut 'damaged or cut off|no OCI image layout'
	cp "$archives/images/good.tar" "$exports/image"
	refused image 'no exported zone, or a damaged one: .* several images'
	: >"$exports/empty"
	refused empty 'nothing in it|not a'
}

# What boots with a NIC has it alone; a vnic that was made here, or is made for it, is no such thing.
test_a_nic_of_the_host_is_asked_for()
{
	local net='c = c.replace("</zone>", "<network physical=\"NAME\"/></zone>")'

	ip netns add peer
	ip link add nic0 type veth peer name nic0p netns peer
	ip link set nic0 up
	wait_for 5 dladm show-phys nic0
	expect_ok dladm create-vnic -l nic0 own0
	lying nic "${net/NAME/nic0}"
	refused nic "asks for the host's NIC 'nic0'"
	expect_ok zoneadm -z bad import -F -p /zones/bad "$exports/nic"
	remove_zone bad
	lying vnic "${net/NAME/own0}"
	expect_ok zoneadm -z bad import -p /zones/bad "$exports/vnic"
	remove_zone bad
	lying auto "${net/NAME\\\"/new0\\\" global-nic=\\\"nic0\\\"}"
	expect_ok zoneadm -z bad import -p /zones/bad "$exports/auto"
	remove_zone bad
	expect_ok dladm delete-vnic own0
	ip link del nic0
	ip netns del peer
	rm "$exports"/{nic,vnic,auto}
}

test_what_is_in_the_way()
{
	expect_fail 1 'there is a zone of this name already' zoneadm -z good import "$exports/good"
	expect_fail 1 'overlaps' zoneadm -z two import -p /zones/good "$exports/good"
	mkdir -p "$ZONES_ROOT/zones/full"
	: >"$ZONES_ROOT/zones/full/file"
	expect_fail 1 'is not empty' zoneadm -z two import -p /zones/full "$exports/good"
	[ -e "$ZONES_ROOT/zones/full/file" ] || fail 'what was in the way is gone'
	expect_fail 1 'not a valid zonepath' zoneadm -z two import -p zones "$exports/good"
	expect_fail 1 'not an absolute path' zoneadm -z two import good
	expect_fail 1 'cannot open' zoneadm -z two import -p /zones/two /missing
	expect_fail 1 'is not a file' zoneadm -z two import -p /zones/two "$exports"
	expect_fail 1 'is there already' zoneadm -z good export "$exports/good"
	expect_fail 1 'not an absolute path' zoneadm -z good export some
	expect_fail 1 'cannot make' zoneadm -z good export /missing/some
	expect_fail 1 "no snapshot 'none'" zoneadm -z good export -s none "$exports/of-none"
	expect_fail 2 usage zoneadm -z good export
	expect_fail 2 usage zoneadm -z two import
	check_eq 'no other zones' good "$(zoneadm list -cn)"
	check_eq 'half written' '' "$(find "$exports" -name '*.new')"
}

test_a_signal_leaves_nothing()
{
	local pid

	whole large -a "$archives/tiny.tar"
	zoneadm -z large boot
	wait_for 60 zlogin large test -e /run/here
	zlogin large 'busybox dd if=/dev/urandom of=/t/random bs=1M count=300 2>/dev/null'
	zoneadm -z large halt
	setsid zoneadm -z large export "$exports/large" &
	pid=$!
	wait_for 10 test -s "$exports/large.new"
	kill -TERM "$pid"
	wait "$pid" && fail 'it says that it exported'
	check_eq 'left of it' '' "$(find "$exports" -name 'large*')"
	expect_ok zoneadm -z large export "$exports/large"
	setsid zoneadm -z again import -p /zones/again "$exports/large" &
	pid=$!
	wait_for 20 eval "compgen -G '$ZONES_ROOT/var/lib/zones/images/new.*/root/blobs'"
	kill -TERM "$pid"
	wait "$pid" && fail 'it says that it imported'
	expect_fail 1 'o such zone' zoneadm -z again list
	check_eq 'left in the store' '' "$(find "$ZONES_ROOT/var/lib/zones/images" -name 'new.*')"
	rm "$exports/large"
	remove_zone large
}

# What a caller left open decides which numbers our own descriptors get.
test_descriptors_of_the_caller()
{
	local n=0 k

	while [ "$n" -lt 9 ]; do
		(
			for ((k = 3; k < 3 + n; k++)); do
				eval "exec $k</dev/null"
			done
			expect_ok zoneadm -z copy import -p /zones/copy "$exports/good"
			expect_ok zoneadm -z copy export "$exports/copy"
		) || fail "with $n descriptors"
		expect_ok zoneadm -z copy uninstall -F
		expect_ok zonecfg -z copy delete -F
		rm "$exports/copy"
		n=$((n + 1))
	done
}

test_what_is_no_archive()
{
	expect_fail 1 "^zoneadm: zone 'none': '/etc/passwd': not an archive" zoneadm -z none import /etc/passwd
}

run_tests
