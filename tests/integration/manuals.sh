#!/bin/bash
# Manual pages and completion say what the programs know: subcommands, options, properties, and back.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

man=$ZONES_TREE/man

# entry PAGE WORD: the items of the page that begin with ".It Cm WORD", up to the next subcommand.
entry()
{
	awk -v word="$2" '/^\.It (Xo$|Cm [a-z])/ { on = ($3 == word) } on' "$man/$1"
}

# options TEXT: the option letters in a usage line.
options()
{
	grep -oE -- '(^|[[ |])-[A-Za-z]\b' <<<"$1" | grep -oE -- '-[A-Za-z]' | sort -u | xargs
}

test_subcommands_of_zoneadm()
{
	local line word text option

	zoneadm help | sed -n 's/^ *zoneadm \(-z zone \)\{0,1\}\([a-z-]\{1,\}.*\)/\2/p' >/tmp/usages
	[ "$(wc -l </tmp/usages)" -gt 25 ] || fail "usages: $(cat /tmp/usages)"
	while read -r line; do
		word=${line%% *}
		text=$(entry zoneadm.8 "$word")
		[ -n "$text" ] || fail "zoneadm.8 does not have '$word'"
		for option in $(options "$line"); do
			# -c, -i ... of list stand in one word
			grep -qE "Fl ([a-z]*${option#-}|.* Fl ${option#-})" <<<"$text" ||
				fail "zoneadm.8: '$word' does not have $option"
		done
		for option in $(grep '^\.It Cm' <<<"$text" | head -1 | grep -oE 'Fl [A-Za-z]+' | cut -c4- | sed 's/./& /g'); do
			grep -q -- "-$option\\b" <<<"$line" || fail "zoneadm $word: its page has -$option, '$line' not"
		done
		zoneadm help "$word" >/tmp/help
		for option in $(options "$line"); do
			# what cannot be left out is told in the text
			[[ $line == "$word $option"* ]] || grep -q -- "^ *$option\\b" /tmp/help ||
				fail "zoneadm help $word does not tell what $option is"
		done
	done </tmp/usages
	# and none that is not there
	while read -r word; do
		grep -q "^$word\\b" /tmp/usages || fail "zoneadm.8 has '$word', which zoneadm has not"
	done < <(sed -n 's/^\.It Cm \([a-z-]*\).*/\1/p' "$man/zoneadm.8")
}

test_words_of_zonecfg()
{
	local word kind

	zonecfg help | sed -n '/^Subcommands/,/^Properties/ s/^  \([a-z]*\).*/\1/p' >/tmp/subcommands
	zonecfg help properties | sed -n 's/^  \([a-z-]*\) .*/\1/p' >/tmp/properties
	zonecfg help resources | sed -n 's/^  \([a-z-]*\):.*/\1/p' >/tmp/resources
	# the heads of items, the tail of a long one on a line of its own
	mandoc -Tascii "$man/zonecfg.8" 2>/dev/null | col -bx |
		grep -E '^ {5,8}[a-z]|^ +[a-z-]+(, [a-z-]+)+$' >/tmp/page
	for kind in subcommands properties resources; do
		[ "$(wc -l <"/tmp/$kind")" -gt 10 ] || fail "$kind: $(cat "/tmp/$kind")"
		while read -r word; do
			grep -qE "^ +([a-z-]+, )*$word(,|\\b)" /tmp/page || fail "zonecfg.8 has no item '$word' ($kind)"
			zonecfg help "$word" >/tmp/help || fail "zonecfg has no help for '$word'"
			[ -s /tmp/help ] || fail "zonecfg help $word says nothing"
		done <"/tmp/$kind"
	done
	while read -r word; do
		for kind in $(options "$(zonecfg help | grep "^  $word\\b")"); do
			entry zonecfg.8 "$word" | grep -q "Fl ${kind#-}" || fail "zonecfg.8: '$word' does not have $kind"
		done
	done </tmp/subcommands
	# the properties of resources
	for word in $(zonecfg help resources | sed -n 's/^  [a-z-]*: //p' | tr -d ',*'); do
		grep -qE "(Cm|Ic)( [a-z-]+( ,| Ns \\*( ,)?)?)* $word\\b" "$man/zonecfg.8" ||
			fail "zonecfg.8 does not have the property '$word' of a resource"
	done
}

test_options_of_zlogin()
{
	local usage

	usage=$(zlogin 2>&1 | grep -oE -- '-[A-Za-z]+' | cut -c2- | grep -o . | sort -u | xargs)
	check_eq 'zlogin.1' "$usage" "$(sed -n 's/^\.It Fl \([A-Za-z]\).*/\1/p' "$man/zlogin.1" | sort -u | xargs)"
	check_eq 'completion of zsh' "$usage" \
		"$(sed -n "s/^.*[')]-\\([A-Za-z]\\)\\[.*/\\1/p" "$ZONES_TREE/completions/_zlogin" | sort -u | xargs)"
	check_eq 'completion of bash' "$usage" "$(grep -oE -- " words='-.*'|\) words='-.*'" \
		"$ZONES_TREE/completions/zlogin" | grep -oE -- '-[A-Za-z]' | cut -c2- | sort -u | xargs)"
}

# Each says with which exit codes it ends, and where it keeps what.
test_exit_codes()
{
	local page text code

	for page in zoneadm.8 zonecfg.8 zlogin.1 zonename.1 zonestat.1 zoneadmd.8 svc-zones.8; do
		text=$(mandoc -Tascii "$man/$page" 2>/dev/null | col -b | awk '/^[A-Z]/ { on = /^EXIT STATUS/ } on')
		[ -n "$text" ] || fail "$page does not say how it exits"
		for code in 0 1; do
			grep -qE "(^|[^0-9])>?$code([^0-9]|$)" <<<"$text" || fail "$page does not have exit code $code: $text"
		done
	done
	for page in zoneadm zonecfg zlogin; do
		expect_fail 2 '' "$page" -j
	done
}

run_tests
