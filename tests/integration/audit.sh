#!/bin/bash
# Audit records. The kernel keeps none of a throwaway host, so what is given to libaudit is what is looked at.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

export AUDIT_CAPTURE=$ZONES_ROOT/audit
STATE=2500 LOGIN=1112 CONFIG=2501

mkdir "$ZONES_ROOT/lib-audit"
ln -s "$ZONES_STAGE/../tests/libaudit-capture.so" "$ZONES_ROOT/lib-audit/libaudit.so.1"
export LD_LIBRARY_PATH=$ZONES_ROOT/lib-audit

setup()
{
	[ -e /proc/self/loginuid ] || skip 'this kernel has no audit'
	start_daemons
	make_zone web
}

# recorded REGEX: a record since the last look is like that; all are forgotten then.
recorded()
{
	check_match record "$1" "$(cat "$AUDIT_CAPTURE")"
	: >"$AUDIT_CAPTURE"
}

test_configuration()
{
	: >"$AUDIT_CAPTURE"
	expect_ok zonecfg -z web 'set autoboot=true'
	recorded "^type=$CONFIG op=configure zone=web res=1$"
	expect_fail 1 '' zonecfg -z web 'set zonepath=/elsewhere; commit'
	configure gone
	: >"$AUDIT_CAPTURE"
	expect_ok zonecfg -z gone delete -F
	recorded "^type=$CONFIG op=delete zone=gone res=1$"
}

test_states_with_who_did_it()
{
	local who='caller-pid=[0-9]+ caller-uid=0 caller-auid=[0-9]+'

	expect_ok zoneadm -z web boot
	recorded "^type=$STATE op=boot zone=web $who res=1$"
	expect_ok zoneadm -z web reboot
	recorded "^type=$STATE op=reboot zone=web $who res=1$"
	expect_fail 1 '' zoneadm -z web mount
	recorded "^type=$STATE op=mount zone=web $who res=0$"
	expect_ok zoneadm -z web halt
	recorded "^type=$STATE op=halt zone=web $who res=1$"
	expect_ok zonecfg -z web 'set bootargs="-i nowhere"'
	: >"$AUDIT_CAPTURE"
	expect_fail 1 '' zoneadm -z web boot
	recorded "^type=$STATE op=boot zone=web $who res=0$"
	expect_ok zonecfg -z web 'clear bootargs'
	expect_ok zoneadm -z web boot
}

library_gone()
{
	! grep -q libaudit "/proc/$1/maps"
}

# The daemon that waits beside a zone does not keep what only records need.
test_the_library_goes_with_the_command()
{
	local pid

	pid=$(pids_of zoneadmd)
	wait_for 10 library_gone "$pid"
	expect_ok zoneadm -z web reboot
	wait_for 10 library_gone "$pid"
	check_eq 'the same daemon' "$pid" "$(pids_of zoneadmd)"
}

# What is changed on disk, with its result; what was not begun leaves none.
test_what_zoneadm_does_itself()
{
	expect_ok zoneadm -z web halt
	configure new
	: >"$AUDIT_CAPTURE"
	expect_ok zoneadm -z new install
	recorded "^type=$STATE op=install zone=new res=1$"
	expect_fail 1 '' zoneadm -z new install
	recorded "^type=$STATE op=install zone=new res=0$"
	expect_ok zoneadm -z new snapshot one
	recorded "^type=$STATE op=snapshot zone=new res=1$"
	expect_ok zoneadm -z new rollback one
	recorded "^type=$STATE op=rollback zone=new res=1$"
	expect_ok zoneadm -z new move /zones/new2
	recorded "^type=$STATE op=move zone=new res=1$"
	expect_ok zoneadm -z new export "$ZONES_ROOT/new.tar"
	recorded "^type=$STATE op=export zone=new res=1$"
	expect_ok zoneadm -z new detach
	recorded "^type=$STATE op=detach zone=new res=1$"
	expect_ok zoneadm -z new attach
	recorded "^type=$STATE op=attach zone=new res=1$"
	expect_ok zoneadm -z new mark incomplete
	recorded "^type=$STATE op=mark zone=new res=1$"
	expect_ok zoneadm -z new uninstall -F
	recorded "^type=$STATE op=uninstall zone=new res=1$"
	expect_ok zoneadm -z new clone web
	recorded "^type=$STATE op=clone zone=new res=1$"
	expect_ok zoneadm -z third import -p /zones/third "$ZONES_ROOT/new.tar"
	recorded "^type=$STATE op=import zone=third res=1$"
	expect_fail 1 '' zoneadm -z new uninstall
	expect_fail 2 '' zoneadm -z new move
	expect_ok zoneadm -z new snapshot -p
	expect_ok zoneadm -z new detach -n
	expect_ok zoneadm -z new verify
	check_eq 'nothing was done' '' "$(cat "$AUDIT_CAPTURE")"
	expect_ok zoneadm -z web boot
	expect_ok zoneadm -z web freeze
	recorded "^type=$STATE op=freeze zone=web res=1$"
	expect_ok zoneadm -z web thaw
	recorded "^type=$STATE op=thaw zone=web res=1$"
}

test_logins()
{
	: >"$AUDIT_CAPTURE"
	expect_ok zlogin web true
	recorded "^type=$LOGIN op=zlogin zone=web acct=root mode=command res=1$"
	expect_ok zlogin -S web true
	recorded "^type=$LOGIN op=zlogin zone=web acct=root mode=safe res=1$"
	zlogin -i web true
	recorded "^type=$LOGIN op=zlogin zone=web acct=root mode=interactive res=1$"
	# A name cannot pretend to be another word of the record.
	zlogin -l 'x res=1' web true || true
	recorded "^type=$LOGIN op=zlogin zone=web acct=[?] mode=command res=1$"
}

# Where there is no library there is no record, and everything works.
test_without_the_library()
{
	printf 'not a library' >"$ZONES_ROOT/broken"
	ln -sf "$ZONES_ROOT/broken" "$ZONES_ROOT/lib-audit/libaudit.so.1"
	expect_ok zlogin web true
	expect_ok zoneadm -z web halt
}

run_tests
