#!/bin/sh
# SPDX-License-Identifier: MIT
# The program that carries frames ends when it is told to, also while it sleeps: with its
# statistics, status 0 and nothing left behind.
set -u

carry=$top_builddir/examples/rbdrv-example-e1000e
command -v "${QEMU_PROGRAM:-qemu-system-x86_64}" >/dev/null || { echo 'no QEMU here'; exit 77; }

tmp=$(mktemp -d) || exit 1
program=
trap 'test -z "$program" || kill -9 $program; rm -rf "$tmp"' EXIT

for signal in TERM INT; do
	"$carry" 'qemu:net.n0=dgram;e1000e,netdev=n0' >"$tmp/out" 2>"$tmp/err" &
	program=$!
	n=0
	until grep -q '^link up' "$tmp/out"; do # it sleeps from here on
		n=$((n + 1))
		test $n -lt 200 || { echo 'it does not come up'; cat "$tmp/out" "$tmp/err"; exit 1; }
		sleep 0.05
	done
	sleep 0.2
	kill -$signal $program
	n=0
	while kill -0 $program 2>/dev/null; do
		n=$((n + 1))
		test $n -lt 200 || { echo "SIG$signal does not end it"; exit 1; }
		sleep 0.05
	done
	wait $program
	rc=$?
	program=
	test $rc -eq 0 || { echo "it ends with status $rc"; cat "$tmp/err"; exit 1; }
	grep -q '^received 0 frames' "$tmp/out" || { echo 'no statistics'; cat "$tmp/out"; exit 1; }
	echo "SIG$signal ends it"
done
