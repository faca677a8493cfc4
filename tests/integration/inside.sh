#!/bin/bash
# Halt and reboot from inside a zone, and an init that dies.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	make_linked_zone web
	expect_ok zoneadm -z web boot
}

another_init()
{
	local now

	now=$(init_of web)
	[ -n "$now" ] && [ "$now" != "$1" ] && has_state web running
}

test_reboot_typed_inside()
{
	local init

	init=$(init_of web)
	zlogin web reboot || true
	wait_for 20 another_init "$init"
	expect_ok zlogin web ip -o addr show dev web0
	check_match address '10\.9\.0\.2/24' "$out"
	wait_for 5 ping -c 1 -W 1 10.9.0.2
}

test_reboot_forced_inside()
{
	local init

	init=$(init_of web)
	in_zone web sh -c 'busybox reboot -f || reboot -f' || true
	wait_for 20 another_init "$init"
	expect_ok zlogin web true
}

test_halt_typed_inside()
{
	zlogin web halt || true
	wait_for 20 has_state web installed
	wait_for 10 nothing_remains_of web
	expect_ok ip link show web0
	expect_ok zoneadm -z web boot
}

test_poweroff_typed_inside()
{
	zlogin web poweroff || true
	wait_for 20 has_state web installed
	wait_for 10 nothing_remains_of web
	expect_ok zoneadm -z web boot
}

test_rc_zone_runs_at_boot()
{
	expect_ok in_zone web sh -c 'printf "#!/bin/sh\necho ran >/root/rc.ran\n" >/etc/rc.zone; chmod 755 /etc/rc.zone'
	expect_ok zoneadm -z web reboot
	wait_for 5 zlogin web test -e /root/rc.ran
	expect_ok zlogin web rm /etc/rc.zone /root/rc.ran
}

test_orphans_are_reaped()
{
	expect_ok in_zone web sh -c 'for i in 1 2 3 4 5; do (sleep 0.1 & ) ; done; sleep 0.6; cat /proc/[0-9]*/stat 2>/dev/null | grep -c ") Z " || true'
	check_eq zombies 0 "$(tail -1 <<<"$out")"
}

test_init_killed_from_outside()
{
	kill -KILL "$(init_of web)"
	wait_for 20 bash -c '! pgrep -x nothing'
	# Either policy ends in a state that answers: a new init, or a halted zone with nothing left.
	wait_for 20 settled
	if has_state web installed; then
		wait_for 10 nothing_remains_of web
		expect_ok zoneadm -z web boot
	fi
	expect_ok zlogin web true
}

settled()
{
	has_state web installed || { [ -n "$(init_of web)" ] && zlogin web true; }
}

# reboot(2) with what is no halt or restart, and all of it for who is not root of the zone.
test_what_reboot_refuses()
{
	local init code

	init=$(init_of web)
	code='
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
def refused(why, *cmds):
    for cmd in cmds:
        assert libc.syscall(169, 0xfee1dead, 672274793, cmd, 0) == -1, hex(cmd)
        assert ctypes.get_errno() == why, (hex(cmd), ctypes.get_errno())
others = 0, 0x89abcdef, 0xd000fce2, 0x45584543, 7 # the keys off and on, suspend, kexec, none
ends = 0x01234567, 0xcdef0123, 0x4321fedc, 0xa1b2c3d4 # restart, halt, power off, restart with arguments
'
	[ "$(uname -m)" = x86_64 ] || skip 'the number of reboot(2) is that of x86_64'
	expect_ok in_zone web python3 -c "$code"'refused(errno.EINVAL, *others)'
	expect_ok in_zone web setpriv --reuid 1000 --clear-groups python3 -c "$code"'refused(errno.EPERM, *others, *ends)'
	expect_ok in_zone web python3 -c '
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
assert libc.syscall(246, 0, 0, 0, 0) == -1 # kexec_load
assert ctypes.get_errno() in (1, 38), ctypes.get_errno()
'
	check_eq 'the same init' "$init" "$(init_of web)"
}

run_tests
