# shellcheck shell=bash
# A command killed at a system call of its own. Sourced after harness.sh.

is_stopped()
{
	grep -q '^State:.*stopped' "/proc/$1/status"
}

# killed_at N COMMAND...: runs it and kills it before its N-th system call; false when it has fewer.
# $ZONES_ROOT/kill-at then has what kill-at said.
killed_at()
{
	local n=$1 pid

	shift
	: >"$ZONES_ROOT/kill-at"
	# LeakSanitizer ends a process that is traced.
	(
		export ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
		kill -STOP "$BASHPID" && exec "$@" >/dev/null 2>&1
	) &
	pid=$!
	wait_for 10 is_stopped "$pid"
	kill-at "$pid" "$n" >"$ZONES_ROOT/kill-at" &
	wait_for 10 grep -q . "$ZONES_ROOT/kill-at"
	kill -CONT "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
	wait
	grep -q '^killed' "$ZONES_ROOT/kill-at"
}
