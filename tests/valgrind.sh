#!/bin/sh
# SPDX-License-Identifier: MIT
# valgrind.sh PROGRAM... runs programs of the build directory under valgrind, as many at once as
# there are processors. A program that is not clean is shown with what it printed; the last line
# counts. Needs LIBTOOL and VALGRIND in the environment.
set -u

# One program; its log tells the count whether it was clean.
if test "$1" = --one; then
	program=$2 log=$2.valgrind.log
	rm -f "$log.unclean"
	# 77: the program found nothing to run on
	timeout -k 5 600 $LIBTOOL --mode=execute "$VALGRIND" --quiet --error-exitcode=1 \
		--leak-check=full --child-silent-after-fork=yes "./$program" >"$log" 2>&1 ||
		test $? -eq 77 || {
		echo "UNCLEAN: $program" | cat - "$log"
		: >"$log.unclean"
		exit 0
	}
	echo "CLEAN: $program"
	exit 0
fi

export LIBTOOL VALGRIND
printf '%s\n' "$@" | xargs -P "$(nproc 2>/dev/null || echo 1)" -n 1 sh "$0" --one
unclean=0
for program; do
	test ! -f "$program.valgrind.log.unclean" || unclean=$((unclean + 1))
done
echo "valgrind: $# programs, $unclean not clean"
test $unclean -eq 0
