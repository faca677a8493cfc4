#!/bin/bash
# Who may ask what about links: every request to dlmgmtd and zoned, and every command, made by callers who may not.
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

# Every command that changes something, of a link LINK and a flow FLOW.
changes()
{
	sed "s/LINK/$1/g; s/FLOW/$2/g" <<-'TABLE'
		dladm rename-link LINK other0
		dladm check
		dladm delete-phys LINK
		dladm create-etherstub LINK
		dladm delete-etherstub LINK
		dladm create-vnic -l LINK made0
		dladm delete-vnic LINK
		dladm create-vlan -l LINK -v 5 made0
		dladm delete-vlan LINK
		dladm create-aggr -l LINK made0
		dladm modify-aggr -P L2 LINK
		dladm delete-aggr LINK
		dladm add-aggr -l LINK made0
		dladm remove-aggr -l LINK made0
		dladm create-bridge -l LINK made
		dladm modify-bridge -p 4096 LINK
		dladm delete-bridge LINK
		dladm add-bridge -l LINK made
		dladm remove-bridge -l LINK made
		dladm create-iptun -T ipv4 LINK
		dladm modify-iptun -a remote=10.0.0.1 LINK
		dladm delete-iptun LINK
		dladm create-overlay -e vxlan -s direct -v 9 -p direct/dest_ip=10.0.0.1 LINK
		dladm modify-overlay -f LINK
		dladm delete-overlay LINK
		dladm create-simnet LINK
		dladm modify-simnet -p made0 LINK
		dladm delete-simnet LINK
		dladm set-linkprop -p mtu=1400 LINK
		dladm reset-linkprop -p mtu LINK
		dladm up-etherstub LINK
		dladm up-vlan LINK
		dladm up-aggr LINK
		dladm up-bridge LINK
		dladm up-iptun LINK
		dladm down-iptun LINK
		dladm up-overlay LINK
		dladm up-simnet LINK
		dladm up-vnic LINK
		flowadm add-flow -l LINK -a transport=udp made1
		flowadm remove-flow FLOW
		flowadm remove-flow -l LINK
		flowadm set-flowprop -p maxbw=2M FLOW
		flowadm reset-flowprop -p maxbw FLOW
	TABLE
}

# Every command that looks, at one link and at all.
looks()
{
	sed "s/LINK/$1/g; s/FLOW/$2/g" <<-'TABLE'
		dladm show-link LINK
		dladm show-phys LINK
		dladm show-ether LINK
		dladm show-etherstub LINK
		dladm show-vnic LINK
		dladm show-vlan LINK
		dladm show-aggr LINK
		dladm show-bridge LINK
		dladm show-iptun LINK
		dladm show-overlay LINK
		dladm show-simnet LINK
		dladm show-linkprop LINK
		flowadm show-flow FLOW
		flowadm show-flowprop FLOW
		flowadm show-flow -l LINK
		dlstat LINK
		flowstat -l LINK
	TABLE
	cat <<-'TABLE'
		dladm show-link
		dladm show-link -P
		dladm show-link -s
		dladm show-phys
		dladm show-ether
		dladm show-etherstub
		dladm show-vnic
		dladm show-vlan
		dladm show-aggr
		dladm show-bridge
		dladm show-iptun
		dladm show-overlay
		dladm show-simnet
		dladm show-linkprop
		dladm show-linkmap
		dladm export
		flowadm show-flow
		flowadm show-flowprop
		dlstat
		flowstat
	TABLE
}

# Of a program's own list, and of those that it does not show.
test_the_tables_have_every_command()
{
	local known name program

	known=$(changes l f | cut -d' ' -f1-2; looks l f | cut -d' ' -f1-2)
	for program in dladm flowadm; do
		for name in $("$program" 2>&1 | sed -nE "s/^(usage:|      ) $program ([a-z-]+).*/\2/p"); do
			[ "$name" = import ] || grep -qx "$program $name" <<<"$known" ||
				fail "the rights of '$program $name' are not tested"
		done
	done
}

# changes_refused PREFIX...: none of them is done by who is called so, and each says why.
changes_refused()
{
	local line words

	while read -r line; do
		read -ra words <<<"$line"
		# shellcheck disable=SC2034 # $out
		if out=$("$@" "${words[@]}" 2>&1 </dev/null); then
			case $line in
			*' up-'* | *' down-'*) ;; # of a link that is up, or of another class
			*) fail "'$line' was done: $out" ;;
			esac
		fi
	done < <(changes "${LINK-secret0}" webflow)
	check_eq "what is there" "$(cat "$ZONES_ROOT/before")" "$(state)"
	expect_ok dladm check
}

test_commands_that_change_without_the_capability()
{
	changes_refused setpriv --bounding-set=-net_admin --inh-caps=-net_admin
	LINK=web0 changes_refused setpriv --bounding-set=-all --inh-caps=-all
	LINK=web0 changes_refused setpriv --reuid 1000 --regid 1000 --clear-groups
}

test_commands_that_change_in_a_nested_user_namespace()
{
	changes_refused unshare -r
	LINK=web0 changes_refused unshare -r unshare -r
}

# said_in_db LINK FLOW: all answers that the other zone's root gets.
said_in_db()
{
	(looks "$1" "$2"; changes "$1" "$2" | grep -Ev ' (create-etherstub|create-overlay|create-iptun) ') |
		sed 's:^:PATH=/root/links\:$PATH :' >"$ZONES_ROOT/zones/db/root/root/questions"
	in_zone db sh -c 'while read -r line; do echo "# $line"; eval "$line" 2>&1 </dev/null; echo "[$?]"; done </root/questions' |
		sed "s/$1/LINK/g; s/$2/FLOW/g"
}

# A link or a flow of somebody else is answered of as one that is not there.
test_commands_in_another_zone_tell_nothing()
{
	local answers program

	mkdir -p "$ZONES_ROOT/zones/db/root/root/links"
	for program in dladm flowadm dlstat flowstat; do
		cp "$(command -v "$program")" "$ZONES_ROOT/zones/db/root/root/links/"
	done
	said_in_db nosuch0 noflow0 >"$ZONES_ROOT/nothing"
	answers=$(said_in_db secret0 webflow)
	grep -q '^\[1\]' "$ZONES_ROOT/nothing" || fail "no answers: $answers"
	check_eq 'answers that differ' '' "$(diff "$ZONES_ROOT/nothing" - <<<"$answers")"
	check_no_match 'answers' 'secret|webflow|web0|51ec' "$answers"
	check_eq "what is there" "$(cat "$ZONES_ROOT/before")" "$(state)"
}

run_tests
