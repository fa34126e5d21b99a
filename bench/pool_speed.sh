#!/bin/sh
# SPDX-License-Identifier: MIT
# What an element of a DMA pool costs, in time beside its rivals, and in instructions for one get
# and one put, by callgrind.

top_builddir=${top_builddir:-.}
held=32

"$top_builddir/bench/pool_speed" || exit 1

command -v valgrind >/dev/null 2>&1 || { echo "  valgrind is not installed: no instructions"; exit 0; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# executed CONTENDER ROUNDS: instructions of the whole program
executed() {
	$top_builddir/libtool --mode=execute valgrind --tool=callgrind --callgrind-out-file="$tmp/out" \
		"$top_builddir/bench/pool_speed" "$1" "$2" 2>&1 | sed -n 's/.*Collected : *//p'
}

echo " instructions of one get and one put, the loop included"
for who in bare-stack rb_dma_cache rb_dma_cache-raw rb_dma_pool malloc; do
	few=$(executed $who 1000)
	many=$(executed $who 2000)
	test -n "$few" && test -n "$many" || { echo "  callgrind failed for $who"; exit 1; }
	echo "$who $few $many" | awk -v held=$held \
		'{ printf "  %-28s %7.1f\n", $1, ($3 - $2) / 1000 / held }'
done
