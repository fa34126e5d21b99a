#!/bin/sh
# SPDX-License-Identifier: MIT
# The pages name calls, structs and constants of ours; each must be in a public header: code, not
# comment, and where a page calls a function it must be one. rb_pci_ or rb_mock_* is the beginning of
# one. And doc/porting.md prints pieces of examples/e1000e: each stands there, byte for byte.
set -u

cd "${top_srcdir:-.}" || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
bad=0

# --- names ------------------------------------------------------------------------------------------

# Headers without comments.
code() {
	awk '{ text = text $0 "\n" }
	END {
		while ((at = index(text, "/*")) > 0) {
			printf "%s ", substr(text, 1, at - 1)
			text = substr(text, at + 2)
			text = substr(text, index(text, "*/") + 2)
		}
		print text
	}' "$1"
}

words() { # FILE: "name", "name(" or "name*", each once
	grep -oE '(^|[^A-Za-z0-9_])(rb|RB)_[A-Za-z0-9_]*[(*]?' "$1" | sed 's/^[^rR]//' | sort -u
}

for h in include/rbdrv/*.h include/rbdrv/*.h.in; do
	code "$h" || exit 1
done >"$tmp/code"
words "$tmp/code" | sed 's/\*$//' | sort -u >"$tmp/ours" # "struct x *" is x
# the ABI's list is made of the same headers, and must not be empty
cat include/rbdrv/*.h | awk -v want=export -f tests/abi/exports.awk >"$tmp/exports" || exit 1
test "$(wc -l <"$tmp/exports")" -gt 200 || { echo 'the headers declare hardly anything'; exit 1; }
sed 's/$/(/' "$tmp/exports" >>"$tmp/ours"
sed 's/($//' "$tmp/ours" | sort -u >"$tmp/plain"

unknown() { # names on standard input: those that the headers do not have
	while read -r name; do
		case $name in
		*'(') grep -qxF -- "$name" "$tmp/ours" ;;
		*_ | *'*') grep -q -- "^${name%\*}" "$tmp/plain" ;;
		*) grep -qxF -- "$name" "$tmp/plain" ;;
		esac || echo "$name"
	done
}

# A check that finds nothing wrong proves something only if it can.
printf 'rb_pci_opne()\nrb_pci_info\nrb_dma_alloc()\nRB_MMIO_UX\nrb_irg_*\nrb_irq_*\nrb_mmio_read*\nrb_mmio(\n' >"$tmp/page"
words "$tmp/page" | unknown | sort | tr '\n' ' ' >"$tmp/found"
test "$(cat "$tmp/found")" = 'RB_MMIO_UX rb_irg_* rb_mmio( rb_pci_opne( ' || {
	echo "this script does not see what is wrong: $(cat "$tmp/found")"
	bad=1
}

n=0
for page in README.md HACKING.md NEWS.md doc/*.md; do
	words "$page" >"$tmp/names"
	n=$((n + $(wc -l <"$tmp/names")))
	for name in $(unknown <"$tmp/names"); do
		echo "$page: ${name%(} is in no header$(test "$name" = "${name%(}" || echo ' as a function')"
		bad=1
	done
done
echo "$n names looked up"
test $n -gt 200 || bad=1

# --- pieces -----------------------------------------------------------------------------------------

awk -v dir="$tmp" '
/^<!-- [a-z0-9_]+\.c -->$/ { file = $2; next }
/^```c$/ {
	if (file == "")
		file = "?"
	on = 1
	out = dir "/piece" ++n "." file
	next
}
/^```$/ && on { on = 0; file = ""; close(out); next }
on { print >out }' doc/porting.md
n=0
for piece in "$tmp"/piece*; do
	test -s "$piece" || continue
	n=$((n + 1))
	file=examples/e1000e/${piece##*/piece?.}
	test -f "$file" && awk '
	NR == FNR { piece = piece $0 "\n"; next }
	{ file = file $0 "\n" }
	END { exit index(file, piece) == 0 }' "$piece" "$file" || {
		echo "doc/porting.md prints what is not in $file:"
		cat "$piece"
		bad=1
	}
done
echo "$n pieces compared"
test $n -gt 0 || bad=1
exit $bad
