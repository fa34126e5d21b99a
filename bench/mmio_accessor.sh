#!/bin/sh
# SPDX-License-Identifier: MIT
# What an MMIO accessor costs: its instructions, return included, beside those of a bare
# volatile access. By disassembly (up to the first return, which is the hot path) and by
# callgrind (instructions per call, as executed), with every compiler that is here. Fails when
# a checked access takes more than 5, or when a raw one is not byte for byte the bare one.

top_srcdir=${top_srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
most=5

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
bad=0

have() { command -v "$1" >/dev/null 2>&1; }

# build COMPILER: mmio_loop in $tmp, from the three kinds of mmio_sites.c
build() {
	flags="-O2 -fno-lto -I$top_srcdir/include"
	# where a distribution marks every function as a branch target, that is not ours to count
	if $1 -fcf-protection=none -c -x c /dev/null -o "$tmp/probe.o" 2>/dev/null; then
		flags="$flags -fcf-protection=none"
	fi
	$1 $flags -DSITE=bare -DBARE -c "$top_srcdir/bench/mmio_sites.c" -o "$tmp/bare.o" &&
	$1 $flags -DSITE=checked -c "$top_srcdir/bench/mmio_sites.c" -o "$tmp/checked.o" &&
	$1 $flags -DSITE=raw -DRBDRV_RAW_MMIO -c "$top_srcdir/bench/mmio_sites.c" -o "$tmp/raw.o" &&
	$1 $flags "$top_srcdir/bench/mmio_loop.c" "$tmp/bare.o" "$tmp/checked.o" "$tmp/raw.o" \
		-o "$tmp/mmio_loop"
}

# code SITE NAME: the bytes and words of that function up to its first return
code() {
	${OBJDUMP:-objdump} -d "$tmp/$1.o" | awk -v fn="<$1_$2>:" '
		$2 == fn { on = 1; next }
		on && /^$/ { exit }
		on { sub(/^[^:]*:/, ""); print; if (/\tret/) exit }'
}

counted() { code "$1" "$2" | wc -l | tr -d ' '; }

# executed SITE NAME: instructions per call, or "-"
executed() {
	test -f "$tmp/callgrind" || { echo -; return; }
	callgrind_annotate --threshold=100 "$tmp/callgrind" | awk -v fn="$1_$2" '
		{ n = $1; gsub(/,/, "", n) }
		index($0, ":" fn " ") || index($0, ":" fn "\n") || $0 ~ ":" fn "$" {
			if (n + 0 > 0 && !done) { print n / 1000; done = 1 } }
		END { if (!done) print "-" }'
}

row() {
	for site in bare checked raw; do
		eval "d_$site=\$(counted $site $1) e_$site=\$(executed $site $1)"
	done
	printf '  %-9s %6s %8s %6s   %6s %8s %6s\n' "$1" "$d_bare" "$d_checked" "$d_raw" \
		"$e_bare" "$e_checked" "$e_raw"
}

check() {
	for name in read8 read16 read32 read64 write8 write16 write32 write64; do
		n=$(counted checked $name)
		if test "$n" -lt 2 || test "$n" -gt $most; then
			echo "  checked $name takes $n instructions, the limit is $most"
			bad=1
		fi
		code bare $name >"$tmp/bare.txt"
		code raw $name >"$tmp/raw.txt"
		if ! test -s "$tmp/bare.txt" || ! cmp -s "$tmp/bare.txt" "$tmp/raw.txt"; then
			echo "  raw $name is not the bare access"
			bad=1
		fi
	done
}

have "${OBJDUMP:-objdump}" || { echo "MMIO accessors: objdump is not installed, no figures"; exit 0; }
case $(uname -m) in
x86_64 | amd64) ;;
*) echo "MMIO accessors: the figures are for x86_64"; exit 0 ;;
esac

for cc in gcc clang; do
	have $cc || { echo "MMIO accessors: $cc is not installed"; continue; }
	echo "MMIO accessors, $($cc --version | sed -n 1p), -O2: instructions with the return"
	build $cc || { echo "  $cc cannot build them"; bad=1; continue; }
	rm -f "$tmp/callgrind"
	if have valgrind; then
		valgrind --quiet --tool=callgrind --callgrind-out-file="$tmp/callgrind" \
			"$tmp/mmio_loop" || { echo "  callgrind failed"; bad=1; }
	else
		"$tmp/mmio_loop" || bad=1
		echo "  valgrind is not installed: by disassembly alone"
	fi
	printf '  %-9s %22s   %22s\n' '' 'by disassembly' 'by callgrind'
	printf '  %-9s %6s %8s %6s   %6s %8s %6s\n' '' bare checked raw bare checked raw
	row read32
	row write32
	check
done
test $bad -eq 0 && echo "  checked at most $most, raw byte for byte the bare access: yes"
exit $bad
