# SPDX-License-Identifier: MIT
# Unit tests of room hosted.
UNIT_TESTS += \
	tests/unit/test_hosted_event \
	tests/unit/test_hosted_irq \
	tests/unit/test_hosted_memory \
	tests/unit/test_hosted_pcid \
	tests/unit/test_hosted_port \
	tests/unit/test_hosted_world \
	tests/unit/test_rows \
	tests/unit/test_spec

HOSTED_FAKE = tests/unit/hosted_fake.c tests/unit/hosted_fake.h

tests_unit_test_hosted_event_SOURCES = tests/unit/test_hosted_event.c $(HOSTED_FAKE)
tests_unit_test_hosted_event_LDADD = $(UNIT_LDADD)
tests_unit_test_hosted_irq_SOURCES = tests/unit/test_hosted_irq.c $(HOSTED_FAKE)
tests_unit_test_hosted_irq_LDADD = $(UNIT_LDADD)
tests_unit_test_hosted_memory_SOURCES = tests/unit/test_hosted_memory.c $(HOSTED_FAKE)
tests_unit_test_hosted_memory_LDADD = $(UNIT_LDADD)
tests_unit_test_hosted_pcid_SOURCES = tests/unit/test_hosted_pcid.c $(HOSTED_FAKE)
tests_unit_test_hosted_pcid_LDADD = $(UNIT_LDADD)
tests_unit_test_hosted_port_SOURCES = tests/unit/test_hosted_port.c $(HOSTED_FAKE)
tests_unit_test_hosted_port_LDADD = $(UNIT_LDADD)
tests_unit_test_hosted_world_SOURCES = tests/unit/test_hosted_world.c $(HOSTED_FAKE)
tests_unit_test_hosted_world_LDADD = $(UNIT_LDADD)
# What hosted Redox answers, line by line of the pages; one program, so that it can tell which
# lines nothing asks for.
tests_unit_test_rows_SOURCES = \
	tests/unit/rows.c \
	tests/unit/rows.h \
	tests/unit/rows_doc.c \
	tests/unit/rows_event_time.c \
	tests/unit/rows_irq.c \
	tests/unit/rows_memory.c \
	tests/unit/rows_pcid.c \
	tests/unit/rows_pcid_bytes.c \
	tests/unit/rows_pcid_requests.c \
	tests/unit/rows_port.c \
	tests/unit/rows_probe.c \
	tests/unit/test_rows.c \
	$(HOSTED_FAKE)
tests_unit_test_rows_LDADD = $(UNIT_LDADD)
tests_unit_test_spec_SOURCES = tests/unit/test_spec.c
tests_unit_test_spec_LDADD = $(UNIT_LDADD)
