#!/bin/bash
# zoned by itself: the attributes of a zone and its list of links.
# shellcheck source=tests/lib/zoned.sh
. "$ZONES_TREE/tests/lib/zoned.sh"

test_attributes()
{
	away
	local long

	long=$(printf 'x%.0s' {1..1100})
	refused EINVAL 'debugid -1' create web "$roots/web" did=-1
	make web did=4711
	ok get "$id" initname
	check_eq initname /sbin/init "$answer"
	refused EINVAL absolute set "$id" initname bin/init
	refused ENAMETOOLONG 'at most 1023' set "$id" bootargs "$long"
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
	refused EINVAL 'that of its creation' set "$id" did 5
	refused EINVAL 'label' set "$id" label 5
	refused EINVAL 'contract' set "$id" app-svc-ct 5
	refused EINVAL 'fixed high priority' set "$id" fixedhi 1
	ok get 0 did
	check_eq 'did of 0' 0 "$answer"
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
		'restart0 1' 'initreboot 0' 'flags 8' 'sched-class FX' 'secflags 0' 'did 4711'; do
		ok get "$id" "${a%% *}"
		check_eq "$a after a restart" "${a#* }" "$answer"
	done
	ok boot "$id"
	refused EINVAL 'until it is booted' set "$id" bootargs y
	clean
	refused EINVAL '' set "$id" bootargs y
}

# What is asked for with too little room is cut, and its whole size told; never more than the room is written.
test_sizes()
{
	away
	make web
	ok set "$id" bootargs '-s -v'
	ok set "$id" sched-class TS
	ok size "$id" bootargs 0
	check_eq 'no buffer' 6 "$answer"
	ok size "$id" bootargs 100
	check_eq 'room enough' '6 -s -v' "$answer"
	ok size "$id" bootargs 3
	check_eq 'cut' '6 -s' "$answer"
	ok size "$id" bootargs 1
	check_eq 'nothing of it' '6 ' "$answer"
	ok size "$id" sched-class 2
	check_eq 'class' '3 T' "$answer"
	ok size 0 name 4
	check_eq 'global' '7 glo' "$answer"
	for a in 'status 4' 'privset 8' 'uniqid 8' 'flags 4' 'secflags 4'; do
		for room in 0 1 3 64; do
			ok size "$id" "${a% *}" "$room"
			check_eq "$a with $room" "${a#* }" "$answer"
		done
	done
	# A host id is four bytes, and data of a link are one structure.
	ok set "$id" hostid 7
	ok size "$id" hostid 4
	for room in 0 3 5; do
		refused EINVAL '' size "$id" hostid "$room"
	done
	refused ENOBUFS '' size "$id" network 8
	refused EINVAL '' size "$id" label 8
	clean
}

# A value that is set has exactly the size of its type, and a string one end.
test_sizes_of_values()
{
	away
	local attr size bytes

	make web
	while read -r attr size; do
		for bytes in 0 1 $((size - 1)) $((size + 1)) $((2 * size)); do
			[ "$bytes" = "$size" ] || refused EINVAL '' set-bytes "$id" "$attr" "$bytes"
		done
	done <<-END
		hostid 4
		secflags 4
		norestart 4
		restart0 4
		initreboot 4
		network 520
	END
	for attr in initname bootargs brand fs-allowed sched-class; do
		for bytes in 0 2 8192; do
			refused EINVAL 'not one string' set-bytes "$id" "$attr" "$bytes"
		done
	done
	for attr in root name status privset uniqid initpid flags; do
		refused EINVAL 'no attribute' set-bytes "$id" "$attr" 4
	done
	ok set-bytes "$id" bootargs 1
	ok set-bytes "$id" fs-allowed 1
	refused EINVAL 'cannot be empty' set-bytes "$id" brand 1
	refused EINVAL '' set-bytes -1 bootargs 1
	refused EINVAL '' set-bytes 8192 bootargs 1
	clean
}

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
	refused EINVAL '' net "$id" 9 3
	refused EINVAL '' net 0 7 1
	refused EINVAL '' net 4000 7 1
	refused ENXIO 'link 9' net "$id" 9 1 10.0.0.1/24
	for type in 0 3 4711; do # DOWN is for zones that run
		refused EINVAL 'Unknown type' net "$id" 7 "$type" 10.0.0.1/24
		refused EINVAL 'Unknown type' net "$id" 9 "$type" 10.0.0.1/24
	done
	refused EINVAL 'no value' net "$id" 7 1 ''
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

run_tests
