#!/bin/bash
# The zonepath: what it may not be, and that nothing happens when it is.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
}

zonepath()
{
	echo "$ZONES_ROOT/zones/$1"
}

# install_refused NAME REGEX: verify and install refuse, nothing was made.
install_refused()
{
	expect_fail 1 "$2" zoneadm -z "$1" verify
	check_match 'who complains' "^zoneadm: |^$1|$(zonepath "$1")" "$out"
	expect_fail 1 "$2" zoneadm -z "$1" install
	check_eq state configured "$(state_of "$1")"
}

test_install_makes_it_0700_and_roots()
{
	make_zone fine
	check_eq mode '700 0' "$(stat -c '%a %u' "$(zonepath fine)")"
	[ -d "$(zonepath fine)/root" ] || fail "no root"
	expect_ok zoneadm -z fine uninstall -F
	[ ! -e "$(zonepath fine)" ] || [ -z "$(ls -A "$(zonepath fine)")" ] || fail "files remain"
	remove_zone fine
}

# What goes with a zone, or with an installation that fails, is the zone's and nobody else's.
test_files_of_somebody_else_are_refused()
{
	local path=$ZONES_ROOT/zones/taken

	configure taken
	mkdir -m 700 "$path" "$path/photos"
	echo mine >"$path/photos/one"
	expect_fail 1 "zonepath '/zones/taken' is not empty: there is 'photos', which would be removed" \
		zoneadm -z taken install
	expect_fail 1 "there is 'photos'" zoneadm -z taken verify
	make_zone source
	expect_fail 1 "there is 'photos'" zoneadm -z taken clone source
	check_eq state configured "$(state_of taken)"
	mv "$path/photos" "$path/root"
	expect_fail 1 "'/zones/taken/root' is in the way" zoneadm -z taken install
	chmod 755 "$path/root"
	expect_fail 1 "there is 'root'" zoneadm -z taken install
	check_eq 'it is there' mine "$(cat "$path/root/one")"
	rm "$path/root/one"
	# As a file system of its own has it.
	mkdir "$path/lost+found"
	expect_ok zoneadm -z taken install
	remove_zone taken
	remove_zone source
}

test_symlink_is_refused()
{
	configure sym
	mkdir -m 0700 "$ZONES_ROOT/elsewhere"
	ln -s "$ZONES_ROOT/elsewhere" "$(zonepath sym)"
	install_refused sym 'symlink|symbolic link'
	check_eq 'the target' '' "$(ls -A "$ZONES_ROOT/elsewhere")"
	rm "$(zonepath sym)"
	rmdir "$ZONES_ROOT/elsewhere"
	remove_zone sym
}

test_symlink_in_the_middle_is_refused()
{
	printf '%s\n' 'create -b' 'set brand=sparse' 'set zonepath=/zones/link/mid' \
		'set ip-type=exclusive' verify commit >/tmp/mid.cfg
	expect_ok zonecfg -z mid -f /tmp/mid.cfg
	mkdir "$ZONES_ROOT/real"
	ln -s "$ZONES_ROOT/real" "$ZONES_ROOT/zones/link"
	expect_fail 1 'symlink|symbolic link' zoneadm -z mid install
	check_eq 'the target' '' "$(ls -A "$ZONES_ROOT/real")"
	check_eq state configured "$(state_of mid)"
	rm "$ZONES_ROOT/zones/link"
	rmdir "$ZONES_ROOT/real"
	remove_zone mid
}

test_not_owned_by_root_is_refused()
{
	configure own
	mkdir -m 0700 "$(zonepath own)"
	chown 1000 "$(zonepath own)"
	expect_fail 1 'own' zoneadm -z own verify
	rmdir "$(zonepath own)"
	remove_zone own
}

test_parent_that_others_can_write_is_refused()
{
	mkdir "$ZONES_ROOT/open"
	printf '%s\n' 'create -b' 'set brand=sparse' 'set zonepath=/open/par' 'set ip-type=exclusive' \
		verify commit >/tmp/par.cfg
	expect_ok zonecfg -z par -f /tmp/par.cfg
	chmod 0777 "$ZONES_ROOT/open"
	expect_fail 1 'writ|mode|permission' zoneadm -z par install
	check_eq state configured "$(state_of par)"
	chmod 0755 "$ZONES_ROOT/open"
	chown 1000 "$ZONES_ROOT/open"
	expect_fail 1 'own' zoneadm -z par install
	chown 0 "$ZONES_ROOT/open"
	remove_zone par
	rm -rf "$ZONES_ROOT/open"
}

test_inside_another_zones_is_refused()
{
	make_zone outer
	printf '%s\n' 'create -b' 'set brand=sparse' 'set zonepath=/zones/outer/root/inner' \
		'set ip-type=exclusive' verify commit >/tmp/inner.cfg
	expect_ok zonecfg -z inner -f /tmp/inner.cfg
	expect_fail 1 'outer' zoneadm -z inner install
	check_eq state configured "$(state_of inner)"
	[ ! -e "$ZONES_ROOT/zones/outer/root/inner" ] || fail "made inside the other zone"
	remove_zone inner
	remove_zone outer
}

test_changed_after_install_is_refused_at_boot()
{
	make_zone later
	chmod 0755 "$(zonepath later)"
	out=$(zoneadm -z later boot 2>&1) && check_eq 'repaired mode' 700 "$(stat -c %a "$(zonepath later)")"
	zoneadm -z later halt || true
	chmod 0700 "$(zonepath later)"
	chown 1000 "$(zonepath later)"
	zoneadm -z later boot && check_eq 'repaired owner' 0 "$(stat -c %u "$(zonepath later)")"
	zoneadm -z later halt || true
	chown 0 "$(zonepath later)"
	mv "$(zonepath later)" "$ZONES_ROOT/zones/moved"
	ln -s "$ZONES_ROOT/zones/moved" "$(zonepath later)"
	expect_fail 1 'symlink|symbolic link' zoneadm -z later boot
	check_eq state installed "$(state_of later)"
	nothing_of later
	rm "$(zonepath later)"
	mv "$ZONES_ROOT/zones/moved" "$(zonepath later)"
	remove_zone later
}

test_root_that_is_a_symlink_is_refused_at_boot()
{
	make_zone rootlink
	mv "$(zonepath rootlink)/root" "$(zonepath rootlink)/root.real"
	ln -s / "$(zonepath rootlink)/root"
	expect_fail 1 'root' zoneadm -z rootlink boot
	check_eq state installed "$(state_of rootlink)"
	nothing_of rootlink
	rm "$(zonepath rootlink)/root"
	mv "$(zonepath rootlink)/root.real" "$(zonepath rootlink)/root"
	remove_zone rootlink
}

run_tests
