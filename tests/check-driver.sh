#!/bin/sh
# SPDX-License-Identifier: MIT
# The test driver and the tally, fed with programs that go wrong in each way a test can: nothing
# that failed, died or never ran may be lost on the way to the closing line.
set -u

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
bad=0

# The closing line must be $1 when a test with the body $3 runs under driver options $2.
expect() {
	printf '%s\n' "$3" >"$tmp/body"
	sh "$top_srcdir/tests/driver.sh" --test-name t --log-file "$tmp/t.log" --trs-file "$tmp/t.trs" \
		--color-tests no --expect-failure no --enable-hard-errors yes $2 -- sh "$tmp/body" >/dev/null
	said=$(sh "$top_srcdir/tests/tally.sh" "$tmp/t.trs")
	status=$?
	if test "$said" != "$1"; then
		echo "'$said' instead of '$1' for:"
		cat "$tmp/body"
		bad=1
	fi
	case $1 in
	*', 0 failed'*) test $status -eq 0 ;;
	*) test $status -ne 0 ;;
	esac || { echo "tally.sh: exit status $status with '$1'"; bad=1; }
}

expect '2 passed, 0 failed' --cases 'echo 1..2; echo ok 1 - a; echo ok 2 - b'
expect '3 passed, 0 failed' --cases 'echo 1..2; echo ok 1 - a; echo ok 2 - b; echo 1..1; echo ok 1 - c'
expect '1 passed, 1 failed' --cases 'echo 1..2; echo ok 1 - a; echo not ok 2 - b; exit 1'
expect '1 passed, 0 failed, 1 skipped' --cases 'echo 1..2; echo ok 1 - a; echo "not ok 2 # SKIP b"'
expect '1 passed, 2 failed' --cases 'echo 1..3; echo ok 1 - a; exit 0'
expect '1 passed, 1 failed' --cases 'echo 1..2; echo ok 1 - a; kill -SEGV $$'
expect '2 passed, 1 failed' --cases 'echo 1..2; echo ok 1 - a; echo ok 2 - b; exit 1'
expect '2 passed, 1 failed' --cases 'echo 1..1; echo ok 1 - a; echo ok 2 - b'
expect '0 passed, 1 failed' --cases 'exit 0'
expect '0 passed, 1 failed' --cases 'echo nothing to report'
expect '0 passed, 0 failed, 1 skipped' --cases 'echo no QEMU here; exit 77'
expect '1 passed, 0 failed' '' 'exit 0'
expect '0 passed, 1 failed' '' 'exit 1'
expect '0 passed, 1 failed' '' 'echo ok 1 - a; exit 1'
expect '0 passed, 0 failed, 1 skipped' '' 'exit 77'

RBDRV_TEST_LIMIT=1
export RBDRV_TEST_LIMIT
expect '1 passed, 1 failed' --cases 'echo 1..2; echo ok 1 - a; exec sleep 60'

# A test that left nothing behind, beside one that did.
said=$(sh "$top_srcdir/tests/tally.sh" "$tmp/t.trs" "$tmp/none.trs" 2>/dev/null)
test "$said" = '1 passed, 2 failed' || { echo "'$said' with a result missing"; bad=1; }
said=$(sh "$top_srcdir/tests/tally.sh" "$tmp/none.trs" 2>/dev/null) && bad=1
test -z "$said" || { echo "'$said' without any result"; bad=1; }

exit $bad
