#!/bin/bash
# A zone's own links: made, shown, kept and deleted by its root with the same dladm, in its own
# namespace, its own store, and nowhere else.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

zonepath=$ZONES_ROOT/zones/web
store=$zonepath/dladm/datalink.db

# give_dladm ZONE
give_dladm()
{
	mkdir -p "$ZONES_ROOT/zones/$1/root/root"
	cp "$(command -v dladm)" "$ZONES_ROOT/zones/$1/root/root/dladm"
	chmod 755 "$ZONES_ROOT/zones/$1/root/root/dladm"
}

setup()
{
	start_daemons
	make_linked_zone web
	give_dladm web
	expect_ok zoneadm -z web boot
}

inside()
{
	in_zone web /root/dladm "$@"
}

# The zone's own links, in the order of their names.
own_links()
{
	inside show-link -p -o link | grep -v '^web0$' | sort | tr '\n' ' '
}

# The same of what is configured, up or not.
configured_links()
{
	inside show-link -P -p -o link | grep -v '^web0$' | sort | tr '\n' ' '
}

all_is_well()
{
	expect_ok dladm check
}

restart_dlmgmtd()
{
	start dlmgmtd
	wait_for 10 dladm_answers
}

test_a_zone_makes_links_of_its_own()
{
	expect_ok inside create-etherstub stub0
	expect_ok inside create-vnic -l stub0 v0
	expect_ok inside create-vnic -t -l stub0 v1
	check_eq "own links" "stub0 v0 v1 " "$(own_links)"
	expect_ok inside show-vnic -p -o over v0
	check_eq "over" stub0 "$out"
	# the devices are in the zone, and not here
	expect_ok in_zone web ip -o link show v0
	expect_fail 1 'does not exist' ip link show v0
	expect_fail 1 'does not exist' ip link show stub0
	# they carry traffic
	expect_ok in_zone web sh -c 'ip link set v0 up; ip link set v1 up; ip addr add 10.9.0.1/24 dev v0'
	expect_ok in_zone web ip link show v0
	expect_fail 1 'link busy' inside delete-etherstub stub0
	expect_fail 1 'link busy' inside delete-vnic v0
	expect_ok in_zone web ip addr flush dev v0
	all_is_well
	for link in v1 v0; do expect_ok inside delete-vnic "$link"; done
	expect_ok inside delete-etherstub stub0
	check_eq "own links" "" "$(own_links)"
	all_is_well
}

test_names_are_the_zones_own()
{
	expect_ok inside create-etherstub webh0
	expect_ok inside rename-link webh0 mine0
	check_eq "own links" "mine0 " "$(own_links)"
	expect_ok dladm show-link -p -o link webh0
	expect_ok ip link show webh0
	expect_fail 1 'exists' inside rename-link mine0 web0
	expect_ok inside create-vnic -l mine0 v0
	expect_fail 1 'busy' inside rename-link mine0 other0
	expect_ok inside delete-vnic v0
	expect_ok inside delete-etherstub mine0
	all_is_well
}

test_what_is_lent_names_no_link_of_the_zone()
{
	# web0 is over the global zone's webs0; the zone's own webs0 is another link
	expect_ok inside create-etherstub webs0
	expect_ok inside rename-link webs0 new0
	expect_ok dladm export
	check_match "what web0 is configured over" 'web0.*linkover=string,webs0;' "$out"
	expect_ok inside delete-etherstub new0
}

test_links_over_what_is_lent()
{
	expect_ok in_zone web ip link set web0 up
	expect_fail 1 'invalid link' inside create-vnic -l web0 v0
	expect_ok inside create-overlay -t -e vxlan -s direct -v 7 \
		-p vxlan/listen_ip=10.0.0.1,direct/dest_ip=10.0.0.2 ovl0
	expect_ok in_zone web ip -d link show ovl0
	check_match "a vxlan" vxlan "$out"
	expect_ok inside delete-overlay ovl0
	expect_fail 1 'cannot be made in a zone' inside create-simnet -t sim0
	expect_fail 1 'cannot be made in a zone' inside create-bridge br
	check_eq "own links" "" "$(own_links)"
	all_is_well
}

test_a_lent_link_under_one_of_the_zones_own_comes_home()
{
	expect_ok dladm create-simnet -t sim0
	expect_ok dladm set-linkprop -t -p zone=web sim0
	expect_fail 1 'on top of temporary' inside create-vnic -l sim0 v0
	expect_ok inside create-vnic -t -l sim0 v0
	expect_ok in_zone web ip link show v0
	expect_fail 1 'busy' dladm reset-linkprop -t -p zone sim0
	all_is_well
	expect_ok zoneadm -z web reboot
	check_eq "own links" "" "$(own_links)"
	expect_ok ip link show sim0
	expect_ok dladm delete-simnet -t sim0
	all_is_well
}

# A link that the host uses is not given away; one that a zone has goes to another, or home, and stays where it is told twice.
test_whose_a_link_can_become()
{
	local zone

	zone_of()
	{
		dladm show-linkprop -c -o value -p zone give0
	}

	expect_ok dladm create-etherstub -t gives0
	expect_ok dladm create-vnic -t -l gives0 give0
	expect_ok ip addr add 10.8.0.1/24 dev give0
	expect_fail 1 "link busy .*'give0' has an address" dladm set-linkprop -t -p zone=web give0
	expect_ok ip addr flush dev give0
	expect_ok dladm create-vnic -t -l gives0 up0
	expect_fail 1 'link busy|operation not supported' dladm set-linkprop -t -p zone=web gives0
	expect_ok dladm delete-vnic -t up0
	for zone in nobody down; do
		[ "$zone" = nobody ] || make_zone down
		expect_fail 1 'invalid value' dladm set-linkprop -t -p "zone=$zone" give0
	done
	make_zone sharing 'set ip-type=shared'
	if zoneadm -z sharing ready; then
		expect_fail 1 'invalid value .zone [0-9]+ is not ready, or has no network' \
			dladm set-linkprop -t -p zone=sharing give0
	fi
	remove_zone sharing
	expect_ok zoneadm -z down ready
	for zone in web web down down global global web; do
		expect_ok dladm set-linkprop -t -p "zone=$zone" give0
		check_eq "in $zone" "${zone#global}" "$(zone_of | sed 's/^--$//')"
	done
	expect_ok zlogin web ip link show give0
	expect_ok dladm reset-linkprop -t -p zone give0
	check_eq home '' "$(zone_of | sed 's/^--$//')"
	expect_ok dladm delete-vnic -t give0
	expect_ok dladm delete-etherstub -t gives0
	remove_zone down
	all_is_well
}

test_nobody_elses_links()
{
	expect_ok inside create-etherstub own0
	expect_fail 1 'not found' dladm show-link own0
	expect_fail 1 'not found' inside delete-vnic webh0
	expect_fail 1 'permission denied' inside delete-vnic web0
	expect_fail 1 '' inside set-linkprop -t -p zone=global own0
	expect_fail 1 '' dladm set-linkprop -z web -t -p maxbw=10M own0
	expect_ok inside delete-etherstub own0
}

test_they_are_kept_and_come_up_again()
{
	local mac
	expect_ok inside create-etherstub stub0
	expect_ok inside create-vnic -l stub0 v0
	expect_ok inside create-vnic -t -l stub0 v1
	mac=$(inside show-vnic -p -o macaddress v0)
	check_eq "who has the store" "$(stat -c %u "$zonepath/dladm")" "$(stat -c %u "$store")"
	check_eq "mode of the folder" 700 "$(stat -c %a "$zonepath/dladm")"
	expect_ok zoneadm -z web halt
	all_is_well
	expect_fail 1 'not found' dladm show-link stub0
	printf '#!/bin/sh\n/root/dladm up-etherstub\n/root/dladm up-vnic\ntouch /root/up\n' \
		>"$zonepath/root/etc/rc.zone"
	chmod 755 "$zonepath/root/etc/rc.zone"
	expect_ok zoneadm -z web boot
	wait_for 20 test -e "$zonepath/root/root/up"
	check_eq "own links" "stub0 v0 " "$(own_links)"
	check_eq "the same address" "$mac" "$(inside show-vnic -p -o macaddress v0)"
	rm "$zonepath/root/etc/rc.zone" "$zonepath/root/root/up"
	# without it they are configured and not up
	expect_ok zoneadm -z web reboot
	check_eq "configured" "stub0 v0 " "$(configured_links)"
	expect_fail 1 'does not exist' in_zone web ip link show stub0
	expect_ok inside up-vnic
	check_eq "own links" "stub0 v0 " "$(own_links)"
	expect_ok inside delete-vnic v0
	expect_ok inside delete-etherstub stub0
	all_is_well
}

test_both_daemons_die()
{
	expect_ok inside create-etherstub stub0
	expect_ok inside create-vnic -l stub0 v0
	kill_hard dlmgmtd
	restart_dlmgmtd
	check_eq "own links after dlmgmtd" "stub0 v0 " "$(own_links)"
	kill_hard zoned
	start zoned
	wait_for 10 dladm_answers
	check_eq "own links after zoned" "stub0 v0 " "$(own_links)"
	expect_ok inside create-vnic -l stub0 v1
	all_is_well
	kill_hard dlmgmtd zoned
	start zoned
	restart_dlmgmtd
	for link in v0 v1; do expect_ok inside delete-vnic "$link"; done
	expect_ok inside delete-etherstub stub0
	all_is_well
}

test_a_link_removed_with_ip_can_be_deleted()
{
	expect_ok inside create-etherstub stub0
	expect_ok inside create-vnic -l stub0 v0
	expect_ok in_zone web ip link del v0
	expect_ok inside delete-vnic v0
	expect_ok in_zone web ip link del stub0
	expect_ok inside delete-etherstub stub0
	all_is_well
}

test_a_lent_link_comes_before_a_configured_one()
{
	expect_ok inside create-etherstub web1
	expect_ok zoneadm -z web halt
	expect_ok dladm create-vnic -t -l webs0 web1
	expect_ok zoneadm -z web boot
	check_eq "configured" "web1 " "$(configured_links)"
	expect_ok dladm set-linkprop -t -p zone=web web1
	expect_ok inside show-link -p -o class web1
	check_eq "the lent one" vnic "$out"
	expect_ok zoneadm -z web halt
	expect_ok zonecfg -z web 'add net; set physical=web1; end'
	expect_ok zoneadm -z web boot
	expect_ok inside show-link -p -o class web1
	check_eq "the lent one" vnic "$out"
	expect_ok zoneadm -z web halt
	expect_ok zonecfg -z web 'remove net physical=web1'
	expect_ok dladm delete-vnic -t web1
	expect_ok zoneadm -z web boot
	expect_ok inside show-link -P -p -o class web1
	check_eq "its own again" etherstub "$out"
	expect_ok inside up-etherstub
	expect_ok inside delete-etherstub web1
	all_is_well
}

# with_store COMMAND...: while the zone is down
with_store()
{
	expect_ok zoneadm -z web halt
	"$@"
}

test_a_damaged_store_is_refused_and_kept()
{
	expect_ok inside create-etherstub stub0
	with_store cp "$store" "$store.saved"
	printf 'x%.0s' {1..5000} | dd of="$store" conv=notrunc status=none
	expect_fail 1 '' zoneadm -z web boot
	check_eq "still damaged" xxxx "$(head -c 4 "$store")"
	mv "$store.saved" "$store"
	expect_ok zoneadm -z web boot
	expect_ok inside up-etherstub
	expect_ok inside delete-etherstub stub0
}

test_the_store_is_no_link_to_elsewhere()
{
	local aside=$zonepath/aside
	expect_ok inside create-etherstub stub0
	with_store mv "$zonepath/dladm" "$aside"
	ln -s aside "$zonepath/dladm"
	expect_fail 1 '' zoneadm -z web boot
	rm "$zonepath/dladm"
	mkfifo "$zonepath/dladm"
	expect_fail 1 '' zoneadm -z web boot
	rm "$zonepath/dladm"
	mkdir -m 777 "$zonepath/dladm"
	expect_fail 1 '' zoneadm -z web boot
	rmdir "$zonepath/dladm"
	mv "$aside" "$zonepath/dladm"
	mv "$store" "$zonepath/dladm/real"
	ln -s real "$store"
	expect_fail 1 '' zoneadm -z web boot
	rm "$store"
	mkfifo "$store"
	expect_fail 1 '' timeout 20 zoneadm -z web boot
	rm "$store"
	mv "$zonepath/dladm/real" "$store"
	expect_ok zoneadm -z web boot
	expect_ok inside up-etherstub
	expect_ok inside delete-etherstub stub0
}

# The door is a name in a directory of the host's that the zone has read-only. What is put over it in the zone is the zone's alone.
test_a_hostile_root_gains_nothing_from_the_door()
{
	local dev=$run/web.dev attack
	for attack in 'rm -f dlmgmt_door' 'mv dlmgmt_door x' 'ln -s /root/bait x' 'ln -sf /root/bait dlmgmt_door' \
		'mkfifo x' 'mkdir x' 'chmod 777 .' 'chmod 600 dlmgmt_door' 'touch x' 'mv ../zones ../other'; do
		expect_fail 1 '' in_zone web sh -c "cd /dev/zones && $attack"
	done
	check_eq "the directory" "dlmgmt_door zone_door " "$(find "$dev" -mindepth 1 -printf '%f\n' | sort | tr '\n' ' ')"
	# what is mounted over it stays in the zone, also when dlmgmtd attaches anew
	echo bait >"$zonepath/root/root/bait"
	for attack in 'ln -s /root/bait dlmgmt_door' 'mkfifo dlmgmt_door' 'mkdir dlmgmt_door' 'cp /root/bait dlmgmt_door'; do
		in_zone web sh -c "mount -t tmpfs none /dev/zones && cd /dev/zones && $attack" || true
		kill_hard dlmgmtd
		restart_dlmgmtd
		[ -S "$dev/dlmgmt_door" ] || fail "$attack: no door in $dev"
		check_eq "bait after $attack" bait "$(cat "$zonepath/root/root/bait")"
		in_zone web umount /dev/zones || true
	done
	in_zone web mount --bind /root/bait /dev/zones/dlmgmt_door || true
	kill_hard dlmgmtd
	restart_dlmgmtd
	check_eq "bait" bait "$(cat "$zonepath/root/root/bait")"
	in_zone web umount /dev/zones/dlmgmt_door || true
	expect_ok zoneadm -z web reboot
	expect_ok inside show-link web0
	rm "$zonepath/root/root/bait"
	all_is_well
}

test_uninstall_takes_the_store_with_it()
{
	make_zone gone
	give_dladm gone
	expect_ok zoneadm -z gone boot
	expect_ok in_zone gone /root/dladm create-etherstub stub0
	[ -e "$ZONES_ROOT/zones/gone/dladm/datalink.db" ] || fail "no store"
	expect_ok zoneadm -z gone halt
	remove_zone gone
	[ ! -e "$ZONES_ROOT/zones/gone/dladm" ] || fail "the store is left"
	all_is_well
}

run_tests
