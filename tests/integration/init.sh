#!/bin/bash
# The end of init: started again in place, halt or reboot as the brand says, and the boot arguments
# of a reboot from inside.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	make_init_brand again true
	make_init_brand never false
	make_init_brand clean 0
	make_init_brand whole reboot
	make_zone web
}

# make_init_brand NAME POLICY: a brand and a zone of it whose init ends when the host's root writes
# an exit status to root/exit of the zone.
make_init_brand()
{
	local dir=$ZONES_ROOT/usr/lib/brand/$1

	mkdir -p "$ZONES_ROOT/usr/lib/brand"
	cp -r "$ZONES_BRANDS/sparse" "$dir"
	sed -i -e "s/brand name=\"sparse\"/brand name=\"$1\"/" \
		-e "s|<restartinit>.*</restartinit>|<restartinit>$2</restartinit>|" \
		-e 's|<initname>.*</initname>|<initname>/root/init</initname>|' "$dir/config.xml"
	sed -i "s/name=\"sparse\"/name=\"$1\"/" "$dir/platform.xml"
	configure "$1" "set brand=$1"
	expect_ok zoneadm -z "$1" install
	write_init "$1"
}

write_init()
{
	cat >"$ZONES_ROOT/zones/$1/root/root/init" <<-'INIT'
		#!/bin/sh
		until [ -e /exit ]; do sleep 0.05; done
		read -r status </exit
		rm /exit
		exit "$status"
	INIT
	chmod 755 "$ZONES_ROOT/zones/$1/root/root/init"
}

# end_init ZONE STATUS: its init exits with that; the zone's root may remove the file.
end_init()
{
	echo "$2" >"$ZONES_ROOT/zones/$1/root/exit.new"
	mv "$ZONES_ROOT/zones/$1/root/exit.new" "$ZONES_ROOT/zones/$1/root/exit"
}

has_other_init()
{
	local now

	now=$(init_of "$1")
	[ -n "$now" ] && [ "$now" != "$2" ]
}

uniqid_of()
{
	zone-probe get "$(zoneadm -z "$1" list -p | cut -d: -f1)" uniqid
}

# Another life of the zone, whose init has been executed: before it is a copy of zsched.
has_other_uniqid()
{
	has_state "$1" running && [ "$(uniqid_of "$1")" != "$2" ] && [ -n "$(init_of "$1")" ] &&
		[[ $(arguments_of "$1") != *zsched* ]]
}

# net_of ZONE: its network namespace.
net_of()
{
	readlink "/proc/$(init_of "$1")/ns/net"
}

restarts_of()
{
	kstat -p "zones:*:$1:init_restarts" | awk '{ print $NF }'
}

has_restarts()
{
	[ "$(restarts_of "$1")" = "$2" ]
}

log_of()
{
	cat "$ZONES_ROOT/zones/$1/logs/platform.log"
}

test_started_again_in_place()
{
	local init id net

	expect_ok zoneadm -z again boot
	init=$(init_of again)
	id=$(uniqid_of again)
	net=$(net_of again)
	check_eq 'at first' 0 "$(restarts_of again)"
	end_init again 3
	wait_for 10 has_other_init again "$init"
	wait_for 5 has_restarts again 1
	check_eq uniqid "$id" "$(uniqid_of again)"
	check_eq 'network namespace' "$net" "$(net_of again)"
	check_eq state running "$(state_of again)"
	expect_ok zlogin again true
	# Killed from outside, by who knows whom.
	init=$(init_of again)
	kill -KILL "$init"
	wait_for 10 has_other_init again "$init"
	wait_for 5 has_restarts again 2
	check_eq uniqid "$id" "$(uniqid_of again)"
	zoneadm -z again monitor -j -s 0 >/tmp/events &
	wait_for 5 grep -q '"restarts": *2' /tmp/events
	kill $!
	check_eq 'an event for each' 2 "$(grep -c '"restarts"' /tmp/events)"
	expect_ok zoneadm -z again halt
	nothing_of again
}

# The end of input that one init was given is not that of the next one.
test_standard_streams_of_an_init_started_again()
{
	zoneadm -z again halt 2>/dev/null || true
	zonecfg -z again 'add attr; set name=zlog-mode; set type=string; set value=g--; end'
	printf '%s\n' '#!/bin/sh' 'while read -r l; do echo "got:$l"; done' 'exit 1' \
		>"$ZONES_ROOT/zones/again/root/root/init"
	expect_ok zoneadm -z again boot
	echo one | zlogin -IQ again >/tmp/first.out &
	wait_for 20 has_restarts again 1
	wait_for 20 grep -q got:one /tmp/first.out
	kill "$!"
	wait "$!" || true
	echo two | zlogin -IQ again >/tmp/second.out &
	wait_for 20 grep -q got:two /tmp/second.out
	kill "$!"
	expect_ok zoneadm -z again halt
	zonecfg -z again 'remove -F attr'
	write_init again
}

test_started_again_by_another_zoned()
{
	local init id

	expect_ok zoneadm -z again boot
	init=$(init_of again)
	id=$(uniqid_of again)
	end_init again 0
	wait_for 10 has_other_init again "$init"
	wait_for 5 has_restarts again 1
	init=$(init_of again)
	kill_hard zoned
	end_init again 0
	wait_for 10 init_gone again
	start zoned
	wait_for 10 has_other_init again "$init"
	wait_for 5 has_restarts again 2
	check_eq uniqid "$id" "$(uniqid_of again)"
	check_eq state running "$(state_of again)"
	# A zoned that finds a running zone counts on.
	kill_hard zoned
	start zoned
	check_eq 'still counted' 2 "$(restarts_of again)"
	expect_ok zoneadm -z again halt
}

init_gone()
{
	[ -z "$(init_of "$1")" ]
}

# An init that ends at once is given time, and a halt comes between.
test_one_that_ends_at_once()
{
	local i

	end_init again 1
	expect_ok zoneadm -z again boot
	for i in 1 2; do
		wait_for 10 has_restarts again "$i"
		end_init again 1
	done
	[ "$(restarts_of again)" -lt 10 ] || fail 'it spins'
	expect_ok zoneadm -z again halt
	check_eq state installed "$(state_of again)"
	nothing_of again
	rm -f "$ZONES_ROOT/zones/again/root/exit"
}

test_one_that_cannot_be_started_again()
{
	expect_ok zoneadm -z again boot
	rm "$ZONES_ROOT/zones/again/root/root/init"
	end_init again 0
	wait_for 10 has_state again installed
	nothing_of again
	write_init again
}

test_never()
{
	expect_ok zoneadm -z never boot
	end_init never 7
	wait_for 10 has_state never installed
	check_match log 'init exited with status 7' "$(log_of never)"
	nothing_of never
}

test_only_after_status_0()
{
	local init

	expect_ok zoneadm -z clean boot
	init=$(init_of clean)
	end_init clean 0
	wait_for 10 has_other_init clean "$init"
	wait_for 5 has_restarts clean 1
	end_init clean 1
	wait_for 10 has_state clean installed
	check_match log 'init exited with status 1' "$(log_of clean)"
	expect_ok zoneadm -z clean boot
	kill -KILL "$(init_of clean)"
	wait_for 10 has_state clean installed
	nothing_of clean
}

test_the_whole_zone()
{
	local id

	expect_ok zoneadm -z whole boot
	id=$(uniqid_of whole)
	end_init whole 0
	wait_for 10 has_other_uniqid whole "$id"
	check_eq 'a new life' 0 "$(restarts_of whole)"
	expect_ok zoneadm -z whole halt
}

# ---- boot arguments from inside ----

arguments_of()
{
	tr '\0' ' ' <"/proc/$(init_of "$1")/cmdline"
}

# reboots COMMAND...: typed in web; waits until it has another life.
reboots()
{
	local id

	id=$(uniqid_of web)
	in_zone web sh -c "$*" || true
	wait_for 10 has_other_uniqid web "$id"
}

test_boot_arguments_from_inside()
{
	expect_ok zoneadm -z web boot
	reboots '/native/bin/reboot -- -s -v'
	check_match 'the next boot has them' 'zones-init -s -v $' "$(arguments_of web)"
	reboots '/native/bin/reboot'
	check_match 'one boot only' 'zones-init $' "$(arguments_of web)"
	# A reboot without an orderly end, and the file as systemd writes it.
	reboots 'mkdir /run/systemd; printf -- -s >/run/systemd/reboot-param; reboot -f -- -s'
	check_match 'forced' 'zones-init -s $' "$(arguments_of web)"
	reboots '/native/bin/reboot -f'
	check_match 'none' 'zones-init $' "$(arguments_of web)"
}

# What the zone's root leaves there cannot be trusted.
test_what_is_not_boot_arguments()
{
	local dir='mkdir -p /run/systemd; cd /run/systemd; rm -f reboot-param' odd

	for odd in 'ln -s /etc/passwd reboot-param' 'mkfifo reboot-param' 'mkdir reboot-param' \
		'printf "\\001\\002" >reboot-param' 'printf "%2000d" 1 >reboot-param' ': >reboot-param' \
		'echo -s >/etc/x; cd /; rm -r /run/systemd; ln -s /etc /run/systemd; mv /etc/x /etc/reboot-param' \
		'echo -s >/root/x; : >reboot-param; mount --bind /root/x reboot-param'; do
		echo "## $odd"
		# not by the command, which would make way
		reboots "$dir; $odd; kill -INT 1"
		check_match 'no arguments' 'zones-init $' "$(arguments_of web)"
		check_eq state running "$(state_of web)"
		rm -f "$ZONES_ROOT/zones/web/root/etc/reboot-param"
	done
	expect_ok zoneadm -z web halt
	nothing_of web
}

run_tests
