#!/bin/bash
# Who may ask what about links: every request to dlmgmtd and zoned, made by real callers who may not.
# Nothing is changed, and nobody learns a name or an id that is not his to know.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

probe=$ZONES_ROOT/rights-probe
id=$((0x51ec0002)) # of web0, behind secret9 and secret0

# Ids that are found in any answer: the next ones are above that of a link that was.
begin_with_secret_ids()
{
	start zoned
	start dlmgmtd
	wait_for 10 dladm_answers
	expect_ok dladm create-etherstub secret9
	expect_ok dladm delete-etherstub -t secret9
	stop dlmgmtd
	rm "$ZONES_ROOT/run/dladm/active.db"*
	python3 - "$ZONES_ROOT/etc/dladm/datalink.db" <<-'PYTHON'
		import sqlite3, sys
		db = sqlite3.connect(sys.argv[1])
		db.execute("UPDATE link SET id = ? WHERE name = 'secret9'", (0x51ec0000,))
		db.commit()
		db.close()
	PYTHON
	start dlmgmtd
	wait_for 10 dladm_answers
}

setup()
{
	begin_with_secret_ids
	expect_ok dladm create-etherstub secret0
	expect_ok dladm create-vnic -l secret0 web0
	expect_ok flowadm add-flow -l web0 -a transport=tcp webflow
	make_zone web 'add net' 'set physical=web0' end
	make_zone db
	expect_ok zoneadm -z web boot
	expect_ok zoneadm -z db boot
	for zone in web db; do
		cp "$ZONES_STAGE/../tests/rights-probe" "$ZONES_ROOT/zones/$zone/root/root/probe"
		chmod 755 "$ZONES_ROOT/zones/$zone/root/root/probe"
	done
	cp "$ZONES_STAGE/../tests/rights-probe" "$probe"
	chmod 755 "$probe" "$ZONES_ROOT" "$ZONES_ROOT/run" "$ZONES_ROOT/run/dladm"
	"$probe" open "$ZONES_ROOT" "$id" >"$ZONES_ROOT/conf"
	state >"$ZONES_ROOT/before"
}

# What must not change.
state()
{
	dladm show-link -p -o link,class,over,state
	dladm show-vnic -p -o link,over,macaddress,zone
	dladm show-linkprop -c -o link,property,value
	dladm export
	flowadm show-flow -p -o flow,link
}

# refused WHO [PREFIX]...: as WHO in the probe's words
refused()
{
	local who=$1 zone

	shift
	zone=$(zoneadm -z web list -p | cut -d: -f1)
	expect_ok "$@" "$who" "$ZONES_ROOT" "$id" "$zone" "$(cat "$ZONES_ROOT/conf")"
	check_match "questions" '[6-9][0-9] questions, 0 wrong' "$out"
	check_eq "what is there" "$(cat "$ZONES_ROOT/before")" "$(state)"
	expect_ok dladm check
}

test_root_without_the_capability()
{
	refused user setpriv --bounding-set=-net_admin --inh-caps=-net_admin "$probe"
	refused user setpriv --bounding-set=-all --inh-caps=-all "$probe"
}

test_a_user()
{
	refused user setpriv --reuid 1000 --regid 1000 --clear-groups "$probe"
}

test_a_nested_user_namespace()
{
	refused user unshare -r "$probe"
	refused user unshare -r unshare -r "$probe"
	refused user setpriv --reuid 1000 --regid 1000 --clear-groups unshare -r "$probe"
}

test_another_zone()
{
	refused stranger in_zone db /root/probe
	refused stranger in_zone db setpriv --reuid 1000 --regid 1000 --clear-groups /root/probe
	refused stranger in_zone db unshare -r /root/probe
}

test_the_zone_that_borrowed_the_link()
{
	refused borrower in_zone web /root/probe
	refused borrower in_zone web setpriv --bounding-set=-net_admin --inh-caps=-net_admin /root/probe
	refused borrower in_zone web unshare -r /root/probe
}

run_tests
