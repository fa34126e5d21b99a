# SPDX-License-Identifier: MIT
# Unit tests that try to break the library as a whole.
UNIT_TESTS += tests/unit/test_no_memory
tests_unit_test_no_memory_SOURCES = tests/unit/test_no_memory.c
tests_unit_test_no_memory_LDADD = $(UNIT_LDADD)
