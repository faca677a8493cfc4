#!/bin/bash
# The tour of `make demo` tells a true story, whole and when interrupted.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

TEST_LIMIT=120

# after COMMAND TEXT: what the story prints below a command.
after()
{
	awk -v c="# $1" '$0 == c { on = 1; next } /^# |^== / { on = 0 } on' /tmp/story
}

test_the_story()
{
	"$ZONES_TREE/tests/demo/demo.sh" >/tmp/story 2>&1 || {
		tail -20 /tmp/story
		fail "the demo failed"
	}
	cat /tmp/story
	check_match vnics '^web0 +stub0 ' "$(after 'dladm show-vnic')"
	check_match running ' web +running +/zones/web +sparse +excl' "$(after 'zoneadm list -cv')"
	check_match zonename '^web$' "$(after 'zlogin web zonename')"
	check_match hostname '^web$' "$(after 'zlogin web hostname')"
	check_match id '^uid=0\(root\)' "$(after 'zlogin web id')"
	check_no_match ps 'zoned|zoneadmd|dlmgmtd|zsched' "$(after 'zlogin web ps')"
	check_match address '10\.0\.0\.2/24' "$(after 'zlogin web ip addr')"
	check_match ping '2 received|2 packets received' "$(after 'ping -c 2 10.0.0.2')"
	check_match http '^hello from the zone$' "$(after 'curl -s http://10.0.0.2/')"
	check_match 'link home' 'web0' "$(after 'ip link show web0')"
	check_eq 'every page' 4 "$(grep -c '^hello from the zone$' /tmp/story)"
}

test_nothing_remains_in_the_host()
{
	check_eq links lo "$(ls /sys/class/net)"
	check_eq zones '' "$(find "$ZONES_ROOT/zones" -mindepth 1)"
	check_eq cgroups '' "$(find "$v2/$ZONES_CGROUP/zones" -mindepth 1 -type d 2>/dev/null)"
}

# The shell of `make shell`, in a throwaway host in this one: it reads what is typed, and what it starts
# takes the interrupt of the terminal.
test_the_shell()
{
	mkdir "$ZONES_ROOT/inner"
	printf '%s\n' 'zoneadm list' 'grep SigIgn /proc/self/status' | ZONES_ROOT=$ZONES_ROOT/inner \
		unshare --mount --net --pid --ipc --uts --fork --kill-child --propagation private --mount-proc \
		"$ZONES_TREE/tests/lib/throwaway-init" "$ZONES_TREE/tests/lib/shell" >/tmp/shell 2>&1
	check_match list '^global$' "$(cat /tmp/shell)"
	check_match signals 'SigIgn:.*[0189]$' "$(cat /tmp/shell)"
}

run_tests
