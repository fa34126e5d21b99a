/* SPDX-License-Identifier: MIT */
/*
 * test_contract_map.c - memory of the program's, handed to the device and back.
 *
 * Hosted machines translate their own memory only: what the program has from its
 * allocator is bounced there, and the bytes of a DMA buffer are not.
 */
#include <errno.h>
#include <string.h>

#include "contract.h"

#define BYTES 4000u /* edu's own memory holds 4096 */

static uint8_t packet[3 * 4096]; /* as good as any memory from malloc() */

static void fill(uint8_t *bytes, size_t len, uint8_t seed)
{
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = (uint8_t)(seed + i * 31 + (i >> 7));
}

/* What edu demands: 28 bits of address. */
static void claim_limited(struct stage *stage, uint64_t boundary, uint64_t segment_max,
			  uint32_t segments)
{
	struct rb_dma_limits limits = RB_DMA_LIMITS_INIT;

	map_edu(stage);
	limits.addr_bits = 28;
	limits.boundary = boundary;
	limits.segment_max = segment_max;
	limits.segments = segments;
	assert_ok(rb_dma_set_limits(stage->dev, &limits));
}

static void hand_over(struct stage *stage, void *cpu, uint64_t len, enum rb_dma_dir dir)
{
	struct rb_dma_map_options options = RB_DMA_MAP_OPTIONS_INIT;

	options.label = "packet";
	assert_ok(rb_dma_map(stage->dev, cpu, len, dir, &options, &stage->map));
}

static void hand_back(struct stage *stage)
{
	rb_dma_unmap(stage->map);
	stage->map = NULL;
}

/* edu copies the map's bytes to its own memory, or back, a segment at a time. */
static void run_segments(struct stage *stage, uint32_t flags)
{
	struct rb_dma_segment s;
	uint32_t i;

	for (i = 0; i < rb_dma_map_count(stage->map); i++) {
		assert_ok(rb_dma_map_segment(stage->map, i, &s));
		if (flags & EDU_DMA_TO_RAM)
			run_edu_dma(stage, EDU_INTERNAL + s.off, s.bus.value, (uint32_t)s.len,
				    flags);
		else
			run_edu_dma(stage, s.bus.value, EDU_INTERNAL + s.off, (uint32_t)s.len,
				    flags);
	}
}

static struct rb_dma_stats figures(struct stage *stage)
{
	struct rb_dma_stats stats = RB_DMA_STATS_INIT;

	assert_ok(rb_dma_stats_read(stage->dev, &stats));
	return stats;
}

/* --- the program's own memory ------------------------------------------------------------ */

static void memory_of_the_program_makes_a_round_trip(struct stage *stage)
{
	uint8_t sent[BYTES];

	claim_limited(stage, 0, 0, 0);
	fill(packet, sizeof(packet), 5);
	memcpy(sent, packet + 100, BYTES);

	hand_over(stage, packet + 100, BYTES, RB_DMA_TO_DEVICE);
	assert_true(rb_dma_map_is_bounced(stage->map));
	run_segments(stage, 0);
	hand_back(stage);
	memset(packet, 0, sizeof(packet));
	hand_over(stage, packet + 100, BYTES, RB_DMA_FROM_DEVICE);
	run_segments(stage, EDU_DMA_TO_RAM);
	hand_back(stage);

	assert_memory_equal(packet + 100, sent, BYTES);
	assert_int_equal(packet[99], 0);
	assert_int_equal(packet[100 + BYTES], 0);
	assert_int_equal(figures(stage).bounced_maps, 2);
	assert_int_equal(figures(stage).bounced_bytes, 2 * BYTES);
	assert_int_equal(figures(stage).maps, 0);
}

static void a_short_transfer_leaves_the_rest(struct stage *stage)
{
	claim_limited(stage, 0, 0, 0);
	fill(packet, 64, 9);
	hand_over(stage, packet, 64, RB_DMA_TO_DEVICE);
	run_segments(stage, 0);
	hand_back(stage);
	memset(packet, 0x77, 1000);

	hand_over(stage, packet, 1000, RB_DMA_FROM_DEVICE);
	{
		struct rb_dma_segment s;

		assert_ok(rb_dma_map_segment(stage->map, 0, &s));
		run_edu_dma(stage, EDU_INTERNAL, s.bus.value, 64, EDU_DMA_TO_RAM);
	}
	hand_back(stage);

	assert_int_equal(packet[0], 9);
	assert_int_equal(packet[63], (uint8_t)(9 + 63 * 31));
	assert_int_equal(packet[64], 0x77);
	assert_int_equal(packet[999], 0x77);
}

static void both_ways_in_one_map(struct stage *stage)
{
	struct rb_dma_segment s;

	claim_limited(stage, 0, 0, 0);
	fill(packet, 2000, 1);

	hand_over(stage, packet, 2000, RB_DMA_BOTH);
	assert_ok(rb_dma_map_segment(stage->map, 0, &s));
	run_edu_dma(stage, s.bus.value, EDU_INTERNAL, 1000, 0);
	run_edu_dma(stage, EDU_INTERNAL, s.bus.value + 1000, 1000, EDU_DMA_TO_RAM);
	hand_back(stage);

	assert_memory_equal(packet + 1000, packet, 1000);
}

static void part_of_a_map_is_handed_back_and_over_again(struct stage *stage)
{
	struct rb_dma_segment s;

	claim_limited(stage, 0, 0, 0);
	fill(packet, 2000, 1);
	hand_over(stage, packet, 2000, RB_DMA_BOTH);
	assert_ok(rb_dma_map_segment(stage->map, 0, &s));
	run_edu_dma(stage, s.bus.value, EDU_INTERNAL, 64, 0);
	run_edu_dma(stage, EDU_INTERNAL, s.bus.value + 64, 64, EDU_DMA_TO_RAM);

	assert_ok(rb_dma_sync_for_cpu(stage->map, 64, 128));
	assert_int_equal(packet[64], 1);
	packet[64] = 0xab;
	assert_ok(rb_dma_sync_for_device(stage->map, 64, 128));
	run_edu_dma(stage, s.bus.value + 64, EDU_INTERNAL, 1, 0);
	run_edu_dma(stage, EDU_INTERNAL, s.bus.value + 1000, 1, EDU_DMA_TO_RAM);
	hand_back(stage);

	assert_int_equal(packet[1000], 0xab);
	assert_int_equal(rb_dma_sync_for_cpu(NULL, 0, 1), -EINVAL);
}

static void a_header_and_its_payload_are_one_transfer(struct stage *stage)
{
	struct rb_dma_range ranges[] = { { packet, 14 }, { packet + 4096, 1000 } };
	static uint8_t back[14 + 1000]; /* mapped still where an assertion ends this */

	claim_limited(stage, 0, 0, 1); /* one segment, for memory that lies apart */
	fill(packet, sizeof(packet), 7);

	assert_ok(rb_dma_map_ranges(stage->dev, ranges, 2, RB_DMA_TO_DEVICE, NULL, &stage->map));
	assert_int_equal(rb_dma_map_count(stage->map), 1);
	run_segments(stage, 0);
	hand_back(stage);

	memset(back, 0, sizeof(back));
	hand_over(stage, back, sizeof(back), RB_DMA_FROM_DEVICE);
	run_segments(stage, EDU_DMA_TO_RAM);
	hand_back(stage);
	assert_memory_equal(back, packet, 14);
	assert_memory_equal(back + 14, packet + 4096, 1000);
}

/* --- memory that the machine knows ------------------------------------------------------------ */

static void bytes_of_a_buffer_are_not_bounced(struct stage *stage)
{
	uint8_t *bytes;

	claim_limited(stage, 0, 0, 0);
	alloc_edu_dma(stage, 3 * 4096);
	bytes = rb_dma_cpu(stage->buf);
	fill(bytes, 3 * 4096, 3);

	hand_over(stage, bytes + 10, BYTES, RB_DMA_TO_DEVICE);
	assert_false(rb_dma_map_is_bounced(stage->map));
	assert_int_equal(rb_dma_map_count(stage->map), 1);
	{
		struct rb_dma_segment s;

		assert_ok(rb_dma_map_segment(stage->map, 0, &s));
		assert_int_equal(s.bus.value, rb_dma_addr(stage->buf, 10).value);
	}
	run_segments(stage, 0);
	hand_back(stage);
	hand_over(stage, bytes + 5000, BYTES, RB_DMA_FROM_DEVICE);
	run_segments(stage, EDU_DMA_TO_RAM);
	hand_back(stage);

	assert_memory_equal(bytes + 5000, bytes + 10, BYTES);
	assert_int_equal(figures(stage).bounced_maps, 0);
	assert_int_equal(figures(stage).pages_merged, 1);
}

static void ranges_that_lie_apart_are_segments_each(struct stage *stage)
{
	struct rb_dma_range ranges[2];
	uint8_t sent[2000];

	claim_limited(stage, 0, 0, 0);
	alloc_edu_dma(stage, 4 * 4096);
	ranges[0] = (struct rb_dma_range){ rb_dma_cpu(stage->buf), 1000 };
	ranges[1] = (struct rb_dma_range){ (uint8_t *)rb_dma_cpu(stage->buf) + 9000, 1000 };
	fill(ranges[0].cpu, 1000, 8);
	fill(ranges[1].cpu, 1000, 9);
	memcpy(sent, ranges[0].cpu, 1000);
	memcpy(sent + 1000, ranges[1].cpu, 1000);

	assert_ok(rb_dma_map_ranges(stage->dev, ranges, 2, RB_DMA_BOTH, NULL, &stage->map));

	assert_false(rb_dma_map_is_bounced(stage->map));
	assert_int_equal(rb_dma_map_count(stage->map), 2);
	run_segments(stage, 0);
	hand_back(stage);
	memset(rb_dma_cpu(stage->buf), 0, 4 * 4096);
	rb_dma_publish(stage->buf, 0, 4 * 4096);
	assert_ok(rb_dma_map_ranges(stage->dev, ranges, 2, RB_DMA_BOTH, NULL, &stage->map));
	run_segments(stage, EDU_DMA_TO_RAM);
	hand_back(stage);
	assert_memory_equal(ranges[0].cpu, sent, 1000);
	assert_memory_equal(ranges[1].cpu, sent + 1000, 1000);
}

static void segments_keep_to_the_boundary(struct stage *stage)
{
	struct rb_dma_segment s;
	uint32_t i;

	claim_limited(stage, 1024, 700, 0);
	alloc_edu_dma(stage, 1024); /* of a device with a boundary */
	hand_over(stage, packet + 3, BYTES, RB_DMA_TO_DEVICE);

	for (i = 0; i < rb_dma_map_count(stage->map); i++) {
		assert_ok(rb_dma_map_segment(stage->map, i, &s));
		assert_true(s.len > 0 && s.len <= 700);
		assert_int_equal(s.bus.value / 1024, (s.bus.value + s.len - 1) / 1024);
		assert_true(s.bus.value + s.len <= (uint64_t)1 << 28);
	}
	run_segments(stage, 0);
	hand_back(stage);
}

/* --- refused -------------------------------------------------------------------------------------- */

static void what_cannot_be_mapped_is_refused(struct stage *stage)
{
	struct rb_dma_map_options options = RB_DMA_MAP_OPTIONS_INIT;
	struct rb_dma_map *map;
	enum rb_dma_dir to = RB_DMA_TO_DEVICE;

	claim_limited(stage, 0, 1024, 2);

	assert_int_equal(rb_dma_map(stage->dev, NULL, 1, to, NULL, &map), -EINVAL);
	assert_int_equal(rb_dma_map(stage->dev, packet, 0, to, NULL, &map), -EINVAL);
	assert_int_equal(rb_dma_map(stage->dev, packet, RB_DMA_MAP_MAX + 1, to, NULL, &map),
			 -EFBIG);
	assert_int_equal(rb_dma_map(stage->dev, packet, 1, (enum rb_dma_dir)7, NULL, &map),
			 -EINVAL);
	assert_int_equal(rb_dma_map(stage->dev, packet, 4096, to, NULL, &map), -ENOMEM);
	options.flags = RB_DMA_MAP_NO_BOUNCE;
	assert_int_equal(rb_dma_map(stage->dev, packet, 64, to, &options, &map), -ENOMEM);
	assert_null(map);
	hand_over(stage, packet, 64, RB_DMA_FROM_DEVICE);
	assert_int_equal(rb_dma_map(stage->dev, packet + 63, 2, to, NULL, &map), -EBUSY);
}

static void no_block_below_a_mask_of_a_page_is_enomem(struct stage *stage)
{
	struct rb_dma_map_options options = RB_DMA_MAP_OPTIONS_INIT;
	struct rb_dma_map *map;

	claim_edu(stage);
	options.addr_bits = 12;

	assert_int_equal(rb_dma_map(stage->dev, packet, 64, RB_DMA_BOTH, &options, &map), -ENOMEM);

	assert_null(map);
}

static void a_map_outlives_the_callers_reference_to_its_device(struct stage *stage)
{
	claim_limited(stage, 0, 0, 0);
	hand_over(stage, packet, 64, RB_DMA_TO_DEVICE);

	rb_pci_unref(stage->dev);
	stage->dev = NULL;

	run_segments(stage, 0);
	hand_back(stage);
}

static const struct scenario scenarios[] = {
	SCENARIO(memory_of_the_program_makes_a_round_trip),
	SCENARIO(a_short_transfer_leaves_the_rest),
	SCENARIO(both_ways_in_one_map),
	SCENARIO(part_of_a_map_is_handed_back_and_over_again),
	SCENARIO(a_header_and_its_payload_are_one_transfer),
	SCENARIO(bytes_of_a_buffer_are_not_bounced),
	SCENARIO(ranges_that_lie_apart_are_segments_each),
	SCENARIO(segments_keep_to_the_boundary),
	SCENARIO(what_cannot_be_mapped_is_refused),
	SCENARIO(no_block_below_a_mask_of_a_page_is_enomem),
	SCENARIO(a_map_outlives_the_callers_reference_to_its_device),
};

int main(void)
{
	return RUN_SCENARIOS("maps", scenarios);
}
