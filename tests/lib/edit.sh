# shellcheck shell=bash
# The configuration of the running zone web is edited and applied. Sourced after harness.sh.

# edit COMMAND...: of web's configuration.
edit()
{
	printf '%s\n' "$@" >"$ZONES_ROOT/edit"
	expect_ok zonecfg -z web -f "$ZONES_ROOT/edit"
}

apply()
{
	expect_ok zoneadm -z web apply
}

# Nothing is left to do.
settled()
{
	expect_ok zoneadm -z web apply -n
	# shellcheck disable=SC2154 # expect_ok sets it
	check_eq 'no difference is left' '' "$out"
}
