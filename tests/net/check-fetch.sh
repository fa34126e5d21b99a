#!/bin/sh
# SPDX-License-Identifier: MIT
# The e1000e example on QEMU's own network: a lease from a DHCP server and 8 MiB over a TCP that
# nobody here wrote, from an HTTP server that this test starts on the host; with each kind of
# interrupt, and where it must fail.
set -u

fetch=$top_builddir/examples/rbdrv-example-fetch
test -x "$fetch" || { echo 'the example was not built: no lwIP or no http-parser'; exit 77; }
command -v "${QEMU_PROGRAM:-qemu-system-x86_64}" >/dev/null || { echo 'no QEMU here'; exit 77; }
command -v busybox >/dev/null || { echo 'no busybox here'; exit 77; }

tmp=$(mktemp -d) || exit 1
server=
trap 'test -z "$server" || kill $server; rm -rf "$tmp"' EXIT
mkdir "$tmp/www"
cd "$tmp" || exit 1

complain() {
	echo "$1"
	cat out err 2>/dev/null
	exit 1
}

# A port that nobody has: the server ends at once when it is taken.
serve() {
	port=$((20000 + $$ % 20000))
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		busybox httpd -f -p "127.0.0.1:$port" -h www 2>/dev/null &
		server=$!
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			sleep 0.05
			kill -0 $server 2>/dev/null || break
		done
		kill -0 $server 2>/dev/null && return
		server=
		port=$((port + 997))
	done
	complain 'no free port for the server'
}

fetches() { # MODE MACHINE
	rm -f got
	"$fetch" -i "$1" -o got "http://10.0.2.2:$port/file" "$2" >out 2>err ||
		complain "it fails with $1 on $2"
	test ! -s err || complain "it complains with $1 on $2"
	grep -qE '^  ok  leased 10\.0\.2\.15 .* for 86400 s$' out || complain "no lease with $1"
	grep -qE '^  ok  fetched 8388608 bytes in ' out || complain "no 8 MiB with $1"
	cmp -s www/file got || complain "with $1 the bytes are others"
	echo "$1 on $2:"
	cat out
}

refuses() { # WORDS ARGUMENTS...
	words=$1
	shift
	"$fetch" "$@" >out 2>err
	test $? -eq 1 || complain "its exit status with '$*' is not 1"
	grep -qF -- "$words" err || complain "it does not say '$words' with '$*'"
	echo "refuses $*"
}

dd if=/dev/urandom of=www/file bs=1M count=8 2>/dev/null || complain 'no file to serve'
serve
net='net.n0=user;e1000e,netdev=n0'
for mode in msix msi intx; do
	fetches $mode "qemu:$net"
done
for profile in redox-2025 redbear-2026; do
	fetches msix "qemu:profile=$profile;$net"
done

refuses 'the server has no such file' "http://10.0.2.2:$port/none" "qemu:$net"
refuses 'the server closed the connection' "http://10.0.2.2:1/file" "qemu:$net"
refuses 'no DHCP server has answered' -t 1 "http://10.0.2.2:$port/file" 'qemu:net.n0=dgram;e1000e,netdev=n0'
refuses 'opening the NIC' "http://10.0.2.2:$port/file" qemu:edu

for bad in '' 'ftp://10.0.2.2/' 'http://host/' 'http://10.0.2.2:99999/' 'http://10.0.2.2.3/'; do
	"$fetch" "$bad" "qemu:$net" >out 2>err
	test $? -eq 2 || complain "it takes '$bad' for a URL"
done
echo 'refuses what is no URL'
