#!/bin/sh
# SPDX-License-Identifier: MIT
# librbdrv.a cannot load librbdrv-host: the loading is compiled out, and a program linked with the
# archive is told so.
set -u

archive=$top_builddir/lib/.libs/librbdrv.a
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

test -f "$archive" || {
	echo 'the static library is not built'
	exit 77
}

if $NM "$archive" | grep -w 'U dlopen'; then
	echo 'librbdrv.a refers to dlopen'
	exit 1
fi

cat >"$tmp/driver.c" <<'EOF'
#include <stdio.h>
#include <rbdrv/rbdrv.h>

int main(void)
{
	struct rb_ctx *ctx;
	int rc = rb_ctx_new("mock:edu", &ctx);

	printf("%s: %s\n", rb_strerror(rc), rb_last_error());
	return rc == -ENOTSUP && !ctx && rb_last_error()[0] ? 0 : 1;
}
EOF
$CC $RB_SANITIZE_FLAGS -I"$top_srcdir/include" -I"$top_builddir/include" "$tmp/driver.c" \
	"$archive" $LIBS -lpthread -o "$tmp/driver" || exit 1
"$tmp/driver"
