# SPDX-License-Identifier: MIT
# The device and the driver that doc/dma.md prints parts of.

CONTRACT_TESTS += tests/guide/test_courier
tests_guide_test_courier_SOURCES = \
	tests/guide/courier.c \
	tests/guide/courier.h \
	tests/guide/courier_model.c \
	tests/guide/courier_model.h \
	tests/guide/test_courier.c
tests_guide_test_courier_LDADD = $(API_LDADD)

SCRIPT_TESTS += tests/guide/check-guide.sh
EXTRA_DIST += doc/dma.md
