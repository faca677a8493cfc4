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

# What its caller has does not come in.
cat >usual <<'END'
#!/bin/bash
umask
echo "$(find "/proc/$$/fd" -lname / | wc -l)"
grep -E '^SigIgn' /proc/self/status
echo "${TMPDIR-}${BASH_ENV-}${CDPATH-}${POSIXLY_CORRECT-}${LANGUAGE-}"
shopt -o posix || true
END
chmod +x usual
"$host" -b "$build" -r . -- "$PWD/usual" >expected 2>said || fail "as usual: $(cat said)"
"$build/tests/odd-start" umask=77 open=300 ignore=1 ignore=15 ignore=10 env=TMPDIR=/x env=CDPATH=/ env=LANGUAGE=de \
	env=POSIXLY_CORRECT=1 -- "$host" -b "$build" -r . -- "$PWD/usual" >got 2>said || fail "oddly: $(cat said)"
diff expected got || fail 'the surroundings of the caller came in'
grep -qx 0022 got || fail "said: $(cat got)"
rm -f sleeper said usual expected got
