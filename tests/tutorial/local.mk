# SPDX-License-Identifier: MIT
# The device, the driver and the tests that doc/tutorial.md prints.

CONTRACT_TESTS += tests/tutorial/test_ce1
tests_tutorial_test_ce1_SOURCES = \
	tests/tutorial/ce1.c \
	tests/tutorial/ce1.h \
	tests/tutorial/ce1_model.c \
	tests/tutorial/ce1_model.h \
	tests/tutorial/ce1_regs.h \
	tests/tutorial/test_ce1.c
tests_tutorial_test_ce1_LDADD = $(API_LDADD)

SCRIPT_TESTS += tests/tutorial/check-tutorial.sh
EXTRA_DIST += doc/tutorial.md
