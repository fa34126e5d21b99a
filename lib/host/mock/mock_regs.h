/* SPDX-License-Identifier: MIT */
/*
 * mock_regs.h - register maps and expectations: what their files share.
 *
 * A register map answers first what its table refuses, then what is expected, then
 * what the register does. The machine is locked in every call.
 */
#ifndef RBI_MOCK_REGS_H
#define RBI_MOCK_REGS_H

#include "host/mock/mock_machine.h"

#define MOCK_REG_NAME 48 /* bytes, with "[16383]" and the NUL */
#define MOCK_REGS_MAX 16384
#define MOCK_PLACE    96 /* bytes of "NAME (0x10) of BAR0" */

struct mock_reg {
	uint64_t off;
	unsigned int width;
	unsigned int flags; /* RB_MOCK_REG_* */
	bool expecting; /* only what is expected may come */

	uint64_t value; /* of the specified bits */
	uint64_t noise; /* of those that read as such */
	uint64_t seen; /* what the driver read last, in the bits ... */
	uint64_t looked; /* ... that it has read since the reset */

	uint64_t reset, rw, w1c, rc, wo;
	uint64_t readable; /* rw, ro, w1c and rc */
	uint64_t fixed; /* ro and rc */
	uint64_t unspecified;
	rb_mock_read_fn on_read;
	rb_mock_write_fn on_write;
	char name[MOCK_REG_NAME];
};

struct mock_regmap {
	unsigned int bar;
	void *arg;
	unsigned int resets;
	size_t count;
	size_t last; /* the register accessed last */
	uint64_t *offs; /* those of regs, close together for the search */
	struct mock_reg *regs; /* sorted, disjoint */
};

/* mock_regmap.c */
/* The register that holds the byte at @off, or NULL. */
struct mock_reg *rbi_mock_reg_at(const struct mock_regmap *map, uint64_t off);
/* May @reg be accessed at @off with @width? */
bool rbi_mock_reg_fits(const struct mock_reg *reg, uint64_t off, unsigned int width);
/* "CTRL (0x10) of BAR0", "CTRL+0x2 (0x12) of BAR0"; @name is for places without a
 * register map and may be NULL: "0x10 of BAR0". */
void rbi_mock_place(char text[MOCK_PLACE], const struct rb_mock_dev *dev, unsigned int bar,
		    uint64_t off, const char *name);

/* mock_reg_access.c */
void rbi_mock_map_reset(struct rb_mock_dev *dev, struct mock_regmap *map);
uint64_t rbi_mock_map_read(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width);
void rbi_mock_map_write(struct rb_mock_dev *dev, void *arg, uint64_t off, unsigned int width,
			uint64_t val);
/* What reads of an unknown place give, from the seed and all that names the place. */
uint64_t rbi_mock_noise(const struct rb_mock_dev *dev, unsigned int bar, uint64_t off,
			unsigned int turn);

/* mock_expect.c */
/* Was this read expected? If so the answer, and the bits of it that it leaves open; if
 * not, a violation. */
bool rbi_mock_expects_read(struct rb_mock_dev *dev, unsigned int bar, uint64_t off,
			   unsigned int width, uint64_t *answer, uint64_t *open);
bool rbi_mock_expects_write(struct rb_mock_dev *dev, unsigned int bar, uint64_t off,
			    unsigned int width, uint64_t val);

#endif
