#!/bin/sh
# SPDX-License-Identifier: MIT
# A goal that is missed is a figure, too: bench/size.sh says so and lets make bench go on.
set -u

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
bad=0

# size_of: what bench/size.sh says of a library whose .text is of $1 bytes, in hex
size_of() {
	printf '#!/bin/sh\necho "  9 .text  %s  0 0 0 2**4"\n' "$1" >"$tmp/objdump"
	chmod +x "$tmp/objdump"
	RB_SANITIZE_FLAGS= OBJDUMP=$tmp/objdump top_builddir=$tmp \
		sh "$top_srcdir/bench/size.sh"
}

mkdir -p "$tmp/lib/.libs" && : >"$tmp/lib/.libs/librbdrv.so" || exit 1
size_of 0001dfff >"$tmp/out" || { echo "it fails below the goal"; bad=1; }
grep -q 'missed' "$tmp/out" && { echo "below the goal: $(cat "$tmp/out")"; bad=1; }
size_of 0001e000 >"$tmp/out" || { echo "it fails for a goal that is missed"; bad=1; }
grep -q 'KiB: missed)' "$tmp/out" || { echo "above the goal: $(cat "$tmp/out")"; bad=1; }
exit $bad
