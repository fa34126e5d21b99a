#!/bin/sh
# SPDX-License-Identifier: MIT
# Sources cite doc/redox-contract.md, doc/redox-probe.md and doc/qemu-notes.md by section number
# ("contract 4.7", "probe 3, 4", "qemu-notes 2"). Each number cited must be a heading there.

cd "${top_srcdir:-.}" || exit 1
failed=no

cited() { # WORD: the numbers that follow it, one a line with the file that cites them
	grep -rnoE "$1 (section )?[0-9]+(\.[0-9]+)?((, | and )[0-9]+(\.[0-9]+)?)*" \
		include lib tools examples bench tests README.md HACKING.md doc/architecture.md \
		doc/dma.md doc/hosted-limits.md doc/machines.md doc/ordering.md doc/porting.md \
		doc/tutorial.md |
	while IFS=: read -r file line text; do
		echo "$text" | grep -oE '[0-9]+(\.[0-9]+)?' | sed "s|^|$file:$line |"
	done
}

check() { # WORD FILE
	n=0
	for pair in $(cited "$1" | tr ' ' '@' | sort -u); do
		n=$((n + 1))
		number=${pair##*@}
		grep -qE "^#+ $(echo "$number" | sed 's/\./\\./g')\.? " "$2" || {
			echo "${pair%@*}: $1 $number is not in $2"
			failed=yes
		}
	done
	echo "$1: $n citations"
	test $n -gt 0 || failed=yes
}

check contract doc/redox-contract.md
check probe doc/redox-probe.md
check qemu-notes doc/qemu-notes.md
test $failed = no
