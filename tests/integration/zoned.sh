#!/bin/bash
# zoned by itself: its door, the life of zones, and what a new zoned finds. The zones have no
# userland but a static init, and no links of dlmgmtd's; the calls are made by zone-probe.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

door=$run/zone_door
roots=$ZONES_ROOT/roots
ready=2 running=4 shutting_down=5 down=7

setup()
{
	expect_ok zoned
	new_root web
	new_root db
}

new_root()
{
	mkdir -p "$roots/$1/sbin"
	cp "$(command -v probe-init)" "$roots/$1/sbin/init"
}

# ok COMMAND...: zone-probe does it; what it answered is in $answer.
ok()
{
	expect_ok zone-probe "$@"
	answer=${out#ok}
	answer=${answer# }
}

# refused ERRNO-NAME REGEX COMMAND...
refused()
{
	local name=$1 text=$2

	shift 2
	expect_fail 1 "^$name( |\$).*$text" zone-probe "$@"
}

# make NAME [RCTL]...: a ready zone whose root is built; $id.
make()
{
	local name=$1

	shift
	ok create "$name" "$roots/$name" "$@"
	id=$answer
	ok build "$name" "$roots/$name"
	ok set "$id" norestart 1 # init.sh has what comes without
}

boot()
{
	make "$@"
	ok boot "$id"
}

status_is()
{
	[ "$(zone-probe get "$1" status)" = "ok $2" ]
}

unmake()
{
	ok shutdown "$1"
	ok destroy "$1"
}

# Every zone away that a test before this one left, and a zoned that answers.
away()
{
	local i

	zone-probe list >/dev/null || zoned
	for i in $(zone-probe list | cut -d' ' -f3-); do
		zone-probe shutdown "$i" && zone-probe destroy "$i"
	done >/dev/null
}

clean()
{
	away
	nothing_left
}

nothing_left()
{
	check_eq zones 'ok 0' "$(zone-probe list)"
	check_eq 'control groups' '' "$(find /sys/fs/cgroup/ -mindepth 2 -type d \
		-path "*/$ZONES_CGROUP/zones/*" 2>/dev/null)"
	check_eq files '' "$(find "$run" -name '*.dev' -o -name '*.zsched_door')"
	wait_for 5 gone zsched
	wait_for 5 gone init
}

restart()
{
	kill_hard zoned
	expect_ok zoned
}

# ---- the door ----

test_sizes_and_numbers()
{
	away
	local cmd size s n=0

	while read -r cmd size; do
		for s in 0 1 3 $((size - 1)) $((size + 1)); do
			expect_ok door-probe "$door" "$cmd" "$s"
			check_match "command $cmd with $s bytes" '^err 22 ' "$out"
			n=$((n + 1))
		done
	done <<-END
		0 2128
		1 8
		2 24
		3 8
		4 8
		5 8
		6 72
		7 8
		8 4
		9 16
		10 12
		11 12
		12 12
		13 12
		32 16
		33 4
		34 72
		35 104
		40 12
		47 4
		48 4104
		64 8
		65 24
		66 8
		67 8
		68 12
		69 12
	END
	check_eq requests 135 "$n"
	for cmd in 14 63 70 65536 4294967295; do
		expect_ok door-probe "$door" "$cmd" 64
		check_match "command $cmd" '^err 22 ' "$out"
	done
	expect_ok door-probe "$door" 8 4
	check_match version '^err 0 ' "$out"
}

test_counts_that_lie()
{
	away
	# Arrays that are longer or shorter than their count says: zeros after the number.
	expect_ok door-probe "$door" 0 $((2128 + 80))
	check_match 'create with a value too many' '^err 22 ' "$out"
	expect_ok door-probe "$door" 9 $((16 + 5))
	check_match 'setattr with bytes too many' '^err 22 ' "$out"
}

test_rights()
{
	away
	make web
	ok get "$id" name
	# shellcheck disable=SC2317 # in the shells below
	zone-probe()
	{
		"${as[@]}" "$(type -P zone-probe)" "$@"
	}
	export -f zone-probe
	as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	(expect_zone_probe "$id")
	as=(unshare -r)
	(expect_zone_probe "$id")
	as=(setpriv '--bounding-set=-sys_admin,-net_admin' --inh-caps=-all)
	(expect_zone_probe "$id")
	unset -f zone-probe
	status_is "$id" "$ready" || fail 'the zone changed'
	clean
}

# What anybody in the global zone may do, and nothing else.
expect_zone_probe()
{
	local verb

	check_eq name 'ok web' "$(zone-probe get "$1" name)"
	for verb in "create db $roots/db" "boot $1" "shutdown $1" "destroy $1" "enter $1" \
		"set $1 bootargs -s" "add $1 7" "del $1 7" host-down; do
		# shellcheck disable=SC2086 # words
		check_match "${as[*]}: $verb" '^EPERM' "$(zone-probe $verb || true)"
	done
}

# in_zone NAME INITPID COMMAND...: as root of the zone, with the files of the host.
in_zone()
{
	local name=$1 init=$2

	shift 2
	# shellcheck disable=SC2016 # for the inner shell
	bash -c 'echo $$ >"$0/cgroup.procs"; init=$1; shift
		exec nsenter --user="/proc/$init/ns/user" --setuid 0 --setgid 0 "$@"' \
		"$v2/$ZONES_CGROUP/zones/$name/zone" "$init" "$@" || true
}

test_a_zone_sees_itself()
{
	away
	local other init verb

	boot db
	other=$id
	boot web
	ok get "$id" initpid
	init=$answer
	check_eq list "ok $id" "$(in_zone web "$init" zone-probe list)"
	check_eq self "ok $id" "$(in_zone web "$init" zone-probe self)"
	check_eq lookup "ok $id" "$(in_zone web "$init" zone-probe lookup web)"
	check_eq root 'ok /' "$(in_zone web "$init" zone-probe get "$id" root)"
	check_eq name 'ok web' "$(in_zone web "$init" zone-probe get "$id" name)"
	check_eq 'another name' EINVAL "$(in_zone web "$init" zone-probe get "$other" name)"
	check_eq 'another lookup' EINVAL "$(in_zone web "$init" zone-probe lookup db)"
	check_eq 'global lookup' EINVAL "$(in_zone web "$init" zone-probe lookup global)"
	check_eq 'global name' EINVAL "$(in_zone web "$init" zone-probe get 0 name)"
	check_eq 'no such zone' EINVAL "$(in_zone web "$init" zone-probe get 8000 name)"
	check_eq 'another links' EPERM "$(in_zone web "$init" zone-probe links "$other")"
	ok add "$other" 9
	check_eq 'another link' ENXIO "$(in_zone web "$init" zone-probe check "$other" 9)"
	check_eq 'any link' ENXIO "$(in_zone web "$init" zone-probe check -1 9)"
	for verb in "create x /" "boot $id" "shutdown $id" "destroy $id" "enter $id" \
		"set $id bootargs x" "add $id 3" "del $id 3" host-down; do
		# shellcheck disable=SC2086
		check_match "$verb" '^EPERM' "$(in_zone web "$init" zone-probe $verb)"
	done
	clean
}

# ---- create ----

test_names()
{
	away
	local long

	long=$(printf 'a%.0s' {1..64})
	refused ENAMETOOLONG '' create "$long" "$roots/web"
	refused EINVAL 'name of a zone' create '' "$roots/web"
	refused EINVAL 'name of a zone' create global "$roots/web"
	refused EINVAL 'name of a zone' create 'a/b' "$roots/web"
	refused EINVAL 'name of a zone' create '..' "$roots/web"
	refused EINVAL 'name of a zone' create '-web' "$roots/web"
	refused EINVAL 'name of a zone' create 'wéb' "$roots/web"
	ok create "${long:1}" "$roots/web"
	clean
}

test_roots()
{
	away
	touch "$roots/file"
	mkdir -p "$roots/web/inner"
	ln -sfn web "$roots/alias"
	refused ENOENT 'missing' create web "$roots/missing"
	refused ENOTDIR 'file' create web "$roots/file"
	refused EINVAL 'absolute' create web roots/web
	refused EINVAL 'cannot be /' create web /
	ok create web "$roots/web"
	refused EEXIST "Zone 'web' exists and is ready" create web "$roots/db"
	refused EBUSY "overlaps.*zone 'web'" create db "$roots/web"
	refused EBUSY overlaps create db "$roots/web/inner"
	refused EBUSY overlaps create db "$roots"
	refused EBUSY overlaps create db "$roots/alias"
	mkdir -p "$roots/web2"
	ok create web2 "$roots/web2"
	clean
}

test_whose_file_it_is()
{
	away
	local web

	boot web
	web=$id
	ok create db "$roots/db"
	mkdir -p "$roots/web/a b" "$roots/website"
	ln -s "$roots/web/a b" "$roots/link"
	for file in "$roots/web" "$roots/web/a b" "$roots/link" "$roots/link/../sbin"; do
		check_eq "$file" "$web" "$(zonename -i -f "$file")"
		check_eq "$file" web "$(zonename -f "$file")"
	done
	check_eq relative web "$(cd "$roots/web" && zonename -f sbin)"
	for file in / "$roots" "$roots/website" /etc; do
		check_eq "$file" global "$(zonename -f "$file")"
	done
	check_eq 'one that is ready' db "$(zonename -f "$roots/db/sbin")"
	expect_fail 1 'nothing: No such file' zonename -f "$roots/web/nothing"
	# A process; and what is seen in a zone is its own.
	ok get "$web" initpid
	check_eq init web "$(zonename -p "$answer")"
	check_eq 'this one' 0 "$(zonename -i -p $$)"
	expect_fail 1 'process 4000000: ' zonename -p 4000000
	for arg in 0 -1 x 1x 99999999999; do
		expect_fail 2 "'$arg' is not the number" zonename -p "$arg"
	done
	expect_fail 2 usage zonename -p 1 -f /
	expect_fail 2 usage zonename more
	check_eq 'in there' web "$(in_zone web "$answer" zonename -f /etc)"
	check_eq 'in there' web "$(in_zone web "$answer" zonename)"
	# The walks: all zones, and the links of one.
	ok add "$web" 7
	ok add "$web" 9
	ok walk
	check_eq zones '0 1 2' "$(tr ' ' '\n' <<<"$answer" | sort -n | awk '{ print NR - 1 }' | paste -sd' ')"
	ok walk "$web"
	check_eq links '7 9' "$(tr ' ' '\n' <<<"$answer" | sort -n | paste -sd' ')"
	refused ENXIO '' walk 4000
	zone-probe del "$web" 7
	zone-probe del "$web" 9
	rm -r "$roots/web/a b" "$roots/website" "$roots/link"
	unmake "$web"
	# A zone that is gone has no files.
	check_eq 'no zone' global "$(zonename -f "$roots/web")"
	clean
}

test_extended_errors()
{
	away
	local jail=$roots/jail dir

	# From within a chroot: the root would be looked up elsewhere.
	mkdir -p "$jail/all"
	mount --rbind / "$jail/all"
	for dir in /*; do
		[ "$dir" = /all ] || ln -s "all$dir" "$jail$dir"
	done
	expect_fail 1 "^exterr 1\$" chroot "$jail" "$(command -v zone-probe)" create web "$roots/web"
	check_match said 'EOPNOTSUPP .*root directory' "$out"
	umount -l "$jail/all"
	rmdir "$jail/all"
	find "$jail" -maxdepth 1 -type l -delete
	rmdir "$jail"
	# Something of the host is mounted below the root.
	mkdir -p "$roots/web/mnt/a b"
	mount -t tmpfs tmpfs "$roots/web/mnt/a b"
	expect_fail 1 "^exterr 2\$" zone-probe create web "$roots/web"
	check_match said "EBUSY $roots/web/mnt/a b is mounted below the root" "$out"
	umount "$roots/web/mnt/a b"
	rm -r "$roots/web/mnt"
	# The root itself may be a file system.
	mkdir -p "$roots/fs"
	mount -t tmpfs tmpfs "$roots/fs"
	ok create web "$roots/fs"
	clean
	umount "$roots/fs"
	nothing_left
}

test_ids_rest()
{
	away
	local first last

	ok create web "$roots/web"
	first=$answer
	ok get "$first" uniqid
	last=$answer
	unmake "$first"
	ok create web "$roots/web"
	[ "$answer" -gt "$first" ] || fail "id $first was given again at once"
	ok get "$answer" uniqid
	[ "$answer" -gt "$last" ] || fail "uniqid $answer is not above $last"
	restart
	ok get $((first + 1)) uniqid
	clean
}

test_rctls()
{
	away
	refused EINVAL "no rctl 'zone.max-fun'" create web "$roots/web" zone.max-fun=1
	refused EINVAL "'zone.cpu-shares'.*from 1 to 65535" create web "$roots/web" zone.cpu-shares=0
	refused EINVAL "'zone.max-lwps'.*from" create web "$roots/web" zone.max-lwps=4294967296
	refused EOPNOTSUPP "'zone.max-processes' cannot be enforced.*counts threads" \
		create web "$roots/web" zone.max-processes=50
	refused EOPNOTSUPP "'zone.max-processes' cannot be enforced" \
		create web "$roots/web" zone.max-processes=50 zone.max-lwps=51
	nothing_left
	make web zone.max-lwps=40 zone.cpu-cap=50 zone.cpu-shares=7 \
		zone.max-physical-memory=67108864 zone.max-swap=100663296
	check_eq pids 40 "$(limit pids pids.max pids.max)"
	check_match cpu '^50000( 100000)?$' "$(limit cpu cpu.max cpu.cfs_quota_us)"
	check_match shares '^(7|28)$' "$(limit cpu cpu.weight cpu.shares)"
	check_eq physical 67108864 "$(limit memory memory.high memory.limit_in_bytes)"
	check_eq swap 100663296 "$(limit memory memory.max memory.memsw.limit_in_bytes)"
	clean
}

# limit CONTROLLER FILE2 FILE1: of zone web
limit()
{
	cat "$v2/$ZONES_CGROUP/zones/web/$2" 2>/dev/null ||
		cat "/sys/fs/cgroup/$1/$ZONES_CGROUP/zones/web/$3"
}

test_leaf_is_the_zones()
{
	away
	local dir=$v2/$ZONES_CGROUP/zones/web uid=1342177280

	make web
	uid=$((uid + id * 65536))
	check_eq leaf "$uid" "$(stat -c %u "$dir/zone")"
	check_eq procs "$uid" "$(stat -c %u "$dir/zone/cgroup.procs")"
	check_eq kill 0 "$(stat -c %u "$dir/zone/cgroup.kill")"
	check_eq parent '0 0' "$(stat -c %u "$dir" "$dir/zsched" | tr '\n' ' ' | sed 's/ $//')"
	clean
}

test_left_over_groups()
{
	away
	local group=$v2/$ZONES_CGROUP/zones/web pid

	mkdir -p "$group/zone/deep/er"
	make web
	clean
	mkdir "$group"
	sleep 60 &
	pid=$!
	echo "$pid" >"$group/cgroup.procs"
	refused EBUSY "not empty: $pid .sleep" create web "$roots/web"
	# Such a process is in no zone that anybody knows, and not in the global one.
	(echo "$BASHPID" >"$group/cgroup.procs" && exec zone-probe self) >"$ZONES_ROOT/self" && fail 'it has a zone'
	check_match self '^ESRCH' "$(cat "$ZONES_ROOT/self")"
	kill "$pid"
	wait "$pid" || true
	make web
	clean
}

# A zsched that cannot start leaves nothing.
test_create_is_undone()
{
	away
	mv "$ZONES_ROOT/run" "$ZONES_ROOT/run.away" # zsched finds no place for its door
	mkdir -p "$ZONES_ROOT/run"
	expect_fail 1 EBADF zone-probe create web "$roots/web"
	rmdir "$ZONES_ROOT/run"
	mv "$ZONES_ROOT/run.away" "$ZONES_ROOT/run"
	touch "$run/web.dev" # no directory can be made
	refused EEXIST\|ENOTDIR 'web.dev' create web "$roots/web"
	rm "$run/web.dev"
	nothing_left
	make web
	clean
}

# ---- attributes ----

test_attributes()
{
	away
	local long

	long=$(printf 'x%.0s' {1..1100})
	make web
	ok get "$id" initname
	check_eq initname /sbin/init "$answer"
	refused EINVAL absolute set "$id" initname bin/init
	refused E2BIG 'at most 1023' set "$id" bootargs "$long"
	ok set "$id" bootargs '-s -v'
	ok get "$id" bootargs
	check_eq bootargs '-s -v' "$answer"
	ok set "$id" hostid 0x1234
	ok get "$id" hostid
	check_eq hostid $((0x1234)) "$answer"
	ok set "$id" brand sparse
	refused EINVAL 'set already' set "$id" brand other
	ok set "$id" fs-allowed 'tmpfs,ext4'
	ok set "$id" norestart 1
	ok set "$id" restart0 1
	ok set "$id" initreboot 1
	ok set "$id" initreboot 0
	refused EINVAL '' set "$id" name other
	ok set "$id" sched-class FX
	refused EINVAL "'SYS' is no scheduling class" set "$id" sched-class SYS
	refused EINVAL "no scheduling class" set "$id" sched-class ''
	ok set "$id" secflags 0
	refused EINVAL '' set "$id" secflags 0x1000
	refused ESRCH '' get "$id" initpid
	refused EINVAL 'global zone' set 0 bootargs x
	refused EINVAL '' get 4000 name
	ok get 0 name
	check_eq 'name of 0' global "$answer"
	restart
	for a in 'initname /sbin/init' 'bootargs -s -v' 'brand sparse' 'fs-allowed tmpfs,ext4' \
		"hostid $((0x1234))" 'norestart 1' \
		'restart0 1' 'initreboot 0' 'flags 8' 'sched-class FX' 'secflags 0'; do
		ok get "$id" "${a%% *}"
		check_eq "$a after a restart" "${a#* }" "$answer"
	done
	ok boot "$id"
	refused EINVAL 'until it is booted' set "$id" bootargs y
	clean
}

# ---- links ----

# What the attribute says is what the zone's processes have; nothing where nobody can be held to any.
test_cpus()
{
	away
	local host cpu

	ok get 0 poolid
	host=$answer
	for cpu in "$host" ${host:+0}; do
		make web
		refused '(EINVAL|EOPNOTSUPP)' 'CPUs' set "$id" poolid 5000
		[ "$cpu" = "$host" ] || ok set "$id" poolid "$cpu"
		ok boot "$id"
		ok get "$id" poolid
		check_eq told "$cpu" "$answer"
		[ -z "$cpu" ] || check_eq had "$cpu" \
			"$(awk '/^Cpus_allowed_list/ { print $2 }' "/proc/$(pids_of init)/status")"
		clean
	done
}

test_links()
{
	away
	make db
	local other=$id

	make web
	refused EINVAL '' add 0 7
	refused ENXIO '' add 4000 7
	refused EINVAL '' add "$id" 0
	ok add "$id" 7
	refused EEXIST '' add "$id" 7
	refused EPERM '' add "$other" 7
	ok add "$id" 8
	ok links "$id"
	check_eq links '8 7' "$answer"
	ok check -1 7
	check_eq owner "$id" "$answer"
	ok check "$id" 7
	refused ENXIO '' check "$other" 7
	refused ENXIO '' check -1 9
	refused ENXIO '' links 4000
	refused ENXIO '' del "$other" 7
	refused EINVAL '' del 4000 7
	refused ENOENT '' net "$id" 7 1
	refused ENXIO '' net "$id" 9 1
	refused EINVAL '' net "$id" 7 3
	refused ENXIO 'link 9' net "$id" 9 1 10.0.0.1/24
	ok net "$id" 7 1 10.0.0.1/24
	refused EINVAL 'set already' net "$id" 7 1 10.0.0.2/24
	ok net "$id" 7 2 10.0.0.254
	restart
	ok links "$id"
	check_eq 'links after a restart' '8 7' "$answer"
	ok net "$id" 7 1
	check_eq address 10.0.0.1/24 "$answer"
	ok net "$id" 7 2
	check_eq router 10.0.0.254 "$answer"
	ok del "$id" 7
	refused ENXIO '' del "$id" 7
	restart
	ok links "$id"
	check_eq 'links at last' 8 "$answer"
	clean
}

# ---- life ----

test_order_of_calls()
{
	away
	make web
	refused EBUSY 'is ready; it must be down' destroy "$id"
	refused ESRCH 'has no init' enter "$id"
	ok boot "$id"
	refused EINVAL 'is running; only a ready zone' boot "$id"
	refused EBUSY 'is running' destroy "$id"
	ok enter "$id"
	check_eq enter '7 web zones/web/zone' "$answer"
	ok shutdown "$id"
	status_is "$id" "$down" || fail 'the zone is not down'
	ok shutdown "$id"
	refused EINVAL '' enter "$id"
	refused EINVAL 'is down' boot "$id"
	ok lookup web
	ok destroy "$id"
	refused EINVAL '' destroy "$id"
	refused EINVAL '' lookup web
	refused EINVAL '' shutdown 0
	refused EINVAL '' boot 0
	refused EINVAL '' destroy -5
	nothing_left
}

test_shutdown_from_ready()
{
	away
	make web
	unmake "$id"
	nothing_left
}

test_init_that_cannot_be_executed()
{
	away
	make web
	ok set "$id" initname /sbin/none
	refused ENOENT "sbin/none" boot "$id"
	status_is "$id" "$shutting_down" || fail 'a failed boot leaves the zone shutting down'
	unmake "$id"
	make web
	chmod 0644 "$roots/web/sbin/init"
	refused EACCES '' boot "$id"
	chmod 0755 "$roots/web/sbin/init"
	clean
}

test_init_that_ends()
{
	away
	make web
	ok set "$id" bootargs 'exit 3'
	ok boot "$id"
	wait_for 5 status_is "$id" "$shutting_down"
	refused EINVAL '' enter "$id"
	refused ESRCH '' get "$id" initpid
	clean
}

has_processes()
{
	[ "$(pids_of init | wc -l)" = "$1" ]
}

test_stubborn_processes()
{
	away
	make web
	ok set "$id" bootargs 'children 30'
	ok boot "$id"
	wait_for 5 has_processes 31
	ok shutdown "$id"
	has_processes 0 || fail 'some processes stayed'
	ok destroy "$id"
	nothing_left
}

# A file system whose server takes requests and answers none; who asks cannot be killed.
hang_on()
{
	exec python3 - "$1" <<-'END'
		import ctypes, os, struct, sys
		libc = ctypes.CDLL(None, use_errno=True)
		fuse = os.open("/dev/fuse", os.O_RDWR)
		data = f"fd={fuse},rootmode=40000,user_id=0,group_id=0"
		if libc.mount(b"hang", sys.argv[1].encode(), b"fuse", 0, data.encode()) < 0:
		    sys.exit(f"mount: {os.strerror(ctypes.get_errno())}")
		unique = struct.unpack_from("=IIQ", os.read(fuse, 65536))[2]
		os.write(fuse, struct.pack("=IiQIIIIHHIIHHI7I", 80, 0, unique, 7, 31, 0, 0, 0, 0, 4096, 1, 0, 0, 0, *[0] * 7))
		while os.read(fuse, 65536):
		    print("asked", flush=True)
	END
}

calls_are()
{
	[ "$(doorstat -P "$(pids_of zoned)" -p -o busy "$door")" = "$1" ]
}

# Whoever waits in a call and goes away leaves no thread behind, and a zone that can be halted.
test_callers_that_go_away()
{
	away
	local dir=$roots/hang server stuck calls=()

	mkdir -p "$dir" "$ZONES_ROOT/fs"
	boot web
	hang_on "$dir" >"$ZONES_ROOT/hang" &
	server=$!
	wait_for 10 grep -q " $dir " /proc/self/mountinfo # not mountpoint(1), which would ask
	(echo "$BASHPID" >"$v2/$ZONES_CGROUP/zones/web/zone/cgroup.procs" && exec stat "$dir/x") &
	stuck=$!
	wait_for 10 grep -q asked "$ZONES_ROOT/hang"
	zone-probe shutdown "$id" &
	calls+=($!)
	wait_for 10 status_is "$id" "$shutting_down"
	zone-probe shutdown "$id" & # waits for the first one
	calls+=($!)
	wait_for 10 calls_are 2
	kill -KILL "${calls[@]}"
	wait_for 4 calls_are 0 # by themselves they would wait for 30 seconds
	status_is "$id" "$shutting_down" || fail 'what goes on is not told'
	refused ESHUTDOWN 'shutting down' mount web "$ZONES_ROOT/fs" /fs
	kill "$server"
	wait "$stuck" "$server" || true
	umount "$dir"
	unmake "$id"
	nothing_left
}

# What comes before the shutdown is mounted, what comes later is refused; there is nothing between.
test_mounts_while_it_shuts_down()
{
	away
	local said=$ZONES_ROOT/mounts mounts

	mkdir -p "$ZONES_ROOT/fs"
	boot web
	ok mount web "$ZONES_ROOT/fs" /fs
	(
		n=0
		while zone-probe mount web "$ZONES_ROOT/fs" "/fs$((n++))"; do :; done
	) >"$said" &
	mounts=$!
	wait_for 20 grep -q ok "$said"
	ok shutdown "$id"
	refused ESHUTDOWN 'shutting down' mount web "$ZONES_ROOT/fs" /late
	wait "$mounts"
	check_match 'the last one' '^ESHUTDOWN .*shutting down' "$(tail -n 1 "$said")"
	ok destroy "$id"
	make web # before it is booted as well
	ok shutdown "$id"
	refused ESHUTDOWN 'shutting down' mount web "$ZONES_ROOT/fs" /fs
	clean
	# By itself, with an init that ends.
	make web
	ok set "$id" bootargs 'exit 3'
	ok boot "$id"
	wait_for 5 mount_says ESHUTDOWN
	clean
	find "$roots/web" -maxdepth 1 -name 'fs*' -empty -delete
}

mount_says()
{
	zone-probe mount web "$ZONES_ROOT/fs" /fs | grep -q "^$1"
}

test_two_of_everything_at_once()
{
	away
	local n

	(zone-probe create web "$roots/web" >/tmp/a) &
	(zone-probe create web "$roots/web" >/tmp/b) &
	wait
	check_eq 'creates that worked' 1 "$(cat /tmp/a /tmp/b | grep -c '^ok')"
	check_match 'the other' '^(EEXIST|EBUSY)' "$(cat /tmp/a /tmp/b | grep -v '^ok')"
	ok lookup web
	id=$answer
	ok build web "$roots/web"
	(zone-probe boot "$id" >/tmp/a) &
	(zone-probe boot "$id" >/tmp/b) &
	wait
	check_eq 'boots that worked' 1 "$(cat /tmp/a /tmp/b | grep -c '^ok')"
	for n in 1 2 3; do (zone-probe shutdown "$id" >"/tmp/$n") & done
	wait
	check_eq 'shutdowns' 3 "$(cat /tmp/1 /tmp/2 /tmp/3 | grep -c '^ok')"
	for n in 1 2 3; do (zone-probe destroy "$id" >"/tmp/$n" || true) & done
	wait
	check_no_match 'destroys' '^(EBUSY|EINTR|EBADF)' "$(cat /tmp/1 /tmp/2 /tmp/3)"
	nothing_left
}

# one_life NAME: several times from nothing to nothing, beside others that do the same.
one_life()
{
	local n i

	for n in 1 2 3 4; do
		i=$(zone-probe create "$1" "$roots/$1" zone.max-lwps=20 | cut -d' ' -f2)
		zone-probe build "$1" "$roots/$1"
		zone-probe set "$i" bootargs 'children 5'
		zone-probe add "$i" $((1000 + i))
		zone-probe boot "$i"
		[ "$(zone-probe check -1 $((1000 + i)))" = "ok $i" ] || echo "no link: $i"
		zone-probe enter "$i"
		zone-probe shutdown "$i"
		zone-probe destroy "$i"
	done
}

test_many_at_once()
{
	local name

	away
	for name in n1 n2 n3 n4 n5 n6; do
		new_root "$name"
		one_life "$name" >"/tmp/said.$name" 2>&1 &
	done
	while [ -n "$(jobs -r)" ]; do
		zone-probe list >/dev/null
		zone-probe lookup n3 >/dev/null || true
		sleep 0.01
	done
	check_no_match 'what was said' '^E|no link' "$(cat /tmp/said.*)"
	nothing_left
}

# ---- zoned dies ----

test_one_at_a_time()
{
	away
	expect_fail 1 'Another zoned \(pid [0-9]+\)' zoned
	expect_fail 1 'Another zoned' zoned -d
	expect_fail 2 usage zoned -x
	expect_fail 1 "root prefix '/nowhere'" zoned -R /nowhere
}

test_asked_to_end()
{
	away
	boot web
	stop zoned
	expect_fail 1 'EBADF' zone-probe list
	expect_ok zoned
	status_is "$id" "$running" || fail 'the zone did not stay'
	clean
}

# In each state: killed, started, and the zone is what it was.
test_killed_in_every_state()
{
	away
	local uniqid init

	make web
	ok get "$id" uniqid
	uniqid=$answer
	restart
	status_is "$id" "$ready" || fail 'not ready any more'
	ok boot "$id"
	ok get "$id" initpid
	init=$answer
	restart
	status_is "$id" "$running" || fail 'not running any more'
	ok get "$id" initpid
	check_eq init "$init" "$answer"
	ok get "$id" uniqid
	check_eq uniqid "$uniqid" "$answer"
	refused EBUSY overlaps create other "$roots/web"
	kill -KILL "$init"
	wait_for 5 status_is "$id" "$shutting_down"
	restart
	status_is "$id" "$shutting_down" || fail 'not shutting down any more'
	ok shutdown "$id"
	restart
	status_is "$id" "$down" || fail 'not down any more'
	ok destroy "$id"
	restart
	nothing_left
}

test_init_ends_while_zoned_is_dead()
{
	away
	boot web
	ok get "$id" initpid
	kill_hard zoned
	kill -KILL "$answer"
	wait_for 5 gone init
	expect_ok zoned
	# zsched may not have reaped it when zoned asks: then zoned hears of it.
	wait_for 5 status_is "$id" "$shutting_down"
	clean
}

test_init_is_watched_after_a_restart()
{
	away
	boot web
	ok get "$id" initpid
	restart
	kill -KILL "$answer"
	wait_for 5 status_is "$id" "$shutting_down"
	clean
}

# killed_during VERB ARGUMENT...: again and again, a little later each time.
killed_during()
{
	local ms=$1

	shift
	(zone-probe "$@" >/tmp/said 2>&1 || true) &
	sleep "0.00$ms"
	kill_hard zoned
	wait
	expect_ok zoned
}

test_killed_during_create()
{
	away
	local ms

	for ms in 0 1 2 3 4 5 6 7 8; do
		killed_during "$ms" create web "$roots/web"
		clean
		make web
		clean
	done
}

test_killed_during_boot()
{
	away
	local ms

	for ms in 0 1 2 3 4 5 6; do
		make web
		killed_during "$ms" boot "$id"
		zone-probe get "$id" status >/tmp/now
		check_match 'status' '^ok [245]$' "$(cat /tmp/now)"
		clean
	done
}

test_killed_during_the_end()
{
	away
	local ms

	for ms in 0 1 2 3; do
		boot web
		killed_during "$ms" shutdown "$id"
		ok shutdown "$id"
		killed_during "$ms" destroy "$id"
		clean
	done
}

# ---- zsched dies ----

test_zsched_killed()
{
	away
	boot web
	kill -KILL "$(zsched_of web)"
	wait_for 5 nothing_left_quietly
	refused EINVAL '' lookup web
	nothing_left
	boot web
	clean
}

nothing_left_quietly()
{
	[ "$(zone-probe list)" = 'ok 0' ]
}

test_zsched_killed_when_ready()
{
	away
	make web
	kill -KILL "$(zsched_of web)"
	wait_for 5 nothing_left_quietly
	nothing_left
}

test_both_killed()
{
	away
	boot web
	kill_hard zoned
	kill -KILL "$(zsched_of web)"
	expect_ok zoned
	nothing_left
	boot web
	clean
}

test_record_of_another_version()
{
	away
	make web
	kill_hard zoned
	# SETBLOB of a word that is no record
	expect_ok door-probe "$run/web.zsched_door" 2 8
	expect_ok zoned
	nothing_left
}

run_tests
