#!/bin/bash
# zoned by itself: its door, who may call, and what each caller sees.
# shellcheck source=tests/lib/zoned.sh
. "$ZONES_TREE/tests/lib/zoned.sh"

# Every command: its number, the size of its request, and "root" where nobody else may.
commands()
{
	cat <<-END
		0 2128 root
		1 8 root
		2 24
		3 8 root
		4 8
		5 8 root
		6 72
		7 8 root
		8 4
		9 16 root
		10 12 root
		11 12 root
		12 12
		13 12
		32 16
		33 4
		34 72
		35 96 root
		40 16
		41 8
		44 72
		45 72 root
		46 4
		47 4 root
		48 4104
		50 8 root
		64 8 root
		65 24 root
		66 8 root
		67 8
		68 12 root
		69 12 root
		80 40
		81 1072 root
		82 12
		90 48 root
		91 8
		92 12
		93 36 root
		94 8
		95 8 root
		96 208 root
		97 60 root
		98 140 root
		99 140 root
		100 8
		101 12
		102 56 root
		112 8
		120 208 root
		121 136 root
		122 160 root
		123 136
	END
}

test_sizes_and_numbers()
{
	away
	local cmd size who s n=0 known

	while read -r cmd size who; do
		for s in 0 1 3 $((size - 1)) $((size + 1)); do
			expect_ok door-probe "$door" "$cmd" "$s"
			check_match "command $cmd with $s bytes" '^err 22 ' "$out"
			n=$((n + 1))
		done
	done < <(commands)
	check_eq requests $((53 * 5)) "$n"
	known=" $(commands | cut -d' ' -f1 | xargs) "
	for cmd in {0..140} 65536 4294967295; do
		[[ $known == *" $cmd "* ]] && continue
		expect_ok door-probe "$door" "$cmd" 64
		check_match "command $cmd" '^err 22 ' "$out"
	done
	expect_ok door-probe "$door" 8 4
	check_match version '^err 0 ' "$out"
}

# What is too short is EINVAL for everybody; only then is asked who it is.
test_commands_that_are_for_root()
{
	away
	local cmd size who as=(setpriv --reuid=65534 --regid=65534 --clear-groups "$(type -P door-probe)" "$door")

	while read -r cmd size who; do
		check_match "command $cmd, too short" '^err 22 ' "$("${as[@]}" "$cmd" $((size - 1)))"
		if [ -n "$who" ]; then
			check_match "command $cmd" '^err 1 ' "$("${as[@]}" "$cmd" "$size")"
		else
			check_no_match "command $cmd" '^err 1 ' "$("${as[@]}" "$cmd" "$size")"
		fi
	done < <(commands)
	nothing_left
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

# More zones than one answer was made for at first; and of them as many as there is room for, with how many there are.
test_lists_and_names_with_little_room()
{
	away
	local n ids room

	for n in {1..66}; do
		mkdir -p "$roots/many/$n"
		ok create "m$n" "$roots/many/$n"
	done
	ok list
	ids=$answer
	check_eq zones 67 "$(wc -w <<<"$ids")"
	for room in 0 1 5 67 100; do
		ok list-into "$room"
		check_eq "with room for $room" "$(xargs <<<"67 $(cut -d' ' -f"1-$room" <<<"$ids" 2>/dev/null)")" "$answer"
	done
	ok lookup m66
	id=$answer
	while read -r room n; do
		ok name-into "$room" "$id"
		check_eq "name with room for $room" "$n" "${answer% }"
	done <<-END
		1 4
		2 4 m
		4 4 m66
		64 4 m66
	END
	refused EINVAL '' name-into 64 8191
	refused EINVAL '' name-into 64 -1
	clean
	rm -r "$roots/many"
}

test_whose_file_it_is()
{
	away
	local web zones=$ZONES_ROOT/zones

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
	# By any path: the whole zonepath.
	mkdir -p "$zones/zp/root" "$zones/zp/logs" "$zones/zp2"
	ok create zp "$zones/zp/root"
	for file in "$zones/zp" "$zones/zp/logs" "$zones/zp/root"; do
		ok any-path "$file"
		ok get "$answer" name
		check_eq "$file" zp "$answer"
	done
	check_eq 'not by its root' global "$(zonename -f "$zones/zp/logs")"
	for file in / /etc "$zones" "$zones/zp2"; do
		ok any-path "$file"
		check_eq "$file" 0 "$answer"
	done
	ok any-path "$roots/db/sbin"
	ok get "$answer" name
	check_eq 'a root comes first' db "$answer"
	refused ENOENT '' any-path "$zones/nothing"
	ok lookup zp
	unmake "$answer"
	rm -r "$zones/zp" "$zones/zp2"
	rm -r "$roots/web/a b" "$roots/website" "$roots/link"
	unmake "$web"
	# A zone that is gone has no files.
	check_eq 'no zone' global "$(zonename -f "$roots/web")"
	clean
}

# What a process subscribed to in a zone ends with the zone, wherever the process is by then; until it has
# let go the zone's id rests.
test_a_subscription_ends_with_its_zone()
{
	local init sub said=$ZONES_ROOT/sub

	away
	boot web
	ok get "$id" initpid
	init=$answer
	in_zone web "$init" zone-probe subscribe 1 wait >"$said" &
	wait_for 10 grep -q subscribed "$said"
	sub=$(pgrep -f 'zone-probe subscribe 1 wait' | tail -n 1)
	echo "$sub" >"$v2/$ZONES_CGROUP/cgroup.procs" || echo "$sub" >"$v2/cgroup.procs"
	unmake "$id"
	wait_for 10 grep -qx ok "$said"
	wait
	nothing_left
}

lines_are()
{
	[ "$(wc -l <"$1")" = "$2" ]
}

# A zone has 65536 users, and each some subscriptions: together they leave room for everybody else.
test_subscribers_of_many_users()
{
	local said=$ZONES_ROOT/sub

	away
	boot web
	ok get "$id" initpid
	# shellcheck disable=SC2016 # for the inner shell
	in_zone web "$answer" bash -c 'for user in {1..70}; do
			setpriv --reuid "$user" --regid "$user" --clear-groups zone-probe subscribe 64 wait &
		done; wait' >"$said" 2>&1 &
	wait_for 20 lines_are "$said" 70
	ok subscribe 1
	check_match 'no more than four have all' '^[0-4]$' "$(grep -c '^subscribed$' "$said")"
	unmake "$id"
	wait
	nothing_left
}

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

run_tests
