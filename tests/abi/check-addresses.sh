#!/bin/sh
# SPDX-License-Identifier: MIT
# CPU pointers, bus addresses and physical addresses do not convert into each other: each line
# below is a mistake and, beside it, the right way to say it. Every mistake is a type error, and
# every right way compiles, with each compiler found, in C99, C11 and C++. What goes wrong for
# another reason, a missing header or a misspelt name, is no type error and fails the test.
set -u

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
bad=0
LC_ALL=C
export LC_ALL

# --- mistakes ----------------------------------------------------------------------------

# One kind taken for another: assigned, initialized, passed, compared, returned.
pairs() {
	for to in bus phys; do
		for from in bus phys cpu number; do
			test $to != $from || continue
			echo "all|$to = $from;|$to = other_$to;"
			echo "all|struct rb_${to}_addr a = $from; USE(a);|struct rb_${to}_addr a = $to; USE(a);"
			echo "all|struct rb_${to}_addr *p = &$from; USE(p);|struct rb_${to}_addr *p = &$to; USE(p);"
			echo "all|take_$to($from);|take_$to($to);"
			echo "all|take_$to(1 ? $from : $to);|take_$to(1 ? other_$to : $to);"
			echo "all|flag = $to == $from;|flag = $to.value == other_$to.value;"
			echo "all|flag = $from != $to;|flag = other_$to.value != $to.value;"
			# a number in braces, in C++20 in a cast too, is how an address is written down
			test $from != number || continue
			echo "all|struct rb_${to}_addr a = { $from }; USE(a);|struct rb_${to}_addr a = { number }; USE(a);"
			echo "c++|take_$to({ $from });|take_$to({ number });"
			echo "c++|$to = static_cast<rb_${to}_addr>($from);|$to = static_cast<rb_${to}_addr>(other_$to);"
		done
		for from in $to; do
			echo "all|cpu = $from;|cpu = other_cpu;"
			echo "all|void *p = $from; USE(p);|void *p = cpu; USE(p);"
			echo "all|cpu = (void *)$from;|cpu = (void *)bytes;"
			echo "all|take_cpu($from);|take_cpu(cpu);"
			echo "all|number = $from;|number = $from.value;"
			echo "all|uint64_t n = $from; USE(n);|uint64_t n = $from.value; USE(n);"
			echo "all|number = (uint64_t)$from;|number = (uint64_t)$from.value;"
			echo "all|take_number($from);|take_number($from.value);"
			echo "c++|number = static_cast<uint64_t>($from);|number = static_cast<uint64_t>($from.value);"
			echo "c++|cpu = reinterpret_cast<void *>($from);|cpu = reinterpret_cast<void *>(bytes);"
		done
	done
}

# An address is no number: no arithmetic, no order, no truth, no index.
arithmetic() {
	for a in bus phys; do
		echo "all|$a = $a + 64;|$a.value = $a.value + 64;"
		echo "all|$a += 64;|$a.value += 64;"
		echo "all|$a++;|$a.value++;"
		echo "all|number = $a - other_$a;|number = $a.value - other_$a.value;"
		echo "all|number = $a & 4095;|number = $a.value & 4095;"
		echo "all|number = $a >> 12;|number = $a.value >> 12;"
		echo "all|flag = $a < other_$a;|flag = $a.value < other_$a.value;"
		echo "all|flag = $a == 0;|flag = $a.value == 0;"
		echo "all|flag = !$a;|flag = !$a.value;"
		echo "all|if ($a) flag = 1;|if ($a.value) flag = 1;"
		echo "all|bytes[$a] = 0;|bytes[$a.value] = 0;"
		echo "all|cpu = bytes + $a;|cpu = bytes + number;"
	done
	echo 'all|number = bus - phys;|number = bus.value - number;'
	echo 'all|number = bytes - bus;|number = (uint64_t)(bytes - bytes);'
	echo 'all|flag = bus < phys;|flag = bus.value < number;'
	echo 'all|flag = bytes < bus;|flag = bytes < bytes + 1;'
}

# The calls of a driver and of a model. Parentheses keep a macro out of the messages.
calls() {
	cat <<'EOF'
all|bus = rb_pci_bar_phys(dev, 0);|phys = rb_pci_bar_phys(dev, 0);
all|phys = rb_dma_addr(buf, 0);|bus = rb_dma_addr(buf, 0);
all|cpu = rb_dma_addr(buf, 0);|cpu = rb_dma_cpu(buf);
all|bus = rb_dma_cpu(buf);|bus = rb_dma_addr(buf, 0);
all|phys = rb_dma_cpu(buf);|phys = rb_pci_bar_phys(dev, 1);
all|phys = rb_pci_bar_port(dev, 0);|number = rb_pci_bar_port(dev, 0);
all|memcpy(rb_dma_addr(buf, 0), bytes, 4);|memcpy(rb_dma_cpu(buf), bytes, 4);
all|number = rb_pci_bar_phys(dev, 0);|number = rb_pci_bar_phys(dev, 0).value;
all|rb_mmio_write64_lo_hi(regs, 0, rb_dma_addr(buf, 0));|rb_mmio_write64_lo_hi(regs, 0, rb_dma_addr(buf, 0).value);
all|rb_mmio_write64_lo_hi(regs, 0, rb_dma_cpu(buf));|rb_mmio_write64_lo_hi(regs, 0, number);
all|rb_mmio_write32(regs, 0, bus);|rb_mmio_write32(regs, 0, (uint32_t)bus.value);
all|rb_pio_write32(ports, 0, phys);|rb_pio_write32(ports, 0, (uint32_t)phys.value);
all|flag = rb_mock_dma_read(model, phys, bytes, 4);|flag = rb_mock_dma_read(model, bus, bytes, 4);
all|flag = rb_mock_dma_read(model, number, bytes, 4);|flag = rb_mock_dma_read(model, other_bus, bytes, 4);
all|flag = rb_mock_dma_read(model, cpu, bytes, 4);|flag = rb_mock_dma_read(model, bus, cpu, 4);
all|flag = rb_mock_dma_read(model, bytes, bus, 4);|flag = rb_mock_dma_read(model, bus, bytes, 4);
all|flag = rb_mock_dma_write(model, rb_pci_bar_phys(dev, 0), bytes, 4);|flag = rb_mock_dma_write(model, rb_dma_addr(buf, 0), bytes, 4);
all|phys = msi.address;|bus = msi.address;
all|phys = part.bus;|bus = part.bus;
all|part.bus = rb_dma_cpu(buf);|part.bus = rb_dma_addr(buf, 4096);
all|part.off = part.bus;|part.off = part.len;
all|bus = elem->cpu;|bus = elem->bus;
all|cpu = elem->bus;|cpu = elem->cpu;
all|phys = rb_dma_ring_addr(ring, 0);|bus = rb_dma_ring_addr(ring, 0);
all|flag = (rb_dma_map)(dev, bus, 4, RB_DMA_BOTH, NULL, &map);|flag = (rb_dma_map)(dev, cpu, 4, RB_DMA_BOTH, NULL, &map);
all|flag = (rb_dma_map)(dev, rb_dma_addr(buf, 0), 4, RB_DMA_BOTH, NULL, &map);|flag = (rb_dma_map)(dev, rb_dma_cpu(buf), 4, RB_DMA_BOTH, NULL, &map);
all|range.cpu = rb_pci_bar_phys(dev, 0);|range.cpu = rb_dma_cpu(buf);
EOF
}

{ pairs; arithmetic; calls; } >"$tmp/table"

# --- programs ----------------------------------------------------------------------------

prologue() {
	cat <<'EOF'
#include <rbdrv/rbdrv.h>
#include <rbdrv/mock.h>
#include <string.h>
#define USE(x) ((void)(x))
struct rb_bus_addr bus, other_bus;
struct rb_phys_addr phys, other_phys;
void *cpu, *other_cpu;
unsigned char bytes[4];
uint64_t number;
int flag;
struct rb_pci_dev *dev;
struct rb_dma_buf *buf;
struct rb_mmio *regs;
struct rb_pio *ports;
struct rb_mock_dev *model;
struct rb_pci_msi msi;
struct rb_dma_segment part;
struct rb_dma_elem *elem;
struct rb_dma_ring *ring;
struct rb_dma_range range;
struct rb_dma_map *map;
static inline void take_bus(struct rb_bus_addr a) { USE(a); }
static inline void take_phys(struct rb_phys_addr a) { USE(a); }
static inline void take_cpu(void *a) { USE(a); }
static inline void take_number(uint64_t a) { USE(a); }
EOF
}

# One function per line of the table; the line's number is the line that a compiler names.
program() { # mistake | right, c | c++
	prologue
	awk -F '|' -v kind="$1" -v lang="$2" '
	lang == "c++" || $1 == "all" {
		printf "#line %d \"%s\"\nvoid f%d(void) { %s }\n", NR, kind, NR, kind == "mistake" ? $2 : $3
	}' "$tmp/table"
}

program mistake c >"$tmp/mistake.c"
program mistake c++ >"$tmp/mistake.cc"
program right c >"$tmp/right.c"
program right c++ >"$tmp/right.cc"

# What compilers call a type error. Pointers taken for integers are errors of this kind by the
# standards; -pedantic-errors makes them so.
type_error=$(paste -s -d '|' <<'EOF'
incompatible
invalid (operands|initializer|argument type|conversion|.*cast)
(cannot|could not) (convert|cast|initialize|assign|increment)
no (match for|viable|matching)
conversion from
makes (integer from pointer|pointer from integer)
(type|conversion) mismatch
aggregate value used
where .* (is|was) (required|expected)
requires expression of scalar type
wrong type argument
different types
distinct pointer types
comparison between pointer
is not contextually convertible
subscript is not an integer
used as (array )?subscript
cannot be cast
cast from .* is not allowed
declared for postfix
cannot be used as
EOF
)

# --- checks ------------------------------------------------------------------------------

check() { # compiler and options, suffix, how it tells every error
	options="-I$top_srcdir/include -I$top_builddir/include -fsyntax-only -pedantic-errors"

	$1 $options "$tmp/right.$2" >"$tmp/out" 2>&1 || {
		echo "$1: a right way does not compile:"
		cat "$tmp/out"
		bad=1
	}
	$1 $options $3 "$tmp/mistake.$2" >"$tmp/out" 2>&1
	awk -F '|' -v lang="$2" -v type_error="$type_error" -v who="$1" '
	FILENAME == ARGV[1] {
		if ($1 == "all" || lang == "cc")
			mistake[FNR] = $2
		next
	}
	/: (fatal )?error: / {
		split($0, part, ":")
		n = part[2]
		if (part[1] != "mistake" || !(n in mistake)) {
			print who ": an error elsewhere: " $0
			bad = 1
		} else if ($0 !~ type_error) {
			print who ": not for its type: " $0
			bad = 1
		}
		seen[n] = 1
	}
	END {
		for (n in mistake) {
			count++
			if (!(n in seen)) {
				print who ": compiles: " mistake[n]
				bad = 1
			}
		}
		if (count < 50) {
			print who ": the table is gone"
			bad = 1
		}
		exit bad
	}' "$tmp/table" "$tmp/out" || bad=1
}

# The configured compilers and the two that differ, each once, as far as they are there.
with() { # configured, gcc's name, clang's name
	test -z "$1" || echo "$1"
	for name in $2 $3; do
		case " $1 " in
		*" $name "* | *"/$name "*) ;;
		*) ! $name --version >/dev/null 2>&1 || echo "$name" ;;
		esac
	done
}

errors_of() {
	if $1 --version | grep -qi clang; then echo -ferror-limit=0; else echo -fmax-errors=0; fi
}

with "$CC" gcc clang >"$tmp/compilers"
while read -r compiler; do
	check "$compiler -std=c99" c "$(errors_of "$compiler")"
	check "$compiler -std=c11" c "$(errors_of "$compiler")"
done <"$tmp/compilers"

with "$CXX" g++ clang++ >"$tmp/compilers"
test -s "$tmp/compilers" || echo 'no C++ compiler: C++ is not checked'
while read -r compiler; do
	check "$compiler -std=c++11" cc "$(errors_of "$compiler")"
	check "$compiler -std=c++20" cc "$(errors_of "$compiler")"
done <"$tmp/compilers"

echo "$(wc -l <"$tmp/table") mistakes"
exit $bad
