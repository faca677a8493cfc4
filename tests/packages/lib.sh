# shellcheck shell=bash
# What the checks of packages share. $work is their folder, $build that of the build, $debs one with packages or empty.
# shellcheck disable=SC2154

say()
{
	printf '%-6s%s\n' "$1" "$2"
}

# step WHAT COMMAND...: quiet unless it fails.
step()
{
	local what=$1

	shift
	# Not a condition: in one, set -e would mean nothing.
	(
		set -e
		"$@"
	) >"$work/log" 2>&1 &
	if wait $!; then
		say ok "packages: $what"
	else
		say FAIL "packages: $what"
		tail -20 "$work/log" | sed 's/^/      | /'
		exit 1
	fi
}

in_root()
{
	chroot "$work/root" env DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

copy_tree()
{
	mkdir -p "$work/src"
	git ls-files -z | xargs -0 cp --parents -t "$work/src"
}

build_packages()
{
	env -C "$work/src" dpkg-buildpackage -b -us -uc
}

# Builds them, where $debs has none that were built before.
get_packages()
{
	if [ -n "$debs" ]; then
		find "$debs" -maxdepth 1 -type f -exec cp -t "$work" {} +
	else
		build_packages
	fi
}

# A root without anything of ours, which can fetch what the packages depend on.
make_root()
{
	mkdir -p "$work/root"
	tar -C "$work/root" -xf "$build/images/debian.tar"
	cp /etc/resolv.conf "$work/root/etc/resolv.conf"
	rm -rf "$work/root/etc/apt/sources.list.d"
	cp -r /etc/apt/sources.list.d "$work/root/etc/apt/"
	[ ! -e /etc/apt/sources.list ] || cp /etc/apt/sources.list "$work/root/etc/apt/"
	cp -r /etc/apt/apt.conf.d "$work/root/etc/apt/"
	cp "$work"/*.deb "$work/root/tmp/"
	# Nothing of the root is started here.
	printf '#!/bin/sh\nexit 101\n' >"$work/root/usr/sbin/policy-rc.d"
	chmod +x "$work/root/usr/sbin/policy-rc.d"
	mount -t proc proc "$work/root/proc"
	in_root apt-get update
}
