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
