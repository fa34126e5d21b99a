#!/bin/sh
# SPDX-License-Identifier: MIT
# Listing the host's bus: pci_host at several sizes, and as whole processes: rbdrv against lspci.
set -u

cd "${top_builddir:-.}" || exit 1
for n in '' 64 256 1024; do
	bench/pci_host $n
	rc=$?
	test $rc -eq 0 || test $rc -eq 77 || exit $rc
done

test -n "${LSPCI:-}" || { echo 'pci listing, whole processes: no lspci, no figure'; exit 0; }
tools/rbdrv -m pci: ls -n >/dev/null 2>&1 || {
	echo 'pci listing, whole processes: no bus here, no figure'
	exit 0
}

# libtool's wrapper is a shell script: the program itself, with its libraries
program=tools/.libs/rbdrv
test -x $program || program=tools/rbdrv
LD_LIBRARY_PATH=$PWD/lib/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH

# The best of five rounds of 40 processes each, by turns.
"${PERL:-perl}" -MTime::HiRes=time -e '
	my ($rbdrv, $lspci) = @ARGV;
	my @commands = ([$rbdrv, "-m", "pci:", "ls", "-n"], [$lspci, "-n"]);
	my @best;
	open STDERR, ">", "/dev/null";
	for my $round (1 .. 5) {
		for my $i (0, 1) {
			my $start = time;
			for (1 .. 40) {
				my $pid = fork;
				if (!$pid) { open STDOUT, ">", "/dev/null"; exec @{$commands[$i]}; exit 1; }
				waitpid $pid, 0;
				exit 1 if $?;
			}
			my $each = (time - $start) / 40 * 1e3;
			$best[$i] = $each if !defined $best[$i] || $each < $best[$i];
		}
	}
	printf "pci listing, whole processes: rbdrv ls -n %.2f ms, lspci -n %.2f ms, ratio %.3f (goal: below 1)\n",
		@best, $best[0] / $best[1];
' "$program" "$LSPCI"
