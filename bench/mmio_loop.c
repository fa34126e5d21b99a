/* SPDX-License-Identifier: MIT */
/*
 * mmio_loop.c - call each 32-bit access of mmio_sites.c 1000 times, for callgrind.
 *
 * The window is plain memory and stands on the stack, which only a bench may do;
 * the out-of-line half is never reached and stands here as a function that says so.
 */
#include <stdio.h>

#include <rbdrv/mmio.h>

#define TIMES 1000

#define SITES(site)                                                    \
	uint32_t site##_read32(const struct rb_mmio *m, uint64_t off); \
	void site##_write32(const struct rb_mmio *m, uint64_t off, uint32_t val);

SITES(bare)
SITES(checked)
SITES(raw)

static unsigned int out_of_line;

uint32_t rb_mmio_read32_routed(const struct rb_mmio *m, uint64_t off)
{
	(void)m;
	(void)off;
	out_of_line++;
	return UINT32_MAX;
}

void rb_mmio_write32_routed(const struct rb_mmio *m, uint64_t off, uint32_t val)
{
	(void)m;
	(void)off;
	(void)val;
	out_of_line++;
}

/* mmio_sites.c has the other widths, too, which are looked at and not run. */
#define NEVER(bits)                                                                       \
	uint##bits##_t rb_mmio_read##bits##_routed(const struct rb_mmio *m, uint64_t off) \
	{                                                                                 \
		return (uint##bits##_t)rb_mmio_read32_routed(m, off);                     \
	}                                                                                 \
	void rb_mmio_write##bits##_routed(const struct rb_mmio *m, uint64_t off,          \
					  uint##bits##_t val)                             \
	{                                                                                 \
		rb_mmio_write32_routed(m, off, (uint32_t)val);                            \
	}

NEVER(8)
NEVER(16)
NEVER(64)

int main(void)
{
	static uint32_t registers[16];
	struct rb_mmio m = { (volatile uint8_t *)registers, sizeof(registers) };
	uint32_t sum = 0;
	unsigned int i;

	for (i = 0; i < TIMES; i++) {
		uint64_t off = 4 * (i % 16);

		bare_write32(&m, off, i);
		sum += bare_read32(&m, off);
		checked_write32(&m, off, i);
		sum += checked_read32(&m, off);
		raw_write32(&m, off, i);
		sum += raw_read32(&m, off);
	}

	if (out_of_line != 0 || sum != 3u * (TIMES - 1) * TIMES / 2) {
		fprintf(stderr, "mmio_loop: %u accesses out of line, sum %u\n", out_of_line, sum);
		return 1;
	}
	return 0;
}
