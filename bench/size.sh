#!/bin/sh
# SPDX-License-Identifier: MIT
# How much code librbdrv is, as built here: .text of the shared library.

top_builddir=${top_builddir:-.}
lib=$top_builddir/lib/.libs/librbdrv.so
goal=120

test -f "$lib" || { echo "size: no $lib (a shared library is not built)"; exit 0; }
if test -n "$RB_SANITIZE_FLAGS"; then
	echo "size: sanitizers are on, so it says nothing"
	exit 0
fi
command -v "${OBJDUMP:-objdump}" >/dev/null 2>&1 ||
	{ echo "size: objdump is not installed, no figure"; exit 0; }

hex=$(${OBJDUMP:-objdump} -h "$lib" | awk '$2 == ".text" { print $3 }')
test -n "$hex" || { echo "size: $lib has no .text"; exit 1; }
bytes=$(printf '%d' "0x$hex")
missed=
test "$bytes" -lt $((goal * 1024)) || missed=": missed"
echo "librbdrv.so: .text is $bytes bytes, $((bytes / 1024)) KiB (goal: under $goal KiB$missed)"
