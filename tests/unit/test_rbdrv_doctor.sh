#!/bin/sh
# SPDX-License-Identifier: MIT
# rbdrv doctor: what it finds on systems that lack one thing or another, and its exit status.
set -u

rbdrv=${RBDRV_COMMAND:-$top_builddir/tools/rbdrv}
host=$top_builddir/lib/.libs/librbdrv-host.so
test -f "$host" || { echo 'no hosted machines in this build'; exit 77; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
bad=0

# The program itself: what libtool puts before it needs a PATH of its own.
real=$top_builddir/tools/.libs/rbdrv
test -x "$real" || real=$rbdrv
LD_LIBRARY_PATH=$(cd "$top_builddir/lib/.libs" && pwd)${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH
unset RBDRV_MACHINE RBDRV_QEMU
path=$PATH

says() { # STATUS PATTERNS ARGUMENT...: a pattern a line, each found on standard output
	status=$1 patterns=$2
	shift 2
	PATH=$path "$real" "$@" >"$tmp/out" 2>"$tmp/err"
	got=$?
	test $got -eq "$status" && test ! -s "$tmp/err" || {
		echo "rbdrv $*: status $got, expected $status"
		cat "$tmp/out" "$tmp/err"
		bad=1
	}
	echo "$patterns" | while read -r pattern; do
		grep -q -e "$pattern" "$tmp/out" || { echo "rbdrv $*: no '$pattern'"; exit 1; }
	done || { cat "$tmp/out"; bad=1; }
}

works='^All that is needed works\.$'
fails='^Something that is needed does not work\.$'

# A mock alone needs no QEMU.
says 0 "^ok    librbdrv  *$RBDRV_VERSION\$
^ok    system  .*, uid $(id -u)\$
^ok    machine mock  *mock:edu opens, 1 function\$
^ok    the machine named  *mock:edu opens\$
^ok    functions  *1, with their ids\$
^ok    claims  *0000:00:0[0-9a-f]\.0 can be opened\$
^ok    DMA memory  *blocks of up to 4096 KiB; below 4 GiB 4096 KiB\$
^ok    port I/O  *granted\$
$works" -m mock:edu doctor

# A user whom Redox would give nothing.
says 1 "^FAIL  functions  *1, but the ids of 1 are hidden from this process\$
^  *-> run it as root
^FAIL  claims  *permission denied
^ok    port I/O
$fails" -m 'mock:edu;uid=1000' doctor

says 1 "^FAIL  the machine named  *no such thing: .*nosuch
$fails" -m mock:nosuch doctor
says 1 "^FAIL  the machine named
$fails" -m nosuch doctor

# Without programs.
path=$tmp
says 1 "^FAIL  QEMU  *there is no 'qemu-system-x86_64'\$
^  *-> apt-get install qemu-system-x86, or set RBDRV_QEMU\$
^FAIL  machine qemu  *this world has no such thing
^note  lspci
^  *-> apt-get install pciutils\$
^ok    machine mock
$fails" doctor
says 0 "^note  QEMU  *there is no
^note  machine qemu
$works" -m mock:edu doctor
RBDRV_MACHINE=mock:edu
export RBDRV_MACHINE
says 0 "^ok    the machine named  *mock:edu opens\$
$works" doctor
unset RBDRV_MACHINE
path=$PATH

# Programs that are no QEMU, or a QEMU that does not start.
fake() { # NAME LINES
	printf '#!/bin/sh\n%s\n' "$2" >"$tmp/$1"
	chmod +x "$tmp/$1"
	RBDRV_QEMU=$tmp/$1
	export RBDRV_QEMU
}
fake dog "printf 'wo\\033of\\nwoof\\n'"
says 0 "^note  QEMU  *$tmp/dog is none: wo?of\$" -m mock:edu doctor
fake mute 'exit 1'
says 1 "^FAIL  QEMU  *$tmp/mute does not tell its version\$" doctor
fake lame "echo 'QEMU emulator version 99.1'; test \"\$1\" = --version || exit 1"
says 1 "^ok    QEMU  *$tmp/lame, version 99.1\$
^FAIL  machine qemu
^FAIL  the machine named" -m qemu:edu doctor
unset RBDRV_QEMU

if grep -q '^#define RBDRV_WITH_QEMU 1' "$top_builddir/config.h" &&
   command -v qemu-system-x86_64 >/dev/null; then
	says 0 "^ok    QEMU  *.*/qemu-system-x86_64, version [0-9]
^ok    machine qemu  *qemu:edu opens
$works" doctor
	says 0 "^ok    claims
^ok    DMA memory  *blocks of up to 4096 KiB
^ok    port I/O
$works" -m qemu:edu doctor
fi

# Without librbdrv-host; its own folder comes first, and has none.
mkdir "$tmp/lib"
cp "$top_builddir/lib/.libs/librbdrv.so.$RBDRV_SOVERSION" "$tmp/lib/"
libraries=$LD_LIBRARY_PATH
LD_LIBRARY_PATH=$tmp/lib
says 1 "^FAIL  machine mock  *this world has no such thing: .*librbdrv-host
^  *-> .*install librbdrv-host
$fails" doctor
LD_LIBRARY_PATH=$libraries

# The schemes of a system, played by a folder.
scheme=$tmp/root/scheme
mkdir -p "$scheme/pci" "$scheme/memory" "$scheme/irq" "$scheme/time"
: >"$scheme/pci/access"
: >"$scheme/memory/physical@uc"
: >"$scheme/memory/zeroed@wb?phys_contiguous"
: >"$scheme/memory/translation"
: >"$scheme/event"
: >"$scheme/time/4"
says 0 "^ok    /scheme/pci  *opens\$
^ok    /scheme/pci/access  *opens\$
^ok    /scheme/memory/physical@uc  *opens\$
^ok    /scheme/memory/zeroed@wb?phys_contiguous  *opens\$
^ok    /scheme/memory/translation  *opens\$
^ok    /scheme/irq  *opens\$
^ok    /scheme/event  *opens\$
^ok    /scheme/time/4  *opens\$
^-     /scheme/firmware  *absent
^-     /scheme/iommu  *absent
^note  functions  *none to be seen\$
^note  port I/O  *this world has no such thing
$works" -m "redox:root=$tmp/root" doctor
mkdir "$scheme/iommu"
rm "$scheme/time/4"
says 1 "^FAIL  /scheme/time/4  *absent\$
^ok    /scheme/iommu  *opens\$
$fails" -m "redox:root=$tmp/root" doctor
: >"$scheme/time/4"
rm "$scheme/memory/translation"
says 1 "^FAIL  /scheme/memory/translation  *absent\$
^  *-> the kernel serves it
$fails" -m "redox:root=$tmp/root" doctor
rm -r "$scheme/pci"
says 1 "^FAIL  /scheme/pci  *absent\$
^  *-> start pcid
^FAIL  functions  *this world has no such thing" -m "redox:root=$tmp/root" doctor
if test "$(id -u)" -ne 0; then
	chmod 0 "$scheme/irq"
	says 1 "^FAIL  /scheme/irq  *not for uid $(id -u)\$
^  *-> run it as root" -m "redox:root=$tmp/root" doctor
	chmod 700 "$scheme/irq"
fi

# Colour, misuse, and no room.
red=$(printf '\033\\[31mFAIL')
says 1 "^$red  the machine named" --color=always -m nosuch doctor
"$real" doctor twice >"$tmp/out" 2>"$tmp/err"
test $? -eq 2 && grep -q 'one argument too many: twice' "$tmp/err" || {
	echo 'rbdrv doctor takes an argument'
	bad=1
}
if test -w /dev/full; then
	"$real" -m mock:edu doctor >/dev/full 2>"$tmp/err"
	test $? -eq 1 && grep -q '^rbdrv: writing' "$tmp/err" || {
		echo 'rbdrv doctor to a full device does not fail'
		bad=1
	}
fi

exit $bad
