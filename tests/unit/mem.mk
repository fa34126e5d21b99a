# SPDX-License-Identifier: MIT
# Unit tests of room mem.
# Add with: UNIT_TESTS += tests/unit/test_NAME, tests_unit_test_NAME_SOURCES = tests/unit/test_NAME.c, tests_unit_test_NAME_LDADD = $(UNIT_LDADD)
FAKE_WORLD = tests/unit/fake_world.c tests/unit/fake_world.h tests/unit/device_fixture.h

UNIT_TESTS += \
	tests/unit/test_dma \
	tests/unit/test_dma_ring \
	tests/unit/test_dma_ring_raw \
	tests/unit/test_dma_limits \
	tests/unit/test_dma_quarantine \
	tests/unit/test_dma_sg \
	tests/unit/test_mmio_access \
	tests/unit/test_mmio_copy \
	tests/unit/test_mmio_map \
	tests/unit/test_mmio_poll \
	tests/unit/test_options \
	tests/unit/test_os \
	tests/unit/test_os_memory \
	tests/unit/test_pio
tests_unit_test_dma_SOURCES = tests/unit/test_dma.c $(FAKE_WORLD)
tests_unit_test_dma_limits_SOURCES = tests/unit/test_dma_limits.c $(FAKE_WORLD)
tests_unit_test_dma_limits_LDADD = $(UNIT_LDADD)
tests_unit_test_dma_quarantine_SOURCES = tests/unit/test_dma_quarantine.c $(FAKE_WORLD)
tests_unit_test_dma_quarantine_LDADD = $(UNIT_LDADD)
tests_unit_test_dma_sg_SOURCES = tests/unit/test_dma_sg.c $(FAKE_WORLD)
tests_unit_test_dma_sg_LDADD = $(UNIT_LDADD)
tests_unit_test_dma_LDADD = $(UNIT_LDADD)
tests_unit_test_mmio_access_SOURCES = tests/unit/test_mmio_access.c tests/unit/mmio_fixture.h $(FAKE_WORLD)
tests_unit_test_mmio_access_LDADD = $(UNIT_LDADD)
tests_unit_test_mmio_copy_SOURCES = tests/unit/test_mmio_copy.c tests/unit/mmio_fixture.h $(FAKE_WORLD)
tests_unit_test_mmio_copy_LDADD = $(UNIT_LDADD)
tests_unit_test_mmio_map_SOURCES = tests/unit/test_mmio_map.c tests/unit/mmio_fixture.h $(FAKE_WORLD)
tests_unit_test_mmio_map_LDADD = $(UNIT_LDADD)
tests_unit_test_mmio_poll_SOURCES = tests/unit/test_mmio_poll.c tests/unit/mmio_fixture.h $(FAKE_WORLD)
tests_unit_test_mmio_poll_LDADD = $(UNIT_LDADD)
tests_unit_test_options_SOURCES = tests/unit/test_options.c
tests_unit_test_options_LDADD = $(UNIT_LDADD)
tests_unit_test_os_SOURCES = tests/unit/test_os.c $(FAKE_WORLD)
tests_unit_test_os_LDADD = $(UNIT_LDADD)
tests_unit_test_os_memory_SOURCES = tests/unit/test_os_memory.c $(FAKE_WORLD)
tests_unit_test_os_memory_LDADD = $(UNIT_LDADD)
tests_unit_test_pio_SOURCES = tests/unit/test_pio.c $(FAKE_WORLD)
tests_unit_test_pio_LDADD = $(UNIT_LDADD)

UNIT_TESTS += tests/unit/test_dma_pool tests/unit/test_dma_pool_threads
tests_unit_test_dma_pool_SOURCES = tests/unit/test_dma_pool.c tests/unit/dma_pool_raw.c tests/unit/dma_pool_raw.h $(FAKE_WORLD)
tests_unit_test_dma_pool_LDADD = $(UNIT_LDADD)
tests_unit_test_dma_pool_threads_SOURCES = tests/unit/test_dma_pool_threads.c $(FAKE_WORLD)
tests_unit_test_dma_pool_threads_LDADD = $(UNIT_LDADD)
MAP_FIXTURE = tests/unit/map_fixture.h $(FAKE_WORLD)
UNIT_TESTS += tests/unit/test_dma_map
tests_unit_test_dma_map_SOURCES = tests/unit/test_dma_map.c $(MAP_FIXTURE)
tests_unit_test_dma_map_LDADD = $(UNIT_LDADD)

LONG_TESTS += tests/unit/long_dma
tests_unit_long_dma_SOURCES = tests/unit/long_dma.c $(FAKE_WORLD)
tests_unit_long_dma_LDADD = $(UNIT_LDADD)
tests_unit_test_dma_ring_SOURCES = tests/unit/test_dma_ring.c tests/unit/mmio_fixture.h $(FAKE_WORLD)
tests_unit_test_dma_ring_LDADD = $(UNIT_LDADD)
# The same, as a driver without checks sees it.
tests_unit_test_dma_ring_raw_SOURCES = tests/unit/test_dma_ring.c tests/unit/mmio_fixture.h $(FAKE_WORLD)
tests_unit_test_dma_ring_raw_CPPFLAGS = $(AM_CPPFLAGS) -DRBDRV_RAW_MMIO
tests_unit_test_dma_ring_raw_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_dma_map_hand
tests_unit_test_dma_map_hand_SOURCES = tests/unit/test_dma_map_hand.c $(MAP_FIXTURE)
tests_unit_test_dma_map_hand_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_dma_map_parts tests/unit/test_dma_map_watch
tests_unit_test_dma_map_parts_SOURCES = tests/unit/test_dma_map_parts.c
tests_unit_test_dma_map_parts_LDADD = $(UNIT_LDADD)
tests_unit_test_dma_map_watch_SOURCES = tests/unit/test_dma_map_watch.c $(MAP_FIXTURE)
tests_unit_test_dma_map_watch_LDADD = $(UNIT_LDADD)
