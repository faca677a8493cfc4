#!/bin/bash
# zone_enter(): what a child is in the zone, and which descriptors it may not bring along.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	make_zone web
	expect_ok zoneadm -z web boot
}

# run_with WITH COMMAND: in web, by zone_enter(), with that as descriptor 9.
run_with()
{
	zone-probe run "$(zoneadm -z web list -p | cut -d: -f1)" "$@"
}

# like_init FILE: init's and that of a child that has entered, both as the zone sees them, are the same.
like_init()
{
	local inits

	inits=$(in_zone web sh -c "$1" | sed 's/^/init /')
	expect_ok run_with none "$1"
	check_eq "$1" "$inits" "$(sed '/^ok/d; s/^/init /' <<<"$out")"
}

test_it_is_a_process_of_the_zone()
{
	like_init 'for n in user mnt net ipc uts cgroup pid; do readlink /proc/self/ns/$n; done'
	like_init 'cat /proc/self/cgroup'
	like_init 'id -u; id -g; id -G; pwd; umask'
	like_init 'grep -E "^(Cap(Prm|Eff|Bnd|Amb)|Seccomp):" /proc/self/status'
	expect_ok run_with none 'hostname; exit 7'
	check_eq 'name and exit status' 'web ok 7' "$(paste -sd' ' <<<"$out")"
	expect_ok run_with none 'kill -TERM $$'
	check_match signalled '^ok 143$' "$out"
}

test_it_has_what_the_configuration_says_of_processes()
{
	expect_ok zoneadm -z web halt
	expect_ok zonecfg -z web 'set scheduling-class=FX; add security-flags; set lower=none; set default=none; end'
	expect_ok zoneadm -z web boot
	expect_ok run_with none 'chrt -p $$'
	check_match 'scheduling class' 'policy: SCHED_BATCH' "$out"
	like_init 'cat /proc/self/personality'
	expect_ok run_with none 'grep -c "0*40000$" /proc/self/personality'
	check_match 'without aslr' '^1$' "$out"
	expect_ok zoneadm -z web halt
	expect_ok zonecfg -z web 'clear scheduling-class; remove security-flags'
	expect_ok zoneadm -z web boot
	expect_ok run_with none 'chrt -p $$; cat /proc/self/personality'
	check_match 'the usual class' 'policy: SCHED_OTHER' "$out"
	check_no_match 'with aslr' '40000$' "$out"
}

# Nothing would run there before the thaw.
test_a_frozen_zone()
{
	expect_ok zoneadm -z web freeze
	expect_fail 1 EBUSY timeout 20 zone-probe run "$(zoneadm -z web list -p | cut -d: -f1)" none 'echo entered'
	check_no_match 'while it is frozen' entered "$out"
	expect_ok zoneadm -z web thaw
	expect_ok run_with none true
}

test_what_may_go_along()
{
	local with

	for with in pipe event /dev/null; do
		expect_ok run_with "$with" 'test -e /proc/self/fd/9'
		check_match "with $with" '^ok 0$' "$out"
	done
	# What is close-on-exec does not, whatever it is: neither that of the shell's script nor this.
	exec 8</etc
	expect_ok run_with none true 8<&-
	exec 8<&-
}

test_what_lets_the_zone_out()
{
	local with

	for with in / /etc/passwd socket netns memfd "$run/zoned.lock" /proc/self; do
		expect_fail 1 EBADF run_with "$with" 'echo entered'
		check_no_match "with $with" entered "$out"
	done
	mkfifo /tmp/fifo
	exec 9<>/tmp/fifo
	expect_fail 1 EBADF run_with none 'echo entered'
	exec 9<&-
}

test_memory_that_lets_the_zone_out()
{
	local with

	echo text >/tmp/mapped
	for with in map=/tmp/mapped segment map=/dev/shm/there; do
		echo text >/dev/shm/there
		expect_fail 1 EFAULT run_with "$with" 'echo entered'
		check_no_match "with $with" entered "$out"
	done
	for with in anon look=/tmp/mapped look=/etc/passwd; do
		expect_ok run_with "$with" 'echo entered'
		check_match "with $with" '^entered$' "$out"
	done
	rm /tmp/mapped /dev/shm/there
}

# Whoever calls may have timers: what fails inside is told him all the same.
test_a_signal_while_it_enters()
{
	expect_fail 1 EPERM run_with interrupted 'echo entered'
	check_no_match 'it did not' entered "$out"
}

test_who_may()
{
	local id

	id=$(zoneadm -z web list -p | cut -d: -f1)
	expect_fail 1 EINVAL zone-probe run 4000 none true
	expect_fail 1 EINVAL zone-probe run 0 none true
	expect_fail 1 EPERM setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$(type -P zone-probe)" run "$id" none true
	expect_ok zoneadm -z web reboot
	expect_ok run_with none true
	expect_ok zoneadm -z web ready
	expect_fail 1 ESRCH run_with none true
}

# With nothing but what is installed.
test_a_program_of_others()
{
	# shellcheck source=tests/lib/compile.sh
	. "$ZONES_TREE/tests/lib/compile.sh"
	work=/tmp/others
	# shellcheck disable=SC2034 # compile.sh reads it
	library=libzones
	compile enter
	expect_ok zoneadm -z web boot
	"$work/enter" web </dev/null 2>&1 | cat >/tmp/said # a pipe goes along, a file does not
	check_eq said 'there is global
there is web
in web as 0, the same zone
it ended with 7' "$(cat /tmp/said)"
	check_eq refused 'none: Invalid argument' "$("$work/enter" none | tail -n 1)"
}

run_tests
