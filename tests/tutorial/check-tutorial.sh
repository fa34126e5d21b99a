#!/bin/sh
# SPDX-License-Identifier: MIT
# doc/tutorial.md prints the files of this directory: the blocks that follow a link to FILE,
# joined by empty lines, are FILE, byte for byte and whole.
set -u

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
here=$top_srcdir/tests/tutorial
bad=0

awk -v dir="$tmp" '
/^\[[a-z0-9_]+\.[ch]\]\(\.\.\/tests\/tutorial\/[a-z0-9_.]+\):$/ {
	file = $0
	sub(/^\[/, "", file)
	sub(/\].*/, "", file)
	next
}
/^```c$/ && file != "" {
	on = 1
	if (file in seen)
		print "" >(dir "/" file)
	seen[file] = 1
	next
}
/^```$/ && on { on = 0; file = ""; next }
on { print >(dir "/" file) }' "$top_srcdir/doc/tutorial.md"

for f in "$here"/*.[ch]; do
	name=${f##*/}
	test -f "$tmp/$name" || { echo "tutorial.md does not print $name"; bad=1; continue; }
	diff -u "$f" "$tmp/$name" || { echo "tutorial.md prints another $name"; bad=1; }
done
exit $bad
