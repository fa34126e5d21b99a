# SPDX-License-Identifier: MIT
# Unit tests of room irq, over a small Redox of their own.

FAKE_IRQ = tests/unit/fake_irq.c tests/unit/fake_irq.h tests/unit/fake_irq_paths.c \
	tests/unit/fake_irq_pci.c tests/unit/fake_irq_private.h tests/unit/fake_irq_table.c

UNIT_TESTS += tests/unit/test_os_irq
tests_unit_test_os_irq_SOURCES = tests/unit/test_os_irq.c $(FAKE_IRQ)
tests_unit_test_os_irq_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_irq_set
tests_unit_test_irq_set_SOURCES = tests/unit/test_irq_set.c $(FAKE_IRQ)
tests_unit_test_irq_set_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_irq_wait
tests_unit_test_irq_wait_SOURCES = tests/unit/test_irq_wait.c $(FAKE_IRQ)
tests_unit_test_irq_wait_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_irq_poll
tests_unit_test_irq_poll_SOURCES = tests/unit/test_irq_poll.c $(FAKE_IRQ)
tests_unit_test_irq_poll_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_irq_threads
tests_unit_test_irq_threads_SOURCES = tests/unit/test_irq_threads.c tests/unit/mock_fixture.h
tests_unit_test_irq_threads_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_irq_intx
tests_unit_test_irq_intx_SOURCES = tests/unit/test_irq_intx.c tests/unit/mock_fixture.h
tests_unit_test_irq_intx_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_irq_stats
tests_unit_test_irq_stats_SOURCES = tests/unit/test_irq_stats.c $(FAKE_IRQ)
tests_unit_test_irq_stats_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_irq_vectors
tests_unit_test_irq_vectors_SOURCES = tests/unit/test_irq_vectors.c $(FAKE_IRQ)
tests_unit_test_irq_vectors_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_irq_messages
tests_unit_test_irq_messages_SOURCES = tests/unit/test_irq_messages.c $(FAKE_IRQ)
tests_unit_test_irq_messages_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_irq_spin
tests_unit_test_irq_spin_SOURCES = tests/unit/test_irq_spin.c $(FAKE_IRQ)
tests_unit_test_irq_spin_LDADD = $(UNIT_LDADD)
