/* SPDX-License-Identifier: MIT */
/*
 * test_mock_dma_note.c - devices are held to what the driver says of its memory, and
 * sentences name it.
 */
#include "mock_fixture.h"

#include "core/dma_note.h"
#include "host/hosted.h"
#include "os/os.h"

#define READS  RBI_DMA_DEVICE_READS
#define WRITES RBI_DMA_DEVICE_WRITES
#define BOTH   (READS | WRITES)

#define RX "DMA buffer \"rx ring\" (allocated at nic.c:120)"

static struct rig rig;
static struct rb_mock_dev *dev, *other;
static struct dma dma;
static uint8_t bytes[4096];

static void note(uint64_t off, uint64_t len, unsigned int access)
{
	struct rbi_dma_note n = { .shadow = dma.shadow, .access = access, .off = off, .len = len };

	rig.m->ops->dma_note(rig.m, &n);
}

static void note_as(uint64_t off, uint64_t len, unsigned int access, const char *label,
		    const char *place)
{
	struct rbi_dma_note n = { dma.shadow, access, off, len, label, NULL, place, 0, 0, NULL };

	rig.m->ops->dma_note(rig.m, &n);
}

/* What rb_dma_alloc() says of a buffer. */
static void note_buffer(uint64_t len)
{
	struct rbi_dma_note n = { dma.shadow, BOTH,	      0, len,
				  "rx ring",  "0000:00:01.0", "../src/nic/nic.c:120",
				  0,	      0,	      NULL };

	rig.m->ops->dma_note(rig.m, &n);
}

static int start(void **state)
{
	(void)state;
	rig_open(&rig, "mock");
	dev = plug(&rig, plain_build, NULL);
	other = plug(&rig, plain_build, NULL);
	dma_open(&rig, &dma);
	note_buffer(4096);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	dma_close(&rig, &dma);
	rig_close_clean(&rig);
	return 0;
}

static int reads(uint64_t off, size_t len)
{
	return rb_mock_dma_read(dev, bus(FRAME + off), bytes, len);
}

static int writes(uint64_t off, size_t len)
{
	memset(bytes, 0xaa, len);
	return rb_mock_dma_write(dev, bus(FRAME + off), bytes, len);
}

static void what_is_handed_over_for_reading_is_not_written(void **state)
{
	(void)state;
	note(0, 4096, READS);

	assert_int_equal(reads(128, 64), 0);
	assert_int_equal(writes(128, 64), -EACCES);

	assert_violation(&rig, "device at 00:01.0: writes 64 bytes at offset 128 of " RX
			       ", which was handed over for reading only");
	observe(&rig, &dma, 128, 64);
	assert_int_equal(dma.cpu[128], 0);
}

static void what_is_handed_over_for_writing_is_not_read(void **state)
{
	(void)state;
	note(0, 4096, WRITES);

	assert_int_equal(writes(0, 1), 0);
	bytes[0] = 0;
	assert_int_equal(reads(0, 1), -EACCES);

	assert_int_equal(bytes[0], 0xff);
	assert_violation(&rig, "reads 1 bytes at offset 0 of " RX
			       ", which was handed over for writing only");
}

static void what_was_taken_back_is_not_touched(void **state)
{
	(void)state;
	note(0, 4096, 0);

	assert_int_equal(writes(7, 1), -EACCES);

	assert_violation(&rig, "writes 1 bytes at offset 7 of " RX
			       ", which the driver has taken back");
}

static void what_was_never_handed_over_is_called_so(void **state)
{
	struct rbi_dma_note n = { 0 };
	struct dma fresh;

	(void)state;
	dma_close(&rig, &dma);
	dma_open(&rig, &fresh);
	dma = fresh;
	n.shadow = dma.shadow;
	n.len = 4096;
	n.label = "pool";
	rig.m->ops->dma_note(rig.m, &n);

	assert_int_equal(reads(0, 1), -EACCES);

	assert_violation(&rig, "reads 1 bytes at offset 0 of DMA buffer \"pool\", which was not "
			       "handed over");
}

static void each_stretch_has_its_own_rule_and_name(void **state)
{
	(void)state;
	note_as(256, 128, READS, "header", "tx.c:7");
	note_as(384, 64, WRITES, NULL, NULL);

	assert_int_equal(writes(0, 256), 0);
	assert_int_equal(reads(256, 128), 0);
	assert_int_equal(writes(384, 64), 0);
	assert_int_equal(reads(448, 4096 - 448), 0);
	assert_int_equal(writes(255, 2), -EACCES);
	assert_violation(&rig, "writes 2 bytes at offset 255 of " RX
			       ", which was handed over for reading only, as \"header\" at tx.c:7");
	assert_int_equal(reads(383, 2), -EACCES);
	assert_violation(&rig, "handed over for writing only");

	note(256, 128, 0);
	assert_int_equal(reads(300, 1), -EACCES);
	assert_violation(&rig, "which the driver has taken back, as \"header\" at tx.c:7");
	note(0, 4096, BOTH);
	assert_int_equal(writes(0, 4096), 0);
}

static void a_buffer_ends_where_the_driver_said_so(void **state)
{
	struct dma fresh;

	(void)state;
	dma_close(&rig, &dma);
	dma_open(&rig, &fresh);
	dma = fresh;
	note_buffer(100);

	assert_int_equal(writes(36, 64), 0);
	assert_int_equal(writes(37, 64), -ERANGE);
	assert_violation(&rig, "writes 64 bytes at offset 37 of " RX ", past its end at 100");
	publish(&rig, &dma, 0, 101);
	assert_violation(&rig, "passes the end of " RX ", 100 bytes");

	note_as(200, 50, READS, "late", NULL);
	assert_int_equal(reads(249, 1), 0);
	assert_int_equal(reads(150, 1), -EACCES);
	assert_violation(&rig, "which was not handed over");
	assert_int_equal(reads(250, 1), -ERANGE);
	assert_violation(&rig, "past its end at 250");
}

static void notes_of_nothing_and_past_the_block_do_no_harm(void **state)
{
	struct rbi_dma_note stale = { .shadow = dma.shadow + 1, .len = 4096 };

	(void)state;
	note(100, 0, 0);
	note(4096, 1, 0);
	note(UINT64_MAX, UINT64_MAX, 0);
	rig.m->ops->dma_note(rig.m, &stale);
	assert_int_equal(writes(0, 4096), 0);

	note(4000, UINT64_MAX, 0);

	assert_int_equal(writes(0, 4000), 0);
	assert_int_equal(writes(4095, 1), -EACCES);
	assert_violation(&rig, "taken back");
}

static void another_devices_buffer_is_not_touched(void **state)
{
	(void)state;
	assert_int_equal(rb_mock_dma_write(other, bus(FRAME + 8), "x", 1), -EACCES);

	assert_violation(&rig, "device at 00:02.0: writes 1 bytes at offset 8 of " RX
			       ", which was allocated for 0000:00:01.0");
}

static void a_freed_buffer_keeps_its_name(void **state)
{
	struct dma old = dma;

	(void)state;
	dma_close(&rig, &dma);

	assert_int_equal(writes(16, 4), -ERANGE);
	assert_violation(&rig, "writes 4 bytes at offset 16 of " RX ", which has been freed");
	observe(&rig, &old, 3, 1);
	assert_violation(&rig, "rb_dma_observe of 1 bytes at offset 3 of " RX
			       ", which has been freed");
	rig.m->ops->dma_unmap(rig.m, FRAME, 4096, old.shadow);
	assert_violation(&rig, RX " at 0x1000000 was freed twice");

	dma_open(&rig, &dma);
}

static void publish_and_both_sides_name_the_buffer(void **state)
{
	(void)state;
	dma.cpu[5] = 1;
	assert_int_equal(reads(0, 8), 0);
	assert_violation(&rig, "reads byte 5 of " RX ", which the CPU has changed without "
			       "rb_dma_publish");

	assert_int_equal(writes(5, 1), 0);
	publish(&rig, &dma, 0, 8);
	assert_violation(&rig, "rb_dma_publish: CPU and device have both written byte 5 of " RX);
}

static void a_sleeping_or_forbidden_master_names_what_it_wanted(void **state)
{
	(void)state;
	cfg_write(&rig, rb_mock_addr(dev), 0x04, 2, 0x0003);

	assert_int_equal(reads(12, 4), -EACCES);

	assert_violation(&rig, "reads 4 bytes at offset 12 of " RX " with bus mastering off");
}

static void addresses_that_are_something_else_are_recognized(void **state)
{
	(void)state;
	assert_int_equal(rb_mock_dma_read(dev, bus((uintptr_t)dma.cpu + 9), bytes, 1), -ERANGE);

	assert_violation(&rig, "where there is no DMA buffer: this is the CPU pointer to " RX);
}

static void half_of_an_address_is_recognized(void **state)
{
	struct rb_dma_options options = RB_DMA_OPTIONS_INIT;
	struct rb_pci_dev *pci;
	struct rb_dma_buf *buf;
	struct rb_mock_dev *high;
	struct rb_bus_addr addr;
	struct rig tall;

	(void)state;
	options.label = "far";
	rig_open(&tall, "mock:ram_high=16;frames=high");
	high = plug(&tall, plain_build, NULL);
	assert_int_equal(rb_pci_open(tall.ctx, rb_mock_addr(high), &pci), 0);
	assert_int_equal(rb_dma_alloc(pci, 4096, &options, &buf), 0);
	addr = rb_dma_addr(buf, 0);
	assert_true(addr.value >> 32 == 1);

	assert_int_equal(rb_mock_dma_read(high, bus((uint32_t)addr.value), bytes, 1), -ERANGE);

	assert_violation(&tall, "this is the low half of the address of DMA buffer \"far\"");
	rb_dma_close(buf);
	rb_pci_unref(pci);
	rig_close_clean(&tall);
}

static void without_memory_for_a_note_nobody_is_accused(void **state)
{
	(void)state;
	rbi_alloc_fail_at(1);
	note(100, 100, 0);
	rbi_alloc_fail_at(0);

	assert_int_equal(writes(0, 4096), 0);
	assert_int_equal(writes(100, 100), 0);
}

/* Against a byte-wise model. */
static void notes_in_any_order_say_the_same_as_a_map_of_bytes(void **state)
{
	static uint8_t model[4096];
	unsigned int seed = 1, i, off, len, access;

	(void)state;
	memset(model, BOTH, sizeof(model));
	for (i = 0; i < 3000; i++) {
		seed = seed * 1103515245u + 12345u;
		off = seed >> 8 & 0xff0;
		len = 1 + (seed >> 20 & 0x1ff);
		access = seed >> 4 & BOTH;
		if (len > 4096 - off)
			len = 4096 - off;
		note(off, len, access);
		memset(model + off, (int)access, len);

		off = seed >> 12 & 0xfff;
		assert_int_equal(reads(off, 1), model[off] & READS ? 0 : -EACCES);
		assert_int_equal(writes(off, 1), model[off] & WRITES ? 0 : -EACCES);
		rb_mock_clear(rig.ctx);
	}
}

static void misuse_is_a_violation(void **state)
{
	(void)state;
	rbi_os_misuse(rig.ctx->os, "rb_dma_pool_put: element %u of pool %s twice", 3u, "rx");

	assert_violation(&rig, "rb_dma_pool_put: element 3 of pool rx twice");
}

/* --- the list ----------------------------------------------------------------------------- */

static void the_list_has_what_was_recorded(void **state)
{
	struct rb_mock_dma_range r = RB_MOCK_DMA_RANGE_INIT;
	struct rb_mock_dma_ranges *list;

	(void)state;
	assert_int_equal(reads(0, 100), 0);
	assert_int_equal(reads(0, 1), 0);
	assert_int_equal(writes(0, 7), 0);

	assert_int_equal(rb_mock_dma_ranges(rig.ctx, &list), 0);

	assert_int_equal(rb_mock_dma_ranges_count(list), 1);
	assert_int_equal(rb_mock_dma_ranges_get(list, 0, &r), 0);
	assert_int_equal(r.live, 1);
	assert_int_equal(r.bus.value, FRAME);
	assert_int_equal(r.len, 4096);
	assert_int_equal(r.device.sbdf, rb_mock_addr(dev).sbdf);
	assert_string_equal(r.label, "rx ring");
	assert_string_equal(r.place, "nic.c:120");
	assert_int_equal(r.reads, 2);
	assert_int_equal(r.bytes_read, 101);
	assert_int_equal(r.writes, 1);
	assert_int_equal(r.bytes_written, 7);
	assert_int_equal(rb_mock_dma_ranges_get(list, 1, &r), -ERANGE);
	rb_mock_dma_ranges_close(list);
}

static void the_freed_follow_the_live_the_latest_first(void **state)
{
	struct rb_mock_dma_range r = RB_MOCK_DMA_RANGE_INIT;
	struct rb_mock_dma_ranges *list;

	(void)state;
	dma_close(&rig, &dma);
	dma_open(&rig, &dma);
	note_as(0, 4096, READS, "second", NULL);
	dma_close(&rig, &dma);
	dma_open(&rig, &dma);

	assert_int_equal(rb_mock_dma_ranges(rig.ctx, &list), 0);

	assert_int_equal(rb_mock_dma_ranges_count(list), 3);
	assert_int_equal(rb_mock_dma_ranges_get(list, 0, &r), 0);
	assert_true(r.live == 1 && r.label[0] == '\0' && r.place[0] == '\0');
	assert_int_equal(r.device.sbdf, UINT32_MAX);
	assert_int_equal(rb_mock_dma_ranges_get(list, 1, &r), 0);
	assert_int_equal(r.live, 0);
	assert_string_equal(r.label, "second");
	assert_int_equal(rb_mock_dma_ranges_get(list, 2, &r), 0);
	assert_string_equal(r.label, "rx ring");
	rb_mock_dma_ranges_close(list);
}

static void a_list_is_refused_to_whom_it_makes_no_sense(void **state)
{
	struct rb_mock_dma_range r = RB_MOCK_DMA_RANGE_INIT;
	struct rb_mock_dma_ranges *list;

	(void)state;
	assert_int_equal(rb_mock_dma_ranges(NULL, &list), -EINVAL);
	assert_null(list);
	assert_int_equal(rb_mock_dma_ranges(rig.ctx, NULL), -EINVAL);
	rbi_alloc_fail_at(1);
	assert_int_equal(rb_mock_dma_ranges(rig.ctx, &list), -ENOMEM);
	rbi_alloc_fail_at(0);
	assert_null(list);
	assert_int_equal(rb_mock_dma_ranges_get(NULL, 0, &r), -EINVAL);
	assert_int_equal(rb_mock_dma_ranges(rig.ctx, &list), 0);
	assert_int_equal(rb_mock_dma_ranges_get(list, 0, NULL), -EINVAL);
	r.size = 0;
	assert_int_equal(rb_mock_dma_ranges_get(list, 0, &r), -EINVAL);
	r.size = 8;
	r.len = 1;
	assert_int_equal(rb_mock_dma_ranges_get(list, 0, &r), 0);
	assert_true(r.live == 1 && r.len == 1);
	rb_mock_dma_ranges_close(list);
	rb_mock_dma_ranges_close(NULL);
	assert_int_equal(rb_mock_dma_ranges_count(NULL), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(what_is_handed_over_for_reading_is_not_written),
		TEST(what_is_handed_over_for_writing_is_not_read),
		TEST(what_was_taken_back_is_not_touched),
		TEST(what_was_never_handed_over_is_called_so),
		TEST(each_stretch_has_its_own_rule_and_name),
		TEST(a_buffer_ends_where_the_driver_said_so),
		TEST(notes_of_nothing_and_past_the_block_do_no_harm),
		TEST(another_devices_buffer_is_not_touched),
		TEST(a_freed_buffer_keeps_its_name),
		TEST(publish_and_both_sides_name_the_buffer),
		TEST(a_sleeping_or_forbidden_master_names_what_it_wanted),
		TEST(addresses_that_are_something_else_are_recognized),
		TEST(half_of_an_address_is_recognized),
		TEST(without_memory_for_a_note_nobody_is_accused),
		TEST(notes_in_any_order_say_the_same_as_a_map_of_bytes),
		TEST(misuse_is_a_violation),
		TEST(the_list_has_what_was_recorded),
		TEST(the_freed_follow_the_live_the_latest_first),
		TEST(a_list_is_refused_to_whom_it_makes_no_sense),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
