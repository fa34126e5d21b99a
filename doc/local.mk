# SPDX-License-Identifier: MIT
# Documents that are shipped but not generated.

EXTRA_DIST += \
	HACKING.md \
	NEWS.md \
	README.md \
	doc/architecture.md \
	doc/hosted-limits.md \
	doc/machines.md \
	doc/ordering.md \
	doc/porting.md \
	doc/qemu-notes.md \
	doc/redox-contract.md \
	doc/redox-probe.md

# Every "contract 4.7", "probe 3" and "qemu-notes 2" in a source must be there to read.
SCRIPT_TESTS += doc/check-citations.sh

# Every rb_ name in a page must be in a header, every piece of an example in the example.
SCRIPT_TESTS += doc/check-names.sh
