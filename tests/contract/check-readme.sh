#!/bin/sh
# SPDX-License-Identifier: MIT
# The driver printed in README.md is readme_driver.c, byte for byte, and it builds and runs as it is.
set -u

test -f "$top_builddir/lib/.libs/librbdrv-host.so" || { echo 'no hosted machines in this build'; exit 77; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
driver=$top_srcdir/tests/contract/readme_driver.c

# README's first C block
awk '/^```c$/ { on = 1; next } /^```$/ && on { exit } on' "$top_srcdir/README.md" >"$tmp/readme.c"
diff -u "$driver" "$tmp/readme.c" || { echo 'README.md prints another driver'; exit 1; }

# shellcheck disable=SC2086 # $CC and the sanitizer flags are lists
$CC -std=c11 -Wall -Wextra -Werror $RB_SANITIZE_FLAGS -I"$top_srcdir/include" \
	-I"$top_builddir/include" -o "$tmp/driver" "$tmp/readme.c" \
	-L"$top_builddir/lib/.libs" -lrbdrv -Wl,-rpath,"$top_builddir/lib/.libs" || exit 1

# gcc's AddressSanitizer calls dlopen() itself, so that librbdrv's own RUNPATH does not count
if test -n "$RB_SANITIZE_FLAGS"; then
	LD_LIBRARY_PATH=$(cd "$top_builddir/lib/.libs" && pwd)
	export LD_LIBRARY_PATH
fi

answer=$(RBDRV_MACHINE=mock:edu "$tmp/driver") || { echo 'it does not run on mock:edu'; exit 1; }
test "$answer" = '10! = 3628800' || { echo "it says '$answer'"; exit 1; }

# And where there is no edu it ends with a sentence, not with a signal.
RBDRV_MACHINE=mock "$tmp/driver" 2>"$tmp/words"
test $? -eq 1 || { echo 'it does not end with 1 where there is no device'; exit 1; }
test -s "$tmp/words"
