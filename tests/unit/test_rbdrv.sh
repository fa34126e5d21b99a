#!/bin/sh
# SPDX-License-Identifier: MIT
# The command rbdrv: what it prints, and its exit status.
set -u

rbdrv=${RBDRV_COMMAND:-$top_builddir/tools/rbdrv}
test -f "$top_builddir/lib/.libs/librbdrv-host.so" || { echo 'no hosted machines in this build'; exit 77; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
bad=0

silent() { # FILE
	test ! -s "$tmp/$1" || { echo "rbdrv is not silent on $1:"; cat "$tmp/$1"; bad=1; }
}

speaks() { # STATUS PATTERN ARGUMENT...: to standard output only
	status=$1 pattern=$2
	shift 2
	"$rbdrv" "$@" >"$tmp/out" 2>"$tmp/err"
	got=$?
	if test $got -ne "$status" || ! grep -q -e "$pattern" "$tmp/out"; then
		echo "rbdrv $*: status $got, expected $status and '$pattern'"
		cat "$tmp/out" "$tmp/err"
		bad=1
	fi
	silent err
}

refuses() { # STATUS PATTERN ARGUMENT...: to standard error only
	status=$1 pattern=$2
	shift 2
	"$rbdrv" "$@" >"$tmp/out" 2>"$tmp/err"
	got=$?
	if test $got -ne "$status" || ! grep -q -e "$pattern" "$tmp/err"; then
		echo "rbdrv $*: status $got, expected $status and '$pattern'"
		cat "$tmp/out" "$tmp/err"
		bad=1
	fi
	silent out
}

speaks 0 '^Usage: rbdrv' --help
speaks 0 '^Usage: rbdrv' -h
speaks 0 "^rbdrv (libredbear-drv) $RBDRV_VERSION\$" --version

refuses 2 'what is to be done'
refuses 2 'no such option: --nosuch' --nosuch ls
refuses 2 'no such command: list' list
refuses 2 'one argument too many: ls' ls ls
refuses 2 'which machine' ls -m

refuses 1 '^rbdrv: .*name a machine' ls
refuses 1 '^rbdrv: no such thing: .*nosuch' -m nosuch:edu ls
refuses 1 '^rbdrv: ' -m mock:nosuch ls
refuses 1 '^rbdrv: ' --machine= ls

edu='^0000:00:0[0-9a-f]\.0  1234:11e8  10   Unclassified device  '
speaks 0 "$edu" -m mock:edu ls
speaks 0 "$edu" --machine=mock:edu ls
speaks 0 "$edu" ls -m 'mock:edu;profile=redbear-2026'
RBDRV_MACHINE=mock:edu
export RBDRV_MACHINE
speaks 0 "$edu" ls
speaks 0 '^0000:00:0[0-9a-f]\.0  ????:????  ??   ??????$' -m 'mock:edu;uid=1000' ls

# Writing where there is no room is a failure, and said.
if test -w /dev/full; then
	"$rbdrv" ls >/dev/full 2>"$tmp/err"
	test $? -eq 1 && grep -q '^rbdrv: writing' "$tmp/err" || {
		echo 'rbdrv ls to a full device does not fail'
		bad=1
	}
fi

exit $bad
