#!/bin/bash
# zonecfg: the rules as a person meets them through the command.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"
# shellcheck source=tests/lib/session.sh
. "$ZONES_TREE/tests/lib/session.sh"

setup()
{
	start_daemons
}

xml_of()
{
	echo "$ZONES_ROOT/etc/zones/$1.xml"
}

# refuses REGEX LINE...: a zone with these lines is refused and nothing of it is kept.
refuses()
{
	local pattern=$1

	shift
	printf '%s\n' 'create -b' 'set brand=sparse' 'set zonepath=/zones/bad' 'set ip-type=exclusive' \
		"$@" verify commit >/tmp/bad.cfg
	expect_fail 1 "$pattern" zonecfg -z bad -f /tmp/bad.cfg
	[ ! -e "$(xml_of bad)" ] || fail "a refused configuration was written"
	! grep -q '^bad:' "$ZONES_ROOT/etc/zones/index" 2>/dev/null || fail "refused zone is in the index"
}

test_export_makes_the_same_zone_again()
{
	configure one 'set autoboot=true' 'set bootargs="-m verbose"' 'add net' 'set physical=net0' \
		'set allowed-address=192.168.1.2/24' 'set defrouter=192.168.1.1' end \
		'add rctl' 'set name=zone.max-lwps' \
		'add value (priv=privileged,limit=200,action=deny)' end \
		'add capped-memory' 'set physical=64m' 'set swap=128m' end \
		'add capped-cpu' 'set ncpus=0.5' end \
		'add attr' 'set name=comment' 'set type=string' 'set value="a zone"' end \
		'add fs' 'set dir=/data' 'set special=/srv' 'set type=none' 'add options ro' end
	expect_ok zonecfg -z one export -f /tmp/one.export
	sed 's,/zones/one,/zones/two,' /tmp/one.export >/tmp/two.export
	expect_ok zonecfg -z two -f /tmp/two.export
	check_eq 'the two files' "$(sed 's,/zones/one,X,; s,"one",N,; s,debugid="[0-9]*",,' "$(xml_of one)")" \
		"$(sed 's,/zones/two,X,; s,"two",N,; s,debugid="[0-9]*",,' "$(xml_of two)")"
	check_match first 'create -b' "$(head -1 /tmp/one.export)"
	expect_ok zonecfg -z one delete -F
	expect_ok zonecfg -z two delete -F
}

test_info_shows_what_was_set()
{
	configure info 'set max-lwps=500' 'add capped-cpu' 'set ncpus=1.5' end
	expect_ok zonecfg -z info info
	check_match zonename '^zonename: info$' "$out"
	check_match zonepath '^zonepath: /zones/info$' "$out"
	check_match alias '^\[max-lwps: 500\]$' "$out"
	check_match ncpus '\[ncpus: 1\.50\]' "$out"
	expect_ok zonecfg -z info info zonepath
	check_eq zonepath 'zonepath: /zones/info' "$out"
	expect_ok zonecfg -z info delete -F
}

test_bad_values_are_refused()
{
	refuses 'autoboot' 'set autoboot=maybe'
	refuses 'zonepath' 'set zonepath=relative/path'
	refuses 'hostid' 'set hostid=xyz'
	refuses 'brand' 'set brand=nosuchbrand'
	refuses 'max-lwps' 'set max-lwps=5'
	refuses 'ncpus' 'add capped-cpu' 'set ncpus=0' end
	refuses 'physical' 'add capped-memory' 'set physical=12' end
	refuses 'limitpriv|privilege' 'set limitpriv=default,nosuchpriv'
	refuses 'type|proc' 'add fs' 'set dir=/x' 'set special=proc' 'set type=proc' end
	refuses 'dir|absolute' 'add fs' 'set dir=x' 'set special=/srv' 'set type=none' end
	refuses 'address' 'add net' 'set physical=net0' 'set allowed-address=300.1.1.1/24' end
	refuses 'physical' 'add net' 'set physical=net:0' end
	refuses 'zone.max-lwps|limit' 'add rctl' 'set name=zone.max-lwps' \
		'add value (priv=privileged,limit=abc,action=deny)' end
	refuses "^.{100,400}$" "set bootargs=$(printf '%020000d' 0)"
}

test_incomplete_resources_are_refused()
{
	refuses 'physical' 'add net' end
	refuses 'special|dir|type' 'add fs' 'set dir=/x' end
	refuses 'name' 'add rctl' 'add value (priv=privileged,limit=200,action=deny)' end
	refuses 'value' 'add rctl' 'set name=zone.max-lwps' end
	refuses 'defrouter|allowed-address' 'add net' 'set physical=net0' 'set defrouter=10.0.0.1' end
	refuses 'capped-cpu|exist|already' 'add capped-cpu' 'set ncpus=1' end 'add capped-cpu' 'set ncpus=2' end
}

test_a_missing_zonepath_is_named()
{
	printf '%s\n' 'create -b' 'set brand=sparse' verify commit >/tmp/nopath.cfg
	expect_fail 1 'zonepath' zonecfg -z nopath -f /tmp/nopath.cfg
	[ ! -e "$(xml_of nopath)" ] || fail "a zone without zonepath was written"
}

# Numbers for tools of the host: given at commit, shown by list, repaired when the zone is readied.
test_debug_ids()
{
	local did

	make_zone one
	make_zone two
	did=$(zonecfg -z one info debugid | cut -d' ' -f2)
	check_match given '^[0-9]+$' "$did"
	check_eq 'list -p' "$did" "$(zoneadm -z one list -p | cut -d: -f8)"
	check_match 'list -j' "\"did\": $did,$" "$(zoneadm -z one list -j)"
	check_eq global 0 "$(zoneadm -z global list -p | cut -d: -f8)"
	expect_ok zoneadm -z one boot
	check_eq 'of a live zone' "$did" "$(zoneadm list -pn | cut -d: -f8)"
	expect_ok zoneadm -z one halt
	# A zone from before, and one whose files were copied by hand.
	sed -i 's/ debugid="[0-9]*"//' "$(xml_of one)"
	sed -i '/^one:/s/:sparse:excl:[0-9]*$//' "$ZONES_ROOT/etc/zones/index"
	check_eq unknown '' "$(zoneadm -z one list -p | cut -d: -f8)"
	sed -i "s/ debugid=\"[0-9]*\"/ debugid=\"$did\"/" "$(xml_of two)"
	sed -i "/^two:/s/:[0-9]*\$/:$did/" "$ZONES_ROOT/etc/zones/index"
	expect_ok zoneadm -z one ready
	check_no_match 'not its own any more' "^$did$" "$(zonecfg -z one info debugid | cut -d' ' -f2)"
	check_eq 'both say the same' "$(zonecfg -z one info debugid | cut -d' ' -f2)" \
		"$(zoneadm -z one list -p | cut -d: -f8)"
	expect_ok zoneadm -z one halt
	sed -i "s/ debugid=\"[0-9]*\"/ debugid=\"$did\"/" "$(xml_of one)"
	expect_ok zoneadm -z one boot
	check_match 'it says so' "zone 'one': debugid $did is another zone's: it is [0-9]+ now" "$out"
	expect_ok zoneadm -z one halt
	expect_ok zoneadm -z one boot
	check_eq 'and once' '' "$out"
	expect_ok zoneadm -z one halt
	remove_zone one
	remove_zone two
}

test_bad_zone_names_are_refused()
{
	local name long

	long=$(printf 'a%.0s' {1..64})
	for name in '' global SUNWzone -zone .zone 'a/b' '../x' 'a b' 'a:b' "$long"; do
		out=$(zonecfg -z "$name" 'create -b; set brand=sparse; set zonepath=/zones/n' 2>&1) &&
			fail "zone name '$name' was taken"
		[ -n "$out" ] || fail "nothing was said about zone name '$name'"
	done
	check_eq files '' "$(find "$ZONES_ROOT/etc/zones" -name '*.xml')"
}

test_a_file_names_the_line_and_changes_nothing()
{
	printf '%s\n' 'create -b' 'set brand=sparse' 'set zonepath=/zones/line' 'set nonsense=1' commit \
		>/tmp/line.cfg
	expect_fail 1 'line 4' zonecfg -z line -f /tmp/line.cfg
	[ ! -e "$(xml_of line)" ] || fail "half a file was committed"
}

test_select_remove_and_cancel()
{
	configure sel 'add attr' 'set name=a' 'set type=string' 'set value=1' end \
		'add attr' 'set name=b' 'set type=string' 'set value=2' end
	expect_ok zonecfg -z sel 'select attr name=a; set value=9; end; commit'
	expect_ok zonecfg -z sel info attr name=a
	check_match changed 'value: "?9"?' "$out"
	expect_ok zonecfg -z sel 'select attr name=a; set value=7; cancel; commit'
	expect_ok zonecfg -z sel info attr name=a
	check_match cancelled 'value: "?9"?' "$out"
	expect_ok zonecfg -z sel 'remove attr name=a; commit'
	expect_ok zonecfg -z sel info attr
	check_no_match removed 'name: a$' "$out"
	expect_fail 1 '.' zonecfg -z sel 'select attr name=nope; set value=7; end'
	expect_ok zonecfg -z sel delete -F
}

test_unknown_zone_is_said()
{
	expect_fail 1 'nozone: No such zone configured' zonecfg -z nozone info
}

test_delete_needs_a_zone_that_is_only_configured()
{
	make_zone inst
	expect_fail 1 'inst|installed' zonecfg -z inst delete -F
	[ -e "$(xml_of inst)" ] || fail "an installed zone was deleted"
	expect_ok zoneadm -z inst uninstall -F
	expect_ok zonecfg -z inst delete -F
	[ ! -e "$(xml_of inst)" ] || fail "delete left the file"
}

test_usage_is_2()
{
	expect_fail 2 '.' zonecfg
	expect_fail 2 '.' zonecfg -Q
}

test_a_cut_short_file_is_named_and_kept()
{
	local cut

	configure cut
	cp "$(xml_of cut)" /tmp/whole.xml
	for cut in 0 10 120 $(($(stat -c %s /tmp/whole.xml) - 3)); do
		head -c "$cut" /tmp/whole.xml >"$(xml_of cut)"
		expect_fail 1 'cut' zonecfg -z cut info
		expect_fail 1 'cut' zoneadm -z cut verify
		expect_fail 1 'cut' zoneadm -z cut install
		check_eq state configured "$(state_of cut)"
	done
	cp /tmp/whole.xml "$(xml_of cut)"
	expect_ok zonecfg -z cut info
	expect_ok zonecfg -z cut delete -F
}

test_unwritable_etc_zones()
{
	configure ro
	mount --bind "$ZONES_ROOT/etc/zones" "$ZONES_ROOT/etc/zones"
	mount -o remount,bind,ro "$ZONES_ROOT/etc/zones"
	cp "$(xml_of ro)" /tmp/ro.xml
	cp "$ZONES_ROOT/etc/zones/index" /tmp/ro.index
	expect_fail 1 '.' zonecfg -z ro 'set autoboot=true; commit'
	expect_fail 1 '.' zonecfg -z new 'create -b; set brand=sparse; set zonepath=/zones/new; commit'
	expect_fail 1 '.' zonecfg -z ro delete -F
	expect_fail 1 'ro' zoneadm -z ro install
	cmp /tmp/ro.xml "$(xml_of ro)" || fail "the file changed"
	cmp /tmp/ro.index "$ZONES_ROOT/etc/zones/index" || fail "the index changed"
	umount "$ZONES_ROOT/etc/zones"
	check_eq leftovers '' "$(find "$ZONES_ROOT/etc/zones" -name 'zonecfg.*')"
	check_eq state configured "$(state_of ro)"
	[ ! -e "$ZONES_ROOT/zones/ro/root" ] || fail "half an installation remains"
	expect_ok zonecfg -z ro delete -F
}

# who may not write looks only
test_read_only()
{
	local nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups) sub

	configure look 'set max-lwps=300'
	for sub in info 'info max-lwps' export help exit; do
		# shellcheck disable=SC2086 # several words
		expect_ok "${nobody[@]}" zonecfg -z look $sub
	done
	expect_ok "${nobody[@]}" zonecfg -z look verify
	for sub in 'set autoboot=true' 'clear max-lwps' 'add net' 'remove -F net' 'select net' \
		'create -F -b' 'delete -F' commit; do
		expect_fail 1 "^zonecfg: zone 'look': ${sub%% *}: cannot write the configuration: Permission denied$" \
			"${nobody[@]}" zonecfg -z look "$sub"
	done
	expect_fail 1 'create: cannot write the configuration' "${nobody[@]}" zonecfg -z new create
	session look "${nobody[@]}" zonecfg -z look
	wait_for 10 said look 'Read-only: Permission denied'
	type_on look 'set autoboot=true\n'
	wait_for 10 said look 'set: cannot write the configuration'
	type_on look 'exit\n'
	ends look 0
	expect_ok zonecfg -z look info autoboot
	check_eq unchanged 'autoboot: false' "$out"
	expect_ok zonecfg -z look delete -F
}

test_what_cannot_be_applied_is_kept_but_not_run()
{
	configure later 'set scheduling-class=FP' 'set limitpriv=default,dtrace_user' \
		'add rctl' 'set name=zone.zfs-io-priority' \
		'add value (priv=privileged,limit=5,action=none)' end
	check_match warned 'WARNING: scheduling-class FP: this release cannot apply it' "$out"
	expect_ok zonecfg -z later info
	check_match kept '\[zfs-io-priority: 5\]' "$out"
	expect_fail 1 'limitpriv dtrace_user: this release cannot apply it' zoneadm -z later verify
	expect_fail 1 'rctl zone.zfs-io-priority: this release cannot apply it' zoneadm -z later install
	check_eq state configured "$(state_of later)"
	[ ! -e "$ZONES_ROOT/zones/later/root" ] || fail "half an installation remains"
	expect_ok zonecfg -z later 'clear scheduling-class; clear limitpriv; clear zfs-io-priority'
	expect_ok zoneadm -z later verify
	expect_ok zonecfg -z later delete -F
}

# completes WORD...: what bash offers for the last word.
completes()
{
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	_zonecfg
	echo "${COMPREPLY[*]}"
}

test_bash_completes_zones_subcommands_and_properties()
{
	# shellcheck source=completions/zonecfg
	. "$ZONES_TREE/completions/zonecfg"
	configure comp
	check_eq zone comp "$(completes zonecfg -z co)"
	check_eq subcommands 'clear commit create' "$(completes zonecfg -z comp c | sed 's/cancel //')"
	check_eq resources 'capped-cpu capped-memory' "$(completes zonecfg -z comp add capp)"
	check_eq property 'fs-allowed=' "$(completes zonecfg -z comp set fs-)"
	check_eq second 'end' "$(completes zonecfg -z comp add net ';' en)"
	check_eq help 'syntax' "$(completes zonecfg help syn)"
	check_eq nothing '' "$(completes zonecfg -z comp verify x)"
	expect_ok zonecfg -z comp delete -F
}

test_one_command_asks_on_a_terminal()
{
	configure asked 'add net' 'set physical=a0' end 'add net' 'set physical=b0' end
	expect_fail 1 'not a terminal' zonecfg -z asked delete
	session keep zonecfg -z asked delete
	wait_for 10 said keep 'delete zone asked'
	type_on keep 'n\n'
	ends keep 0
	expect_ok zonecfg -z asked info
	session nets zonecfg -z asked remove net
	wait_for 10 said nets 'remove 2 net resources'
	type_on nets 'y\n'
	ends nets 0
	check_eq nets '' "$(zonecfg -z asked info net)"
	session drop zonecfg -z asked delete
	wait_for 10 said drop 'delete zone asked'
	type_on drop 'y\n'
	ends drop 0
	expect_fail 1 'No such zone' zonecfg -z asked info
}

test_interrupt_drops_the_line_only()
{
	session line zonecfg -z line
	wait_for 10 said line 'zonecfg:line> '
	type_on line 'create\nset zonepath=/zones/line\n'
	# What is typed before it reads is echoed by the terminal, and an interrupt then is another one.
	wait_for 10 eval '[ "$(grep -ao "zonecfg:line> " /tmp/line.out | wc -l)" -ge 3 ]'
	type_on line 'set bootargs=x'
	wait_for 10 said line 'bootargs=x'
	type_on line '\003'
	wait_for 10 said line '\^C'
	type_on line 'set autoboot=true\nexit\n'
	ends line 0
	expect_ok zonecfg -z line export
	check_match autoboot '^set autoboot=true$' "$out"
	check_no_match bootargs bootargs "$out"
	expect_ok zonecfg -z line delete -F
}

run_tests
