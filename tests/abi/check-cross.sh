#!/bin/sh
# SPDX-License-Identifier: MIT
# A build for Redox, with this machine's compiler in Redox's clothes: it calls itself redox and not
# linux, and the headers that relibc has not are errors. Proves that configure makes a shared
# library there, with the right soname, and that it asks the C library for nothing that relibc
# does not have. That it *runs* is for a real Redox kernel to show.
set -u

test -z "$RB_SANITIZE_FLAGS" || { echo 'checked by the build without sanitizers'; exit 77; }
command -v gcc >/dev/null || { echo 'the wrapper compiler needs gcc'; exit 77; }

here=$top_srcdir/tests/abi
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
# Nothing of the outer make concerns the inner one.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL CC CXX NM OBJDUMP READELF LIBS LIBTOOL

fail() {
	echo "$@"
	exit 1
}

target=x86_64-unknown-redox
mkdir -p "$tmp/bin" "$tmp/include/sys" "$tmp/build"
for header in eventfd timerfd signalfd inotify io auxv; do
	echo "#error relibc has no sys/$header.h" >"$tmp/include/sys/$header.h"
done
cat >"$tmp/bin/$target-gcc" <<EOF
#!/bin/sh
exec gcc -U__linux__ -U__linux -Ulinux -U__gnu_linux__ -D__redox__ "-I$tmp/include" "\$@"
EOF
chmod +x "$tmp/bin/$target-gcc"
for tool in ar ranlib nm strip objdump readelf ld; do
	printf '#!/bin/sh\nexec %s "$@"\n' $tool >"$tmp/bin/$target-$tool"
	chmod +x "$tmp/bin/$target-$tool"
done
PATH=$tmp/bin:$PATH
export PATH

"$target-gcc" -shared -fPIC -Wall -Wextra -Werror "$here/redox_stub.c" -o "$tmp/libredox_stub.so" ||
	fail 'redox_stub.c does not compile'

# A tree that is configured in place cannot serve a second build: use a clean copy of it.
source=$top_srcdir
if test -f "$source/config.status"; then
	mkdir "$tmp/source"
	(cd "$source" && tar cf - --exclude=./.git --exclude=./build --exclude='./build-[!a]*' \
		--exclude='*.o' --exclude='*.lo' --exclude='*.la' --exclude=.libs --exclude=.deps .) |
		(cd "$tmp/source" && tar xf -)
	source=$tmp/source
	(cd "$source" && rm -f config.status config.h stamp-h1 Makefile libtool *.pc lib/*.map \
		lib/host/*.map include/rbdrv/version.h doc/Doxyfile)
fi

# What this machine's C library has and relibc has not; the probes link against the former.
ac_cv_func_secure_getenv=no
export ac_cv_func_secure_getenv

cd "$tmp/build" || exit 1
"$source/configure" --host=$target --build="$("$source/build-aux/config.guess")" \
	--disable-dependency-tracking --enable-werror --disable-doc --prefix=/usr \
	CFLAGS='-O2 -U_FORTIFY_SOURCE' LDFLAGS="-L$tmp" LIBS=-lredox_stub >"$tmp/log" 2>&1 || {
	tail -n 40 "$tmp/log"
	fail 'configure fails for Redox'
}
for said in 'host  *x86_64-unknown-redox' 'shared library  *yes' 'librbdrv-host  *no' 'machine qemu  *no'; do
	grep -q "^  $said" "$tmp/log" || fail "configure's summary does not say: $said"
done

make -j2 >"$tmp/log" 2>&1 || {
	tail -n 40 "$tmp/log"
	fail 'the build for Redox fails'
}

library=lib/.libs/librbdrv.so.$RBDRV_SOVERSION
test -f "$library" || fail "no $library: only $(cd lib/.libs && echo *)"
test -h lib/.libs/librbdrv.so || fail 'no link librbdrv.so for the linker'
test ! -e lib/librbdrv-host.la || fail 'librbdrv-host was built, which has no place on Redox'
readelf -h "$library" | grep -q 'Type:.*DYN' || fail "$library is no shared object"
soname=$(readelf -d "$library" | sed -n 's/.*SONAME.*\[\(.*\)\].*/\1/p')
test "$soname" = "librbdrv.so.$RBDRV_SOVERSION" || fail "the soname is '$soname'"
readelf -d "$library" | grep -E 'R(UN)?PATH' && fail 'a run path, which only hosts need'

# Port instructions, of each width; no other build has them, and no host may run them.
objdump -d "$library" >"$tmp/code"
for insn in 'in  *(%dx),%al' 'in  *(%dx),%ax' 'in  *(%dx),%eax' \
	'out  *%al,(%dx)' 'out  *%ax,(%dx)' 'out  *%eax,(%dx)'; do
	grep -q "	$insn" "$tmp/code" || fail "no instruction '$insn'"
done

# The same ABI as everywhere.
exported() {
	nm -D --defined-only --with-symbol-versions "$1" | awk '$2 != "A" { print $3 }' | sort
}
if test -f "$top_builddir/$library"; then
	exported "$top_builddir/$library" >"$tmp/exported.here"
	exported "$library" >"$tmp/exported.redox"
	diff "$tmp/exported.here" "$tmp/exported.redox" || fail 'another ABI (>) than on this machine (<)'
fi

# Weak ones may be absent: they are there to be asked for.
nm -D --undefined-only "$library" | awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }' >"$tmp/needed.so"
nm lib/.libs/librbdrv.a | awk '$1 == "U" { used[$2] } NF == 3 { made[$3] }
	END { for (name in used) if (!(name in made)) print name }' >"$tmp/needed.a"
for kind in so a; do
	test -s "$tmp/needed.$kind" || fail "nm finds no undefined symbol in the .$kind, which cannot be"
done
sort -u "$tmp/needed.so" "$tmp/needed.a" >"$tmp/needed"
sed 's/[ \t]*#.*//; /^$/d' "$here/relibc-symbols.txt" | sort -u >"$tmp/relibc"
unknown=$(comm -23 "$tmp/needed" "$tmp/relibc")
test -z "$unknown" || fail "relibc-symbols.txt does not have:" $unknown

echo "$(wc -l <"$tmp/needed") undefined symbols, all of them in relibc"
