# SPDX-License-Identifier: MIT
# Unit tests of room core.
# Add with: UNIT_TESTS += tests/unit/test_NAME, tests_unit_test_NAME_SOURCES = tests/unit/test_NAME.c, tests_unit_test_NAME_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_core tests/unit/test_ctx
tests_unit_test_core_SOURCES = tests/unit/test_core.c
tests_unit_test_core_LDADD = $(UNIT_LDADD)
# The test plays relibc's printf family.
tests_unit_test_core_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=vsnprintf -Wl,--wrap=snprintf
tests_unit_test_ctx_SOURCES = tests/unit/test_ctx.c
tests_unit_test_ctx_LDADD = $(UNIT_LDADD)
