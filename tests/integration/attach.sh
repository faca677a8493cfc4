#!/bin/bash
# zoneadm mark, detach and attach: states without a change of the zone's files.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	make_zone det
}

# What the zone consists of, apart from its log.
files_of()
{
	(cd "$ZONES_ROOT/zones/$1" && find . -path ./logs -prune -o -printf '%p %m %u %y\n' | sort)
}

test_detach_and_attach()
{
	local before

	before=$(files_of det)
	expect_ok zoneadm -z det detach
	check_eq state configured "$(state_of det)"
	check_match manifest '<zone name="det"' "$(cat "$ZONES_ROOT/zones/det/SUNWdetached.xml")"
	expect_fail 1 "invalid for zones in state 'configured'" zoneadm -z det boot
	expect_fail 1 'holds a detached zone' zoneadm -z det install
	expect_fail 1 "detach operation is invalid for zones in state 'configured'" \
		zoneadm -z det detach
	expect_fail 2 "brand 'sparse' takes no attach option '-x'" zoneadm -z det attach -x
	expect_ok zoneadm -z det attach
	check_eq state installed "$(state_of det)"
	expect_fail 2 "brand 'sparse' takes no detach option '-x'" zoneadm -z det detach -x
	expect_fail 2 "brand 'sparse' takes no uninstall option '-x'" zoneadm -z det uninstall -F -x
	check_eq state installed "$(state_of det)"
	check_eq files "$before" "$(files_of det)"
	expect_ok zoneadm -z det boot
	expect_ok zoneadm -z det halt
}

test_attach_of_another_configuration_at_the_same_place()
{
	expect_ok zoneadm -z det detach
	expect_ok zonecfg -z det delete -F
	configure det
	expect_ok zoneadm -z det attach
	expect_ok zoneadm -z det boot
	expect_ok zlogin det zonename
	check_eq name det "$out"
	expect_ok zoneadm -z det halt
}

test_states_in_which_they_are_refused()
{
	local sub

	expect_fail 1 "attach operation is invalid for zones in state 'installed'" \
		zoneadm -z det attach
	expect_ok zoneadm -z det boot
	for sub in detach attach 'attach -F' 'mark incomplete' 'mark -F configured'; do
		# shellcheck disable=SC2086 # options
		expect_fail 1 "invalid for zones in state 'running'; halt it first" zoneadm -z det $sub
	done
	check_eq state running "$(state_of det)"
	expect_ok zoneadm -z det halt
	expect_ok zoneadm -z det mark incomplete
	expect_fail 1 "invalid for zones in state 'incomplete'" zoneadm -z det detach
	expect_fail 1 "invalid for zones in state 'incomplete'" zoneadm -z det attach
	expect_ok zoneadm -z det mark -F installed
}

test_dry_runs()
{
	local before

	before=$(files_of det)
	expect_ok zoneadm -z det detach -n
	check_match manifest '<zone name="det"' "$out"
	zoneadm -z det detach -n >/tmp/det.manifest
	check_eq 'nothing was changed' "$before" "$(files_of det)"
	check_eq state installed "$(state_of det)"
	expect_ok setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$(command -v zoneadm)" -z det detach -n
	check_match 'for everybody' '<zone name="det"' "$out"
	expect_ok zoneadm attach -n /tmp/det.manifest
	expect_ok zoneadm -z elsewhere attach -n /tmp/det.manifest
	zoneadm attach -n - </tmp/det.manifest || fail "from standard input"
	sed 's/brand="sparse"/brand="nosuch"/' /tmp/det.manifest >/tmp/bad.manifest
	expect_fail 1 'nosuch' zoneadm attach -n /tmp/bad.manifest
	expect_fail 1 'manifest' zoneadm attach -n /tmp/missing.manifest
	head -c 100 /tmp/det.manifest >/tmp/bad.manifest
	expect_fail 1 'manifest: ' zoneadm attach -n /tmp/bad.manifest
	check_eq 'nothing stays in /tmp' '' "$(find /tmp -maxdepth 1 -name 'zoneadm.*')"
}

test_a_plain_directory_is_attached_by_force_only()
{
	expect_ok zoneadm -z det detach
	rm "$ZONES_ROOT/zones/det/SUNWdetached.xml"
	expect_fail 1 'it has no SUNWdetached.xml; attach -F' zoneadm -z det attach
	check_eq state configured "$(state_of det)"
	expect_ok zoneadm -z det attach -F
	check_eq state installed "$(state_of det)"
	configure empty
	expect_fail 1 "zonepath '/zones/empty' does not exist" zoneadm -z empty attach -F
	mkdir -m 0700 "$ZONES_ROOT/zones/empty"
	expect_fail 1 'there is no zone to attach' zoneadm -z empty attach -F
	ln -s / "$ZONES_ROOT/zones/empty/root"
	expect_fail 1 'there is no zone to attach' zoneadm -z empty attach -F
	check_eq state configured "$(state_of empty)"
	expect_ok zonecfg -z empty delete -F
	rm -r "$ZONES_ROOT/zones/empty"
}

# make_hooks NAME=COMMAND...: the zone hk of a brand with these hooks.
make_hooks()
{
	local dir=$ZONES_ROOT/usr/lib/brand/hooky hook

	mkdir -p "$ZONES_ROOT/usr/lib/brand"
	rm -rf "$dir"
	cp -r "$ZONES_BRANDS/sparse" "$dir"
	sed -i 's/name="sparse"/name="hooky"/' "$dir/config.xml" "$dir/platform.xml"
	for hook; do
		sed -i "s|</brand>|<${hook%%=*}>${hook#*=}</${hook%%=*}>\n</brand>|" "$dir/config.xml"
	done
}

test_hooks()
{
	local said=$ZONES_ROOT/hooks

	make_hooks
	configure hk 'set brand=hooky'
	expect_ok zoneadm -z hk install
	make_hooks "predetach=echo predetach %z; false"
	expect_fail 1 "the brand's predetach hook failed" zoneadm -z hk detach
	check_eq state installed "$(state_of hk)"
	[ ! -e "$ZONES_ROOT/zones/hk/SUNWdetached.xml" ] || fail "a manifest of a failed detach"
	make_hooks "detach=test -e %R/SUNWdetached.xml \\&amp;\\&amp; false"
	expect_fail 1 "the brand's detach hook failed" zoneadm -z hk detach
	check_eq state installed "$(state_of hk)"
	[ ! -e "$ZONES_ROOT/zones/hk/SUNWdetached.xml" ] || fail "a manifest of a failed detach"
	make_hooks "predetach=echo predetach \\&gt;$said; :" "detach=echo detach \\&gt;\\&gt;$said; :" \
		"postdetach=echo postdetach \\&gt;\\&gt;$said; :"
	expect_ok zoneadm -z hk detach
	check_eq hooks 'predetach,detach,postdetach' "$(paste -sd, "$said")"
	make_hooks "attach=false"
	expect_fail 1 "the brand's attach hook failed" zoneadm -z hk attach
	check_eq state configured "$(state_of hk)"
	make_hooks "postattach=false"
	expect_fail 1 "not attached" zoneadm -z hk attach
	check_eq state configured "$(state_of hk)"
	[ -e "$ZONES_ROOT/zones/hk/SUNWdetached.xml" ] || fail "the manifest is gone"
	make_hooks "preattach=echo preattach \\&gt;$said; :" "attach=echo attach \\&gt;\\&gt;$said" \
		"postattach=echo postattach \\&gt;\\&gt;$said; :"
	expect_ok zoneadm -z hk attach -u
	check_eq hooks 'preattach,attach -u,postattach' "$(paste -sd, "$said")"
	make_hooks "preattach=false" "attach=false" "postattach=false"
	expect_ok zoneadm -z hk detach
	expect_ok zoneadm -z hk attach -F
	check_eq state installed "$(state_of hk)"
	remove_zone hk
}

test_mark()
{
	expect_ok zoneadm -z det mark incomplete
	check_eq state incomplete "$(state_of det)"
	expect_fail 1 "invalid for zones in state 'incomplete'" zoneadm -z det boot
	expect_ok zoneadm -z det mark incomplete
	check_match said 'zone is already incomplete' "$out"
	expect_fail 1 'must be confirmed: there is no terminal to ask on, use mark -F' \
		zoneadm -z det mark installed
	check_eq state incomplete "$(state_of det)"
	expect_ok zoneadm -z det mark -F configured
	check_eq state configured "$(state_of det)"
	expect_ok zoneadm -z det mark -F installed
	check_eq state installed "$(state_of det)"
	expect_ok zoneadm -z det boot
	expect_ok zoneadm -z det halt
}

test_mark_asks_on_a_terminal()
{
	python3 "$ZONES_TREE/tests/lib/on-terminal" 'zoneadm -z det mark configured' n >/tmp/tty.out
	check_match question 'Are you sure .* zone det \(y/\[n\]\)\?' "$(cat /tmp/tty.out)"
	check_match 'no is no error' 'exit 0' "$(cat /tmp/tty.out)"
	check_eq state installed "$(state_of det)"
	python3 "$ZONES_TREE/tests/lib/on-terminal" 'zoneadm -z det mark configured' y >/tmp/tty.out
	check_eq state configured "$(state_of det)"
	expect_ok zoneadm -z det mark -F installed
}

test_usage()
{
	local words

	expect_fail 2 "cannot be marked 'running'" zoneadm -z det mark running
	expect_fail 2 usage zoneadm -z det mark
	expect_fail 2 usage zoneadm -z det mark -F
	expect_fail 2 usage zoneadm -z det mark incomplete more
	expect_fail 2 usage zoneadm -z det detach more
	for words in '-F -n x' '-n x -F' '-n -F' '-F -n'; do
		# shellcheck disable=SC2086 # several
		expect_fail 2 "'attach': -F and -n exclude each other" zoneadm -z det attach $words
	done
	for words in '-n' '-n x y'; do
		# shellcheck disable=SC2086 # several
		expect_fail 2 "'attach -n' needs one manifest" zoneadm -z det attach $words
	done
	expect_fail 2 "'attach -F' takes no argument 'more'" zoneadm -z det attach -F more
	expect_fail 2 "'attach' takes no argument 'more'" zoneadm -z det attach more
	check_match 'and how it is said' usage "$out"
	expect_fail 1 global zoneadm -z global mark incomplete
	expect_fail 1 'No such zone' zoneadm -z nozone detach -n
	expect_fail 1 'only root can|for root only' setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$(command -v zoneadm)" -z det mark incomplete
	check_eq state installed "$(state_of det)"
}

run_tests
