#!/bin/sh
# SPDX-License-Identifier: MIT
# Install into an empty folder, then be a stranger: build a driver with what pkg-config says, run it
# on a hosted machine, and take everything away again.
set -u

test -n "$PKG_CONFIG" || { echo 'no pkg-config'; exit 77; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL

stage=$tmp/stage
cd "$top_builddir" || exit 1
$MAKE --no-print-directory install DESTDIR="$stage" >"$tmp/log" 2>&1 || {
	cat "$tmp/log"
	exit 1
}

pc=$(find "$stage" -name libredbear-drv.pc)
test -n "$pc" || { echo 'no libredbear-drv.pc was installed'; exit 1; }
PKG_CONFIG_LIBDIR=${pc%/*}
PKG_CONFIG_SYSROOT_DIR=$stage
export PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR
unset PKG_CONFIG_PATH
libdir=${pc%/pkgconfig/*}

for name in libredbear-drv rbdrv; do
	case " $($PKG_CONFIG --libs $name) " in
	*' -lrbdrv '*) ;;
	*) echo "$name.pc does not say -lrbdrv"; exit 1 ;;
	esac
	test "$($PKG_CONFIG --modversion $name)" = "$RBDRV_VERSION" || {
		echo "$name.pc tells another version than $RBDRV_VERSION"
		exit 1
	}
done

case " $($PKG_CONFIG --libs librbdrv-host 2>/dev/null) " in
*' -lrbdrv-host '*'-lrbdrv '*) ;;
*) test ! -f "$libdir/librbdrv-host.so" || { echo 'librbdrv-host.pc does not name both libraries'; exit 1; } ;;
esac

cat >"$tmp/driver.c" <<'EOF'
#include <stdio.h>
#include <rbdrv/rbdrv.h>

int main(int argc, char **argv)
{
	struct rb_ctx *ctx;
	struct rb_pci_list *list;
	int rc;

	rc = rb_ctx_new(argc > 1 ? argv[1] : NULL, &ctx);
	if (rc == 0) {
		rc = rb_pci_scan(ctx, NULL, &list);
		rb_ctx_unref(ctx);
	}
	if (rc < 0) {
		printf("%s: %s\n", rb_strerror(rc), rb_last_error());
		return 1;
	}
	rc = rb_pci_list_count(list) == 1 ? 0 : 1;
	rb_pci_list_close(list);
	return rc;
}
EOF
cd "$tmp" || exit 1
$CC $RB_SANITIZE_FLAGS $($PKG_CONFIG --cflags libredbear-drv) driver.c -o driver \
	$($PKG_CONFIG --libs libredbear-drv) || exit 1
test -f "$libdir/librbdrv.so.$RBDRV_SOVERSION" || { echo 'no shared library is installed: nothing to load'; exit 77; }
test -f "$libdir/librbdrv-host.so.$RBDRV_SOVERSION" || { echo 'librbdrv-host was not installed'; exit 1; }
LD_LIBRARY_PATH=$libdir ./driver mock:edu || { echo 'the installed library does not serve mock:edu'; exit 1; }
RBDRV_MACHINE=mock:edu LD_LIBRARY_PATH=$libdir ./driver || exit 1

# Beside librbdrv nothing of the build directory is known or needed.
for library in librbdrv librbdrv-host; do
	$READELF -d "$libdir/$library.so" | grep -E 'R(UN)?PATH' | grep -v '\[\$ORIGIN\]' && {
		echo "$library.so searches other places than its own"
		exit 1
	}
	test "$($READELF -d "$libdir/$library.so" | sed -n 's/.*SONAME.*\[\(.*\)\].*/\1/p')" = \
		"$library.so.$RBDRV_SOVERSION" || { echo "$library.so has another soname"; exit 1; }
done

cd "$top_builddir" || exit 1
$MAKE --no-print-directory uninstall DESTDIR="$stage" >"$tmp/log" 2>&1 || { cat "$tmp/log"; exit 1; }
left=$(find "$stage" ! -type d)
test -z "$left" || { echo "uninstall leaves: $left"; exit 1; }
