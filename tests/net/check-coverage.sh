#!/bin/sh
# SPDX-License-Identifier: MIT
# The hardware half of the e1000e driver, compiled to count its lines, under its tests on the
# mock: at least 90 % of them are run, of each file.
set -u

least=90
tests='test_e1000e test_e1000e_faults test_e1000e_irq'

command -v gcovr >/dev/null || { echo 'no gcovr here'; exit 77; }
command -v gcc >/dev/null && command -v gcov >/dev/null || { echo 'no gcc with its gcov here'; exit 77; }
test -z "$RB_SANITIZE_FLAGS" || { echo 'the libraries are built with sanitizers'; exit 77; }
libs=$top_builddir/lib/.libs
test -f "$libs/librbdrv-host.so" || { echo 'no shared librbdrv-host here'; exit 77; }

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
net=$top_srcdir/tests/net
driver=$(cd "$top_srcdir/examples/e1000e" && pwd -P) || exit 1
cd "$tmp" || exit 1

echo 'int main(void) { return 0; }' >try.c
gcc try.c -lcmocka -o try 2>/dev/null || { echo 'no cmocka here'; exit 77; }

compile() { # arguments for gcc
	gcc -std=gnu11 -I"$top_builddir" -I"$top_builddir/include" -I"$top_srcdir/include" -I"$driver" \
		-I"$net" "$@" || exit 1
}

for file in "$driver"/e1000e*.c; do
	test "${file##*/}" = e1000e_main.c || compile -O0 -g --coverage -c "$file"
done
compile -O1 -c "$net"/nic82574*.c "$net"/e1000e_bench.c
for test in $tests; do
	compile -O1 "$net/$test.c" ./*.o -lgcov -o "$test" \
		-L"$libs" -lrbdrv-host -lrbdrv -Wl,-rpath,"$libs" -lcmocka -lpthread
	# without QEMU: seconds, and the same lines every time
	QEMU_PROGRAM=/nonexistent "./$test" >out 2>&1 || {
		echo "$test fails"
		cat out
		exit 1
	}
done

gcovr --root "$driver" --object-directory "$tmp" --filter "$driver/e1000e.*\.[ch]" \
	"$tmp" >table || { cat table; exit 1; }
cat table
awk -v least=$least '
$1 ~ /^e1000e.*\.c$/ || $1 == "TOTAL" {
	seen++
	if ($4 + 0 < least) {
		print $1 ": less than " least " % of the lines are run"
		bad = 1
	}
}
END {
	if (seen < 6) {
		print "not all files are in the table"
		bad = 1
	}
	exit bad
}' table
