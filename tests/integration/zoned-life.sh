#!/bin/bash
# zoned by itself: boot, shutdown and destroy, in every order and at once.
# shellcheck source=tests/lib/zoned.sh
. "$ZONES_TREE/tests/lib/zoned.sh"

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

# in_state STATE ANSWER...: what each call says in a state, those that would leave it left out ("-").
in_state()
{
	local state=$1 i=0 verb
	local verbs=("lookup web" "get $id name" "get $id initpid" "links $id" "check $id 7" "add $id 8" "del $id 8"
		"net $id 7 1" "set $id bootargs -v" "enter $id" "boot $id" "destroy $id" "shutdown $id")

	shift
	for verb in "${verbs[@]}"; do
		i=$((i + 1))
		[ "${!i}" = - ] && continue
		# shellcheck disable=SC2086 # words
		check_eq "$verb, $state" "${!i}" "$(zone-probe $verb | cut -d' ' -f1)"
	done
}

test_every_call_in_every_state()
{
	away
	make web
	ok add "$id" 7
	ok set "$id" bootargs 'children 1'
	#              lookup name initpid links check add del net set enter boot destroy shutdown
	in_state ready ok ok ESRCH ok ok ok ok ENOENT ok ESRCH - EBUSY -
	ok set "$id" bootargs 'children 1'
	ok boot "$id"
	in_state running ok ok ok ok ok ok ok ENOENT EINVAL ok EINVAL EBUSY -
	ok get "$id" initpid
	kill -KILL "$answer"
	wait_for 10 status_is "$id" "$shutting_down"
	in_state 'shutting down' ok ok ESRCH ok ok ENXIO ENXIO ENOENT EINVAL EINVAL EINVAL EBUSY -
	ok shutdown "$id"
	in_state down ok ok ESRCH ok ok ENXIO ENXIO ENOENT EINVAL EINVAL EINVAL - ok
	ok destroy "$id"
	in_state gone EINVAL EINVAL EINVAL ENXIO ENXIO ENXIO EINVAL EINVAL EINVAL EINVAL EINVAL EINVAL EINVAL
	for id in -2 8192 2147483647; do # no ids of zones
		in_state "no zone $id" EINVAL EINVAL EINVAL ENXIO ENXIO ENXIO EINVAL EINVAL EINVAL EINVAL EINVAL EINVAL EINVAL
	done
	id=0
	in_state 'the global zone' EINVAL ok ok ok ENXIO EINVAL EINVAL EINVAL EINVAL EINVAL EINVAL EINVAL EINVAL
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
	check_eq 'some processes stayed' 'populated 0' "$(grep populated "$v2/$ZONES_CGROUP/zones/web/zone/cgroup.events")"
	wait_for 5 has_processes 0 # one that is in no group any more may still be on its way out
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

# Whether zoned (its pid in $zoned) has the kernel keep the CPUs awake. No process is started: it is for 50 ms only.
awake()
{
	local fd

	for fd in "/proc/$zoned/fd"/*; do
		[[ $fd -ef /dev/cpu_dma_latency ]] && return
	done
	return 1
}

asleep()
{
	! awake
}

come_and_go()
{
	until [ -e "$ZONES_ROOT/seen" ]; do
		boot web
		unmake "$id"
	done
}

test_cpus_are_kept_awake_meanwhile()
{
	local zoned try

	away
	[ -w /dev/cpu_dma_latency ] || skip 'the kernel has no /dev/cpu_dma_latency'
	zoned=$(pids_of zoned)
	make db
	wait_for 5 asleep || fail 'a moment later the CPUs are kept awake'
	ok lookup db
	ok list
	asleep || fail 'a question keeps the CPUs awake'
	come_and_go &
	for ((try = 0; try < 20000; try++)); do
		awake && break
	done
	: >"$ZONES_ROOT/seen"
	wait $!
	[ "$try" -lt 20000 ] || fail 'the CPUs sleep while a zone comes and goes'
	wait_for 5 asleep || fail 'the CPUs are kept awake for ever'
	unmake "$id"
	nothing_left
}

run_tests
