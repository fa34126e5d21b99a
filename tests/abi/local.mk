# SPDX-License-Identifier: MIT
# What a consumer of the ABI sees, and what the layout of the sources promises.

SCRIPT_TESTS += \
	tests/abi/check-rooms.sh \
	tests/abi/check-headers.sh \
	tests/abi/check-addresses.sh \
	tests/abi/check-symbols.sh \
	tests/abi/check-data.sh \
	tests/abi/check-static.sh \
	tests/abi/check-pkgconfig.sh \
	tests/abi/check-size.sh \
	tests/abi/check-cross.sh

EXTRA_DIST += \
	tests/abi/cxx.cc \
	tests/abi/exports.awk \
	tests/abi/link_only.c \
	tests/abi/process-state.txt \
	tests/abi/redox_stub.c \
	tests/abi/relibc-symbols.txt
