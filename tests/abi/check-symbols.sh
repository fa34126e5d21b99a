#!/bin/sh
# SPDX-License-Identifier: MIT
# The ABI is written down three times: in the headers (RB_EXPORT), in the maps, and in what the
# linker made. All three must say the same, in every direction; the private node must hold what
# librbdrv-host needs and nothing else. Then a program that names every function of the headers,
# inline ones too, must link with the libraries alone.
set -u

lib=$top_builddir/lib/.libs
map=$top_builddir/lib/rbdrv.map
host_map=$top_builddir/lib/host/rbdrv-host.map
include=$top_srcdir/include/rbdrv
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
bad=0

test -f "$lib/librbdrv.so" && test -f "$lib/librbdrv-host.so" || {
	echo 'not both shared libraries are built: nothing to compare'
	exit 77
}

# Headers of librbdrv-host; every other header belongs to librbdrv, but for mock_cmocka.h,
# which is all inline and needs cmocka.
host_headers='mock.h mock_net.h mock_pci.h host.h'

headers_of() { # rbdrv | host
	for h in "$include"/*.h; do
		test "${h##*/}" != mock_cmocka.h || continue
		case " $host_headers " in
		*" ${h##*/} "*) test "$1" != host || echo "$h" ;;
		*) test "$1" != rbdrv || echo "$h" ;;
		esac
	done
}

declared() { # kind, export | inline
	for h in $(headers_of "$1"); do
		awk -v want="$2" -f "$top_srcdir/tests/abi/exports.awk" "$h" || exit 1
	done | sort
}

# "node symbol" for each symbol of a map.
in_map() {
	awk '
	/\/\*/ { comment = 1 }
	!comment && /\{/ { node = $1; next }
	!comment && /^[ \t]+rbi?_[a-z0-9_]+;/ { sub(/;.*/, ""); print node, $1 }
	/\*\// { comment = 0 }' "$1" | sort
}

# "node symbol" for each symbol that a library defines.
in_library() {
	$NM -D --defined-only --with-symbol-versions "$1" | awk '$3 ~ /@/ {
		split($3, part, /@+/)
		print part[2], part[1]
	}
	$3 !~ /@/ && $2 != "A" { print "unversioned", $3 }' | sort
}

compare() { # what, file, file
	if ! diff "$2" "$3" >"$tmp/diff"; then
		echo "$1 (< first, > second):"
		cat "$tmp/diff"
		bad=1
	fi
}

check_library() { # kind, library, map
	declared "$1" export >"$tmp/$1.headers"
	in_map "$3" >"$tmp/$1.map"
	in_library "$2" >"$tmp/$1.lib"
	compare "${3##*/} against what ${2##*/} exports" "$tmp/$1.map" "$tmp/$1.lib"

	grep -v '^RBDRV_PRIVATE_' "$tmp/$1.map" | awk '{ print $2 }' | sort >"$tmp/$1.public"
	compare "RB_EXPORT in the headers against ${3##*/}" "$tmp/$1.headers" "$tmp/$1.public"

	grep '^RBDRV_PRIVATE_' "$tmp/$1.map" | awk '{ print $2 }' | sort >"$tmp/$1.private"
	if grep -v '^rb_' "$tmp/$1.public" || grep -v '^rbi_' "$tmp/$1.private"; then
		echo "${3##*/}: public names begin with rb_, private ones with rbi_"
		bad=1
	fi
	grep '^RBDRV_PRIVATE_' "$tmp/$1.map" | grep -v "^RBDRV_PRIVATE_$RBDRV_VERSION " && {
		echo "${3##*/}: a private node that is not of version $RBDRV_VERSION"
		bad=1
	}
	test -s "$tmp/$1.lib" || { echo "${2##*/} exports nothing"; bad=1; }
}

check_library rbdrv "$lib/librbdrv.so" "$map"
check_library host "$lib/librbdrv-host.so" "$host_map"

$NM -D --undefined-only "$lib/librbdrv-host.so" | awk '{ sub(/@.*/, "", $2); print $2 }' |
	grep '^rbi_' | sort >"$tmp/needed"
if grep -q '^#define RBDRV_WITH_QEMU 1' "$top_builddir/config.h"; then
	compare 'what librbdrv-host needs of librbdrv against the private node' \
		"$tmp/needed" "$tmp/rbdrv.private"
else
	# A machine that is left out needs less; what is exported does not change with options.
	comm -23 "$tmp/needed" "$tmp/rbdrv.private" >"$tmp/lacking"
	compare 'what the private node lacks' /dev/null "$tmp/lacking"
fi

# Every function by name.
for kind in rbdrv host; do
	declared $kind export
	declared $kind inline
done | sort -u | sed 's/.*/NAME(&)/' >"$tmp/every_function.inc"
for h in $(headers_of rbdrv) $(headers_of host); do
	echo "#include <rbdrv/${h##*/}>"
done >"$tmp/every_header.inc"
for raw in '' -DRBDRV_RAW_MMIO; do
	{ $CC -O0 $RB_SANITIZE_FLAGS $raw -I"$top_srcdir/include" -I"$top_builddir/include" -I"$tmp" \
		"$top_srcdir/tests/abi/link_only.c" -o "$tmp/link_only" \
		"$lib/librbdrv-host.so" "$lib/librbdrv.so" &&
		LD_LIBRARY_PATH="$lib" "$tmp/link_only"; } >"$tmp/out" 2>&1 || {
		head -n 40 "$tmp/out"
		echo "link_only.c does not link or run ($CC $raw)"
		bad=1
	}
done

exit $bad
