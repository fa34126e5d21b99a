#!/bin/sh
# SPDX-License-Identifier: MIT
# The command rbdrv on functions: what ls, show, config and dump print, write and refuse.
set -u

rbdrv=${RBDRV_COMMAND:-$top_builddir/tools/rbdrv}
test -f "$top_builddir/lib/.libs/librbdrv-host.so" || { echo 'no hosted machines in this build'; exit 77; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
bad=0
unset NO_COLOR

complain() {
	echo "$*"
	cat "$tmp/out" "$tmp/err"
	bad=1
}

# says STATUS PATTERN ARGUMENT...: on standard output, and nothing on the other
says() {
	status=$1 pattern=$2
	shift 2
	"$rbdrv" "$@" >"$tmp/out" 2>"$tmp/err"
	got=$?
	test $got -eq "$status" || complain "rbdrv $*: status $got, expected $status"
	grep -q -e "$pattern" "$tmp/out" || complain "rbdrv $*: does not say '$pattern'"
	test ! -s "$tmp/err" || complain "rbdrv $*: not silent on standard error"
}

# and WHAT: the last output also says it; never WHAT: it does not
and() {
	grep -q -e "$1" "$tmp/out" || complain "does not say '$1' as well"
}

never() {
	grep -q -e "$1" "$tmp/out" && complain "says '$1'"
}

# refuses STATUS PATTERN ARGUMENT...: on standard error, and nothing on the other
refuses() {
	status=$1 pattern=$2
	shift 2
	"$rbdrv" "$@" >"$tmp/out" 2>"$tmp/err"
	got=$?
	test $got -eq "$status" || complain "rbdrv $*: status $got, expected $status"
	grep -q -e "$pattern" "$tmp/err" || complain "rbdrv $*: does not refuse with '$pattern'"
	test ! -s "$tmp/out" || complain "rbdrv $*: not silent on standard output"
}

RBDRV_MACHINE='mock:edu;edu'
export RBDRV_MACHINE
one=$("$rbdrv" ls -n | sed -n '2s/ .*//p')
two=$("$rbdrv" ls -n | sed -n '3s/ .*//p')
test -n "$one" -a -n "$two" || { echo 'the mock does not list two functions'; exit 1; }
slot=${one#0000:}

# --- ls ---------------------------------------------------------------------------------

says 0 '^ADDRESS  *ID  *REV  CLASS  *NAME$' ls
and "^$one  1234:11e8  10   Unclassified device"
says 0 "^$one  1234:11e8  10   00ff00\$" ls -n
never 'NAME'
says 0 "^$one  1234:11e8  10   Unclassified device \[00ff00\]" ls -nn
says 0 "^$one .*Unclassified device" ls -v
and '^  status: capabilities, '
and '^  BAR 0: 32-bit memory, at 0x[0-9a-f]*, size unknown'
and '^  \[40\] MSI$'
never 'special cycles'
says 0 'special cycles-' ls -vv
and '^  \[40\] MSI: enabled-, maskable-, is 64bit'
and 'messages 1'
says 0 '^bus 0000:00$' ls -t
and "^|-- ${slot#00:}  1234:11e8"
and "^\`-- ${two#0000:00:}  1234:11e8"

# --- filters ------------------------------------------------------------------------------

says 0 "^$one" ls -n -s "$slot"
never "^$two"
says 0 "^$two" ls -n -s"$two"
never "^$one"
says 0 "^$one" ls -n --slot=".0"
says 0 '^ADDRESS' ls -n -s 1f:
never '^0000:'
says 0 "^$one" ls -n -d 1234:
says 0 "^$one" ls -n -d :11e8
says 0 "^$one" ls -n -d 1234:11e8:00ff
says 0 '^ADDRESS' ls -n --id 8086:
never '^0000:'
refuses 2 'no slot is meant by' ls -s 00:20.0
refuses 2 'no id is meant by' ls -d 12345:
refuses 2 'which slot' ls -s
refuses 2 'which id' ls -d

# --- colour -------------------------------------------------------------------------------

escape=$(printf '\033')
says 0 "$escape\[1m$one" ls --color=always
says 0 "$escape\[1m$one" ls --color
says 0 "^$one" ls --color=never
never "$escape"
says 0 "^$one" ls
never "$escape"
NO_COLOR=1 "$rbdrv" ls --color=always | grep -q "$escape" || { echo '--color=always yields to NO_COLOR'; bad=1; }
refuses 2 'colour is auto, always or never' ls --color=red

# --- show -----------------------------------------------------------------------------------

says 0 "^$one  1234:11e8" show "$one"
and 'special cycles-'
and 'size unknown'
says 0 "^$two  1234:11e8" show "$two"
never "^$one"
says 0 'size 1 MiB' show --claim "$slot"
refuses 1 'there is no function at 00:1e.7' show 00:1e.7
refuses 2 'no address: elsewhere' show elsewhere
refuses 2 'the address of which function' show
refuses 2 'show takes no option tree' show -t "$one"
refuses 2 'ls takes no option claim' ls --claim

# --- config -----------------------------------------------------------------------------------

says 0 '^00: 34 12 e8 11 ' config "$one"
and '^f0: '
says 0 '^11e81234$' config "$one" 0
says 0 '^11e8$' config "$one" 2.w
says 0 '^12$' config "$one" 0x1.b
"$rbdrv" config "$one" 3c.b=2a >"$tmp/out" 2>"$tmp/err" || complain 'config does not write'
grep -q '^[0-9a-f][0-9a-f] -> 2a$' "$tmp/out" || complain 'config does not say what it wrote'
grep -q 'is opened to write' "$tmp/err" || complain 'config does not say that it opens the function'
refuses 2 'not a multiple of its width' config "$one" 2
refuses 2 'not a multiple of its width' config "$one" 1.w
refuses 2 'a width is .b, .w or .l' config "$one" 4.q
refuses 2 'a width is .b, .w or .l' config "$one" 4.
refuses 2 'no offset below 1000' config "$one" 1000
refuses 2 'no offset below 1000' config "$one" -- -4
refuses 2 'no offset below 1000' config "$one" x
refuses 2 'no hexadecimal value of that width' config "$one" 4.b=100
refuses 2 'no hexadecimal value of that width' config "$one" 4.w=
refuses 2 'no hexadecimal value of that width' config "$one" 4=zz
refuses 2 'no hexadecimal value of that width' config "$one" 4=123456789
refuses 1 '^rbdrv: ' config "$one" 100
refuses 2 'one argument too many' config "$one" 0 0
here=$("$rbdrv" -m pci ls 2>/dev/null | sed -n '2s/ .*//p')
test -z "$here" || refuses 1 'nothing is written' -m pci config "$here" 3c.b=2a

# --- without permission --------------------------------------------------------------------

says 0 '????:????' -m 'mock:edu;uid=1000' ls
says 0 '????:????' -m 'mock:edu;uid=1000' ls -t
says 0 'flaw ' -m 'mock:edu;uid=1000' ls -v
refuses 1 '^rbdrv: ' -m 'mock:edu;uid=1000' config "$slot"
refuses 1 '^rbdrv: ' -m 'mock:edu;uid=1000' show --claim "$slot"

# --- dump -----------------------------------------------------------------------------------

says 0 "^$one .*\[1234:11e8\] (rev 10)\$" dump
and '^00: 34 12 e8 11 '
and '^$'
says 0 "^$one " dump -s "$slot"
never "^$two "
says 0 'Region 0: Memory at [0-9a-f]* (32-bit, non-prefetchable) \[size=1M\]' dump --claim
says 0 '^00: 34 12' dump
cp "$tmp/out" "$tmp/dump"
says 0 '^00: 34 12' -m "mock:dump=$tmp/dump" dump
cmp -s "$tmp/dump" "$tmp/out" || complain 'a dump of a mock made of a dump is another one'

# --- JSON -----------------------------------------------------------------------------------

if "$rbdrv" ls --json >"$tmp/out" 2>"$tmp/err"; then
	test -z "${PERL:-}" || "$PERL" -MJSON::PP -e '
		local $/;
		my $list = decode_json(<STDIN>);
		my ($one) = @$list;
		@$list == 2 or die "not two functions\n";
		$one->{address} eq $ARGV[0] or die "address\n";
		$one->{vendor} == 0x1234 && $one->{vendor_hex} eq "1234" or die "vendor\n";
		$one->{known} && !$one->{control}{special_cycles} or die "flags\n";
		!defined $one->{bars}[0]{size} or die "a size that nobody knows\n";
		$one->{capabilities}[0]{name} eq "MSI" or die "capability\n";
		$one->{capabilities}[0]{messages} == 1 or die "messages\n";
	' "$one" <"$tmp/out" 2>"$tmp/err" || complain 'the JSON is not as it should be'
	says 0 '"size": 1048576' show --claim --json "$one"
	says 0 '^\[\]$' ls --json -s 1f:
	says 0 '"known": false' -m 'mock:edu;uid=1000' ls --json
else
	grep -q 'built without jansson' "$tmp/err" || complain 'no --json, and no word why'
fi

# --- nobody to read it ----------------------------------------------------------------------

if test -w /dev/full; then
	for command in 'ls -vv' 'ls --json' "show $one" "config $one" dump; do
		"$rbdrv" $command >/dev/full 2>"$tmp/err"
		test $? -eq 1 || { echo "rbdrv $command to a full device does not fail"; bad=1; }
	done
fi

if test -n "${PERL:-}"; then
	"$PERL" -e 'pipe R, W; close R; open STDOUT, ">&W"; exec @ARGV' "$rbdrv" ls 2>"$tmp/err"
	test $? -eq 1 && grep -q '^rbdrv: writing: ' "$tmp/err" || {
		echo 'rbdrv ls to a closed pipe does not fail with a sentence'; bad=1; }
fi

# --- on QEMU, where it is there -------------------------------------------------------------

RBDRV_MACHINE=qemu:edu
if "$rbdrv" ls >"$tmp/out" 2>"$tmp/err"; then
	and '1b36:000c .*PCI bridge'
	says 0 '^|   `-- 00\.0  1234:11e8' ls -t
	and '1b36:000c .*-> bus 01$'
	says 0 'secondary 1, subordinate 1' ls -v -d 1b36:000c
	and 'io window: '
	says 0 'link capabilities: ' ls -vv -d ::0604
	and 'uncorrectable severity: '
	says 0 'size 1 MiB' show --claim 01:00.0
fi
exit $bad
