#!/bin/bash
# zoned by itself: what can become a zone, and what a new one has.
# shellcheck source=tests/lib/zoned.sh
. "$ZONES_TREE/tests/lib/zoned.sh"

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
	# The same at its end, whatever state it is in.
	ok create web "$roots/web"
	id=$answer
	mount -t tmpfs tmpfs "$roots/web/mnt/a b"
	refused EBUSY "$roots/web/mnt/a b is mounted below the root" destroy "$id"
	ok shutdown "$id"
	refused EBUSY "$roots/web/mnt/a b is mounted below the root" destroy "$id"
	umount "$roots/web/mnt/a b"
	ok destroy "$id"
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
	make web zone.max-lwps=40 zone.max-lwps=60 zone.max-lwps=40
	check_eq 'each value once' '40 60' \
		"$(prctl -P -t privileged -n zone.max-lwps -i zone web | awk 'NR > 1 { print $3 }' | xargs)"
	clean
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
	(echo "$BASHPID" >"$group/cgroup.procs" && exec zoneadm list -c) >"$ZONES_ROOT/self" 2>&1 && fail 'it sees zones'
	check_match list 'cannot ask zoned which zones run: No such process' "$(cat "$ZONES_ROOT/self")"
	kill "$pid"
	wait "$pid" || true
	make web
	clean
}

# zsched is started before there is a group for it; when there will be none it ends.
test_a_start_is_called_off()
{
	local group=$v2/$ZONES_CGROUP/zones/web pid

	away
	mkdir -p "$group"
	sleep 600 &
	pid=$!
	echo "$pid" >"$group/cgroup.procs"
	refused EBUSY 'web' create web "$roots/web"
	gone zsched || fail 'it waits for its group for ever'
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

run_tests
