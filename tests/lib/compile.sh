# shellcheck shell=bash
# How a program of others is built: with nothing but what is installed, as pkg-config tells.
# Sourced after harness.sh.

LD_LIBRARY_PATH=$(dirname "$(find "$ZONES_STAGE" -name libdoor.so)")
export LD_LIBRARY_PATH

# compile PROGRAM...: tests/manual/PROGRAM.c into $work, with $library.
library=libdoor
compile()
{
	local cc dir flags program

	# CC may have words: "ccache cc".
	read -ra cc <<<"${CC:-cc}"
	command -v "${cc[0]}" pkg-config >/dev/null || skip "no compiler or no pkg-config"
	mkdir -p "${work:?}"
	dir=$(dirname "$(find "$ZONES_STAGE" -name libdoor.pc)")
	flags=$(PKG_CONFIG_PATH=$dir PKG_CONFIG_SYSROOT_DIR=$ZONES_STAGE \
		pkg-config --cflags --libs "$library")
	# A sanitized library needs a program with the same runtime.
	if ldd "$LD_LIBRARY_PATH/libdoor.so" | grep -q libasan; then
		flags+=' -fsanitize=address,undefined'
	fi
	for program; do
		# shellcheck disable=SC2086 # flags are words
		"${cc[@]}" -std=gnu17 -D_GNU_SOURCE -Wall -Werror -o "$work/$program" \
			"$ZONES_TREE/tests/manual/$program.c" $flags -lpthread
	done
}
