#!/bin/bash
# What scripts read: every member of what is printed as JSON, and every field of the parsable
# listings, is written down in the man page of its command.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	make_linked_zone fields
	expect_ok zoneadm -z fields boot
	expect_ok flowadm add-flow -t -l fieldsh0 -a transport=tcp fieldflow
}

# members: the names of all members of the JSON on standard input, also those inside.
members()
{
	python3 -c '
import json, sys
names = set()
def walk(v):
    if isinstance(v, dict):
        names.update(v)
        [walk(x) for x in v.values()]
    elif isinstance(v, list):
        [walk(x) for x in v]
text, d = sys.stdin.read(), json.JSONDecoder()
while text.strip():
    v, n = d.raw_decode(text.lstrip())
    text = text.lstrip()[n:]
    walk(v)
print(" ".join(sorted(names)))'
}

# page PAGE: its text, one blank between words.
page()
{
	mandoc -Tascii "$ZONES_TREE/man/$1" | col -b | tr -s ' \n' ' '
}

# told PAGE COMMAND...: its JSON has members, and the page names each.
told()
{
	local text name names page=$1

	shift
	names=$("$@" 2>&1 | members) || fail "'$*' gives no JSON: $("$@" 2>&1 | head -3)"
	[ -n "$names" ] || fail "'$*' has no members"
	text=$(page "$page")
	echo "# $*: $names"
	for name in $names; do
		grep -qiE -- "(^|[^a-zA-Z0-9_-])$name([^a-zA-Z0-9_-]|$)" <<<"$text" ||
			fail "$page does not name '$name' of '$*'"
	done
}

test_zones()
{
	told zoneadm.8 zoneadm list -cj
	timeout 5 zoneadm monitor -s 0 -j >/tmp/events || true
	told zoneadm.8 cat /tmp/events
	told zonecfg.8 zonecfg -z fields info -j
	told prctl.1 prctl -j -i zone fields
	told rctladm.8 rctladm -j
	told zonestat.1 zonestat -j -r all -R total 1 1
	told kstat.8 kstat -j -m zones -n fields -s zonename
}

test_links()
{
	local show

	for show in show-link show-phys show-vnic show-etherstub show-linkprop show-vlan show-aggr \
		show-bridge show-iptun show-overlay; do
		dladm "$show" -j >/tmp/said 2>&1 || fail "dladm $show -j: $(cat /tmp/said)"
		[ "$(members </tmp/said)" = '' ] || told dladm.8 dladm "$show" -j
	done
	told dladm.8 dladm show-link -s -j
	told dlstat.8 dlstat -j
	told flowadm.8 flowadm show-flow -j
}

test_doors()
{
	told doorstat.8 doorstat -j
}

# An answer that scripts parse as numbers is one, however large.
test_numbers_of_controls()
{
	expect_ok prctl -n zone.max-lwps -s -v 250 -i zone fields
	expect_ok prctl -j -n zone.max-lwps -i zone fields
	check_match 'its value' '"values":\[\{"privilege":"privileged","value":250,"action":"deny"\},' "$out"
	expect_ok prctl -j -t system -n zone.max-swap -i zone fields
	check_match largest '"value":18446744073709551615,' "$out"
	expect_ok prctl -j -i zone fields fields
	check_eq "both ids" "fields fields" \
		"$(python3 -c 'import json,sys; print(*[z["zonename"] for z in json.load(sys.stdin)])' <<<"$out")"
	expect_fail 1 "'nozone': no such zone" prctl -j -i zone fields nozone
	check_no_match 'nothing half' 'controls' "$out"
	expect_fail 2 usage prctl -j -P -i zone fields
	expect_fail 2 usage prctl -j -n zone.max-lwps -x -i zone fields
	expect_ok rctladm -j zone.max-lwps
	check_match level '"name":"zone.max-lwps","syslog":"off"' "$out"
}

run_tests
