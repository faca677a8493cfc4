#!/bin/bash
# A hostile root in a zone, and a user there: every attempt of tests/security is refused, and the host and
# another zone are what they were. docs/security.md has the list.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

root=$ZONES_ROOT/zones/atk/root

setup()
{
	start_daemons
	expect_ok dladm create-etherstub atks0
	expect_ok dladm create-vnic -l atks0 atk0
	make_zone atk 'add net' 'set physical=atk0' 'set allowed-address=10.9.7.2/24' end \
		'set max-shm-ids=5' 'set max-lwps=200'
	make_zone other
	expect_ok zoneadm -z other boot
	expect_ok zoneadm -z atk boot
	cp "$ZONES_STAGE/../tests/attack" "$root/root/attack"
	touch "$ZONES_ROOT/outside"
	python3 -c '
import socket, time
s = socket.socket(socket.AF_UNIX); s.bind("\0attacked"); s.listen(); time.sleep(300)' >/dev/null 2>&1 &
	wait_for 5 grep -q '@attacked' /proc/net/unix
}

# What must be the same afterwards: of the kernel, of the other zone, of our daemons.
picture()
{
	local file

	for file in /proc/sys/kernel/{core_pattern,modprobe,panic,sysrq,pid_max,hostname,shmmax} \
		/proc/sys/vm/overcommit_memory /proc/sys/fs/{suid_dumpable,file-max} /proc/swaps; do
		echo "$file $(cat "$file" 2>/dev/null || true)"
	done
	cut -d' ' -f1 /proc/modules 2>/dev/null | sort
	cut -d' ' -f5 /proc/self/mountinfo | sort
	pids_of zoned
	pids_of dlmgmtd
	zsched_of other
	zsched_of atk
	zoneadm list -cp
	dladm show-link -p -o link,class,over
	ipcs | grep '^0x' || true
	zlogin other 'cat /proc/1/stat | cut -d" " -f22; hostname; ls /dev /root'
}

# attacked WHO LOGIN...: all of it, from there.
attacked()
{
	local who=$1 before

	shift
	before=$(picture)
	"$@" "/root/attack $ZONES_ROOT/outside $(pids_of zoned) attacked" >"$ZONES_ROOT/attack.$who" 2>&1 </dev/null ||
		fail "$(grep -v '^refused' "$ZONES_ROOT/attack.$who")"
	check_match "what $who tried" '^[12][0-9][0-9] attempts, 0 escaped' "$(grep 'attempts, ' "$ZONES_ROOT/attack.$who")"
	check_eq "the host after $who" "$before" "$(picture)"
}

test_root_of_a_zone()
{
	attacked root zlogin atk
}

# In the host's network namespace, where the abstract socket is.
test_root_of_a_zone_on_the_hosts_stack()
{
	expect_ok ip addr add 10.9.8.1/24 dev lo
	make_zone shr 'set ip-type=shared' 'add net' 'set physical=lo' 'set address=10.9.8.2/24' end \
		'set max-shm-ids=5' 'set max-lwps=200'
	expect_ok zoneadm -z shr boot
	cp "$ZONES_STAGE/../tests/attack" "$ZONES_ROOT/zones/shr/root/root/attack"
	attacked shared zlogin shr
	check_eq addresses '10.9.8.1/24 10.9.8.2/24 ' "$(ip -4 -o addr show dev lo | awk '/10.9/ { print $4 }' | tr '\n' ' ')"
	remove_zone shr
}

# With a terminal, whose other end is the operator's.
test_root_with_a_terminal()
{
	chmod 0755 "$root/root"
	attacked terminal on_terminal
}

on_terminal()
{
	"$ZONES_TREE/tests/lib/on-terminal" "zlogin atk $*"
}

test_a_user_of_a_zone()
{
	chmod 0755 "$root/root"
	attacked user as_user
}

as_user()
{
	zlogin atk "setpriv --reuid 1000 --regid 1000 --clear-groups $*"
}

# What started with the zone is held as what logged in later.
test_from_init()
{
	cat >"$root/etc/rc.zone" <<-END
		#!/bin/sh
		/root/attack '$ZONES_ROOT/outside' $(pids_of zoned) attacked >/root/said 2>&1
	END
	chmod 0755 "$root/etc/rc.zone"
	expect_ok zoneadm -z atk reboot
	wait_for 30 grep -q 'attempts, ' "$root/root/said"
	check_match 'what was said' ', 0 escaped' "$(tail -n 1 "$root/root/said")"
	rm "$root/etc/rc.zone"
}

# A set-id file is on the disk with the host's ids; who could run it cannot reach it.
test_set_id_files_seen_from_outside()
{
	expect_ok in_zone atk sh -c 'cp /bin/sh /root/suid && chmod 4755 /root/suid'
	check_eq 'on the disk' '4755 0' "$(stat -c '%a %u' "$root/root/suid")"
	chmod 0755 "$ZONES_ROOT"
	! setpriv --reuid 1000 --regid 1000 --clear-groups sh -c "$root/root/suid -pc true" 2>/dev/null ||
		fail "a user of the host ran the zone's set-id file"
	rm "$root/root/suid"
}

# The daemons follow no link of the zone's.
test_links_where_daemons_write()
{
	local path

	echo untouched >"$ZONES_ROOT/outside"
	for path in etc/zones dev native; do
		expect_ok zoneadm -z atk halt
		mv "$root/$path" "$root/$path.old"
		ln -s "$ZONES_ROOT" "$root/$path"
		expect_fail 1 . zoneadm -z atk boot
		rm "$root/$path"
		mv "$root/$path.old" "$root/$path"
		expect_ok zoneadm -z atk boot
	done
	ln -sf "$ZONES_ROOT/outside" "$root/etc/zones/index"
	expect_ok zoneadm -z atk halt
	zoneadm -z atk boot || true
	check_eq 'the file outside' untouched "$(cat "$ZONES_ROOT/outside")"
	rm -f "$root/etc/zones/index"
	zoneadm -z atk halt
	expect_ok zoneadm -z atk boot
}

# ---- filling ----

others_are_served()
{
	expect_ok timeout 10 zlogin other zonename
	expect_ok timeout 10 zoneadm list
	expect_ok timeout 10 dladm show-link
}

test_filling_pids()
{
	zlogin atk 'trap "" HUP; while sleep 1000 & do :; done' >/dev/null 2>&1 &
	wait_for 10 pids_are_full
	others_are_served
	expect_ok zoneadm -z atk halt
	nothing_of atk
	wait || true
	expect_ok zoneadm -z atk boot
}

pids_are_full()
{
	[ "$(pgrep -xc sleep)" -gt 150 ]
}

# Many processes take what they get; the kernel ends them in this zone, and init and the others live.
test_a_memory_bomb()
{
	local init

	make_zone bomb 'set max-lwps=100' 'add capped-memory' 'set physical=64m' 'set swap=96m' end
	expect_ok zoneadm -z bomb boot
	init=$(init_of bomb)
	cat >"$ZONES_ROOT/zones/bomb/root/root/bomb.py" <<-'END'
		import os
		for n in range(4):
		    if os.fork() == 0:
		        held = [b"x" * 1048576 + bytes([i % 256]) for i in range(200)]
		        os._exit(0)
		print("took all:", [os.wait()[1] for n in range(4)].count(0))
	END
	zlogin bomb 'echo -1000 >/proc/self/oom_score_adj; exec python3 /root/bomb.py' >"$ZONES_ROOT/bomb.out" 2>&1 &
	others_are_served
	wait "$!" || true
	check_no_match 'what the bomb took' 'took all: [1-9]' "$(cat "$ZONES_ROOT/bomb.out")"
	check_eq 'init of the zone' "$init" "$(init_of bomb)"
	expect_ok zlogin bomb true
	others_are_served
	remove_zone bomb
}

test_filling_inodes_and_memory_of_dev()
{
	expect_ok in_zone atk sh -c 'head -c 9000000 /dev/zero >/dev/big; stat -c %s /dev/big; rm /dev/big
		seq 1 3000 | sed s,^,/dev/n, | xargs mkdir 2>/dev/null; ls /dev | wc -l'
	check_match said 'No space left' "$out"
	[ "$(tail -n 1 <<<"$out")" -le 1024 ] || fail "there is room for $out"
	[ "$(tail -n 2 <<<"$out" | head -n 1)" -le 1048576 ] || fail "there is room for $out"
	others_are_served
	expect_ok zlogin atk true
	expect_ok zoneadm -z atk reboot
}

test_filling_the_console()
{
	zlogin atk 'head -c 20000000 /dev/zero | tr "\0" x >/dev/console' >/dev/null 2>&1 &
	sleep 0.5
	others_are_served
	expect_ok timeout 20 zlogin atk true
	expect_ok timeout 40 zoneadm -z atk halt
	nothing_of atk
	wait || true
	expect_ok zoneadm -z atk boot
}

run_tests
