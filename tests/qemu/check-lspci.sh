#!/bin/sh
# SPDX-License-Identifier: MIT
# What rbdrv says of every PCI device that QEMU models, and of functions made up by
# make_dumps.pl, is what lspci says of the same bytes, field by field (lspci_compare.pl).
#
# A device of QEMU that is not compared has its line in lspci_devices.txt, with the reason; one that
# neither is compared nor listed there fails the test. The last line counts, and too small counts
# fail, so this cannot pass by looking at nothing.
set -u

rbdrv=${RBDRV_COMMAND:-$top_builddir/tools/rbdrv}
here=$top_srcdir/tests/qemu
qemu=${RBDRV_QEMU:-qemu-system-x86_64}
test -f "$top_builddir/lib/.libs/librbdrv-host.so" || { echo 'no hosted machines in this build'; exit 77; }
test -n "${LSPCI:-}" || { echo 'lspci is not installed'; exit 77; }
test -n "${PERL:-}" && "$PERL" -MJSON::PP -e 1 2>/dev/null || { echo 'no perl with JSON::PP'; exit 77; }
"$rbdrv" -m mock:edu ls --json >/dev/null 2>&1 || { echo 'rbdrv has no --json in this build'; exit 77; }
export top_srcdir

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
bad=0
devices=0 capabilities=0 fields=0

count() { # SUMMARY: "compared N devices, N capabilities, N fields; ..."
	set -- $(echo "$1" | sed 's/[^0-9 ]//g')
	devices=$((devices + $1)) capabilities=$((capabilities + $2)) fields=$((fields + $3))
}

# One machine's dump, our JSON of it and lspci's text. Status 1 when the machine does not start,
# with the reason in $tmp/err. The machine is opened twice, and its bytes are the same both times.
compare() { # NAME MACHINE
	"$rbdrv" -m "$2" ls --json >"$tmp/json" 2>"$tmp/err" || return 1
	"$rbdrv" -m "$2" dump >"$tmp/dump" 2>"$tmp/err" || return 1
	"$LSPCI" -O hwdb.disable=1 -D -vvv -nn -F "$tmp/dump" >"$tmp/lspci" 2>"$tmp/lspci.err"
	"$PERL" "$here/lspci_compare.pl" "$tmp/lspci" "$tmp/json" >"$tmp/out" || {
		echo "$1 differs from lspci:"; cat "$tmp/out"; bad=1; }
	count "$(tail -n 1 "$tmp/out")"
	return 0
}

# --- what QEMU has --------------------------------------------------------------------

# How a device is started: its line's right side, or its name.
start_of() {
	line=$(sed -n "s/^$1 = //p" "$here/lspci_devices.txt")
	echo "${line:-$1}"
}

# Devices of one machine string; when they do not start together, each half alone.
batch() { # DEVICE...
	machine=
	for device; do machine="$machine${machine:+;}$device"; done
	compare "$machine" "qemu:$machine" && return
	if test $# -eq 1; then
		name=${1%%,*}
		if grep -q "^$name ! " "$here/lspci_devices.txt"; then
			left_out="$left_out $name"
		else
			echo "$1 does not start and has no line in lspci_devices.txt:"
			cat "$tmp/err"
			bad=1
		fi
		return
	fi
	half=$(($# / 2)) first= i=0
	for device; do
		test $i -lt $half && first="$first $device"
		i=$((i + 1))
	done
	shift $half # arguments are a function's own, variables are not
	batch $first
	batch "$@"
}

left_out=
if "$rbdrv" -m qemu:edu ls >/dev/null 2>&1; then
	"$qemu" -device help 2>/dev/null |
		sed -n 's/^name "\([^"]*\)", bus PCI.*/\1/p' >"$tmp/names"
	test -s "$tmp/names" || { echo "$qemu lists no devices"; bad=1; }
	group= size=0
	while read -r name; do
		grep -q "^$name ! " "$here/lspci_devices.txt" && {
			left_out="$left_out $name"; continue; }
		group="$group $(start_of "$name")" size=$((size + 1))
		test $size -lt 24 && continue
		batch $group
		group= size=0
	done <"$tmp/names"
	test -z "$group" || batch $group
	echo "QEMU: $devices devices, $capabilities capabilities, $fields fields;" \
		"not compared: $(set -- $left_out; echo $#) of $(grep -c . "$tmp/names") device types"
	test $devices -ge 150 -a $capabilities -ge 400 -a $fields -ge 20000 || {
		echo 'that is too little to have looked at everything'; bad=1; }
else
	echo 'QEMU is not there: only made-up functions are compared'
fi

# --- what QEMU has not: arbitrary bits in every register ----------------------------------

before=$fields
for seed in 1 2 3 4 5 6 7 8; do
	"$PERL" "$here/make_dumps.pl" $seed 30 >"$tmp/made"
	compare "seed $seed" "mock:dump=$tmp/made" || { echo "seed $seed:"; cat "$tmp/err"; bad=1; }
done
echo "made up: $((fields - before)) fields"
test $((fields - before)) -ge 40000 || { echo 'the made-up functions have too few fields'; bad=1; }

# --- the host's own bus, where there is one ---------------------------------------------

if "$rbdrv" -m pci: dump >"$tmp/dump" 2>/dev/null && test -s "$tmp/dump"; then
	compare "the host's bus" pci: || { echo "the host's bus:"; cat "$tmp/err"; bad=1; }
fi

# --- the comparison itself ----------------------------------------------------------------

# It notices a single flag, a single number and a capability that is missing.
"$rbdrv" -m mock:edu dump >"$tmp/dump" && "$rbdrv" -m mock:edu ls --json >"$tmp/json"
"$LSPCI" -O hwdb.disable=1 -D -vvv -nn -F "$tmp/dump" >"$tmp/lspci" 2>"$tmp/lspci.err"
"$PERL" "$here/lspci_compare.pl" "$tmp/lspci" "$tmp/json" >"$tmp/out" || { cat "$tmp/out"; bad=1; }
for change in '/"maskable"/s/false/true/' '/"revision_hex"/s/1/2/' \
	'/"is_64bit"/s/true/false/' '/"offset_hex"/s/40/44/'; do
	sed "$change" "$tmp/json" >"$tmp/changed"
	cmp -s "$tmp/json" "$tmp/changed" && { echo "$change changes nothing"; bad=1; }
	"$PERL" "$here/lspci_compare.pl" "$tmp/lspci" "$tmp/changed" >/dev/null && {
		echo "the comparison does not notice $change"; bad=1; }
done

echo "compared with lspci: $devices devices, $capabilities capabilities, $fields fields"
exit $bad
