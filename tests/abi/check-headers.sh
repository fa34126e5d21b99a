#!/bin/sh
# SPDX-License-Identifier: MIT
# Each public header compiles alone, twice in a row, as C99 -pedantic and as C++, with every
# warning an error, for checked and for raw register access; and a C++ program uses them all.
set -u

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
bad=0
include="-I$top_srcdir/include -I$top_builddir/include"
warnings='-pedantic -Wall -Wextra -Werror'

printf '#include <setjmp.h>\n#include <stdarg.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <cmocka.h>\n' \
	>"$tmp/cmocka.c"
if $CC -fsyntax-only "$tmp/cmocka.c" 2>/dev/null; then has_cmocka=yes; else has_cmocka=no; fi

compile() { # compiler and language, file
	$1 $warnings $include -fsyntax-only "$2" >"$tmp/out" 2>&1 || {
		echo "$3: $1 says"
		cat "$tmp/out"
		bad=1
	}
}

for h in "$top_srcdir"/include/rbdrv/*.h "$top_builddir"/include/rbdrv/version.h; do
	name=${h##*/}
	# mock_cmocka.h is for those who have cmocka.
	test "$name" != mock_cmocka.h || test "$has_cmocka" = yes || continue
	printf '#include <rbdrv/%s>\n#include <rbdrv/%s>\nint rb_probe;\n' "$name" "$name" >"$tmp/probe.c"
	cp "$tmp/probe.c" "$tmp/probe.cc"

	for raw in '' -DRBDRV_RAW_MMIO; do
		compile "$CC -std=c99 $raw" "$tmp/probe.c" "$name as C99"
		compile "$CC -std=c11 $raw" "$tmp/probe.c" "$name as C11"
		test -z "$CXX" || compile "$CXX -std=c++11 $raw" "$tmp/probe.cc" "$name as C++"
	done
done

if test -n "$CXX"; then
	compile "$CXX -std=c++11" "$top_srcdir/tests/abi/cxx.cc" cxx.cc
else
	echo 'no C++ compiler: C++ is not checked'
fi

exit $bad
