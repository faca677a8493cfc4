#!/bin/bash
# What commands and zoneadmd say in the language of who asks.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

export LOCPATH=$ZONES_ROOT/locales

setup()
{
	mkdir "$LOCPATH"
	localedef -i de_DE -f UTF-8 "$LOCPATH/de_DE.UTF-8" || skip 'no sources of locales'
	start_daemons
	make_zone web
	export LC_ALL=de_DE.UTF-8
	chmod 0755 "$ZONES_ROOT" "$run"
}

test_every_translation_fits_its_text()
{
	expect_ok msgfmt --check -o /dev/null "$ZONES_TREE/po/de.po"
	# A format that is not marked is not checked.
	msgattrib --no-wrap "$ZONES_TREE/po/de.po" | awk '
		/^#, .*c-format/ { marked = 1; next }
		/^msgid .*%[a-z]/ && !marked { print; bad = 1 }
		/^$/ { marked = 0 }
		END { exit bad }' || fail 'formats that are not marked'
}

test_the_commands()
{
	export LC_ALL=de_DE.UTF-8
	expect_fail 1 "^zlogin: die Zone 'web' läuft nicht; ihr Zustand ist 'installed'$" zlogin web id
	expect_fail 1 "^zoneadm: zone 'web': reboot ist im Zustand 'installed' nicht möglich; sie muss gestartet werden$" \
		zoneadm -z web reboot
	expect_fail 2 "unbekannter Unterbefehl 'nix'" zoneadm nix
}

# The texts are read from the sources as the build does it.
test_no_text_is_without_translation()
{
	local -a words
	local pot=$ZONES_ROOT/zones.pot po=$ZONES_ROOT/de.po missing

	mapfile -t words < <(grep -o -- "--keyword=[^']*" "$ZONES_TREE/po/meson.build")
	[ "${#words[@]}" -gt 5 ] || fail 'no keywords in po/meson.build'
	expect_ok xgettext "${words[@]}" --from-code=UTF-8 -D "$ZONES_TREE" -f "$ZONES_TREE/po/POTFILES" -o "$pot"
	expect_ok msgmerge -q --no-fuzzy-matching "$ZONES_TREE/po/de.po" "$pot" -o "$po"
	missing=$(msgattrib --no-wrap --untranslated "$po" | sed -n '/^msgid "..*"/p')
	check_eq 'without translation' '' "$missing"
	check_eq fuzzy '' "$(msgattrib --no-wrap --only-fuzzy "$po")"
	check_eq 'translated, but said nowhere' '' "$(msgattrib --no-wrap --only-obsolete "$po")"
}

# What is not in the list of files is not looked at for texts.
test_every_file_with_texts_is_in_the_list()
{
	local missing

	missing=$(cd "$ZONES_TREE" && grep -lE '\<(_|N_|message|complain|report_line|report_diag|diag_set|diag_errno)\("|\<(complain|report_line|report_diag|diag_set|diag_add|diag_errno)\(.*"' \
		-r cmd/zlogin cmd/zoneadm daemon/zoneadmd --include='*.c' | LC_ALL=C sort |
		LC_ALL=C comm -23 - po/POTFILES)
	check_eq 'not in po/POTFILES' '' "$missing"
}

# One daemon, two clients: each hears his own language.
test_zoneadmd_answers_in_the_language_of_the_client()
{
	expect_ok zoneadm -z web boot
	LC_ALL=de_DE.UTF-8 expect_ok zoneadm -z web boot
	check_eq German "zoneadm: zone 'web': die Zone ist bereits gestartet" "$out"
	LC_ALL=C expect_ok zoneadm -z web boot
	check_eq English "zoneadm: zone 'web': zone is already booted" "$out"
	LC_ALL=de_DE.UTF-8 expect_fail 1 "unmount ist im Zustand 'running' nicht möglich" zoneadm -z web unmount
	LC_ALL=de_DE.UTF-8 expect_ok zoneadm -z web reboot -- -x
	check_match 'a warning' "WARNUNG: unbenutzte oder ungültige Startargumente '-x'" "$out"
	expect_ok zoneadm -z web halt
}

test_a_locale_that_is_none_is_english()
{
	local ask=$ZONES_STAGE/../tests/zoneadmd-ask

	expect_ok "$ask" web 4 '' xx_YY.UTF-8
	check_match unknown 'zone is already halted' "$out"
	expect_ok "$ask" web 4 '' "../../$ZONES_ROOT/locales/de_DE.UTF-8"
	check_match 'a path' 'zone is already halted' "$out"
	expect_ok "$ask" web 4 '' de_DE.UTF-8
	check_match German 'bereits angehalten' "$out"
}

run_tests
