#!/bin/sh
# SPDX-License-Identifier: MIT
# Process-wide state is a closed list: every object that the libraries keep in writable memory
# stands in process-state.txt with its reason, and everything there exists.
set -u

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
bad=0

test -z "$RB_SANITIZE_FLAGS" || {
	echo 'sanitizers keep state of their own'
	exit 77
}

for library in librbdrv librbdrv-host; do
	file=$top_builddir/lib/.libs/$library.so
	test -f "$file" || { echo "$library.so is not built"; exit 77; }

	# Objects in .data, .bss, .tdata, .tbss; not .data.rel.ro, which is constant once loaded.
	# The compiler numbers statics of functions: "once.3" is "once". completed and __dso_handle
	# come with the compiler's start files.
	$OBJDUMP -t "$file" | awk '
	{
		for (i = 1; i <= NF; i++)
			if ($i ~ /^\.(t?data|t?bss)(\..*)?$/ && $i !~ /^\.data\.rel\.ro/)
				break
		name = $NF
		sub(/\.[0-9]+$/, "", name)
		if (i < NF && name !~ /^\./ && name !~ /^(completed|__dso_handle|__TMC_END__)$/ &&
		    name !~ /^(_edata|_end|__bss_start)$/)
			print name
	}' | sort -u >"$tmp/found"

	awk -v library=$library '
	FNR == NR { if ($1 == "#define") with[$2] = 1; next }
	/^#/ || NF == 0 || $1 != library { next }
	match($0, /\[[A-Z]+\]/) && !("RBDRV_WITH_" substr($0, RSTART + 1, RLENGTH - 2) in with) { next }
	{ print $2 }' "$top_builddir/config.h" "$top_srcdir/tests/abi/process-state.txt" |
		sort -u >"$tmp/allowed"

	diff "$tmp/allowed" "$tmp/found" >"$tmp/diff" || {
		echo "$library: process-state.txt (<) against its writable objects (>):"
		cat "$tmp/diff"
		bad=1
	}
done

exit $bad
