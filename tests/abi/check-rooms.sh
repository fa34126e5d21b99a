#!/bin/sh
# SPDX-License-Identifier: MIT
# Who may include whom, and a few other rules that a look at the sources settles:
#
#  - calls go down only: each room of lib/ includes the rooms listed for it, and no other;
#  - base names are unique in the tree, for logs and backtraces show nothing else;
#  - core/alloc.c is the only allocator of lib/;
#  - the library never prints, exits or aborts;
#  - drivers and contract tests include public headers only, and those of their own folder.
set -u

cd "$top_srcdir" || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
bad=0

complain() {
	echo "$@"
	bad=1
}

# What a file of lib/ may include with quotes, as patterns of case.
may_include() { # file, include
	case $2 in
	config.h) return 0 ;;
	esac
	case $1 in
	lib/core/ctx.c) set -- "$2" 'core/*' os/sys.h os/os.h ;;
	lib/core/world.c) set -- "$2" 'core/*' os/sys.h ;;
	lib/core/*) set -- "$2" 'core/*' ;;
	lib/os/*) set -- "$2" 'core/*' 'os/*' ;;
	lib/pci/*) set -- "$2" 'core/*' 'os/*' 'pci/*' ;;
	lib/mmio/*) set -- "$2" 'core/*' 'os/*' 'pci/*' 'mmio/*' ;;
	lib/irq/*) set -- "$2" 'core/*' 'os/*' 'pci/*' 'mmio/*' 'irq/*' ;;
	lib/dma/*) set -- "$2" 'core/*' 'os/*' 'pci/*' 'dma/*' ;;
	# A machine knows the second waist, its spec, networks in it, the host's clock and itself.
	lib/host/*/*)
		room=${1#lib/host/}
		set -- "$2" 'core/*' host/machine.h host/host_span.h host/net_items.h host/real_clock.h \
			host/spec.h \
			"host/${room%%/*}/*"
		;;
	# Hosted schemes meet the subsystems in bytes only.
	lib/host/*) set -- "$2" 'core/*' os/sys.h os/wire.h 'host/*' ;;
	*) return 1 ;;
	esac
	included=$1
	shift
	for pattern; do
		case $included in
		$pattern) return 0 ;;
		esac
	done
	return 1
}

for file in $(find lib -name '*.[ch]' | sort); do
	for included in $(sed -n 's/^[ \t]*#[ \t]*include[ \t]*"\([^"]*\)".*/\1/p' "$file"); do
		may_include "$file" "$included" ||
			complain "$file includes \"$included\": not below its room"
		test "$included" = config.h || test -f "lib/$included" ||
			complain "$file includes \"$included\": not a path from lib/"
	done
	case $file in
	lib/host/*) ;;
	*)
		! grep -nE '<rbdrv/(mock|host|mock_cmocka|mock_net|mock_pci)\.h>|<sys/(eventfd|timerfd|signalfd|epoll|io|auxv)\.h>' \
			"$file" || complain "$file: not for code that runs on Redox"
		;;
	esac
done

# Public headers and programs that stand for drivers.
for file in $(find include examples tests/contract -name '*.[ch]' | sort); do
	case $file in
	examples/*/*) allowed='^[a-z0-9_]*\.h$' ;;
	# models of devices that more than one folder of tests drives are in tests/net
	tests/contract/*) allowed='^\(net/\)\{0,1\}[a-z0-9_]*\.h$' ;;
	*) allowed='^$' ;;
	esac
	for included in $(sed -n 's/^[ \t]*#[ \t]*include[ \t]*"\([^"]*\)".*/\1/p' "$file"); do
		{ echo "$included" | grep -q "$allowed" && { test -f "${file%/*}/$included" || test -f "tests/$included"; }; } ||
			complain "$file includes \"$included\": only <rbdrv/...> is open to it"
	done
done

# Unique names. Public headers are named with their folder everywhere, so pci.h may also be a
# room's own header.
find lib include tests tools examples bench doc -type f ! -name '*.mk' ! -path '*/seeds/*' |
	grep -E '\.(c|h|cc|sh|awk)$' | grep -v '^include/' | sed 's:.*/::' | sort | uniq -d >"$tmp/twice"
test ! -s "$tmp/twice" || complain "these base names are not unique: $(tr '\n' ' ' <"$tmp/twice")"

# Comments and strings are blanked, line numbers kept.
code_of() {
	awk '
	{
		line = $0
		out = ""
		while (line != "") {
			if (comment) {
				at = index(line, "*/")
				if (!at)
					break
				line = substr(line, at + 2)
				comment = 0
			} else if (match(line, /\/\*|"(\\.|[^"\\])*"/)) {
				out = out substr(line, 1, RSTART - 1) " "
				if (substr(line, RSTART, 2) == "/*")
					comment = 1
				line = substr(line, RSTART + RLENGTH)
			} else {
				out = out line
				line = ""
			}
		}
		print FILENAME ":" FNR ":" out
	}' "$1"
}

find lib -name '*.[ch]' | sort | while read -r file; do
	code_of "$file"
done >"$tmp/code"

# A name directly before a parenthesis and not behind "." or "->" is a call.
called() {
	grep -E "(^|[^A-Za-z0-9_.>])($1)[ \t]*\(" "$tmp/code"
}

allocators='malloc|calloc|realloc|reallocarray|free|strdup|strndup|asprintf|vasprintf'
allocators="$allocators|aligned_alloc|posix_memalign|memalign|getline|getdelim|open_memstream|realpath|getcwd"
! called "$allocators" | grep -v '^lib/core/alloc\.c:' ||
	complain 'rbi_alloc() and rbi_free() are the only allocator of lib/'

! called 'exit|abort|quick_exit|printf|fprintf|vprintf|vfprintf|puts|fputs|putchar|perror|assert|syslog' ||
	complain 'the library never prints, exits or aborts'

exit $bad
