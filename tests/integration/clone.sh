#!/bin/bash
# zoneadm clone: a zone as a copy of another one.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	make_zone src
	local t=$ZONES_ROOT/zones/src/root/var/t

	mkdir "$t"
	echo data >"$t/a"
	ln "$t/a" "$t/b"
	ln -s /etc/passwd "$t/out"
	mkfifo "$t/fifo"
	truncate -s 50M "$t/sparse"
	chown 1000:1000 "$t/a"
	chmod 4711 "$t/a"
	setfattr -n user.colour -v red "$t/a" 2>/dev/null || true
}

# picture ZONE: all that its root has but for its name.
picture()
{
	(cd "$ZONES_ROOT/zones/$1/root" && find . ! -path ./etc ! -path './etc/host*' -printf '%p %m %U %G %y %n %l %T@ ' \
		\( -type f -printf '%s\n' -o -printf '\n' \) | sort)
}

nothing_cloned()
{
	check_eq "state of $1" configured "$(state_of "$1")"
	[ ! -e "$ZONES_ROOT/zones/$1" ] || fail "something stays in the zonepath of $1"
}

test_a_clone_is_the_same_and_another_zone()
{
	configure dup
	expect_ok zoneadm -z dup clone src
	check_match said 'Cloning zonepath /zones/src' "$out"
	check_eq state installed "$(state_of dup)"
	check_eq files "$(picture src)" "$(picture dup)"
	[ "$(du -s "$ZONES_ROOT/zones/dup" | cut -f1)" -lt 40000 ] || fail "holes were filled"
	check_match 'a uuid' '[0-9a-f-]{36}' "$(zoneadm -z dup list -p | cut -d: -f5)"
	[ "$(zoneadm -z dup list -p | cut -d: -f5)" != "$(zoneadm -z src list -p | cut -d: -f5)" ] ||
		fail "the clone has the uuid of its source"
	expect_ok zoneadm -z src boot
	expect_ok zoneadm -z dup boot
	expect_ok zlogin dup zonename
	check_eq name dup "$out"
	expect_ok zlogin dup 'echo new >/var/t/a'
	expect_ok zlogin src cat /var/t/a
	check_eq 'the source' data "$out"
	expect_ok zoneadm -z src halt
	expect_ok zoneadm -z dup halt
	remove_zone dup
}

# What it runs cannot take it for its source.
test_a_clone_has_a_name_of_its_own()
{
	local etc=$ZONES_ROOT/zones/src/root/etc to=$ZONES_ROOT/zones/dup/root/etc

	configure dup
	echo 0123456789abcdef0123456789abcdef >"$etc/machine-id"
	expect_ok zoneadm -z dup clone src
	check_eq 'host name' dup "$(cat "$to/hostname")"
	check_match 'its hosts' '^127.0.1.1.dup$' "$(cat "$to/hosts")"
	check_no_match 'its hosts' src "$(cat "$to/hosts")"
	check_eq 'machine id' '' "$(cat "$to/machine-id")"
	check_eq 'host name of the source' src "$(cat "$etc/hostname")"
	check_eq 'its machine id' 32 "$(tr -d '\n' <"$etc/machine-id" | wc -c)"
	expect_ok zoneadm -z dup uninstall -F
	# Names of its own stay, and nothing is written through a link.
	echo www >"$etc/hostname"
	echo src >"$ZONES_ROOT/outside"
	mv "$etc/hosts" "$etc/hosts.old"
	ln -s "$ZONES_ROOT/outside" "$etc/hosts"
	expect_ok zoneadm -z dup clone src
	check_eq 'host name' www "$(cat "$to/hostname")"
	expect_ok zoneadm -z dup uninstall -F
	rm "$etc/hostname"
	ln -s "$ZONES_ROOT/outside" "$etc/hostname"
	expect_ok zoneadm -z dup clone src
	check_eq 'the file outside' src "$(cat "$ZONES_ROOT/outside")"
	rm "$etc/hostname" "$etc/machine-id" "$ZONES_ROOT/outside"
	mv "$etc/hosts.old" "$etc/hosts"
	echo src >"$etc/hostname"
	remove_zone dup
}

test_with_no_blocks_shared()
{
	configure dup
	expect_ok zoneadm -z dup clone -m copy src
	check_eq files "$(picture src)" "$(picture dup)"
	remove_zone dup
}

test_states_in_which_it_is_refused()
{
	configure dup
	make_zone whole
	expect_fail 1 "clone operation is invalid for zones in state 'installed'" \
		zoneadm -z whole clone src
	expect_fail 1 "'nozone'" zoneadm -z dup clone nozone
	expect_fail 1 'its own clone' zoneadm -z dup clone dup
	expect_fail 1 'global zone' zoneadm -z dup clone global
	expect_ok zoneadm -z src boot
	expect_fail 1 "zone 'src': cannot be cloned in state 'running'; halt it first" \
		zoneadm -z dup clone src
	expect_ok zoneadm -z src halt
	expect_ok zoneadm -z whole mark incomplete
	expect_fail 1 "cannot be cloned in state 'incomplete'" zoneadm -z dup clone whole
	nothing_cloned dup
	expect_ok zonecfg -z dup delete -F
	remove_zone whole
}

test_another_brand_is_refused()
{
	mkdir -p "$ZONES_ROOT/usr/lib/brand"
	cp -r "$ZONES_BRANDS/sparse" "$ZONES_ROOT/usr/lib/brand/other"
	sed -i 's/name="sparse"/name="other"/' "$ZONES_ROOT"/usr/lib/brand/other/*.xml
	configure oth 'set brand=other'
	expect_fail 1 "brand is 'other', but that of zone 'src' is 'sparse'" zoneadm -z oth clone src
	nothing_cloned oth
	expect_ok zonecfg -z oth delete -F
}

test_what_both_use_is_told()
{
	local common=('add net' 'set physical=cl0' 'set allowed-address=10.7.0.2/24' end
		'add fs' 'set dir=/mnt/d' "set special=$ZONES_ROOT/tmp" 'set type=lofs' end)

	mkdir -p "$ZONES_ROOT/tmp"
	make_link cl0
	make_zone one "${common[@]}"
	configure two "${common[@]}"
	expect_ok zoneadm -z two clone one
	check_match fs "warning: fs '/mnt/d': '$ZONES_ROOT/tmp' is also .* of zone 'one'" "$out"
	check_match link "warning: net: data link 'cl0' is also one of zone 'one'" "$out"
	check_match address "warning: net: address '10.7.0.2/24' is also one of zone 'one'" "$out"
	remove_zone one
	remove_zone two
}

# start_big_clone: clones a zone with many files in the background, and waits until it is at it. Sets pid.
start_big_clone()
{
	local i

	if [ ! -d "$ZONES_ROOT/zones/src/root/var/many" ]; then
		mkdir "$ZONES_ROOT/zones/src/root/var/many"
		(cd "$ZONES_ROOT/zones/src/root/var/many" && seq 15000 | xargs touch)
	fi
	zoneadm -z dup clone src >/tmp/dup.out 2>&1 &
	pid=$!
	for ((i = 0; i < 500; i++)); do
		[ -e "$ZONES_ROOT/zones/dup/root/var/many" ] && return
		sleep 0.01
	done
	fail "the clone did not begin: $(cat /tmp/dup.out)"
}

test_an_interrupt_leaves_nothing()
{
	local pid code=0

	configure dup
	start_big_clone
	# of SIGINT a job of this shell does not hear
	kill -TERM "$pid"
	wait "$pid" || code=$?
	check_eq "exit, and: $(cat /tmp/dup.out)" 1 "$code"
	check_match said 'not cloned; nothing is left' "$(cat /tmp/dup.out)"
	nothing_cloned dup
	expect_ok zonecfg -z dup delete -F
}

test_a_kill_leaves_it_incomplete()
{
	local pid

	configure dup
	start_big_clone
	kill -KILL "$pid"
	wait "$pid" || true
	check_eq state incomplete "$(state_of dup)"
	expect_fail 1 "'incomplete'" zoneadm -z dup boot
	expect_ok zoneadm -z dup uninstall -F
	nothing_cloned dup
	expect_ok zonecfg -z dup delete -F
}

test_the_source_is_not_booted_meanwhile()
{
	local pid

	configure dup
	start_big_clone
	expect_ok zoneadm -z src boot
	wait "$pid" || fail "clone: $(cat /tmp/dup.out)"
	check_eq state installed "$(state_of dup)"
	check_eq 'all files' 15000 "$(find "$ZONES_ROOT/zones/dup/root/var/many" -type f | wc -l)"
	expect_ok zoneadm -z src halt
	remove_zone dup
	rm -r "$ZONES_ROOT/zones/src/root/var/many"
}

test_a_full_file_system_leaves_nothing()
{
	mkdir "$ZONES_ROOT/small"
	mount -t tmpfs -o mode=0755,size=200k disk "$ZONES_ROOT/small"
	printf '%s\n' 'create -b' 'set brand=sparse' 'set zonepath=/small/dup' \
		'set ip-type=exclusive' verify commit >/tmp/dup.cfg
	expect_ok zonecfg -z dup -f /tmp/dup.cfg
	expect_fail 1 'No space left' zoneadm -z dup clone src
	check_eq state configured "$(state_of dup)"
	check_eq 'nothing stays' '' "$(ls -A "$ZONES_ROOT/small")"
	umount "$ZONES_ROOT/small"
	expect_ok zonecfg -z dup delete -F
}

test_hooks()
{
	local dir=$ZONES_ROOT/usr/lib/brand/hooky

	mkdir -p "$ZONES_ROOT/usr/lib/brand"
	cp -r "$ZONES_BRANDS/sparse" "$dir"
	sed -i 's/name="sparse"/name="hooky"/' "$dir/config.xml" "$dir/platform.xml"
	configure hsrc 'set brand=hooky'
	expect_ok zoneadm -z hsrc install
	sed -i "s|</brand>|<postclone>false</postclone></brand>|" "$dir/config.xml"
	configure hdup 'set brand=hooky'
	expect_fail 1 "the brand's postclone hook failed" zoneadm -z hdup clone hsrc
	nothing_cloned hdup
	sed -i "s|<postclone>.*</postclone>|<clone>mkdir -m 755 %R/root; echo \\&gt;%R/root/made</clone>|" \
		"$dir/config.xml"
	expect_ok zoneadm -z hdup clone -x hsrc
	check_eq 'what the hook was told' '-x hsrc' "$(cat "$ZONES_ROOT/zones/hdup/root/made")"
	remove_zone hdup
	remove_zone hsrc
}

test_usage()
{
	configure dup
	expect_fail 2 usage zoneadm -z dup clone
	expect_fail 2 usage zoneadm -z dup clone -m src
	expect_fail 2 usage zoneadm -z dup clone -m zfs src
	expect_fail 1 "zone 'src': it has no snapshot 'src@SUNWzone1'" \
		zoneadm -z dup clone -s src@SUNWzone1 src
	expect_fail 2 "takes no clone option '-x'" zoneadm -z dup clone -x src
	nothing_cloned dup
	expect_ok zonecfg -z dup delete -F
}

run_tests
