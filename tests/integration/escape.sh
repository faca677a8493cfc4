#!/bin/bash
# Attacks from root in a zone, and from ordinary users of the host, each of which has to fail.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

user=(setpriv --reuid 1000 --regid 1000 --clear-groups)

setup()
{
	start_daemons
	make_linked_zone web
	expect_ok zoneadm -z web boot
	make_zone db
}

inside()
{
	in_zone web "$@" </dev/null 2>&1
}

# cannot COMMAND...: fails inside the zone.
cannot()
{
	local said

	if said=$(inside "$@"); then
		fail "root in the zone could: $*: $said"
	fi
	echo "# $*: $said"
}

# A program for Python inside the zone, read from standard input. Leaves what it says in $out.
python_inside()
{
	cat >"$ZONES_ROOT/zones/web/root/root/attack.py"
	expect_ok in_zone web python3 /root/attack.py
}

# ---- what processes of the host leave open on their way into the zone ----

# With a descriptor of a directory outside, a link in the zone leads anywhere.
test_init_is_not_looked_for_through_descriptors_of_zsched()
{
	local up n

	up=$(printf '../%.0s' {1..12})
	cp "$ZONES_STAGE/usr/lib/brand/sparse/native/zones-init" "$ZONES_ROOT/outside"
	for n in {3..14}; do
		ln -s "/proc/self/fd/$n/$up${ZONES_ROOT#/}/outside" "$ZONES_ROOT/zones/db/root/init$n"
		expect_fail 1 'execute init' zoneadm -z db boot -- -i "/init$n"
	done
	nothing_of db
}

# While logins arrive, root inside tries everything that /proc shows of them.
test_a_login_on_its_way_in_shows_nothing()
{
	local spy n

	cat >"$ZONES_ROOT/zones/web/root/root/spy.py" <<-'END'
		import ctypes, os, time
		libc = ctypes.CDLL(None, use_errno=True)
		seen = tried = 0
		def attempt(pid, what, fn):
		    global tried
		    tried += 1
		    try:
		        got = fn()
		    except OSError:
		        return
		    # Between two looks it may have become a program of the zone.
		    if name(pid) == "zlogin" and not executed(pid):
		        print("SEEN", what, got, flush=True)
		def executed(pid):
		    # execve() closes what is zlogin's and opens /proc a moment before it changes the name.
		    try:
		        return sorted(os.listdir(f"/proc/{pid}/fd")) == ["0", "1", "2"]
		    except PermissionError:
		        return False
		    except OSError:
		        return True
		def name(pid):
		    try:
		        return open(f"/proc/{pid}/comm").read().strip()
		    except OSError:
		        return ""
		def trace(pid):
		    if libc.ptrace(0x4206, pid, None, None) != 0: # PTRACE_SEIZE
		        raise OSError
		print("ready", flush=True)
		end = time.monotonic() + 3
		while time.monotonic() < end:
		    for pid in os.listdir("/proc"):
		        if not pid.isdigit() or name(pid) != "zlogin":
		            continue
		        seen += 1
		        base = f"/proc/{pid}/"
		        for link in ("exe", "cwd", "root"):
		            attempt(pid, link, lambda: os.readlink(base + link))
		        for file in ("environ", "mem", "maps", "auxv"):
		            attempt(pid, file, lambda: open(base + file, "rb").read(1))
		        attempt(pid, "fd", lambda: os.listdir(base + "fd"))
		        attempt(pid, "trace", lambda: trace(int(pid)))
		print("logins", seen, "tried", tried, flush=True)
	END
	in_zone web python3 /root/spy.py >"$ZONES_ROOT/spy.out" 2>&1 &
	spy=$!
	wait_for 3 grep -q ready "$ZONES_ROOT/spy.out"
	for ((n = 0; n < 100; n++)); do
		kill -0 "$spy" 2>/dev/null || break
		zlogin web true
	done
	wait "$spy" || true
	cat "$ZONES_ROOT/spy.out"
	grep -q '^logins [1-9]' "$ZONES_ROOT/spy.out" || fail 'the spy met no login'
	! grep SEEN "$ZONES_ROOT/spy.out" || fail 'something of a login could be seen'
}

# A shell that is "whoever executes me" is zlogin itself, which then loads a library of the zone's.
test_the_hosts_zlogin_cannot_be_overwritten()
{
	local root=$ZONES_ROOT/zones/web/root

	# The sanitizer ends a program that something is preloaded into before it does anything.
	if ldd "$(command -v zlogin)" | grep -q libasan; then
		skip 'a sanitizer build refuses preloading by itself'
	fi
	cc -shared -fPIC -o "$root/root/hit.so" -xc - <<-'END'
		#include <errno.h>
		#include <fcntl.h>
		#include <stdio.h>
		#include <string.h>
		#include <unistd.h>
		static void __attribute__((constructor)) hit(void)
		{
			char exe[512] = "";
			FILE *f;
			if (readlink("/proc/self/exe", exe, sizeof(exe) - 1) < 0 || !strstr(exe, "zlogin"))
				return;
			f = fopen("/root/hit", "w");
			fprintf(f, "%s\n", open("/proc/self/exe", O_WRONLY) < 0 ? strerror(errno) : "open");
			fclose(f);
		}
	END
	printf '#!/proc/self/exe\n' >"$root/root/shell"
	chmod 0755 "$root/root/shell"
	cp "$root/etc/passwd" "$ZONES_ROOT/passwd"
	sed -i '1s,:[^:]*$,:/root/shell,' "$root/etc/passwd"
	echo /root/hit.so >"$root/etc/ld.so.preload"
	zlogin web anything || true
	rm "$root/etc/ld.so.preload"
	cp "$ZONES_ROOT/passwd" "$root/etc/passwd"
	check_eq 'writing to it' 'Permission denied' "$(cat "$root/root/hit")"
}

# A pipe with a name is a file of the host's: from inside it could be opened the other way.
test_a_named_pipe_stays_outside()
{
	mkfifo -m 0666 "$ZONES_ROOT/named"
	(sleep 1 >"$ZONES_ROOT/named") &
	out=$(zlogin web 'readlink /proc/self/fd/0' <"$ZONES_ROOT/named")
	check_match 'standard input' '^pipe:' "$out"
	wait
}

# What a session leaves running may write for ever; the login ends all the same.
test_a_login_is_not_held_by_endless_output()
{
	cat >"$ZONES_ROOT/zones/web/root/root/flood.py" <<-'END'
		import os, time
		if os.fork() == 0:
		    os.setsid()
		    while True:
		        os.write(1, b"x" * 65536)
		time.sleep(0.3)
	END
	mkfifo "$ZONES_ROOT/slow"
	python3 -c '
import os, sys, time
f = os.open(sys.argv[1], os.O_RDONLY)
while os.read(f, 65536):
    time.sleep(0.02)' "$ZONES_ROOT/slow" &
	expect_ok timeout 5 bash -c 'zlogin web python3 /root/flood.py >"$0" 2>/dev/null' "$ZONES_ROOT/slow"
	wait
}

# ---- mounts ----

# In a mount namespace without them, mount points can be removed, and with them mounts everywhere.
test_mount_points_removed_uncover_nothing()
{
	python_inside <<-'END'
		import ctypes, os
		libc = ctypes.CDLL(None, use_errno=True)
		def call(r):
		    if r: raise OSError(ctypes.get_errno())
		call(libc.unshare(0x20000))
		dev, root = (os.open(p, os.O_RDONLY) for p in ("/dev", "/"))
		os.makedirs("/root/new", exist_ok=True)
		call(libc.mount(b"none", b"/", None, 0x44000, None))
		call(libc.mount(b"t", b"/root/new", b"tmpfs", 0, None))
		os.mkdir("/root/new/old")
		os.chdir("/root/new")
		call(libc.pivot_root(b".", b"old"))
		call(libc.umount2(b"/old", 2))
		for name in ("console", "null"):
		    os.unlink(name, dir_fd=dev)
		os.symlink("/proc/self/fd/1", "console", dir_fd=dev)
	END
	for file in keys interrupts timer_list; do
		check_eq "bytes of /proc/$file" 0 \
			"$(inside sh -c "head -c 9 /proc/$file 2>/dev/null | wc -c" | tail -1 | tr -d ' ')"
	done
	cannot sh -c 'echo 1 >/proc/sys/kernel/panic'
	cannot sh -c 'echo x >/usr/written'
	cannot sh -c 'head -c 1 /proc/kcore | grep -q .'
	expect_ok zoneadm -z web reboot
	expect_ok zlogin web test -c /dev/null
}

test_mounts_made_inside_stay_inside()
{
	expect_ok in_zone web sh -c 'mkdir -p /root/here && mount --make-rshared / &&
		mount -t tmpfs tmpfs /root/here && touch /root/here/x'
	check_no_match 'mounts of the host' '/root/here' "$(cat /proc/self/mountinfo)"
	[ ! -e "$ZONES_ROOT/zones/web/root/root/here/x" ] || fail 'a mount of the zone is in the host'
	expect_ok in_zone web umount /root/here
}

# A directory of one zone lent to another, and its owner makes it a link to the host's /etc.
test_a_shared_directory_cannot_become_another()
{
	local shared=$ZONES_ROOT/zones/db/root/shared

	mkdir "$shared"
	make_zone other 'add fs' 'set dir=/mnt' "set special=$shared" 'set type=lofs' end
	expect_ok zoneadm -z other boot
	expect_ok zoneadm -z other halt
	rmdir "$shared"
	ln -s /etc "$shared"
	expect_fail 1 "special '$shared' has a symbolic link in it" zoneadm -z other boot
	rm "$shared"
	remove_zone other
}

# The flags of a mount that came from outside are locked, each by itself.
test_mount_flags_cannot_be_cleared()
{
	local point options word tried=0

	for point in / /usr /native /dev/zones /sys /proc /proc/sys /proc/bus /run /dev/shm; do
		options=$(inside findmnt -no VFS-OPTIONS "$point" | tail -n 1)
		for word in ${options//,/ }; do
			case $word in
			ro) word=rw ;;
			nodev | nosuid | noexec) word=${word#no} ;;
			*) continue ;;
			esac
			cannot unshare -m mount -o "remount,bind,$word" "$point"
			tried=$((tried + 1))
		done
	done
	[ "$tried" -ge 20 ] || fail "only $tried flags were found"
}

# A device of the host's, were there one on a disk of the zone's, would not work.
test_device_nodes_left_in_the_root_do_not_work()
{
	mknod -m 0666 "$ZONES_ROOT/zones/web/root/root/null" c 1 3
	cannot sh -c 'echo x >/root/null'
	rm "$ZONES_ROOT/zones/web/root/root/null"
}

test_only_network_settings_can_be_written()
{
	expect_ok in_zone web sh -c 'find /proc/sys -type f -writable ! -path "/proc/sys/net/*"'
	check_eq 'settings outside net' '' "$out"
	# Its own group, and below it that of its logins.
	expect_ok in_zone web sh -c 'find /sys -type f -writable ! -path "/sys/fs/cgroup/zlogin/*"'
	check_eq 'files of /sys' '/sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/cgroup.subtree_control /sys/fs/cgroup/cgroup.threads' \
		"$(sort <<<"$out" | xargs)"
}

# ---- control groups ----

test_groups_of_a_zone_have_an_end()
{
	expect_ok zoneadm -z db boot
	expect_ok in_zone db python3 -c '
import os
made = 0
try:
    while made < 10000:
        os.mkdir("/sys/fs/cgroup/g%d" % made)
        made += 1
except OSError as e:
    print(made, e.strerror)'
	check_match 'groups made, with that of the login' '^409[56] ' "$out"
	# Whatever it made of them, it ends: frozen, thousands. The kernel refuses threaded ones beside that
	# of a login.
	# Not frozen before it has let go of what it inherited: its output is waited for.
	expect_ok in_zone db sh -c 'set -e; cd /sys/fs/cgroup/g2
		sleep 100 >/dev/null 2>&1 &
		until [ "$(cat /proc/$!/comm)" = sleep ]; do :; done
		echo $! >cgroup.procs; echo 1 >cgroup.freeze'
	expect_ok zlogin db true
	expect_ok zoneadm -z db halt
	nothing_of db
}

test_v1_hierarchies_cannot_be_changed()
{
	cannot sh -c 'mkdir -p /tmp/g; for c in $(cut -d: -f2 /proc/self/cgroup); do
		mount -t cgroup -o "$c" none /tmp/g 2>/dev/null || continue
		if echo /x >/tmp/g/release_agent || echo 1 >/tmp/g/notify_on_release ||
			mkdir /tmp/g/made || echo $$ >/tmp/g/cgroup.procs; then umount /tmp/g; exit 0; fi
		umount /tmp/g; done 2>/dev/null; exit 1'
}

# ---- the kernel ----

test_calls_that_reach_the_host_are_refused()
{
	python_inside <<-'END'
		import ctypes, errno, platform
		libc = ctypes.CDLL(None, use_errno=True)
		x86 = platform.machine() == "x86_64"
		calls = {"kexec_load": (246, 104), "kexec_file_load": (320, 294), "init_module": (175, 105),
		    "finit_module": (313, 273), "delete_module": (176, 106), "bpf": (321, 280),
		    "perf_event_open": (298, 241), "keyctl": (250, 219), "add_key": (248, 217),
		    "request_key": (249, 218), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
		    "open_by_handle_at": (304, 265), "acct": (163, 89), "swapon": (167, 224),
		    "quotactl": (179, 60), "settimeofday": (164, 170), "clock_settime": (227, 112),
		    "syslog": (103, 116), "lookup_dcookie": (212, 18)}
		for name, numbers in calls.items():
		    r = libc.syscall(numbers[0 if x86 else 1], 0, 0, 0, 0, 0, 0)
		    e = ctypes.get_errno()
		    if r != -1 or e not in (errno.EPERM, errno.ENOSYS):
		        print("NOT REFUSED", name, r, e)
	END
	check_eq 'calls' '' "$out"
}

test_abstract_sockets_of_the_host_are_not_there()
{
	local server

	python3 -c '
import socket, time
s = socket.socket(socket.AF_UNIX); s.bind("\0outside"); s.listen(); time.sleep(20)' &
	server=$!
	wait_for 5 grep -q '@outside' /proc/net/unix
	cannot python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect("\0outside")'
	kill "$server"
}

# ---- doors ----

# The users of one zone together open all they can; other zones and users are still served.
test_a_zone_does_not_use_the_door_up()
{
	local users

	expect_ok zoneadm -z db boot
	kill_hard zoned
	ulimit -Sn 1024
	start zoned
	chmod 0755 "$ZONES_ROOT" "$ZONES_ROOT/run"
	cat >"$ZONES_ROOT/zones/web/root/root/open.py" <<-'END'
		import os, socket, time
		users = []
		for user in range(1, 21):
		    users.append(os.fork())
		    if users[-1]:
		        continue
		    os.setresuid(user, user, user)
		    kept = []
		    for _ in range(64):
		        try:
		            s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		            s.settimeout(0.5)
		            s.connect("/dev/zones/zone_door")
		            kept += socket.recv_fds(s, 100, 4)[1]
		        except OSError:
		            pass
		    time.sleep(60)
		time.sleep(60)
	END
	in_zone web python3 /root/open.py &
	users=$!
	sleep 2
	expect_ok zlogin db zonename
	expect_ok "${user[@]}" zonename
	kill "$users"
	expect_ok in_zone web pkill python3
	expect_ok in_zone db cat /proc/1/limits
	check_match 'descriptors of init' 'Max open files +1024 ' "$out"
	expect_ok zoneadm -z db halt
}

# ---- ordinary users of the host ----

test_a_user_cannot_look_into_a_zones_processes()
{
	local init

	init=$(init_of web)
	! "${user[@]}" ls "/proc/$init/root" 2>/dev/null || fail "a user looked into the zone's root"
	! "${user[@]}" nsenter -t "$init" -U -m true 2>/dev/null || fail 'a user entered the zone'
	! "${user[@]}" unshare -r nsenter -t "$init" -m true 2>/dev/null || fail 'a user entered the zone'
	! "${user[@]}" bash -c "echo \$\$ >'$v2/$ZONES_CGROUP/zones/web/zone/cgroup.procs'" 2>/dev/null ||
		fail "a user joined the zone's group"
}

# Who may open a file may lock it, and a daemon that finds it locked does not start.
test_a_user_cannot_keep_daemons_from_starting()
{
	local holder

	chmod 0755 "$ZONES_ROOT" "$ZONES_ROOT/run"
	kill_hard dlmgmtd
	kill_hard zoned
	"${user[@]}" python3 - "$ZONES_ROOT" <<-'END' &
		import fcntl, os, sys, time
		held = []
		for top in ("run", "etc"):
		    for folder, _, files in os.walk(os.path.join(sys.argv[1], top)):
		        for name in files:
		            try:
		                f = open(os.path.join(folder, name), "rb")
		                fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
		                fcntl.lockf(f, fcntl.LOCK_SH | fcntl.LOCK_NB)
		                held.append(f)
		            except OSError:
		                pass
		time.sleep(30)
	END
	holder=$!
	sleep 0.3
	start_daemons
	expect_ok zlogin web true
	expect_ok zoneadm list
	kill "$holder"
}

run_tests
