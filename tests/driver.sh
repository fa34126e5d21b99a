#!/bin/sh
# SPDX-License-Identifier: MIT
# Automake's test driver: runs one test under a time limit and writes its .log and .trs.
#
# With --cases the test is a cmocka program: it is asked for TAP and every case is a result of
# its own. A program that dies, stops early, or fails after its last case counts as failed,
# whatever its cases said. Without --cases the exit status is the one result.
# Exit status 77 before any case means skipped.

limit=${RBDRV_TEST_LIMIT:-120}
cases=no
while test $# -gt 0; do
	case $1 in
	--test-name) name=$2; shift 2 ;;
	--log-file) log=$2; shift 2 ;;
	--trs-file) trs=$2; shift 2 ;;
	--color-tests) color=$2; shift 2 ;;
	--expect-failure | --enable-hard-errors | --collect-skipped-logs) shift 2 ;;
	--cases) cases=yes; shift ;;
	--) shift; break ;;
	*) echo "driver.sh: unknown option $1" >&2; exit 2 ;;
	esac
done

CMOCKA_MESSAGE_OUTPUT=TAP
export CMOCKA_MESSAGE_OUTPUT

# The limit ends the whole process group, so a helper process does not outlive its test.
timeout -k 5 "$limit" "$@" >"$log" 2>&1 </dev/null
status=$?
test $status -ne 124 && test $status -ne 137 ||
	echo "# driver: ended after $limit seconds or killed" >>"$log"

awk -v status=$status -v cases=$cases -v name="$name" -v log_file="$log" -v color="$color" \
	-v trs="$trs" '
function result(word, what) {
	print ":test-result: " word " " what >trs
	count[word]++
}
BEGIN { planned = seen = 0 }
cases == "yes" && /^1\.\.[0-9]+$/ { planned += substr($0, 4); next }
cases == "yes" && /^(not )?ok [0-9]+/ {
	what = $0
	sub(/^(not )?ok [0-9]+ *(- *)?/, "", what)
	seen++
	if (what ~ /^# *SKIP/)
		result("SKIP", what)
	else if ($1 == "ok")
		result("PASS", what)
	else
		result("FAIL", what)
}
END {
	if (seen == 0 && status == 77)
		result("SKIP", name)
	else if (cases == "no")
		result(status == 0 ? "PASS" : "FAIL", name)
	else if (seen == 0 && planned == 0)
		result("FAIL", name " ran no case, exit status " status)
	else {
		for (; seen < planned; planned--)
			result("FAIL", name " stopped before all cases had run, exit status " status)
		if (seen > planned)
			result("FAIL", name " ran more cases than it planned")
		if (status != 0 && !count["FAIL"])
			result("FAIL", name " ended with exit status " status " after its last case")
	}

	word = count["FAIL"] ? "FAIL" : count["PASS"] ? "PASS" : "SKIP"
	print ":global-test-result: " word >trs
	print ":recheck: " (word == "FAIL" ? "yes" : "no") >trs
	print ":copy-in-global-log: " (word == "PASS" ? "no" : "yes") >trs

	shade = word == "FAIL" ? "\033[0;31m" : word == "PASS" ? "\033[0;32m" : "\033[1;34m"
	line = color == "yes" ? shade word "\033[m" : word
	line = line ": " name
	if (cases == "yes" && word != "SKIP")
		line = line sprintf(" (%d cases%s)", count["PASS"] + count["FAIL"] + count["SKIP"],
				    count["FAIL"] ? ", " count["FAIL"] " failed" : "")
	print line
}' "$log"
