#!/bin/sh
# SPDX-License-Identifier: MIT
# doc/dma.md prints courier.c: the block after a line "<!-- NAME -->" is what stands between
# [NAME] and [end] there, byte for byte; each part is printed, and every C block is such a part.
set -u

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
page=$top_srcdir/doc/dma.md
bad=0

mkdir "$tmp/source" "$tmp/page"
awk -v dir="$tmp/source" '
/^\/\* \[end\] \*\/$/ { name = ""; next }
/^\/\* \[[a-z]+\] \*\/$/ { name = $2; gsub(/[][]/, "", name); next }
name != "" { print >(dir "/" name) }' "$top_srcdir/tests/guide/courier.c"
awk -v dir="$tmp/page" '
/^<!-- [a-z]+ -->$/ { name = $2; next }
/^```c$/ {
	if (name == "") {
		print FILENAME ":" FNR ": a C block of no name"
		wrong = 1
	}
	on = 1
	next
}
/^```$/ && on { on = 0; name = ""; next }
on && name != "" { print >(dir "/" name) }
END { exit wrong }' "$page" || bad=1

test "$(ls "$tmp/source" | wc -l)" -ge 7 || { echo 'courier.c has lost its marks'; bad=1; }
diff -ru "$tmp/source" "$tmp/page" || { echo 'dma.md prints something else than courier.c'; bad=1; }
exit $bad
