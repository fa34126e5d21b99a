#!/bin/sh
# SPDX-License-Identifier: MIT
# make fuzz: every fuzz target with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer,
# FUZZ_SECONDS each. Inputs that reach new code are kept in fuzz/corpus of the build folder, so
# that the next run goes on from there; an input that breaks something is left in fuzz/ and named.
#
# usage: run-fuzz.sh SOURCES...   (of the library)
# environment: FUZZ_CC, FUZZ_SECONDS, FUZZ_TARGETS ("fuzz_caps fuzz_spec"; default: all),
# FUZZ_CPPFLAGS, FUZZ_LIBS, top_srcdir, top_builddir
set -u

FUZZ_CC=${FUZZ_CC:-clang}
FUZZ_SECONDS=${FUZZ_SECONDS:-60}
out=$top_builddir/fuzz
flags='-g -O1 -std=gnu11 -fno-omit-frame-pointer -fno-sanitize-recover=undefined'
bad=0

mkdir -p "$out/obj" "$out/corpus" || exit 1

echo 'int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n); int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) { return d == 0 && n == 1; }' \
	>"$out/probe.c"
$FUZZ_CC -fsanitize=fuzzer,address,undefined -o "$out/probe" "$out/probe.c" 2>"$out/probe.log" || {
	echo "make fuzz: $FUZZ_CC cannot link -fsanitize=fuzzer (clang and its compiler-rt can); see $out/probe.log" >&2
	exit 1
}

# Objects of an earlier run serve as long as nothing has changed.
test -f "$out/stamp" && test -z "$(find "$top_srcdir/lib" "$top_srcdir/include" -newer "$out/stamp")" ||
	rm -f "$out"/obj/*.o
touch "$out/stamp"

compile() { # source, object; a base name is unique in the tree
	test ! -f "$2" || return 0
	# the words of the flags are meant to be split
	# shellcheck disable=SC2086
	$FUZZ_CC $flags -fsanitize=fuzzer-no-link,address,undefined $FUZZ_CPPFLAGS -c -o "$2" "$1"
}

objects=
for source in "$@"; do
	case $source in *.c) ;; *) continue ;; esac
	object=$out/obj/$(basename "$source" .c).o
	compile "$top_srcdir/$source" "$object" || exit 1
	objects="$objects $object"
done

for source in "$top_srcdir"/tests/fuzz/fuzz_*.c; do
	target=$(basename "$source" .c)
	test "$target" != fuzz_main || continue
	case " ${FUZZ_TARGETS:-$target} " in *" $target "*) ;; *) continue ;; esac
	name=${target#fuzz_}
	# shellcheck disable=SC2086
	$FUZZ_CC $flags -fsanitize=fuzzer,address,undefined $FUZZ_CPPFLAGS \
		-o "$out/$target" "$source" $objects $FUZZ_LIBS || exit 1
	mkdir -p "$out/corpus/$name"
	echo "=== $target, $FUZZ_SECONDS s"
	if "$out/$target" -max_total_time="$FUZZ_SECONDS" -timeout=10 -max_len=8192 -print_final_stats=1 \
		-artifact_prefix="$out/$target." "$out/corpus/$name" \
		"$top_srcdir/tests/fuzz/seeds/$name" >"$out/$target.log" 2>&1; then
		awk -v t="$target" '/number_of_executed_units/ { n = $2 } /cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") c = $(i + 1) }
			END { printf "%s: %d runs, %d edges, no finding\n", t, n, c }' "$out/$target.log"
	else
		tail -n 40 "$out/$target.log"
		echo "$target: a finding, in $out"
		bad=1
	fi
done

exit $bad
