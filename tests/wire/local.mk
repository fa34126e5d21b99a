# SPDX-License-Identifier: MIT
# Fixed bytes against encoder and decoder.
# Add with: WIRE_TESTS += tests/wire/NAME, tests_wire_NAME_SOURCES = tests/wire/NAME.c, tests_wire_NAME_LDADD = $(UNIT_LDADD)
WIRE_TESTS += tests/wire/test_wire_bytes tests/wire/test_wire_hostile
tests_wire_test_wire_bytes_SOURCES = tests/wire/test_wire_bytes.c tests/wire/messages.c tests/wire/messages.h
tests_wire_test_wire_bytes_LDADD = $(UNIT_LDADD)
tests_wire_test_wire_hostile_SOURCES = tests/wire/test_wire_hostile.c tests/wire/messages.c tests/wire/messages.h
tests_wire_test_wire_hostile_LDADD = $(UNIT_LDADD)
