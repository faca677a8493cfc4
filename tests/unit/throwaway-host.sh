#!/bin/bash
# A supervisor of tests/lib/throwaway-host that is killed leaves its host behind, and the next one removes it.
#
#   throwaway-host.sh BUILD
set -u
host=$(realpath "$(dirname "$0")/../lib/throwaway-host")
build=$1
[ "$(id -u)" = 0 ] && [ -d "$build/stage" ] || exit 77

fail()
{
	echo "$*" >&2
	exit 1
}

# wait_for COMMAND...: until it succeeds.
wait_for()
{
	local try

	for ((try = 0; try < 600; try++)); do
		"$@" && return
		sleep 0.1
	done
	fail "never: $*"
}

cat >sleeper <<'END'
#!/bin/bash
touch "$ZONES_ROOT/runs"
exec sleep 600
END
chmod +x sleeper

lives()
{
	compgen -G 'host.*/runs' >/dev/null
}

cgroups()
{
	find /sys/fs/cgroup -maxdepth 2 -name "zones-test-${left##*.}"
}

"$host" -b "$build" -r . -- "$PWD/sleeper" 2>said &
killed=$!
wait_for lives
left=$(echo host.*)
inside=$(readlink "/proc/$(pgrep -P "$(pgrep -P "$killed")")/ns/pid")
[ -n "$(cgroups)" ] || fail "there are no control groups of it"
kill -KILL "$killed"
wait "$killed" 2>/dev/null

# Another one that lives stays as it is.
"$host" -b "$build" -r . -- "$PWD/sleeper" 2>>said &
other=$!
second_lives()
{
	[ "$(compgen -G 'host.*/runs' | wc -l)" = 1 ] && [ ! -e "$left" ]
}
wait_for second_lives
"$host" -b "$build" -r . -- /bin/true 2>>said || fail "the third host: $(cat said)"
lives || fail "a host that lives was removed"
kill -TERM "$other"
wait "$other"

[ ! -e "$left" ] || fail "$left is still there"
[ -z "$(cgroups)" ] || fail "still there: $(cgroups)"
! find /proc/[0-9]*/ns -name pid -printf '%l\n' 2>/dev/null | grep -qxF "$inside" || fail "its processes live on"
[ "$(grep -c "removing $left, whose supervisor was killed" said)" = 1 ] || fail "said: $(cat said)"
rm -f sleeper said
