#!/bin/sh
# SPDX-License-Identifier: MIT
# Add up .trs files and close with "N passed, M failed", ", K skipped" if any were.
# A file that should be there and is not is a test that never ran: failed. If none is there,
# the build broke before any test and there is nothing to say. With no name given nothing has failed.

found=no
for trs; do
	test ! -f "$trs" || found=yes
done
test $# -eq 0 || test $found = yes || { echo 'no test has run' >&2; exit 1; }

for trs; do
	if test -f "$trs"; then
		grep '^:test-result:' "$trs" || echo ':test-result: FAIL'
	else
		echo "$trs: never ran" >&2
		echo ':test-result: FAIL'
	fi
done | awk '
$2 == "PASS" || $2 == "XFAIL" { passed++; next }
$2 == "SKIP" { skipped++; next }
{ failed++ }
END {
	printf "%d passed, %d failed", passed, failed
	if (skipped)
		printf ", %d skipped", skipped
	printf "\n"
	exit failed > 0
}'
