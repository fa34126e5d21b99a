#!/bin/sh
# SPDX-License-Identifier: MIT
# What a descriptor costs on a ring: instructions as executed, by callgrind, of the driver's
# own loops (calls they make not counted), beside the same ring written by hand with the same
# fences, with every compiler that is here, at batches of 1, 8 and 32 to a doorbell. Fails
# when post + complete takes more than 1.10 of that, or with RBDRV_RAW_MMIO more than 1.00.

top_srcdir=${top_srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
batches='1 8 32'
frames=6400 # of ring_loop.c

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
bad=0

have() { command -v "$1" >/dev/null 2>&1; }

# build COMPILER: ring_loop in $tmp, from the three kinds of ring_sites.c
build() {
	flags="-O2 -fno-lto -I$top_srcdir/include -I$top_srcdir/bench"
	# where a distribution marks every function as a branch target, that is not ours to count
	if $1 -fcf-protection=none -c -x c /dev/null -o "$tmp/probe.o" 2>/dev/null; then
		flags="$flags -fcf-protection=none"
	fi
	$1 $flags -DSITE=bare -DBARE -c "$top_srcdir/bench/ring_sites.c" -o "$tmp/bare.o" &&
	$1 $flags -DSITE=checked -c "$top_srcdir/bench/ring_sites.c" -o "$tmp/checked.o" &&
	$1 $flags -DSITE=raw -DRBDRV_RAW_MMIO -c "$top_srcdir/bench/ring_sites.c" -o "$tmp/raw.o" &&
	$1 $flags "$top_srcdir/bench/ring_loop.c" "$tmp/bare.o" "$tmp/checked.o" "$tmp/raw.o" \
		-o "$tmp/ring_loop"
}

# table: the profile on standard input as lines of the table; fails when a goal is missed
table() {
	awk -v frames=$frames -v batch="$1" '
		{ n = $1; gsub(/,/, "", n) }
		match($0, /:(bare|checked|raw)_(send|clean|complete)/) {
			name = substr($0, RSTART + 1, RLENGTH - 1)
			if (!(name in cost))
				cost[name] = n / frames
		}
		function row(what, a, b, raw_most,    bare, checked, raw) {
			bare = cost["bare_" a] + cost["bare_" b]
			checked = cost["checked_" a] + cost["checked_" b]
			raw = cost["raw_" a] + cost["raw_" b]
			if (bare == 0 || checked == 0 || raw == 0) {
				print "  callgrind shows no " what
				return missed = 1
			}
			printf "  %-28s %5d %8.2f %8.2f %8.2f   %6.3f %6.3f\n", what, batch, bare,
				checked, raw, checked / bare, raw / bare
			if (checked / bare > 1.10 || (raw_most > 0 && raw / bare > raw_most))
				missed = 1
		}
		END {
			row("send, clean up (DD bit)", "send", "clean", 1.0)
			row("submit, complete (phase)", "send", "complete", 0)
			exit missed
		}'
}

case $(uname -m) in
x86_64 | amd64) ;;
*) echo "DMA rings: the figures are for x86_64"; exit 0 ;;
esac
have valgrind || { echo "DMA rings: valgrind is not installed, no figures"; exit 0; }

for cc in gcc clang; do
	have $cc || { echo "DMA rings: $cc is not installed"; continue; }
	echo "DMA rings, $($cc --version | sed -n 1p), -O2: instructions per descriptor"
	build $cc || { echo "  $cc cannot build them"; bad=1; continue; }
	printf '  %-28s %5s %8s %8s %8s   %s\n' '' batch 'by hand' checked raw 'checked, raw to by hand'
	for batch in $batches; do
		valgrind --quiet --tool=callgrind --callgrind-out-file="$tmp/callgrind" \
			"$tmp/ring_loop" "$batch" || { echo "  ring_loop failed"; bad=1; }
		callgrind_annotate --threshold=100 "$tmp/callgrind" | table "$batch" || bad=1
	done
done
test $bad -eq 0 && echo "  checked at most 1.10, raw with DD bits at most 1.00 of what one writes by hand: yes"
exit $bad
