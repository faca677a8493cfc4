#!/bin/bash
# The hooks of a brand: when, with which words, in which surroundings, and what their end means. Those of
# install, clone, attach and so on are in the tests of those.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

READY=0 BOOT=1 HALT=4
INSTALLED=2 STATE_READY=3 RUNNING=4

dir=$ZONES_ROOT/usr/lib/brand/hooky
said=$ZONES_ROOT/said

# hooks NAME=COMMAND...: the brand has these; each that is not named says that it was run.
hooks()
{
	local hook command given

	rm -rf "$dir"
	mkdir -p "${dir%/*}"
	cp -r "$ZONES_BRANDS/sparse" "$dir"
	sed -i 's/name="sparse"/name="hooky"/' "$dir/config.xml" "$dir/platform.xml"
	for hook in prestatechange poststatechange boot halt; do
		command="$ZONES_ROOT/hook $hook %z"
		for given; do
			[ "${given%%=*}" != "$hook" ] || command=${given#*=}
		done
		sed -i "s|</brand>|<$hook>$command</$hook>\n</brand>|" "$dir/config.xml"
	done
	: >"$said"
}

setup()
{
	start_daemons
	cat >"$ZONES_ROOT/hook" <<-END
	#!/bin/sh
	echo "\$*" >>$said
	END
	chmod 0755 "$ZONES_ROOT/hook"
	hooks
	configure hk 'set brand=hooky'
	expect_ok zoneadm -z hk install
}

# ran WORDS...: the hooks that ran, in order, since the last look.
ran()
{
	check_eq 'hooks' "$(printf '%s\n' "$@")" "$(cat "$said")"
	: >"$said"
}

test_boot_and_halt()
{
	expect_ok zoneadm -z hk boot
	ran "prestatechange hk $INSTALLED $READY $ZONES_ROOT" "poststatechange hk $INSTALLED $READY $ZONES_ROOT" \
		"prestatechange hk $INSTALLED $BOOT $ZONES_ROOT" 'boot hk' "poststatechange hk $INSTALLED $BOOT $ZONES_ROOT"
	expect_ok zoneadm -z hk halt
	ran "prestatechange hk $RUNNING $HALT $ZONES_ROOT" 'halt hk' "poststatechange hk $RUNNING $HALT $ZONES_ROOT"
}

test_ready_first()
{
	expect_ok zoneadm -z hk ready
	ran "prestatechange hk $INSTALLED $READY $ZONES_ROOT" "poststatechange hk $INSTALLED $READY $ZONES_ROOT"
	expect_ok zoneadm -z hk boot
	ran "prestatechange hk $STATE_READY $BOOT $ZONES_ROOT" 'boot hk' "poststatechange hk $STATE_READY $BOOT $ZONES_ROOT"
	expect_ok zoneadm -z hk reboot
	ran "prestatechange hk $RUNNING $HALT $ZONES_ROOT" 'halt hk' "poststatechange hk $RUNNING $HALT $ZONES_ROOT" \
		"prestatechange hk $RUNNING $READY $ZONES_ROOT" "poststatechange hk $RUNNING $READY $ZONES_ROOT" \
		"prestatechange hk $RUNNING $BOOT $ZONES_ROOT" 'boot hk' "poststatechange hk $RUNNING $BOOT $ZONES_ROOT"
	expect_ok zoneadm -z hk halt
}

test_surroundings()
{
	: >"$ZONES_ROOT/env"
	hooks "boot=(readlink /proc/self/fd/0; pwd; env; echo to the caller) >$ZONES_ROOT/env 2>\\&amp;1; echo heard"
	sed -i 's/) >/) \&gt;/; s/2>&amp;1/2\&gt;\&amp;1/' "$dir/config.xml"
	expect_ok zoneadm -z hk boot
	check_match 'what it prints is for the caller' "zone 'hk': heard" "$out"
	check_match stdin '^/dev/null$' "$(cat "$ZONES_ROOT/env")"
	check_match directory '^/$' "$(cat "$ZONES_ROOT/env")"
	check_match instance "^ZONES_ROOT=$ZONES_ROOT\$" "$(cat "$ZONES_ROOT/env")"
	check_match 'and in the log' 'heard' "$(cat "$ZONES_ROOT/zones/hk/logs/platform.log")"
	expect_ok zoneadm -z hk halt
}

# told [OPTION...]: sets $told to what a hook of a boot with these options is told about the zone.
told()
{
	hooks "boot=env >$ZONES_ROOT/env; :"
	sed -i 's/env >/env \&gt;/' "$dir/config.xml"
	expect_ok zoneadm -z hk boot "$@"
	told=$(grep -E '^_ZON' "$ZONES_ROOT/env" | sort)
	expect_ok zoneadm -z hk halt
}

# As on SmartOS: what a hook would else have to look up.
test_the_configuration_is_in_the_environment()
{
	local uuid

	expect_ok zonecfg -z hk 'set debugid=77
		add attr; set name=owner-id; set type=string; set value="a b"; end
		add device; set match=/dev/null*; end
		add net; set physical=hk0; set allowed-address=10.1.1.2/24; set mac-addr=2:8:20:0:0:1
		set global-nic=stub0; add property (name=maxbw,value=10M); end
		add net; set physical=hk0; set allowed-address=10.1.1.3/24; end'
	expect_ok dladm create-etherstub stub0
	uuid=$(zoneadm -z hk list -p | cut -d: -f5)
	told
	check_eq environment "_ZONEADMD_brand_debug=
_ZONECFG_attr_owner_id=a b
_ZONECFG_device__dev_null__match=/dev/null*
_ZONECFG_device_resources=/dev/null*
_ZONECFG_did=77
_ZONECFG_net_hk0_address=
_ZONECFG_net_hk0_allowed_address=10.1.1.3/24
_ZONECFG_net_hk0_defrouter=
_ZONECFG_net_hk0_global_nic=stub0
_ZONECFG_net_hk0_mac_addr=02:08:20:00:00:01
_ZONECFG_net_hk0_maxbw=10M
_ZONECFG_net_hk0_physical=hk0
_ZONECFG_net_hk0_vlan_id=
_ZONECFG_net_resources=hk0
_ZONECFG_uuid=$uuid" "$told"
	expect_ok zonecfg -z hk 'remove -F net; remove device; remove attr'
	expect_ok dladm delete-etherstub stub0
}

# -X, of each command that has it.
test_hooks_that_are_to_say_more()
{
	local say='echo debug=$_ZONEADMD_brand_debug; :'

	told -X
	check_match boot '^_ZONEADMD_brand_debug=1$' "$told"
	told -s -X -- -m verbose
	check_match 'with more options' '^_ZONEADMD_brand_debug=1$' "$told"
	hooks "prestatechange=$say"
	expect_ok zoneadm -z hk ready -X
	check_match ready "zone 'hk': debug=1$" "$out"
	expect_ok zoneadm -z hk boot
	check_match 'only when asked for' "zone 'hk': debug=$" "$out"
	expect_ok zoneadm -z hk reboot -X -- -s
	check_match reboot "zone 'hk': debug=1$" "$out"
	check_no_match reboot "zone 'hk': debug=$" "$out"
	expect_ok zoneadm -z hk halt -X
	check_match halt "zone 'hk': debug=1$" "$out"
	expect_fail 2 "'halt' takes no argument '-Y'" zoneadm -z hk halt -Y
	expect_fail 2 'usage: zoneadm -z zone ready \[-X\]' zoneadm -z hk ready -X -X
}

# It sees what is asked for, and may refuse it.
test_verify_adm()
{
	hooks
	sed -i "s|</brand>|<verify_adm>$ZONES_ROOT/hook verify_adm %z</verify_adm>\n</brand>|" "$dir/config.xml"
	configure other 'set brand=hooky'
	expect_ok zoneadm -z other verify
	ran 'verify_adm other verify'
	expect_ok zoneadm -z other list -p
	check_match 'the list' ':other:configured:' "$out"
	ran 'verify_adm other list -p'
	expect_ok zoneadm -u "$(zoneadm -z hk list -p | cut -d: -f5)" list
	check_eq 'by its uuid' hk "$out"
	ran 'verify_adm hk list -p' 'verify_adm hk list'
	expect_ok zoneadm list -c
	expect_ok zoneadm -z global list
	ran
	expect_ok zoneadm -z other clone -m copy hk
	ran 'verify_adm other clone -m copy hk'
	expect_ok zoneadm -z other uninstall -F
	hooks
	sed -i 's|</brand>|<verify_adm>exit 4; :</verify_adm>\n</brand>|' "$dir/config.xml"
	expect_fail 1 "zone 'other': brand 'hooky' does not accept the zone" zoneadm -z other install
	[ ! -e "$ZONES_ROOT/zones/other" ] || fail 'something was made'
	expect_fail 1 "zone 'other': brand 'hooky' does not accept the zone" zoneadm -z other list
	check_no_match 'and nothing is listed' '^other$' "$out"
	# One that lists its zone is not asked again, and ends.
	hooks
	sed -i "s|</brand>|<verify_adm>zoneadm -z %z list -p >>$said; :</verify_adm>\n</brand>|; s/ >>/ \&gt;\&gt;/" "$dir/config.xml"
	expect_ok timeout 30 zoneadm -z other list
	check_match 'what it listed' ':other:configured:' "$(cat "$said")"
	check_eq 'once' 1 "$(wc -l <"$said")"
	hooks
	check_eq state configured "$(state_of other)"
	expect_ok zonecfg -z other delete -F
}

# Datasets that the brand gives the zone.
test_query()
{
	hooks
	sed -i "s|</brand>|<query>sh $ZONES_ROOT/query %z</query>\n</brand>|" "$dir/config.xml"
	cat >"$ZONES_ROOT/query" <<-END
	echo "\$*" >>$said
	echo "\$_ZONECFG_uuid" >>$said
	END
	expect_ok zoneadm -z hk ready
	check_match 'what it was asked' '^hk datasets$' "$(cat "$said")"
	check_match 'and told' "^$(zoneadm -z hk list -p | cut -d: -f5)\$" "$(cat "$said")"
	expect_ok zoneadm -z hk halt
	# What it answers is the zone's, by the rules for datasets.
	echo 'echo no/such/dataset' >"$ZONES_ROOT/query"
	expect_fail 1 'no/such/dataset' zoneadm -z hk ready
	echo 'echo not//valid' >"$ZONES_ROOT/query"
	expect_fail 1 'dataset name=not//valid' zoneadm -z hk ready
	# What it complains of is told, and is no dataset.
	printf 'echo a/complaint >&2\necho a//name\n' >"$ZONES_ROOT/query"
	expect_fail 1 "zone 'hk': a/complaint" zoneadm -z hk ready
	check_match 'the words' 'dataset name=a//name' "$out"
	check_no_match 'only these' 'a/complaint: ' "$out"
	echo 'exit 3' >"$ZONES_ROOT/query"
	expect_fail 1 "the brand's query hook failed" zoneadm -z hk ready
	check_eq state installed "$(state_of hk)"
	nothing_of hk
	hooks
}

# For zones that do not boot with the host.
test_sysboot()
{
	hooks
	expect_ok zoneadm -z hk sysboot
	ran
	sed -i "s|</brand>|<sysboot>$ZONES_ROOT/hook sysboot %z %R</sysboot>\n</brand>|" "$dir/config.xml"
	expect_ok zoneadm -z hk sysboot
	ran "sysboot hk $ZONES_ROOT/zones/hk"
	expect_ok "$ZONES_LIBEXEC/svc-zones" start
	ran "sysboot hk $ZONES_ROOT/zones/hk"
	check_eq state installed "$(state_of hk)"
	# One that boots is not asked.
	expect_ok zonecfg -z hk 'set autoboot=true'
	expect_ok "$ZONES_LIBEXEC/svc-zones" start
	check_eq state running "$(state_of hk)"
	check_no_match 'no sysboot' sysboot "$(cat "$said")"
	expect_fail 1 "sysboot operation is invalid for zones in state 'running'" zoneadm -z hk sysboot
	expect_ok zoneadm -z hk halt
	expect_ok zonecfg -z hk 'set autoboot=false'
	hooks
	sed -i 's|</brand>|<sysboot>exit 5; :</sysboot>\n</brand>|' "$dir/config.xml"
	expect_fail 1 "the brand's sysboot hook failed" zoneadm -z hk sysboot
	expect_fail 1 "zone 'hk': the brand's sysboot hook failed" "$ZONES_LIBEXEC/svc-zones" start
	expect_fail 2 "'sysboot' takes no argument" zoneadm -z hk sysboot now
	hooks
}

# Around what is kept of a zone's root, and asked when it is used.
test_snapshot_hooks()
{
	local hook

	hooks
	for hook in presnap postsnap validatesnap preclone; do
		sed -i "s|</brand>|<$hook>$ZONES_ROOT/hook $hook %z</$hook>\n</brand>|" "$dir/config.xml"
	done
	configure copy 'set brand=hooky'
	expect_ok zoneadm -z hk snapshot one
	ran 'presnap hk' 'postsnap hk'
	expect_ok zoneadm -z copy clone hk
	ran 'preclone copy hk' 'presnap hk' 'postsnap hk'
	expect_ok zoneadm -z copy uninstall -F
	expect_ok zoneadm -z copy clone -s one hk
	ran 'preclone copy hk' "validatesnap hk one $ZONES_ROOT/zones/hk/snapshots/one"
	expect_ok zoneadm -z copy uninstall -F
	for hook in presnap postsnap validatesnap preclone; do
		hooks
		sed -i "s|</brand>|<$hook>exit 254; :</$hook>\n</brand>|" "$dir/config.xml"
		if [ "$hook" = presnap ] || [ "$hook" = postsnap ]; then
			expect_fail 1 "zone 'hk': the brand's $hook hook failed" zoneadm -z hk snapshot two
			expect_fail 1 "zone 'hk': it has no snapshot 'two'" zoneadm -z hk rollback two
			expect_fail 1 "zone 'hk': the brand's $hook hook failed" zoneadm -z copy clone hk
		else
			expect_fail 1 "the brand's $hook hook failed" zoneadm -z copy clone -s one hk
		fi
		check_eq "state after $hook" configured "$(state_of copy)"
		[ ! -e "$ZONES_ROOT/zones/copy/root" ] || fail "something is left after $hook"
	done
	hooks
	expect_ok zonecfg -z copy delete -F
}

# Whatever its number, an end that is not 0 stops the boot, and the zone is halted again.
test_failures_of_a_boot()
{
	local hook code

	for hook in prestatechange poststatechange boot; do
		for code in 1 254; do
			hooks "$hook=exit $code; :"
			expect_fail 1 "the brand's $hook hook failed" zoneadm -z hk boot
			hooks
			expect_ok zoneadm -z hk halt
			check_eq "state after $hook" installed "$(state_of hk)"
			nothing_of hk
		done
	done
	hooks 'boot=kill -KILL $$'
	expect_fail 1 'was ended by signal 9' zoneadm -z hk boot
	hooks
	expect_ok zoneadm -z hk halt
}

# A halt whose hook fails is not complete, and is done again.
test_failures_of_a_halt()
{
	hooks
	expect_ok zoneadm -z hk boot
	hooks
	: >"$said"
	sed -i 's|^halt=.*|halt=false|' "$run/hk.snapshot"
	expect_fail 1 "the brand's halt hook failed" zoneadm -z hk halt
	sed -i 's|^halt=.*|halt=true|' "$run/hk.snapshot"
	expect_ok zoneadm -z hk halt
	check_eq state installed "$(state_of hk)"
	nothing_of hk
}

run_tests
