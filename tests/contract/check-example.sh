#!/bin/sh
# SPDX-License-Identifier: MIT
# The example driver, one binary, on the mock and on QEMU's own device, and where it must fail.
set -u

test -f "$top_builddir/lib/.libs/librbdrv-host.so" || { echo 'no hosted machines in this build'; exit 77; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
edu=$top_builddir/examples/edu
cd "$tmp" || exit 1 # it runs from any folder

complain() {
	echo "$1"
	cat out err
	exit 1
}

says() {
	grep -qE -- "$1" out || complain "no line like '$1'"
}

drives() { # MACHINE: every step is there, in the argument's way or the environment's
	RBDRV_MACHINE=$1 "$edu" >out 2>err || complain "it fails on $1"
	test ! -s err || complain "it complains on $1"
	says '^  ok  found [0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]: 1234:11e8, class 00ff00'
	says '^  ok  claimed it and mapped BAR0: 1024 KiB at 0x'
	says '^  ok  identification register 0x010000ed'
	says '^  ok  alive: wrote 0x12345678, read its complement 0xedcba987'
	test "$(grep -c '10! = 3628800 and announced it by an interrupt' out)" = 2 ||
		complain 'not two factorials'
	test "$(grep -c 'DMA: 4095 bytes .* checksum [0-9a-f]*$' out)" = 2 || complain 'not two round trips'
	test "$(grep -c 'raised 10 interrupts, counted 10$' out)" = 2 || complain 'not two counts of 10'
	says '^with MSI:$'
	says '^with INTx:$'
	says 'everything given back: 0 objects'
	sed '1d; s/ at 0x[0-9a-f]*$//; s/found [^ ]*/found/; s/0x[0-9a-f]* to the device and back to 0x[0-9a-f]*//' \
		out >"$2"
	echo "drives $1"
}

refuses() { # MACHINE WORDS
	"$edu" "$1" >out 2>err
	test $? -eq 1 || complain "its exit status on '$1' is not 1"
	grep -qF -- "$2" err || complain "it does not say '$2' on '$1'"
	echo "refuses '$1'"
}

counts() { # MACHINE: the library's own counters, for each kind of interrupt
	"$edu" --stats "$1" >out 2>err || complain "it fails with --stats on $1"
	says '^[0-9a-f:.]+: 1 of MSI$'
	says '^[0-9a-f:.]+: 1 of INTx$'
	test "$(grep -cE '^  vector 0: [1-9][0-9]* interrupts, [1-9][0-9]* takes \([1-9][0-9]* empty\), [1-9][0-9]* waits \(' out)" = 2 ||
		complain 'not two lines of counters'
	test "$(grep -cE '^    (waited|served): [0-9]+ (ns|us|ms|s): [0-9]+' out)" -ge 2 || complain 'no times'
	echo "counts on $1"
}

drives mock:edu answers.mock
counts mock:edu
refuses mock 'device not found'
refuses nowhere:edu nowhere
refuses 'mock:edu;uid=1000' FAILED

# Only a machine that is not here (-ENOTSUP) is passed over.
"$edu" redox 2>absent >out
if ! "$edu" qemu:edu >out 2>err && test "$(cut -d: -f1,2 err)" = "$(cut -d: -f1,2 absent)"; then
	echo "no QEMU here: $(cat err)"
else
	drives qemu:edu answers.qemu
	counts qemu:edu
	diff answers.mock answers.qemu || complain 'mock and QEMU answer differently'
	echo 'mock and QEMU answer the same'
fi
