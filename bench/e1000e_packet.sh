#!/bin/sh
# SPDX-License-Identifier: MIT
# What a packet costs in the driver of examples/e1000e: instructions as executed, by callgrind,
# and ticks of the time stamp counter, of one frame in and one out, all that is called for it
# included, beside the same path written by hand on plain memory. With every compiler that is
# here, at batches of 1, 8 and 32 to a poll. The library is the one that was built; its
# inline half comes with the driver. Goals, for instructions: at most 1.10 of those by hand, and
# with RBDRV_RAW_MMIO at most 1.00; each line says whether it meets them. A miss is no failure.

top_srcdir=${top_srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
top_builddir=${top_builddir:-.}
packets=6400 # of e1000e_packet.c

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
bad=0

have() { command -v "$1" >/dev/null 2>&1; }

# In one piece, as what it is compared with.
for file in e1000e_tx e1000e_rx e1000e_irq e1000e_hw e1000e; do
	echo "#include \"$file.c\""
done >"$tmp/driver.c"

# driver COMPILER NAME FLAG...: the whole driver as $tmp/NAME.o, its symbols called NAME_...
driver() {
	cc=$1 name=$2
	shift 2
	$cc $flags "$@" -c "$tmp/driver.c" -o "$tmp/all.o" &&
	${NM:-nm} --defined-only "$tmp/all.o" |
		awk -v name="$name" '$3 ~ /^[a-z_]/ { print $3, name "_" $3 }' >"$tmp/$name.names" &&
	${OBJCOPY:-objcopy} --redefine-syms="$tmp/$name.names" "$tmp/all.o" "$tmp/$name.o"
}

# build COMPILER: e1000e_packet in $tmp
build() {
	flags="-O2 -fno-lto -I$top_builddir/include -I$top_srcdir/include"
	flags="$flags -I$top_srcdir/examples/e1000e"
	# where a distribution marks every function as a branch target, that is not ours to count
	if $1 -fcf-protection=none -c -x c /dev/null -o "$tmp/probe.o" 2>/dev/null; then
		flags="$flags -fcf-protection=none"
	fi
	driver "$1" checked && driver "$1" raw -DRBDRV_RAW_MMIO &&
	$1 $flags -c "$top_srcdir/bench/e1000e_by_hand.c" -o "$tmp/by_hand.o" &&
	"$top_builddir/libtool" --silent --tag=CC --mode=link $1 -no-install "$tmp/by_hand.o" \
		"$tmp/checked.o" "$tmp/raw.o" "$top_builddir/bench/libe1000e_packet.la" \
		-o "$tmp/e1000e_packet"
}

# count BATCH BYTES: a line of the table
count() {
	valgrind --quiet --tool=callgrind --callgrind-out-file="$tmp/callgrind" \
		--toggle-collect=by_hand_poll --toggle-collect=checked_e1000e_poll \
		--toggle-collect=raw_e1000e_poll "$tmp/e1000e_packet" count "$1" "$2" || return 1
	callgrind_annotate --inclusive=yes --threshold=100 "$tmp/callgrind" |
		awk -v packets=$packets -v batch="$1" -v bytes="$2" '
		{ n = $1; gsub(/,/, "", n) }
		match($0, /:(by_hand|checked_e1000e|raw_e1000e)_poll/) {
			name = substr($0, RSTART + 1, RLENGTH - 1)
			if (!(name in cost))
				cost[name] = n / packets
		}
		END {
			bare = cost["by_hand_poll"]
			checked = cost["checked_e1000e_poll"]
			raw = cost["raw_e1000e_poll"]
			if (bare == 0 || checked == 0 || raw == 0) {
				print "  callgrind shows no polls"
				exit 1
			}
			printf "  %-18s %5d %5d %8.1f %8.1f %8.1f   %6.3f %6.3f   %s, %s\n",
				"instructions", bytes, batch, bare, checked, raw, checked / bare, raw / bare,
				checked / bare <= 1.10 ? "yes" : "no", raw / bare <= 1.0 ? "yes" : "no"
		}'
}

case $(uname -m) in
x86_64 | amd64) ;;
*) echo "e1000e packets: the figures are for x86_64"; exit 0 ;;
esac
have "${OBJCOPY:-objcopy}" || { echo "e1000e packets: objcopy is not installed, no figures"; exit 0; }

for cc in gcc clang; do
	have $cc || { echo "e1000e packets: $cc is not installed"; continue; }
	echo "e1000e packets, $($cc --version | sed -n 1p), -O2: for one frame in and one out"
	build $cc || { echo "  $cc cannot build them"; bad=1; continue; }
	printf '  %-18s %5s %5s %8s %8s %8s   %s\n' '' bytes batch 'by hand' checked raw \
		'checked, raw to by hand; goals 1.10, 1.00'
	for bytes in 60 1514; do
		for batch in 1 8 32; do
			if have valgrind; then
				count $batch $bytes || bad=1
			fi
			printf '  %-18s %5d %5d' 'ticks (best of 40)' $bytes $batch
			"$tmp/e1000e_packet" time $batch $bytes || bad=1
		done
	done
done
have valgrind || echo "  valgrind is not installed: no instructions"
exit $bad
