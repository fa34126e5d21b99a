# SPDX-License-Identifier: MIT
# Unit tests of room qemu: what needs no QEMU.
if WITH_QEMU
UNIT_TESTS += tests/unit/test_qemu_args tests/unit/test_qtest
if WITH_JANSSON
UNIT_TESTS += tests/unit/test_qmp
endif
endif
tests_unit_test_qemu_args_SOURCES = tests/unit/test_qemu_args.c
tests_unit_test_qemu_args_LDADD = $(UNIT_LDADD)
tests_unit_test_qmp_SOURCES = tests/unit/test_qmp.c
tests_unit_test_qmp_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_qmp_LDADD = $(UNIT_LDADD) $(JANSSON_LIBS)
tests_unit_test_qtest_SOURCES = tests/unit/test_qtest.c
tests_unit_test_qtest_LDADD = $(UNIT_LDADD)
